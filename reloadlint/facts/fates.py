"""The fate of a closure: does one of its sinks keep it beyond the call, and how sure is that?"""

from __future__ import annotations

import ast
import builtins
import enum
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from reloadlint.facts.index import FUNCTIONS, ClosureNode, ValueNode
from reloadlint.facts.nodes import is_abstract
from reloadlint.facts.sink import Callee, Sink, SinkKind
from reloadlint.facts.temporary import is_context, is_put_back, is_scoped, is_taken_back
from reloadlint.finding import Confidence, Step

if TYPE_CHECKING:
    from reloadlint.facts import FileFacts

_CAP_WORDS: Final = re.compile(r"_*[A-Z]\w*[a-z]")
_FURTHER: Final = re.compile(r", (?:where it|which) is ")
_MOST_LINKS: Final = 3  # of the way that a finding tells; the steps have all of it
_MOST_STEPS: Final = 20  # thousands of functions may hand on to each other
_LEFT_OUT: Final = "handed on, in more steps than are told here"


class Kept(enum.Enum):
    """What keeps a closure; each is the matter of one rule."""

    BY_CALLEE = "handed to a callable that keeps it"
    BY_STORE = "stored"
    BY_CALLER = "returned or yielded"


def step(facts: FileFacts, node: ast.AST, how: str) -> Step:
    """A step at `node`; `how` without what comes after it, which the next step says."""
    while not hasattr(node, "lineno"):  # the arguments of a function
        node = facts.index.parent[node]
    what = _FURTHER.split(how, maxsplit=1)[0]
    return Step(facts.source.path, facts.source.position(facts.span(node)[0]), what)


def _further(text: str, how: str) -> str:
    """A text, and `how` it goes on from there: of a long way only the end."""
    links = _FURTHER.split(how)
    if len(links) < _MOST_LINKS:
        return f"{text} {how}"
    return f"{text} at last {links[-1].removeprefix('at last ')}"


def _path(here: Step, further: tuple[Step, ...]) -> tuple[Step, ...]:
    """One step before the others, of which the nearest are left out where there are too many."""
    if len(further) < _MOST_STEPS:
        return (here, *further)
    return (here, replace(further[1], what=_LEFT_OUT), *further[2:])


@dataclass(frozen=True)
class Fate:
    """A closure is kept as `kept` says, by `sink`; `how` completes "it is …".

    `steps` lead from the closure to where it is kept.
    """

    kept: Kept
    confidence: Confidence
    sink: Sink
    how: str
    steps: tuple[Step, ...] = ()

    @property
    def rank(self) -> tuple[int, int]:
        """The surest comes first; among equals the order of the rules decides."""
        return (-self.confidence, list(Kept).index(self.kept))


