"""RL301: a name copied from another first-party module."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from reloadlint.rewrite.refusal import import_cautions, import_refusals
from reloadlint.rule import Evidence, Example, Renamed, Rule, TypedEdit

if TYPE_CHECKING:
    import libcst as cst

    from reloadlint.facts import FileFacts
    from reloadlint.rewrite.qualify import Plan


class FromImportBinding(Rule):
    """A function reads a copy of another module's name, which a reload of that module leaves alone.

    What it does
    ------------
    Flags `from m import f` at module level, where `m` is a module of the project and a function
    reads `f` when it runs. Left alone are names that are only read while the module is imported
    (base classes, decorators: a copy of these is no worse than what was made of them) or the script
    started (by a function which only `if __name__ == "__main__"` calls), annotations and imports
    under `TYPE_CHECKING`, modules, names that come from outside of the project in the end (also
    loggers, and `Future = asyncio.Future`: a reload finds the same object again), imports with a
    fallback, imports within functions, classes that functions only compare with (see RL502), and
    test files.

    Why it goes stale
    -----------------
    The import binds a second name to what `m.f` is at that moment. A reload of `m` gives `m.f` a
    new value; this module goes on with the old one, until it is reloaded too. Exceptions that the
    new code raises are not those which the old `except` clause names.

    Use instead
    -----------
    `import m` and `m.f(x)`: the attribute is looked up each time. Where a package only passes the
    name on, the module that defines it is what to import.

    Fix safety
    ----------
    The fix imports the module, and writes `m.f` wherever `f` was read: in annotations, decorators,
    quoted types and doctests as well. It is safe where the copy and the original cannot differ
    without a reload: the module is complete when it is imported (no import cycle), no file of the
    repository assigns or patches the name, and none takes it from here. Otherwise it needs
    `--unsafe-fixes`, or is refused.

    When to suppress
    ----------------
    Where both modules are always reloaded together, and for names that are part of the interface
    of this module.
    """

    code = "RL301"
    name = "from-import-binding"
    default = False
    skips_tests = True
    fixable = "`import m` + `m.f`"
    refusals = import_refusals()
    cautions = import_cautions()
    examples = (
        Example(
            before='''\
"""Answers to players."""

from greetings import greet, polite as nice


def answer(name: str) -> str:
    return greet(nice(name))
''',
            after='''\
"""Answers to players."""

import greetings


def answer(name: str) -> str:
    return greetings.greet(greetings.polite(name))
''',
            helpers=(
                (
                    "greetings.py",
                    "def greet(name):\n    return 'hello ' + name\n\n\n"
                    "def polite(name):\n    return 'dear ' + name\n",
                ),
            ),
            evidence=Evidence(
                edits=(
                    TypedEdit("'hello '", "'good evening '", file="greetings.py"),
                    TypedEdit("'dear '", "'most noble '", file="greetings.py"),
                ),
                hold="answer = m.answer",
                probe="answer('ann')",
            ),
        ),
        Example(
            before="""\
from .shapes import Circle, Shape


class Square(Shape):
    def area(self):
        return self.size**2


def biggest(shapes: "list[Shape]") -> Shape:
    return max(shapes, key=lambda shape: shape.area(), default=Circle(0))
""",
            after="""\
from . import shapes as game_shapes
from .shapes import Shape


class Square(Shape):
    def area(self):
        return self.size**2


def biggest(shapes: "list[Shape]") -> Shape:
    return max(shapes, key=lambda shape: shape.area(), default=game_shapes.Circle(0))
""",
            module="game.board",
            helpers=(
                ("game/__init__.py", ""),
                (
                    "game/shapes.py",
                    "class Shape:\n    def __init__(self, size):\n        self.size = size\n\n\n"
                    "class Circle(Shape):\n    def area(self):\n        return 3 * self.size\n",
                ),
            ),
        ),
        Example(
            before="""\
import game.greetings
from game.greetings import greet


def answer(name: str) -> str:
    return greet(name)
""",
            after="""\
import game.greetings


def answer(name: str) -> str:
    return game.greetings.greet(name)
""",
            helpers=(
                ("game/__init__.py", ""),
                ("game/greetings.py", "def greet(name):\n    return 'hello ' + name\n"),
            ),
            evidence=Evidence(
                edits=(
                    TypedEdit("'hello '", "'good evening '", file="game/greetings.py"),
                    TypedEdit(
                        "(name):\n    return 'hello '",
                        "(name, word='welcome '):\n    return word",
                        "signature",
                        file="game/greetings.py",
                    ),
                    Renamed("'hello '", "'welcome '", file="game/greetings.py", names=("greet",)),
                ),
                hold="answer = m.answer",
                probe="answer('ann')",
            ),
        ),
    )
    untried = (
        ("captures", "a function of a module captures nothing"),
        ("state", "state that is made anew is RL202, whoever reads it"),
    )
    leaves = (
        "from os.path import join\n\n\ndef path(name):\n    return join('/tmp', name)\n",
        "def path(name):\n    from helpers import join\n\n    return join('/tmp', name)\n",
    )

    @classmethod
    def screen(cls, facts: FileFacts) -> Iterator[ast.AST]:
        """The imports whose copies functions read."""
        compared = {found.copy for found in facts.compared_classes}  # see RL502
        return (
            copy.statement
            for copy in facts.from_imports
            if copy.is_read_later and copy not in compared
        )

    def visit_ImportFrom(self, node: cst.ImportFrom) -> None:
        """Report the copies of one statement: by what can be done about them."""
        statement = self.context.node_of[node]
        compared = {found.copy for found in self.facts.compared_classes}
        plans = [
            plan
            for plan in self.context.qualifier.plans.values()
            if plan.copy.statement is statement
            and not plan.copy.is_by_star
            and plan.copy not in compared
        ]
        for together in _groups(plans):
            self._report(together)

    def _report(self, plans: Sequence[Plan]) -> None:
        from reloadlint.rewrite.qualify import listed
        from reloadlint.rewrite.refusal import Refused

        copies = [plan.copy for plan in plans]
        outcome = self.context.qualifier.fix(copies[0])
        reasons = dict.fromkeys(plan.refusal.text for plan in plans if plan.refusal is not None)
        modules = dict.fromkeys(f"`{copy.definition.facts.module}`" for copy in copies)
        names = listed([f"`{copy.name}`" for copy in copies])
        is_one = len(copies) == 1
        self.report(
            copies[0].alias,
            f"functions here read {'a copy' if is_one else 'copies'} of {names}: "
            f"a reload of {listed(list(modules))} does not reach {'it' if is_one else 'them'}",
            fix=None if isinstance(outcome, Refused) else outcome,
            refusal="; ".join(list(reasons)[:2]) or None,
        )


def _groups(plans: Sequence[Plan]) -> Iterator[Sequence[Plan]]:
    """Those with a safe fix, those with an unsafe one, those without."""
    yield from (
        group
        for group in (
            [plan for plan in plans if plan.refusal is None and not plan.caution],
            [plan for plan in plans if plan.refusal is None and plan.caution],
            [plan for plan in plans if plan.refusal is not None],
        )
        if group
    )
