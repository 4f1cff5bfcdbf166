"""Programs with a lot of one thing in them, for bench/growth.py and tests/test_growth.py.

Each of SHAPES takes a number and makes a program in which there is so much of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

Shape = Callable[[int], str]


def lines(text: str) -> Shape:
    """A text in which `{i}` counts up, and `{before}` lags behind by one."""
    return lambda n: "".join(text.format(i=i, before=max(0, i - 1)) for i in range(n))


def after(head: str, text: str, tail: str = "") -> Shape:
    """The same between a head and a tail, which are not repeated."""
    return lambda n: head + lines(text)(n) + tail


def nested(head: str, body: str, depth: int) -> Shape:
    """Blocks in each other, as deep as CPython takes them, again and again."""

    def make(n: int) -> str:
        texts = []
        for i in range(0, n, depth):
            levels = [head.format(i=i + d, outer=i + max(0, d - 1)) for d in range(depth)]
            texts += [" " * d + level + "\n" for d, level in enumerate(levels)]
            texts.append(" " * depth + body.format(i=i, inner=i + depth - 1) + "\n")
        return "".join(texts)

    return make


def _tries(n: int) -> str:
    """A try statement with so many handlers in each of 50 functions."""
    handlers = "".join(
        f"    except E{i} as e:\n        bus.on_x(lambda: print({i}, a))\n" for i in range(n)
    )
    return f"def f(bus, a):\n    try:\n        a()\n{handlers}"


def behind(first: Shape, second: Shape) -> Shape:
    """As much of one as of the other."""
    return lambda n: first(n) + second(n)


_IMPORTS: Final = lines("from m{i} import a{i}\n")
_STATE: Final = lines("S{i} = {{}}\ndef put{i}(k, v):\n    S{i}[k] = v\n")

SHAPES: Final[Mapping[str, Shape]] = {
    "functions": lines("def f{i}(a, b):\n    c = a + b\n    return c * f{before}(a, {i})\n"),
    "functions with callbacks": lines("def f{i}(bus, a):\n    bus.on_x(lambda x: print(x + a))\n"),
    "callbacks in one function": after(
        "def f(bus, a):\n",
        "    def on{i}(x):\n        print(x, a)\n        return {i}\n    bus.on_x('k{i}', on{i})\n",
    ),
    "calls of itself": after(
        "def f(bus):\n    bus.on_x(lambda: print(bus.a(1)))\n", "    f(bus)\n"
    ),
    "callbacks and calls of itself": after(
        "def f(bus, a):\n", "    bus.on_x(lambda: print(bus.a(a), {i}))\n    f(bus, a)\n"
    ),
    "lambdas in one function": after("def f(bus, a):\n", "    bus.on_x(lambda x: print(x + a))\n"),
    "lambdas in one statement": after(
        "def f(bus, a):\n    g(\n", "        lambda x: a(x, {i}),\n", "    )\n"
    ),
    "lambdas in one chain of calls": after(
        "def f(bus, a):\n    (bus\n", "    .on(lambda x: print(x, a, {i}))\n", "    )\n"
    ),
    "captured variables": after(
        "def f(bus):\n", "    v{i} = {i}\n    bus.on_x(lambda x: x * v{i} + v{before})\n"
    ),
    "names captured by one closure": lambda n: (
        "def f(bus):\n"
        + lines("    v{i} = {i}\n")(n)
        + "    bus.on_x(lambda x: print("
        + lines("v{i}, ")(n)
        + "x))\n"
    ),
    "one variable rebound": after("def f(bus):\n    bus.on_x(lambda x: v + x)\n", "    v = {i}\n"),
    "a table of lambdas": after("TABLE = {\n", "    'k{i}': lambda x: x + {i} * 2,\n", "}\n"),
    "a literal": after("TABLE = [\n", "    {i}, 'a{i}',\n", "]\n"),
    "a literal with a lambda in it": after(
        "TABLE = [\n lambda x: print(x),\n", "    {i}, 'a{i}',\n", "]\n"
    ),
    "a literal in a function with a lambda": after(
        "def f(bus):\n  bus.on_x(lambda x: print(x))\n  return [\n", "    {i}, 'a{i}',\n", "  ]\n"
    ),
    "methods": after(
        "class C:\n", "    def f{i}(self, a):\n        self.on{i} = lambda x: print(x + a)\n"
    ),
    "classes": lines(
        "class C{i}(C):\n    def m{i}(self):\n        self.x{i} = lambda y: y * self.m()\n"
    ),
    "subclasses of each other": after(
        "class C0: pass\n",
        "class C{i}(C{before}):\n"
        "    def m{i}(self): self.on(lambda y: y * super(C{i}, self).m())\n",
    ),
    "functions, each handing on to the one before": after(
        "def f(cb): cb()\n", "def f{i}(cb): f{before}(cb)\ndef g{i}(a): f{i}(lambda: a * 2)\n"
    ),
    "calls of a private function": behind(
        after("def _f(bus, a):\n", "    a.on_x(lambda x: print(x, {i}))\n"),
        lines("def g{i}(b):\n    _f(b, b)\n"),
    ),
    "functions in each other": nested("def f{i}(a{i}):", "return f{i}(lambda: print(a{i}))", 10),
    "lambdas in each other": nested("g(lambda a{i}: a{i} + 1) if a else [", "]", 1),
    "ifs in each other": nested("if a{i}:", "on_x(lambda x: print(x, {i}))", 10),
    "tries in each other": nested("with a{i}:", "on_x(lambda x: print(x, {i}))", 10),
    "elifs": after(
        "def f(bus, a):\n    if a: pass\n",
        "    elif a == {i}:\n        bus.on_x(lambda: print(a))\n",
    ),
    "elifs at the top": after("if a: pass\n", "elif a == {i}:\n    on_x(lambda: print(a, 1))\n"),
    "handlers of one try": _tries,
    "cases of one match": after(
        "def f(bus, a):\n    match a:\n",
        "        case [{i}, b]:\n            bus.on_x(lambda: print(a, b))\n",
    ),
    "operators": after("def f(bus, a):\n    bus.on_x(lambda: a", " + a", ")\n"),
    "operators beside a lambda": after(
        "def f(bus, a):\n    bus.on_x(lambda: a(1), a", " + a", ")\n"
    ),
    "comparisons": after("def f(bus, a):\n    bus.on_x(lambda: a", " < a", ")\n"),
    "a chain of attributes": after("def f(bus, a):\n    bus.on_x(lambda: a", ".b", ".c())\n"),
    "strings side by side": after("def f(bus):\n    bus.on_x(lambda: print(\n", "'a{i}'\n", "))\n"),
    "an f-string": after("def f(bus, a):\n    bus.on_x(lambda: print(f'", "{{a}}-", "'))\n"),
    "a long string": after(
        "def f(bus, a):\n    bus.on_x(lambda: print('''", "some words\n", "''', a))\n"
    ),
    "a long line": after("x = [", "{i}, ", "lambda: print(x)]\n"),
    "arguments of one call": after(
        "def f(bus, a):\n    bus.on_x(\n", "  a{i},\n", "  lambda: print(a))\n"
    ),
    "parameters of one function": after(
        "def f(bus,\n", "  a{i}=0,\n", "):\n    bus.on_x(lambda: print(a1))\n"
    ),
    "comprehensions": lines("def f{i}(bus, a):\n    bus.on_x([lambda: x + a for x in a if a])\n"),
    "fors of one comprehension": after("x = [lambda: a1(1) ", "for a{i} in b ", "]\n"),
    "state": _STATE,
    "state of one function": lambda n: (
        lines("S{i} = {{}}\n")(n) + "def put(k, v):\n" + lines("    S{i}[k] = v\n")(n)
    ),
    "globals of one function": lambda n: (
        lines("S{i} = 0\n")(n) + "def put():\n" + lines("    global S{i}\n    S{i} += 1\n")(n)
    ),
    "one state with many users": after("S = {}\n", "def put{i}(k, v):\n    S[k] = v\n"),
    "one state changed at the top": after("S = {}\ndef f(k): S[k] = 1\n", "S['{i}'] = {i}\n"),
    "one name bound at the top": after("def f(): return lambda: print(S)\n", "S = [{i}]\n"),
    "locks": after(
        "import threading\n", "L{i} = threading.Lock()\ndef f{i}():\n    L{i}.acquire()\n"
    ),
    "registrations": after("import atexit\n", "def f{i}(): pass\natexit.register(f{i})\n"),
    "patches": after("import os\n", "def f{i}(x): pass\nos.p{i} = f{i}\n"),
    "calls at the top": after("def f(x): print(x)\n", "f(lambda: print({i}))\n"),
    "imports": lines("from m{i} import a{i}\ndef f{i}(x):\n    a{i}(lambda: x + {i} * 2)\n"),
    "names of one import": lambda n: (
        "from m import (\n"
        + lines("    a{i},\n")(n)
        + ")\ndef f(bus):\n"
        + lines("    bus.on_x(a{i})\n")(n)
    ),
    "star imports": lines("from m{i} import *\ndef f{i}(bus):\n    bus.on_x(lambda: a{i}(1))\n"),
    "decorators": after(
        "def log(f):\n    def wrapper(*a):\n        print(f)\n        return f(*a)\n"
        "    return wrapper\n",
        "@log\ndef f{i}(x): return x\n",
    ),
    "decorators of one function": after("", "@log(lambda: print({i}))\n", "def f(x): return x\n"),
    "comments that silence": lines(
        "def f{i}(bus, a):\n    bus.on_x(lambda x: print(x + a))  # reloadlint: ignore[RL101]\n"
    ),
    "comments that silence nothing": lines("x{i} = 1  # reloadlint: ignore[RL101]\n"),
    "comments that silence blocks": lines(
        "# reloadlint: disable[RL101]\non_x(lambda x: print(x))\n# reloadlint: enable[RL101]\n"
    ),
    "blocks of comments that are open": behind(
        lines("# reloadlint: disable[RL101]\n"),
        after("def f(b):\n", "    b.on_x(lambda x: print(x + b))\n"),
    ),
    "blocks of comments that silence nothing": behind(
        lines("# reloadlint: disable[RL102]\n"), lines("on_x(lambda x: print(x))\n")
    ),
    "blocks of comments that something else ends": behind(
        lines("# reloadlint: disable[RL102]\n"), lines("# reloadlint: enable[RL101]\n")
    ),
    "blocks of comments in one function": after(
        "def f(b):\n", "    # reloadlint: disable[RL101]\n    b.on_x(lambda x: print(x + b))\n"
    ),
    "comments on one line": after("x = 1 ", "# noqa: RL101 ", "\n"),
    "comments on one line that silence": lambda n: (
        "def f(b):\n    " + "b.on_x(lambda: print(b)); " * n + "b() " + "# noqa: RL101 " * n + "\n"
    ),
    "comments for the whole file": after(
        "", "# reloadlint: ignore-file[RL102]\n", "def f(bus):\n    bus.on_x(lambda: print(1))\n"
    ),
    "loops that never end": lines(
        "import threading\ndef f{i}(a):\n    while True:\n        print(a)\n        a.x{i}()\n"
        "threading.Thread(target=f{i}).start()\n"
    ),
    "classes compared": lines("from m{i} import C{i}\ndef f{i}(x): return isinstance(x, C{i})\n"),
    "statements on one line": after("x = lambda: print(1)", "; x = {i}", "\n"),
    "empty lines": after("on_x(lambda: print(1))\n", "\n", "x = lambda: print(2)\n"),
    "lines joined by backslashes": after("on_x(lambda: print(1", " \\\n, {i}", "))\n"),
    "names of one prefix": lines("def _f_on_x{i}(): pass\ndef f{i}(b): b.on_x(lambda: g(1, 2))\n"),
    "functions that are called alike": lines("def f(b):\n    b.on_x(lambda: print({i}, 2))\n"),
    "state under imports": behind(_IMPORTS, _STATE),
    "state among imports": lines(
        "from m{i} import a{i}\nS{i} = {{}}\ndef put{i}(k, v):\n    S{i}[k] = v\n"
    ),
    "state under a long docstring": behind(after('"""\n', "Word.\n", '"""\n'), _STATE),
    "locks under imports": behind(
        _IMPORTS,
        after("import threading\n", "L{i} = threading.Lock()\ndef f{i}(): L{i}.acquire()\n"),
    ),
    "lambdas under comments": behind(
        after("x = 1\n", "# {i}\n"), after("def f(b):\n", "    b.on_x(lambda x: print(x + b))\n")
    ),
    "lambdas under state": behind(
        _STATE, after("def f(b):\n", "    b.on_x(lambda x: print(x + b))\n")
    ),
    "lambdas under comments for the file": behind(
        lines("# reloadlint: ignore-file[RL101]\n"),
        after("def f(b):\n", "    b.on_x(lambda x: print(x + b))\n"),
    ),
    "blankets for the file": lines("# reloadlint: ignore-file\n"),
    "functions under empty lines": behind(
        lines("\n"), lines("def f{i}(bus, a):\n    bus.on_x(lambda x: print(x + a))\n")
    ),
}
