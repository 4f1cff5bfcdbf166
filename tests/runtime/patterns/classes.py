"""Classes, and the instances of their former versions."""

from __future__ import annotations

from tests.runtime.patterns.pattern import O_N, Pattern

CLASSES = [
    Pattern(
        "method body on an old instance",
        "class C:\n    def f(self): return 'old'",
        O_N,
        "c = m.C()",
        "c.f()",
    ),
    Pattern("bound method", "class C:\n    def f(self): return 'old'", O_N, "f = m.C().f", "f()"),
    Pattern(
        "method added",
        "class C:\n    pass",
        "class C:\n    def f(self): return 'new'",
        "c = m.C()",
        "c.f()",
    ),
    Pattern(
        "method removed",
        "class C:\n    def f(self): pass\n    def g(self): pass",
        "class C:\n    def g(self): pass",
        "c = m.C()",
        "hasattr(c, 'f')",
        False,
    ),
    Pattern("class attribute changed", "class C:\n    x = 'old'", O_N, "c = m.C()", "c.x"),
    Pattern(
        "class attribute that was bound at run time stays",
        "class C:\n    count = 0\n    def f(self): return 'old'",
        "class C:\n    count = 0\n    def g(self): return 'new'",
        "c = m.C(); m.C.count = 7; m.C.extra = 8",
        "(m.C.count, c.count, m.C.extra, c.g())",
        [7, 7, 8, "new"],
        "kept",
    ),
    Pattern(
        "class-level registry",
        "class C:\n    all = []\n    def f(self): return 'old'",
        "class C:\n    all = []\n    def f(self, x=1): return 'new'",
        "c = m.C(); C = m.C; C.all.append(c)",
        "(len(m.C.all), c.f(), C is m.C)",
        [1, "new", True],
        "kept",
    ),
    Pattern(
        "property",
        "class C:\n    @property\n    def p(self): return 'old'",
        O_N,
        "c = m.C(); p = m.C.__dict__['p']",
        "(c.p, p.fget(c))",
        ["new", "new"],
    ),
    Pattern(
        "property gains a setter",
        "class C:\n    @property\n    def p(self): return 'old'",
        "class C:\n    @property\n    def p(self): return self.v\n"
        "    @p.setter\n    def p(self, v): self.v = v",
        "c = m.C()",
        "(setattr(c, 'p', 'new'), c.p)[1]",
    ),
    Pattern(
        "class method and static method",
        "class C:\n    @classmethod\n    def f(cls): return 'old'\n"
        "    @staticmethod\n    def g(): return 'g'",
        O_N,
        "f, g = m.C.f, m.C.g",
        "(f(), g())",
        ["new", "g"],
    ),
    Pattern(
        "method turned class method",
        "class C:\n    def f(self): return 'old'",
        "class C:\n    @classmethod\n    def f(cls): return cls.__name__",
        "c = m.C()",
        "c.f()",
        "C",
    ),
    Pattern(
        "default of a method",
        "class C:\n    def f(self, x='old'): return x",
        O_N,
        "f = m.C().f",
        "f()",
    ),
    Pattern(
        "nested class",
        "class C:\n    class D:\n        def f(self): return 'old'",
        O_N,
        "d = m.C.D()",
        "d.f()",
    ),
    Pattern(
        "method added to a nested class",
        "class C:\n    class D:\n        pass",
        "class C:\n    class D:\n        def f(self): return 'new'",
        "d = m.C.D()",
        "(d.f(), type(d) is m.C.D)",
        ["new", True],
    ),
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
        "metaclass method",
        "class M(type):\n    def f(cls): return 'old'\nclass C(metaclass=M): pass",
        O_N,
        "C = m.C",
        "C.f()",
    ),
    Pattern(
        "metaclass given",
        "class M(type):\n    def f(cls): return 'new'\nclass C: pass",
        ("class C: pass", "class C(metaclass=M): pass"),
        "C = m.C",
        "(C.f(), C is m.C)",
        ["new", True],
    ),
    Pattern(
        "base exchanged",
        "class A:\n    def f(self): return 'old'\nclass B:\n    def f(self): return 'new'\n"
        "class C(A): pass",
        ("class C(A)", "class C(B)"),
        "c = m.C()",
        "(c.f(), type(c) is m.C)",
        ["new", True],
    ),
    Pattern(
        "first base given",
        "class A:\n    def f(self): return 'new'\nclass C: pass",
        ("class C:", "class C(A):"),
        "c = m.C()",
        "(c.f(), type(c) is m.C, isinstance(c, m.A))",
        ["new", True, True],
    ),
    Pattern(
        "subclass in another module",
        "class C:\n    def f(self): return 'old'",
        "class C:\n    def f(self): return self.g()\n    def g(self): return 'new'",
        "import other; d = other.D()",
        "(d.f(), isinstance(d, m.C))",
        ["new", True],
        other="import m\nclass D(m.C): pass",
    ),
    Pattern(
        "super without arguments",
        "class A:\n    def f(self): return 'a'\nclass C(A):\n"
        "    def f(self): return 'old', super().f()",
        O_N,
        "c = m.C()",
        "c.f()",
        ["new", "a"],
    ),
    Pattern(
        "super with arguments",
        "class A:\n    def f(self): return 'a'\nclass C(A):\n    x = 1\n"
        "    def f(self): return 'old', super(C, self).f()",
        "class A:\n    def f(self): return 'a'\nclass C(A):\n    x = 2\n"
        "    def f(self): return 'new', super(C, self).f()",
        "c = m.C()",
        "c.f()",
        ["new", "a"],
    ),
    Pattern(
        "super in a class that is executed again",
        "class A:\n    def f(self): return 'a'\nclass C(A):\n    x = 1\n"
        "    def f(self): return 'old', super().f()",
        "class A:\n    def f(self): return 'a'\nclass C(A):\n    x = 2\n"
        "    def f(self): return 'new', super().f()\n    def g(self): return super().f()",
        "c = m.C(); f = c.f",
        "(c.f(), c.g(), f())",
        [["new", "a"], "a", ["new", "a"]],
    ),
    Pattern(
        "super appears in a method",
        "class A:\n    def f(self): return 'new'\nclass C(A):\n    def f(self): return 'old'",
        ("return 'old'", "return super().f()"),
        "c = m.C(); f = c.f",
        "(c.f(), f(), m.C().f())",
        ["new", "new", "new"],
    ),
    Pattern(
        "super vanishes from a method",
        "class A:\n    def f(self): return 'old'\nclass C(A):\n    def f(self): return super().f()",
        ("return super().f()", "return 'new'"),
        "c = m.C(); f = c.f",
        "(c.f(), f())",
        ["new", "new"],
    ),
    Pattern(
        "private names",
        "class C:\n    def __init__(self): self.__x = 1\n    def f(self): return 'old', self.__x",
        O_N,
        "c = m.C()",
        "c.f()",
        ["new", 1],
    ),
    Pattern(
        "slots: body",
        "class C:\n    __slots__ = ('x',)\n    def f(self): return 'old'",
        O_N,
        "c = m.C()",
        "c.f()",
    ),
    Pattern(
        "slots: method added",
        "class C:\n    __slots__ = ('x',)",
        "class C:\n    __slots__ = ('x',)\n    def f(self): return 'new', self.x",
        "c = m.C(); c.x = 1",
        "(c.f(), type(c) is m.C)",
        [["new", 1], True],
    ),
    Pattern(
        "slots: one more",
        "class C:\n    __slots__ = ('x',)\n    def f(self): return 'old'",
        "class C:\n    __slots__ = ('x', 'y')\n    def __init__(self): self.y = 1\n"
        "    def f(self): return 'new'",
        "c = m.C(); f = c.f",
        "(c.f(), f(), m.C().y)",
        ["new", "new", 1],
        reported="slots",
        rule="RL502",
    ),
    Pattern(
        "slots: the layout of old instances is reported",
        "class C:\n    __slots__ = ('x',)",
        "class C:\n    __slots__ = ('x', 'y')",
        "c = m.C()",
        "hasattr(c, 'y')",
        False,
        reported="slots",
        rule="RL502",
    ),
    Pattern(
        "dataclass field added",
        "from dataclasses import dataclass\n@dataclass\nclass C:\n    x: int = 1",
        "from dataclasses import dataclass\n@dataclass\nclass C:\n    x: int = 1\n    y: int = 2",
        "c = m.C(); C = m.C",
        "(C(3, 4).y, repr(c), c == C(1, 2), C is m.C)",
        [4, "C(x=1, y=2)", True, True],
    ),
    Pattern(
        "dataclass method",
        "from dataclasses import dataclass\n@dataclass\nclass C:\n    x: int = 1\n"
        "    def f(self): return 'old'",
        O_N,
        "c = m.C()",
        "(c.f(), isinstance(c, m.C))",
        ["new", True],
    ),
    Pattern(
        "class whose methods a decorator generates, as attrs does",
        "from other import define\n@define\nclass C:\n    x: int\n    def f(self): return 'old'",
        "from other import define\n@define\nclass C:\n    x: int\n    y: int\n"
        "    def f(self): return 'new'",
        "c = m.C(1); C = m.C; init = C.__init__",
        "(c.f(), C(1, 2).y, init(c, 3, 4), c.y, C is m.C)",
        ["new", 2, None, 4, True],
        other="def define(cls):\n    names = [*cls.__annotations__]\n"
        "    lines = [f'def __init__(self, {\", \".join(names)}):']\n"
        "    lines += [f'    self.{name} = {name}' for name in names]\n"
        "    space = {}\n    exec('\\n'.join(lines), space)\n    init = space['__init__']\n"
        "    init.__module__ = cls.__module__\n"
        "    init.__qualname__ = f'{cls.__qualname__}.__init__'\n"
        "    cls.__init__ = init\n    return cls",
    ),
    Pattern(
        "class that a decorator makes again with slots, as attrs does",
        "from other import slotted\n@slotted\nclass C:\n    x: int\n"
        "    def f(self, word='old'): return word",
        O_N,
        "c = m.C(); f = c.f",
        "(c.f(), f(), type(c) is m.C, hasattr(c, '__dict__'))",
        ["new", "new", True, False],
        other="def slotted(cls):\n"
        "    body = {k: v for k, v in vars(cls).items() if k not in ('__dict__', '__weakref__')}\n"
        "    body['__slots__'] = tuple(cls.__annotations__)\n"
        "    return type(cls)(cls.__name__, cls.__bases__, body)",
    ),
    Pattern(
        "named tuple method",
        "from typing import NamedTuple\nclass P(NamedTuple):\n    x: int\n"
        "    def f(self): return 'old'",
        O_N,
        "p = m.P(1)",
        "p.f()",
    ),
    Pattern(
        "abstract method gone",
        "import abc\nclass C(abc.ABC):\n    @abc.abstractmethod\n    def f(self): pass",
        "import abc\nclass C(abc.ABC):\n    def f(self): return 'new'",
        "C = m.C",
        "C().f()",
    ),
    Pattern(
        "cached property",
        "from functools import cached_property\nclass C:\n    @cached_property\n"
        "    def p(self): return 'old'",
        O_N,
        "c = m.C()",
        "c.p",
    ),
    Pattern(
        "descriptor of a class attribute",
        "class D:\n    def __get__(self, i, o): return 'old'\nclass C:\n    d = D()",
        O_N,
        "c = m.C()",
        "c.d",
    ),
    Pattern(
        "init sets another attribute: report",
        "class C:\n    def __init__(self): self.x = 1",
        "class C:\n    def __init__(self): self.x = 1; self.y = 2",
        "c = m.C()",
        "hasattr(c, 'y')",
        False,
        reported="sets `y`",
    ),
    Pattern(
        "init sets another attribute: hook",
        "class C:\n    def __init__(self): self.x = 1",
        "class C:\n    def __init__(self): self.x = 1; self.y = 'new'\n"
        "    def __reload_instance__(self): self.y = 'new'",
        "c = m.C()",
        "c.y",
    ),
    Pattern(
        "init_subclass registers once",
        "class R:\n    all = []\n    def __init_subclass__(cls): R.all.append(cls)\n"
        "class C(R):\n    x = 'old'",
        O_N,
        "C = m.C",
        "(len(m.R.all), m.R.all[0] is m.C is C, C.x)",
        [1, True, "new"],
        "same",
    ),
    Pattern(
        "class decorator registers once",
        "ALL = []\ndef reg(c):\n    ALL.append(c)\n    return c\n@reg\nclass C:\n    x = 'old'",
        O_N,
        "C = m.C",
        "(len(m.ALL), m.ALL[0] is C, C.x)",
        [1, True, "new"],
        "same",
    ),
]
