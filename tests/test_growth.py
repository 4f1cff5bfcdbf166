"""The work for a file grows as its length does, whatever there is a lot of in it.

Work is counted in calls, of Python's functions and of those in C, so that a busy machine is no
matter. What grows with the square of the length makes four times as many calls for twice the text.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from types import FrameType

import pytest

from reloadlint.config import Config, enabled
from reloadlint.lint import lint
from reloadlint.registry import load
from reloadlint.source import SourceFile

SIZE = 40


def lines(text: str) -> Callable[[int], str]:
    """A text in which `{i}` counts up, and `{before}` lags behind by one."""
    return lambda n: "".join(text.format(i=i, before=max(0, i - 1)) for i in range(n))


def after(head: str, text: str, tail: str = "") -> Callable[[int], str]:
    return lambda n: head + lines(text)(n) + tail


SHAPES = {
    "functions": lines("def f{i}(a, b):\n    c = a + b\n    return c * f{before}(a, {i})\n"),
    "functions with callbacks": lines("def f{i}(bus, a):\n    bus.on_x(lambda x: print(x + a))\n"),
    "callbacks in one function": after(
        "def f(bus, a):\n",
        "    def on{i}(x):\n        print(x, a)\n        return {i}\n    bus.on_x('k{i}', on{i})\n",
    ),
    "captured variables": after(
        "def f(bus):\n", "    v{i} = {i}\n    bus.on_x(lambda x: x * v{i} + v{before})\n"
    ),
    "a table of lambdas": after("TABLE = {\n", "    'k{i}': lambda x: x + {i} * 2,\n", "}\n"),
    "methods": after(
        "class C:\n", "    def f{i}(self, a):\n        self.on{i} = lambda x: print(x + a)\n"
    ),
    "classes": lines(
        "class C{i}(C):\n    def m{i}(self):\n        self.x{i} = lambda y: y * self.m()\n"
    ),
    "functions, each handing on to the one before": after(
        "def f(cb): cb()\n", "def f{i}(cb): f{before}(cb)\ndef g{i}(a): f{i}(lambda: a * 2)\n"
    ),
    "state": lines("S{i} = {{}}\ndef put{i}(k, v):\n    S{i}[k] = v\n"),
    "one state with many users": after("S = {}\n", "def put{i}(k, v):\n    S[k] = v\n"),
    "locks": after(
        "import threading\n", "L{i} = threading.Lock()\ndef f{i}():\n    L{i}.acquire()\n"
    ),
    "registrations": after("import atexit\n", "def f{i}(): pass\natexit.register(f{i})\n"),
    "patches": after("import os\n", "def f{i}(x): pass\nos.p{i} = f{i}\n"),
    "imports": lines("from m{i} import a{i}\ndef f{i}(x):\n    a{i}(lambda: x + {i} * 2)\n"),
    "decorators": after(
        "def log(f):\n    def wrapper(*a):\n        print(f)\n        return f(*a)\n"
        "    return wrapper\n",
        "@log\ndef f{i}(x): return x\n",
    ),
    "comments that silence": lines(
        "def f{i}(bus, a):\n    bus.on_x(lambda x: print(x + a))  # reloadlint: ignore[RL101]\n"
    ),
}


def calls_for(text: str) -> int:
    """How many calls it takes to check the text."""
    count = 0

    def note(_frame: FrameType, event: str, _arg: object) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    source, config = SourceFile("m.py", text), Config()
    rules = enabled(load(), config)
    before = sys.getprofile()
    threading.setprofile(note)
    sys.setprofile(note)
    try:
        result = lint(source, rules, config)
    finally:
        sys.setprofile(before)
        threading.setprofile(None)
    assert not result.failures
    return count


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_twice_the_text_is_twice_the_work(shape: Callable[[int], str]) -> None:
    calls_for(shape(1))  # what is loaded but once
    one, two, four = (calls_for(shape(n)) for n in (SIZE, 2 * SIZE, 4 * SIZE))
    assert four - two <= 2.3 * (two - one)
