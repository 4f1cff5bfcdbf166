"""What a def is: every kind of function, of parameter and of body."""

from __future__ import annotations

KINDS = {
    "a def": (
        """\
def f(bus):
    def send(x):
        bus.count += 1
        return bus.send(x)

    return send
""",
        """\
def _f_send(bus, x):
    bus.count += 1
    return bus.send(x)


def f(bus):
    def send(x):
        return _f_send(bus, x)

    return send
""",
    ),
    "a def that gives nothing back": (
        """\
def f(bus):
    def send(x):
        bus.last = x
        if not x:
            return
        bus.count += 1

    return send
""",
        """\
def _f_send(bus, x):
    bus.last = x
    if not x:
        return
    bus.count += 1


def f(bus):
    def send(x):
        _f_send(bus, x)

    return send
""",
    ),
    "a def with every kind of parameter": (
        """\
def f(bus):
    def send(a: int, b, /, c: list[str] = [], *d: str, e: bool, g=1, **h: object) -> None:
        bus.last = (a, b, c, d, e, g, h)

    return send
""",
        """\
def _f_send(bus, a: int, b, c: list[str], /, *d: str, e: bool, g, **h: object) -> None:
    bus.last = (a, b, c, d, e, g, h)


def f(bus):
    def send(a: int, b, /, c: list[str] = [], *d: str, e: bool, g=1, **h: object) -> None:
        _f_send(bus, a, b, c, *d, e=e, g=g, **h)

    return send
""",
    ),
    "a def that takes nothing but keywords": (
        """\
def f():
    def send(**options):
        return bus.go(options) + 1
    bus.subscribe(send)
""",
        """\
def _f_send(**options):
    return bus.go(options) + 1


def f():
    def send(**options):
        return _f_send(**options)
    bus.subscribe(send)
""",
    ),
    "a coroutine": (
        """\
def f(bus):
    async def send(x):
        await bus.send(x)
        return x

    return send
""",
        """\
async def _f_send(bus, x):
    await bus.send(x)
    return x


def f(bus):
    async def send(x):
        return await _f_send(bus, x)

    return send
""",
    ),
    "a coroutine that gives nothing back": (
        """\
async def f(bus):
    async with bus as line:

        async def send(x):
            async for y in line:
                await y(x)

        return send
""",
        """\
async def _f_send(line, x):
    async for y in line:
        await y(x)


async def f(bus):
    async with bus as line:

        async def send(x):
            await _f_send(line, x)

        return send
""",
    ),
    "a generator": (
        """\
def f(bus):
    def rows(x):
        yield x
        yield bus

    return rows
""",
        """\
def _f_rows(bus, x):
    yield x
    yield bus


def f(bus):
    def rows(x):
        yield from _f_rows(bus, x)

    return rows
""",
    ),
    "a generator that gives a value back": (
        """\
def f(bus):
    def rows(x):
        y = yield x
        return bus + y

    return rows
""",
        """\
def _f_rows(bus, x):
    y = yield x
    return bus + y


def f(bus):
    def rows(x):
        return (yield from _f_rows(bus, x))

    return rows
""",
    ),
    "an async generator, which is iterated": (
        """\
import asyncio


def f(bus):
    async def ticks(n, items):
        for _ in range(n):
            yield await bus.tick(items)

    bus.subscribe(ticks)
""",
        """\
import asyncio
from contextlib import aclosing


async def _f_ticks(bus, n, items):
    for _ in range(n):
        yield await bus.tick(items)


def f(bus):
    async def ticks(n, items):
        async with aclosing(_f_ticks(bus, n, items)) as items_:
            async for item in items_:
                yield item

    bus.subscribe(ticks)
""",
    ),
    "an async generator on one line, where the import is there": (
        """\
from contextlib import aclosing as closing


def f(bus):
    async def ticks(): yield bus.tick(closing) + 1  # often

    return ticks
""",
        """\
from contextlib import aclosing as closing


async def _f_ticks(bus):
    yield bus.tick(closing) + 1


def f(bus):
    async def ticks():
        async with closing(_f_ticks(bus)) as items:
            async for item in items:
                yield item  # often

    return ticks
""",
    ),
    "an async generator that a context manager is made of": (
        """\
import contextlib


def f(bus):
    @contextlib.asynccontextmanager
    async def session(x):
        try:
            yield await bus.open(x)
        finally:
            await bus.close()

    return session
""",
        """\
import contextlib


async def _f_session(bus, x):
    try:
        yield await bus.open(x)
    finally:
        await bus.close()


def f(bus):
    @contextlib.asynccontextmanager
    def session(x):
        return _f_session(bus, x)

    return session
""",
    ),
    "a def in a def in a def": (
        """\
def f(a):
    def g(b):
        def h(c):
            return a + b + c

        return h

    return g
""",
        """\
def _f_g_h(a, b, c):
    return a + b + c


def _f_g(a, b):
    def h(c):
        return _f_g_h(a, b, c)

    return h


def f(a):
    def g(b):
        return _f_g(a, b)

    return g
""",
    ),
    "a wrapper under its decorator": (
        """\
from functools import wraps


def logged(function):
    @wraps(function)
    def wrapper(*args, **kwargs):
        print(args)
        return function(*args, **kwargs)

    return wrapper
""",
        """\
from functools import wraps


def _logged_wrapper(function, /, *args, **kwargs):
    print(args)
    return function(*args, **kwargs)


def logged(function):
    @wraps(function)
    def wrapper(*args, **kwargs):
        return _logged_wrapper(function, *args, **kwargs)

    return wrapper
""",
    ),
    "a stack of decorators": (
        """\
def f(bus):
    @bus.on('a')  # first
    # between
    @bus.on('b')
    def send(x):
        bus.count += x

    return send
""",
        """\
def _f_send(bus, x):
    bus.count += x


def f(bus):
    @bus.on('a')  # first
    # between
    @bus.on('b')
    def send(x):
        _f_send(bus, x)

    return send
""",
    ),
    "a body that declares a global": (
        """\
COUNT = 0


def f(bus):
    def count():
        global COUNT
        COUNT += bus.size()

    return count
""",
        """\
COUNT = 0


def _f_count(bus):
    global COUNT
    COUNT += bus.size()


def f(bus):
    def count():
        _f_count(bus)

    return count
""",
    ),
    "a recursion that is handed on": (
        """\
def f(loop):
    def again(n):
        print(n)
        loop.call_later(1, again, n + 1)

    loop.call_later(1, again, 0)
""",
        """\
def _f_again(again, loop, n):
    print(n)
    loop.call_later(1, again, n + 1)


def f(loop):
    def again(n):
        _f_again(again, loop, n)

    loop.call_later(1, again, 0)
""",
    ),
}
