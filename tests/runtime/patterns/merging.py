"""What a statement made anew, and what stood there before: what of it becomes the other."""

from __future__ import annotations

import sys

from tests.runtime.patterns.pattern import O_N, Pattern

MERGING = [
    Pattern(
        "class that gains its first base and is held",
        "class A:\n    def f(self): return 'old'",
        "class B: pass\nclass A(B):\n    def f(self): return 'new'\n    def g(self): return 'g'",
        "t = (m.A,)",
        "(t[0]().f(), t[0]().g(), t[0] is m.A)",
        ["new", "g", False],
        reported="there are two of it",
        rule="RL502",
    ),
    Pattern(
        "capture that is not bound any more",
        "def d(fn):\n    def w(): return fn(), late\n    if fn() == 'old': late = 1\n"
        "    return w\n@d\ndef f(x='old'): return x",
        ("x='old'", "x='new'"),
        "f = m.f",
        "f()",
        ["new", 1],
        "kept",
    ),
    Pattern(
        "enum turned class",
        "import enum\nclass E(enum.Enum):\n    A = 1",
        "import enum\nclass E:\n    A = 2",
        "E = m.E",
        "(m.E.A, m.E is E)",
        [2, True],
    ),
    Pattern(
        "class turned enum",
        "import enum\nclass E:\n    A = 1",
        "import enum\nclass E(enum.Enum):\n    A = 2",
        "e = m.E()",
        "(m.E.A.name, m.E(2) is m.E.A)",
        ["A", True],
    ),
    Pattern(
        "class decorator whose method captures the class, from now on",
        "class C:\n    x = 'old'",
        "def deco(cls):\n    def f(self): return cls.x, cls is C\n    cls.f = f\n"
        "    return cls\n@deco\nclass C:\n    x = 'new'",
        "c = m.C()",
        "c.f()",
        ["new", True],
    ),
    Pattern(
        "class that stands in a table of its own",
        "def deco(cls):\n    cls.table = {'me': cls}\n    return cls\n@deco\nclass C:\n"
        "    x = 'old'",
        O_N,
        "c = m.C()",
        "(c.table['me'].x, c.table['me'] is m.C)",
        ["new", True],
    ),
    Pattern(
        "class with slots that stands in a table of its own",
        "def deco(cls):\n    cls.table = {'me': cls}\n    return cls\n@deco\nclass C:\n"
        "    __slots__ = ()\n    x = 'old'",
        ("__slots__ = ()\n    x = 'old'", "__slots__ = ('y',)\n    x = 'new'"),
        "t = (m.C,)",
        "(m.C.table['me'].x, m.C.table['me'] is m.C, t[0].x, t[0] is m.C)",
        ["new", True, "new", False],
        reported="there are two of it",
        rule="RL502",
    ),
    Pattern(
        "class in a tuple of a registry",
        "R = []\ndef add(cls):\n    R.append(('C', cls))\n    return cls\n@add\nclass C:\n"
        "    x = 'old'",
        ("x = 'old'", "x = 'new'"),
        "C = m.C",
        "[cls is C for _, cls in m.R]",
        [True, False],
        reported="held by m.R[1][1]",
        rule="RL502",
    ),
    Pattern(
        "class in an object without a dictionary",
        "class Maker:\n    __slots__ = ('cls',)\ndef add(cls):\n    cls.maker = Maker()\n"
        "    cls.maker.cls = cls\n    return cls\n@add\nclass C:\n    x = 'old'",
        ("x = 'old'", "x = 'new'"),
        "C = m.C",
        "(C.x, C.maker.cls is C)",
        ["new", False],
        reported="(1 alive); held by <m.Maker object> [RL502]",
        rule="RL502",
    ),
    Pattern(
        "instance that is made with its class",
        "R = {}\nclass Base:\n    def __init_subclass__(cls): R[cls.__name__] = cls()\n"
        "class C(Base):\n    x = 'old'",
        ("x = 'old'", "x = 'new'"),
        "C = m.C",
        "(type(m.R['C']) is C, m.R['C'].x)",
        [True, "new"],
    ),
    Pattern(
        "singledispatchmethod with one type more",
        "from functools import singledispatchmethod\nclass C:\n    @singledispatchmethod\n"
        "    def f(self, x): return 'any'\n    @f.register\n    def _(self, x: int): return 'old'",
        "from functools import singledispatchmethod\nclass C:\n    @singledispatchmethod\n"
        "    def f(self, x): return 'any'\n    @f.register\n    def _(self, x: int): return 'new'\n"
        "    @f.register\n    def _(self, x: str): return 'text'\n",
        "c = m.C(); c.f(1)",
        "(c.f(1), c.f(''), c.f(None))",
        ["new", "text", "any"],
    ),
    Pattern(
        "table in a class that a statement of its body fills",
        "class C:\n    TABLE = {}\n    TABLE.update(a='old')",
        O_N,
        "C, TABLE = m.C, m.C.TABLE",
        "(C.TABLE['a'], C.TABLE is TABLE)",
        ["new", True],
    ),
    Pattern(
        "factory of a defaultdict",
        "from collections import defaultdict\nD = defaultdict(list)",
        ("(list)", "(set)"),
        "D = m.D; D['kept'].append(1)",
        "(D is m.D, D['kept'], D['x'] == set())",
        [True, [1], True],
    ),
    Pattern(
        "length of a deque",
        "from collections import deque\nD = deque(maxlen=1)",
        ("=1", "=2"),
        "d = m.D",
        "(m.D.maxlen, d.maxlen)",
        [2, 1],
    ),
    Pattern(
        "abstract method of a base, one more and one less",
        "import abc\nclass A(abc.ABC):\n    @abc.abstractmethod\n    def f(self): ...\n"
        "class B(A): pass\nclass C(A):\n    def f(self): return 1",
        "import abc\nclass A(abc.ABC):\n    @abc.abstractmethod\n    def g(self): ...\n"
        "class B(A):\n    def g(self): return 2\nclass C(A):\n    def f(self): return 1",
        "B, C = m.B, m.C",
        "(B().g(), sorted(C.__abstractmethods__))",
        [2, ["g"]],
    ),
    Pattern(
        "combined flags",
        "import enum\nclass F(enum.Flag):\n    A = 1\n    B = 2",
        ("B = 2", "B = 2\n    C = 4"),
        "F = m.F; ab = F.A | F.B; ~ab",
        "(ab == F.A | F.B, (ab | F.C).value, (~ab).value == F.C.value)",
        [True, 7, True],
    ),
    Pattern(
        "dataclass field that has no default",
        "from dataclasses import dataclass\n@dataclass\nclass C:\n    x: int",
        ("x: int", "x: int\n    y: int"),
        "c = m.C(1)",
        "(m.C(1, 2).y, hasattr(c, 'y'))",
        [2, False],
        reported="`y`, which live instances lack",
    ),
    Pattern(
        "function with itself as an attribute",
        "def d(f):\n    f.me = f\n    return f\n@d\ndef f(x='old'): return x",
        O_N,
        "f = m.f",
        "(f(), f.me is f, m.f is f)",
        ["new", True, True],
    ),
    Pattern(
        "closure that calls itself, made anew",
        "def make(x):\n    def f(n): return f(n - 1) if n else x\n    return f\nF = make('old')",
        O_N,
        "f = m.F",
        "(f(2), m.F is f)",
        ["new", True],
    ),
    Pattern(
        "dictionaries in one that stands in itself",
        "def make(x):\n    d = {'a': {'b': x}}\n    d['me'] = d\n    return d\nD = make('old')",
        O_N,
        "d, a = m.D, m.D['a']",
        "(a, d['a'] is a, d['me'] is d, m.D is d)",
        [{"b": "new"}, True, True, True],
    ),
    Pattern(
        "entry that is typed after the program had added it",
        "D = {'b': 1}",
        "D = {'a': 'new', 'b': 1}",
        "d = m.D; d['a'] = 'old'",
        "d['a']",
    ),
    Pattern(
        "held method with super, of a class that gains its first base",
        "class A: pass\nclass C:\n    def f(self): return 'old', super().__repr__ is None",
        "class A: pass\nclass C(A):\n    def f(self): return 'new', super().__repr__ is None",
        "f = m.C().f",
        "f()",
        ["new", False],
    ),
    Pattern(
        "method that only a wrapper captures gains super",
        "def d(f):\n    def w(self): return f(self)\n    return w\nclass A:\n"
        "    def f(self): return 'new'\nclass C(A):\n    @d\n    def f(self): return 'old'",
        ("return 'old'", "return super().f()"),
        "c = m.C(); f = c.f",
        "(c.f(), f())",
        ["new", "new"],
    ),
    Pattern(
        "method that calls itself by a captured name",
        "def make():\n    def f(self, n): return f(self, n - 1) if n else self.x\n    return f\n"
        "class C:\n    f = make()\n    x = 'old'",
        O_N,
        "f = m.C().f",
        "f(2)",
    ),
    Pattern(
        "list of what compares equal",
        "L = [1, 0.0]",
        "L = [True, -0.0]",
        "l = m.L",
        "repr(l)",
        "[True, -0.0]",
    ),
    Pattern(
        "dict of what compares equal",
        "D = {'a': 1}",
        "D = {'a': True}",
        "d = m.D",
        "repr(d)",
        "{'a': True}",
    ),
    Pattern(
        "method under three decorators gains super",
        "import functools\ndef d(f):\n    @functools.wraps(f)\n"
        "    def w(self): return f(self)\n    return w\nclass A:\n"
        "    def f(self): return 'new'\nclass C(A):\n    @d\n    @d\n    @d\n"
        "    def f(self): return 'old'",
        ("return 'old'", "return super().f()"),
        "c = m.C(); f = c.f",
        "(c.f(), f())",
        ["new", "new"],
    ),
    Pattern(
        "class decorator whose method captures the class",
        "def deco(cls):\n    def f(self): return cls.x, cls is C\n    cls.f = f\n"
        "    return cls\n@deco\nclass C:\n    x = 'old'",
        O_N,
        "c = m.C()",
        "c.f()",
        ["new", True],
    ),
    Pattern(
        "class decorator whose wrapper captures the class",
        "def deco(cls):\n    def make(): return cls().x, isinstance(cls(), cls)\n"
        "    return make\n@deco\nclass C:\n    x = 'old'",
        O_N,
        "c = m.C",
        "(c(), m.C())",
        [["new", True], ["new", True]],
    ),
    Pattern(
        "method of the base under another name",
        "class B:\n    def f(self): return 'B'\nclass A(B):\n"
        "    def f(self): return 'A', super().f()\nclass C(A):\n    x = 'old'\n"
        "    g = A.f",
        O_N,
        "c = m.C()",
        "(c.x, c.g())",
        ["new", ["A", "B"]],
    ),
    Pattern(
        "generated functions, another of which is meant now",
        "from other import make\nclass C:\n    run = make('a')",
        ("'a'", "'b'"),
        "run = m.C.run",
        "(run(None), m.C().run())",
        ["a", "b"],
        "same",
        other=(
            "def make(word):\n    space = {'__name__': 'generated'}\n"
            "    exec(f'def {word}(self): return {word!r}', space)\n"
            "    space[word].__module__ = 'm'\n    return space[word]"
        ),
    ),
    Pattern(
        "class turned function",
        "class f:\n    value = 'old'",
        "def f(): return 'new'",
        "f = m.f",
        "(f.value, m.f())",
        ["old", "new"],
    ),
    Pattern(
        "decorator of a class taken off",
        "class Command:\n    def __init__(self, cls): self.cls = cls\n@Command\n"
        "class C:\n    x = 'old'",
        "class Command:\n    def __init__(self, cls): self.cls = cls\nclass C:\n    x = 'new'",
        "c = m.C",
        "(m.C.x, m.C().x)",
        ["new", "new"],
    ),
    Pattern(
        "method that means another function now",
        "def f(self): return 'f'\ndef g(self): return 'g'\nclass C:\n    run = f",
        ("run = f", "run = g"),
        "f, c = m.f, m.C()",
        "(f(0), m.f(0), c.run(), m.g(0))",
        ["f", "f", "g", "g"],
        "same",
    ),
    Pattern(
        "class that a decorator made once and for all",
        "FIRST = {}\ndef once(cls): return FIRST.setdefault(cls.__name__, cls)\n"
        "class B: pass\n@once\nclass C(B):\n    x = 'old'",
        O_N,
        "C = m.C",
        "(m.C is C, issubclass(C, m.B), C.x)",
        [True, True, "old"],
        "same",
    ),
    Pattern(
        "cache by a call: size",
        "from functools import lru_cache\ndef f(): return 'old'\nF = lru_cache(maxsize=1)(f)",
        ("maxsize=1", "maxsize=2"),
        "F = m.F; F()",
        "(m.F.cache_info().maxsize, F.cache_info().maxsize)",
        [2, 1],
        reported="the size of a cache that is held cannot be changed",
        rule="RL205",
    ),
    Pattern(
        "cache by a call: taken off",
        "from functools import lru_cache\ndef f(): return 'f'\nF = lru_cache(f)",
        ("F = lru_cache(f)", "F = (f)"),
        "F = m.F; F()",
        "(m.F is m.f, F())",
        [True, "f"],
    ),
    Pattern(
        "flag of a function that is off now",
        "def tag(v):\n    def d(f):\n        f.tag = v\n        return f\n    return d\n"
        "@tag(1)\ndef f(): pass",
        ("tag(1)", "tag(0)"),
        "f = m.f",
        "f.tag",
        0,
    ),
    Pattern(
        "names of a function",
        "def tag(*v):\n    def d(f):\n        f.tags = [*v]\n        return f\n"
        "    return d\n@tag('old')\ndef f(): pass",
        O_N,
        "tags = m.f.tags",
        "(m.f.tags, m.f.tags is tags)",
        [["new"], True],
    ),
    Pattern(
        "attributes of a partial",
        "from functools import partial\ndef g(x): return x\nf = partial(g, 'old')",
        O_N,
        "m.f.note = 1; f = m.f",
        "(f(), f.note)",
        ["new", 1],
        "kept",
    ),
    Pattern(
        "wrapped function stays the same",
        "import functools\ndef d(f):\n    @functools.wraps(f)\n    def w(): return f()\n"
        "    return w\n@d\ndef f(x='old'): return x",
        O_N,
        "w = m.f.__wrapped__",
        "(m.f(), w(), m.f.__wrapped__ is w)",
        ["new", "new", True],
        "same",
    ),
    Pattern(
        "object made by a call is another one",
        "class Config:\n    def __init__(self, v): self.v = v\nX = Config('old')",
        O_N,
        "x = m.X",
        "(x.v, m.X.v)",
        ["old", "new"],
    ),
    Pattern(
        "subclass with another base of a class that is replaced",
        "class A:\n    def f(self): return 'old'\nclass M: pass\nclass D(M, A): pass",
        "class B: pass\nclass A(B):\n    def f(self): return 'new'\nclass M: pass\n"
        "class D(M, A): pass",
        "d = m.D()",
        "(d.f(), type(d).__bases__ == (m.M, m.A), isinstance(d, m.B))",
        ["new", True, True],
    ),
    Pattern(
        "function of another module in a class",
        "import other\nclass C:\n    f = other.a",
        ("other.a", "other.b"),
        "f = m.C.f",
        "(f(None), m.C().f())",
        ["a", "b"],
        "same",
        other="def a(self): return 'a'\ndef b(self): return 'b'",
    ),
    Pattern(
        "variants of one name, before which another one comes",
        "from functools import singledispatch\n@singledispatch\n"
        "def f(x): return 'base'\n@f.register\ndef _(x: int): return 'int'\n"
        "@f.register\ndef _(x: str): return 'str'",
        (
            "@f.register\ndef _(x: int)",
            "@f.register\ndef _(x: float): return 'float'\n@f.register\ndef _(x: int)",
        ),
        "f = m.f",
        "[f(x) for x in (1, 'a', 1.5, None)]",
        ["int", "str", "float", "base"],
    ),
    Pattern(
        "variants of one name that change places and bodies",
        "from functools import singledispatch\n@singledispatch\n"
        "def f(x): return 'base'\n@f.register(int)\ndef _(x): return 'old int'\n"
        "@f.register(str)\ndef _(x): return 'old str'",
        "from functools import singledispatch\n@singledispatch\n"
        "def f(x): return 'base'\n@f.register(str)\ndef _(x): return 'new str'\n"
        "@f.register(int)\ndef _(x): return 'new int'",
        "held = m.f.dispatch(int)",
        "[held(1), m.f(1), m.f('')]",
        ["new int", "new int", "new str"],
    ),
    Pattern(
        "methods of one name, behind which another one comes",
        "from functools import singledispatchmethod\nclass C:\n"
        "    @singledispatchmethod\n    def f(self, x): return 'base'\n"
        "    @f.register\n    def _(self, x: str): return 'str'\n",
        "from functools import singledispatchmethod\nclass C:\n"
        "    @singledispatchmethod\n    def f(self, x): return 'base'\n"
        "    @f.register\n    def _(self, x: str): return 'str'\n    @f.register\n"
        "    def _(self, x: float): return 'float'\n",
        "c, s = m.C(), vars(m.C)['_']",
        "[c.f('a'), s(c, 'a')]",
        ["str", "str"],
        "same",
    ),
    Pattern(
        "nested function before which another one of its name comes",
        "def make():\n    def f(): return 'old'\n    yield f",
        "def make():\n    def f(): return 'new'\n    yield f\n"
        "    def f(): return 'old'\n    yield f",
        "(f,) = m.make()",
        "f()",
        "old",
        "same",
    ),
    Pattern(
        "nested functions of one name",
        "def make():\n    fs = []\n    def f(): return 'a'\n    fs.append(f)\n"
        "    def f(): return 'old'\n    fs.append(f)\n    return fs",
        "def make():\n    fs = []\n    def f(): return 'first'\n    fs.append(f)\n"
        "    def f(): return 'a'\n    fs.append(f)\n    def f(): return 'new'\n"
        "    fs.append(f)\n    return fs",
        "a, f = m.make()",
        "(a(), f() in ('old', 'new', 'first'))",
        ["a", True],
        "same",
    ),
]

if sys.version_info >= (3, 12):
    MERGING += [
        Pattern(
            "type parameter that is called otherwise",
            "def f[T](x: T): return T.__name__, 'old'",
            "def f[U](x: U): return U.__name__, 'new'",
            "f = m.f",
            "f(1)",
            ["U", "new"],
        ),
        Pattern(
            "type alias and bound through three versions",
            "type X = list[int]\ndef f[T: int](x: T): return 'old'",
            O_N,
            "f = m.f",
            "(f(1), m.X.__value__ == list[int])",
            ["newest", True],
            third="type X = list[int]\ndef f[T: int](x: T): return 'newest'",
        ),
    ]
