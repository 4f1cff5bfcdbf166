"""Where a closure stands: classes, branches, loops, other closures."""

from __future__ import annotations

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
}
