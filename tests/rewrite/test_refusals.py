"""Every reason why a closure is not moved, and what is moved although it looks alike."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from reloadlint import registry
from reloadlint.config import Config
from reloadlint.finding import Applicability, Finding
from reloadlint.lint import lint
from reloadlint.rewrite.refusal import Caution, Reason
from reloadlint.source import SourceFile

RULES = [rule for rule in registry.load() if rule.fixable == "hoist"]
NEEDS_312 = pytest.mark.skipif(sys.version_info < (3, 12), reason="syntax of Python 3.12")


def only_finding(text: str, config: Config | None = None) -> Finding:
    result = lint(SourceFile("module.py", text), RULES, config or Config())
    assert not result.failures
    (finding,) = result.findings
    return finding


def kept(body: str, *, around: str = "", behind: str = "") -> str:
    """A function that hands over `send`, whose body is given."""
    lines = ["def f(bus, name):"]
    lines += [f"    {line}" for line in around.splitlines()]
    lines += ["    def send(x):", *(f"        {line}" for line in body.splitlines())]
    lines += ["    bus.subscribe(send)", *(f"    {line}" for line in behind.splitlines())]
    return "\n".join(lines) + "\n"


def in_class(body: str) -> str:
    """The same in a method."""
    lines = kept(body).replace("(bus, name)", "(self, bus)").splitlines()
    return "\n".join(["class C(B):", *("    " + line for line in lines)]) + "\n"


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
    "its own name, decorated": (
        Reason.SELF_REFERENCE,
        "def f(bus):\n    @bus.on\n    def send(x):\n        bus.later(send)\n        return x\n",
    ),
    "zero-argument super": (Reason.CLASS_CELL, in_class("super().send(x)\nreturn x")),
    "super that is only named": (Reason.CLASS_CELL, in_class("parent = super\nreturn parent(), x")),
    "the class cell": (Reason.CLASS_CELL, in_class("return __class__, x, bus.go()")),
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

MOVED = {
    "a stack level of one, which is the line itself": (
        "import warnings\n" + kept("warnings.warn('x', stacklevel=1)\nbus.go()")
    ),
    "a function that warns for its caller, which is the body": (
        "import warnings\n\n\ndef old():\n    warnings.warn('x', stacklevel=2)\n\n\n"
        + kept("old()\nreturn x")
    ),
    "a nested function that warns for whoever calls it": (
        "import warnings\n"
        + kept("def old():\n    warnings.warn('x', stacklevel=2)\nreturn bus.go(old) + 1")
    ),
    "vars of something": kept("return vars(x), bus.go()"),
    "a private name with a tail": in_class("return self.__go__(x) + 1"),
    "a private name outside of a class": kept("return bus.__go(x) + 1"),
    "a name that is rebound before": kept("bus.go()\nreturn name", around="name = 1"),
    "a name that is bound on each way": kept(
        "bus.go()\nreturn late", around="if name:\n    late = 1\nelse:\n    late = 2"
    ),
    "a deleted name that is read at once": kept("return name + bus.go()", behind="del name"),
    "a late name that is read at once": kept("late.go()\nreturn x", behind="late = 1"),
    "a name of another's nonlocal that is read at once": kept(
        "return name.go() + x", around="def put(x):\n    nonlocal name\n    name = x\nput(1)"
    ),
    "the code of something else": kept("return bus.go(x) + 1", behind="print(bus.__code__)"),
    "a local that is set to nothing": kept("y = bus.go(x)\ny = None\nbus.collect()"),
    "a comparison with nothing": kept("return bus.go(x) + 1", behind="return send is not None"),
    "its name and defaults, which stay": kept(
        "return bus.go(x) + 1", behind="print(send.__qualname__, send.__defaults__)"
    ),
    "a name of the module by name": "TABLE = globals()['x']\n" + kept("return bus.go(x) + 1"),
}

CAUTIOUS = {
    "a compiler": (
        Caution.COMPILED,
        "import numba\n\n\ndef f(n):\n    @numba.njit\n    def add(x):\n        return n + x\n\n"
        "    return add\n",
    ),
    "a compiler as a decorator, with options": (
        Caution.COMPILED,
        "from numba import njit\n\n\ndef f(n):\n    @njit(cache=True)\n    def add(x):\n"
        "        return n + x\n    return add\n",
    ),
    "a process": (
        Caution.PICKLED,
        "from multiprocessing import Process as P\n\n\ndef f(bus):\n"
        "    P(target=lambda: bus.go() + 1).start()\n",
    ),
    "a command": (
        Caution.INTROSPECTED,
        "import click\n\n\ndef f(bus):\n    @click.command()\n    def go(x):\n"
        "        return bus.go(x) + 1\n    return go\n",
    ),
    "a weak reference": (
        Caution.COMPARED,
        "import weakref\n\n\ndef f(bus):\n    bus.x = weakref.ref(bus, lambda _: bus.go() + 1)\n",
    ),
    "a route": (
        Caution.INTROSPECTED,
        "from fastapi import FastAPI\n\n\ndef f(bus):\n    app = FastAPI()\n\n"
        "    @app.get('/')\n    def root(x: int):\n        return bus.go(x) + 1\n\n"
        "    return app\n",
    ),
    "an annotated application's route": (
        Caution.INTROSPECTED,
        "from fastapi import FastAPI\n\n\ndef f(app: FastAPI, bus):\n"
        "    @app.get('/')\n    def root(x: int):\n        return bus.go(x) + 1\n",
    ),
    "a worker of a pool of processes": (
        Caution.PICKLED,
        "from concurrent.futures import ProcessPoolExecutor\n\n\ndef f(bus):\n"
        "    pool = ProcessPoolExecutor()\n    return pool.submit(lambda: bus.go() + 1)\n",
    ),
    "a process of a context": (
        Caution.PICKLED,
        "import multiprocessing\n\n\ndef f(bus):\n"
        "    spawn = multiprocessing.get_context('spawn')\n"
        "    spawn.Process(target=lambda: bus.go() + 1).start()\n",
    ),
    "a function of the project that pickles what it is given": (
        Caution.PICKLED,
        "import pickle\n\n\ndef send(callback):\n    pickle.dumps(callback)\n\n\n"
        "def later(callback):\n    send(callback)\n\n\n"
        "def f(bus):\n    later(lambda x: bus.go(x) + 1)\n",
    ),
    "a method of the project that holds it weakly": (
        Caution.COMPARED,
        "import weakref\n\n\nclass C:\n    def keep(self, callback):\n"
        "        self.kept = weakref.ref(callback)\n\n"
        "    def m(self, bus):\n        self.keep(lambda x: bus.go(x) + 1)\n",
    ),
    "a comparison": (
        Caution.COMPARED,
        kept("return bus.go(x) + 1", behind="return bus.current is send"),
    ),
    "one variant of a generic function": (
        Caution.INTROSPECTED,
        "from functools import singledispatch\n\n\n@singledispatch\ndef show(x):\n    return x\n"
        "\n\ndef f(bus):\n    @show.register\n    def _(x: int):\n        return bus.go(x) + 1\n",
    ),
    "a signal that keeps weakly": (
        Caution.COMPARED,
        "from blinker import Signal\n\n\ndef f(bus):\n    changed = Signal()\n\n"
        "    @changed.connect\n    def go(x):\n        return bus.go(x) + 1\n\n"
        "    return changed, go\n",
    ),
    "a listener that is removed": (
        Caution.COMPARED,
        "def f(bus):\n    def go(x):\n        bus.remove_listener(go)\n        return bus.x + 1\n\n"
        "    bus.add_listener(go)\n",
    ),
    "a recursion": (Caution.RECURSION, kept("return x and send(x - 1) + bus.go()")),
    "a recursion over a method": (
        Caution.RECURSION,
        "class C:\n    def go(self, x):\n        def send(x):\n            return self.step(x)+1\n"
        "        self.send = send\n        return send(x)\n\n"
        "    def step(self, x):\n        return x and self.go(x - 1)\n",
    ),
    "the wrapper of a recursion": (
        Caution.RECURSION,
        "def logged(function):\n    def wrapper(x):\n        return function(x) + 1\n\n"
        "    return wrapper\n\n\n@logged\ndef down(x):\n    return x and down(x - 1)\n",
    ),
    "all names of the module": (
        Caution.NAMESPACE,
        kept("return bus.go(x) + 1") + "\n\nNAMES = [n for n in globals() if n]\n",
    ),
}


@pytest.mark.parametrize(("reason", "text"), REFUSED.values(), ids=REFUSED)
def test_is_refused(reason: Reason, text: str) -> None:
    finding = only_finding(text)
    assert finding.fix is None
    assert finding.refusal is not None
    assert _matches(reason.value, finding.refusal)


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


@pytest.mark.parametrize("text", MOVED.values(), ids=MOVED)
def test_is_moved_and_safe(text: str) -> None:
    finding = only_finding(text)
    assert finding.refusal is None
    assert finding.fix is not None
    assert finding.fix.applicability is Applicability.SAFE


@pytest.mark.parametrize(("caution", "text"), CAUTIOUS.values(), ids=CAUTIOUS)
def test_is_unsafe(caution: Caution, text: str) -> None:
    finding = only_finding(text)
    assert finding.fix is not None
    assert finding.fix.applicability is Applicability.UNSAFE
    assert _matches(caution.value, finding.fix.caution)


def test_what_looks_at_functions_is_configured() -> None:
    text = "import bus\n\n\ndef f(n):\n    bus.subscribe(lambda: n.go() + 1)\n"
    config = Config(sinks={"bus.subscribe": {"0": "introspected"}})
    (finding,) = lint(SourceFile("module.py", text), RULES, config).findings
    assert finding.fix is not None
    assert finding.fix.caution == "`bus.subscribe` looks at the function's signature or source"


def test_a_recursion_over_a_sibling_is_unsafe() -> None:
    text = "def f(bus):\n    def odd(x):\n        return x and even(x - 1)\n\n"
    text += "    def even(x):\n        return not x or odd(x - 1)\n\n    return odd, even\n"
    odd, even = lint(SourceFile("module.py", text), RULES, Config()).findings
    assert odd.refusal == "`even` may have no value yet when it is called"
    assert even.fix is not None
    assert even.fix.caution.startswith("`odd` leads back to it")


def test_every_caution_has_a_case() -> None:
    elsewhere = {Caution.ANOTHER_OBJECT, Caution.TURN}  # see the tests of RL104 and RL106
    assert {caution for caution, _ in CAUTIOUS.values()} | elsewhere == set(Caution)


def _matches(template: str, text: str) -> bool:
    before, _, after = template.partition("{name}")
    return text.startswith(before) and text.endswith(after)
