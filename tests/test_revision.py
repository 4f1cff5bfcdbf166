"""`check --diff-base`: only what is new since a revision of git."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.command import write
from tests.test_baseline import ONE, TWO, check, lines


def git(*args: str) -> None:
    identity = ["-c", "user.name=n", "-c", "user.email=e", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *identity, *args], check=True, capture_output=True)


@pytest.fixture(autouse=True)
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    git("init", "-q", "-b", "main")
    write("a.py", ONE)
    write("b é.py", ONE)
    git("add", ".")
    git("commit", "-qm", "one")
    return tmp_path


def test_nothing_is_new_where_nothing_changed() -> None:
    assert check().exit_code == 1
    assert check("--diff-base", "HEAD").exit_code == 0


def test_what_a_change_adds_is_new() -> None:
    write("a.py", "import os\n\n" + TWO)
    assert lines(check("--diff-base", "HEAD")) == ["a.py:8:14:"]


def test_so_is_all_of_a_new_file_tracked_or_not() -> None:
    write("c.py", ONE)
    write("d.py", ONE)
    git("add", "c.py")
    assert lines(check("--diff-base", "HEAD")) == ["c.py:5:14:", "d.py:5:14:"]


def test_a_renamed_file_is_the_file_that_it_was() -> None:
    git("mv", "b é.py", "new.py")
    assert check("--diff-base", "HEAD").exit_code == 0


def test_commits_since_the_revision_count() -> None:
    git("tag", "base")
    write("a.py", TWO)
    git("commit", "-qam", "two")
    assert check("--diff-base", "HEAD").exit_code == 0
    assert check("--diff-base", "base").exit_code == 1


def test_it_works_from_a_folder_below(monkeypatch: pytest.MonkeyPatch) -> None:
    write("sub/c.py", ONE)
    write("a.py", TWO)
    monkeypatch.chdir("sub")
    assert lines(check("--diff-base", "HEAD")) == ["c.py:5:14:"]


def test_only_what_is_new_is_fixed() -> None:
    write("a.py", ONE + "    Timer(2, lambda: work(2) + 3)\n")
    check("--diff-base", "HEAD", "--fix")
    text = Path("a.py").read_text()
    assert "lambda: work(1) + 2" in text
    assert "lambda: work(2) + 3" not in text


@pytest.mark.parametrize("name", ["nonsense", "--output=x", "HEAD~99"])
def test_an_unknown_revision_is_an_error(name: str) -> None:
    result = check("--diff-base", name)
    assert result.exit_code == 2
    assert result.stderr == f"error: --diff-base: git knows no revision `{name}`\n"
    assert not Path("x").exists()


def test_no_repository_is_an_error(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    result = check("--diff-base", "HEAD")
    assert result.exit_code == 2
    assert result.stderr.startswith("error: git: fatal: not a git repository")
