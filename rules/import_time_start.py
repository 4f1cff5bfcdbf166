"""RL402: a thread, timer, server, process or file that is started or opened at import."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from reloadlint.finding import Fix
from reloadlint.rule import Evidence, Example, Renamed, Rule, TypedEdit

if TYPE_CHECKING:
    import libcst as cst

    from reloadlint.facts import FileFacts


class ImportTimeStart(Rule):
    """Something is started or opened when the module is imported, and again by each reload.

    What it does
    ------------
    Flags a statement at module level that starts a thread, timer, process or scheduler, opens a
    server, runs an event loop, or opens a file and keeps it. What does so is listed in
    `effects.toml`; classes of the project that are derived from one of these count as well, and so
    does what a function of the project does that the module calls unconditionally. Left alone are
    what stands under `if __name__ == "__main__"`, what the module itself closes or waits for, what
    is done only if it has not been done before, and modules with a `__before_reload__`.

    Why it goes stale
    -----------------
    A reload runs the statement again. The thread of before goes on with the code that it has,
    beside a new one: each job is done twice, by two versions. A server finds its address in use,
    a file is written at two positions.

    Use instead
    -----------
    Start it where the program starts: in a function that is called once, from `main`. Where it has
    to be at import, `keep` from `reloadlint.runtime` does it once: `WORKER = keep("WORKER",
    start_worker)`. A module with a `__before_reload__` can stop what it has started.

    Fix safety
    ----------
    There is no automatic fix: when something is to be started is the program's own matter.

    When to suppress
    ----------------
    In a script that is run and never imported, and for a file that is only read.
    """

    code = "RL402"
    name = "import-time-start"
    fixable = "display-only"
    skips_tests = True
    examples = (
        Example(
            before="""\
import threading

stop = threading.Event()


def work():
    stop.wait(60)


worker = threading.Thread(target=work, name="worker", daemon=True)
worker.start()
""",
            instead="""\
import threading

from reloadlint.runtime import keep

stop = keep("stop", threading.Event)


def work():
    stop.wait(60)


def start():
    worker = threading.Thread(target=lambda: work(*()), name="worker", daemon=True)
    worker.start()
    return worker


worker = keep("worker", start)
""",
            evidence=Evidence(
                edits=(
                    TypedEdit("stop.wait(60)", "stop.wait(61)"),
                    TypedEdit(
                        "work():\n    stop.wait(60)",
                        "work(pause=61):\n    stop.wait(pause)",
                        "signature",
                    ),
                    Renamed("stop.wait(60)", "stop.wait(61)", names=("work",)),
                ),
                hold="import threading",
                probe="[t.name for t in threading.enumerate() if t.name == 'worker']",
                looks_at="count",
            ),
        ),
        Example(
            before="""\
log = open("game.log", "a")


def write(line):
    log.write(line)
"""
        ),
    )
    untried = (
        ("captures", "a function of a module captures nothing"),
        ("state", "the state of what is started is RL202 and RL203"),
    )
    leaves = (
        "import threading\n\n\ndef start():\n    threading.Thread(target=print).start()\n",
        "import asyncio\n\n\nasync def main():\n    pass\n\n\n"
        "if __name__ == '__main__':\n    asyncio.run(main())\n",
        "with open('names.txt') as file:\n    NAMES = file.read().split()\n",
        "import json\n\nTABLE = json.load(open('table.json'))\n",
        "import subprocess\n\nVERSION = subprocess.check_output(['git', 'describe'])\n",
        "import threading\n\nworker = None\nif worker is None:\n"
        "    worker = threading.Thread(target=print)\n    worker.start()\n",
    )

    @classmethod
    def screen(cls, facts: FileFacts) -> Iterator[ast.AST]:
        """The calls that start something."""
        return (start.node for start in facts.starts)

    def visit_Call(self, node: cst.Call) -> None:
        """Report such a call."""
        call = self.context.node_of.get(node)
        for start in self.context.found_at(call, self.facts.starts):
            inside = f" in `{start.inside}`" if start.inside else ""
            self.report(
                start.node,
                f"`{start.text}`{inside} {start.starter.does} at import: {start.starter.harm}",
                confidence=start.confidence,
                fix=Fix.by_hand("call it where the program starts, or once, by `keep`"),
            )
