"""Who else imports, reads or gives a value to what is in a module, as the texts around it tell.

What the texts do is asked of CPython: they are run, or imported.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import ModuleType

import pytest

from reloadlint import files
from reloadlint.config import Config
from reloadlint.facts import FileFacts
from reloadlint.facts.project import Project


def module_in(
    root: Path,
    texts: dict[str, str],
    checked: str,
    first_party: tuple[str, ...] = (),
    marker: str = ".git/config",
) -> FileFacts:
    """The facts of one file of a repository; only this one is of the run."""
    for name, text in {marker: "", **texts}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    path = str(root / checked)
    facts = Project(Config(root=root, first_party=first_party), files.read, [path]).facts(path)
    assert facts is not None
    return facts


def beside(root: Path, text: str, name: str = "other.py") -> FileFacts:
    """The facts of a module `m` with a `LIMIT`, beside a file with a text."""
    return module_in(root, {"m.py": "LIMIT = 1\n", name: text}, "m.py")


# Uses

USES = [
    "from m import LIMIT",
    "from m import *",
    "import m\nprint(m.LIMIT)",
    "import m as n\nprint(n.LIMIT)",
    "import m\nsetattr(m, 'LIMIT', 2)",
    "import sys\nsys.modules['m'].LIMIT = 2",
    "from importlib import import_module\nimport_module('m').LIMIT = 2",
    "patch('m.LIMIT', 2)",
    "call('m:LIMIT')",
]
OTHER_USES = [
    "LIMIT = 1",
    "from n import LIMIT",
    "import n\nprint(n.LIMIT)",
    "import m\nprint(m.LIMITS, m.LIMIT_2)",
    "import am, m\nprint(am.LIMIT)",
    "print('LIMIT')",
]


@pytest.mark.parametrize("text", USES)
def test_what_may_be_a_use_is_one(tmp_path: Path, text: str) -> None:
    owner = beside(tmp_path, f"# who knows\n{text}\n")
    line = text.count("\n") + 2
    assert owner.project.use_outside(owner, "LIMIT") == f"{tmp_path / 'other.py'}:{line}"


@pytest.mark.parametrize("text", OTHER_USES)
def test_what_has_to_do_with_another_module_is_no_use(tmp_path: Path, text: str) -> None:
    owner = beside(tmp_path, text)
    assert owner.project.use_outside(owner, "LIMIT") is None


def test_texts_for_which_there_is_no_room_are_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    read = files.read
    monkeypatch.setattr(files, "read", lambda path: (seen.append(Path(path).name), read(path))[1])
    texts = {"m.py": "", "a.py": "import m\nprint(m.A)\n", "b.py": "import m\nprint(m.B)\n"}
    for room in (1_000, 1):
        monkeypatch.setattr("reloadlint.facts.neighbours._HELD", room)
        seen.clear()
        owner = module_in(tmp_path, texts, "m.py")
        for name, user in {"A": "a.py", "B": "b.py", "C": None}.items():
            used = owner.project.use_outside(owner, name)
            assert used == (f"{tmp_path / user}:2" if user else None)
        assert (seen.count("a.py") == 1) is (room > 1)


def test_a_document_may_tell_of_a_use(tmp_path: Path) -> None:
    owner = beside(tmp_path, "Set `m.LIMIT` to 2.\n", "docs/usage.md")
    assert owner.project.use_outside(owner, "LIMIT") == f"{tmp_path / 'docs/usage.md'}:1"


@pytest.mark.parametrize("name", [".tox/other.py", "build/other.py", "data.bin", "env/other.py"])
def test_what_is_not_of_the_repository_tells_nothing(tmp_path: Path, name: str) -> None:
    (tmp_path / "env").mkdir()
    (tmp_path / "env/pyvenv.cfg").write_text("", encoding="utf-8")
    owner = beside(tmp_path, "from m import LIMIT", name)
    assert owner.project.use_outside(owner, "LIMIT") is None


def test_a_file_that_cannot_be_read_tells_nothing(tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_bytes(b"# coding: utf-8\nfrom m import LIMIT\n\xff")
    owner = beside(tmp_path, "from m import LIMIT")
    assert owner.project.use_outside(owner, "LIMIT") == f"{tmp_path / 'other.py'}:1"


# Values given from outside

GIVEN = [
    "m.LIMIT = 2",
    "m.LIMIT: int = 2",
    "m.LIMIT += 1",
    "m.LIMIT, other = 2, 3",
    "del m.LIMIT",
    "for m.LIMIT in [2]: pass",
    "with patch('m.other', create=True) as m.LIMIT: pass",
    "setattr(m, 'LIMIT', 2)",
    "vars(m)['LIMIT'] = 2",
    "sys.modules['m'].LIMIT = 2",
    "import_module('m').LIMIT = 2",
    "patch('m.LIMIT', 2).start()",
    "patch.object(m, 'LIMIT', 2).start()",
]
NOT_GIVEN = [
    "x = m.LIMIT",
    "m.LIMIT == 2",
    "x: m.LIMIT = 2",
    "def g(x: m.LIMIT = 2): pass",
    "print(m.LIMIT, 'LIMIT')",
    "m.LIMITS = 2",
    "m.LIMITS = m.LIMIT  # m.LIMIT = 2",
    "# m.LIMIT = 2",
    "__all__ = ['LIMIT']; setattr(m, 'OTHER', 2)",
]
HEAD = "import m, sys\nfrom importlib import import_module\nfrom unittest.mock import patch\n"


def gives(text: str, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Run the text, and look whether `m.LIMIT` is what it was."""
    module = ModuleType("m")
    vars(module)["LIMIT"] = 1
    monkeypatch.setitem(sys.modules, "m", module)
    exec(HEAD + text, {})
    return getattr(module, "LIMIT", None) != 1


