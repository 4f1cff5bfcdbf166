"""Every reason why a closure is not moved."""

from __future__ import annotations

from typing import Any

import pytest

from reloadlint.config import Config
from reloadlint.rewrite.refusal import Reason, hoist_refusals, texts
from tests.rewrite.hoisting import NEEDS_312, in_class, kept, matches, only_finding

REFUSED = {
    "nonlocal": (Reason.NONLOCAL, kept("nonlocal name\nname = x\nbus.go()")),
    "a nonlocal of another": (
        Reason.NONLOCAL_ELSEWHERE,
        kept(
            "bus.go()\nreturn name", around="def put(x):\n    nonlocal name\n    name = x\nput(1)"
        ),
    ),
    "a name that is bound later": (
        Reason.MAYBE_UNBOUND,
        kept("bus.go()\nreturn late", behind="late = 1"),
    ),
    "a name that is bound on one way": (
        Reason.MAYBE_UNBOUND,
        kept("bus.go()\nreturn late", around="if name:\n    late = 1"),
    ),
    "two names that may be missing": (
        Reason.MAYBE_UNBOUND,
        kept("return one, two, bus.go()", behind="one = two = 1"),
    ),
    "a deleted name": (Reason.DELETED, kept("bus.go()\nreturn name", behind="del name")),
    "the name of an except clause": (
        Reason.DELETED,
        "def f(bus):\n    try:\n        bus.go()\n    except ValueError as e:\n"
        "        bus.subscribe(lambda: bus.size() + str(e))\n",
    ),
    "a generator over a name that is rebound": (
        Reason.REBOUND_WHILE_SUSPENDED,
        kept("yield x\nyield name", behind="name = 1"),
    ),
    "a coroutine over a name that is rebound": (
        Reason.REBOUND_WHILE_SUSPENDED,
        kept("await x\nreturn name", behind="name = 1").replace("def send", "async def send"),
    ),
    "a generator around": (
        Reason.REBOUND_WHILE_SUSPENDED,
        kept("bus.go()\nreturn name", behind="yield\nname = 1"),
    ),
    "an inner function over a name that is rebound": (
        Reason.REBOUND_UNDER_INNER,
        kept("def inner():\n    return name\nreturn bus.go(inner) + 1", behind="name = 1"),
    ),
    "a flag that a thread waits for": (
        Reason.REBOUND_MEANWHILE,
        kept("while not name:\n    bus.go()", behind="name = True"),
    ),
    "its own name, rebound": (
        Reason.SELF_REFERENCE,
        kept("bus.later(send)\nreturn x", behind="send = None"),
    ),
    "a deleted name that is read at once, and again": (
        Reason.REBOUND_MEANWHILE,
        kept("name.go()\nreturn name", behind="del name"),
    ),
    "a generator expression over a name that is rebound": (
        Reason.REBOUND_UNDER_INNER,
        kept("return bus.go(name for _ in x)", behind="name = 1"),
    ),
    "a lambda in a comprehension, over a name that is rebound": (
        Reason.REBOUND_UNDER_INNER,
        kept("return bus.go([lambda: name for _ in x])", behind="name = 1"),
    ),
    "a name that is rebound, and an inner function without it": (
        Reason.REBOUND_MEANWHILE,
        kept("bus.go(lambda: x)\nreturn name", behind="name = 1"),
    ),
    "a comprehension over a name that is rebound": (
        Reason.REBOUND_MEANWHILE,
        kept("return bus.go([name for _ in x])", behind="name = 1"),
    ),
    "a lambda that yields around": (
        Reason.REBOUND_WHILE_SUSPENDED,
        "def f(bus):\n    [*(lambda: [name := 0, bus.subscribe(lambda: bus.go() + name), (yield),"
        " name := 1])()]\n",
    ),
    "a generator expression around": (
        Reason.REBOUND_WHILE_SUSPENDED,
        "def f(bus):\n    return (bus.subscribe(lambda: bus.go() + name) for name in bus)\n",
    ),
    "a comprehension around": (
        Reason.REBOUND_MEANWHILE,
        "def f(bus):\n    return [bus.subscribe(lambda: bus.go() + name) for name in bus]\n",
    ),
    "its own name, of a lambda": (
        Reason.SELF_REFERENCE,
        "def f(bus):\n    go = lambda x: bus.x and go(x - 1)\n    bus.subscribe(go)\n",
    ),
    "its own name, of an annotated lambda": (
        Reason.SELF_REFERENCE,
        "def f(bus):\n    go: object = lambda x: bus.x and go(x - 1)\n    bus.subscribe(go)\n",
    ),
    "its own name, of a lambda that is stored too": (
        Reason.SELF_REFERENCE,
        "def f(bus):\n    bus.x = go = lambda x: bus.y and go(x - 1)\n",
    ),
    "the name of what it is handed to": (
        Reason.MAYBE_UNBOUND,
        "def f(bus):\n    go = bus.subscribe(lambda x: bus.x and go(x - 1))\n",
    ),
    "its own name, in a loop": (
        Reason.SELF_REFERENCE,
        "def f(bus):\n    for i in bus:\n        def send(x):\n            bus.go()\n"
        "            return send(x - 1)\n        bus.subscribe(send)\n",
    ),
    "its own name, which another function rebinds": (
        Reason.SELF_REFERENCE,
        kept(
            "bus.go()\nreturn send(x - 1)",
            around="def change():\n    nonlocal send\n    send = None\n",
        ),
    ),
    "its own name, decorated": (
        Reason.SELF_REFERENCE,
        "def f(bus):\n    @bus.on\n    def send(x):\n        bus.later(send)\n        return x\n",
    ),
    "zero-argument super": (Reason.CLASS_CELL, in_class("super().send(x)\nreturn x")),
    "super that is only named": (Reason.CLASS_CELL, in_class("parent = super\nreturn parent(), x")),
    "the class cell": (Reason.CLASS_CELL, in_class("return __class__, x, bus.go()")),
    "a private parameter": (
        Reason.MANGLED,
        in_class("return x.__go__() + 1").replace("send(x)", "send(x, __y)"),
    ),
    "a private attribute": (Reason.MANGLED, in_class("self.__x = x\nreturn bus.go()")),
    "a private method": (Reason.MANGLED, in_class("return self.__go(x) + 1")),
    "locals": (Reason.SEES_ITS_FRAME, kept("return locals(), bus.go()")),
    "vars": (Reason.SEES_ITS_FRAME, kept("return vars(), bus.go()")),
    "eval": (Reason.SEES_ITS_FRAME, kept("return eval(x) + 1")),
    "exec under another name": (Reason.SEES_ITS_FRAME, kept("run = exec\nrun(x)")),
    "a frame": (Reason.SEES_ITS_FRAME, "import sys\n" + kept("return sys._getframe(1), bus.go()")),
    "an imported frame": (
        Reason.SEES_ITS_FRAME,
        "from sys import _getframe as here\n" + kept("return here(), bus.go()"),
    ),
    "the stack": (Reason.SEES_ITS_FRAME, "import inspect\n" + kept("return inspect.stack() + x")),
    "a printed stack": (
        Reason.SEES_ITS_FRAME,
        "import traceback\n" + kept("traceback.print_stack()\nbus.go()"),
    ),
    "a stack level": (
        Reason.SEES_ITS_FRAME,
        "import warnings\n" + kept("warnings.warn('x', stacklevel=2)\nbus.go()"),
    ),
    "a stack level by position": (
        Reason.SEES_ITS_FRAME,
        "import warnings\n" + kept("warnings.warn('x', DeprecationWarning, 2)\nbus.go()"),
    ),
    "the stack level of a logger": (
        Reason.SEES_ITS_FRAME,
        kept("bus.log.info('x', stacklevel=2)\nbus.go()"),
    ),
    "a function that warns for its caller's caller": (
        Reason.SEES_ITS_FRAME,
        "import warnings\n\n\ndef old():\n    warnings.warn('x', stacklevel=3)\n\n\n"
        + kept("old()\nreturn x"),
    ),
    "a function that asks another to look": (
        Reason.SEES_ITS_FRAME,
        "import sys\n\n\ndef where():\n    return sys._getframe(2)\n\n\n"
        "def old():\n    return where()\n\n\n" + kept("old()\nreturn x"),
    ),
    "a method that looks": (
        Reason.SEES_ITS_FRAME,
        "import inspect\n\n\nclass C:\n    def where(self):\n        return inspect.stack()\n\n"
        "    def m(self, bus):\n        bus.subscribe(lambda: self.where() + bus.size())\n",
    ),
    "a decorator over a function that looks": (
        Reason.SEES_ITS_FRAME,
        "import warnings\n\n\ndef logged(function):\n    def wrapper(x):\n        print(x)\n"
        "        return function(x)\n\n    return wrapper\n\n\n"
        "@logged\ndef old(x):\n    warnings.warn('x', stacklevel=3)\n",
    ),
    "an argument that is let go": (Reason.RELEASES, kept("bus.go(x)\ndel x\nbus.collect()")),
    "an argument that is set to nothing": (
        Reason.RELEASES,
        kept("bus.go(x)\nx = None\nbus.collect()"),
    ),
    "a lambda that yields": (
        Reason.YIELD_IN_LAMBDA,
        "def f(bus):\n    bus.subscribe(lambda: (yield bus.go()))\n",
    ),
    "an async generator that uses what is sent": (
        Reason.SENT_INTO,
        kept("await x\ny = yield bus\nbus.go(y)").replace("def send", "async def send"),
    ),
    "an async generator that returns what is sent, in a loop": (
        Reason.SENT_INTO,
        kept("while bus.go((yield x)):\n    pass").replace("def send", "async def send"),
    ),
    "an async generator that cleans up": (
        Reason.THROWN_INTO,
        kept("try:\n    yield bus\nfinally:\n    bus.go(x)").replace("def send", "async def send"),
    ),
    "an async generator that yields in a context": (
        Reason.THROWN_INTO,
        kept("async with bus:\n    if x:\n        yield bus").replace("def send", "async def send"),
    ),
    "a context manager that begins later than it is called": (
        Reason.REBOUND_WHILE_SUSPENDED,
        "from contextlib import asynccontextmanager\n\n\ndef f(bus, name):\n"
        "    @asynccontextmanager\n    async def send(x):\n        bus.go(name)\n        yield x\n"
        "    bus.subscribe(send)\n    name = 1\n",
    ),
    "code behind a docstring": (
        Reason.SHARED_DOCSTRING_LINE,
        "def f(bus):\n    def send(x):\n        'Doc.'; return bus.go(x) + 1\n    return send\n",
    ),
    "a line shared with the docstring": (
        Reason.SHARED_PREAMBLE_LINE,
        "'Doc.'; bus.subscribe(lambda: bus.go() + 1)\n",
    ),
    "a line shared with an import from the future": (
        Reason.SHARED_PREAMBLE_LINE,
        "from __future__ import annotations; bus.subscribe(lambda: bus.go() + 1)\n",
    ),
    "its code": (
        Reason.INTROSPECTED,
        kept("return bus.go(x) + 1", behind="print(send.__code__.co_names)"),
    ),
    "the code of a parameter": (
        Reason.INTROSPECTED,
        "KEPT = []\n\n\ndef keep(callback):\n"
        "    KEPT.append((callback, callback.__closure__))\n\n\n"
        "def f(bus):\n    keep(lambda x: bus.go(x) + 1)\n",
    ),
    "the code of an attribute": (
        Reason.INTROSPECTED,
        "class C:\n    def m(self, bus):\n        self.send = lambda x: bus.go(x) + 1\n\n"
        "    def size(self):\n        return self.send.__code__.co_nlocals\n",
    ),
}
IN_312 = {
    "a type parameter of the function around": (
        Reason.TYPE_PARAMETER,
        "def f[T](bus):\n    def send(x):\n        return bus.go(T, x) + 1\n\n"
        "    bus.subscribe(send)\n",
    ),
    "a type parameter of its own": (
        Reason.OWN_TYPE_PARAMETERS,
        "def f(bus):\n    def send[T](x: T):\n        return bus.go(x) + 1\n\n"
        "    bus.subscribe(send)\n",
    ),
}
# Of a state that is kept (rewrite/keep.py); of functions that are handed on by value, which the
# tests of RL104 show; of what is too small to be found by default; and what no text is known to
# bring about.
ELSEWHERE = {
    Reason.COMPREHENSION,
    Reason.COROUTINE_FUNCTION,
    Reason.HELD_WEAKLY,
    Reason.LOOKED_AT,
    Reason.COMPARED_HERE,
    Reason.OPEN_SIGNATURE,
    Reason.TAKEN_BACK,
    Reason.SEVERAL_TARGETS,
    Reason.WALRUS_IN_VALUE,
    Reason.SHARED_LINE,
    Reason.ONLY_DOCSTRING,
    Reason.NO_SYMBOL_TABLE,
}


