"""RL303: all names of another first-party module, copied at once."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from reloadlint.finding import Confidence
from reloadlint.rewrite.refusal import import_cautions, import_refusals
from reloadlint.rule import Evidence, Example, Renamed, Rule, TypedEdit

if TYPE_CHECKING:
    import libcst as cst

    from reloadlint.facts import FileFacts
    from reloadlint.facts.star_imports import StarCopies


class StarImport(Rule):
    """Functions read what `from m import *` has copied, which a reload of that module leaves alone.

    What it does
    ------------
    Flags `from m import *` at module level, where `m` is a module of the project and a function
    reads one of its names when it runs. Left alone are modules that only pass the names on, what
    only type checkers import, and test files. Where the names of `m` cannot be told from its text,
    what a function reads and nothing else gives a value is taken to come from there.

    Why it goes stale
    -----------------
    The import binds every public name of `m` once more, to what it is at that moment. A reload of
    `m` changes none of these copies. A name that is new in `m` is missing here, and one that is
    gone from `m` lives on here. And nothing in the text shows which names these are.

    Use instead
    -----------
    `import m` and `m.f(x)`: the attribute is looked up each time.

    Fix safety
    ----------
    The fix imports the module, writes `m.f` wherever `f` was read, and names what has to stay a
    copy: base classes and decorators, what others take from here, what `__all__` lists. It is safe
    under the same conditions as the fix of RL301, and where all names that are used are known.

    When to suppress
    ----------------
    Where both modules are always reloaded together, `m` first.
    """

    code = "RL303"
    name = "star-import"
    default = False
    skips_tests = True
    fixable = "`import m` + `m.f`"
    refusals = import_refusals()
    cautions = import_cautions()
    examples = (
        Example(
            before="""\
from greetings import *


class Polite(Greeter):
    pass


def answer(name: str) -> str:
    return greet(name) + MARK
""",
            after="""\
import greetings
from greetings import Greeter


class Polite(Greeter):
    pass


def answer(name: str) -> str:
    return greetings.greet(name) + greetings.MARK
""",
            helpers=(
                (
                    "greetings.py",
                    'MARK = "!"\n\n\nclass Greeter:\n    pass\n\n\n'
                    'def greet(name):\n    return "hello " + name\n\n\n'
                    "def _unseen():\n    pass\n",
                ),
            ),
            evidence=Evidence(
                edits=(
                    TypedEdit('"hello "', '"good evening "', file="greetings.py"),
                    TypedEdit('MARK = "!"', 'MARK = "."', file="greetings.py"),
                    TypedEdit(
                        'def greet(name):\n    return "hello "',
                        'def greet(name, word="welcome "):\n    return word',
                        "signature",
                        file="greetings.py",
                    ),
                ),
                hold="answer = m.answer",
                probe="answer('ann')",
            ),
        ),
        Example(
            before="""\
import game.greetings
from game.greetings import *


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
                    Renamed("'hello '", "'welcome '", file="game/greetings.py", names=("greet",)),
                ),
                hold="answer = m.answer",
                probe="answer('ann')",
            ),
        ),
        Example(
            before="""\
from .settings import *


def limit(value):
    return min(value, MAXIMUM)
""",
            instead="""\
from . import settings


def limit(value):
    return min(value, settings.MAXIMUM)
""",
            module="game.rules",
            helpers=(
                ("game/__init__.py", ""),
                ("game/settings.py", 'import os\n\nglobals().update({"MAXIMUM": 10})\n'),
            ),
        ),
    )
    untried = (
        ("captures", "a function of a module captures nothing"),
        ("state", "state that is made anew is RL202, whoever reads it"),
    )
    leaves = (
        "from os.path import *\n\n\ndef path(name):\n    return join('/tmp', name)\n",
        "from helpers import *\n",
    )

    @classmethod
    def screen(cls, facts: FileFacts) -> Iterator[ast.AST]:
        """The imports whose copies functions read."""
        return (found.star.statement for found in facts.star_copies)

    def visit_ImportFrom(self, node: cst.ImportFrom) -> None:
        """Report such an import."""
        from reloadlint.rewrite.refusal import Refused
        from reloadlint.rewrite.unstar import without_star

        statement = self.context.node_of[node]
        for found in self.context.found_at(statement, self.facts.star_copies, "star.statement"):
            outcome = without_star(self.facts, found, self.context.qualifier)
            self.report(
                found.star.statement,
                _message(found),
                confidence=Confidence.LIKELY if found.others else Confidence.CERTAIN,
                fix=None if isinstance(outcome, Refused) else outcome,
                refusal=outcome.text if isinstance(outcome, Refused) else None,
            )


def _message(found: StarCopies) -> str:
    from reloadlint.rewrite.qualify import listed

    names = found.others or [copy.name for copy in found.copies if copy.is_read_later]
    copies = "a copy" if len(names) == 1 else "copies"
    doubt = "what may be " if found.others else ""
    return (
        f"functions here read {doubt}{copies} of {listed([f'`{name}`' for name in names])}: "
        f"a reload of `{found.source.module}` does not reach {'it' if len(names) == 1 else 'them'}"
    )
