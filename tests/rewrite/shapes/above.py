"""What a moved function stands above: the statement, and what belongs to it."""

from __future__ import annotations

ABOVE = {
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
    "two in one statement, right below another": (
        """\
import a, b, bus
bus.subscribe(lambda: a.go() + 1, lambda: b.go() + 2)
""",
        """\
import a, b, bus


def _subscribe_callback():
    return a.go() + 1


def _subscribe_callback_2():
    return b.go() + 2


bus.subscribe(lambda: _subscribe_callback(*()), lambda: _subscribe_callback_2(*()))
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
    "functions of one name, of which some are no overloads": (
        """\
import typing_extensions as te


def f(k):
    return lambda: k + 1


@te.deprecated("use g")
def f(k):
    return lambda: k + 2


@te.overload
def f(k: int) -> object: ...


@te.overload
def g(k: int) -> object: ...


def g(k):
    return lambda: k + 3
""",
        """\
import typing_extensions as te


def _f_result(k):
    return k + 1


def f(k):
    return lambda: _f_result(k)


def _f_result_2(k):
    return k + 2


@te.deprecated("use g")
def f(k):
    return lambda: _f_result_2(k)


@te.overload
def f(k: int) -> object: ...


def _g_result(k):
    return k + 3


@te.overload
def g(k: int) -> object: ...


def g(k):
    return lambda: _g_result(k)
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
