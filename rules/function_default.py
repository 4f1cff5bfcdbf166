"""RL105: a function as a default argument, a class attribute or a value in a foreign table."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from reloadlint.finding import Confidence, Fix
from reloadlint.rule import Evidence, Example, Renamed, Rule, TypedEdit

if TYPE_CHECKING:
    import libcst as cst

    from reloadlint.facts import FileFacts
    from reloadlint.facts.by_value import BoundFunction


class FunctionDefault(Rule):
    """A function is bound once: as a default argument, a class attribute, or in a foreign table.

    What it does
    ------------
    Flags a function of the project that is a default argument (`def show(render=shout)`) or an
    attribute of a class (`encode = staticmethod(dumps)`), and one that a function of this module
    puts into a table of another (`registry.HANDLERS["join"] = greet`). Left alone are functions in
    which there is nothing to edit, functions of the class itself, what is put into a table at
    import, since a reload does that again. So are methods of a base, or of another class of the
    module, as they are made anew together with the class; what is bound on purpose, such as `def
    copy_list(items, copy=copy)` of one module, or in `__del__`; and the original of what this file
    replaces (`def wrapper(old=Sign.draw)` with `Sign.draw = wrapper`): its name means the
    replacement.

    Why it goes stale
    -----------------
    The default is looked up once, when the function that has it is made; the class attribute when
    the class is. A reload of the module that `shout` is of changes neither of them elsewhere. If
    all are of one module, whoever holds `show`, or an instance, goes on with the `shout` of then.

    Use instead
    -----------
    Look the function up where it is used: `def show(render=None)` with `(render or shout)(text)`, a
    method that calls it, or a trampoline in the table.

    Fix safety
    ----------
    There is no automatic fix: a default is part of what a function promises, and an attribute may
    be overridden. Where no reloader is named, the advice holds for what is edited most, the
    bodies of functions. limeade puts new code into a function but no new defaults: what is looked
    up may fail there once its signature has been edited, and there is no advice under it.

    When to suppress
    ----------------
    Where the two are only ever reloaded together, and nobody holds what has the default.
    """

    code = "RL105"
    name = "function-default"
    fixable = "display-only"
    skips_tests = True
    examples = (
        Example(
            before="""\
from texts import shout


def show(text, render=shout):
    return render(text)
""",
            instead="""\
import texts


def show(text, render=None):
    return (render or texts.shout)(text)
""",
            helpers=(("texts.py", "def shout(text):\n    return text.upper()\n"),),
            evidence=Evidence(
                edits=(TypedEdit("text.upper()", "text.upper() + '!'", file="texts.py"),),
                hold="",
                probe="m.show('go')",
            ),
        ),
        Example(
            before="""\
def shout(text):
    return text.upper()


class Sign:
    render = staticmethod(shout)
""",
            instead="""\
def shout(text):
    return text.upper()


class Sign:
    def render(self, text):
        return shout(text)
""",
            evidence=Evidence(
                edits=(
                    TypedEdit("text.upper()", "text.upper() + '!'"),
                    TypedEdit(
                        "shout(text):\n    return text.upper()",
                        "shout(text, end='!'):\n    return text.upper() + end",
                        "signature",
                    ),
                    Renamed("text.upper()", "text.upper() + '!'", names=("shout",)),
                ),
                hold="sign = m.Sign()",
                probe="sign.render('go')",
            ),
        ),
    )
    untried = (
        ("captures", "a function of a module captures nothing"),
        ("state", "a default that is state is RL201"),
    )
    leaves = (
        "def show(text, render=str):\n    return render(text)\n",
        "class Sign:\n    def _render(self):\n        return 'x' + 'y'\n\n"
        "    render = _render\n    __str__ = _render\n",
        "def shout(text):\n    return text.upper()\n\n\nTABLE = {'shout': shout}\n",
        "import registry\n\n\ndef shout(text):\n    return text.upper()\n\n\n"
        "registry.TABLE['shout'] = shout\n",
        "class Sign:\n    def draw(self):\n        return 'x' + 'y'\n\n\n"
        "def traced(self, draw=Sign.draw):\n    print(self)\n    return draw(self)\n\n\n"
        "def trace():\n    Sign.draw = traced\n",
        "class Base:\n    def draw(self):\n        return 'x' + 'y'\n\n\n"
        "class Sign(Base):\n    paint = Base.draw\n",
        "import warnings\n\n\nclass Sign:\n    def __del__(self, warn=warnings.warn):\n"
        "        warn('unclosed')\n",
        "def identity(text):\n    return text\n\n\ndef show(text, render=identity):\n"
        "    return render(text)\n",
    )

    @classmethod
    def screen(cls, facts: FileFacts) -> Iterator[ast.AST]:
        """The functions that are bound."""
        return (found.node for found in facts.bound_functions)

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:
        """Report default arguments."""
        self._check(node)

    def visit_Lambda(self, node: cst.Lambda) -> None:
        """Report default arguments."""
        self._check(node)

    def visit_Assign(self, node: cst.Assign) -> None:
        """Report class attributes and what is put into a table."""
        self._check(node)

    def visit_AnnAssign(self, node: cst.AnnAssign) -> None:
        """Report class attributes with an annotation."""
        self._check(node)

    def _check(self, node: cst.CSTNode) -> None:
        anchor = self.context.node_of.get(node)
        for found in self.context.found_at(anchor, self.facts.bound_functions, "anchor"):
            self.report(
                found.node,
                f"`{found.text}` is {found.how}: {_consequence(self.facts, found)}",
                confidence=Confidence.LIKELY,
                fix=Fix.by_hand(f"look `{found.text}` up where it is used"),
            )


def _consequence(facts: FileFacts, found: BoundFunction) -> str:
    if found.function.facts is facts:
        return "what holds it over a reload goes on with the function of now"
    return "a reload of its module makes another one, which does not get there"
