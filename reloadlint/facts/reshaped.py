"""Does a decorator of the project give a function other parameters than it is written with?

A wrapper that calls the function with its own parameters, in their order, does not:

    def logged(f):
        def wrapper(self, *args, **kwargs):
            return f(self, *args, **kwargs)
        return wrapper
"""

from __future__ import annotations

import ast

from reloadlint.facts.closures import own_nodes
from reloadlint.facts.index import Scope
from reloadlint.facts.nodes import parameters
from reloadlint.facts.targets import Function, Target, returned_function


def is_reshaped(function: Function) -> bool:
    """True where a call of the function by its name may bind its parameters in another way."""
    if not function.node.decorator_list:
        return False
    return function.facts.ask("reshaped", function.node, lambda: _is_reshaped(function))


def _is_reshaped(function: Function) -> bool:
    node, scope = function.node, function.facts.index.scope_at(function.node)
    return any(
        isinstance(decorator, Function) and _reshapes(decorator)
        for decorator in (_decorator(function, part, scope) for part in node.decorator_list)
    )


def _decorator(function: Function, node: ast.expr, scope: Scope) -> Target | None:
    if not isinstance(node, ast.Call):
        return function.facts.targets.of(node, scope)
    made = function.facts.targets.of(node.func, scope)
    return returned_function(made) if isinstance(made, Function) else None


def _reshapes(decorator: Function) -> bool:
    wrapper, given = returned_function(decorator), parameters(decorator.node.args)
    if wrapper is None or not given:
        return False
    passed = _positional(wrapper.node.args)
    return not any(
        isinstance(part, ast.Call)
        and isinstance(part.func, ast.Name)
        and part.func.id == given[0].arg
        and [ast.unparse(argument) for argument in part.args] == passed
        for part in own_nodes(wrapper.node)
    )


def _positional(args: ast.arguments) -> list[str]:
    """How a call writes that it passes all of the positional parameters on."""
    names = [arg.arg for arg in (*args.posonlyargs, *args.args)]
    return [*names, f"*{args.vararg.arg}"] if args.vararg else names
