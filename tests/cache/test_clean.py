"""`reloadlint clean` and the options of the cache."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from reloadlint.cli.group import group

STALE = "import threading\n\nthreading.Timer(1, lambda: work(1) + 2)\n"


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    monkeypatch.chdir(folder)
    (folder / "a.py").write_text(STALE)
    return folder


def run(*arguments: str) -> Result:
    return CliRunner().invoke(group, arguments)


def test_the_cache_of_the_project_is_removed(project: Path) -> None:
    (project / "sub").mkdir()
    (project / "sub/reloadlint.toml").write_text("")
    (project / "sub/b.py").write_text("x = 1\n")
    run("check")
    os.chdir("sub")
    run("check")
    os.chdir("..")
    assert run("clean").output == "Removed .reloadlint_cache\nRemoved sub/.reloadlint_cache\n"
    assert not list(project.rglob(".reloadlint_cache"))
    assert run("clean").output == "Nothing to remove.\n"


def test_what_somebody_else_calls_so_is_left_alone(project: Path) -> None:
    (project / ".reloadlint_cache").mkdir()
    (project / ".reloadlint_cache/thesis.tex").write_text("")
    assert run("clean").output == "Nothing to remove.\n"
    assert (project / ".reloadlint_cache/thesis.tex").exists()


def test_a_project_cannot_have_other_folders_removed(project: Path, tmp_path: Path) -> None:
    (project / "reloadlint.toml").write_text(f"cache-dir = {str(tmp_path)!r}\n")
    for command in ("check", "clean"):
        result = run(command)
        assert result.exit_code == 2
        assert "is outside of the project" in result.output


def test_the_folder_can_be_named(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("check", "--cache-dir", str(tmp_path / "one"))
    monkeypatch.setenv("RELOADLINT_CACHE_DIR", str(tmp_path / "two"))
    run("check")
    monkeypatch.delenv("RELOADLINT_CACHE_DIR")
    (project / "reloadlint.toml").write_text("cache-dir = 'build/three'\n")
    run("check")
    run("check", "--no-cache", "--config", "cache-dir = 'four'")
    for folder in (tmp_path / "one", tmp_path / "two", project / "build/three"):
        assert list(folder.glob("*.cache"))
    assert not (project / "four").exists()
    assert not (project / ".reloadlint_cache").exists()
    assert run("clean", "--cache-dir", str(tmp_path / "one")).output == (
        f"Removed {tmp_path / 'one'}\nRemoved build/three\n"
    )


def test_a_folder_that_cannot_be_made_is_no_reason_to_fail(project: Path) -> None:
    (project / ".reloadlint_cache").write_text("a file")
    result = run("check", "--output-format=concise", "-q")
    assert result.exit_code == 1
    assert result.output.startswith("a.py:3:20: RL101")
