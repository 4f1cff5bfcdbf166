"""Every pattern in a fresh process. What could not be updated must be in the report."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import reloadlint.runtime
from tests.runtime.patterns import PATTERNS, Pattern

ROOT = Path(reloadlint.runtime.__file__).parents[2]
EXPERIMENT = Path(__file__).with_name("experiment.py")


def observe(
    pattern: Pattern, folder: Path, reloader: str = "reloadlint", python: str = sys.executable
) -> dict[str, Any]:
    before, after = pattern.texts()
    job = {
        "reloader": reloader,
        "before": before,
        "after": after,
        "third": pattern.third,
        "hold": pattern.hold,
        "probe": pattern.probe,
    }
    done = subprocess.run(
        [python, EXPERIMENT],
        input=json.dumps(job),
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    if done.returncode or not done.stdout:
        return {"result": None, "said": "", "error": f"crash {done.returncode}: {done.stderr}"}
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return {**answer, "stderr": done.stderr}


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda pattern: pattern.name)
def test_pattern(pattern: Pattern, tmp_path: Path) -> None:
    seen = observe(pattern, tmp_path)
    assert seen["result"] == pattern.want, seen
    assert seen["error"] == pattern.fails, seen
    said = seen["said"]
    if pattern.reported:
        assert pattern.reported in said
        assert pattern.rule in said
    else:
        assert "not updated" not in said
