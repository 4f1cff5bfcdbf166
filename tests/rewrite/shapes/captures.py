"""What a closure captures, and what its annotations name."""

from __future__ import annotations

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
