"""Which closures a read of `__code__` and its like may be about."""

from __future__ import annotations

import pytest

from reloadlint.config import Config
from reloadlint.facts import collect
from reloadlint.facts.code_reads import read_of
from reloadlint.source import SourceFile

READ = {
    "by its name": "def f():\n    def g(): pass\n    return g.__code__\n",
    "by a name that it is bound to": "def f():\n    g = lambda: 1\n    return g.__closure__\n",
    "by a name that its wrapper is bound to": (
        "def f(wrap):\n    g = wrap(lambda: 1)\n    return g.__code__\n"
    ),
    "by the parameter that it is handed to": (
        "def look(x):\n    return x.__code__\n\n\ndef f():\n    look(lambda: 1)\n"
    ),
    "by the parameter of its decorator": (
        "def look(x):\n    return x.__code__\n\n\ndef f():\n    @look\n    def g(): pass\n"
    ),
    "by the attribute that it is stored in": (
        "def f(a):\n    a.go = lambda: 1\n\n\ndef g(b):\n    return b.go.__code__\n"
    ),
    "by what is read of its code": (
        "def f():\n    def g(): pass\n    return g.__code__.co_consts\n"
    ),
    "by something that was stored": (
        "def f(a):\n    a.go = lambda: 1\n\n\ndef g(b):\n    return b[0].__code__\n"
    ),
}
NOT_READ = {
    "by a name of another scope": (
        "def f():\n    def g(): pass\n    return g\n\n\ndef h(g):\n    return g.__code__\n"
    ),
    "by another parameter": (
        "def look(x, y):\n    return y.__code__\n\n\ndef f():\n    look(lambda: 1, len)\n"
    ),
    "by what is read of another's code": (
        "def f(h):\n    def g(): pass\n    h.x = g\n    return h.__code__.co_consts\n"
    ),
    "by another attribute": (
        "def f(a):\n    a.go = lambda: 1\n\n\ndef g(b):\n    return b.other.__code__\n"
    ),
    "by an attribute that trampolines have alike": (
        "def f():\n    def g(): pass\n    return g.__qualname__, g.__defaults__\n"
    ),
}


def attribute(text: str) -> str | None:
    facts = collect(SourceFile("module.py", text), Config())
    (closure,) = facts.closures
    return read_of(facts, closure, facts.code_reads)


@pytest.mark.parametrize("text", READ.values(), ids=READ)
def test_is_read(text: str) -> None:
    assert attribute(text) in {"__code__", "__closure__"}


@pytest.mark.parametrize("text", NOT_READ.values(), ids=NOT_READ)
def test_is_not_read(text: str) -> None:
    assert attribute(text) is None
