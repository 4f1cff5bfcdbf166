"""The hoist, shape by shape: what a file is before, and exactly what it is after."""

from __future__ import annotations

import pytest

from reloadlint import registry
from reloadlint.config import Config
from reloadlint.fix import fix
from reloadlint.lint import lint
from reloadlint.source import SourceFile

RULES = registry.load()

KINDS = {
    "a lambda": (
        """\
def f(bus):
    return lambda x: bus.send(x) + 1
""",
        """\
def _f_result(bus, x):
    return bus.send(x) + 1


def f(bus):
    return lambda x: _f_result(bus, x)
""",
    ),
    "a lambda without parameters or captures": (
        """\
import atexit

atexit.register(lambda: print(1) or 2)
""",
        """\
import atexit


def _register_callback():
    return print(1) or 2


atexit.register(lambda: _register_callback(*()))
""",
    ),
    "a lambda with every kind of parameter": (
        """\
def f(bus):
    return lambda a, /, b=1, *c, d, e=2, **g: bus.send(a, b, c, d, e, g) + 1
""",
        """\
def _f_result(bus, a, b, c, d, e, g):
    return bus.send(a, b, c, d, e, g) + 1


def f(bus):
    return lambda a, /, b=1, *c, d, e=2, **g: _f_result(bus, a, b, c, d, e, g)
""",
    ),
    "a lambda in the defaults of a lambda": (
        """\
def f(bus):
    bus.subscribe(lambda x, y=lambda: 3: x + y())
""",
        """\
def _f_subscribe_callback(x, y):
    return x + y()


def f(bus):
    bus.subscribe(lambda x, y=lambda: 3: _f_subscribe_callback(x=x, y=y))
""",
    ),
    "a lambda that binds by walrus": (
        """\
def f(bus):
    return lambda: (n := bus.size()) + n
""",
        """\
def _f_result(bus):
    return (n := bus.size()) + n


def f(bus):
    return lambda: _f_result(bus)
""",
    ),
    "a lambda with a conditional body": (
        """\
def f(bus):
    return lambda x: x if x else bus.size()
""",
        """\
def _f_result(bus, x):
    return x if x else bus.size()


def f(bus):
    return lambda x: _f_result(bus, x)
""",
    ),
    "a lambda with a comprehension": (
        """\
def f(bus):
    return lambda rows: [row.get(bus) for row in rows if row]
""",
        """\
def _f_result(bus, rows):
    return [row.get(bus) for row in rows if row]


def f(bus):
    return lambda rows: _f_result(bus, rows)
""",
    ),
    "a lambda in a lambda, from the outside in": (
        """\
def f(a):
    return lambda b: lambda c: a + b + c
""",
        """\
def _f_result_result(a, b, c):
    return a + b + c


def _f_result(a, b):
    return lambda c: _f_result_result(a, b, c)


def f(a):
    return lambda b: _f_result(a, b)
""",
    ),
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

PLACES = {
    "a method": (
        """\
class Button:
    def __init__(self, label):
        self.on_click = lambda n: self.show(label) * n
""",
        """\
def _init_on_click(self, label, n):
    return self.show(label) * n


class Button:
    def __init__(self, label):
        self.on_click = lambda n: _init_on_click(self, label, n)
""",
    ),
    "a property": (
        """\
class Button:
    @property
    def click(self):
        def click(n, *, times: 'int' = 2):
            return self.count + n * times

        return click
""",
        """\
def _click_click(self, n, *, times: 'int'):
    return self.count + n * times


class Button:
    @property
    def click(self):
        def click(n, *, times: 'int' = 2):
            return _click_click(self, n, times=times)

        return click
""",
    ),
    "a static method": (
        """\
class Button:
    @staticmethod
    def make(kind):
        return lambda *args, **kwargs: kind(*args, **kwargs) + 1
""",
        """\
def _make_result(kind, args, kwargs):
    return kind(*args, **kwargs) + 1


class Button:
    @staticmethod
    def make(kind):
        return lambda *args, **kwargs: _make_result(kind, args, kwargs)
""",
    ),
    "a class method": (
        """\
class Button:
    @classmethod
    def maker(cls, size):
        return lambda label: cls(label, size + 1)
""",
        """\
def _maker_result(cls, size, label):
    return cls(label, size + 1)


class Button:
    @classmethod
    def maker(cls, size):
        return lambda label: _maker_result(cls, size, label)
""",
    ),
    "a class body": (
        """\
class Button:
    handle = bus.subscribe(lambda event: event.n + 1)
""",
        """\
def _Button_subscribe_callback(event):
    return event.n + 1


class Button:
    handle = bus.subscribe(lambda event: _Button_subscribe_callback(event=event))
""",
    ),
    "a class body in a function": (
        """\
def f(bus, n):
    class Button:
        handle = bus.subscribe(lambda event: event.n + n)

    return Button
""",
        """\
def _Button_subscribe_callback(n, event):
    return event.n + n


def f(bus, n):
    class Button:
        handle = bus.subscribe(lambda event: _Button_subscribe_callback(n, event))

    return Button
""",
    ),
    "a default argument": (
        """\
def f(callback=bus.subscribe(lambda: 1 + size())):
    return callback
""",
        """\
def _subscribe_callback():
    return 1 + size()


def f(callback=bus.subscribe(lambda: _subscribe_callback(*()))):
    return callback
""",
    ),
    "the module level": (
        """\
bus.subscribe(lambda event: event.n + 1)
""",
        """\
def _subscribe_callback(event):
    return event.n + 1


bus.subscribe(lambda event: _subscribe_callback(event=event))
""",
    ),
    "a module-level branch": (
        """\
if DEBUG:
    bus.subscribe(lambda event: event.n + 1)
""",
        """\
def _subscribe_callback(event):
    return event.n + 1


if DEBUG:
    bus.subscribe(lambda event: _subscribe_callback(event=event))
""",
    ),
    "both branches, with one name": (
        """\
def f(bus):
    if bus:
        def send(): return bus.size() + 1
    else:
        def send(): return 1 - 1 * 2
    return send
""",
        """\
def _f_send(bus):
    return bus.size() + 1


def _f_send_2():
    return 1 - 1 * 2


def f(bus):
    if bus:
        def send(): return _f_send(bus)
    else:
        def send(): return _f_send_2()
    return send
""",
    ),
    "a loop, where late binding stays late": (
        """\
def f(bus, rows):
    for row in rows:
        bus.subscribe(lambda: row + 1)
""",
        """\
def _f_subscribe_callback(row):
    return row + 1


def f(bus, rows):
    for row in rows:
        bus.subscribe(lambda: _f_subscribe_callback(row))
""",
    ),
    "a loop, where a default binds early": (
        """\
def f(bus, rows):
    for row in rows:
        bus.subscribe(lambda row=row: row + 1)
""",
        """\
def _f_subscribe_callback(row):
    return row + 1


def f(bus, rows):
    for row in rows:
        bus.subscribe(lambda row=row: _f_subscribe_callback(row=row))
""",
    ),
    "a with statement": (
        """\
def f(bus):
    with open('x') as file:
        bus.subscribe(lambda: file.read() + 'x')
""",
        """\
def _f_subscribe_callback(file):
    return file.read() + 'x'


def f(bus):
    with open('x') as file:
        bus.subscribe(lambda: _f_subscribe_callback(file))
""",
    ),
    "an except clause, read at once": (
        """\
def f(bus):
    try:
        bus.size()
    except ValueError as error:
        bus.subscribe(lambda: error.args + (1,))
""",
        """\
def _f_subscribe_callback(error):
    return error.args + (1,)


def f(bus):
    try:
        bus.size()
    except ValueError as error:
        bus.subscribe(lambda: _f_subscribe_callback(error))
""",
    ),
    "a finally clause": (
        """\
def f(bus):
    try:
        bus.size()
    finally:
        bus.subscribe(lambda: bus.size() + 1)
""",
        """\
def _f_subscribe_callback(bus):
    return bus.size() + 1


def f(bus):
    try:
        bus.size()
    finally:
        bus.subscribe(lambda: _f_subscribe_callback(bus))
""",
    ),
    "a comprehension": (
        """\
def f(rows):
    return [lambda: row + 1 for row in rows]
""",
        """\
def _f_result(row):
    return row + 1


def f(rows):
    return [lambda: _f_result(row) for row in rows]
""",
    ),
    "a comprehension over another on its line": (
        """\
def f(rows):
    return [lambda: x + 1 for x in [y for y in rows]]
""",
        """\
def _f_result(x):
    return x + 1


def f(rows):
    return [lambda: _f_result(x) for x in [y for y in rows]]
""",
    ),
    "the arms of a match": (
        """\
def f(bus, event):
    match event:
        case [kind, *rest]:
            bus.subscribe(lambda: kind + rest[0])
        case {'size': size}:
            bus.subscribe(lambda: size + 1)
""",
        """\
def _f_subscribe_callback(kind, rest):
    return kind + rest[0]


def _f_subscribe_callback_2(size):
    return size + 1


def f(bus, event):
    match event:
        case [kind, *rest]:
            bus.subscribe(lambda: _f_subscribe_callback(kind, rest))
        case {'size': size}:
            bus.subscribe(lambda: _f_subscribe_callback_2(size))
""",
    ),
    "two in one statement": (
        """\
def f(bus):
    bus.on(start=lambda: bus.size() + 1, on_stop=lambda: bus.size() - 1)
    bus.set_handlers(on_start=lambda: bus.size() + 1, on_stop=lambda: bus.size() - 1)
""",
        """\
def _f_on_stop(bus):
    return bus.size() - 1


def _f_on_start(bus):
    return bus.size() + 1


def _f_on_stop_2(bus):
    return bus.size() - 1


def f(bus):
    bus.on(start=lambda: bus.size() + 1, on_stop=lambda: _f_on_stop(bus))
    bus.set_handlers(on_start=lambda: _f_on_start(bus), on_stop=lambda: _f_on_stop_2(bus))
""",
    ),
    "statements that share a line": (
        """\
def f(on):
    on.once(lambda: a() + 1); on.reset(); on.once(lambda: a() + 2)
""",
        """\
def _f_once_callback():
    return a() + 1


def _f_once_callback_2():
    return a() + 2


def f(on):
    on.once(lambda: _f_once_callback(*())); on.reset(); on.once(lambda: _f_once_callback_2(*()))
""",
    ),
    "module statements that share a line": (
        """\
import atexit; atexit.register(lambda: print(1) or 2); x = 1
""",
        """\
def _register_callback():
    return print(1) or 2


import atexit; atexit.register(lambda: _register_callback(*())); x = 1
""",
    ),
    "a function with overloads": (
        """\
from typing import overload


@overload
def f(k: int) -> object: ...


@overload
def f(k: str) -> object: ...


def f(k):
    return lambda: k + 1
""",
        """\
from typing import overload


def _f_result(k):
    return k + 1


@overload
def f(k: int) -> object: ...


@overload
def f(k: str) -> object: ...


def f(k):
    return lambda: _f_result(k)
""",
    ),
    "two functions one below the other": (
        """\
x = 1
# about f
def f(k):
    return lambda: k + 1
y = 2
def g(k):
    return lambda: k + 1
""",
        """\
x = 1


def _f_result(k):
    return k + 1


# about f
def f(k):
    return lambda: _f_result(k)
y = 2


def _g_result(k):
    return k + 1


def g(k):
    return lambda: _g_result(k)
""",
    ),
}

CAPTURES = {
    "self comes first": (
        """\
class Button:
    def show(self, area):
        self.on_click = lambda n: area.size() + self.size() + n
""",
        """\
def _show_on_click(self, area, n):
    return area.size() + self.size() + n


class Button:
    def show(self, area):
        self.on_click = lambda n: _show_on_click(self, area, n)
""",
    ),
    "captures of captures": (
        """\
def f(a):
    def g(b):
        return lambda c: a(b, c) + 1

    return g
""",
        """\
def _f_g_result(a, b, c):
    return a(b, c) + 1


def _f_g(a, b):
    return lambda c: _f_g_result(a, b, c)


def f(a):
    def g(b):
        return _f_g(a, b)

    return g
""",
    ),
    "a closure that is a capture": (
        """\
def f(bus):
    def helper(x):
        return bus.size() + x

    def send(y):
        return helper(y) + 1

    return send
""",
        """\
def _f_helper(bus, x):
    return bus.size() + x


def _f_send(helper, y):
    return helper(y) + 1


def f(bus):
    def helper(x):
        return _f_helper(bus, x)

    def send(y):
        return _f_send(helper, y)

    return send
""",
    ),
    "a local import": (
        """\
def f(bus):
    import json

    bus.subscribe(lambda x: json.dumps(x) + '!')
""",
        """\
def _f_subscribe_callback(json, x):
    return json.dumps(x) + '!'


def f(bus):
    import json

    bus.subscribe(lambda x: _f_subscribe_callback(json, x))
""",
    ),
    "a local class, with annotations that name it": (
        """\
def f(bus):
    class Lost(Exception):
        pass

    def send(x: Lost, y: 'Lost', z: 'list[int]', w: Lost | None = None) -> Lost:
        try:
            return bus.send(x, y, z, w)
        except Lost:
            return x

    return send
""",
        """\
def _f_send(Lost, bus, x, y, z: 'list[int]', w):
    try:
        return bus.send(x, y, z, w)
    except Lost:
        return x


def f(bus):
    class Lost(Exception):
        pass

    def send(x: Lost, y: 'Lost', z: 'list[int]', w: Lost | None = None) -> Lost:
        return _f_send(Lost, bus, x, y, z, w)

    return send
""",
    ),
    "annotations of the module are quoted where they might be missing": (
        """\
import typing


def f(bus):
    def send(x: typing.Any, y: 'Later', z: int | None = None) -> Later:
        return bus.send(x, y) + 1

    return send


class Later:
    pass
""",
        """\
import typing


def _f_send(bus, x: "typing.Any", y: 'Later', z: int | None) -> "Later":
    return bus.send(x, y) + 1


def f(bus):
    def send(x: typing.Any, y: 'Later', z: int | None = None) -> Later:
        return _f_send(bus, x, y, z)

    return send


class Later:
    pass
""",
    ),
    "annotations stay as they are where they are never evaluated": (
        """\
from __future__ import annotations

import typing


def f(bus):
    def send(x: typing.Any, y: Later) -> Later:
        return bus.send(x, y) + 1

    return send
""",
        """\
from __future__ import annotations

import typing


def _f_send(bus, x: typing.Any, y: Later) -> Later:
    return bus.send(x, y) + 1


def f(bus):
    def send(x: typing.Any, y: Later) -> Later:
        return _f_send(bus, x, y)

    return send
""",
    ),
    "a key of the keywords that is named as a capture": (
        """\
def f(bus, name):
    def send(**kwargs):
        return bus.send(name, **kwargs) + 1

    return send
""",
        """\
def _f_send(bus, name, /, **kwargs):
    return bus.send(name, **kwargs) + 1


def f(bus, name):
    def send(**kwargs):
        return _f_send(bus, name, **kwargs)

    return send
""",
    ),
    "a name that may be missing, but is read at once": (
        """\
def f(bus):
    def send():
        return line.size() + 1

    bus.subscribe(send)
    line = bus.line
""",
        """\
def _f_send(line):
    return line.size() + 1


def f(bus):
    def send():
        return _f_send(line)

    bus.subscribe(send)
    line = bus.line
""",
    ),
    "a name that is bound anew, but is read without a pause": (
        """\
def f(bus):
    n = 0

    def send(x):
        return bus.send(n + x)

    bus.subscribe(send)
    n = 1
""",
        """\
def _f_send(bus, n, x):
    return bus.send(n + x)


def f(bus):
    n = 0

    def send(x):
        return _f_send(bus, n, x)

    bus.subscribe(send)
    n = 1
""",
    ),
}

LAYOUT = {
    "tabs": (
        (
            "class C:\n"
            "\tdef m(self):\n"
            "\t\tdef send(x):\n"
            "\t\t\tif x:\n"
            "\t\t\t\tself.n += x\n"
            "\t\t\treturn self.n\n"
            "\t\tself.send = send\n"
        ),
        (
            "def _m_send(self, x):\n"
            "\tif x:\n"
            "\t\tself.n += x\n"
            "\treturn self.n\n"
            "\n"
            "\n"
            "class C:\n"
            "\tdef m(self):\n"
            "\t\tdef send(x):\n"
            "\t\t\treturn _m_send(self, x)\n"
            "\t\tself.send = send\n"
        ),
    ),
    "CRLF": (
        (
            "class C:\r\n"
            "    def m(self):\r\n"
            "        self.send = lambda x: (x +\r\n"
            "            self.n)\r\n"
            "\r\n"
            "        def other(x):\r\n"
            "            y = x\r\n"
            "            return self.n + y\r\n"
            "        self.other = other\r\n"
        ),
        (
            "def _m_send(self, x):\r\n"
            "    return (x +\r\n"
            "        self.n)\r\n"
            "\r\n"
            "\r\n"
            "def _m_other(self, x):\r\n"
            "    y = x\r\n"
            "    return self.n + y\r\n"
            "\r\n"
            "\r\n"
            "class C:\r\n"
            "    def m(self):\r\n"
            "        self.send = lambda x: _m_send(self, x)\r\n"
            "\r\n"
            "        def other(x):\r\n"
            "            return _m_other(self, x)\r\n"
            "        self.other = other\r\n"
        ),
    ),
    "a form feed": (
        ("import atexit\n\x0c\natexit.register(lambda: print(1) or 2)\n"),
        (
            "import atexit\n"
            "\x0c\n"
            "\n"
            "def _register_callback():\n"
            "    return print(1) or 2\n"
            "\n"
            "\n"
            "atexit.register(lambda: _register_callback(*()))\n"
        ),
    ),
    "no newline at the end": (
        """\
def f(bus):
    def send(x):
        bus.y = x
        return x
    bus.subscribe(lambda: bus.size() + 1)
    return send""",
        """\
def _f_send(bus, x):
    bus.y = x
    return x


def _f_subscribe_callback(bus):
    return bus.size() + 1


def f(bus):
    def send(x):
        return _f_send(bus, x)
    bus.subscribe(lambda: _f_subscribe_callback(bus))
    return send""",
    ),
    "a def at the end, without a newline": (
        """\
class C:
    def m(self, bus):
        @bus.subscribe
        def send(x):
            self.y = x
            return x""",
        """\
def _m_send(self, x):
    self.y = x
    return x


class C:
    def m(self, bus):
        @bus.subscribe
        def send(x):
            return _m_send(self, x)""",
    ),
    "a one-line suite with semicolons": (
        """\
def f(bus):
    def send(x): y = x; bus.y = y; return y
    return send
""",
        """\
def _f_send(bus, x):
    y = x
    bus.y = y
    return y


def f(bus):
    def send(x): return _f_send(bus, x)
    return send
""",
    ),
    "a one-line suite with a docstring": (
        """\
def f(bus):
    def send(x): 'Doc.'; return bus.send(x) + 1
    return send
""",
        """\
def _f_send(bus, x):
    return bus.send(x) + 1


def f(bus):
    def send(x): 'Doc.'; return _f_send(bus, x)
    return send
""",
    ),
    "a backslash in front of a suite": (
        """\
def f(k):
    def send(x): \\
        return x + k
    return send
""",
        """\
def _f_send(k, x):
    return x + k


def f(k):
    def send(x): \\
        return _f_send(k, x)
    return send
""",
    ),
    "backslashes in a lambda": (
        """\
def f(k):
    return lambda x: \\
        x + \\
        k
""",
        """\
def _f_result(k, x):
    return x + \\
        k


def f(k):
    return lambda x: \\
        _f_result(k, x)
""",
    ),
    "backslashes in a body": (
        """\
def f(bus):
    def send(x):
        bus.y = x + \\
            1
        return bus.y
    return send
""",
        """\
def _f_send(bus, x):
    bus.y = x + \\
            1
    return bus.y


def f(bus):
    def send(x):
        return _f_send(bus, x)
    return send
""",
    ),
    "odd indents": (
        """\
def f(k):
  def send(x):
     if x:
          y = 1
     return k + y
  return send
""",
        """\
def _f_send(k, x):
   if x:
        y = 1
   return k + y


def f(k):
  def send(x):
     return _f_send(k, x)
  return send
""",
    ),
    "a multi-line lambda in parentheses": (
        """\
def f(bus):
    bus.subscribe(
        lambda x: (
            bus.size()  # one
            + x  # two
        ),
    )
""",
        """\
def _f_subscribe_callback(bus, x):
    return (
        bus.size()  # one
        + x  # two
    )


def f(bus):
    bus.subscribe(
        lambda x: _f_subscribe_callback(bus, x),
    )
""",
    ),
    "a multi-line lambda without parentheses of its own": (
        """\
def f(bus):
    bus.subscribe(
        lambda x: bus.size()
        + x,
        name='x',
    )
""",
        """\
def _f_subscribe_callback(bus, x):
    return (bus.size()
        + x)


def f(bus):
    bus.subscribe(
        lambda x: _f_subscribe_callback(bus, x),
        name='x',
    )
""",
    ),
    "comments in the head of a lambda": (
        """\
def f(bus):
    return (
        lambda
        x,  # the: x
        y=2 # the y
        :  # colon
        x
        + y
    )
""",
        """\
def _f_result(x, y):
    return (x
        + y)


def f(bus):
    return (
        lambda
        x,  # the: x
        y=2 # the y
        :  # colon
        _f_result(x=x, y=y)
    )
""",
    ),
    "a multi-line string": (
        """\
def f(bus):
    def send(x):
        text = '''
raw
    text
'''
        return bus.send(text)
    return send
""",
        """\
def _f_send(bus, x):
    text = '''
raw
    text
'''
    return bus.send(text)


def f(bus):
    def send(x):
        return _f_send(bus, x)
    return send
""",
    ),
    "docstrings stay": (
        """\
def f(bus):
    def send(x):
        '''Send it.

        And more.
        '''

        # The point of it.
        bus.y = x
    return send
""",
        """\
def _f_send(bus, x):
    # The point of it.
    bus.y = x


def f(bus):
    def send(x):
        '''Send it.

        And more.
        '''
        _f_send(bus, x)
    return send
""",
    ),
    "comments around stay, those in the body move": (
        """\
def f(bus):
    # above
    @bus.on('x')  # decorator
    # between
    def send(x):  # head
        # first
        bus.y = x  # tail
        # last
    # after
    return send
""",
        """\
def _f_send(bus, x):
    # first
    bus.y = x  # tail
    # last


def f(bus):
    # above
    @bus.on('x')  # decorator
    # between
    def send(x):  # head
        _f_send(bus, x)
    # after
    return send
""",
    ),
    "comments behind nested blocks": (
        """\
def f(k):
    def send(x):
        if x:
            return x + k  # tail
            # deep
        # mid
    # after
    return send

# top
""",
        """\
def _f_send(k, x):
    if x:
        return x + k  # tail
        # deep
    # mid


def f(k):
    def send(x):
        return _f_send(k, x)
    # after
    return send

# top
""",
    ),
    "a comment that is all that follows": (
        """\
def f(k, bus):
    @bus.subscribe
    def send(x):
        return x + k
        # only
# top
x = 1
""",
        """\
def _f_send(k, x):
    return x + k


def f(k, bus):
    @bus.subscribe
    def send(x):
        return _f_send(k, x)
        # only
# top
x = 1
""",
    ),
    "a suppression moves along": (
        """\
def f(bus):
    def send():
        bus.subscribe(lambda: 1 + size())  # reloadlint: ignore[RL101]
    return send
""",
        """\
def _f_send(bus):
    bus.subscribe(lambda: 1 + size())  # reloadlint: ignore[RL101]


def f(bus):
    def send():
        _f_send(bus)
    return send
""",
    ),
    "shebang and coding stay on top": (
        """\
#!/usr/bin/python
# -*- coding: utf-8 -*-
import atexit
atexit.register(lambda: print(1) or 2)
""",
        """\
#!/usr/bin/python
# -*- coding: utf-8 -*-
import atexit


def _register_callback():
    return print(1) or 2


atexit.register(lambda: _register_callback(*()))
""",
    ),
    "coding stays on the second line": (
        """\
\f
# coding: utf-8
bus.subscribe(lambda: size() + 1)
""",
        """\
\f
# coding: utf-8


def _subscribe_callback():
    return size() + 1


bus.subscribe(lambda: _subscribe_callback(*()))
""",
    ),
    "the licence stays on top": (
        """\
# Licence: MIT
bus.subscribe(lambda: size() + 1)
""",
        """\
# Licence: MIT


def _subscribe_callback():
    return size() + 1


bus.subscribe(lambda: _subscribe_callback(*()))
""",
    ),
    "the docstring of the module stays on top": (
        '''\
"""Doc."""
bus.subscribe(lambda: size() + 1)
''',
        '''\
"""Doc."""


def _subscribe_callback():
    return size() + 1


bus.subscribe(lambda: _subscribe_callback(*()))
''',
    ),
    "text that is not ASCII, and columns behind it": (
        """\
def f(k):
    x = 'äöü'; return lambda ünï, é='ß': 'ß' + k + ünï + é  # 😀
""",
        """\
def _f_result(k, ünï, é):
    return 'ß' + k + ünï + é


def f(k):
    x = 'äöü'; return lambda ünï, é='ß': _f_result(k, ünï, é)  # 😀
""",
    ),
    "a name that is taken": (
        """\
def _f_send(): pass


def f(bus):
    def send(x):
        return bus.send(x) + 1

    return send
""",
        """\
def _f_send(): pass


def _f_send_2(bus, x):
    return bus.send(x) + 1


def f(bus):
    def send(x):
        return _f_send_2(bus, x)

    return send
""",
    ),
    "names of which nothing is left": (
        """\
def _(_):
    def __():
        return _.size() + 1

    return __
""",
        """\
def _callback(_):
    return _.size() + 1


def _(_):
    def __():
        return _callback(_)

    return __
""",
    ),
    "a name that is only mentioned": (
        """\
__all__ = ['_f_send']


def f(bus):
    def send(x):
        return bus.send(x) + 1

    return send
""",
        """\
__all__ = ['_f_send']


def _f_send_2(bus, x):
    return bus.send(x) + 1


def f(bus):
    def send(x):
        return _f_send_2(bus, x)

    return send
""",
    ),
}

SHAPES = {**KINDS, **PLACES, **CAPTURES, **LAYOUT}


@pytest.mark.parametrize(("before", "after"), SHAPES.values(), ids=SHAPES)
class TestAShape:
    def test_becomes_exactly_this(self, before: str, after: str) -> None:
        result = fix(SourceFile("module.py", before), RULES, Config())
        assert result.text == after
        assert result.converged
        assert not result.dropped

    def test_and_stays_so(self, before: str, after: str) -> None:
        result = fix(SourceFile("module.py", after), RULES, Config())
        assert result.text == after
        assert not lint(SourceFile("module.py", after), RULES, Config()).failures
