"""The hooks, run by the real pre-commit on a repository of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

yaml = pytest.importorskip("yaml", reason="comes with pre-commit")

ROOT = Path(__file__).parent.parent
STALE = "import threading\n\nthreading.Timer(1, lambda: work(1) + 2)\n"


def git(*args: str, cwd: Path) -> str:
    identity = ("-c", "user.name=test", "-c", "user.email=test@example.invalid")
    done = subprocess.run(
        ["git", *identity, *args], cwd=cwd, check=True, capture_output=True, text=True
    )
    return done.stdout


def test_hooks_are_told_apart_by_fix_alone() -> None:
    check, fix = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    assert (check["id"], fix["id"]) == ("reloadlint", "reloadlint-fix")
    assert fix["entry"] == check["entry"].replace("check", "check --fix")
    for hook in (check, fix):
        assert "--force-exclude" in hook["entry"].split()
        assert hook["types_or"] == ["python", "pyi", "jupyter"]
        assert hook["require_serial"] is True


@pytest.fixture(scope="module")
def hooks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project as it stands here, committed: what pre-commit clones."""
    if not (ROOT / ".git").exists():
        pytest.skip("needs a checkout")
    copy = tmp_path_factory.mktemp("hooks")
    names = git("ls-files", "-z", "--cached", "--others", "--exclude-standard", cwd=ROOT)
    for name in filter(None, names.split("\0")):
        if (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, copy / name)
    git("init", "-q", cwd=copy)
    git("add", "-A", cwd=copy)
    git("commit", "-q", "-m", "x", cwd=copy)
    return copy


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "stale.py").write_text(STALE, encoding="utf-8")
    (tmp_path / "venv").mkdir()
    (tmp_path / "venv/excluded.py").write_text(STALE, encoding="utf-8")
    (tmp_path / "notes.txt").write_text("no Python", encoding="utf-8")
    git("init", "-q", cwd=tmp_path)
    git("add", "-A", cwd=tmp_path)
    return tmp_path


def run(hook: str, project: Path, hooks: Path, cache: Path) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "pre_commit", "try-repo", str(hooks), hook, "--all-files"],
        cwd=project,
        env={**os.environ, "PRE_COMMIT_HOME": str(cache)},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.slow
def test_a_commit_with_findings_fails_until_they_are_fixed(
    project: Path, hooks: Path, cache: Path
) -> None:
    code, output = run("reloadlint", project, hooks, cache)
    assert code == 1
    assert "stale.py:3:20: RL101 [*]" in output
    assert "excluded.py" not in output

    code, output = run("reloadlint-fix", project, hooks, cache)
    assert code == 1
    assert "files were modified by this hook" in output
    assert "Found 1 finding (1 fixed, 0 remaining)." in output
    assert (project / "stale.py").read_text(encoding="utf-8") != STALE
    assert (project / "venv/excluded.py").read_text(encoding="utf-8") == STALE

    git("add", "-A", cwd=project)
    for hook in ("reloadlint-fix", "reloadlint"):
        code, output = run(hook, project, hooks, cache)
        assert code == 0, output
        assert "Passed" in output
