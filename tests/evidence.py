"""The experiment behind a rule: what does a reference held since before a reload do after it?

`verdict` runs a module three times, each in a fresh process: only its old text, only its new text,
and the old one reloaded to the new. The first two define what stale and fresh mean, so that nobody
has to write down an expected value.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from reloadlint.rule import Evidence

_RUN = """\
import importlib, sys
sys.dont_write_bytecode = True
import subject as m
{hold}
new = {new!r}
if new is not None:
    open(m.__file__, "w", encoding="utf-8").write(new)
    m = importlib.reload(m)
print(ascii({probe}))
"""


def observe(folder: Path, first: str, second: str | None, evidence: Evidence) -> str:
    """What the probe gives where `first` is imported and, unless None, reloaded as `second`."""
    (folder / "subject.py").write_text(first, encoding="utf-8")
    script = _RUN.format(hold=evidence.hold, probe=evidence.probe, new=second)
    (folder / "run.py").write_text(script, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "run.py"], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def verdict(folder: Path, text: str, evidence: Evidence) -> str:
    """`fresh`, `stale`, or `lost` where the result belongs to neither text."""
    old, new = evidence.edit
    assert text.count(old) == 1, f"the edit {old!r} is not to be typed at one place"
    edited = text.replace(old, new)
    stale = observe(folder, text, None, evidence)
    fresh = observe(folder, edited, None, evidence)
    assert stale != fresh, "the probe cannot tell the two texts apart"
    found = observe(folder, text, edited, evidence)
    return "fresh" if found == fresh else "stale" if found == stale else "lost"
