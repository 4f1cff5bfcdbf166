"""Programs whose closures are kept, or are done with: CPython says which.

In each, `make` defines a function called `work` and does something with it. Once `make` has run,
the function, or a frame of it, is still alive, or it is not; a fate has to tell the same.
"""

from __future__ import annotations

import asyncio
import gc
import itertools
import signal
import textwrap
import types
from typing import Any

from reloadlint.config import Config
from reloadlint.facts import FileFacts, collect
from reloadlint.facts.fates import Fate
from reloadlint.facts.project import Project
from reloadlint.source import SourceFile
from tests.facts.facts_of import facts_of

BUS = """\
    class Bus:
        def __init__(self):
            self.handlers = []

        def subscribe(self, f):
            self.handlers.append(f)
            return f

        def remove(self, f):
            self.handlers.remove(f)

        def fire(self):
            for f in self.handlers:
                f()


    BUS = Bus()
"""
DEF = "    def work():\n        return id(work_of) + 1\n"  # of no use but to be called
WORK = "work_of = object()\n"


NUMBERS = itertools.count()


def program(body: str) -> str:
    in_class = textwrap.indent(DEF, "    ")[4:]
    work = in_class if "    {work}" in body else DEF
    return WORK + textwrap.dedent(BUS) + body.format(work=work)


def survives(text: str) -> bool:
    """Run `make` and look for `work` among all objects that are alive and were not before."""
    filename = f"<program {next(NUMBERS)}>"
    namespace: dict[str, Any] = {"__name__": filename}

    async def run() -> bool:
        made = namespace["make"]()
        held = await made if isinstance(made, types.CoroutineType) else made
        await asyncio.sleep(0)  # the loop lets go of what it has just called
        gc.collect()
        found = any(is_work(thing) for thing in gc.get_objects())
        if isinstance(held, (asyncio.Task, asyncio.TimerHandle)):
            held.cancel()
        return found

    def is_work(thing: object) -> bool:
        code = getattr(thing, "__code__", None) if isinstance(thing, types.FunctionType) else None
        if isinstance(thing, types.GeneratorType):
            code = thing.gi_code
        elif isinstance(thing, types.CoroutineType):
            code = thing.cr_code
        return code is not None and (code.co_filename, code.co_name) == (filename, "work")

    handlers = {number: signal.getsignal(number) for number in signal.valid_signals()}
    gc.freeze()
    try:
        exec(compile(text, filename, "exec"), namespace)
        return asyncio.run(run())
    finally:
        gc.unfreeze()
        for number, handler in handlers.items():
            if signal.getsignal(number) is not handler:
                signal.signal(number, handler)


def fate_of_work(text: str) -> Fate | None:
    facts = facts_of(text)
    (work,) = (closure for closure in facts.closures if closure.name == "work")
    return facts.fate(work.node)


def facts_in_project(text: str) -> FileFacts:
    """The facts of a file in a project that consists of it."""
    source = SourceFile("module.py", text)
    return collect(source, Config(), Project(Config(), lambda _: source, ["module.py"]))


def is_shown(fate: Fate | None) -> bool:
    return fate is not None and fate.confidence >= Config().min_confidence


def assert_kept(body: str) -> None:
    text = program(body)
    assert survives(text), "the case is wrong"
    assert is_shown(fate_of_work(text))


def assert_done(body: str) -> None:
    text = program(body)
    assert not survives(text), "the case is wrong"
    assert not is_shown(fate_of_work(text))
