"""What a moved function is not called, as the file has that name."""

from __future__ import annotations

NAMES = {
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
