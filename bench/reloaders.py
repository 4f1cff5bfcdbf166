"""The patterns of tests/runtime/patterns.py under every reloader that is installed.

    python -m venv R && R/bin/pip install ipython jurigged superduperreload pyflyby plone.reload \
        debugpy limeade marimo liveimport
    R/bin/python bench/reloaders.py --write

Each pattern runs in a fresh process. An outcome is what the pattern wants, or not; where CPython
permits no update and a report is wanted, only a reloader that says so counts. What is wrong and
was neither raised nor said anywhere is counted as silent. `--write` puts the table into
bench/reloaders.md and every outcome into bench/reloaders.json.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.runtime.experiment import RELOADERS, observe
from tests.runtime.patterns import PATTERNS, Pattern

KINDS = {
    "fresh": "code is fresh",
    "kept": "state is kept",
    "same": "identity stays",
    "whole": "all or nothing",
}


def outcome(pattern: Pattern, reloader: str, python: str) -> dict[str, Any]:
    """What happened: `best`, `reported` (wrong, and said so), `silent` or `crash`."""
    with tempfile.TemporaryDirectory() as folder:
        seen = observe(pattern, Path(folder), reloader, python, patience=30)
    said = f"{seen['said']} {seen.get('stderr', '')}"
    reached = seen["result"] == pattern.want and (
        seen["error"] == pattern.fails or bool(pattern.fails and seen["error"])
    )
    if pattern.reported:
        reached = reached and pattern.reported in said
    if reached:
        verdict = "best"
    elif seen["error"].startswith("crash"):
        verdict = "crash"
    else:
        loud = seen["error"] or "not updated" in seen["said"]
        verdict = "reported" if loud and not pattern.fails else "silent"
    row = {"reloader": reloader, "pattern": pattern.name, "kind": pattern.kind}
    return {**row, "verdict": verdict, "result": seen["result"], "error": seen["error"][:300]}


def table(rows: list[dict[str, Any]]) -> str:
    counts = {kind: sum(pattern.kind == kind for pattern in PATTERNS) for kind in KINDS}
    heads = [f"{text} ({counts[kind]})" for kind, text in KINDS.items()]
    lines = [
        f"| reloader | best of {len(PATTERNS)} | {' | '.join(heads)} | wrong and silent |",
        "|---" * (len(heads) + 3) + "|",
    ]
    by_reloader = {
        name: [row for row in rows if row["reloader"] == name]
        for name in dict.fromkeys(row["reloader"] for row in rows)
    }
    for name, mine in sorted(by_reloader.items(), key=lambda item: -_best(item[1])):
        cells = [str(_best([row for row in mine if row["kind"] == kind])) for kind in KINDS]
        silent = sum(row["verdict"] in ("silent", "crash") for row in mine)
        lines.append(f"| {name} | {_best(mine)} | {' | '.join(cells)} | {silent} |")
    return "\n".join(lines) + f"\n\nPython {platform.python_version()}.\n"


def _best(rows: list[dict[str, Any]]) -> int:
    return sum(row["verdict"] == "best" for row in rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reloaders", nargs="*", choices=list(RELOADERS), default=list(RELOADERS))
    parser.add_argument("--python", default=sys.executable, help="has the reloaders installed")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    probe = next(pattern for pattern in PATTERNS if pattern.name == "class attribute changed")
    store = Path(__file__).with_suffix(".json")
    rows: list[dict[str, Any]] = json.loads(store.read_text()) if store.exists() else []
    rows = [row for row in rows if row["reloader"] not in options.reloaders]
    with ThreadPoolExecutor(options.jobs) as pool:
        for reloader in options.reloaders:
            tried = outcome(probe, reloader, options.python)
            if "ModuleNotFoundError" in tried["error"] or "ImportError" in tried["error"]:
                print(f"{reloader}: not installed", file=sys.stderr)
                continue
            rows += pool.map(lambda p, r=reloader: outcome(p, r, options.python), PATTERNS)
            print(f"{reloader}: {_best([row for row in rows if row['reloader'] == reloader])}")
            if options.write:
                store.write_text(json.dumps(rows, indent=0) + "\n")
    print(table(rows))
    if options.write:
        Path(__file__).with_suffix(".md").write_text(table(rows))


if __name__ == "__main__":
    main()
