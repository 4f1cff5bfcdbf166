"""What may happen to a captured name: small modules, and what is said of one capture in each.

The closure in question is the one that contains `HERE`, the capture is named `x`. The words are the
properties that are true of it; `bound` stands for `is_surely_bound`, the others for themselves.
"""

from __future__ import annotations

import sys

import pytest

from reloadlint.facts.captures import CaptureKind
from tests.facts.facts_of import capture, closure_at, facts_of

SINCE_311 = pytest.mark.skipif(sys.version_info < (3, 11), reason="syntax of 3.11")

CASES = {
    # ------------------------------------------------------------------------------- in a row
    "a parameter": ("def f(x): return lambda: HERE(x)", "bound"),
    "a parameter of any kind": (
        "def f(a, /, b, *c, x, **d): return lambda: HERE(a, b, c, x, d)",
        "bound",
    ),
    "a parameter that is assigned to before": (
        "def f(x):\n    x = g(x)\n    return lambda: HERE(x)",
        "bound",
    ),
    "a parameter that is assigned to after": (
        "def f(x):\n    h(lambda: HERE(x))\n    x = 1",
        "bound rebound",
    ),
    "assigned before": ("def f():\n    x = 1\n    return lambda: HERE(x)", "bound"),
    "assigned after": ("def f():\n    h(lambda: HERE(x))\n    x = 1", "rebound"),
    "assigned before and after": (
        "def f():\n    x = 1\n    h(lambda: HERE(x))\n    x = 2",
        "bound rebound",
    ),
    "assigned by the statement that makes the closure": (
        "def f():\n    x = h(lambda: HERE(x))",
        "rebound",
    ),
    "assigned again by the statement that makes the closure": (
        "def f(x):\n    x = h(lambda: HERE(x))",
        "bound rebound",
    ),
    "incremented by the statement that makes the closure": (
        "def f(x):\n    x += h(lambda: HERE(x))",
        "bound rebound",
    ),
    "item of itself assigned": ("def f(x):\n    x[0] = lambda: HERE(x)", "bound"),
    "the closure's own name": ("def f():\n    def x(): HERE(x)\n    return x", "rebound"),
    "a lambda's own name": ("def f():\n    x = lambda: HERE(x)\n    return x", "rebound"),
    "a function defined before": (
        "def f():\n    def x(): pass\n    return lambda: HERE(x)",
        "bound",
    ),
    "a function defined after": (
        "def f():\n    def g(): HERE(x)\n    def x(): g()\n    return x",
        "rebound",
    ),
    "a class, in its own body": (
        "def f():\n    class x:\n        def m(self): return HERE(x)",
        "rebound",
    ),
    "an import": ("def f():\n    import x.y\n    return lambda: HERE(x)", "bound"),
    "an import under another name": (
        "def f():\n    import y as x, z\n    return lambda: HERE(x)",
        "bound",
    ),
    "unpacked": ("def f():\n    a, (b, *x) = g()\n    return lambda: HERE(x)", "bound"),
    "declared": ("def f():\n    x: int\n    return lambda: HERE(x)", ""),
    "declared with a value": ("def f():\n    x: int = 1\n    return lambda: HERE(x)", "bound"),
    "never bound": ("def f():\n    return lambda: HERE(x)\n    x = 1", ""),
    "deleted after": (
        "def f():\n    x = 1\n    g = lambda: HERE(x)\n    del x",
        "bound deleted",
    ),
    "deleted before": ("def f(x):\n    del x\n    return lambda: HERE(x)", "deleted"),
    "deleted and assigned": (
        "def f(x):\n    del x\n    x = 1\n    return lambda: HERE(x)",
        "bound deleted",
    ),
    "deleted in a tuple": ("def f(x, y):\n    del (x, y)\n    g(lambda: HERE(x))", "deleted"),
    # ------------------------------------------------------------------------------ expressions
    "walrus before": ("def f():\n    g(x := 1, lambda: HERE(x))", "bound"),
    "walrus after": ("def f():\n    g(lambda: HERE(x), x := 1)", "rebound"),
    "walrus around": ("def f():\n    (x := h(lambda: HERE(x)))", "rebound"),
    "walrus in a keyword argument": ("def f():\n    g(lambda: HERE(x), k=(x := 1))", "rebound"),
    "walrus in a star argument, evaluated before keywords": (
        "def f():\n    g(k=lambda: HERE(x), *(x := []))",
        "bound",
    ),
    "walrus on the left of `and`": ("def f(a):\n    (x := a) and g(lambda: HERE(x))", "bound"),
    "walrus on the right of `and`": ("def f(a):\n    a and (x := 1)\n    g(lambda: HERE(x))", ""),
    "walrus in front of the closure in `and`": (
        "def f(a):\n    a and (x := 1) and g(lambda: HERE(x))",
        "bound",
    ),
    "walrus on the right of `or`": ("def f(a):\n    a or (x := 1)\n    g(lambda: HERE(x))", ""),
    "walrus in the test of a conditional": (
        "def f():\n    return g(lambda: HERE(x)) if (x := 1) else 2",
        "bound",
    ),
    "walrus in both branches of a conditional": (
        "def f(a):\n    (x := 1) if a else (x := 2)\n    return lambda: HERE(x)",
        "bound",
    ),
    "walrus in one branch of a conditional": (
        "def f(a):\n    (x := 1) if a else 2\n    return lambda: HERE(x)",
        "",
    ),
    "walrus in one branch, the closure in the other": (
        "def f(a, x):\n    (x := 1) if a else g(lambda: HERE(x))",
        "bound",
    ),
    "walrus in the first comparison": (
        "def f(a):\n    a < (x := 1) < 2\n    g(lambda: HERE(x))",
        "bound",
    ),
    "walrus in the second comparison": (
        "def f(a):\n    a < 1 < (x := 2)\n    g(lambda: HERE(x))",
        "",
    ),
    "walrus in a key, the closure in its value": (
        "def f():\n    return {(x := 1): lambda: HERE(x)}",
        "bound",
    ),
    "walrus in a value, the closure in a later key": (
        "def f():\n    return {1: (x := 1), g(lambda: HERE(x)): 2}",
        "bound",
    ),
    "walrus in an assertion, which may be left out": (
        "def f():\n    assert (x := 1)\n    return lambda: HERE(x)",
        "",
    ),
    "walrus in a default of the closure": (
        "def f():\n    return lambda a=(x := 1): HERE(x)",
        "bound",
    ),
    "walrus in a decorator of the closure": (
        "def f():\n    @g(x := 1)\n    def h(): HERE(x)\n    return h",
        "bound",
    ),
    "walrus in a comprehension, which may run never": (
        "def f(a):\n    [x := i for i in a]\n    return lambda: HERE(x)",
        "",
    ),
    "walrus in the condition of a comprehension, which may run never": (
        "def f(a):\n    [i for i in a if (x := i)]\n    return lambda: HERE(x)",
        "",
    ),
    "walrus in a comprehension behind the closure": (
        "def f(a, x):\n    g(lambda: HERE(x))\n    [x := i for i in a]",
        "bound rebound",
    ),
    "walrus in the comprehension of the closure": (
        "def f(a, x):\n    [(x := i, lambda: HERE(x)) for i in a]",
        "bound rebound",
    ),
    "walrus in a generator, which may run at any time": (
        "def f(a, x):\n    g = (x := i for i in a)\n    return g, lambda: HERE(x)",
        "bound rebound",
    ),
    "assigned to in a subscript of the target": (
        "def f(a):\n    x = a[g(lambda: HERE(x))] = 1",
        "bound",
    ),
    # ---------------------------------------------------------------------------------- branches
    "both branches": (
        "def f(a):\n    if a: x = 1\n    else: x = 2\n    return lambda: HERE(x)",
        "bound",
    ),
    "one branch": ("def f(a):\n    if a: x = 1\n    return lambda: HERE(x)", ""),
    "the same branch": ("def f(a):\n    if a:\n        x = 1\n        g(lambda: HERE(x))", "bound"),
    "the other branch": (
        "def f(a, x):\n    if a: g(lambda: HERE(x))\n    else: x = 1",
        "bound",
    ),
    "another branch of a ladder": (
        "def f(a, x):\n    if a: x = 1\n    elif b: g(lambda: HERE(x))\n    else: x = 2",
        "bound",
    ),
    "every branch of a ladder": (
        """\
        def f(a, b):
            if a: x = 1
            elif b: x = 2
            else: raise E
            return lambda: HERE(x)
        """,
        "bound",
    ),
    "a branch that leaves": (
        "def f(a):\n    if a: return\n    else: x = 1\n    return lambda: HERE(x)",
        "bound",
    ),
    "a test that binds": ("def f():\n    if x := g(): pass\n    return lambda: HERE(x)", "bound"),
    "a test that binds if it is true": (
        "def f(a):\n    if a and (x := g()): h(lambda: HERE(x))",
        "bound",
    ),
    "a test that binds if it is true, otherwise": (
        "def f(a):\n    if a and (x := g()): pass\n    else: h(lambda: HERE(x))",
        "",
    ),
    "a test that binds if it is false, denied": (
        "def f(a):\n    if not (a or (x := g())): h(lambda: HERE(x))",
        "bound",
    ),
    "a test that binds on each way to its being false": (
        "def f(a):\n    if (a or (x := g())) and (x := g()): pass\n    else: h(lambda: HERE(x))",
        "bound",
    ),
    "a test that binds, and leaves if it is not true": (
        "def f(a):\n    if not (a and (x := g())): return\n    return lambda: HERE(x)",
        "bound",
    ),
    # ------------------------------------------------------------------------------------- loops
    "a loop variable, in the loop": (
        "def f(a):\n    for x in a: g(lambda: HERE(x))",
        "bound rebound",
    ),
    "a loop variable, after the loop": (
        "def f(a):\n    for x in a: pass\n    return lambda: HERE(x)",
        "",
    ),
    "a loop variable, in `else`": (
        "def f(a):\n    for x in a: pass\n    else: g(lambda: HERE(x))",
        "",
    ),
    "a loop variable that was bound before": (
        "def f(a, x):\n    for x in a: pass\n    return lambda: HERE(x)",
        "bound",
    ),
    "a loop that returns what it makes": (
        "def f(a):\n    for x in a: return lambda: HERE(x)",
        "bound",
    ),
    "a loop in `try` that returns what it makes": (
        """\
        def f(a):
            while True:
                try:
                    for x in a: return g(lambda: HERE(x))
                except E: pass
        """,
        "bound rebound",
    ),
    "assigned in the loop, before the closure": (
        "def f(a):\n    for i in a:\n        x = i\n        g(lambda: HERE(x))",
        "bound rebound",
    ),
    "assigned in the loop, after the closure": (
        "def f(a):\n    for i in a:\n        g(lambda: HERE(x))\n        x = i",
        "rebound",
    ),
    "assigned in the loop, the closure after it": (
        "def f(a):\n    for i in a: x = i\n    return lambda: HERE(x)",
        "",
    ),
    "assigned before the loop": (
        "def f(a):\n    x = 1\n    for i in a: g(lambda: HERE(x))",
        "bound",
    ),
    "assigned after the loop": (
        "def f(a, x):\n    for i in a: g(lambda: HERE(x))\n    x = 1",
        "bound rebound",
    ),
    "assigned in the loop and left": (
        "def f(a, x):\n    for i in a:\n        g(lambda: HERE(x))\n        break\n    x = 1",
        "bound rebound",
    ),
    "deleted in the loop, behind the closure": (
        "def f(a, x):\n    for i in a:\n        g(lambda: HERE(x))\n        del x",
        "deleted",
    ),
    "the branches of a loop": (
        """\
        def f(a, x):
            for i in a:
                if i: x = i
                else: g(lambda: HERE(x))
        """,
        "bound rebound",
    ),
    "in the iterable of a loop that binds it": (
        "def f(x):\n    for x in g(lambda: HERE(x)): pass",
        "bound rebound",
    ),
    "while": ("def f():\n    while x := g(): h(lambda: HERE(x))", "bound rebound"),
    "after while": ("def f():\n    while x := g(): pass\n    return lambda: HERE(x)", "bound"),
    "while, assigned in it": ("def f(a):\n    while a: x = 1\n    return lambda: HERE(x)", ""),
    "an endless loop ends at its breaks": (
        """\
        def f():
            while True:
                x = g()
                if x: break
            return lambda: HERE(x)
        """,
        "bound",
    ),
    "an endless loop with a break before": (
        """\
        def f(a):
            while True:
                if a: break
                x = g()
            return lambda: HERE(x)
        """,
        "",
    ),
    "break in `finally`'s protection": (
        """\
        def f(x):
            while True:
                try: break
                finally: del x
            return lambda: HERE(x)
        """,
        "deleted",
    ),
    "continue": (
        """\
        def f(a):
            for i in a:
                if i: continue
                x = i
                g(lambda: HERE(x))
        """,
        "bound rebound",
    ),
    # ------------------------------------------------------------------------------- exceptions
    "in try": ("def f():\n    try: x = 1\n    except E: pass\n    return lambda: HERE(x)", ""),
    "in try and handler": (
        "def f():\n    try: x = 1\n    except E: x = 2\n    return lambda: HERE(x)",
        "bound",
    ),
    "in try, and the handlers leave": (
        """\
        def f():
            try: x = 1
            except E: return
            except G: raise
            return lambda: HERE(x)
        """,
        "bound",
    ),
    "in try, the closure in a handler": (
        "def f():\n    try: x = 1\n    except E: g(lambda: HERE(x))",
        "",
    ),
    "in try, the closure in `else`": (
        "def f():\n    try: x = 1\n    except E: pass\n    else: g(lambda: HERE(x))",
        "bound",
    ),
    "in try, the closure in `finally`": (
        "def f():\n    try: x = 1\n    finally: g(lambda: HERE(x))",
        "",
    ),
    "in `finally`": (
        "def f():\n    try: g()\n    finally: x = 1\n    return lambda: HERE(x)",
        "bound",
    ),
    "the closure returned from try, bound in `finally`": (
        "def f(x):\n    try: return lambda: HERE(x)\n    finally: x = 1",
        "bound rebound",
    ),
    "the closure returned from try, bound in a handler": (
        "def f(x):\n    try: return g(lambda: HERE(x))\n    except E: x = 1",
        "bound rebound",
    ),
    "in a handler, the closure in another": (
        """\
        def f(x):
            try: g()
            except E: x = 1
            except G: h(lambda: HERE(x))
        """,
        "bound",
    ),
    "except as, in the handler": (
        "def f():\n    try: g()\n    except E as x: h(lambda: HERE(x))",
        "bound deleted",
    ),
    "except as, after the handler": (
        "def f(x):\n    try: g()\n    except E as x: pass\n    return lambda: HERE(x)",
        "deleted",
    ),
    "except as, the closure before": (
        "def f(x):\n    h(lambda: HERE(x))\n    try: g()\n    except E as x: pass",
        "bound rebound deleted",
    ),
    "break out of `except as`": (
        """\
        def f(x):
            while True:
                try: g()
                except E as x: break
            return lambda: HERE(x)
        """,
        "deleted",
    ),
    "except* runs one handler after another": pytest.param(
        """\
        def f(x):
            try: g()
            except* E: h(lambda: HERE(x))
            except* G: x = 1
        """,
        "bound rebound",
        marks=SINCE_311,
    ),
    # ---------------------------------------------------------------------------------- with, match
    "with as": ("def f():\n    with g() as x: h(lambda: HERE(x))", "bound"),
    "with as, after it": ("def f():\n    with g() as x: pass\n    return lambda: HERE(x)", "bound"),
    "with as a tuple, whose unpacking may fail and be swallowed": (
        "def f():\n    with g() as (a, x): pass\n    return lambda: HERE(x)",
        "",
    ),
    "with as, of a second item": (
        "def f():\n    with g() as a, h() as x: pass\n    return lambda: HERE(x)",
        "",
    ),
    "in with, which may swallow exceptions": (
        "def f():\n    with g(): x = 1\n    return lambda: HERE(x)",
        "",
    ),
    "the closure returned from with": (
        "def f(x):\n    with g(): return h(lambda: HERE(x))\n    x = 1",
        "bound rebound",
    ),
    "match captures": (
        "def f(a):\n    match a:\n        case [x, *_]: g(lambda: HERE(x))",
        "bound",
    ),
    "match captures, the closure behind": (
        "def f(a):\n    match a:\n        case [x, *_]: pass\n    return lambda: HERE(x)",
        "",
    ),
    "match captures what is like a pattern": (
        "def f(a):\n    match a:\n        case [1] as x: pass\n    return lambda: HERE(x)",
        "",
    ),
    "match captures in every case, the last for all": (
        """\
        def f(a):
            match a:
                case [x]: pass
                case {"x": x}: pass
                case x: pass
            return lambda: HERE(x)
        """,
        "bound",
    ),
    "match captures in a case whose guard may fail": (
        """\
        def f(a, x):
            match a:
                case x if g(lambda: HERE(x)): pass
                case [x]: pass
        """,
        "bound rebound",
    ),
    "match in another case": (
        """\
        def f(a, x):
            match a:
                case 1: g(lambda: HERE(x))
                case x: pass
        """,
        "bound",
    ),
    "match with a rest": (
        "def f(a):\n    match a:\n        case {'k': 1, **x}: g(lambda: HERE(x))",
        "bound",
    ),
    # ------------------------------------------------------------------------------------- leaving
    "returned": ("def f(x):\n    return lambda: HERE(x)\n    x = 1", "bound"),
    "returned in front of an assignment in another branch": (
        "def f(a, x):\n    if a: return lambda: HERE(x)\n    x = 1\n    return x",
        "bound",
    ),
    "the return goes on to bind": (
        "def f(x):\n    return (lambda: HERE(x)), (x := 1)",
        "bound rebound",
    ),
    "raised": ("def f(x):\n    raise E(lambda: HERE(x))\n    x = 1", "bound"),
    "yielded": ("def f(x):\n    yield lambda: HERE(x)\n    x = 1", "bound rebound"),
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


def params(cases: dict[str, object]) -> list[object]:
    return [
        pytest.param(
            *(values := getattr(case, "values", case)),
            *([] if len(values) == 3 else ["x"]),
            id=name,
            marks=getattr(case, "marks", ()),
        )
        for name, case in cases.items()
    ]


@pytest.mark.parametrize(("text", "expected", "name"), params(CASES))
def test_what_may_happen_to_a_capture(text: str, expected: str, name: str) -> None:
    facts = facts_of(text)
    found = capture(facts, closure_at(facts, "HERE"), name)
    properties = {
        "bound": found.is_surely_bound,
        "rebound": found.is_rebound,
        "deleted": found.is_deleted,
        "written_inside": found.is_written_inside,
        "written_elsewhere": found.is_written_elsewhere,
    }
    assert [word for word, is_true in properties.items() if is_true] == expected.split()


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
