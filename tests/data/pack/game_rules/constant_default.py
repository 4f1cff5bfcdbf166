"""GAME101: a default argument that is a constant of the module."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from reloadlint.rule import Evidence, Example, Rule, TypedEdit

if TYPE_CHECKING:
    import libcst as cst

    from reloadlint.facts import FileFacts


class ConstantDefault(Rule):
    """A default argument is a constant of the module.

    What it does
    ------------
    Flags `def f(x=NAME)` where NAME is in upper case.

    Why it goes stale
    -----------------
    A default is evaluated when the function is made. Who holds the function from before a reload
    goes on with the constant of that time.

    Use instead
    -----------
    Read the constant in the body.

    Fix safety
    ----------
    There is no fix.

    When to suppress
    ----------------
    Where the constant is never edited.
    """

    code = "GAME101"
    name = "constant-default"
    examples = (
        Example(
            before="RATE = 10\n\n\ndef step(rate=RATE):\n    return rate\n",
            instead="RATE = 10\n\n\ndef step(rate=None):\n    return RATE if rate is None else rate\n",
            evidence=Evidence(
                edits=(TypedEdit("RATE = 10", "RATE = 20"),),
                hold="step = m.step",
                probe="step()",
            ),
        ),
    )
    leaves = ("def step(rate=10):\n    return rate\n", "RATE = 10\n")

    @classmethod
    def screen(cls, facts: FileFacts) -> Iterator[ast.AST]:
        return (node for node in facts.tree.body if _constant(node) is not None)

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:
        function = self.context.node_of[node]
        constant = _constant(function)
        if constant is not None:
            self.report(function, f"`{constant}` is read once: a reload does not change the default")


def _constant(node: ast.AST) -> str | None:
    defaults = node.args.defaults if isinstance(node, ast.FunctionDef) else ()
    names = [default.id for default in defaults if isinstance(default, ast.Name)]
    return next((name for name in names if name.isupper()), None)
