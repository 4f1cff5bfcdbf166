"""Bodies over several lines, which stand at another depth once they are moved."""

from __future__ import annotations

OVER_LINES = {
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
    "lines that stand further left than they would": (
        """\
def f(bus):
    bus.subscribe(
      lambda x: bus.go(x,
      1) + 1)
""",
        """\
def _f_subscribe_callback(bus, x):
    return bus.go(x,
      1) + 1


def f(bus):
    bus.subscribe(
      lambda x: _f_subscribe_callback(bus, x))
""",
    ),
}
# What becomes of these, a formatter would lay out in another way.
UNFORMATTED = {
    "strings of one line, and a blank one": (
        """\
def f(bus):
    bus.subscribe(
                    lambda x: bus.go(
                        "x",

                        f"{x}",  # why
                    )
                )
""",
        """\
def _f_subscribe_callback(bus, x):
    return bus.go(
        "x",

        f"{x}",  # why
    )


def f(bus):
    bus.subscribe(
                    lambda x: _f_subscribe_callback(bus, x)
                )
""",
    ),
    "a string over lines, of which the white space is a part": (
        """\
def f(bus):
    bus.subscribe(
        lambda x: bus.go(
            '''a
            b''',
            x) + 1
    )
""",
        """\
def _f_subscribe_callback(bus, x):
    return bus.go(
            '''a
            b''',
            x) + 1


def f(bus):
    bus.subscribe(
        lambda x: _f_subscribe_callback(bus, x)
    )
""",
    ),
    "an f-string over lines": (
        """\
def f(bus):
    bus.subscribe(
        lambda x: bus.go(
            f'''a
            {x}''',
            x,
        )
    )
""",
        """\
def _f_subscribe_callback(bus, x):
    return bus.go(
            f'''a
            {x}''',
            x,
        )


def f(bus):
    bus.subscribe(
        lambda x: _f_subscribe_callback(bus, x)
    )
""",
    ),
}
