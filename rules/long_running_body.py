"""RL106: an endless loop with its work inline, in a thread, a task or a generator."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from reloadlint.rewrite.refusal import Caution, loop_refusals
from reloadlint.rule import Evidence, Example, Renamed, Rule, TypedEdit

if TYPE_CHECKING:
    import libcst as cst

    from reloadlint.facts import FileFacts

_START = """\
import queue, threading, time

inbox, outbox = queue.Queue(), queue.Queue()
others = set(threading.enumerate())
m.start(inbox, outbox)
(thread,) = set(threading.enumerate()) - others


def ask(name):
    inbox.put(name)
    while thread.is_alive() and outbox.empty():
        time.sleep(0.001)
    return outbox.get(block=False)"""


class LongRunningBody(Rule):
    """A loop that never ends has its work in it: the frame that runs it never changes.

    What it does
    ------------
    Flags `while True`, a loop on a flag such as `while not stop.is_set()`, `for … in iter(f, end)`,
    `for … in itertools.count()` and `async for`, in a function that a thread or a task runs, that
    is called under `if __name__ == "__main__"`, or whose generator an attribute holds. Calls are
    followed within the file, and in those that import the function, or its class, from there.

    Left alone are loops that consist of one or two calls (of waiting, logging and leaving as much
    as you like) and, unless `min-confidence = "possible"`, what seems to come to an end by itself:
    loops with a way out that never wait, and `async for` over what does not sound like a stream. So
    are loops that try again until something has come about (`while not self.connected`, `try: …;
    break`), or until nothing comes (`except TimeoutError: break`).

    Why it goes stale
    -----------------
    A reload makes new functions, or gives a function new code. A frame that is running has its own
    code, and CPython can exchange it under no circumstances: until the thread, task or generator
    ends, each turn does what it did when the loop began.

    Use instead
    -----------
    A loop that calls a function by its name, and has nothing else in it: each turn finds the newest
    one. Of a class, a method: `while True: self.turn()`.

    Fix safety
    ----------
    The fix moves what a turn does into a function of the module, which is given what it reads of
    the names around; `continue` becomes `return`. It needs `--unsafe-fixes`, as the objects that
    a turn has made go at its end, not when the next one makes others. There is no fix where a turn
    ends the loop, returns, yields, or leaves a value for later.

    When to suppress
    ----------------
    Where the program starts the thread or task again after each reload, and for loops that are done
    before anybody could reload something.
    """

    code = "RL106"
    name = "long-running-body"
    fixable = "hoist of the loop body"
    refusals = loop_refusals()
    cautions = (Caution.TURN.text("name"),)
    skips_tests = True
    examples = (
        Example(
            before="""\
import threading


def serve(inbox, outbox):
    while True:
        name = inbox.get()
        if not name:
            continue
        # players like to be greeted
        outbox.put("hello " + name)


def start(inbox, outbox):
    threading.Thread(target=serve, args=(inbox, outbox), daemon=True).start()
""",
            after="""\
import threading


def _serve_turn(inbox, outbox):
    name = inbox.get()
    if not name:
        return
    # players like to be greeted
    outbox.put("hello " + name)


def serve(inbox, outbox):
    while True:
        _serve_turn(inbox, outbox)


def start(inbox, outbox):
    threading.Thread(target=serve, args=(inbox, outbox), daemon=True).start()
""",
            unsafe=True,
            evidence=Evidence(
                edits=(
                    TypedEdit('"hello "', '"welcome "'),
                    TypedEdit('"hello " + name', '"welcome"', "captures"),
                    TypedEdit(
                        "serve(inbox, outbox):\n    while True:\n        name = inbox.get()",
                        "serve(inbox, outbox, end='!'):\n    while True:\n"
                        "        name = inbox.get() + end",
                        "signature",
                        fixed=(
                            "_serve_turn(inbox, outbox):\n    name = inbox.get()",
                            "_serve_turn(inbox, outbox, end='!'):\n    name = inbox.get() + end",
                        ),
                    ),
                    Renamed('"hello "', '"welcome "', names=("serve", "_serve_turn")),
                ),
                hold=_START,
                probe="[ask('Bob'), ask('Cat')][1]",
            ),
        ),
        Example(
            before="""\
