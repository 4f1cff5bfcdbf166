"""What a decorator is applied to: the functions that its parameter may be."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

from reloadlint.facts.closures import own_nodes
from reloadlint.facts.index import FUNCTIONS, ClosureNode, FunctionNode, Index, parameters
from reloadlint.facts.targets import Function, returned_function

if TYPE_CHECKING:
    from reloadlint.facts import FileFacts


def decorated(facts: FileFacts, node: FunctionNode) -> Iterator[Function]:
    """Each function of the project that `node`, as a decorator or what one returns, is given.

    Under `@log @retry def send` that is, for `log`, the wrapper that `retry` returns; where that is
    not known, `send` itself.
    """
    name = _name_in_use(facts, node)
    paths = [os.path.abspath(path) for path in facts.project.files_with_decorator(name)]
    own = os.path.abspath(facts.source.path)
    for path in dict.fromkeys([own, *paths]):
        other = facts if path == own else facts.project.facts(path)
        for function in other.index.functions if other else ():
            if other and isinstance(function, FUNCTIONS):
                yield from _given(other, function, node)


def _name_in_use(facts: FileFacts, node: FunctionNode) -> str:
    """The name of the decorator: for what a factory returns, that of the factory."""
    scope = facts.index.scope_at(node)
    return scope.node.name if isinstance(scope.node, FUNCTIONS) else node.name


def _given(facts: FileFacts, function: FunctionNode, decorator: FunctionNode) -> Iterator[Function]:
    for number, expression in enumerate(function.decorator_list):
        applied = _applied(facts, expression)
        if applied is not None and applied.node is decorator:
            inner = function.decorator_list[number + 1 :]
            below = _applied(facts, inner[0]) if inner else None
            wrapper = returned_function(below) if below else None
            yield wrapper or Function(facts, function)


def _applied(facts: FileFacts, expression: ast.expr) -> Function | None:
    """The function of the project that is called with what `@expression` stands on."""
    is_made = isinstance(expression, ast.Call)
    callee = expression.func if isinstance(expression, ast.Call) else expression
    target = facts.targets.of(callee, facts.index.scope_at(expression))
    if not isinstance(target, Function):
        return None
    return returned_function(target) if is_made else target


def is_decorator(index: Index, node: ClosureNode) -> bool:
    """True for what gives back the one function that it is given, or a function around that.

    `@route("/")` calls such a closure where it is made, and nothing holds it any more.
    """
    positional = [*node.args.posonlyargs, *node.args.args]
    if isinstance(node, ast.Lambda) or len(positional) != 1:
        return False
    name, scope = positional[0].arg, index.scope_of[node]
    around = {
        inner.node.name
        for inner in scope.children
        if isinstance(inner.node, FUNCTIONS) and name in inner.uses
    }
    returned = [part.value for part in own_nodes(node) if isinstance(part, ast.Return)]
    return bool(returned) and all(
        isinstance(value, ast.Name) and value.id in {name, *around} for value in returned
    )


def is_wrapped(node: FunctionNode, name: str) -> bool:
    """True where `name` is the parameter of a decorator that what it decorates is bound to."""
    return name in [arg.arg for arg in parameters(node.args)[:2]]
