"""RL501: `super(C, self)`, which looks the class up by its name."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from reloadlint.rewrite.refusal import super_cautions, super_refusals
from reloadlint.rule import Evidence, Example, Renamed, Rule, TypedEdit

if TYPE_CHECKING:
    import libcst as cst

    from reloadlint.facts import FileFacts


class ExplicitSuper(Rule):
    """`super(C, self)` looks `C` up by name, and finds another class after a reload.

    What it does
    ------------
    Flags `super(C, self)` where `C` is a class that the module makes when it is imported. Left
    alone are classes that functions make, `super(type(self), self)`, `super()` itself, and test
    files.

    Why it goes stale
    -----------------
    A reload runs the class statement again, and the name stands for a new class from then on. An
    object of before, and a class of another module that inherits from the old one, still run the
    old method, which is told to look for what follows the *new* class: that is none of theirs, and
    each call ends in `TypeError: obj must be an instance or subtype of type`.

    Use instead
    -----------
    `super()`, for which the compiler remembers the class around it. For another object than the
    first parameter of the method, and in functions that are nested in it, `super(__class__, x)`.

    Fix safety
    ----------
    The fix is safe where the class is the one around the call. It needs `--unsafe-fixes` where a
    decorator may put another class in place of that one, or another file assigns its name.
    limeade leaves the cell empty in which `super()` finds its class: under `reloader = "limeade"`
    there is no fix. Where no reloader is named, the fix is safe nevertheless: a program that is not
    reloaded cannot tell, and whoever reloads by something like `importlib.reload` needs it.

    When to suppress
    ----------------
    Where another class is named on purpose, to skip what is between; the module is then not to be
    reloaded while objects of its classes live.
    """

    code = "RL501"
    name = "explicit-super"
    skips_tests = True
    fixable = "`super()` where equal"
    refusals = super_refusals()
    cautions = super_cautions()
    examples = (
        Example(
            before='''\
class Player:
    def greet(self, word):
        return word + " player"


class Wizard(Player):
    def greet(self, word):
        """Say hello, loudly."""
        return loud(super(Wizard, self).greet(word))


def loud(text):
    return text + "!"
''',
            after='''\
class Player:
    def greet(self, word):
        return word + " player"


class Wizard(Player):
    def greet(self, word):
        """Say hello, loudly."""
        return loud(super().greet(word))


def loud(text):
    return text + "!"
''',
            evidence=Evidence(
                edits=(
                    TypedEdit('text + "!"', 'text.upper() + "!"'),
                    TypedEdit(
                        'loud(text):\n    return text + "!"',
                        'loud(text, end="?"):\n    return text + end',
                        "signature",
                    ),
                    Renamed('text + "!"', 'text.upper() + "!"', names=("loud",)),
                ),
                hold="wizard = m.Wizard()",
                probe="wizard.greet('hail')",
            ),
        ),
        Example(
            before="""\
SIDES = 4


class Shape:
    def __init__(self, size):
        self.size = size


class Polygon(Shape):
    def __new__(cls, *args):
        return super(Polygon, cls).__new__(cls)

    def __init__(self, size):
        super(Polygon, self).__init__(size * SIDES)
""",
            after="""\
SIDES = 4


class Shape:
    def __init__(self, size):
        self.size = size


class Polygon(Shape):
    def __new__(cls, *args):
        return super().__new__(cls)

    def __init__(self, size):
        super().__init__(size * SIDES)
""",
            helpers=(
                ("squares.py", "import example\n\n\nclass Square(example.Polygon):\n    pass\n"),
            ),
            evidence=Evidence(
                edits=(TypedEdit("SIDES = 4", "SIDES = 5"),),
                hold="import squares",
                probe="squares.Square(1).size",
            ),
        ),
        Example(
            before="""\
class Player:
    name = "player"


class Wizard(Player):
    def names(self, others):
        return [super(Wizard, self).name + other for other in others]
""",
            after="""\
class Player:
    name = "player"


class Wizard(Player):
    def names(self, others):
        return [super(__class__, self).name + other for other in others]
""",
        ),
    )
    untried = (
        ("captures", "what a method captures is its class: that is what every edit tries"),
        ("state", "no state is involved"),
    )
    leaves = (
        "class A:\n    def f(self):\n        return super().f()\n",
        "class A:\n    def f(self):\n        return super(type(self), self).f()\n",
        "def make():\n    class A:\n        def f(self):\n            return super(A, self).f()\n\n"
        "    return A()\n",
        "import m\n\n\nclass A(m.B):\n    def f(self):\n        return super(m.B, self).f()\n",
    )

    @classmethod
    def screen(cls, facts: FileFacts) -> Iterator[ast.AST]:
        """The calls that name a class of the module."""
        return (found.call for found in facts.explicit_supers)

    def visit_Call(self, node: cst.Call) -> None:
        """Report such a call."""
        from reloadlint.rewrite.refusal import Refused
        from reloadlint.rewrite.zero_super import zero_super

        call = self.context.node_of.get(node)
        for found in self.context.found_at(call, self.facts.explicit_supers, "call"):
            outcome = zero_super(self.facts, found)
            self.report(
                found.call,
                f"after a reload, `{found.text}` is another class: this call then fails "
                "with a TypeError for every object of before",
                fix=None if isinstance(outcome, Refused) else outcome,
                refusal=outcome.text if isinstance(outcome, Refused) else None,
            )
