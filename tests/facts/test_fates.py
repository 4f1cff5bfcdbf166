"""What becomes of a closure. Each case is a program, and CPython says whether we are right: after
`make` has run, a function (or the frame of one) called `work` is still alive, or it is not."""

from __future__ import annotations

import asyncio
import gc
import itertools
import signal
import textwrap
import types
from collections.abc import Iterator
from typing import Any

import pytest

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

KEPT = {
    "by what a name stands for since a function has bound it anew": (
        "register = print\ndef switch():\n    global register\n    register = BUS.subscribe\n"
        "def make():\n{work}    switch()\n    register(work)"
    ),
    "by what a local name stands for since a closure has bound it anew": (
        "def make():\n    register = print\n    def switch():\n        nonlocal register\n"
        "        register = BUS.subscribe\n{work}    switch()\n    register(work)"
    ),
    "returned": "def make():\n{work}    return work",
    "in a tuple that is returned": "def make():\n{work}    return 1, work",
    "as one of two": "def make(x=1):\n{work}    return work if x else None",
    "in a partial": "import functools\ndef make():\n{work}    return functools.partial(work)",
    "in a list that was made here": (
        "def make():\n{work}    found = []\n    found.append(work)\n    return found"
    ),
    "in an object": (
        "class C:\n    pass\ndef make():\n{work}    c = C()\n    c.x = work\n    return c"
    ),
    "through a name": "def make():\n{work}    f = work\n    g = f\n    return g",
    "under `global`": "def make():\n    global kept\n{work}    kept = work",
    "by a closure that is returned": (
        "def make():\n{work}    def other():\n        return work()\n    return other"
    ),
    "put into an object by a closure that is only called": (
        "class C:\n    def make(self):\n    {work}        def put():\n            self.x = work\n"
        "        put()\n        return self\nmake = C().make"
    ),
    "set by its name": (
        "class C:\n    pass\ndef make():\n{work}    c = C()\n"
        "    setattr(c, 'x', work)\n    return c"
    ),
    "set past the class": (
        "class C:\n    pass\ndef make():\n{work}    c = C()\n"
        "    object.__setattr__(c, 'x', work)\n    return c"
    ),
    "bound to an object": (
        "def make():\n    def work(self):\n        return self + 1\n    return work.__get__(3)"
    ),
    "handed to the project's own code": "def make():\n{work}    BUS.subscribe(work)",
    "handed over by a decorator": (
        "def make():\n    @BUS.subscribe\n    def work():\n        return len(BUS.handlers)\n"
    ),
    "wrapped, and then handed over": (
        "import functools\ndef make():\n{work}    @functools.wraps(work)\n"
        "    def wrapper():\n        return work()\n    BUS.subscribe(wrapper)"
    ),
    "under a decorator that wraps it, and then handed over": (
        "import functools\ndef logged(f):\n    @functools.wraps(f)\n"
        "    def wrapper():\n        return f()\n    return wrapper\n"
        "def make():\n    @logged\n    def work():\n        return len(BUS.handlers)\n"
        "    BUS.subscribe(work)"
    ),
    "in a loop over a list": "def make():\n{work}    for f in [work]:\n        BUS.subscribe(f)",
    "in a loop over pairs": (
        "def make():\n{work}    for name, f in [('a', work)]:\n        BUS.subscribe(f)"
    ),
    "in a loop over the items of a table": (
        "def make():\n{work}    table = {{'a': work}}\n    for name, f in table.items():\n"
        "        BUS.subscribe(f)"
    ),
    "in a comprehension over a tuple": (
        "def make():\n{work}    return len([BUS.subscribe(f) for f in (work, work)])"
    ),
    "taken out of a table": (
        "def make():\n{work}    table = {{'a': work}}\n    BUS.subscribe(table['a'])"
    ),
    "unpacked": "def make():\n{work}    n, f = 1, work\n    BUS.subscribe(f)",
    "as one of any number of arguments": (
        "def put(n, *functions):\n    for f in functions:\n        BUS.subscribe(f)\n"
        "def make():\n{work}    put(1, len, work)"
    ),
    "as one of any keywords": (
        "def put(**functions):\n    BUS.subscribe(functions.get('f'))\n"
        "def make():\n{work}    put(f=work)"
    ),
    "spread by a star": (
        "def keep(*functions):\n    for f in functions:\n        BUS.subscribe(f)\n"
        "def put(*functions):\n    keep(*functions)\ndef make():\n{work}    put(work)"
    ),
    "by a method of what a builtin returns": (
        "def make():\n{work}    bus = next(iter([BUS]))\n    bus.subscribe(work)"
    ),
    "registered with the interpreter": (
        "import atexit\ndef make():\n{work}    atexit.register(work)\n    return atexit"
    ),
    "by a constructor with a type parameter": (
        "import typing\nT = typing.TypeVar('T')\nclass Cell(typing.Generic[T]):\n"
        "    def __init__(self, f):\n        self.f = f\n"
        "def make():\n{work}    return Cell[int](work)"
    ),
    "by a method whose `self` is annotated": (
        "import typing\nS = typing.TypeVar('S')\nclass C:\n    kept = {{}}\n"
        "    def put(self: S, f):\n        self.kept[1] = f\n    def make(self: S):\n"
        "    {work}        self.put(work)\nmake = C().make"
    ),
    "by an iterator that is returned": (
        "def make():\n    def work(x):\n        return x + 1\n    return map(work, [1])"
    ),
    "by a generator that is returned": (
        "def each(f):\n    yield f()\ndef make():\n{work}    return each(work)"
    ),
    "as a generator that is returned": (
        "def make():\n    def work():\n        yield len(BUS.handlers)\n    g = work()\n"
        "    next(g)\n    return g"
    ),
    "a signal handler, where another one is put back": (
        "import signal\ndef make():\n    def work(*args):\n        return len(BUS.handlers)\n"
        "    former = signal.signal(signal.SIGUSR1, work)\n"
        "    signal.signal(signal.SIGUSR2, former)"
    ),
    "as a task": (
        "import asyncio\nasync def make():\n    async def work():\n"
        "        await asyncio.sleep(9 + len(BUS.handlers))\n"
        "    return asyncio.create_task(work())"
    ),
    "by the coroutine of a task": (
        "import asyncio\nasync def each(f):\n    await asyncio.sleep(9)\n    f()\n"
        "async def make():\n{work}    return asyncio.create_task(each(work))"
    ),
    "called back by an event loop": (
        "import asyncio\nasync def make():\n{work}    loop = asyncio.get_running_loop()\n"
        "    return loop.call_later(9, work)"
    ),
    "an attribute that is set anew where something fails": (
        "class C:\n    def make(self):\n    {work}        self.f = work\n        try:\n"
        "            len([])\n        except ValueError:\n            self.f = None\n"
        "        return self\nmake = C().make"
    ),
    "taken back only where something fails": (
        "def make():\n{work}    BUS.subscribe(work)\n    try:\n        len([])\n"
        "    except ValueError:\n        BUS.remove(work)"
    ),
    "by what a `with` binds, and the function returns": (
        "import contextlib\nclass Open(Bus, contextlib.AbstractContextManager):\n"
        "    def __exit__(self, *_):\n        pass\n"
        "def make():\n{work}    with Open() as bus:\n        bus.subscribe(work)\n    return bus"
    ),
    "by an exit stack that is handed on": (
        "import contextlib\ndef make():\n{work}    with contextlib.ExitStack() as stack:\n"
        "        stack.callback(work)\n        return stack.pop_all()"
    ),
}
DONE = {
    "under a decorator that wraps it, and only called": (
        "import functools\ndef logged(f):\n    @functools.wraps(f)\n"
        "    def wrapper():\n        return f()\n    return wrapper\n"
        "def make():\n    @logged\n    def work():\n        return len(BUS.handlers)\n"
        "    return work()"
    ),
    "unpacked, and something else is kept": (
        "def make():\n{work}    n, f = print, work\n    BUS.subscribe(n)\n    return f()"
    ),
    "in a loop over pairs of which something else is kept": (
        "def make():\n{work}    for g, f in [(print, work)]:\n        BUS.subscribe(g)\n        f()"
    ),
    "in a table whose keys are kept": (
        "def make():\n{work}    table = {{print: work}}\n    for g in table:\n"
        "        BUS.subscribe(g)\n    for g in table.keys():\n        BUS.subscribe(g)\n"
        "    return table[print]()"
    ),
    "as one of any number of arguments, called": (
        "def call(*functions):\n    return [f() for f in functions]\n"
        "def make():\n{work}    return len(call(work, work))"
    ),
    "called": "def make():\n{work}    return work()",
    "a key of `sorted`": (
        "def make():\n    def work(x):\n        return x + 1\n    return sorted([2, 1], key=work)"
    ),
    "an iterator that is used up": (
        "def make():\n    def work(x):\n        return x + 1\n    return list(map(work, [1]))"
    ),
    "called by the project's own code": (
        "def call(f):\n    return f()\ndef make():\n{work}    return call(work)"
    ),
    "in a list that is gone through": (
        "def make():\n{work}    found = [work]\n    return sum(f() for f in found)"
    ),
    "by a closure that is only called": (
        "def make():\n{work}    def other():\n        return work()\n    return other()"
    ),
    "by a generator that is used up": (
        "def each(f):\n    yield f()\ndef make():\n{work}    return list(each(work))"
    ),
    "by a generator that is gone through": (
        "def each(f):\n    yield f\ndef make():\n{work}    for f in each(work):\n        f()"
    ),
    "by a generator that delegates": (
        "def each(f):\n    yield f()\ndef make():\n    def inner():\n"
        "        def work():\n            return id(BUS) + 1\n        yield from each(work)\n"
        "    return list(inner())"
    ),
    "by a coroutine that is awaited": (
        "async def each(f):\n    return f()\nasync def make():\n{work}    return await each(work)"
    ),
    "as a coroutine that is awaited": (
        "async def make():\n    async def work():\n        return len(BUS.handlers)\n"
        "    return await work()"
    ),
    "as coroutines that are awaited together": (
        "import asyncio\nasync def make():\n    async def work():\n"
        "        return len(BUS.handlers)\n    return await asyncio.gather(work(), work())"
    ),
    "as a task that is awaited": (
        "import asyncio\nasync def make():\n    async def work():\n"
        "        return len(BUS.handlers)\n    task = asyncio.create_task(work())\n"
        "    return await task"
    ),
    "by a task group": (
        "import asyncio\nclass Group:\n    async def __aenter__(self):\n        self.tasks = []\n"
        "        return self\n    async def __aexit__(self, *_):\n"
        "        await asyncio.gather(*self.tasks)\n        self.tasks = []\n"
        "    def start_soon(self, f):\n        self.tasks.append(asyncio.ensure_future(f()))\n"
        "async def make():\n    async def work():\n        return len(BUS.handlers)\n"
        "    async with Group() as group:\n        group.start_soon(work)\n"
        "    async with Group() as group:\n        group.start_soon(work)"
    ),
    "by an executor": (
        "from concurrent.futures import ThreadPoolExecutor\ndef make():\n{work}"
        "    with ThreadPoolExecutor() as pool:\n        pool.submit(work)"
    ),
    "by a thread that is joined": (
        "import threading\ndef make():\n{work}    thread = threading.Thread(target=work)\n"
        "    thread.start()\n    thread.join()"
    ),
    "by a timer that is cancelled": (
        "import threading\ndef make():\n{work}    timer = threading.Timer(9, work)\n"
        "    timer.start()\n    timer.cancel()\n    timer.join()"
    ),
    "by an exit stack": (
        "import contextlib\ndef make():\n{work}    with contextlib.ExitStack() as stack:\n"
        "        stack.callback(work)"
    ),
    "taken back": (
        "def make():\n{work}    BUS.subscribe(work)\n    BUS.fire()\n    BUS.remove(work)"
    ),
    "taken back by what the registration returned": (
        "def make():\n{work}    handle = BUS.subscribe(work)\n    try:\n        BUS.fire()\n"
        "    finally:\n        BUS.remove(handle)"
    ),
    "a signal handler, until the former one is put back": (
        "import signal\ndef make():\n    def work(*args):\n        return len(BUS.handlers)\n"
        "    former = signal.signal(signal.SIGINT, work)\n    try:\n        BUS.fire()\n"
        "    finally:\n        signal.signal(signal.SIGINT, former)"
    ),
    "an attribute that is put back": (
        "class C:\n    f = None\n    def make(self):\n    {work}        old = self.f\n"
        "        self.f = work\n        try:\n            self.f()\n        finally:\n"
        "            self.f = old\nmake = C().make"
    ),
    "an attribute that is deleted": (
        "class C:\n    def make(self):\n    {work}        self.f = work\n        try:\n"
        "            self.f()\n        finally:\n            del self.f\nmake = C().make"
    ),
    "what a `with` enters": (
        "class Trying:\n    def __init__(self, f):\n        self.f = f\n    def __enter__(self):\n"
        "        self.f()\n    def __exit__(self, *_):\n        pass\n"
        "def make():\n{work}    with Trying(work):\n        pass"
    ),
}


