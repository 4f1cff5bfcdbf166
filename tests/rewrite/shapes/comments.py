"""Comments and docstrings: what stays, and what goes along."""

from __future__ import annotations

COMMENTS = {
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
}
