"""Who looks at a function, beyond calling it: what is given it, or a function on whose behalf.

`inspected.toml` knows the libraries. What the project's own functions are given is followed to
what they hand it on to.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from reloadlint.facts.class_identity import is_dispatcher
from reloadlint.facts.index import FUNCTIONS, ClosureNode
from reloadlint.facts.sink import Callee, Sink, SinkKind, parameter_name

if TYPE_CHECKING:
    from reloadlint.facts import FileFacts

_REACH: Final = 4  # functions that hand on what they are given
_IDENTITY: Final = (ast.Is, ast.IsNot, ast.Eq, ast.NotEq, ast.In, ast.NotIn)


@dataclass(frozen=True)
class Inspection:
    """`by`, as written, looks at the function: `how` is a table of inspected.toml."""

    how: str
    by: str


def inspections(facts: FileFacts, node: ClosureNode) -> Iterator[Inspection]:
    """Whatever looks at the closure `node`."""
    for sink in facts.sinks(node):
        yield from _by_callee(facts, sink)
        if _is_comparison(sink.node):
            yield Inspection("compared", ast.unparse(sink.node))
    if isinstance(node, FUNCTIONS):
        for decorator in node.decorator_list:
            callee = decorator.func if isinstance(decorator, ast.Call) else decorator
            yield from _named(facts, facts.names.qualified(callee), 0, ast.unparse(callee))


def _by_callee(facts: FileFacts, sink: Sink) -> Iterator[Inspection]:
    callee = sink.callee
    if callee is None:
        return
    parameter = 0 if sink.parameter is None else sink.parameter
    yield from _named(facts, callee.qualified, parameter, callee.text)
    if callee.name == "register" and _registers(facts, sink.node):
        yield Inspection("introspected", callee.text)
    how = _on_behalf(callee, parameter, 0)
    if how is not None:
        yield Inspection(how, callee.text)


def _named(
    facts: FileFacts, qualified: str | None, parameter: int | str, text: str
) -> Iterator[Inspection]:
    how = facts.sink_table.inspects(qualified, parameter)
    if how is not None:
        yield Inspection(how, text)


def _on_behalf(callee: Callee, parameter: int | str, depth: int) -> str | None:
    """How a function of the project, or one that it hands its parameter to, looks at it."""
    function = callee.function
    if function is None or depth >= _REACH:
        return None
    facts, is_method = function.facts, function.is_bound or callee.is_class
    name = parameter_name(function.node, parameter, is_method=is_method)
    for sink in facts.parameter_sinks(function.node, name) if name is not None else ():
        if sink.callee is not None and sink.kind is SinkKind.ARGUMENT:
            inner = 0 if sink.parameter is None else sink.parameter
            how = facts.sink_table.inspects(sink.callee.qualified, inner)
            how = how or _on_behalf(sink.callee, inner, depth + 1)
            if how is not None:
                return how
    return None


def _is_comparison(node: ast.AST) -> bool:
    """True where it is compared with another function, rather than with None."""
    return (
        isinstance(node, ast.Compare)
        and isinstance(node.ops[0], _IDENTITY)
        and not any(isinstance(part, ast.Constant) for part in (node.left, *node.comparators))
    )


def _registers(facts: FileFacts, node: ast.AST) -> bool:
    """True for `@show.register`, `@show.register(C)` and `show.register(C, f)`."""
    func = node.func if isinstance(node, ast.Call) else node
    return isinstance(func, ast.expr) and is_dispatcher(facts, func)
