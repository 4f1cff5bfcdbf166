"""What becomes of a closure that is called, handed over, kept in an object or returned."""

from __future__ import annotations

import textwrap

import pytest

from tests.facts.survival import (
    assert_done,
    assert_kept,
    facts_in_project,
    fate_of_work,
    is_shown,
    program,
    survives,
)

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
    "in a partial": "import functools\ndef make():\n{work}    return functools.partial(work)",
    "in an object": (
        "class C:\n    pass\ndef make():\n{work}    c = C()\n    c.x = work\n    return c"
    ),
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
    "under a context manager, and then handed over": (
        "import contextlib\n@contextlib.contextmanager\ndef opened():\n    yield\n"
        "def make():\n    @opened()\n    def work():\n        return len(BUS.handlers)\n"
        "    BUS.subscribe(work)"
    ),
    "by a function under a decorator that gives it back": (
        "def marked(f):\n    f.is_marked = True\n    return f\n"
        "@marked\ndef put(f):\n    BUS.subscribe(f)\ndef make():\n{work}    put(work)"
    ),
    "by a function under a decorator that passes all on": (
        "def logged(name):\n    def decorate(f):\n        def wrapper(*args):\n"
        "            return f(*args)\n        return wrapper\n    return decorate\n"
        "@logged('x')\ndef put(f):\n    BUS.subscribe(f)\ndef make():\n{work}    put(work)"
    ),
    "handed to a private method": (
        "class C:\n    kept = []\n    def __put(self, f):\n        self.kept.append(f)\n"
        "    def make(self):\n    {work}        self.__put(work)\nmake = C().make"
    ),
    "handed to an object by a private name": (
        "class C:\n    def make(self, __bus: Bus = BUS):\n    {work}        __bus.subscribe(work)\n"
        "make = C().make"
    ),
}
DONE = {
    "under a decorator that wraps it, and only called": (
        "import functools\ndef logged(f):\n    @functools.wraps(f)\n"
        "    def wrapper():\n        return f()\n    return wrapper\n"
        "def make():\n    @logged\n    def work():\n        return len(BUS.handlers)\n"
        "    return work()"
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
    "under a context manager, and only called": (
        "import contextlib\n@contextlib.contextmanager\ndef opened():\n    yield\n"
        "def make():\n    @opened()\n    def work():\n        return len(BUS.handlers)\n"
        "    return work()"
    ),
    "called by a decorator": (
        "def call(f):\n    f()\n"
        "def make():\n    @call\n    def work():\n        return len(BUS.handlers)"
    ),
    "called in a context by a decorator": (
        "import contextvars\ndef make(context: contextvars.Context = contextvars.Context()):\n"
        "    @context.run\n    def work():\n        return len(BUS.handlers)"
    ),
    "called by a function under a decorator that passes all on": (
        "def logged(name):\n    def decorate(f):\n        def wrapper(*args):\n"
        "            return f(*args)\n        return wrapper\n    return decorate\n"
        "@logged('x')\ndef call(f):\n    f()\ndef make():\n{work}    call(work)"
    ),
    "called by a private method": (
        "class C:\n    def __call(self, f):\n        f()\n"
        "    def make(self):\n    {work}        self.__call(work)\nmake = C().make"
    ),
    "handed to something that is awaited": (
        "class Pool:\n    async def submit(self, f):\n        return f()\n"
        "async def make():\n{work}    pool = next(iter([Pool()]))\n"
        "    return await pool.submit(work)"
    ),
}


@pytest.mark.parametrize("body", KEPT.values(), ids=KEPT)
def test_is_kept(body: str) -> None:
    assert_kept(body)


@pytest.mark.parametrize("body", DONE.values(), ids=DONE)
def test_is_done_with(body: str) -> None:
    assert_done(body)


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


FLIPPED = "def flipped(f):\n    def wrapper(a, b):\n        return f(b, a)\n    return wrapper\n"


@pytest.mark.parametrize(
    "decorator",
    [
        f"{FLIPPED}@flipped\n",
        f"def made():\n{textwrap.indent(FLIPPED, '    ')}    return flipped\n@made()\n",
    ],
)
def test_nothing_is_sure_where_a_decorator_binds_the_parameters_in_another_way(
    decorator: str,
) -> None:
    text = program(
        f"{decorator}def put(kept, called):\n    called()\n    BUS.handlers.append(kept)\n"
        "def make():\n{work}    put(list, work)"
    )
    assert survives(text)
    assert fate_of_work(text) is not None
