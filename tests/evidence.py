"""The experiment behind a rule: what does a reference held since before a reload do after it?

`verdict` runs an example three times, each in a fresh process: only its old text, only its new one,
and the old one reloaded to the new. The first two define what the outcome of the third means, so
that nobody has to write down an expected value.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from reloadlint.rule import Evidence, Example, Look, TypedEdit

Files = dict[str, str]

_RUN = """\
import importlib, json, os, sys
sys.dont_write_bytecode = True
job = json.load(sys.stdin)
found = {}
try:
    names = {"m": importlib.import_module(job["module"])}
    exec(job["hold"], names)
    if job["edited"]:
        open(job["file"], "w", encoding="utf-8").write(job["edited"])
        edited = job["file"][:-3].replace("/", ".").removesuffix(".__init__")
        try:
            importlib.reload(sys.modules[edited])
        except Exception as error:
            found["failed"] = repr(error)
        names["m"] = sys.modules[job["module"]]
    value = eval(job["probe"], names)
    found["value"] = ascii(value)
    found["size"] = len(value) if hasattr(value, "__len__") else value
except Exception as error:
    found["value"] = found["failed"] = repr(error)
print(json.dumps(found, default=ascii))
sys.stdout.flush()
os._exit(0)
"""


def observe(
    folder: Path, files: Files, example: Example, edit: TypedEdit, edited: str | None
) -> dict[str, Any]:
    """What the probe gives where `files` are imported and, unless None, one becomes `edited`."""
    evidence = _evidence(example)
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    job = {
        "module": example.module,
        "hold": evidence.hold,
        "probe": edit.probe or evidence.probe,
        "file": edit.file or example.path,
        "edited": edited,
    }
    done = subprocess.run(
        [sys.executable, "-c", _RUN],
        cwd=folder,
        input=json.dumps(job),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        return {"crash": done.stderr}
    return dict(json.loads(done.stdout.splitlines()[-1]))


def verdict(folder: Path, example: Example, text: str, edit: TypedEdit) -> str:
    """The word for what becomes of `text`, the example's bad or good one: see rules/README.md."""
    files = {**dict(example.helpers), example.path: text}
    file = edit.file or example.path
    old, new = (
        (edit.old, edit.new) if text == example.before else edit.fixed or (edit.old, edit.new)
    )
    if _evidence(example).backwards:
        old, new = new, old
    assert files[file].count(old) == 1, f"the edit {old!r} is not to be typed at one place"
    first, second = files, {**files, file: files[file].replace(old, new)}
    if _evidence(example).backwards:
        first, second = second, first
    looks_at = edit.looks_at or _evidence(example).looks_at
    v1 = observe(folder, first, example, edit, None)
    v2 = observe(folder, second, example, edit, None)
    assert "failed" not in v1, v1
    assert edit.kind == "removed" or "failed" not in v2, v2
    if looks_at == "code":
        assert v1 != v2, "the probe cannot tell the two texts apart"
    found = observe(folder, first, example, edit, second[file])
    return name(looks_at, edit, v1, v2, found)


def name(
    looks_at: Look, edit: TypedEdit, v1: dict[str, Any], v2: dict[str, Any], found: dict[str, Any]
) -> str:
    """The word for an outcome, given those of the two control runs."""
    if "crash" in found:
        return "crash"
    if "failed" in found:
        return "error"
    if found == v2:
        return "kept" if looks_at in ("state", "identity") else "fresh"
    if looks_at == "count" and found["size"] > v2["size"]:
        return "dup"
    if found == v1:
        return "kept" if edit.kind == "state" else "stale"
    return {"state": "lost", "count": "lost"}.get(looks_at, "split")


def _evidence(example: Example) -> Evidence:
    assert example.evidence is not None
    return example.evidence
