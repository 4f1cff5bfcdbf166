"""RL101: a closure with work of its own, handed to a callable that keeps it."""

from __future__ import annotations

from reloadlint.closure_rule import KeptClosureRule
from reloadlint.facts.fates import Kept
from reloadlint.rule import Evidence, Example, Renamed, TypedEdit


class InlineCallback(KeptClosureRule):
    """A closure with work of its own is handed to a callable that keeps it.

    What it does
    ------------
    Flags a lambda or nested `def` that does more than forward to a named function, and that is
    handed to a callable which keeps it beyond the call: a timer, a thread, an event loop, a signal,
    a decorator that registers. Callables that are done with it when they return, such as
    `sorted(key=…)` or `re.sub`, are left alone.

    Why it goes stale
    -----------------
    Whoever keeps the closure keeps its compiled body. A reload makes new functions, but it cannot
    reach into a closure that somebody already holds: until the callback is registered again, it
    runs the old code while everything else runs the new.

    Use instead
    -----------
    Write the work into a function at module level and hand over a closure that only calls it. The
    name is looked up when the callback runs, so a reload is enough.

    Fix safety
    ----------
    The fix moves the body into a new function above the enclosing top-level statement and passes
    what the body captures as arguments. It is refused, with the reason, wherever the program could
    tell the difference, and needs `--unsafe-fixes` where the callable looks at the function that
    it is given: compiles, pickles, inspects or compares it.

    What is held finds its work by the name of that function from then on. Once that is renamed, it
    ends in a `NameError`, or, where a reloader leaves former names in the module, goes on with the
    old work: see RL107.

    The closure takes a frame more than before: what recurses through it comes to the recursion
    limit sooner. Other linters take a trampoline for what it is and leave it; ruff may tell of one
    `return` in a generator more (`# noqa: B901`) and of a parameter named `l` (`# noqa: E741`).

    When to suppress
    ----------------
    Where the callback is registered again after each reload anyway, or is meant to stay as it is
    until the program ends.
    """

    code = "RL101"
    name = "inline-callback"
    kept = Kept.BY_CALLEE
    examples = (
        Example(
            before="""\
def rpc_request(args, callback):
    PENDING.append((args, callback))


PENDING = []


def start(player):
    def on_reply(reply):
        reply = reply.strip()
        player["name"] = reply
        player["greeting"] = "hello " + reply

    rpc_request("name", on_reply)
""",
            after="""\
def rpc_request(args, callback):
    PENDING.append((args, callback))


PENDING = []


def _start_on_reply(player, reply):
    reply = reply.strip()
    player["name"] = reply
    player["greeting"] = "hello " + reply


def start(player):
    def on_reply(reply):
        _start_on_reply(player, reply)

    rpc_request("name", on_reply)
""",
            evidence=Evidence(
                edits=(
                    TypedEdit('"hello "', '"welcome "'),
                    TypedEdit(
                        "on_reply(reply):\n        reply = reply.strip()",
                        "on_reply(reply, end='!'):\n        reply = reply.strip() + end",
                        "signature",
                        fixed=(
                            "reply):\n    reply = reply.strip()",
                            "reply, end='!'):\n    reply = reply.strip() + end",
                        ),
                    ),
                    Renamed('"hello "', '"welcome "', names=("on_reply", "_start_on_reply")),
                    TypedEdit(
                        "def on_reply(",
                        "def answer(",
                        "removed",
                        fixed=("def _start_on_reply(", "def _start_answer("),
                    ),
                ),
                hold="player = {}; m.start(player); callback = m.PENDING[0][1]",
                probe="(callback(' Ann '), player['greeting'])",
            ),
        ),
        Example(
            before="""\
def start(bus, name):
    bus.subscribe("line", lambda line: name.title() + ": " + line)
""",
            after="""\
def _start_subscribe_line(name, line):
    return name.title() + ": " + line


def start(bus, name):
    bus.subscribe("line", lambda line: _start_subscribe_line(name, line))
""",
            evidence=Evidence(
                edits=(
                    TypedEdit('": "', '" says: "'),
                    TypedEdit("name.title() + ", "'someone' + ", "captures"),
                ),
                hold="""\
class Bus:
    def subscribe(self, topic, callback):
        self.callback = callback


bus = Bus()
m.start(bus, "ann")""",
                probe="bus.callback('hello')",
            ),
        ),
        Example(
            before="""\
import atexit

LOG = print

atexit.register(lambda: LOG("bye " + "now"))
""",
            after="""\
import atexit

LOG = print


def _register_callback():
    return LOG("bye " + "now")


atexit.register(lambda: _register_callback(*()))
""",
        ),
    )
    untried = (("state", "the function that is handed on has none; what it captures is RL201"),)
    leaves = (
        "def by_length(words):\n    return sorted(words, key=lambda word: (len(word), word))\n",
        "import re\n\n\ndef up(s):\n    return re.sub('a', lambda m: m[0].upper() + '!', s)\n",
        "import threading\n\n\ndef tick(n):\n    pass\n\n\n"
        "def start(n):\n    threading.Timer(1, lambda: tick(n)).start()\n",
        "def apply(xs):\n    return list(map(lambda x: x + 1, xs))\n",
    )
