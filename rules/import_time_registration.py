"""RL401: a handler that is registered at import, so that each reload adds one more."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from reloadlint.finding import Fix
from reloadlint.rule import Evidence, Example, Renamed, Rule, TypedEdit

if TYPE_CHECKING:
    import libcst as cst

    from reloadlint.facts import FileFacts


class ImportTimeRegistration(Rule):
    """Something is registered when the module is imported, and once more by each reload.

    What it does
    ------------
    Flags what a module adds at import to a registry that outlives it: a decorator that registers
    (`@bus.on("join")`), `atexit.register`, `signal.signal`, a logger's `addHandler`,
    `codecs.register`, `append` to a list of another module. What a decorator or function of the
    project does is read in its code; what libraries do is in `sinks.toml` and `effects.toml`; the
    last resort are names such as `on_*` and `add_*_listener`. What a function of the module does
    counts as well, if the module calls it unconditionally (`_setup()`), and up to where it may
    return early; and what one does that is imported from another file, but for what is behind a
    condition there.

    Left alone are registrations that may be repeated: in a dict under a key, of a name in a set, of
    a mark on the function; a registry that this module makes itself, and so makes anew; what a
    method of a class registers, unless its code is known, since there is a place for each name
    (`@Field.register_lookup`); what is done only if it has not been done before (`if not
    log.handlers`), `logging.NullHandler`, and modules with a `__before_reload__`, where they can
    take it back.

    Why it goes stale
    -----------------
    A reload runs the statement again, and the registry, which was not reloaded, has two: the
    function of before and that of now. Each event is handled twice, once by old code.

    Use instead
    -----------
    A registry with a key, so that the newest takes the place: `HANDLERS["join"] = greet`. Or
    register once, in a function that the program calls when it starts, a trampoline that finds the
    newest function by its name: `bus.on("join", lambda user: greet(user=user))`. `keep` from
    `reloadlint.runtime` can do that once at import.

    Fix safety
    ----------
    There is no automatic fix: whether a registry can have keys is its own matter.

    When to suppress
    ----------------
    Where the program clears the registry before it reloads, or makes it anew.
    """

    code = "RL401"
    name = "import-time-registration"
    fixable = "display-only"
    skips_tests = True
    examples = (
        Example(
            before="""\
import bus


@bus.on("join")
def greet(user):
    return "hello " + user
""",
            instead="""\
import bus


def greet(user):
    return "hello " + user


bus.NAMED["greet"] = lambda user: greet(user=user)
""",
            helpers=(
                (
                    "bus.py",
                    """\
HANDLERS = []
NAMED = {}


def on(event):
    def register(handler):
        HANDLERS.append(handler)
        return handler

    return register


def emit(user):
    return [handler(user) for handler in (*HANDLERS, *NAMED.values())]
""",
                ),
            ),
            evidence=Evidence(
                edits=(
                    TypedEdit('"hello "', '"welcome "'),
                    TypedEdit(
                        '(user):\n    return "hello "',
                        '(user, word="welcome "):\n    return word',
                        "signature",
                    ),
                    Renamed('"hello "', '"welcome "', names=("greet",)),
                ),
                hold="import bus",
                probe="bus.emit('Ann')",
                looks_at="count",
            ),
        ),
        Example(
            before="""\
import atexit

log = []


def flush():
    log.clear()


atexit.register(flush)
""",
            instead="""\
import atexit

from reloadlint.runtime import keep

log = keep("log", list)


def flush():
    log.clear()


keep("flush at exit", lambda: atexit.register(lambda: flush(*())))
""",
            evidence=Evidence(
                edits=(TypedEdit("log.clear()", "log[:] = []"),),
                hold="import atexit; others = atexit._ncallbacks()",
                probe="atexit._ncallbacks() - others",
                looks_at="count",
            ),
        ),
    )
    untried = (
        ("captures", "a function of a module captures nothing"),
        ("state", "the registry is in a module that is not reloaded"),
    )
    leaves = (
        "import flask\n\napp = flask.Flask(__name__)\n\n\n@app.route('/')\ndef index():\n"
        "    return 'hello'\n",
        "import registry\n\n\ndef greet(user):\n    return user\n\n\n"
        "registry.HANDLERS['greet'] = greet\n",
        "import registry\n\nregistry.NAMES.add('greet')\n",
        "import logging\n\nlogging.getLogger(__name__).addHandler(logging.NullHandler())\n",
        "import logging\n\nlog = logging.getLogger(__name__)\nif not log.handlers:\n"
        "    log.addHandler(logging.StreamHandler())\n",
        "import atexit\n\n\ndef main():\n    atexit.register(print)\n",
        "import functools\n\n\n@functools.singledispatch\ndef show(value):\n    return value\n\n\n"
        "@show.register\ndef _(value: int):\n    return value + 1\n",
    )

    @classmethod
    def screen(cls, facts: FileFacts) -> Iterator[ast.AST]:
        """The decorators and calls that register."""
        return (found.node for found in facts.registrations)

    def visit_Call(self, node: cst.Call) -> None:
        """Report `@bus.on("join")` and `atexit.register(f)`."""
        self._check(node)

    def visit_Attribute(self, node: cst.Attribute) -> None:
        """Report `@bus.on`."""
        self._check(node)

    def visit_AugAssign(self, node: cst.AugAssign) -> None:
        """Report `registry.HANDLERS += [f]`."""
        self._check(node)

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:
        """Report `@register`."""
        self._check_plain(node)

    def visit_ClassDef(self, node: cst.ClassDef) -> None:
        """Report `@register` of a class."""
        self._check_plain(node)

    def _check_plain(self, node: cst.FunctionDef | cst.ClassDef) -> None:
        """A decorator that is a mere name, which is none of the nodes that are paired."""
        decorated = self.context.node_of[node]
        for decorator in getattr(decorated, "decorator_list", ()):
            if isinstance(decorator, ast.Name):
                self._report(decorator)

    def _check(self, node: cst.CSTNode) -> None:
        self._report(self.context.node_of.get(node))

    def _report(self, node: ast.AST | None) -> None:
        for found in self.context.found_at(node, self.facts.registrations):
            harm = (
                "a reload does so again, over what has been installed since"
                if found.replaces
                else "each reload adds one more, and the old one goes on"
            )
            inside = f" in `{found.inside}`" if found.inside else ""
            self.report(
                found.node,
                f"`{found.text}`{inside} registers `{found.what}` at import: {harm}",
                confidence=found.confidence,
                fix=Fix.by_hand("register it under a key, or once, where the program starts"),
            )
