"""What may happen to a captured name where statements and expressions run one after another."""

from __future__ import annotations

import pytest

from tests.facts.capturing import params, what_is_true

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
    "walrus in the index of a declared item": (
        "def f(a):\n    a[(x := 1)]: int\n    return lambda: HERE(x)",
        "bound",
    ),
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
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected", "name"), params(CASES))
def test_what_may_happen_in_a_row(text: str, expected: str, name: str) -> None:
    assert what_is_true(text, name) == expected.split()
