"""Classes that functions make."""

from __future__ import annotations

from tests.runtime.patterns.pattern import O_N, Pattern

FACTORIES = [
    Pattern(
        "class made by a factory",
        "def make():\n    class C:\n        def f(self): return 'old'\n    return C",
        O_N,
        "c = m.make()()",
        "c.f()",
    ),
    Pattern(
        "method added to a class made by a factory",
        "def make():\n    class C:\n        def f(self): return 'old'\n    return C",
        "def make():\n    class C:\n        def f(self): return 'old'\n"
        "        def g(self): return 'new'\n    return C",
        "c = m.make()()",
        "c.g()",
    ),
    Pattern(
        "constant of a class made by a factory",
        "def make():\n    class C:\n        x = 'old'\n    return C",
        O_N,
        "c = m.make()()",
        "c.x",
    ),
    Pattern(
        "class made by a factory, and another one of its name elsewhere",
        "def make():\n    class C:\n        x = 'old'\n    return C",
        O_N,
        "import other; c, d = m.make(), other.make()",
        "(c.x, d.x)",
        ["new", "other"],
        other="def make():\n    class C:\n        x = 'other'\n    return C",
    ),
    Pattern(
        "attribute gone from a class made by a factory, and from one the program took it from",
        "def make():\n    class C:\n        x = 'old'\n        y = 1\n    return C",
        ("        y = 1\n", ""),
        "c, d = m.make()(), m.make()(); del type(d).y",
        "(hasattr(c, 'y'), hasattr(d, 'y'), c.x)",
        [False, False, "old"],
    ),
    Pattern(
        "attribute of a class made by a factory that must be computed",
        "def make(n):\n    class C:\n        x = n\n    return C",
        ("x = n", "x = n + 1"),
        "c = m.make(1)()",
        "(c.x, m.make(1).x)",
        [1, 2],
        reported="`x` would have to be made in a call that is over",
        rule="RL103",
    ),
    Pattern(
        "field of a dataclass made by a factory",
        "from dataclasses import dataclass\ndef make():\n    @dataclass\n    class C:\n"
        "        x: int = 1\n    return C",
        ("x: int = 1", "x: int = 2"),
        "C = m.make()",
        "(C().x, m.make()().x)",
        [1, 2],
        reported="`x` would have to be made in a call that is over",
        rule="RL103",
    ),
    Pattern(
        "attribute of a class made by a factory, with a keyword",
        "class B:\n    def __init_subclass__(cls, key): cls.key = key, cls.x\n"
        "def make():\n    class C(B, key=1):\n        x = 'old'\n    return C",
        O_N,
        "C = m.make()",
        "(C.x, C.key, m.make().key)",
        ["old", [1, "old"], [1, "new"]],
        reported="`x` would have to be made in a call that is over",
        rule="RL103",
    ),
    Pattern(
        "property added to a class made by a factory",
        "def make():\n    class C:\n        x = 1\n    return C",
        "def make():\n    class C:\n        x = 1\n        @property\n"
        "        def p(self): return 'new'\n    return C",
        "c = m.make()()",
        "(hasattr(c, 'p'), m.make()().p)",
        [True, "new"],
    ),
    Pattern(
        "class added to a class made by a factory",
        "def make():\n    class C:\n        x = 1\n    return C",
        "def make():\n    class C:\n        x = 1\n        class D: pass\n    return C",
        "c = m.make()()",
        "(hasattr(c, 'D'), hasattr(m.make(), 'D'))",
        [True, True],
    ),
    Pattern(
        "method added to a class made by a factory, with a capture of another one",
        "def make(n):\n    class C:\n        def f(self): return n\n    return C",
        "def make(n):\n    class C:\n        def f(self): return n\n"
        "        def g(self, x='new', *, y=2): return x, y, n, __class__.__name__\n    return C",
        "c = m.make(7)()",
        "(c.g(), type(c).g.__qualname__ == m.make(7).g.__qualname__)",
        [["new", 2, 7, "C"], True],
    ),
    Pattern(
        "method added to a class made by a factory, with a capture that no other has",
        "def make(n):\n    class C:\n        def f(self): return 1\n    return C",
        "def make(n):\n    class C:\n        def f(self): return 1\n"
        "        def g(self): return n\n    return C",
        "c = m.make(7)()",
        "(hasattr(c, 'g'), m.make(7)().g())",
        [False, 7],
        reported="`g` would have to be made in a call that is over",
        rule="RL103",
    ),
    Pattern(
        "class made by a factory gains what reads a capture, and loses a method",
        "def make(n):\n    class C:\n        def f(self): return n\n        def g(self): pass\n"
        "    return C",
        "def make(n):\n    class C:\n        x = [n]\n        @property\n"
        "        def f(self): return 'new', n\n    return C",
        "cs = [m.make(1)(), m.make(2)()]",
        "[(c.f, c.x, hasattr(c, 'g')) for c in cs]",
        [[["new", 1], [1], False], [["new", 2], [2], False]],
    ),
    Pattern(
        "class made by a factory, init sets another attribute: report",
        "def make():\n    class C:\n        def __init__(self): self.x = 1\n    return C",
        ("self.x = 1", "self.x = 1; self.y = 2"),
        "c = m.make()()",
        "hasattr(c, 'y')",
        False,
        reported="sets `y`",
    ),
    Pattern(
        "class made by a factory, init sets another attribute: hook",
        "def make():\n    class C:\n        def __init__(self): self.x = 1\n    return C",
        "def make():\n    class C:\n        def __init__(self): self.x = 1; self.y = 2\n"
        "        def __reload_instance__(self): self.y = 'new'\n    return C",
        "c = m.make()()",
        "c.y",
    ),
    Pattern(
        "class made by a factory gets another base",
        "class A: x = 'old'\nclass B: x = 'new'\ndef make():\n    class C(A): pass\n    return C",
        ("class C(A)", "class C(B)"),
        "c = m.make()()",
        "c.x",
        "old",
        reported="m.make.<locals>.C: its head would have to be made in a call that is over",
        rule="RL103",
    ),
    Pattern(
        "method added to a factory's class whose decorator captures the same name",
        "def tagged(x):\n    def d(f):\n        def w(self): return x, f(self)\n        return w\n"
        "    return d\ndef make(x):\n    class C:\n        def g(self): return x\n"
        "        @tagged('tag')\n        def f(self): return 'f'\n    return C",
        ("def g(self): return x", "def g(self): return x\n        def h(self): return x"),
        "c = m.make('mine')()",
        "(c.g(), c.h(), c.f())",
        ["mine", "mine", ["tag", "f"]],
    ),
    Pattern(
        "class made by a function of another module",
        "from other import make\nC = make('old')",
        O_N,
        "c = m.C()",
        "(c.x, m.C.x)",
        ["old", "new"],
        "same",
        other="def make(v):\n    class C:\n        x = v\n    return C",
    ),
]
