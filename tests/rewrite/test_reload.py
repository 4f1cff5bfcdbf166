"""What bench/reload_fixed.py does to whole projects, done to a real one that is small.

pluggy comes with pytest, and nobody wrote it for this test.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pluggy

ROOT = Path(__file__).parents[2]
SITE_PACKAGES = Path(pluggy.__file__).parents[1]


def reload_fixed(source: Path, package: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "bench/reload_fixed.py", str(source), package]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_a_trampoline_made_before_a_reload_runs_the_body_of_after() -> None:
    ran = reload_fixed(SITE_PACKAGES, "pluggy")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "'fresh'" in ran.stdout
    assert "'stale'" not in ran.stdout


def test_a_package_with_nothing_to_try_proves_nothing(tmp_path: Path) -> None:
    package = tmp_path / "game"
    package.mkdir()
    package.joinpath("__init__.py").write_text("def play():\n    return 1\n")
    assert reload_fixed(tmp_path, "game").returncode == 1
