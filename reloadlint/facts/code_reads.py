"""Which closures' code the file itself looks at: `f.__code__`, `f.__closure__` and their like.

`callback.__code__.co_argcount` gives of a trampoline what it gave of the closure; its names,
constants and bytecode are others. A read is followed to the closures that it may be about: by the
name it is read from, by the parameter that an argument is bound to, by the attribute it is kept in.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from reloadlint.facts.index import Index, Scope
from reloadlint.facts.sink import Sink, SinkKind, parameter_name

if TYPE_CHECKING:
    from reloadlint.facts import FileFacts
    from reloadlint.facts.closures import Closure

CODE_ATTRIBUTES: Final = ("__closure__", "__code__", "co_freevars", "co_code", "co_consts")


@dataclass(frozen=True)
class CodeRead:
    """`attribute` is read of the value `base`, in `scope`."""

    attribute: str
    base: ast.expr
    scope: Scope


def code_reads(index: Index) -> tuple[CodeRead, ...]:
    """Every read of a code attribute."""
    return tuple(
        CodeRead(node.attr, node.value, index.scope_at(node))
        for node in index.attributes(*CODE_ATTRIBUTES)
    )


def read_of(facts: FileFacts, closure: Closure, reads: Iterable[CodeRead]) -> str | None:
    """The attribute that the file may read of `closure`; None where no read can be about it."""
    for read in reads:
        if any(_may_be_about(facts, closure, read)):
            return read.attribute
    return None


def _may_be_about(facts: FileFacts, closure: Closure, read: CodeRead) -> Iterator[bool]:
    base = read.base
    if isinstance(base, ast.Attribute):
        for sink in facts.sinks(closure.node):
            yield sink.kind is SinkKind.ATTRIBUTE and sink.target.endswith(f".{base.attr}")
    elif isinstance(base, ast.Name):
        binder = read.scope.resolve(base.id)
        uses = binder.uses_of(base.id) if binder else ()
        yield closure.node in uses
        yield any(_is_bound_to(facts.index, use, closure) for use in uses)
        for sink in facts.sinks(closure.node):
            yield binder is not None and _is_bound_by(sink, binder, base.id)
    else:
        yield any(sink.kind in _STORES for sink in facts.sinks(closure.node))


_STORES: Final = (SinkKind.ATTRIBUTE, SinkKind.CONTAINER, SinkKind.GLOBAL)


def _is_bound_to(index: Index, use: ast.AST, closure: Closure) -> bool:
    """True for `f = lambda: …` and for `f = wraps(g)(…)`."""
    up = index.parent.get(use)
    return isinstance(up, ast.Assign) and closure.node in ast.walk(up.value)


def _is_bound_by(sink: Sink, binder: Scope, name: str) -> bool:
    """True where the sink makes the closure the parameter `name` of the function `binder`."""
    callee = sink.callee
    function = callee.function if callee is not None else None
    if callee is None or function is None or function.node is not binder.node:
        return False
    if sink.kind is SinkKind.DECORATOR or sink.parameter is None:
        return True
    is_method = function.is_bound or callee.is_class
    return parameter_name(function.node, sink.parameter, is_method=is_method) == name
