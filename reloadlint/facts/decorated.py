"""What a decorator is applied to, and whether it is applied at once and dropped."""

from __future__ import annotations

import ast
import enum
import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

from reloadlint.facts.closures import own_nodes
from reloadlint.facts.index import FUNCTIONS, ClosureNode, FunctionNode, Index, parameters
from reloadlint.facts.targets import Function, returned_function

if TYPE_CHECKING:
    from reloadlint.facts import FileFacts

_MAX_FILES = 3  # that are looked into for uses of a decorator factory
_MAX_FACTORIES = 3  # that return what another factory makes
_DEFINITIONS = (*FUNCTIONS, ast.ClassDef)


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
        if other is not None and next(_reads(other.index, name), None) is not None:
            for function in other.index.functions:
                if isinstance(function, FUNCTIONS):
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


class _Use(enum.Enum):
    """What is done with a function that may be a decorator factory."""

    APPLIED = "@factory(…), factory(…)(f)"
    BARE = "@factory"
    OTHER = "decorator = factory(…), and anything else"


def is_applied_at_once(facts: FileFacts, closure: ClosureNode) -> bool:
    """True for a decorator that a factory returns, where all in sight is `@factory(…)`.

    It is called where it is made, and nothing holds it any more. Where the factory is a decorator
    as well, or is under one, it may return wrappers too: then `closure` must look like a decorator.
    """
    factory = facts.index.scope_at(closure).node
    if not isinstance(factory, FUNCTIONS) or facts.index.is_suspendable(factory):
        return False
    if len(parameters(closure.args)) != 1:
        return False  # nothing that can be applied, or a wrapper
    uses = facts.ask("factory uses", factory, lambda: _up_to_other(_uses(facts, factory)))
    if _Use.APPLIED not in uses or _Use.OTHER in uses:
        return False
    is_plain = not factory.decorator_list and _Use.BARE not in uses
    return is_plain or is_decorator(facts.index, closure)


def _up_to_other(uses: Iterator[_Use]) -> frozenset[_Use]:
    found = set()
    for use in uses:
        found.add(use)
        if use is _Use.OTHER:
            break
    return frozenset(found)


def is_private(index: Index, factory: ast.AST) -> bool:
    """True for a function that no code out of sight is meant to call."""
    name = factory.name if isinstance(factory, FUNCTIONS) else ""
    return name.startswith("_") or index.scope_at(factory).is_function


def _uses(facts: FileFacts, factory: FunctionNode, depth: int = 0) -> Iterator[_Use]:
    """The uses of `factory` in its own file, and in the first ones that decorate with its name.

    Of a method, also `@….name(…)` where the class of the object is not known.
    """
    own = os.path.abspath(facts.source.path)
    is_nested = facts.index.scope_at(factory).is_function
    found = () if is_nested else facts.project.files_with_decorator(factory.name)
    paths = [path for path in map(os.path.abspath, found) if path != own]
    is_method = isinstance(facts.index.parent[factory], ast.ClassDef)
    for path in [own, *paths[:_MAX_FILES]]:
        other = facts if path == own else facts.project.facts(path)
        for node in _reads(other.index, factory.name) if other else ():
            assert other is not None
            target = other.targets.of(node, other.index.scope_at(node))
            if isinstance(target, Function) and target.node is factory:
                yield from _use(other, node, depth)
            elif is_method and target is None and isinstance(node, ast.Attribute):
                yield from {_Use.APPLIED}.intersection(_use(other, node, depth))


def _reads(index: Index, name: str) -> Iterator[ast.Name | ast.Attribute]:
    for scope in (index.module, *index.module.inner_scopes_using(name)):
        for use in scope.uses_of(name):
            if isinstance(use, ast.Name) and isinstance(use.ctx, ast.Load):
                yield use
    for attribute in index.attributes(name):
        if isinstance(attribute.ctx, ast.Load):
            yield attribute


def _use(facts: FileFacts, node: ast.expr, depth: int) -> Iterator[_Use]:
    up = facts.index.parent[node]
    if isinstance(up, _DEFINITIONS) and node in up.decorator_list:
        yield _Use.BARE
    elif not isinstance(up, ast.Call) or up.func is not node:
        yield _Use.OTHER
    else:
        yield from _made(facts, up, depth)


def _made(facts: FileFacts, call: ast.Call, depth: int) -> Iterator[_Use]:
    """What is done with the decorator that `call` makes."""
    up = facts.index.parent[call]
    is_decorator_of = isinstance(up, _DEFINITIONS) and call in up.decorator_list
    if is_decorator_of or (isinstance(up, ast.Call) and up.func is call):
        yield _Use.APPLIED
    elif isinstance(up, ast.Return) and depth < _MAX_FACTORIES:
        around = facts.index.scope_at(up).node
        if isinstance(around, FUNCTIONS):
            yield from _uses(facts, around, depth + 1)
    elif not isinstance(up, ast.Expr):
        yield _Use.OTHER
