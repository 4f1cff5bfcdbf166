"""Decorated functions, partials, caches, generic functions, trampolines."""

from __future__ import annotations

from tests.runtime.patterns.pattern import O_N, Pattern

WRAPPERS = [
    Pattern(
        "wrapper changed in place",
        "import functools\ndef d(fn):\n    @functools.wraps(fn)\n    def w(): return 'old'\n"
        "    return w\n@d\ndef f(): pass",
        O_N,
        "f = m.f",
        "f()",
    ),
    Pattern(
        "function in a wrapper",
        "def d(fn):\n    def w(): return fn()\n    return w\n@d\ndef f(): return 'old'",
        O_N,
        "f = m.f",
        "f()",
    ),
    Pattern(
        "function under the name of which its wrapper goes",
        "import functools\ndef d(fn):\n    @functools.wraps(fn)\n    def w(): return fn()\n"
        "    return w\n@d\ndef f(): return 'old'",
        O_N,
        "f = m.f",
        "f()",
    ),
    Pattern(
        "wrapper from another module, function changed",
        "from other import d\n@d\ndef f(): return 'old'",
        O_N,
        "f = m.f",
        "f()",
        other="def d(fn):\n    def w(): return fn()\n    return w",
    ),
    Pattern(
        "wrapper from another module, wrapper changed",
        "from other import d\n@d\ndef f(): return 'f'",
        ("return 'f'", "return 'f' "),
        "f = m.f",
        "f()",
        ["new", "f"],
        other="def d(fn):\n    def w(): return 'old', fn()\n    return w",
        other_edit=O_N,
    ),
    Pattern(
        "wrapper from another module, gone and held",
        "from other import d\nclass C:\n    f = d('old')",
        "class C:\n    def f(self): return 'new'",
        "c = m.C(); f = m.C.f",
        "(c.f(), f(c))",
        ["new", "old"],
        other="def d(x):\n    def w(self): return x\n    return w",
        reported="a closure from another module",
        rule="RL103",
    ),
    Pattern(
        "wrapper captures one more",
        "def d(fn):\n    x = 'new'\n    def w(): return fn()\n    return w\n"
        "@d\ndef f(): return 'old'",
        "def d(fn):\n    x = 'new'\n    def w(): return x\n    return w\n@d\ndef f(): return 'old'",
        "f = m.f",
        "f()",
    ),
    Pattern(
        "argument of a decorator changed",
        "def tag(v):\n    def d(fn):\n        def w(): return v\n        return w\n    return d\n"
        "@tag('old')\ndef f(): pass",
        O_N,
        "f = m.f",
        "f()",
    ),
    Pattern(
        "state in a wrapper",
        "def d(fn):\n    calls = []\n    def w():\n        calls.append(1)\n"
        "        return fn(), len(calls)\n    return w\n@d\ndef f(x=1): return 'old'",
        "def d(fn):\n    calls = []\n    def w():\n        calls.append(1)\n"
        "        return fn(), len(calls)\n    return w\n@d\ndef f(x=2): return 'new'",
        "f = m.f; f()",
        "f()",
        ["new", 2],
        "kept",
    ),
    Pattern(
        "closure that refers to itself",
        "def make():\n    def f(n): return f(n - 1) if n else 'old'\n    return f",
        O_N,
        "f = m.make()",
        "f(2)",
    ),
    Pattern(
        "partial",
        "from functools import partial\ndef g(x): return 'old', x\nf = partial(g, 1)",
        O_N,
        "f = m.f",
        "f()",
        ["new", 1],
    ),
    Pattern(
        "arguments of a partial",
        "from functools import partial\ndef g(x): return x\nf = partial(g, 'old')",
        O_N,
        "f = m.f",
        "f()",
    ),
    Pattern(
        "singledispatch",
        "from functools import singledispatch\n@singledispatch\ndef f(x): return 'base'\n"
        "@f.register\ndef _(x: int): return 'old'",
        O_N,
        "f = m.f",
        "f(1)",
    ),
    Pattern(
        "singledispatch gains a type",
        "from functools import singledispatch\n@singledispatch\ndef f(x): return 'base'\n",
        "from functools import singledispatch\n@singledispatch\ndef f(x): return 'base'\n"
        "@f.register\ndef _(x: int): return 'new'",
        "f = m.f; f(1)",
        "f(1)",
    ),
    Pattern(
        "lru_cache",
        "from functools import lru_cache\n@lru_cache\ndef f(): return 'old'",
        O_N,
        "f = m.f; f()",
        "f()",
    ),
    Pattern(
        "lru_cache with another default",
        "from functools import lru_cache\n@lru_cache\ndef f(x='old'): return x",
        O_N,
        "f = m.f; f()",
        "f()",
    ),
    Pattern(
        "lru_cache taken off",
        "from functools import lru_cache\n@lru_cache\ndef f(): return 'old'",
        "from functools import lru_cache\ndef f(): return 'new'",
        "f = m.f; f()",
        "(f(), m.f())",
        ["new", "new"],
        reported="m.f: the cache was taken off, or is that of another function (1 alive)",
        rule="RL205",
    ),
    Pattern(
        "lru_cache put on",
        "from functools import lru_cache\ndef f(): return 'old'",
        "from functools import lru_cache\n@lru_cache\ndef f(): return 'new'",
        "f = m.f",
        "(f(), m.f(), m.f.cache_info().hits)",
        ["new", "new", 1],
    ),
    Pattern(
        "lru_cache of a builtin",
        "from functools import lru_cache\nF = lru_cache(min)",
        ("min", "max"),
        "m.F(1, 2)",
        "m.F(1, 2)",
        2,
    ),
    Pattern(
        "object that a decorator makes of a class",
        "class Command:\n    def __init__(self, cls): self.cls = cls\n"
        "    def __call__(self): return self.cls().f()\n"
        "@Command\nclass C:\n    x = 'old'\n    def f(self): return self.x",
        O_N,
        "c = m.C",
        "(c(), m.C is c)",
        ["new", True],
    ),
    Pattern(
        "trampoline lambda",
        "def impl(): return 'old'\ndef make(): return lambda *a: impl(*a)",
        O_N,
        "f = m.make()",
        "f()",
    ),
    Pattern(
        "trampoline through the module",
        "def impl(): return 'old'",
        O_N,
        "import other; f = other.make()",
        "f()",
        other="import m\ndef make(): return lambda: m.impl()",
    ),
    Pattern(
        "trampoline through a from-import",
        "def impl(): return 'old'",
        O_N,
        "import other; f = other.make()",
        "f()",
        other="from m import impl\ndef make(): return lambda: impl()",
    ),
    Pattern(
        "trampoline through a method",
        "class C:\n    def go(self): return 'old'\n    def make(self): return lambda: self.go()",
        O_N,
        "f = m.C().make()",
        "f()",
    ),
    Pattern(
        "state of a wrapper that is of another type now",
        "def d(f):\n    seen = []\n    def w(x):\n        seen.append(x)\n        return f()\n"
        "    return w\n@d\ndef f(v='old'): return v",
        "def d(f):\n    seen = set()\n    def w(x):\n        seen.add(x)\n        return f()\n"
        "    return w\n@d\ndef f(v='new'): return v",
        "f = m.f",
        "f(1)",
    ),
    Pattern(
        "wrapped function that only an attribute holds",
        "def d(f):\n    def w(): return w.__wrapped__()\n    w.__wrapped__ = f\n    return w\n"
        "f = d(lambda x='old': x)",
        O_N,
        "f, w = m.f, m.f.__wrapped__",
        "(f(), w(), f.__wrapped__ is w)",
        ["new", "new", True],
    ),
    Pattern(
        "wrapper from another module, made anew and held",
        "from other import d\nclass C:\n    f = d('old')",
        O_N,
        "f = m.C.f",
        "(m.C().f(), f(0))",
        ["new", "old"],
        other="def d(x):\n    def w(self): return x\n    return w",
        reported="a closure from another module",
        rule="RL103",
    ),
    Pattern(
        "cache by a call: turned partial",
        "from functools import lru_cache, partial\ndef f(): return 'f'\nF = lru_cache(f)",
        ("F = lru_cache(f)", "F = partial(f)"),
        "F = m.F; F()",
        "(F(), m.F(), hasattr(m.F, 'cache_info'))",
        ["f", "f", False],
        reported="the cache was taken off, or is that of another function",
        rule="RL205",
    ),
]
