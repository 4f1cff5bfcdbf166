"""RL102: a closure with work of its own, stored where it outlives the call that made it."""

from __future__ import annotations

from reloadlint.closure_rule import KeptClosureRule
from reloadlint.facts.fates import Kept
from reloadlint.rule import Evidence, Example, Renamed, TypedEdit


class StoredClosure(KeptClosureRule):
    """A closure with work of its own is stored in an attribute, a container or a global.

    What it does
    ------------
    Flags a lambda or nested `def` that does more than forward to a named function, and that a
    function stores: in an attribute, in a container that outlives the call, in a module-level name
    under `global`, or in another closure that is kept itself.

    Why it goes stale
    -----------------
    The object that holds the closure was made before the reload and is not made again. What it
    holds is the body of that time, and each call through it runs the old code.

    Use instead
    -----------
    Store a closure that only calls a function at module level, which is looked up by its name each
    time. For an attribute of an object, a method does as well.

    Fix safety
    ----------
    The fix moves the body into a new function above the enclosing top-level statement and passes
    what the body captures as arguments. It is refused, with the reason, wherever the program could
    tell the difference.

    What is held finds its work by the name of that function from then on. Once that is renamed, it
    ends in a `NameError`, or, where a reloader leaves former names in the module, goes on with the
    old work: see RL107.

    The closure takes a frame more than before: what recurses through it comes to the recursion
    limit sooner. Other linters take a trampoline for what it is and leave it; ruff may tell of one
    `return` in a generator more (`# noqa: B901`) and of a parameter named `l` (`# noqa: E741`).

    When to suppress
    ----------------
    Where the object that holds the closure is made anew by whatever reloads the module.
    """

    code = "RL102"
    name = "stored-closure"
    kept = Kept.BY_STORE
    examples = (
        Example(
            before="""\
class Button:
    def __init__(self, label):
        self.label = label
        self.on_click = lambda times: self.label.upper() * times
""",
            after="""\
def _init_on_click(self, times):
    return self.label.upper() * times


class Button:
    def __init__(self, label):
        self.label = label
        self.on_click = lambda times: _init_on_click(self, times)
""",
            evidence=Evidence(
                edits=(
                    TypedEdit(".upper()", ".lower()"),
                    TypedEdit(
                        "lambda times: self.label",
                        "lambda times, mark='*': mark + self.label",
                        "signature",
                        fixed=("times):\n    return ", "times, mark='*'):\n    return mark + "),
                    ),
                ),
                hold="button = m.Button('Go')",
                probe="button.on_click(2)",
            ),
        ),
        Example(
            before="""\
_formatter = str


def use_brackets(left, right):
    global _formatter

    def formatter(value):
        text = str(value)
        return left + text + right

    _formatter = formatter


def show(value):
    return _formatter(value)
""",
            after="""\
_formatter = str


def _use_brackets_formatter(left, right, value):
    text = str(value)
    return left + text + right


def use_brackets(left, right):
    global _formatter

    def formatter(value):
        return _use_brackets_formatter(left, right, value)

    _formatter = formatter


def show(value):
    return _formatter(value)
""",
            evidence=Evidence(
                edits=(
                    TypedEdit("left + text + right", "left + ' ' + text + ' ' + right"),
                    TypedEdit("left + text + right", "text + right", "captures"),
                    Renamed(
                        "left + text + right",
                        "right + text + left",
                        names=("formatter", "_use_brackets_formatter"),
                    ),
                    TypedEdit(
                        "def formatter(",
                        "def enclosed(",
                        "removed",
                        fixed=("def _use_brackets_formatter(", "def _enclosed("),
                    ),
                ),
                hold="m.use_brackets('<', '>'); formatter = m._formatter",
                probe="formatter(1)",
            ),
        ),
    )
    untried = (("state", "the function that is stored has none; what it captures is RL201"),)
    leaves = (
        "class Button:\n    def __init__(self):\n"
        "        self.on_click = lambda times: self.click(times)\n",
        "def total(rows):\n    price = lambda row: row['n'] * row['price']\n"
        "    return sum(price(row) for row in rows)\n",
        "def run(steps):\n    actions = [lambda: steps.pop() + 1]\n"
        "    for action in actions:\n        action()\n",
        "class Point:\n    def __init__(self):\n        self.origin = lambda: 0\n",
    )
