"""What is left out of a walk, compared with git itself."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from reloadlint import gitignore
from reloadlint.config import Configs
from reloadlint.files import find

TREE = (
    "a.py",
    "keep/gen.py",
    "gen.py",
    "build/x.py",
    "src/build/x.py",
    "src/a.py",
    "src/gen.py",
    "src/deep/gen.py",
    "src/deep/kept_gen.py",
    "src/top.py",
    "top.py",
    "sp ace/a.py",
)
RULES = {
    ".gitignore": "# generated\ngen.py\nbuild/\n/top.py\n**/deep/*_gen.py\nsp\\ ace\n!\n",
    "keep/.gitignore": "!gen.py\n",
    "src/.gitignore": "a.py\n",
    "src/deep/.gitignore": "!gen.py\n!kept_gen.py\n",
}


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, text in {**dict.fromkeys(TREE, ""), **RULES}.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def found(path: str = ".") -> set[str]:
    return set(find([path], Configs()).files)


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_the_same_is_left_out_as_by_git(tree: Path) -> None:
    subprocess.run(["git", "init", "-q"], check=True)
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--others", "--exclude-standard", "*.py"],
        check=True,
        capture_output=True,
        text=True,
    )
    assert found() == set(filter(None, listed.stdout.split("\0")))


def test_files_above_the_folder_count_up_to_the_repository(tree: Path) -> None:
    (tree / ".git").mkdir()
    assert found("src") == {"src/deep/gen.py", "src/deep/kept_gen.py", "src/top.py"}


def test_without_a_repository_nothing_above_the_folder_counts(tree: Path) -> None:
    assert "src/gen.py" in found("src")
    assert "src/gen.py" not in found(".")


def test_a_repository_within_is_one_of_its_own(tree: Path) -> None:
    (tree / ".git").mkdir()
    (tree / "src/.git").touch()  # as in a submodule or worktree
    assert {"src/gen.py", "src/build/x.py"} <= found()


def test_an_ignored_folder_that_is_named_is_looked_into(tree: Path) -> None:
    (tree / ".git").mkdir()
    assert found("build") == {"build/x.py"}


def test_a_line_that_is_no_pattern_is_passed_over(tree: Path) -> None:
    level = gitignore.enter(str(tree), None)
    assert level is not None
    assert level.ignores(str(tree / "gen.py"), is_folder=False)
    assert not level.ignores(str(tree / "a.py"), is_folder=False)


def test_a_folder_of_that_name_is_no_file(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").mkdir()
    assert gitignore.start(str(tmp_path)) is None
