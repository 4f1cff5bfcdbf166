"""The fate of a closure: does one of its sinks keep it beyond the call, and how sure is that?"""

from __future__ import annotations

import ast
import enum
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from reloadlint.facts.index import Index, ValueNode
from reloadlint.facts.sink_table import SinkTable
from reloadlint.facts.sinks import Sink, SinkKind, is_called_only, parameter_name
from reloadlint.finding import Confidence


class Kept(enum.Enum):
    """What keeps a closure; each is the matter of one rule."""

    BY_CALLEE = "handed to a callable that keeps it"
    BY_STORE = "stored"
    BY_CALLER = "returned or yielded"


@dataclass(frozen=True)
class Fate:
    """A closure is kept as `kept` says, by `sink`; `how` completes "it is …"."""

    kept: Kept
    confidence: Confidence
    sink: Sink
    how: str

    @property
    def rank(self) -> tuple[int, int]:
        """The surest comes first; among equals the order of the rules decides."""
        return (-self.confidence, list(Kept).index(self.kept))


class Fates:
    """Judges the sinks of the closures of one file."""

    def __init__(
        self,
        index: Index,
        table: SinkTable,
        sinks_of: Callable[[ValueNode], tuple[Sink, ...]],
    ) -> None:
        self._index = index
        self._table = table
        self._sinks_of = sinks_of
        self._open: set[ValueNode] = set()

    def of(self, node: ValueNode) -> Fate | None:
        """The surest way in which the value is kept; None where nothing is known to keep it."""
        if node in self._open:
            return None  # two closures that capture each other: something else must keep them
        self._open.add(node)
        try:
            fates = [fate for sink in self._sinks_of(node) for fate in self._judge(node, sink)]
        finally:
            self._open.discard(node)
        return min(fates, key=lambda fate: fate.rank, default=None)

    def _judge(self, node: ValueNode, sink: Sink) -> Iterator[Fate]:
        judge = _JUDGES.get(sink.kind)
        if judge is not None:
            yield from judge(self, node, sink)

    def _argument(self, node: ValueNode, sink: Sink) -> Iterator[Fate]:
        callee, parameter = sink.callee, sink.parameter
        assert callee is not None
        assert parameter is not None
        if self._table.consumes(callee.qualified, callee.name, parameter):
            return
        name: str | None = parameter if isinstance(parameter, str) else None
        if callee.definition is not None:
            name = parameter_name(callee.definition, parameter, is_method=False)
            if name and is_called_only(self._index, callee.definition, name):
                if not self._table.sounds_like_callback(name):
                    return
        how, confidence = self._retention(sink, name)
        if sink.is_contained:
            confidence = Confidence.POSSIBLE
        yield Fate(Kept.BY_CALLEE, confidence, sink, how)

    def _retention(self, sink: Sink, name: str | None) -> tuple[str, Confidence]:
        callee, parameter = sink.callee, sink.parameter
        assert callee is not None
        assert parameter is not None
        how = self._table.retains(callee.qualified, parameter)
        if how is not None:
            return (f"{how} by `{callee.text}`", Confidence.CERTAIN)
        if self._table.retains_by_method(callee.name, parameter):
            return (f"kept by `{callee.text}`", Confidence.LIKELY)
        if name is not None and self._table.sounds_like_callback(name):
            return (f"handed to `{callee.text}` as `{name}`", Confidence.LIKELY)
        if self._is_registration(sink):
            return (f"handed to `{callee.text}`", Confidence.LIKELY)
        return (f"handed to `{callee.text}`", Confidence.POSSIBLE)

    def _is_registration(self, sink: Sink) -> bool:
        """True for a positional argument of something that is named as a registration."""
        assert sink.callee is not None
        is_builtin = (sink.callee.qualified or "").startswith("builtins.")
        return (
            isinstance(sink.parameter, int)
            and not is_builtin
            and self._table.sounds_like_registration(sink.callee.name)
        )

    def _decorator(self, node: ValueNode, sink: Sink) -> Iterator[Fate]:
        assert sink.callee is not None
        callee = sink.callee
        if not self._table.consumes(callee.qualified, callee.name, 0):
            how = self._table.retains(callee.qualified, 0)
            confidence = Confidence.CERTAIN if how else Confidence.LIKELY
            text = f"{how or 'handed over'} by `@{callee.text}`"
            yield Fate(Kept.BY_CALLEE, confidence, sink, text)

    def _attribute(self, node: ValueNode, sink: Sink) -> Iterator[Fate]:
        is_own = sink.target.startswith("self.")
        confidence = Confidence.CERTAIN if is_own else Confidence.LIKELY
        yield Fate(Kept.BY_STORE, confidence, sink, f"stored in `{sink.target}`")

    def _container(self, node: ValueNode, sink: Sink) -> Iterator[Fate]:
        # What a module or class body stores is stored anew by a reload.
        is_local = self._index.scope_at(sink.node).is_function
        confidence = Confidence.LIKELY if is_local else Confidence.POSSIBLE
        yield Fate(Kept.BY_STORE, confidence, sink, f"stored in `{sink.target}`")

    def _global(self, node: ValueNode, sink: Sink) -> Iterator[Fate]:
        if self._index.scope_at(sink.node).is_function:
            how = f"stored in the module-level name `{sink.target}`"
            yield Fate(Kept.BY_STORE, Confidence.CERTAIN, sink, how)
        elif sink.is_contained:
            yield Fate(Kept.BY_STORE, Confidence.POSSIBLE, sink, f"stored in `{sink.target}`")

    def _capture(self, node: ValueNode, sink: Sink) -> Iterator[Fate]:
        assert sink.by is not None
        holder = self.of(sink.by)
        if holder is not None:
            name = "a lambda" if isinstance(sink.by, ast.Lambda) else f"`{sink.by.name}`"
            confidence = min(holder.confidence, Confidence.LIKELY)
            how = f"captured by {name}, which is {holder.how}"
            yield Fate(Kept.BY_STORE, confidence, sink, how)

    def _returned(self, node: ValueNode, sink: Sink) -> Iterator[Fate]:
        is_sure = isinstance(sink.node, ast.Return) and not sink.is_contained
        confidence = Confidence.CERTAIN if is_sure else Confidence.LIKELY
        is_return = sink.kind is SinkKind.RETURN
        yield Fate(Kept.BY_CALLER, confidence, sink, "returned" if is_return else "yielded")


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
