"""What functions of the project do with their parameters: keep, pass on, or be done with them."""

from __future__ import annotations

import ast
import enum
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reloadlint.facts.fates import Fate, Kept, step
from reloadlint.facts.index import FUNCTIONS, FunctionNode
from reloadlint.facts.nodes import is_abstract
from reloadlint.facts.reshaped import is_reshaped
from reloadlint.facts.sink import Callee, Sink, SinkKind, parameter_name
from reloadlint.facts.targets import Class
from reloadlint.finding import Confidence, Step

if TYPE_CHECKING:
    from reloadlint.facts import FileFacts

_MAX_METHODS = 6  # files that are looked into for a method of an object of unknown class


class Outcome(enum.IntEnum):
    """What becomes of an argument; where there are several answers, the highest counts."""

    DONE = 0  # called, compared, dropped: nothing holds it when the call returns
    UNKNOWN = 1
    PASSED_ON = 2  # the result of the call is it, or holds it
    KEPT = 3


@dataclass(frozen=True)
class ParameterFate:
    """The outcome and, where it is kept, how: completes "it is …"."""

    outcome: Outcome
    confidence: Confidence = Confidence.CERTAIN
    how: str = ""
    steps: tuple[Step, ...] = ()


_UNKNOWN = ParameterFate(Outcome.UNKNOWN)


def argument_fate(callee: Callee, parameter: int | str) -> ParameterFate | None:
    """What a call of the project's own code does with an argument; None for other callees."""
    if isinstance(callee.target, Class) and callee.function is None:
        return _field_fate(callee.target, parameter)
    function = callee.function
    if function is None:
        return None
    name = _receiver(function.node, parameter, is_method=function.is_bound or callee.is_class)
    if name is None or is_reshaped(function):
        return _UNKNOWN
    return function.facts.parameter_fate(function.node, name)


def _receiver(node: FunctionNode, parameter: int | str, *, is_method: bool) -> str | None:
    """The name of the parameter that gets an argument, `args` and `kwargs` included."""
    args = node.args
    if isinstance(parameter, str) and parameter.startswith("*"):
        start, named = parameter[1:], [*args.posonlyargs, *args.args][1 if is_method else 0 :]
        is_behind = start.isdigit() and int(start) >= len(named)
        return args.vararg.arg if args.vararg and is_behind else None
    name = parameter_name(node, parameter, is_method=is_method)
    rest = args.vararg if isinstance(parameter, int) else args.kwarg
    return rest.arg if name is None and rest is not None else name


def _field_fate(owner: Class, parameter: int | str) -> ParameterFate:
    """Of a dataclass or its like, whose constructor stores what it is given."""
    fields = owner.facts.targets.stored_fields(owner)
    if fields is None or (isinstance(parameter, str) and parameter not in fields):
        return _UNKNOWN
    name = parameter if isinstance(parameter, str) else dict(enumerate(fields)).get(parameter)
    if name is None:
        return _UNKNOWN
    how = f"stored in the field `{name}` of `{owner.node.name}`"
    return ParameterFate(Outcome.KEPT, how=how, steps=(step(owner.facts, owner.node, how),))


def method_fate(facts: FileFacts, name: str, parameter: int | str) -> ParameterFate | None:
    """What methods called `name` do with an argument, whatever class they belong to.

    An answer only where none that the project has is against it, and there are few: the class of
    the object is not known.
    """
    paths = facts.files_with_method(name)
    if not 0 < len(paths) <= _MAX_METHODS:
        return None
    fates = [fate for path in paths for fate in _fates_of_methods(facts, path, name, parameter)]
    outcomes = {fate.outcome for fate in fates} - {Outcome.UNKNOWN}
    if len(outcomes) != 1:
        return None
    return max(fates, key=lambda fate: (fate.outcome in outcomes, fate.confidence))


def _fates_of_methods(
    facts: FileFacts, path: str, name: str, parameter: int | str
) -> Iterator[ParameterFate]:
    other = facts.project.facts(path)
    for node in other.index.functions if other is not None else ():
        if isinstance(node, FUNCTIONS) and node.name == name and other is not None:
            if isinstance(other.index.parent[node], ast.ClassDef):
                own = _receiver(node, parameter, is_method=True)
                if own is not None:
                    yield other.parameter_fate(node, own)


def parameter_fate(facts: FileFacts, node: FunctionNode, name: str) -> ParameterFate:
    """What the function `node` does with what it is given as `name`."""
    is_method = isinstance(facts.index.parent[node], ast.ClassDef)
    if is_method and is_abstract(node):
        return _UNKNOWN  # what overrides it decides
    found = ParameterFate(Outcome.DONE)
    for sink in facts.parameter_sinks(node, name):
        found = max(found, _judge(facts, sink), key=lambda fate: (fate.outcome, fate.confidence))
    return found


def _judge(facts: FileFacts, sink: Sink) -> ParameterFate:
    if sink.kind is SinkKind.CONSUMED:
        return ParameterFate(Outcome.DONE)
    if sink.kind in {SinkKind.RETURN, SinkKind.YIELD}:
        return ParameterFate(Outcome.PASSED_ON)
    if sink.kind is SinkKind.CAPTURE:
        return _captured(facts, sink)
    if sink.kind in {SinkKind.DEFAULT, SinkKind.UNKNOWN, SinkKind.CLASS_BODY}:
        return _UNKNOWN
    fates = list(facts.judge(sink))
    if not fates:
        return ParameterFate(Outcome.DONE)
    best = min(fates, key=lambda fate: fate.rank)
    return _UNKNOWN if best.confidence is Confidence.POSSIBLE else _kept(best)


def _kept(fate: Fate) -> ParameterFate:
    return ParameterFate(Outcome.KEPT, fate.confidence, fate.how, fate.steps)


def _captured(facts: FileFacts, sink: Sink) -> ParameterFate:
    """The parameter lives on in the closure that captures it, for as long as that does."""
    assert sink.by is not None
    holder = facts.fate(sink.by)
    if holder is None:
        is_method = any(s.kind is SinkKind.CLASS_BODY for s in facts.sinks(sink.by))
        return _UNKNOWN if is_method else ParameterFate(Outcome.DONE)
    if holder.kept is Kept.BY_CALLER and holder.sink.kind is SinkKind.RETURN:
        return ParameterFate(Outcome.PASSED_ON)
    return _kept(holder)


def passes_on(callee: Callee, parameter: int | str) -> bool:
    """True where the project's own function returns its argument, or something that holds it."""
    fate = argument_fate(callee, parameter)
    return fate is not None and fate.outcome is Outcome.PASSED_ON