@pytest.mark.parametrize(("reason", "text"), REFUSED.values(), ids=REFUSED)
def test_is_refused(reason: Reason, text: str) -> None:
    finding = only_finding(text)
    assert finding.fix is None
    assert finding.refusal is not None
    assert matches(reason.value, finding.refusal)


@NEEDS_312
@pytest.mark.parametrize(("reason", "text"), IN_312.values(), ids=IN_312)
def test_is_refused_since_312(reason: Reason, text: str) -> None:
    test_is_refused(reason, text)


def test_what_the_compiler_takes_for_another_name_is_left_alone() -> None:
    """Some versions find no value for the `i` of the inner lambda, though there is one."""
    text = "def f(bus):\n    i = 7\n"
    text += "    return lambda: bus.index((lambda x=[i for i in (1, 2)]: i)()) + 1\n"
    module: dict[str, Any] = {}
    exec(compile(text, "module.py", "exec", dont_inherit=True), module)
    try:
        is_taken = module["f"]([7])() != 1
    except NameError:
        is_taken = True
    finding = only_finding(text)
    assert (finding.fix is None) is is_taken
    reason = "this CPython takes the captured `i` for that of a comprehension in its body"
    assert finding.refusal == (reason if is_taken else None)


def test_a_docstring_alone_is_nothing_to_move() -> None:
    finding = only_finding(kept("'To do.'"), Config(min_body=0))
    assert (finding.fix, finding.refusal) == (None, "there is nothing in it but a docstring")


def test_every_reason_has_a_case() -> None:
    shown = {reason for reason, _ in (*REFUSED.values(), *IN_312.values())}
    assert shown | ELSEWHERE == set(Reason)


def test_the_page_of_a_rule_names_the_reasons_that_there_are() -> None:
    shown = {reason for reason, _ in (*REFUSED.values(), *IN_312.values())}
    others = {Reason.COMPREHENSION, Reason.ONLY_DOCSTRING, Reason.NO_SYMBOL_TABLE}
    assert set(hoist_refusals()) == set(texts(shown | others))