import asyncio


class Feed:
    def __init__(self, events):
        self.events = events
        self.total = 0

    def start(self):
        return asyncio.create_task(self.listen())

    async def listen(self):
        async for event in self.events:
            price = event["price"] * 2
            await self.show(price)
            self.total += price

    async def show(self, price):
        print(price)
""",
            after="""\
import asyncio


async def _listen_turn(self, event):
    price = event["price"] * 2
    await self.show(price)
    self.total += price


class Feed:
    def __init__(self, events):
        self.events = events
        self.total = 0

    def start(self):
        return asyncio.create_task(self.listen())

    async def listen(self):
        async for event in self.events:
            await _listen_turn(self, event)

    async def show(self, price):
        print(price)
""",
            unsafe=True,
        ),
        Example(
            before="""\
def read():
    total = 0
    while True:
        number = yield total
        total += number * 2


class Meter:
    def __init__(self):
        self.reader = read()
        next(self.reader)

    def add(self, number):
        return self.reader.send(number)
""",
            instead="""\
def worth(number):
    return number * 2


class Meter:
    def __init__(self):
        self.total = 0

    def add(self, number):
        self.total += worth(number)
        return self.total
""",
            evidence=Evidence(
                edits=(TypedEdit("number * 2", "number * 3"),),
                hold="meter = m.Meter()",
                probe="meter.add(1)",
            ),
        ),
    )
    untried = (("state", "what a loop collects is in its frame, which no reload makes anew"),)
    leaves = (
        "import threading\n\n\ndef turn():\n    print('turn')\n\n\ndef work():\n"
        "    while True:\n        turn()\n\n\nthreading.Thread(target=work)\n",
        "def read(file):\n    while True:\n        line = file.readline()\n"
        "        if not line:\n            break\n        print(line.strip().upper())\n",
        "import threading\n\n\ndef work(jobs):\n    while jobs:\n        job = jobs.pop()\n"
        "        print(job.name, job.run(), job.size * 2)\n\n\n"
        "def start(jobs):\n    threading.Thread(target=work, args=(jobs,)).start()\n",
        "def numbers():\n    n = 0\n    while True:\n        n += 1\n        yield n * n + 1\n\n\n"
        "def first(count):\n    return [n for n, _ in zip(numbers(), range(count))]\n",
        "import threading\n\n\ndef work(feed):\n    while True:\n"
        "        if events := feed.get():\n            feed.show(events)\n\n\n"
        "def start(feed):\n    threading.Thread(target=work, args=(feed,)).start()\n",
        "import subprocess\nimport sys\n\nif __name__ == '__main__':\n    while True:\n"
        "        try:\n            subprocess.check_call(sys.argv[1:])\n            sys.exit(0)\n"
        "        except subprocess.CalledProcessError as error:\n"
        "            if error.returncode != 3:\n                sys.exit(error.returncode)\n",
        "import asyncio\n\n\nclass Bot:\n    def start(self):\n"
        "        self.task = asyncio.create_task(self.run())\n\n    async def run(self):\n"
        "        while not self.closed:\n            try:\n                await self.turn()\n"
        "            except ValueError:\n                print('again')\n"
        "            await asyncio.sleep(1)\n",
    )

    @classmethod
    def screen(cls, facts: FileFacts) -> Iterator[ast.AST]:
        """The loops."""
        return (loop.node for loop in facts.endless_loops)

    def visit_While(self, node: cst.While) -> None:
        """Report `while`."""
        self._check(node)

    def visit_For(self, node: cst.For) -> None:
        """Report `for` and `async for`."""
        self._check(node)

    def _check(self, node: cst.While | cst.For) -> None:
        from reloadlint.rewrite.hoist_loop import hoist_loop
        from reloadlint.rewrite.refusal import Refused

        own = self.context.node_of.get(node)
        for loop in self.context.found_at(own, self.facts.endless_loops):
            outcome = hoist_loop(self.context, node, loop)
            self.report(
                loop.node,
                f"this loop goes on in {loop.runner.what}: a reload cannot reach the code "
                "inside it",
                confidence=loop.confidence,
                fix=None if isinstance(outcome, Refused) else outcome,
                refusal=outcome.text if isinstance(outcome, Refused) else None,
            )