@pytest.mark.parametrize("text", GIVEN)
def test_a_value_given_from_outside_is_seen(
    tmp_path: Path, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert gives(text, monkeypatch), "the case is wrong"
    owner = beside(tmp_path, HEAD + text)
    assert owner.project.rebinding_outside(owner, "LIMIT") == f"{tmp_path / 'other.py'}:4"


@pytest.mark.parametrize("text", NOT_GIVEN)
def test_what_gives_no_value_is_not_taken_for_it(
    tmp_path: Path, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not gives(text, monkeypatch), "the case is wrong"
    owner = beside(tmp_path, (HEAD if "OTHER" in text else "import m\n") + text)
    assert owner.project.rebinding_outside(owner, "LIMIT") is None


def test_prose_gives_no_value(tmp_path: Path) -> None:
    owner = beside(tmp_path, "del m.LIMIT\nwork for m.LIMIT\n", "README.md")
    assert owner.project.rebinding_outside(owner, "LIMIT") is None


# Who imports whom

# The texts of a project, and whether an import of `start` comes to run `goal`; then, whether it
# does so when functions are called.
IMPORTS = {
    "directly": ({"start.py": "import goal"}, True, True),
    "by two steps": ({"start.py": "import middle", "middle.py": "from goal import x"}, True, True),
    "in a circle": ({"start.py": "import middle", "middle.py": "import start"}, False, False),
    "not at all": ({"start.py": "import sys"}, False, False),
    "from a package that does": (
        {"start.py": "import p.m", "p/__init__.py": "import goal", "p/m.py": ""},
        True,
        True,
    ),
    "a module of a package": (
        {"start.py": "from p import m", "p/__init__.py": "", "p/m.py": "import goal"},
        True,
        True,
    ),
    "in a function": ({"start.py": "def f():\n    import goal\n"}, False, True),
    "on the line of a function": ({"start.py": "def f(): import goal\n"}, False, True),
    "for type checkers": (
        {"start.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import goal\n"},
        False,
        False,
    ),
    "in prose": (
        {"start.py": '"""Words.\n\nimport sys; while you wait, import goal\n"""\n'},
        False,
        False,
    ),
    "behind a semicolon": ({"start.py": "import sys; import goal"}, True, True),
    "on several lines": (
        {"start.py": "from goal import (  # why\n    x,\n    y as z,\n)"},
        True,
        True,
    ),
}


@pytest.mark.parametrize(("texts", "is_run", "is_run_later"), IMPORTS.values(), ids=IMPORTS)
def test_what_an_import_comes_to_run(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    texts: dict[str, str],
    is_run: bool,
    is_run_later: bool,
) -> None:
    goal = module_in(tmp_path, {**texts, "goal.py": "x = y = 1\n"}, "goal.py")
    assert imports(tmp_path, monkeypatch) is is_run, "the case is wrong"
    assert goal.project.imports_back("start", goal) is is_run
    assert goal.project.imports_back("start", goal, deferred=True) is is_run_later


def imports(root: Path, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Import `start`, and look whether `goal` is there."""
    monkeypatch.syspath_prepend(root)
    before = dict(sys.modules)
    try:
        importlib.import_module("start")
        return "goal" in sys.modules
    finally:
        for name in sys.modules.keys() - before.keys():
            del sys.modules[name]


def test_a_folder_without_an_init_may_be_a_package(tmp_path: Path) -> None:
    texts = {"p/start.py": "from . import goal", "p/goal.py": ""}
    goal = module_in(tmp_path, texts, "p/goal.py")
    assert goal.project.imports_back("start", goal)


def test_a_first_party_module_may_be_outside_of_the_repository(tmp_path: Path) -> None:
    texts = {"repository/goal.py": "", "library/start.py": "import goal\n"}
    goal = module_in(
        tmp_path,
        texts,
        "repository/goal.py",
        first_party=("library",),
        marker="repository/.git/config",
    )
    assert goal.project.imports_back("start", goal)


def test_a_project_that_is_no_repository_ends_where_it_is_described(tmp_path: Path) -> None:
    texts = {
        "project/pyproject.toml": "",
        "project/src/m.py": "LIMIT = 1\n",
        "project/tests/test_m.py": "import m\nprint(m.LIMIT)\n",
        "other/use.py": "import m\nprint(m.LIMIT)\n",
    }
    owner = module_in(tmp_path, texts, "project/src/m.py", marker="project/README.md")
    used = owner.project.use_outside(owner, "LIMIT")
    assert used == f"{tmp_path / 'project/tests/test_m.py'}:2"


def test_packages_around_a_module_are_not_run_again(tmp_path: Path) -> None:
    texts = {"p/__init__.py": "import goal", "p/m.py": "import p", "goal.py": ""}
    goal = module_in(tmp_path, texts, "goal.py")
    assert not goal.project.imports_back("p.m", goal)
    assert goal.project.imports_back("p", goal)
