"""What the names of a file mean."""

from __future__ import annotations

import ast
from importlib.util import resolve_name

import pytest

from reloadlint.facts.imports import absolute_module
from tests.facts.facts_of import facts_of


def qualified(text: str) -> str | None:
    """The qualified name of the expression that `HERE` is called with."""
    facts = facts_of(text)
    call = next(
        node
        for node in ast.walk(facts.tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "HERE"
    )
    return facts.names.qualified(call.args[0])


NAMES = {
    # imports
    "import a\nHERE(a)": "a",
    "import a\nHERE(a.b.c)": "a.b.c",
    "import a.b\nHERE(a)": "a",
    "import a.b\nHERE(a.b.c)": "a.b.c",
    "import a.b as c\nHERE(c)": "a.b",
    "import a.b as c\nHERE(c.d)": "a.b.d",
    "from a import b\nHERE(b)": "a.b",
    "from a.b import c as d\nHERE(d.e)": "a.b.c.e",
    "from . import a\nHERE(a.b)": ".a.b",
    "from .a import b\nHERE(b)": ".a.b",
    "from ..a.b import c\nHERE(c)": "..a.b.c",
    "from ... import a\nHERE(a)": "...a",
    "import a.b, a.c\nHERE(a.c)": "a.c",
    "from a import b\nfrom a import b\nHERE(b)": "a.b",
    "from threading import Timer as T\nHERE(T)": "threading.Timer",
    # where they stand
    "def f():\n    import a\n    HERE(a.b)": "a.b",
    "def f():\n    import a\n    return lambda: HERE(a.b)": "a.b",
    "import a\ndef f(): HERE(a)": "a",
    "import a\nclass C:\n    def f(self): HERE(a)": "a",
    "class C:\n    import a\n    HERE(a)": "a",
    "class C:\n    import a\n    def f(self): HERE(a)": None,
    "if x:\n    import a\nHERE(a)": "a",
    "[HERE(a) for x in y]\nimport a": "a",
    # own definitions
    "def f(): pass\nHERE(f)": ":f",
    "class C: pass\nHERE(C.m)": ":C.m",
    "async def f(): pass\ndef g(): HERE(f)": ":f",
    "def f():\n    def g(): pass\n    HERE(g)": None,
    "class C:\n    def f(self): pass\n    HERE(f)": None,
    # builtins
    "HERE(sorted)": "builtins.sorted",
    "def f(): HERE(sorted)": "builtins.sorted",
    "class C:\n    def sorted(self): HERE(sorted)": "builtins.sorted",
    "HERE(str.join)": "builtins.str.join",
    "HERE(no_builtin)": None,
    "def sorted(): pass\nHERE(sorted)": ":sorted",
    "sorted = 1\nHERE(sorted)": None,
    "def f(sorted): HERE(sorted)": None,
    "def f():\n    global sorted\n    sorted = 1\nHERE(sorted)": None,
    "[HERE(sorted) for sorted in x]": None,
    # what cannot be told
    "import a\na = 1\nHERE(a)": None,
    "try:\n    import a\nexcept E:\n    import b as a\nHERE(a)": None,
    "try:\n    import a\nexcept E:\n    a = None\nHERE(a)": None,
    "import a\ndef f():\n    global a\n    a = 1\nHERE(a)": None,
    "def f():\n    import a\n    a = 1\n    HERE(a)": None,
    "import a\ndef f(a): HERE(a)": None,
    "import a\ndef f():\n    HERE(a)\n    a = 1": None,
    "HERE(a.b)": None,
    "HERE(a().b)": None,
    "HERE(a[0])": None,
    "HERE('a')": None,
    # a class spells its private names in its own way
    "import __a\nclass C:\n    def f(self): HERE(__a)": None,
    "import _C__a\nclass C:\n    def f(self): HERE(__a)": "_C__a",
}


@pytest.mark.parametrize(("text", "expected"), NAMES.items())
def test_qualified_names(text: str, expected: str | None) -> None:
    assert qualified(text) == expected


def test_a_global_statement_that_binds_nothing_changes_nothing() -> None:
    assert qualified("import a\ndef f():\n    global a\n    HERE(a)") == "a"


def test_builtins_may_be_hidden() -> None:
    names = facts_of("def f():\n    global print\n    print = 1\nlen = 2\ndef g(max): pass").names
    assert names.is_builtin("max")
    assert not names.is_builtin("len")
    assert not names.is_builtin("print")
    assert not names.is_builtin("nothing_of_that_name")


IMPORTS = {
    "import a": [("a", ())],
    "import a.b as c, d": [("a.b", ()), ("d", ())],
    "from a import b, c as d": [("a", (("b", "b"), ("c", "d")))],
    "from . import a": [(".", (("a", "a"),))],
    "from ..a import b": [("..a", (("b", "b"),))],
    "from a import *": [("a", (("*", "*"),))],
    "def f():\n    import a\nimport b": [("a", ()), ("b", ())],
    "try:\n    import a\nexcept E:\n    import b": [("a", ()), ("b", ())],
}


@pytest.mark.parametrize(("text", "expected"), IMPORTS.items())
def test_every_import(text: str, expected: list[object]) -> None:
    found = facts_of(text).imports
    assert [(imported.module, imported.names) for imported in found] == expected


def test_star_imports() -> None:
    star, names = facts_of("from a import *\nfrom a import b").imports
    assert star.is_star
    assert not names.is_star


@pytest.mark.parametrize("name", ["", "x", "x.y"])
@pytest.mark.parametrize("level", range(4))
@pytest.mark.parametrize(("importer", "is_package"), [("p.q.m", False), ("p.q", True), ("p", True)])
def test_relative_imports_mean_what_cpython_takes_them_for(
    importer: str, is_package: bool, level: int, name: str
) -> None:
    package = importer if is_package else importer.rpartition(".")[0]
    written = "." * level + name
    found = absolute_module(written, importer, is_package)
    try:
        expected = resolve_name(written, package)
    except ImportError:  # beyond the outermost package that has an `__init__.py`
        is_next = level == package.count(".") + 2
        assert found == (name if is_next else written)
    else:
        assert found == expected
