"""What is called → the functions that it may be; an object → the classes that it may be of.

A parameter may be all that the calls in its file pass for it: a body that was moved gets what it
had captured by parameters, and does the same with that as before.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

from reloadlint.facts.decorated import decorated
from reloadlint.facts.index import FUNCTIONS, ClosureNode, FunctionNode, Scope, parameters
from reloadlint.facts.targets import Function, Target, argument

if TYPE_CHECKING:
    from reloadlint.facts import FileFacts

_MAX_STEPS: Final = 3  # from a parameter to one that is passed for it

_Parameter = tuple[FunctionNode, str]
_Value = tuple[ast.expr, Scope]


class Callee(NamedTuple):
    """A function that may be what is called; `is_decorated` where that is what decorates it."""

    facts: FileFacts
    node: ClosureNode
    is_decorated: bool = False


def functions_of(
    facts: FileFacts, node: ast.expr, scope: Scope, *, is_called: bool
) -> Iterator[Callee]:
    """The functions that an expression may be: of the project, or a lambda that has a name.

    Of a parameter: what is passed for it; and, in a decorator that calls it, all that it
    decorates, in other files as well.
    """
    target = facts.targets.of(node, scope)
    if isinstance(target, Function):
        yield Callee(target.facts, target.node)
    elif isinstance(node, ast.Attribute) and target is None:
        for owner in types_of(facts, node.value, scope):
            method = facts.targets.member(owner, node.attr)
            if isinstance(method, Function):
                yield Callee(method.facts, method.node)
    elif isinstance(node, ast.Name):
        yield from _lambdas(facts, node.id, scope)
        parameter = _parameter(node, scope)
        if parameter is not None:
            key = f"functions for {node.id}, called: {is_called}"
            given = _functions_for(facts, parameter, is_called)
            yield from facts.ask(key, parameter[0], lambda: tuple(given))


def types_of(facts: FileFacts, node: ast.expr, scope: Scope) -> Iterator[Target]:
    """The classes of an object; of a parameter, those of what is passed for it."""
    owner = facts.targets.type_of(node, scope)
    parameter = _parameter(node, scope)
    if owner is not None:
        yield owner
    elif parameter is not None:
        given = _types_for(facts, parameter)
        yield from facts.ask(f"types for {parameter[1]}", parameter[0], lambda: tuple(given))


def _lambdas(facts: FileFacts, name: str, scope: Scope) -> tuple[Callee, ...]:
    """The lambdas that are assigned to a name."""
    binder = scope.resolve(name) or facts.index.module

    def find() -> tuple[Callee, ...]:
        ups = (facts.index.parent.get(binding) for binding in binder.bindings_of(name))
        values = (up.value for up in ups if isinstance(up, ast.Assign))
        return tuple(Callee(facts, value) for value in values if isinstance(value, ast.Lambda))

    return facts.ask(f"lambdas {name}", binder.node, find)


# -------------------------------------------------------------------------------- parameters


def _parameter(node: ast.expr, scope: Scope) -> _Parameter | None:
    """The parameter, with its function, that an expression is."""
    if not isinstance(node, ast.Name):
        return None
    binder = scope.resolve(node.id)
    if binder is None or not isinstance(binder.node, FUNCTIONS):
        return None
    is_one = any(arg.arg == node.id for arg in parameters(binder.node.args))
    return (binder.node, node.id) if is_one else None


def _functions_for(facts: FileFacts, parameter: _Parameter, is_called: bool) -> Iterator[Callee]:
    every, values = _passed(facts, parameter)
    for node, name in every if is_called else ():
        if name in [arg.arg for arg in parameters(node.args)[:2]]:
            for function in decorated(facts, node):
                yield Callee(function.facts, function.node, is_decorated=True)
    for value, scope in values:
        if _parameter(value, scope) not in every:
            yield from functions_of(facts, value, scope, is_called=is_called)


def _types_for(facts: FileFacts, parameter: _Parameter) -> Iterator[Target]:
    every, values = _passed(facts, parameter)
    for value, scope in values:
        if _parameter(value, scope) not in every:
            yield from types_of(facts, value, scope)


def _passed(facts: FileFacts, first: _Parameter) -> tuple[dict[_Parameter, None], list[_Value]]:
    """The parameters that a parameter is passed from, itself included; and all that is passed."""
    every, values, front = {first: None}, list[_Value](), [first]
    for _ in range(_MAX_STEPS):
        given = [value for parameter in front for value in _arguments(facts, *parameter)]
        outer = dict.fromkeys(filter(None, (_parameter(*value) for value in given)))
        values += given
        front = [parameter for parameter in outer if parameter not in every]
        every.update(dict.fromkeys(front))
    return every, values


def _arguments(facts: FileFacts, node: FunctionNode, name: str) -> Iterator[_Value]:
    """What the calls in its file pass for a parameter of a function, and where."""
    for call in facts.index.calls(node.name):
        scope = facts.index.scope_at(call)
        callee = facts.targets.of(call.func, scope)
        if isinstance(callee, Function) and callee.node is node:
            given = argument(call, node, name, skip=callee.is_bound)
            if given is not None:
                yield given, scope
