"""RL502: asking whether something is of a class, of which another module makes a new one."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import chain
from typing import TYPE_CHECKING

from reloadlint.finding import Confidence, Fix
from reloadlint.rewrite.refusal import import_cautions, import_refusals
from reloadlint.rule import Evidence, Example, Rule, TypedEdit

if TYPE_CHECKING:
    import libcst as cst

    from reloadlint.facts import FileFacts

_SHAPES = (
    "shapes.py",
    "class Circle:\n    def __init__(self, size):\n        self.size = size\n\n\n"
    "    def area(self):\n        return 3 * self.size\n",
)


class ClassIdentity(Rule):
    """Something is compared with a copy of a class, of which a reload makes another one.

    What it does
    ------------
    Flags `from m import C` of a class of the project that functions here only compare with: by
    `isinstance`, `issubclass`, `except`, `case`, `type(x) is`, and, for the members of an
    enumeration, by `is`, `==` and `in`. A copy that is read in any other way as well is reported by
    RL301, once. Flagged as well is a class of another module that is registered with a
    `singledispatch` function at import.

    Why it goes stale
    -----------------
    A reload of `m` makes another class. What is made by new code is of that one, and no object of
    the class that was copied: `isinstance` says no, `except` does not catch, `is` does not hold, a
    generic function takes the case for all else. No error says why.

    Use instead
    -----------
    `import m` and `m.C`, which is looked up each time. Objects from before the reload are of the
    old class either way, unless the reloader gives them the new one; where it matters, ask what an
    object can do, or for a name or number that it has. Let a method take the place of a generic
    function.

    Fix safety
    ----------
    As RL301: safe where the copy and the original cannot differ without a reload, else unsafe or
    refused; what the same statement imports goes along. What was registered has no fix, as it is
    looked at once.

    When to suppress
    ----------------
    Where both modules are always reloaded together, or the class is in a module that nobody edits.
    """

    code = "RL502"
    name = "class-identity"
    default = False
    skips_tests = True
    fixable = "`import m` + `m.C`"
    refusals = import_refusals()
    cautions = import_cautions()
    examples = (
        Example(
            before="""\
from shapes import Circle


def is_round(shape):
    return isinstance(shape, Circle)
""",
            after="""\
import shapes


def is_round(shape):
    return isinstance(shape, shapes.Circle)
""",
            helpers=(_SHAPES,),
            evidence=Evidence(
                edits=(
                    TypedEdit("3 * self", "3.14 * self", file="shapes.py"),
                    TypedEdit(
                        "area(self):\n        return 3",
                        "area(self, pi=3.14):\n        return pi",
                        "signature",
                        file="shapes.py",
                    ),
                    TypedEdit(
                        "class Circle",
                        "class Disc",
                        "removed",
                        file="shapes.py",
                        probe="is_round(old)",
                    ),
                ),
                hold="import sys; is_round = m.is_round; old = sys.modules['shapes'].Circle(1)",
                probe="(is_round(sys.modules['shapes'].Circle(1)), "
                "sys.modules['shapes'].Circle(1).area())",
            ),
        ),
        Example(
            before="""\
import game.shapes
from game.shapes import Circle


def is_round(shape):
    return isinstance(shape, Circle)
""",
            after="""\
import game.shapes


def is_round(shape):
    return isinstance(shape, game.shapes.Circle)
""",
            helpers=(("game/__init__.py", ""), ("game/shapes.py", _SHAPES[1])),
            evidence=Evidence(
                edits=(TypedEdit("3 * self", "3.14 * self", file="game/shapes.py"),),
                hold="import sys; is_round = m.is_round",
                probe="(is_round(sys.modules['game.shapes'].Circle(1)), "
                "sys.modules['game.shapes'].Circle(1).area())",
            ),
        ),
        Example(
            before="""\
from accounts import Broke, pay


def buy(purse):
    try:
        return pay(purse)
    except Broke:
        return "too poor"
""",
            after="""\
import accounts


def buy(purse):
    try:
        return accounts.pay(purse)
    except accounts.Broke:
        return "too poor"
""",
            helpers=(
                (
                    "accounts.py",
                    "class Broke(Exception):\n    pass\n\n\n"
                    "def pay(purse):\n    if purse < 5:\n        raise Broke\n"
                    "    return purse - 5\n",
                ),
            ),
        ),
        Example(
            before="""\
from functools import singledispatch

import shapes


@singledispatch
def show(shape):
    return "something"


@show.register(shapes.Circle)
def _(shape):
    return "a circle of " + str(shape.area())
""",
            instead="""\
import shapes


def show(shape):
    if isinstance(shape, shapes.Circle):
        return "a circle of " + str(shape.area())
    return "something"
""",
            helpers=(_SHAPES,),
            evidence=Evidence(
                edits=(TypedEdit("3 * self", "4 * self", file="shapes.py"),),
                hold="import sys; show = m.show",
                probe="show(sys.modules['shapes'].Circle(1))",
            ),
        ),
    )
    untried = (
        ("captures", "a class captures nothing"),
        ("state", "a class is not state"),
    )
    leaves = (
        "import shapes\n\n\ndef is_round(shape):\n    return isinstance(shape, shapes.Circle)\n",
        "from numbers import Number\n\n\ndef is_number(n):\n    return isinstance(n, Number)\n",
        "class Circle:\n    pass\n\n\ndef is_round(shape):\n    return isinstance(shape, Circle)\n",
        "from functools import singledispatch\n\n\n@singledispatch\ndef show(value):\n"
        "    return value\n\n\n@show.register\ndef _(value: int):\n    return value + 1\n",
    )

    @classmethod
    def screen(cls, facts: FileFacts) -> Iterator[ast.AST]:
        """The imports of what is compared with, and the registrations."""
        return chain(
            (found.copy.statement for found in facts.compared_classes),
            (found.anchor for found in facts.registered_classes),
        )

    def visit_ImportFrom(self, node: cst.ImportFrom) -> None:
        """Report the classes that are only compared with."""
        from reloadlint.rewrite.refusal import Refused

        compared, statement = self.facts.compared_classes, self.context.node_of[node]
        for found in self.context.found_at(statement, compared, "copy.statement"):
            name, module = found.copy.name, found.copy.definition.facts.module
            outcome = self.context.qualifier.fix(found.copy)
            self.report(
                found.copy.alias,
                f"`{found.how}` compares with a copy of `{name}` here: a reload of `{module}` "
                f"makes another `{name}`, which is not the same",
                fix=None if isinstance(outcome, Refused) else outcome,
                refusal=outcome.text if isinstance(outcome, Refused) else None,
            )

    def visit_Call(self, node: cst.Call) -> None:
        """Report `show.register(C)`."""
        self._check_registration(node)

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:
        """Report `@show.register` over `def _(x: C)`."""
        self._check_registration(node)

    def _check_registration(self, node: cst.CSTNode) -> None:
        anchor = self.context.node_of.get(node)
        for found in self.context.found_at(anchor, self.facts.registered_classes, "anchor"):
            self.report(
                found.node,
                f"`{found.text}` has the class of now: a reload of `{found.owner}` makes "
                "another one, for which nothing is registered",
                confidence=Confidence.LIKELY,
                fix=Fix.by_hand("call a method of the object instead"),
            )