NUMBERS = itertools.count()


@pytest.fixture(autouse=True)
def handlers_as_before() -> Iterator[None]:
    """What a program does with signals is over when its test is."""
    before = {number: signal.getsignal(number) for number in signal.valid_signals()}
    yield
    for number, handler in before.items():
        if signal.getsignal(number) is not handler:
            signal.signal(number, handler)


def program(body: str) -> str:
    in_class = textwrap.indent(DEF, "    ")[4:]
    work = in_class if "    {work}" in body else DEF
    return WORK + textwrap.dedent(BUS) + body.format(work=work)


def survives(text: str) -> bool:
    """Run `make` and look for `work` among all objects that are alive."""
    filename = f"<program {next(NUMBERS)}>"
    namespace: dict[str, Any] = {"__name__": filename}
    exec(compile(text, filename, "exec"), namespace)

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

    return asyncio.run(run())


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


@pytest.mark.parametrize("body", KEPT.values(), ids=KEPT)
def test_is_kept(body: str) -> None:
    text = program(body)
    assert survives(text), "the case is wrong"
    assert is_shown(fate_of_work(text))


@pytest.mark.parametrize("body", DONE.values(), ids=DONE)
def test_is_done_with(body: str) -> None:
    text = program(body)
    assert not survives(text), "the case is wrong"
    assert not is_shown(fate_of_work(text))


