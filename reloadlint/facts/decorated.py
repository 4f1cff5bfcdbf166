"""What a decorator is applied to, and whether it is applied at once and dropped."""

from __future__ import annotations

import ast
import enum
import os
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from reloadlint.facts.closures import own_nodes
from reloadlint.facts.index import (
    FUNCTIONS,
    ClosureNode,
    FunctionNode,
    Index,
    Scope,
    parameters,
)
from reloadlint.facts.targets import Function, Target, returned_function

if TYPE_CHECKING:
    from reloadlint.facts import FileFacts

_MAX_FILES = 3  # that are looked into for uses of a decorator factory
_MAX_STEPS = 3  # from factory to factory that returns its decorator, from call to call
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
        if other is not None and any(True for _ in _reads(other.index, name)):
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


class Callee(NamedTuple):
    """A function that may be what is called; `is_decorated` where that is what decorates it."""

    facts: FileFacts
    node: ClosureNode
    is_decorated: bool = False


def functions_of(
    facts: FileFacts, node: ast.expr, scope: Scope, depth: int = 0, *, is_called: bool = True
) -> Iterator[Callee]:
    """The functions that an expression may be: of the project, or a lambda that has a name.

    Of a parameter: what the calls in its file pass for it, as a moved body gets all that it has
    captured; and, in a decorator that calls it, all that it decorates, in other files as well.
    """
    target = facts.targets.of(node, scope)
    if isinstance(target, Function):
        yield Callee(target.facts, target.node)
    elif isinstance(node, ast.Attribute):
        for owner in () if target is not None else types_of(facts, node.value, scope, depth):
            method = facts.targets.member(owner, node.attr)
            if isinstance(method, Function):
                yield Callee(method.facts, method.node)
    elif isinstance(node, ast.Name):
        binder = scope.resolve(node.id) or facts.index.module
        yield from (Callee(facts, value) for value in _lambdas(facts, binder, node.id))
        if isinstance(binder.node, FUNCTIONS):
            if is_called and node.id in [arg.arg for arg in parameters(binder.node.args)[:2]]:
                for function in _decorated(facts, binder.node):
                    yield Callee(function.facts, function.node, is_decorated=True)
            for given, at in _passed(facts, binder.node, node.id) if depth < _MAX_STEPS else ():
                yield from functions_of(facts, given, at, depth + 1, is_called=is_called)


def types_of(facts: FileFacts, node: ast.expr, scope: Scope, depth: int = 0) -> Iterator[Target]:
    """The classes of an object; of a parameter, those of what the calls in its file pass."""
    owner = facts.targets.type_of(node, scope)
    binder = scope.resolve(node.id) if isinstance(node, ast.Name) else None
    if owner is not None:
        yield owner
    elif isinstance(node, ast.Name) and binder and isinstance(binder.node, FUNCTIONS):
        for given, at in _passed(facts, binder.node, node.id) if depth < _MAX_STEPS else ():
            yield from types_of(facts, given, at, depth + 1)


def _lambdas(facts: FileFacts, binder: Scope, name: str) -> Sequence[ast.Lambda]:
    """The lambdas that are assigned to a name."""

    def find() -> Sequence[ast.Lambda]:
        ups = (facts.index.parent.get(binding) for binding in binder.bindings_of(name))
        values = (up.value for up in ups if isinstance(up, ast.Assign))
        return tuple(value for value in values if isinstance(value, ast.Lambda))

    return facts.ask(f"lambdas {name}", binder.node, find)


def _decorated(facts: FileFacts, node: FunctionNode) -> Sequence[Function]:
    return facts.ask("decorated", node, lambda: tuple(decorated(facts, node)))


def _passed(facts: FileFacts, node: FunctionNode, name: str) -> Sequence[tuple[ast.expr, Scope]]:
    """What the calls in its file pass for a parameter of a function, and where."""
    return facts.ask(f"passed {name}", node, lambda: tuple(_arguments(facts, node, name)))


def _arguments(facts: FileFacts, node: FunctionNode, name: str) -> Iterator[tuple[ast.expr, Scope]]:
    for call in facts.index.calls(node.name):
        scope = facts.index.scope_at(call)
        callee = facts.targets.of(call.func, scope)
        if isinstance(callee, Function) and callee.node is node:
            given = _argument(call, callee, name)
            if given is not None:
                yield given, scope


def _argument(call: ast.Call, callee: Function, name: str) -> ast.expr | None:
    """What `call` passes for a parameter."""
    args = callee.node.args
    names = [arg.arg for arg in (*args.posonlyargs, *args.args)][callee.is_bound :]
    keyword = next((word.value for word in call.keywords if word.arg == name), None)
    return keyword or dict(zip(names, call.args, strict=False)).get(name)


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
    elif isinstance(up, ast.Return) and depth < _MAX_STEPS:
        around = facts.index.scope_at(up).node
        if isinstance(around, FUNCTIONS):
            yield from _uses(facts, around, depth + 1)
    elif not isinstance(up, ast.Expr):
        yield _Use.OTHER
