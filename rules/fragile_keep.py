"""RL204: state that is kept by asking the module's own namespace for it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from reloadlint.rule import Evidence, Example, Rule, TypedEdit

if TYPE_CHECKING:
    import libcst as cst

    from reloadlint.facts import FileFacts


class FragileKeep(Rule):
    """State is kept by asking the module's own namespace, which not every reloader leaves alone.

    What it does
    ------------
    Flags `try: NAME` with `except NameError: NAME = …`, `if "NAME" not in globals(): NAME = …`,
    `NAME = globals().get("NAME", …)` and their like at module level. With
    `state-idiom = "globals"`, which chooses this way, nothing is flagged. A name that some version
    of Python has among its builtins, and another name for something that is there already, are no
    state: `try: unicode` with `except NameError: unicode = str` is left alone. Nor is a flag that
    others may have put among the builtins: `except NameError: BUILDING = False`, where nothing else
    in the module binds `BUILDING`.

    Why it goes stale
    -----------------
    `importlib.reload` runs the module again in the namespace that it had, and the state is found.
    IPython's autoreload clears the namespace first, and whoever takes the module out of
    `sys.modules` and imports it again gets a new one: there the state is lost without a word.

    Use instead
    -----------
    `NAME = keep("NAME", dict)`, with `keep` from `reloadlint.runtime`, finds the value again under
    every reloader that was measured, since it stands outside of the module.

    Fix safety
    ----------
    The fix needs `--unsafe-fixes`: `keep` makes the program depend on reloadlint at run time, and
    makes the first value only where there is none yet. It is refused where several assignments
    share a line.

    When to suppress
    ----------------
    Where the program is only ever reloaded by `importlib.reload`; or set `state-idiom = "globals"`.
    """

    code = "RL204"
    name = "fragile-keep"
    fixable = "keep"
    skips_tests = True
    examples = (
        Example(
            before="""\
try:
    SCORES
except NameError:
    SCORES = {}  # by player


def score(player, points):
    SCORES[player] = points


def table():
    return sorted(SCORES)
""",
            after="""\
from reloadlint.runtime import keep
SCORES = keep("SCORES", dict)  # by player


def score(player, points):
    SCORES[player] = points


def table():
    return sorted(SCORES)
""",
            unsafe=True,
            evidence=Evidence(
                edits=(
                    TypedEdit("return sorted(SCORES)", "return ['table', *SCORES]"),
                    TypedEdit(
                        "= {}", "= {'root': 0}", "state", fixed=("dict)", "{'root': 0}.copy)")
                    ),
                    TypedEdit(
                        "table():\n    return sorted(SCORES)",
                        "table(head='table'):\n    return [head, *SCORES]",
                        "signature",
                    ),
                    TypedEdit(
                        "def score(player, points):\n    SCORES[player] = points\n\n\n",
                        "",
                        "removed",
                    ),
                ),
                hold="m.SCORES['ann'] = 1",
                probe="m.table()",
                looks_at="state",
            ),
        ),
        Example(
            before="""\
import time

started = globals().get("started", time.time())
if "visits" not in globals():
    visits = [started]


def visit():
    visits.append(time.time())
""",
            after="""\
import time
from reloadlint.runtime import keep

started = keep("started", time.time)
visits = keep("visits", lambda: [started])


def visit():
    visits.append(time.time())
""",
            unsafe=True,
        ),
    )
    untried = (("captures", "what captures the state is RL201"),)
    leaves = (
        "try:\n    unicode\nexcept NameError:\n    unicode = str\n",
        "try:\n    text_type = unicode\nexcept NameError:\n    text_type = str\n",
        "try:\n    import json\nexcept ImportError:\n    json = None\n",
        "from reloadlint.runtime import keep\n\nSCORES = keep('SCORES', dict)\n",
        "def get(name):\n    return globals().get(name, {})\n",
        "OPTIONS = {}\nDEBUG = OPTIONS.get('DEBUG', False)\n",
    )

    @classmethod
    def screen(cls, facts: FileFacts) -> Iterator[ast.AST]:
        """The statements that ask."""
        if facts.config.state_idiom != "globals":
            yield from (found.node for found in facts.fragile_keeps)

    def visit_Assign(self, node: cst.Assign) -> None:
        """Report `NAME = globals().get(…)`."""
        self._check(node)

    def visit_AnnAssign(self, node: cst.AnnAssign) -> None:
        """Report `NAME: type = globals().get(…)`."""
        self._check(node)

    def visit_Try(self, node: cst.Try) -> None:
        """Report `try: NAME`."""
        self._check(node)

    def visit_If(self, node: cst.If) -> None:
        """Report `if "NAME" not in globals()`."""
        self._check(node)

    def _check(self, node: cst.Assign | cst.AnnAssign | cst.Try | cst.If) -> None:
        from reloadlint.rewrite.keep import keep_firmly
        from reloadlint.rewrite.refusal import Refused

        statement = self.context.node_of[node]
        for found in self.context.found_at(statement, self.facts.fragile_keeps):
            if self.facts.config.state_idiom != "globals":
                outcome = keep_firmly(self.context, found)
                names = ", ".join(f"`{state.name}`" for state in found.states)
                self.report(
                    statement,
                    f"`{found.how}` keeps {names} only where a reload leaves the namespace as it "
                    "is: a reloader that clears or replaces it loses the state",
                    fix=None if isinstance(outcome, Refused) else outcome,
                    refusal=outcome.text if isinstance(outcome, Refused) else None,
                )
