"""RL103: a closure with work of its own, returned or yielded to whoever asked for it."""

from __future__ import annotations

from reloadlint.closure_rule import KeptClosureRule
from reloadlint.facts.fates import Kept
from reloadlint.rule import Evidence, Example, Renamed, TypedEdit


class ReturnedClosure(KeptClosureRule):
    """A closure with work of its own is returned or yielded: factories, decorators.

    What it does
    ------------
    Flags a lambda or nested `def` that does more than forward to a named function, and that a
    function returns or yields: the wrapper of a decorator, the product of a factory.

    Why it goes stale
    -----------------
    Whatever the decorator wrapped, or the factory made, is in use all over the program. A reload of
    the module that defines the decorator makes a new decorator, but the wrappers that it made
    before keep the body of that time.

    Use instead
    -----------
    Return a closure that only calls a function at module level, and hand that function what the
    closure captures.

    Fix safety
    ----------
    The fix moves the body into a new function above the enclosing top-level statement; decorators
    such as `@wraps` stay on the closure, which keeps its name, signature and docstring. It is
    refused, with the reason, wherever the program could tell the difference.

    What is held finds its work by the name of that function from then on. Once that is renamed, it
    ends in a `NameError`, or, where a reloader leaves former names in the module, goes on with the
    old work: see RL107.

    The closure takes a frame more than before: what recurses through it comes to the recursion
    limit sooner. Other linters take a trampoline for what it is and leave it; ruff may tell of one
    `return` in a generator more (`# noqa: B901`) and of a parameter named `l` (`# noqa: E741`).

    When to suppress
    ----------------
    Where all modules that use the decorator or factory are reloaded together with it; and for the
    decorator that a factory makes, where that is only used as `@route("/")`: it is called where it
    is made and then gone, unlike the wrapper that it returns. Such a finding says "as a decorator"
    and is `likely` at most, so that `--min-confidence certain` leaves it out: a public factory may
    be used in another way by code that reloadlint does not see. Where the factory is private (its
    name begins with `_`, or it is made within a function), the finding is only `possible`, which
    the default does not show.
    """

    code = "RL103"
    name = "returned-closure"
    kept = Kept.BY_CALLER
    examples = (
        Example(
            before="""\
from functools import wraps


def logged(function):
    @wraps(function)
    def wrapper(*args, **kwargs):
        # Say what is called.
        print("calling", function.__name__)
        return function(*args, **kwargs), "logged"

    return wrapper
""",
            after="""\
from functools import wraps


def _logged_wrapper(function, /, *args, **kwargs):
    # Say what is called.
    print("calling", function.__name__)
    return function(*args, **kwargs), "logged"


def logged(function):
    @wraps(function)
    def wrapper(*args, **kwargs):
        return _logged_wrapper(function, *args, **kwargs)

    return wrapper
""",
            evidence=Evidence(
                edits=(
                    TypedEdit('"logged"', '"logged twice"'),
                    TypedEdit(
                        "def wrapper(",
                        "def logging(",
                        "removed",
                        fixed=("def _logged_wrapper(", "def _logging("),
                    ),
                ),
                hold="held = m.logged(len)",
                probe="held('abc')",
            ),
        ),
        Example(
            before="""\
def scale(factor):
    return lambda value: round(value * factor, 2)
""",
            after="""\
def _scale_result(factor, value):
    return round(value * factor, 2)


def scale(factor):
    return lambda value: _scale_result(factor, value)
""",
            evidence=Evidence(
                edits=(
                    TypedEdit("round(value * factor, 2)", "round(value * factor, 4)"),
                    TypedEdit("round(value * factor, 2)", "round(value)", "captures"),
                    TypedEdit(
                        "lambda value: round(value * factor, 2)",
                        "lambda value, n=3: round(value * factor, n)",
                        "signature",
                        fixed=(
                            "value):\n    return round(value * factor, 2)",
                            "value, n=3):\n    return round(value * factor, n)",
                        ),
                    ),
                    Renamed("factor, 2)", "factor, 1)", names=("_scale_result",)),
                    TypedEdit(
                        "scale(factor):\n    return lambda value: round(value * factor, 2)",
                        "scale(factor, n=3):\n    return lambda value: round(value * factor, n)",
                        "captures",
                        fixed=(
                            "value):\n    return round(value * factor, 2)",
                            "value, n=3):\n    return round(value * factor, n)",
                        ),
                    ),
                ),
                hold="held = m.scale(1.23456)",
                probe="held(1)",
            ),
        ),
    )
    untried = (("state", "the function that is returned has none; what it captures is RL201"),)
    leaves = (
        "def scaled(value, factor):\n    return value * factor\n\n\n"
        "def scale(factor):\n    return lambda value: scaled(value, factor)\n",
        "def pick(rows):\n    def weight(row):\n        return row.n * 2\n\n"
        "    return max(rows, key=weight)\n",
        "def getter(name):\n    return lambda row: row[name]\n",
    )
