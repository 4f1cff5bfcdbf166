"""How a file is written: line ends, suites on one line, encodings, what begins it."""

from __future__ import annotations

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
}
