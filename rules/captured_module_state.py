"""RL201: module-level mutable state that something holds on to over a reload."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from reloadlint.finding import Fix
from reloadlint.rule import Evidence, Example, Rule, TypedEdit

if TYPE_CHECKING:
    import libcst as cst

    from reloadlint.facts import FileFacts
    from reloadlint.facts.state_captures import StateCapture


class CapturedModuleState(Rule):
    """A callback, default argument or bound method holds on to state that a reload makes anew.

    What it does
    ------------
    Flags what keeps a module-level container beyond the statement that mentions it, where a reload
    makes a new one: a kept lambda or nested function that works on it, a default argument, a local
    alias that a kept closure captures, a bound method such as `on("x", CACHE.append)`.

    Left alone are the decorator that a factory such as `route("/")` makes, as it gives back what it
    is given, and nobody holds it any more; and a default of the parameter's own name
    (`_CACHE=_CACHE`), which means that of now.

    Why it goes stale
    -----------------
    After a reload there are two containers. What was handed over before goes on with the old one,
    the module's functions use the new one, and each side misses what the other has put in.

    Use instead
    -----------
    Make the container once with `keep`, so that there is never a second one, and let the callback
    be a trampoline to a function that uses the container by its name.

    Fix safety
    ----------
    The fix keeps the container, and moves the body of the closure out if that can be done. It is
    as safe as these two are: see RL202 for `keep`, RL101 for the move.

    When to suppress
    ----------------
    Where the container is thrown away with its holder on purpose.
    """

    code = "RL201"
    name = "captured-module-state"
    fixable = "hoist + keep"
    examples = (
        Example(
            before="""\
LOG = []


def write(line):
    LOG.append(line)


def lines():
    return list(LOG)


def start(bus):
    bus.subscribe("line", LOG.append)
""",
            after="""\
from reloadlint.runtime import keep
LOG = keep("LOG", list)


def write(line):
    LOG.append(line)


def lines():
    return list(LOG)


def start(bus):
    bus.subscribe("line", LOG.append)
""",
            unsafe=True,
            evidence=Evidence(
                edits=(
                    TypedEdit("return list(LOG)", "return ['log', *LOG]"),
                    TypedEdit("= []", "= ['start']", "state", fixed=("list)", "['start'].copy)")),
                    TypedEdit(
                        "lines():\n    return list(LOG)",
                        "lines(head='log'):\n    return [head, *LOG]",
                        "signature",
                    ),
                    TypedEdit(
                        "(line):\n    LOG.append(line)\n\n\ndef lines():\n    return list(LOG)",
                        "_all(lines):\n    LOG.extend(lines)\n\n\n"
                        "def lines():\n    return ['log', *LOG]",
                        "removed",
                    ),
                ),
                hold="""\
class Bus:
    def subscribe(self, topic, callback):
        self.callback = callback


bus = Bus()
m.start(bus)""",
                probe="(bus.callback('x'), m.lines())",
            ),
        ),
        Example(
            before="""\
SEEN = set()


def forget():
    SEEN.clear()


def watcher(prefix):
    return lambda name: SEEN.add(prefix + name) or len(SEEN)
""",
            after="""\
from reloadlint.runtime import keep
SEEN = keep("SEEN", set)


def forget():
    SEEN.clear()


def _watcher_result(prefix, name):
    return SEEN.add(prefix + name) or len(SEEN)


def watcher(prefix):
    return lambda name: _watcher_result(prefix, name)
""",
            unsafe=True,
            evidence=Evidence(
                edits=(
                    TypedEdit("or len(SEEN)", "or -len(SEEN)"),
                    TypedEdit(
                        "prefix + name",
                        "'any ' + name",
                        "captures",
                        probe="(see('y'), max(m.SEEN))",
                    ),
                ),
                hold="see = m.watcher('a '); see('x')",
                probe="(see('y'), sorted(m.SEEN))",
            ),
        ),
    )
    leaves = (
        "COLOURS = ['red']\n\n\ndef start(bus):\n    bus.subscribe('x', COLOURS.count)\n",
        "LOG = []\n\n\ndef write(line):\n    LOG.append(line)\n\n\n"
        "def start(bus):\n    bus.subscribe('line', lambda line: write(line))\n",
        "LOG = []\n\n\ndef write(line, log=None):\n    (log or LOG).append(line)\n",
        "SEEN = set()\n\n\ndef add(name):\n    SEEN.add(name)\n\n\n"
        "def drop(name, *, SEEN=SEEN):\n    SEEN.discard(name)\n",
        "ROUTES = {}\n\n\ndef forget():\n    ROUTES.clear()\n\n\ndef route(path):\n"
        "    def decorator(view):\n        ROUTES[path] = view\n        return view\n\n"
        "    return decorator\n",
    )

    @classmethod
    def screen(cls, facts: FileFacts) -> Iterator[ast.AST]:
        """The places that hold on to state."""
        return (capture.node for capture in facts.state_captures)

    def visit_Lambda(self, node: cst.Lambda) -> None:
        """Report a lambda that works on state, or has it as a default."""
        self._check(node)

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:
        """Report a nested function that works on state, or any function with it as a default."""
        self._check(node)

    def visit_Attribute(self, node: cst.Attribute) -> None:
        """Report a bound method of state."""
        self._check(node)

    def _check(self, node: cst.Lambda | cst.FunctionDef | cst.Attribute) -> None:
        place = self.context.node_of.get(node)
        for capture in self.context.found_at(place, self.facts.state_captures):
            self._report(node, capture)

    def _report(
        self, node: cst.Lambda | cst.FunctionDef | cst.Attribute, capture: StateCapture
    ) -> None:
        from reloadlint.rewrite.keep import keep
        from reloadlint.rewrite.refusal import Refused

        name = capture.state.name
        kept = keep(self.context, capture.state)
        fix = None if isinstance(kept, Refused) else self._with_hoist(node, capture, kept)
        self.report(
            capture.node,
            f"{_subject(capture)} {capture.how}: a reload makes a new `{name}`, "
            "and the two drift apart",
            confidence=capture.confidence,
            fix=fix,
            refusal=kept.text if isinstance(kept, Refused) else None,
        )

    def _with_hoist(
        self, node: cst.Lambda | cst.FunctionDef | cst.Attribute, capture: StateCapture, kept: Fix
    ) -> Fix:
        """The fix that keeps the state and, where it can be done, moves the closure's body too."""
        import libcst as cst

        from reloadlint.rewrite.hoist import hoist

        if capture.closure is None or isinstance(node, cst.Attribute):
            return kept
        closure = self.facts.closure_of[capture.closure]
        moved = hoist(self.context, node, closure)
        if not isinstance(moved, Fix):
            return kept
        return Fix(
            title=f"{kept.title}, and {moved.title}",
            edits=(*kept.edits, *moved.edits),
            applicability=kept.applicability,
            moves=moved.moves,
        )


def _subject(capture: StateCapture) -> str:
    if isinstance(capture.node, ast.Lambda):
        return "this lambda"
    function = getattr(capture.node, "name", None)
    return f"`{function}`" if function else "this method"
