"""Every reason why the hoist of a closure is unsafe."""

from __future__ import annotations

import pytest

from reloadlint.config import Config
from reloadlint.finding import Applicability
from reloadlint.fix import fix
from reloadlint.lint import lint
from reloadlint.rewrite.refusal import Caution, hoist_cautions
from reloadlint.source import SourceFile
from tests.rewrite.hoisting import RULES, kept, matches, only_finding

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
    "a recursion, and a name that may be missing": (
        Caution.RECURSION,
        kept("late.go()\nreturn x and send(x - 1)", behind="late = 1"),
    ),
    "a recursion of a function that a loop is around": (
        Caution.RECURSION,
        "while bus:\n    def f(bus):\n        def send(x):\n            bus.go()\n"
        "            return send(x - 1)\n        bus.subscribe(send)\n",
    ),
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


@pytest.mark.parametrize(("caution", "text"), CAUTIOUS.values(), ids=CAUTIOUS)
def test_is_unsafe(caution: Caution, text: str) -> None:
    finding = only_finding(text)
    assert finding.fix is not None
    assert finding.fix.applicability is Applicability.UNSAFE
    assert matches(caution.value, finding.fix.caution)


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
    shown = {caution for caution, _ in CAUTIOUS.values()}
    assert shown | elsewhere == set(Caution)
    assert set(hoist_cautions()) == {caution.text("name") for caution in shown}


@pytest.mark.parametrize("app", ["    app = FastAPI()\n", "    app: FastAPI = bus.app\n"])
def test_what_a_moved_body_has_captured_looks_at_functions_as_before(app: str) -> None:
    text = (
        f"from fastapi import FastAPI\n\n\ndef f(bus):\n{app}\n"
        "    def outer(x):\n        bus.go(x)\n\n"
        "        @app.get('/')\n        def root(y: int):\n            return bus.go(x, y) + 1\n\n"
        "    bus.on_start(outer)\n"
    )
    fixed = fix(SourceFile("m.py", text), RULES, Config())
    assert [finding.message.split()[0] for finding in fixed.applied] == ["`outer`"]
    (left,) = fixed.result.findings
    assert left.fix is not None
    assert left.fix.applicability is Applicability.UNSAFE