def test_an_abstract_method_does_what_those_do_that_override_it() -> None:
    text = program(
        "class Base:\n    def put(self, f):\n        raise NotImplementedError\n"
        "class Real(Base):\n    def put(self, f):\n        BUS.handlers.append(f)\n"
        "def make(base: Base = Real()):\n{work}    base.put(work)"
    )
    assert survives(text)
    facts = facts_in_project(text)
    (work,) = (closure for closure in facts.closures if closure.name == "work")
    assert is_shown(facts.fate(work.node))


def test_nothing_is_sure_where_a_decorator_binds_the_parameters_in_another_way() -> None:
    text = program(
        "def flipped(f):\n    def wrapper(a, b):\n        return f(b, a)\n    return wrapper\n"
        "@flipped\ndef put(kept, called):\n    called()\n    BUS.handlers.append(kept)\n"
        "def make():\n{work}    put(list, work)"
    )
    assert survives(text)
    assert fate_of_work(text) is not None


FUTURES = """\
    from twisted.internet import defer


    class Shop:
        def find(self, name):
            if not name:
                return defer.fail(KeyError(name))
            return self.sold(name).addErrback(print)

        def sold(self, name):
            return defer.succeed(name)

        def order(self, name):
            if not name:
                return defer.succeed(name)
            return defer.Deferred()

        def ask(self, name):
            raise NotImplementedError


    class Closed(Shop):
        def ask(self, name):
            return defer.succeed(name)


    def make(shop: Shop, other):
        def work(result):
            return result + 1

"""


@pytest.mark.parametrize(
    ("future", "is_kept"),
    [
        ("defer.Deferred()", True),
        ("defer.succeed(1)", False),
        ("defer.succeed(1).addErrback(print)", False),
        ("shop.find('x')", False),
        ("other.find('x')", False),
        ("shop.ask('x')", False),  # where a subclass says what it returns
        ("shop.order('x')", True),  # it may be complete
        ("other.order('x')", True),
        ("other.unknown('x')", True),
    ],
)
@pytest.mark.parametrize("call", ["{}.addCallback(work)", "d = {}; d.addCallback(work)"])
def test_a_future_that_is_complete_calls_back_at_once(
    future: str, is_kept: bool, call: str
) -> None:
    text = textwrap.dedent(FUTURES) + "    " + call.format(future)
    facts = facts_in_project(text)
    (work,) = (closure for closure in facts.closures if closure.name == "work")
    assert is_shown(facts.fate(work.node)) is is_kept
