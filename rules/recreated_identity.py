"""RL203: a module-level lock, sentinel or queue of which a reload makes a second one."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from reloadlint.rule import Evidence, Example, Rule, TypedEdit

if TYPE_CHECKING:
    import libcst as cst

    from reloadlint.facts import FileFacts


class RecreatedIdentity(Rule):
    """A module-level object is of use by being one and the same, and a reload makes a second one.

    What it does
    ------------
    Flags a lock, event, sentinel `object()`, `ContextVar`, thread-local, queue, signal, executor,
    connection or counter that a module makes unconditionally under a name of its own. What makes
    such an object is listed in `effects.toml`; a class of the project that is derived from one of
    these counts as well. A private name is left alone which no function mentions, or which
    functions only compare with what they have just looked up: `table.get(key, _M) is _M`.

    Why it goes stale
    -----------------
    A reload runs the statement again. From then on there are two locks, and who holds the one of
    before no longer excludes who takes the new one; a thread waits at a queue into which nobody
    puts anything; a default argument holds a sentinel which `is` no longer the module's.

    Use instead
    -----------
    `LOCK = keep("LOCK", threading.Lock)`, with `keep` from `reloadlint.runtime`, makes the object
    once and finds it again on every later run of the module. It can also live in a module of its
    own that is not reloaded, or in an object that the program passes around.

    Fix safety
    ----------
    The fix wraps the value in the idiom that `state-idiom` names. Without that setting it needs
    `--unsafe-fixes`, since `keep` makes the program depend on reloadlint at run time. The
    annotation and the comments stay, and so does the order in which things are made. The fix is
    refused where one value is given to several names.

    superduperreload runs a module in a namespace without `__name__`, by which `keep` knows it:
    under it there is no fix. Where no reloader is named there is one, to be asked for as said.

    When to suppress
    ----------------
    Where nothing holds the object over a reload: a connection that is closed before it, or a lock
    that is only taken while the module is imported.
    """

    code = "RL203"
    name = "recreated-identity"
    fixable = "keep"
    skips_tests = True
    examples = (
        Example(
            before="""\
import threading

LOCK = threading.Lock()  # one writer at a time


def enter():
    LOCK.acquire()


def is_free():
    return not LOCK.locked()
""",
            after="""\
import threading
from reloadlint.runtime import keep

LOCK = keep("LOCK", threading.Lock)  # one writer at a time


def enter():
    LOCK.acquire()


def is_free():
    return not LOCK.locked()
""",
            unsafe=True,
            evidence=Evidence(
                edits=(
                    TypedEdit("return not LOCK.locked()", "return ('free', not LOCK.locked())"),
                    TypedEdit(
                        "is_free():\n    return not",
                        "is_free(word='free'):\n    return word, not",
                        "signature",
                    ),
                    TypedEdit(
                        "def enter():\n    LOCK.acquire()\n\n\ndef is_free():\n    return not",
                        "def is_free():\n    return 'free', not",
                        "removed",
                    ),
                    TypedEdit(
                        "threading.Lock()",
                        "threading.RLock()",
                        "state",
                        fixed=("threading.Lock)", "threading.RLock)"),
                        probe="lock is m.LOCK",
                        looks_at="identity",
                    ),
                ),
                hold="lock = m.LOCK; lock.acquire()",
                probe="m.is_free()",
            ),
        ),
        Example(
            before="""\
_MISSING: object = object()


def find(table, key, default=_MISSING):
    value = table.get(key, default)
    if value is _MISSING:
        raise KeyError(key)
    return value
""",
            after="""\
_MISSING: object = globals().get("_MISSING", object())


def find(table, key, default=_MISSING):
    value = table.get(key, default)
    if value is _MISSING:
        raise KeyError(key)
    return value
""",
            settings=(("state-idiom", "globals"),),
        ),
    )
    untried = (("captures", "what captures the object is RL201"),)
    leaves = (
        "import threading\n\nLOCK = None\n\n\ndef lock():\n    global LOCK\n"
        "    if LOCK is None:\n        LOCK = threading.Lock()\n    return LOCK\n",
        "import threading\n\nfrom reloadlint.runtime import keep\n\n"
        "LOCK = keep('LOCK', threading.Lock)\n",
        "import threading\n\n\nclass Store:\n    def __init__(self):\n"
        "        self.lock = threading.Lock()\n",
        "import logging\n\nlog = logging.getLogger(__name__)\n",
        "_MISSING = object()\n\n\ndef has(table, key):\n"
        "    return table.get(key, _MISSING) is not _MISSING\n",
        "_first = object()\nNAMES = [_first]\n",
        "import re\n\nWORD = re.compile(r'\\w+')\n\n\ndef words(text):\n"
        "    return WORD.findall(text)\n",
    )

    @classmethod
    def screen(cls, facts: FileFacts) -> Iterator[ast.AST]:
        """The assignments that make such objects."""
        return (identity.statement for identity in facts.identities)

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
        for identity in self.context.found_at(statement, self.facts.identities, "statement"):
            outcome = keep(self.context, identity)
            self.report(
                statement,
                f"a reload makes another `{identity.name}`, {identity.harm}",
                fix=None if isinstance(outcome, Refused) else outcome,
                refusal=outcome.text if isinstance(outcome, Refused) else None,
            )
