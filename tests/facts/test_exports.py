"""What a module gives to `from module import *`: CPython is asked as well."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from reloadlint import files
from reloadlint.config import Config
from reloadlint.facts import FileFacts
from reloadlint.facts.project import Project
from tests.facts.facts_of import facts_of

PLAIN = "x = _y = 1\ndef z(): pass\n"
KNOWN = {
    "all that has no underscore": PLAIN,
    "imports": "import os.path, sys as system\nfrom os import sep as separator",
    "what a function gives a value": "def f():\n    global g\n    g = 1\nf()",
    "a list": PLAIN + "__all__ = ['x', '_y']",
    "a tuple": PLAIN + "__all__ = 'x', 'z'",
    "a declared list": PLAIN + "__all__: list[str]\n__all__ = ['x']",
    "a declaration with a list": PLAIN + "__all__: list[str] = ['x']",
    "a sum": PLAIN + "__all__ = ['x'] + ['_y'] + ['z']",
    "an addition": PLAIN + "__all__ = ['x']\n__all__ += ['_y']",
    "the last of two": PLAIN + "__all__ = ['x']\n__all__ = ['_y']",
    "a list that is only read": PLAIN + "__all__ = ['x']\nlen(__all__)",
    "a star import": "from base import *\nx = 1",
    "a star import, and what has the same name": "from base import *\ndef b(): pass",
    "a list of what a star import gives": "from base import *\n_x = 1\n__all__ = ['b', '_x']",
    "a namespace that is asked": PLAIN + "w = globals()['x'] and globals().get('x')",
    "a namespace that is looked into": PLAIN + "w = 'x' in globals()",
    "the namespace of another": "import sys\nw = vars(sys)",
}
UNKNOWN = {
    "a computed list": PLAIN + "__all__ = [n for n in 'xz']",
    "a name of a list": PLAIN + "names = ['x']\n__all__ = names",
    "a sum with a name": PLAIN + "names = ['x']\n__all__ = ['z'] + names",
    "a list with a star": PLAIN + "names = ['x']\n__all__ = ['z', *names]",
    "a list that is added to": PLAIN + "__all__ = ['x']\n__all__.append('_y')",
    "a list that has another name": PLAIN + "__all__ = ['x']\nw = __all__\nw.append('_y')",
    "a list under a condition": PLAIN + "if x:\n    __all__ = ['_y']",
    "a list that is imported": PLAIN + "from base import names as __all__",
    "a list that a function makes": (
        PLAIN + "__all__ = ['x']\ndef f():\n    global __all__\n    __all__ = ['z']\nf()"
    ),
    "a list that only a function makes": "def f():\n    global __all__\n    __all__ = ['f']\nf()",
    "a namespace that is written to": PLAIN + "globals()['w'] = 1",
    "a namespace that is added to": PLAIN + "globals().update(w=1)",
    "a namespace by another name": PLAIN + "g = globals\ng()['w'] = 1",
    "what is executed": PLAIN + "exec('w = 1')",
    "the module by its name": PLAIN + "import sys\nsys.modules[__name__].w = 1",
    "a star import of what is not known": "from string import *",
}


def module_of(root: Path, text: str) -> FileFacts:
    base = "b = _c = 1\nnames = ['x']\n"
    for name, content in (("m.py", text), ("base.py", base)):
        (root / name).write_text(content, encoding="utf-8")
    path = str(root / "m.py")
    facts = Project(Config(root=root), files.read, [path]).facts(path)
    assert facts is not None
    return facts


def given(root: Path, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """What CPython gives."""
    monkeypatch.syspath_prepend(root)
    namespace: dict[str, object] = {}
    try:
        exec("from m import *", namespace)
    finally:
        sys.modules.pop("m", None)
        sys.modules.pop("base", None)
    return namespace.keys() - {"__builtins__"}


@pytest.mark.parametrize("text", KNOWN.values(), ids=KNOWN)
def test_names_that_are_known(tmp_path: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found = module_of(tmp_path, text).star_names
    assert found is not None
    assert found.keys() == given(tmp_path, monkeypatch)


@pytest.mark.parametrize("text", UNKNOWN.values(), ids=UNKNOWN)
def test_names_that_nobody_knows(tmp_path: Path, text: str) -> None:
    assert module_of(tmp_path, text).star_names is None


@pytest.mark.parametrize(
    ("text", "sure"),
    [
        ("x = 1", True),
        ("if y:\n    x = 1", False),
        ("x = 1\ndel x", False),
        ("__all__ = ['x']", False),
        ("def f():\n    global x\n    x = 1", False),
    ],
)
def test_which_names_are_sure(text: str, sure: bool) -> None:
    found = facts_of(text).star_names
    assert found is not None
    assert found["x"] is sure


def test_modules_that_star_each_other_have_an_end(tmp_path: Path) -> None:
    facts = module_of(tmp_path, "from m import *\nx = 1")
    assert facts.star_names is None
