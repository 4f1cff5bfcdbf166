"""RL302: a value that is computed once from the data of another first-party module."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from reloadlint.finding import Fix
from reloadlint.rule import Evidence, Example, Renamed, Rule, TypedEdit

if TYPE_CHECKING:
    import libcst as cst

    from reloadlint.facts import FileFacts


class DerivedConstant(Rule):
    """A value is computed once from another module's data, and stays when that is edited.

    What it does
    ------------
    Flags an assignment at module level that reads a constant, a table or a member of an enumeration
    of another module of the project, where a function reads the result when it runs. Left alone are
    names of functions, classes, types and loggers, what functions and constructors of the project
    return, values that functions change, metadata such as `__version__`, words that their own name
    spells (`CONF_TOKEN = "token"`), and test files.

    Why it goes stale
    -----------------
    The assignment has run when the module was imported. An edit of the other module, and a reload
    of it, reach whoever reads `m.LIMIT`, and not what has been computed from it. A member of an
    enumeration is then another object, to which the one that was copied is not equal.

    Use instead
    -----------
    Compute it where it is used: in a function, or as an attribute that is looked up there.

    Fix safety
    ----------
    There is no automatic fix: how much it costs to compute it each time cannot be seen.

    When to suppress
    ----------------
    Where both modules are always reloaded together, and for what will not be edited, such as the
    numbers of a protocol.
    """

    code = "RL302"
    name = "derived-constant"
    default = False
    skips_tests = True
    fixable = "display-only"
    examples = (
        Example(
            before="""\
import limits

TIMEOUT = limits.PATIENCE * 2


def is_late(seconds):
    return seconds > TIMEOUT
""",
            instead="""\
import limits


def timeout():
    return limits.PATIENCE * 2


def is_late(seconds):
    return seconds > timeout()
""",
            helpers=(("limits.py", "PATIENCE = 10\n"),),
            evidence=Evidence(
                edits=(
                    TypedEdit("PATIENCE = 10", "PATIENCE = 1", file="limits.py"),
                    Renamed("PATIENCE = 10", "PATIENCE = 1", file="limits.py", names=("PATIENCE",)),
                ),
                hold="is_late = m.is_late",
                probe="is_late(10)",
            ),
        ),
        Example(
            before="""\
from game import colors

_LETTERS = {colors.Color.RED: "r", colors.Color.GREEN: "g"}


def letter(color):
    return _LETTERS.get(color)
""",
            instead="""\
from game import colors


def letter(color):
    return {colors.Color.RED: "r", colors.Color.GREEN: "g"}.get(color)
""",
            helpers=(
                ("game/__init__.py", ""),
                (
                    "game/colors.py",
                    "import enum\n\n\nclass Color(enum.Enum):\n    RED = 1\n    GREEN = 2\n",
                ),
            ),
        ),
    )
    untried = (
        ("captures", "a value captures nothing"),
        ("signature", "a value has no parameters"),
        ("state", "a value that nobody changes is no state"),
    )
    leaves = (
        "import os\n\nDOUBLE = os.sep * 2\n\n\ndef is_double(path):\n    return path == DOUBLE\n",
        "LIMIT = 10\nTIMEOUT = LIMIT * 2\n\n\ndef is_late(age):\n    return age > TIMEOUT\n",
    )

    @classmethod
    def screen(cls, facts: FileFacts) -> Iterator[ast.AST]:
        """The assignments of such values."""
        return (derived.node for derived in facts.derived_values)

    def visit_Assign(self, node: cst.Assign) -> None:
        """Report `NAME = …`."""
        self._check(self.context.node_of.get(node))

    def visit_AnnAssign(self, node: cst.AnnAssign) -> None:
        """Report `NAME: int = …`."""
        self._check(self.context.node_of.get(node))

    def _check(self, node: ast.AST | None) -> None:
        from reloadlint.rewrite.qualify import listed

        for derived in self.context.found_at(node, self.facts.derived_values):
            sources = listed([f"`{source}`" for source in derived.sources])
            self.report(
                derived.node,
                f"`{derived.name}` is computed once from {sources}: functions here go on with "
                f"it after a reload of `{derived.module}`",
                fix=Fix.by_hand(f"compute `{derived.name}` where it is used"),
            )