class Fates:
    """Judges the sinks of the closures of one file."""

    def __init__(self, facts: FileFacts) -> None:
        self._facts = facts
        self._index = facts.index
        self._table = facts.sink_table

    def of(self, node: ValueNode) -> Fate | None:
        """The surest way in which the value is kept; None where nothing is known to keep it."""
        fates = [fate for sink in self._facts.sinks(node) for fate in self.judge(sink)]
        if isinstance(node, (ast.Lambda, *FUNCTIONS)):
            fates = [self._weighed(node, fate) for fate in fates]
        return min(fates, key=lambda fate: fate.rank, default=None)

    def _weighed(self, node: ClosureNode, fate: Fate) -> Fate:
        """A decorator that a factory returns is dropped as soon as it has been applied.

        Of a private factory all uses are in sight; others may do something else with a public one.
        """
        if fate.sink.kind is not SinkKind.RETURN:
            return fate
        from reloadlint.facts.decorated import is_applied_at_once, is_private

        if not is_applied_at_once(self._facts, node):
            return fate
        is_private_matter = is_private(self._index, self._index.scope_at(node).node)
        confidence = Confidence.POSSIBLE if is_private_matter else Confidence.LIKELY
        how = f"{fate.how}, as a decorator"
        return replace(fate, confidence=min(confidence, fate.confidence), how=how)

    def judge(self, sink: Sink) -> Iterator[Fate]:
        """The ways in which one sink keeps the value; none where it is done with it."""
        judge = _JUDGES.get(sink.kind)
        if judge is not None:
            for fate in judge(self, sink):
                here = step(self._facts, sink.node, fate.how)
                yield replace(fate, steps=_path(here, fate.steps))

    def _argument(self, sink: Sink) -> Iterator[Fate]:
        callee, parameter = sink.callee, sink.parameter
        assert callee is not None
        assert parameter is not None
        if self._table.consumes(callee.qualified, callee.name, parameter):
            return
        fate = self._by_table(sink) or self._by_project(sink)
        if fate is None:
            fate = self._by_name(sink, sink.parameter_name) or self._by_methods(sink)
        if fate is not None:
            yield self._doubted(fate)

    def _doubted(self, fate: Fate) -> Fate:
        """What holds the closure may let go of it, or is told of something that only has it."""
        is_doubtful = fate.sink.is_contained or self._is_let_go(fate.sink)
        return replace(fate, confidence=Confidence.POSSIBLE) if is_doubtful else fate

    def _is_let_go(self, sink: Sink) -> bool:
        """True where nothing holds the closure any more when the function around is done."""
        return (
            is_scoped(self._facts, sink)
            or is_taken_back(self._facts, sink)
            or self._is_entered(sink)
            or self._is_called_back_at_once(sink)
        )

    def _is_entered(self, sink: Sink) -> bool:
        """True for the argument of a `with`, unless it is known or named to be kept beyond that."""
        callee, parameter = sink.callee, sink.parameter
        assert callee is not None
        assert parameter is not None
        is_named = isinstance(parameter, str) and self._table.sounds_like_callback(parameter)
        is_known = self._table.retains(callee.qualified, parameter) is not None
        return is_context(self._facts, sink) and not is_named and not is_known

    def _is_called_back_at_once(self, sink: Sink) -> bool:
        """True for a callback of a future that is complete; which another may hold up, still."""
        from reloadlint.facts.completed import is_completed

        func = sink.node.func if isinstance(sink.node, ast.Call) else sink.node
        return (
            isinstance(func, ast.Attribute)
            and self._table.calls_back_at_once(func.attr)
            and is_completed(self._facts, func.value, self._index.scope_at(func))
        )

    def _by_table(self, sink: Sink) -> Fate | None:
        assert sink.callee is not None
        assert sink.parameter is not None
        how = self._table.retains(sink.callee.qualified, sink.parameter)
        if how is None:
            return None
        text = f"{how} by `{sink.callee.text}`"
        return Fate(Kept.BY_CALLEE, Confidence.CERTAIN, sink, text)

    def _by_project(self, sink: Sink) -> Fate | None:
        """What the code of the callee shows, where the project has it."""
        from reloadlint.facts.parameters import Outcome, argument_fate

        assert sink.callee is not None
        assert sink.parameter is not None
        found = argument_fate(sink.callee, sink.parameter)
        if found is None or found.outcome is not Outcome.KEPT:
            return None
        how = _further(f"handed to `{sink.callee.text}`, where it is", found.how)
        return Fate(Kept.BY_CALLEE, found.confidence, sink, how, found.steps)

    def _by_name(self, sink: Sink, name: str | None) -> Fate | None:
        """What the names promise. A callback counts as kept even where it is called at once now."""
        callee, parameter = sink.callee, sink.parameter
        assert callee is not None
        assert parameter is not None
        text = f"handed to `{callee.text}`"
        if self._table.retains_by_method(callee.name, parameter):
            if self._is_awaited(sink):
                return None
            return Fate(Kept.BY_CALLEE, Confidence.LIKELY, sink, f"kept by `{callee.text}`")
        if name is not None and self._table.sounds_like_callback(name):
            return Fate(Kept.BY_CALLEE, Confidence.LIKELY, sink, f"{text} as `{name}`")
        if self._is_done(callee, parameter):
            return None
        if self._is_registration(sink) or _is_constructor(callee):
            return Fate(Kept.BY_CALLEE, Confidence.LIKELY, sink, text)
        return None

    def _is_awaited(self, sink: Sink) -> bool:
        """True for `await loop.run_in_executor(…)`: done with when the next line runs."""
        return isinstance(self._index.parent.get(sink.node), ast.Await)

    def _is_done(self, callee: Callee, parameter: int | str) -> bool:
        from reloadlint.facts.parameters import Outcome, argument_fate

        found = argument_fate(callee, parameter)
        return found is not None and found.outcome is Outcome.DONE

    def _by_methods(self, sink: Sink) -> Fate | None:
        """What methods of that name do, where the class of the object is not known."""
        from reloadlint.facts.parameters import Outcome, method_fate

        callee, parameter = sink.callee, sink.parameter
        assert callee is not None
        assert parameter is not None
        if self._is_done(callee, parameter):
            return None
        text = f"handed to `{callee.text}`"
        is_overridden = callee.definition is not None and is_abstract(callee.definition)
        if (callee.target is None or is_overridden) and "." in callee.text:
            found = method_fate(self._facts, callee.name, parameter)
            if found is not None and found.outcome is Outcome.DONE:
                return None
            if found is not None and found.outcome is Outcome.KEPT:
                how = _further(f"{text}, where it is", found.how)
                return Fate(Kept.BY_CALLEE, Confidence.LIKELY, sink, how, found.steps)
        return Fate(Kept.BY_CALLEE, Confidence.POSSIBLE, sink, text)

    def _is_registration(self, sink: Sink) -> bool:
        """True for a positional argument of something that is named as a registration."""
        assert sink.callee is not None
        return (
            isinstance(sink.parameter, int)
            and not _is_builtin(sink.callee.qualified)
            and self._table.sounds_like_registration(sink.callee.name)
        )

    def _decorator(self, sink: Sink) -> Iterator[Fate]:
        assert sink.callee is not None
        callee = sink.callee
        if self._table.consumes(callee.qualified, callee.name, 0):
            return
        how = self._table.retains(callee.qualified, 0)
        known = self._by_project(sink)
        if how is not None:
            text = f"{how} by `@{callee.text}`"
            yield self._doubted(Fate(Kept.BY_CALLEE, Confidence.CERTAIN, sink, text))
        elif known is not None:
            how = known.how.replace(f"handed to `{callee.text}`", f"handed to `@{callee.text}`", 1)
            yield self._doubted(replace(known, how=how))
        elif not self._is_done(callee, 0):
            how = f"handed over by `@{callee.text}`"
            yield self._doubted(Fate(Kept.BY_CALLEE, Confidence.LIKELY, sink, how))

    def _attribute(self, sink: Sink) -> Iterator[Fate]:
        if is_put_back(self._facts, sink):
            return
        is_own = sink.target.startswith("self.")
        confidence = Confidence.CERTAIN if is_own else Confidence.LIKELY
        yield Fate(Kept.BY_STORE, confidence, sink, f"stored in `{sink.target}`")

    def _container(self, sink: Sink) -> Iterator[Fate]:
        yield Fate(Kept.BY_STORE, Confidence.LIKELY, sink, f"stored in `{sink.target}`")

    def _global(self, sink: Sink) -> Iterator[Fate]:
        if self._index.scope_at(sink.node).is_function:
            how = f"stored in the module-level name `{sink.target}`"
            yield Fate(Kept.BY_STORE, Confidence.CERTAIN, sink, how)
        elif sink.is_contained:
            # A table of the module is made anew by a reload. Whoever imported it from here holds
            # that of today; a private one is looked up by its name each time.
            is_private = sink.target.startswith("_")
            confidence = Confidence.POSSIBLE if is_private else Confidence.LIKELY
            yield Fate(Kept.BY_STORE, confidence, sink, f"stored in `{sink.target}`")

    def _capture(self, sink: Sink) -> Iterator[Fate]:
        assert sink.by is not None
        holder = self._facts.fate(sink.by)
        if holder is not None:
            name = "a lambda" if isinstance(sink.by, ast.Lambda) else f"`{sink.by.name}`"
            confidence = min(holder.confidence, Confidence.LIKELY)
            how = _further(f"captured by {name}, which is", holder.how)
            yield Fate(Kept.BY_STORE, confidence, sink, how, holder.steps)

    def _returned(self, sink: Sink) -> Iterator[Fate]:
        is_sure = isinstance(sink.node, ast.Return) and not sink.is_contained
        confidence = Confidence.CERTAIN if is_sure else Confidence.LIKELY
        is_return = sink.kind is SinkKind.RETURN
        yield Fate(Kept.BY_CALLER, confidence, sink, "returned" if is_return else "yielded")


def _is_builtin(qualified: str | None) -> bool:
    """True for a builtin, or a method of one; not for one of what a builtin returns."""
    module, _, name = (qualified or "").partition(".")
    owner, _, method = name.partition(".")
    is_method = "." not in method and isinstance(getattr(builtins, owner, None), type)
    return module == "builtins" and (not method or is_method)


def _is_constructor(callee: Callee) -> bool:
    """True for a class: an object keeps what it is made with, unless its code shows otherwise.

    Of the closures that the open corpus handed to something named in CapWords, 58 were kept and
    none was not.
    """
    is_named_so = _CAP_WORDS.match(callee.name) is not None or callee.name == "__init__"
    return callee.is_class or is_named_so


_JUDGES: Final = {
    SinkKind.ARGUMENT: Fates._argument,
    SinkKind.DECORATOR: Fates._decorator,
    SinkKind.ATTRIBUTE: Fates._attribute,
    SinkKind.CONTAINER: Fates._container,
    SinkKind.GLOBAL: Fates._global,
    SinkKind.CAPTURE: Fates._capture,
    SinkKind.RETURN: Fates._returned,
    SinkKind.YIELD: Fates._returned,
}
