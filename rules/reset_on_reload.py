"""RL202: module-level state that a reload throws away."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from reloadlint.finding import Confidence
from reloadlint.rule import Evidence, Example, Renamed, Rule, TypedEdit

if TYPE_CHECKING:
    import libcst as cst

    from reloadlint.facts import FileFacts
    from reloadlint.facts.module_state import ModuleState


class ResetOnReload(Rule):
    """Module-level state is made unconditionally, so that a reload throws it away.

    What it does
    ------------
    Flags a module-level list, dict, set or the like that functions of the module change, and a
    module-level name that functions rebind under `global`, where the module's own code gives the
    name its first value without asking whether it has one. A constant that nobody changes is left
    alone, and so is a name that comes to stand for a module: it is imported again. So is, unless
    `min-confidence` is `possible`, a value that is only made where there is none yet.

    Why it goes stale
    -----------------
    A reload runs the module's statements again. `CACHE = {}` makes a new, empty dict: what the
    program has collected is gone, and whoever holds the old dict works on a different one from now
    on.

    Use instead
    -----------
    `CACHE = keep("CACHE", dict)`, with `keep` from `reloadlint.runtime`, makes the value once and
    finds it again on every later run of the module, under every reloader that was measured.
    Without a dependency at run time, `CACHE = globals().get("CACHE", {})` does the same where the
    reloader leaves the module's namespace alone; set `state-idiom = "globals"` for that. State can
    also live in a module of its own that is not reloaded.

    Fix safety
    ----------
    The fix wraps the value in the idiom that `state-idiom` names. Without that setting it needs
    `--unsafe-fixes`, since `keep` makes the program depend on reloadlint at run time. It is refused
    where one value is given to several names.

    When to suppress
    ----------------
    Where a fresh start is what a reload is for: a cache of results of the very code that is being
    edited, or a registry that the module fills again at import.
    """

    code = "RL202"
    name = "reset-on-reload"
    fixable = "keep"
    examples = (
        Example(
            before='''\
"""Who is online."""

import time

SESSIONS: dict[str, float] = {}  # by user name


def login(user):
    SESSIONS[user] = time.time()


def online():
    return sorted(SESSIONS)
''',
            after='''\
"""Who is online."""

import time
from reloadlint.runtime import keep

SESSIONS: dict[str, float] = keep("SESSIONS", dict)  # by user name


def login(user):
    SESSIONS[user] = time.time()


def online():
    return sorted(SESSIONS)
''',
            unsafe=True,
            evidence=Evidence(
                edits=(
                    TypedEdit("return sorted(SESSIONS)", "return ['online', *sorted(SESSIONS)]"),
                    TypedEdit(
                        "= {}", "= {'root': 0.0}", "state", fixed=("dict)", "{'root': 0.0}.copy)")
                    ),
                    TypedEdit(
                        "online():\n    return sorted(SESSIONS)",
                        "online(head='online'):\n    return [head, *sorted(SESSIONS)]",
                        "signature",
                    ),
                    Renamed(
                        "return sorted(SESSIONS)",
                        "return ['online', *sorted(SESSIONS)]",
                        names=("SESSIONS",),
                    ),
                    TypedEdit(
                        "def login(user):\n    SESSIONS[user] = time.time()\n\n\n", "", "removed"
                    ),
                ),
                hold="m.SESSIONS['ann'] = 0.0",
                probe="m.online()",
                looks_at="state",
            ),
        ),
        Example(
            before="""\
count = 0


def hit():
    global count
    count += 1
    return count
""",
            after="""\
count = globals().get("count", 0)


def hit():
    global count
    count += 1
    return count
""",
            settings=(("state-idiom", "globals"),),
            evidence=Evidence(
                edits=(
                    TypedEdit("return count", "return (count,)"),
                    TypedEdit("count = 0", "count = 5", "state", fixed=(", 0)", ", 5)")),
                ),
                hold="m.hit()",
                probe="m.hit()",
                looks_at="state",
            ),
        ),
    )
    untried = (("captures", "what captures the state is RL201"),)
    leaves = (
        "NAMES = {'a': 1}\n\n\ndef get(name):\n    return NAMES[name]\n",
        "try:\n    CACHE\nexcept NameError:\n    CACHE = {}\n\n\n"
        "def put(key):\n    CACHE[key] = 1\n",
        "def collect(rows):\n    found = []\n    for row in rows:\n        found.append(row)\n"
        "    return found\n",
        "TABLE = []\nfor n in range(3):\n    TABLE.append(n)\n\n\ndef show():\n    print(TABLE)\n",
        "_shared = None\n\n\ndef shared():\n    global _shared\n"
        "    if _shared is None:\n        _shared = object()\n    return _shared\n",
        "np = None\n\n\ndef load():\n    global np\n    import numpy as np\n",
        "from reloadlint.runtime import keep\n\nCACHE = keep('CACHE', dict)\n\n\n"
        "def put(key):\n    CACHE[key] = 1\n",
    )

    @classmethod
    def screen(cls, facts: FileFacts) -> Iterator[ast.AST]:
        """The assignments that a reload would run again."""
        return (
            state.statement
            for state in facts.state
            if _is_lost(state) and _confidence(state) >= facts.config.min_confidence
        )

    def visit_Assign(self, node: cst.Assign) -> None:
        """Report `NAME = value`."""
        self._check(node)

    def visit_AnnAssign(self, node: cst.AnnAssign) -> None:
        """Report `NAME: type = value`."""
        self._check(node)

    def _check(self, node: cst.Assign | cst.AnnAssign) -> None:
        from reloadlint.rewrite.keep import keep
        from reloadlint.rewrite.refusal import Refused

        statement = self.context.node_of[node]
        for state in self.context.found_at(statement, self.facts.state, "statement"):
            if _is_lost(state):
                outcome = keep(self.context, state)
                change = state.changes[0]
                self.report(
                    statement,
                    f"a reload resets `{state.name}`: `{change.function}` {change.how}, "
                    "and what it has changed is lost",
                    confidence=_confidence(state),
                    fix=None if isinstance(outcome, Refused) else outcome,
                    refusal=outcome.text if isinstance(outcome, Refused) else None,
                )


def _is_lost(state: ModuleState) -> bool:
    is_rebound = any(c.is_rebinding and not c.is_import for c in state.changes)
    return state.is_unconditional and (state.is_container or is_rebound)


def _confidence(state: ModuleState) -> Confidence:
    """Possible for a value that is made when it is first asked for: it is made again."""
    is_lost = state.is_container or any(
        c.is_rebinding and not (c.is_filling or c.is_import) for c in state.changes
    )
    return Confidence.CERTAIN if is_lost else Confidence.POSSIBLE
