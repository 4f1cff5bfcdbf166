"""Lambdas: their parameters, and what their bodies are."""

from __future__ import annotations

LAMBDAS = {
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
}
