"""RL205: a function that remembers its results over a reload."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from reloadlint.finding import Confidence, Fix
from reloadlint.rule import Evidence, Example, Renamed, Rule, TypedEdit

if TYPE_CHECKING:
    import libcst as cst

    from reloadlint.facts import FileFacts
    from reloadlint.facts.cached import Cached


class CachedFunction(Rule):
    """A function remembers its results, and with them what the code of before had computed.

    What it does
    ------------
    Flags a function at module level, or a method, under `functools.lru_cache`, `functools.cache` or
    another decorator that `effects.toml` lists under `[caching]`. Left alone are functions with a
    single operation in them, such as `return re.compile(pattern)`, and `cached_property`, whose
    value goes with the instance.

    Why it goes stale
    -----------------
    The results outlive the code that they come from. A function of another module is reloaded, and
    the cache goes on giving what the old one had computed. A reloader that exchanges code inside of
    functions leaves the cache as it is; one that makes a new function leaves whoever holds the old
    one with the old cache.

    Use instead
    -----------
    Remember only what no edit can change, such as what has been read from a file, and compute the
    rest each time. Or call `cache_clear()` after each reload, for instance in `__after_reload__`.

    Fix safety
    ----------
    There is no automatic fix: how much slower the program would be without it cannot be seen.

    When to suppress
    ----------------
    Where the results depend on the arguments only, by rules that will not change.
    """

    code = "RL205"
    name = "cached-function"
    fixable = "display-only"
    skips_tests = True
    examples = (
        Example(
            before="""\
from functools import lru_cache

import rates


@lru_cache(maxsize=None)
def price(net):
    return net + rates.tax(net)
""",
            instead="""\
import rates


def price(net):
    return net + rates.tax(net)
""",
            helpers=(("rates.py", "def tax(net):\n    return net * 2\n"),),
            evidence=Evidence(
                edits=(
                    TypedEdit("net * 2", "net * 3", file="rates.py"),
                    TypedEdit(
                        "tax(net):\n    return net * 2",
                        "tax(net, rate=3):\n    return net * rate",
                        "signature",
                        file="rates.py",
                    ),
                    Renamed("net * 2", "net * 3", file="rates.py", names=("tax",)),
                ),
                hold="m.price(1)",
                probe="m.price(1)",
            ),
        ),
    )
    untried = (
        ("captures", "a function of a module captures nothing"),
        ("state", "its results are the state, and made at run time"),
    )
    leaves = (
        "import re\nfrom functools import lru_cache\n\n\n@lru_cache\ndef compiled(pattern):\n"
        "    return re.compile(pattern)\n",
        "from functools import cached_property\n\n\nclass Cart:\n    @cached_property\n"
        "    def total(self):\n        return sum(self.prices) + self.tax\n",
        "def price(net):\n    return net + net * 2\n",
        "from functools import lru_cache\n\n\ndef prices(rate):\n    @lru_cache\n"
        "    def price(net):\n        return net + net * rate\n\n    return price(1)\n",
    )

    @classmethod
    def screen(cls, facts: FileFacts) -> Iterator[ast.AST]:
        """The functions that remember."""
        return (cached.node for cached in facts.cached_functions)

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:
        """Report such a function."""
        function = self.context.node_of.get(node)
        for cached in self.context.found_at(function, self.facts.cached_functions):
            self.report(
                cached.node,
                f"`{cached.decorator}` remembers what `{cached.node.name}` gave: "
                f"{_consequence(cached)}",
                confidence=Confidence.CERTAIN if cached.foreign else Confidence.LIKELY,
                fix=Fix.by_hand(f"call `{cached.node.name}.cache_clear()` after each reload"),
            )


def _consequence(cached: Cached) -> str:
    if cached.foreign is not None:
        return f"a reload of `{cached.foreign}` does not reach the results that it went into"
    return "where a reload leaves the cache, old results stay"
