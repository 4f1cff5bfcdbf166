"""Texts whose scopes are hard to get right, and what each of their closures captures.

For every closure, in the order of the text, the names; None for one that is never compiled.
"""

from __future__ import annotations

import sys

import pytest

SINCE_311 = pytest.mark.skipif(sys.version_info < (3, 11), reason="syntax of 3.11")
SINCE_312 = pytest.mark.skipif(sys.version_info < (3, 12), reason="syntax of 3.12")
BEFORE_312 = pytest.mark.skipif(
    sys.version_info >= (3, 12), reason="CPython loses the binding when it inlines comprehensions"
)
SINCE_313 = pytest.mark.skipif(sys.version_info < (3, 13), reason="syntax of 3.13")

CASES = {
    "lambda in lambda": (
        "def f(a, b): return lambda: lambda: a + b",
        ["a b", "a b"],
    ),
    "lambda in a lambda that binds the name": (
        "def f(a, b): return lambda a: lambda: a + b",
        ["b", "a b"],
    ),
    "lambda at module level": ("f = lambda a: lambda: a", ["", "a"]),
    "lambda in the default of a lambda": (
        "def f(a, b): return lambda x=(lambda: a): b",
        ["b", "a"],
    ),
    "lambda in the default of a lambda in the default of a lambda": (
        "def f(a, b, c): return lambda x=(lambda y=(lambda: a): b): c",
        ["c", "b", "a"],
    ),
    "lambda in the keyword-only default of a lambda": (
        "def f(a, b): return lambda *, x=(lambda: a): b",
        ["b", "a"],
    ),
    "lambdas side by side on one line": (
        "def f(a, b, c): return (lambda: a, lambda: b, lambda: c, lambda: 0)",
        ["a", "b", "c", ""],
    ),
    "lambdas of one line in a call": (
        "def f(a, b, c): g((lambda: a)(), *(lambda: b)(), k=lambda: c)",
        ["a", "b", "c"],
    ),
    "lambdas in a dict, whose keys come before its values": (
        "def f(a, b, c, d): return {(lambda: a): (lambda: b), (lambda: c): (lambda: d)}",
        ["a", "b", "c", "d"],
    ),
    "lambdas in a conditional expression": (
        "def f(a, b, c): return (lambda: b) if (lambda: a) else (lambda: c)",
        ["b", "a", "c"],
    ),
    "lambdas in a subscript and its assignment": (
        "def f(a, b, c): (lambda: a)()[lambda: b] = lambda: c",
        ["a", "b", "c"],
    ),
    "lambdas in a comparison": (
        "def f(a, b, c): return (lambda: a) < (lambda: b) < (lambda: c)",
        ["a", "b", "c"],
    ),
    "comprehension in lambda": (
        "def f(a): return lambda: [a + i for i in range(3)]",
        ["a"],
    ),
    "lambda in comprehension": (
        "def f(a): return [lambda: a + i for i in range(3)]",
        ["a i"],
    ),
    "lambda in every kind of comprehension": (
        """\
        def f(a):
            return (
                [lambda: (a, i) for i in a], {lambda: (a, i) for i in a},
                {(lambda: i): (lambda: a) for i in a}, ((lambda: (a, i)) for i in a),
            )
        """,
        ["a i", "a i", "i", "a", "a i"],
    ),
    "lambda in the first iterable of a comprehension": (
        "def f(a, i): return [lambda: i for i in (lambda: (i, a))()]",
        ["i", "a i"],
    ),
    "lambda in a later iterable of a comprehension": (
        "def f(a, j): return [i for i in a for j in (lambda: (i, j))()]",
        ["i j"],
    ),
    "lambda in the condition of a comprehension": (
        "def f(a): return [i for i in a if (lambda: i)() if (lambda: a)()]",
        ["i", "a"],
    ),
    "comprehension in the first iterable of a comprehension": (
        "def f(a): return [lambda: x for x in [lambda: (y, a) for y in a]]",
        ["x", "a y"],
    ),
    "generator in the first iterable of a generator": (
        "def f(a): return ((lambda: x) for x in ((lambda: (y, a)) for y in a))",
        ["x", "a y"],
    ),
    "comprehension in comprehension": (
        "def f(a): return [[lambda: (i, j, a) for j in a] for i in a]",
        ["a i j"],
    ),
    "comprehension of a name that another function binds": pytest.param(
        """\
        def f(i):
            def g(a):
                b = [i for i in a]
                return lambda: i
            return g
        """,
        ["i", "i"],
        marks=BEFORE_312,
    ),
    "comprehension of a name that is global": (
        "def f(a):\n    b = [i for i in a]\n    return lambda: i",
        [""],
    ),
    "comprehension of a name that the function binds too": (
        "def f(a, i):\n    b = [lambda: i for i in a]\n    return lambda: i",
        ["i", "i"],
    ),
    "async comprehension": (
        "async def f(a): return [lambda: (i, a) async for i in a]",
        ["a i"],
    ),
    "closure in a class body": (
        """\
        def f(a):
            class C:
                a = 1
                b = lambda self: (a, C)
                def method(self): return lambda: (self, a, b)
        """,
        ["C a", "a", "a self"],
    ),
    "class attribute is no capture": (
        "class C:\n    a = 1\n    b = lambda: a\n    c = [lambda: a for _ in range(3)]",
        ["", ""],
    ),
    "comprehension in a class body": (
        "def f(a):\n    class C:\n        b = [lambda: (a, i) for i in a]",
        ["a i"],
    ),
    "a class named as a comprehension is": (
        "def f(a, b):\n    class listcomp([lambda: (a, i) for i in b][0]): c = lambda: b",
        ["a i", "b"],
    ),
    "a function named as a comprehension is": (
        "def f(a, b):\n    def listcomp(c=[lambda: (a, i) for i in b]): return lambda: b",
        ["b", "a i", "b"],
    ),
    "zero-argument super": (
        """\
        class C:
            def f(self): return lambda: super().f()
            def g(self): return lambda: __class__
            def h(self): return [super().h() for _ in range(3)]
        """,
        ["__class__", "__class__"],
    ),
    "super in a nested function": (
        "class C:\n    def f(self):\n        def g(): super(C, self).f()\n        return g",
        ["__class__ self"],
    ),
    "`__class__` that is a local": (
        "def f():\n    __class__ = 1\n    return lambda: __class__",
        ["__class__"],
    ),
    "walrus in a lambda": ("def f(a): return lambda: (a := 1)", [""]),
    "walrus in a comprehension binds in the function": (
        "def f(b):\n    [a := i for i in b]\n    return lambda: a",
        ["a"],
    ),
    "walrus in a comprehension in a lambda binds in the lambda": (
        "def f(b): return lambda: ([a := i for i in b], lambda: a)",
        ["b", "a"],
    ),
    "walrus in a nested comprehension": (
        "def f(b):\n    [[a := i for i in j] for j in b]\n    return lambda: a",
        ["a"],
    ),
    "walrus of a name that is global": (
        "def f(b):\n    global a\n    [a := i for i in b]\n    return lambda: a",
        [""],
    ),
    "walrus of a name that is nonlocal": (
        "def f(a):\n    def g(b):\n        nonlocal a\n        [a := i for i in b]\n    return g",
        ["a"],
    ),
    "global in a nested def": (
        "def f(a):\n    def g():\n        global a\n        return lambda: a\n    return g",
        ["", ""],
    ),
    "global in between": (
        """\
        def f(a):
            def g():
                global a
                a = 1
                def h(): return a
            return lambda: a
        """,
        ["", "", "a"],
    ),
    "nonlocal in a nested def": (
        "def f(a):\n    def g():\n        nonlocal a\n        a = 1\n    return g",
        ["a"],
    ),
    "nonlocal that only passes on": (
        "def f(a):\n    def g():\n        nonlocal a\n        return lambda: a\n    return g",
        ["a", "a"],
    ),
    "nonlocal that is never used": (
        "def f(a):\n    def g():\n        nonlocal a\n    return g",
        ["a"],
    ),
    "nonlocal in a class body": (
        "def f(a):\n    class C:\n        nonlocal a\n        a = 1\n        b = lambda: a",
        ["a"],
    ),
    "match captures": (
        """\
        def f(value):
            match value:
                case [a, *b]: return lambda: (a, b)
                case {"k": c, **d}: return lambda: (c, d)
                case int(real=e) as g if (lambda: e)(): return lambda: (e, g)
                case (1 | 2) as h: return lambda: h
                case [("x", i) | ("y", i)]: return lambda: i
                case _: return lambda: value
        """,
        ["a b", "c d", "e", "e g", "h", "i", "value"],
    ),
    "except as": (
        "def f():\n    try: pass\n    except E as e: return lambda: e",
        ["e"],
    ),
    "except star": pytest.param(
        "def f():\n    try: pass\n    except* E as e: g(lambda: e)",
        ["e"],
        marks=SINCE_311,
    ),
    "lambdas in defaults, decorators and annotations of a def": (
        """\
        def f(a, b, c, d, e, g):
            @(lambda: a)
            def h(i=lambda: b, *, j: (lambda: c) = lambda: d, **k: (lambda: e)) -> (lambda: g):
                return lambda: (i, j)
        """,
        ["a", "", "b", "c", "d", "e", "g", "i j"],
    ),
    "lambdas in annotations, keyword-only ones behind `**`": (
        "def f(a, b, c):\n    def g(*d: (lambda: a), e: (lambda: b), **h: (lambda: c)): pass",
        ["", "a", "b", "c"],
    ),
    "annotations that are never evaluated": (
        """\
        from __future__ import annotations
        def f(a, b, c, d):
            def g(h: (lambda: a) = lambda: b) -> (lambda: c): return lambda: h
            i: (lambda: c) = lambda: d
            class C:
                j: (lambda: c) = lambda: d
        """,
        ["", None, "b", None, "h", None, "d", None, "d"],
    ),
    "annotations of locals": (
        "def f(a, b):\n    c: (lambda: a) = lambda: b\n    return lambda: c",
        [None, "b", "c"],
    ),
    "f-strings": (
        "def f(a, b, c): return f'{(lambda: a)()} {(lambda: b)():{(lambda: c)()}}'",
        ["a", "b", "c"],
    ),
    "defs of one name under a condition": (
        """\
        def f(a, b):
            if a:
                def g(): return a
            else:
                def g(): return b
            return g
        """,
        ["a", "b"],
    ),
    "mangled names": (
        """\
        def f(__a):
            class C:
                __b = 1
                def g(self, __c):
                    __d = 2
                    return lambda: (__a, __b, __c, __d, _C__d, self.__d)
        """,
        ["", "_C__c _C__d self"],
    ),
    "mangled names of a nested class": (
        """\
        class _Outer:
            def f(self):
                __a = 1
                class Inner:
                    def g(self): return lambda: (__a, _Outer__a)
                return lambda: __a
        """,
        ["_Outer__a", "_Outer__a", "_Outer__a"],
    ),
    "nothing is mangled in a class named `__`": (
        "class __:\n    def f(self, __a): return lambda: __a",
        ["__a"],
    ),
    "mangled declarations": (
        """\
        class C:
            def f(self):
                __a = __b = 1
                def g():
                    nonlocal __a
                    global __b
                    __a = __b = 2
                def __h(__i): return lambda: (__h, __i)
                return lambda: (__a, __b)
        """,
        ["_C__a", "_C__h", "_C__h _C__i", "_C__a _C__b"],
    ),
    "imports": (
        "def f():\n    import a.b, c.d as e\n    from g import h\n    return lambda: (a, e, h)",
        ["a e h"],
    ),
    "with, for and del": (
        """\
        def f():
            with x as (a, [b, *c]), y as d: pass
            for e, f.g in z: pass
            del h
            return lambda: (a, b, c, d, e, h)
        """,
        ["a b c d e h"],
    ),
    "generators and coroutines": (
        """\
        def f(a):
            def g(): yield a
            async def h(): return await a
            async def i(): yield (lambda: a)
        """,
        ["a", "a", "a", "a"],
    ),
    "type parameters": pytest.param(
        """\
        def f[T, *Ts, **P](a: T, b=lambda: T):
            return lambda: (T, Ts, P, a)
        class A[T](B[T], k=lambda: T):
            c = lambda: T
            def m(self): return lambda: T
        """,
        ["", "P T Ts a", "T", "T", "T"],
        marks=[SINCE_312],
    ),
    "type parameters in a function": pytest.param(
        """\
        def f(a, T):
            def g[T](b: T): return lambda: (a, T)
            class C[T](lambda: T): d = lambda: (a, T)
            return lambda: T
        """,
        ["T a", "T a", "T", "T a", "T"],
        marks=[SINCE_312],
    ),
    "type parameters on one line with other lambdas": pytest.param(
        "def f(a, b): g(lambda: a); type X[T: (lambda: b)] = (lambda: (T, a)); g(lambda: b)",
        ["a", "b", "T a", "b"],
        marks=[SINCE_312],
    ),
    "type aliases": pytest.param(
        "def f(a):\n    type X = (lambda: (a, X))\n    return lambda: X",
        ["X a", "X"],
        marks=[SINCE_312],
    ),
    "a method's type parameters see the names of the class": pytest.param(
        """\
        def f(x):
            class C:
                x = 1
                def m[T](self, a: x): return lambda: (x, T)
        """,
        ["T x", "T x"],
        marks=[SINCE_312],
    ),
    "defaults of type parameters": pytest.param(
        "def f(a):\n    def g[T = (lambda: a)](): return lambda: T",
        ["T", "a", "T"],
        marks=[SINCE_313],
    ),
}  # fmt: skip
