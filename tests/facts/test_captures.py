"""What other scopes may do to a captured name, of which kind it is, and which scope binds it.

What happens to it in the scope that binds it: `test_captures_in_a_row.py`, `…_in_branches.py`.
"""

from __future__ import annotations

import sys

import pytest

from reloadlint.facts.captures import CaptureKind
from tests.facts.capturing import params, what_is_true
from tests.facts.facts_of import capture, closure_at, facts_of

CASES = {
    # ------------------------------------------------------------------- written by other functions
    "nonlocal inside": (
        "def f(x):\n    def g():\n        nonlocal x\n        x = HERE(x)\n    return g",
        "bound written_inside",
    ),
    "nonlocal elsewhere": (
        """\
        def f(x):
            def g():
                nonlocal x
                x += 1
            return g, lambda: HERE(x)
        """,
        "bound written_elsewhere",
    ),
    "nonlocal in what is nested in the closure": (
        """\
        def f(x):
            def g():
                def h():
                    nonlocal x
                    x += 1
                return HERE(x), h
            return g
        """,
        "bound written_inside",
    ),
    "nonlocal that only reads": (
        "def f(x):\n    def g():\n        nonlocal x\n        return HERE(x)\n    return g",
        "bound",
    ),
    "nonlocal of another function's name": (
        """\
        def f(x):
            def g(x):
                def h():
                    nonlocal x
                    x += 1
                return h
            return g, lambda: HERE(x)
        """,
        "bound",
    ),
    "nonlocal that deletes": (
        """\
        def f(x):
            def g():
                nonlocal x
                del x
            return g, lambda: HERE(x)
        """,
        "deleted written_elsewhere",
    ),
    "nonlocal in a class body": (
        "def f(x):\n    class C:\n        nonlocal x\n        x = 2\n    return lambda: HERE(x)",
        "bound written_elsewhere",
    ),
    # -------------------------------------------------------------------------------- made later
    "a closure in a closure, bound before": (
        "def f():\n    x = 1\n    return lambda: lambda: HERE(x)",
        "bound",
    ),
    "a closure in a closure, bound in between": (
        "def f():\n    g = lambda: lambda: HERE(x)\n    x = 1\n    return g()",
        "rebound",
    ),
    "a closure in a closure, deleted in between": (
        "def f():\n    x = 1\n    g = lambda: lambda: HERE(x)\n    del x\n    return g()",
        "deleted",
    ),
    "a closure in a generator expression, deleted in between": (
        "def f(x):\n    g = (lambda: HERE(x) for _ in x)\n    del x\n    return g",
        "deleted",
    ),
    "a method of a local class": (
        "def f(x):\n    class C:\n        def m(self): return HERE(x)\n    return C",
        "bound",
    ),
    "a method in front of what it captures": (
        "def f():\n    class C:\n        def m(self): return HERE(x)\n    x = 1\n    return C",
        "rebound",
    ),
    # ---------------------------------------------------------------------------- comprehensions
    "a comprehension's variable": (
        "def f(a): return [lambda: HERE(x) for x in a]",
        "bound rebound",
    ),
    "a comprehension's variable, in its condition": (
        "def f(a): return [x for x in a if g(lambda: HERE(x))]",
        "bound rebound",
    ),
    "a comprehension's variable, before it has a value": (
        "def f(a): return [x for b in a if g(lambda: HERE(x)) for x in b]",
        "rebound",
    ),
    "a name of the function, in a comprehension": (
        "def f(a, x): return [lambda: HERE(x) for b in a]",
        "bound",
    ),
    "a name of a lambda": ("f = lambda x: lambda: HERE(x)", "bound"),
    "a walrus of a lambda": ("f = lambda a: (g(x := a), lambda: HERE(x))", "bound"),
    # ----------------------------------------------------------------------------- mangled names
    "mangled": (
        "class C:\n    def f(self):\n        __x = 1\n        return lambda: HERE(__x, x := 1)",
        "bound",
        "_C__x",
    ),
    "mangled, under both of its names": (
        """\
        class C:
            def f(self, __x):
                g(lambda: HERE(__x))
                _C__x = 2
        """,
        "bound rebound",
        "_C__x",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected", "name"), params(CASES))
def test_what_may_happen_by_other_scopes(text: str, expected: str, name: str) -> None:
    assert what_is_true(text, name) == expected.split()


KINDS = {
    "def f(x): return lambda: HERE(x)": CaptureKind.PARAMETER,
    "def f(*x): return lambda: HERE(x)": CaptureKind.PARAMETER,
    "f = lambda x: lambda: HERE(x)": CaptureKind.PARAMETER,
    "class C:\n    def f(x): return lambda: HERE(x)": CaptureKind.SELF,
    "class C:\n    def f(x, /): return lambda: HERE(x)": CaptureKind.SELF,
    "class C:\n    async def f(x): return lambda: HERE(x)": CaptureKind.SELF,
    "class C:\n    @classmethod\n    def f(x): return lambda: HERE(x)": CaptureKind.SELF,
    "class C:\n    @staticmethod\n    def f(x): return lambda: HERE(x)": CaptureKind.PARAMETER,
    "class C:\n    def f(self, x): return lambda: HERE(x)": CaptureKind.PARAMETER,
    "class C:\n    def f(*x): return lambda: HERE(x)": CaptureKind.PARAMETER,
    "class C:\n    f = lambda x: lambda: HERE(x)": CaptureKind.PARAMETER,
    "def f(a):\n    for x in a: g(lambda: HERE(x))": CaptureKind.LOOP,
    "def f(a):\n    for b, (c, *x) in a: g(lambda: HERE(x))": CaptureKind.LOOP,
    "async def f(a):\n    async for x in a: g(lambda: HERE(x))": CaptureKind.LOOP,
    "def f(a, x):\n    for x in a: g(lambda: HERE(x))": CaptureKind.LOOP,
    "def f(a):\n    for b in a: x = g(lambda: HERE(x))": CaptureKind.ASSIGNMENT,
    "def f(a): return [lambda: HERE(x) for x in a]": CaptureKind.COMPREHENSION,
    "def f(a): return {b: lambda: HERE(x) for b in a for x in b}": CaptureKind.COMPREHENSION,
    "def f():\n    try: g()\n    except E as x: h(lambda: HERE(x))": CaptureKind.EXCEPT,
    "def f():\n    def x(): pass\n    return lambda: HERE(x)": CaptureKind.DEFINITION,
    "def f():\n    class x: pass\n    return lambda: HERE(x)": CaptureKind.DEFINITION,
    "def f():\n    from a import x\n    return lambda: HERE(x)": CaptureKind.DEFINITION,
    "def f():\n    x = 1\n    return lambda: HERE(x)": CaptureKind.ASSIGNMENT,
    "def f():\n    g(x := 1)\n    return lambda: HERE(x)": CaptureKind.ASSIGNMENT,
    "def f():\n    with g() as x: return lambda: HERE(x)": CaptureKind.ASSIGNMENT,
    "def f(a):\n    match a:\n        case [x]: return lambda: HERE(x)": CaptureKind.ASSIGNMENT,
    "def f(a):\n    for a[g(x := 1)] in a: h(lambda: HERE(x))": CaptureKind.ASSIGNMENT,
}


@pytest.mark.parametrize(("text", "expected"), KINDS.items())
def test_kind(text: str, expected: CaptureKind) -> None:
    facts = facts_of(text)
    assert capture(facts, closure_at(facts, "HERE"), "x").kind is expected


def test_the_cell_of_a_class_belongs_to_no_scope() -> None:
    facts = facts_of("class C:\n    def f(self): return lambda: super().HERE")
    found = capture(facts, closure_at(facts, "HERE"), "__class__")
    assert (found.kind, found.scope) == (CaptureKind.CLASS_CELL, None)


@pytest.mark.skipif(sys.version_info < (3, 12), reason="syntax of 3.12")
@pytest.mark.parametrize(
    "text",
    ["def f[x](): return lambda: HERE(x)", "class C[x]:\n    def f(self): return lambda: HERE(x)"],
)
def test_a_type_parameter_belongs_to_no_scope(text: str) -> None:
    facts = facts_of(text)
    found = capture(facts, closure_at(facts, "HERE"), "x")
    assert (found.kind, found.scope) == (CaptureKind.TYPE_PARAMETER, None)


@pytest.mark.skipif(sys.version_info < (3, 12), reason="syntax of 3.12")
def test_the_first_parameter_of_a_generic_method_is_self() -> None:
    facts = facts_of("class C:\n    def f[T](x): return lambda: HERE(x)")
    assert capture(facts, closure_at(facts, "HERE"), "x").kind is CaptureKind.SELF


def test_the_scope_is_the_one_that_binds() -> None:
    facts = facts_of("def f(x):\n    def g(y):\n        return lambda: HERE(x, y)")
    closure = closure_at(facts, "HERE")
    f, g = facts.index.functions[:2]
    assert capture(facts, closure, "x").scope is facts.index.scope_of[f]
    assert capture(facts, closure, "y").scope is facts.index.scope_of[g]
