"""Classes with slots, and those that decorators make."""

from __future__ import annotations

from tests.runtime.patterns.pattern import O_N, Pattern

LAYOUTS = [
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
        reported="methods were updated (1 alive)",
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
        "slots and base: what needs the new base is not given",
        "class A:\n    __slots__ = ()\nclass B:\n    __slots__ = ()\n    def f(self): return 'B'\n"
        "class C(A):\n    __slots__ = ('x',)\n    def f(self): return 'old'",
        "class A:\n    __slots__ = ()\nclass B:\n    __slots__ = ()\n    def f(self): return 'B'\n"
        "class C(B):\n    __slots__ = ('x', 'y')\n    def f(self): return 'new'\n"
        "    def g(self): return super().f()",
        "c = m.C()",
        "(c.f(), hasattr(c, 'g'), m.C().g())",
        ["new", False, "B"],
        reported="CPython cannot give it the new slots",
        rule="RL502",
    ),
    Pattern(
        "dataclass with slots loses a field",
        "from dataclasses import dataclass\n@dataclass(slots=True)\nclass C:\n"
        "    x: int = 1\n    y: int = 2",
        ("\n    y: int = 2", ""),
        "c = m.C()",
        "(repr(m.C()), c.y, isinstance(c, m.C))",
        ["C(x=1)", 2, False],
        reported="CPython cannot give it the new slots",
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
        reported="`y`, which live instances lack",
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
        "class that another module gives, one of two of a name",
        "import other\nC = other.get('a')",
        ("'a'", "'b'"),
        "import other",
        "(m.C.x, other.get('a').x, other.get('b').x)",
        ["b", "a", "b"],
        "same",
        other="def make(v):\n    class C: x = v\n    return C\n"
        "ALL = {v: make(v) for v in 'ab'}\ndef get(v): return ALL[v]",
    ),
    Pattern(
        "class with new slots, the methods of whose instance call super",
        "class A:\n    __slots__ = ()\n    def f(self): return 'A'\nclass C(A):\n"
        "    __slots__ = ('a',)\n    def f(self): return 'old', super().f()",
        "class A:\n    __slots__ = ()\n    def f(self): return 'A'\nclass C(A):\n"
        "    __slots__ = ('a', 'b')\n    def f(self): return 'new', super().f()",
        "c = m.C()",
        "(c.f(), m.C().f())",
        [["new", "A"], ["new", "A"]],
        reported="CPython cannot give it the new slots",
        rule="RL502",
    ),
]
