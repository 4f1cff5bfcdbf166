"""RL104: a function that is handed by value to what keeps it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from reloadlint.facts.by_value import KeptFunction, is_in_foreign_table
from reloadlint.rewrite.refusal import OF_TRAMPOLINES, Caution, texts
from reloadlint.rule import Evidence, Example, Renamed, Rule, TypedEdit

if TYPE_CHECKING:
    import libcst as cst

    from reloadlint.facts import FileFacts


class BoundFunction(Rule):
    """A function is handed by value to what keeps it, which then holds the function of now.

    What it does
    ------------
    Flags a function of the project, a method of an object or class that the module has by name, or
    a `partial` of one, that a function hands to a callable which keeps it, or stores in an
    attribute, under `global`, or in a container that outlives the call.

    Left alone are functions in which there is nothing to edit; what is called soon and once, such
    as the target of a thread (see RL106 for what that does), or what a timer calls within a second;
    a function that puts itself into the timer again, and so finds the newest; what is handed over
    at import, since a reload does that again (see RL401); what a class of the same module is given;
    decorated functions; and methods of `self`: an instance goes with the class that it was made of,
    and `lambda: self.save()` finds the same method.

    Why it goes stale
    -----------------
    `importlib.reload` makes another function of that name. Whoever looks the name up gets the new
    one, but who has been given the old one goes on with it. Reloaders that exchange the code inside
    of functions (IPython's autoreload, jurigged, `reloadlint.runtime`) do reach it.

    Use instead
    -----------
    A trampoline, which looks the function up each time that it is called:
    `timer(60, lambda: save(*()))`. (`*()` keeps other linters from writing `save` again.)

    Fix safety
    ----------
    The fix writes the trampoline. It needs `--unsafe-fixes`, since a lambda is another object than
    the function. It is refused where that would surely matter: the file takes the function back by
    `unsubscribe(save)` or the like, or compares it, the callee may hold it weakly, pickles it or
    looks at it, the function is a coroutine function, or has parameters that a lambda cannot
    repeat.

    What is held finds the function by its name from then on: see RL107 for what a new name does.

    When to suppress
    ----------------
    Where the program is reloaded by something that exchanges code in place; set `reloader` then.
    """

    code = "RL104"
    name = "bound-function"
    fixable = "trampoline"
    refusals = texts(OF_TRAMPOLINES)
    cautions = (Caution.ANOTHER_OBJECT.text("name"),)
    skips_tests = True
    examples = (
        Example(
            before="""\
HANDLERS = []


def subscribe(handler):
    HANDLERS.append(handler)


def greet(user):
    return "hello " + user


def start():
    subscribe(greet)
""",
            after="""\
HANDLERS = []


def subscribe(handler):
    HANDLERS.append(handler)


def greet(user):
    return "hello " + user


def start():
    subscribe(lambda user: greet(user=user))
""",
            unsafe=True,
            evidence=Evidence(
                edits=(
                    TypedEdit('"hello "', '"welcome "'),
                    TypedEdit(
                        '(user):\n    return "hello "',
                        '(user, word="welcome "):\n    return word',
                        "signature",
                    ),
                    Renamed('"hello "', '"welcome "', names=("greet",)),
                    TypedEdit("def greet(", "def salute(", "removed"),
                ),
                hold="m.start(); handler = m.HANDLERS[0]",
                probe="handler('Ann')",
            ),
        ),
        Example(
            before="""\
from functools import partial
from threading import Timer


def save(path):
    print("saving", path)


def start(path):
    Timer(60, partial(save, path)).start()
""",
            after="""\
from functools import partial
from threading import Timer


def save(path):
    print("saving", path)


def start(path):
    Timer(60, partial(lambda path: save(path=path), path)).start()
""",
            unsafe=True,
        ),
    )
    untried = (
        ("captures", "a function of a module captures nothing"),
        ("state", "a function that is handed on has none"),
    )
    leaves = (
        "from threading import Timer\n\n\ndef save():\n    print('saving')\n\n\n"
        "def start():\n    Timer(60, lambda: save(*())).start()\n",
        "def price(row):\n    return row['n'] * row['price']\n\n\n"
        "def by_price(rows):\n    return sorted(rows, key=price)\n",
        "from threading import Thread\n\n\ndef work():\n    print('work')\n\n\n"
        "def start():\n    Thread(target=work).start()\n",
        "import sys\nfrom threading import Timer\n\n\ndef start():\n"
        "    Timer(60, sys.exit).start()\n",
        "class Job:\n    def start(self, bus):\n        bus.subscribe('x', self.run)\n\n"
        "    def run(self):\n        print('run')\n",
        "def ignore(error):\n    pass\n\n\ndef start(bus):\n    bus.subscribe('x', ignore)\n",
        "def tick(reactor):\n    print('tick')\n    reactor.callLater(60, tick, reactor)\n",
        "def save():\n    print('saving')\n\n\ndef _setup(bus):\n    bus.subscribe('x', save)\n\n\n"
        "_setup(print)\n",
    )

    @classmethod
    def screen(cls, facts: FileFacts) -> Iterator[ast.AST]:
        """The values that are kept."""
        return (kept.node for kept in _kept(facts))

    def visit_Call(self, node: cst.Call) -> None:
        """Report an argument."""
        self._check(node)

    def visit_Assign(self, node: cst.Assign) -> None:
        """Report a value that is stored."""
        self._check(node)

    def visit_Lambda(self, node: cst.Lambda) -> None:
        """Report what a lambda gives."""
        self._check(node)

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:
        """Report what stands in no call or assignment."""
        self._check(node)

    def _check(self, node: cst.CSTNode) -> None:
        from reloadlint.rewrite.by_name import call_by_name
        from reloadlint.rewrite.refusal import Refused

        anchor = self.context.node_of.get(node)
        for kept in _kept(self.facts):
            if kept.anchor is anchor:
                outcome = call_by_name(self.context, kept)
                self.report(
                    kept.node,
                    f"`{kept.text}` is {kept.fate.how}: a reload makes another `{kept.text}`, "
                    "and this one stays",
                    confidence=kept.fate.confidence,
                    fix=None if isinstance(outcome, Refused) else outcome,
                    refusal=outcome.text if isinstance(outcome, Refused) else None,
                )


def _kept(facts: FileFacts) -> Iterator[KeptFunction]:
    """What is put into a table of another module is the matter of RL105."""
    return (kept for kept in facts.kept_functions if not is_in_foreign_table(facts, kept))
