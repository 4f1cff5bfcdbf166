"""RL107: a trampoline whose target does not exist in its module."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from reloadlint.rule import Evidence, Example, Rule, TypedEdit

if TYPE_CHECKING:
    import libcst as cst

    from reloadlint.facts import FileFacts
    from reloadlint.facts.trampolines import Trampoline

_GREETING = """\
def on_reply(reply):
    return "hello " + reply
"""
_RENAMED = """\
def handle_reply(reply):
    return "welcome " + reply


on_reply = handle_reply  # the former name, for those who hold a trampoline to it
"""


class DanglingTrampoline(Rule):
    """A trampoline forwards to a function that its module does not have.

    What it does
    ------------
    Flags a closure whose whole body calls a name that is neither defined nor imported in the
    module, nor a builtin. Modules that star-import, or that write names through `globals()`,
    `vars()` or `exec`, are left alone.

    Why it goes stale
    -----------------
    A trampoline finds its target by name when it runs, so that a reload can replace it. Rename or
    delete the target, and every trampoline that somebody still holds fails with a `NameError`:
    not when the module is reloaded, but when the callback is next called.

    Use instead
    -----------
    Rename the target in the trampoline too. If old trampolines may still be around in a running
    program, keep the old name as an alias of the new function.

    Fix safety
    ----------
    There is no fix: which function was meant cannot be known.

    When to suppress
    ----------------
    Where the name is put into the module's namespace from outside.
    """

    code = "RL107"
    name = "dangling-trampoline"
    skips_tests = True
    examples = (
        Example(
            before="""\
def handle_reply(reply):
    return "welcome " + reply


def start(connection):
    connection.on_reply(lambda reply: on_reply(reply))
""",
            instead=_RENAMED
            + """

def start(connection):
    connection.on_reply(lambda reply: on_reply(reply))
""",
            evidence=Evidence(
                edits=(
                    TypedEdit(
                        'def on_reply(reply):\n    return "hello',
                        'def handle_reply(reply):\n    return "welcome',
                        "removed",
                        fixed=(_GREETING, _RENAMED),
                    ),
                ),
                hold="""\
class Connection:
    def on_reply(self, callback):
        self.callback = callback


connection = Connection()
m.start(connection)""",
                probe="connection.callback('Ann')",
                backwards=True,
            ),
        ),
    )
    untried = (
        ("body", "nothing dangles unless a name is gone"),
        ("captures", "nothing dangles unless a name is gone"),
        ("signature", "nothing dangles unless a name is gone"),
        ("state", "nothing dangles unless a name is gone"),
    )
    leaves = (
        "def on_reply(reply):\n    print(reply)\n\n\n"
        "def start(connection):\n    connection.on_reply(lambda reply: on_reply(reply))\n",
        "from handlers import *\n\n\n"
        "def start(connection):\n    connection.on_reply(lambda reply: on_reply(reply))\n",
        "def start(connection):\n    connection.on_reply(lambda reply: print(reply))\n",
        "def start(connection, on_reply):\n    connection.on_reply(lambda r: on_reply(r))\n",
    )

    @classmethod
    def screen(cls, facts: FileFacts) -> Iterator[ast.AST]:
        """Closures that forward to nothing."""
        return (
            closure.node for closure in facts.closures if _dangling(facts, closure.node) is not None
        )

    def visit_Lambda(self, node: cst.Lambda) -> None:
        """Report a lambda."""
        self._check(node)

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:
        """Report a nested function."""
        self._check(node)

    def _check(self, node: cst.Lambda | cst.FunctionDef) -> None:
        closure = self.context.closure(node)
        found = closure and _dangling(self.facts, closure.node)
        if closure and found:
            self.report(
                closure.node,
                f"{closure.noun} forwards to `{found.target}`, which this module does not have: "
                "the call will raise NameError",
            )


def _dangling(
    facts: FileFacts, node: ast.Lambda | ast.FunctionDef | ast.AsyncFunctionDef
) -> Trampoline | None:
    """The trampoline that `node` is, if the module has no such target."""
    found = facts.trampoline(node)
    if found is None or not found.is_global or not isinstance(found.call.func, ast.Name):
        return None
    if facts.names.is_bound_global(found.target) or facts.has_hidden_names:
        return None
    return found
