"""Closures: which functions are, where they stand, of what kind they are."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path

import pytest

from reloadlint.facts import Closure
from tests.facts import corpus
from tests.facts.compiled import HAS_POSITIONS, code_objects, compiles
from tests.facts.facts_of import facts_of


def closures(text: str) -> list[Closure]:
    return list(facts_of(text).closures)


def only(text: str) -> Closure:
    (closure,) = closures(text)
    return closure


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("def f(): pass", []),
        ("async def f(): pass", []),
        ("class C:\n    def f(self): pass", []),
        ("if a:\n    def f(): pass", []),
        ("f = lambda: 0", ["<lambda>"]),
        ("class C:\n    f = lambda self: 0", ["<lambda>"]),
        ("@(lambda f: f)\ndef f(a=lambda: 0): pass", ["<lambda>", "<lambda>"]),
        ("def f():\n    def g(): pass", ["g"]),
        ("def f():\n    async def g(): pass", ["g"]),
        ("def f():\n    class C:\n        def m(self): pass", ["m"]),
        ("class C:\n    def f(self):\n        def g(): pass", ["g"]),
        ("def f():\n    def g():\n        def h(): pass", ["g", "h"]),
        ("def f():\n    if a:\n        for b in c:\n            def g(): pass", ["g"]),
    ],
)
def test_every_lambda_and_every_def_in_a_function(text: str, names: list[str]) -> None:
    assert [closure.name for closure in closures(text)] == names


def test_the_order_is_that_of_the_text() -> None:
    text = """
        def f():
            def b(c=lambda: 1): return lambda: 2
            def a(): pass
            return lambda: 3
    """
    starts = [(closure.node.lineno, closure.node.col_offset) for closure in closures(text)]
    assert starts == sorted(starts)
    assert [closure.name for closure in closures(text)] == [
        "b", "<lambda>", "<lambda>", "a", "<lambda>",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "enclosing"),
    [
        ("f = lambda: 0", ()),
        ("def f(): return lambda: 0", ("f",)),
        ("class C:\n    def f(self): return lambda: 0", ("C", "f")),
        ("class C:\n    f = lambda: 0", ("C",)),
        ("def f(a=lambda: 0): pass", ()),
        ("def f(): return [lambda: 0 for a in b]", ("f",)),
    ],
)
def test_enclosing(text: str, enclosing: tuple[str, ...]) -> None:
    assert only(text).enclosing == enclosing


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("f(lambda: 0)", ast.Expr),
        ("f = lambda: 0", ast.Assign),
        ("if (lambda: 0)(): pass", ast.If),
        ("with (lambda: 0)(): pass", ast.With),
        ("try: pass\nexcept (lambda: 0)(): pass", ast.Try),
        ("match a:\n    case 1 if (lambda: 0)(): pass", ast.Match),
        ("class C(f(lambda: 0)): pass", ast.ClassDef),
        ("@f(lambda: 0)\ndef g(): pass", ast.FunctionDef),
        ("def f():\n    def g(): pass", ast.FunctionDef),
    ],
)
def test_statement(text: str, kind: type[ast.stmt]) -> None:
    assert type(only(text).statement) is kind


def test_the_statement_of_a_def_is_its_own() -> None:
    closure = only("def f():\n    def g(): pass")
    assert closure.statement is closure.node


# ---------------------------------------------------------------------------------------- kinds


@pytest.mark.parametrize(
    ("text", "is_generator"),
    [
        ("f = lambda: 0", False),
        ("f = lambda: (yield)", True),
        ("def f():\n    def g(): yield", True),
        ("def f():\n    def g(): return (yield from a)", True),
        ("def f():\n    async def g(): yield", True),
        ("def f():\n    async def g(): await a", False),
        ("def f():\n    def g():\n        class C(a((yield))): pass", True),
    ],
)
def test_generators(text: str, is_generator: bool) -> None:
    assert only(text).is_generator is is_generator


def test_a_generator_in_it_is_none_of_its_business() -> None:
    outer, _ = closures("def f():\n    def g():\n        def h(): yield")
    assert not outer.is_generator
    outer, _ = closures("def f():\n    def g():\n        return lambda: (yield)")
    assert not outer.is_generator


def test_what_is_evaluated_outside_of_a_function_belongs_to_what_is_around() -> None:
    outer, inner = closures("def f():\n    def g():\n        def h(a=(yield)): pass")
    assert (outer.is_generator, inner.is_generator) == (True, False)
    outer, inner = closures("def f():\n    def g():\n        @a((yield))\n        def h(): pass")
    assert (outer.is_generator, inner.is_generator) == (True, False)


@pytest.mark.parametrize("path", corpus.sample(), ids=corpus.name)
def test_kinds_are_those_of_the_compiled_code(path: Path) -> None:
    text = corpus.read(path)
    if text is None or not compiles(text):
        return
    facts = facts_of(text, str(path))
    compiled = code_objects(text, facts.tree)
    generators = inspect.CO_GENERATOR | inspect.CO_ASYNC_GENERATOR
    coroutines = inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR
    for closure in facts.closures:
        codes = compiled.get(closure.node, [])
        for code in codes if HAS_POSITIONS or len(codes) == 1 else ():
            where = f"{path}:{closure.node.lineno}"
            assert closure.is_generator is bool(code.co_flags & generators), where
            assert closure.is_async is bool(code.co_flags & coroutines), where


def test_nouns() -> None:
    assert only("f = lambda: 0").noun == "this lambda"
    assert only("def f():\n    def g(): pass").noun == "`g`"


# ---------------------------------------------------------------------------------------- weight

WEIGHTS = {
    "lambda: 0": 0,
    "lambda: -1": 0,
    "lambda: None": 0,
    "lambda: 'text'": 0,
    "lambda a: a": 0,
    "lambda: a": 0,
    "lambda a: a.b.c": 0,
    "lambda a: a['b'].c": 0,
    "lambda a: a[b]": 0,
    "lambda: []": 0,
    "lambda: {}": 0,
    "lambda: ()": 0,
    "lambda: a()": 1,
    "lambda: a + b": 1,
    "lambda: not a": 1,
    "lambda: a and b": 1,
    "lambda: a < b": 1,
    "lambda: [a]": 1,
    "lambda: {a: b}": 1,
    "lambda: (a, b)": 1,
    "lambda: f'{a}'": 1,
    "lambda: a(b + 1)": 2,
    "lambda: a if b else c": 1,
    "lambda: [a for a in b]": 1,
    "lambda: lambda: 0": 1,
    "lambda: (a := b)": 1,
}


@pytest.mark.parametrize(("text", "weight"), WEIGHTS.items())
def test_weight_of_a_lambda(text: str, weight: int) -> None:
    assert closures(text)[0].weight == weight


@pytest.mark.parametrize(
    ("body", "weight"),
    [
        ("pass", 0),
        ("'doc'", 0),
        ("return", 0),
        ("return a", 0),
        ("'doc'; return a.b", 0),
        ("...", 0),
        ("a", 1),
        ("a()", 2),
        ("return a()", 1),
        ("a = 1", 1),
        ("if a: b()", 3),
        ("yield a", 2),
    ],
)
def test_weight_of_a_def(body: str, weight: int) -> None:
    assert only(f"def f():\n    def g():\n        {body}").weight == weight
