"""Is a future complete already, so that it calls a callback at once and keeps nothing?

A `Deferred` that `defer.succeed` made has fired before anybody can add a callback to it. So has
what a function of the project returns, if that is all that it ever returns.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from reloadlint.facts.closures import own_nodes
from reloadlint.facts.index import FUNCTIONS, Scope
from reloadlint.facts.nodes import is_abstract
from reloadlint.facts.targets import Function

if TYPE_CHECKING:
    from reloadlint.facts import FileFacts

_MAX_DEPTH = 6  # calls that are followed
_MAX_FILES = 6  # that are looked into for a method of an object of unknown class


def is_completed(facts: FileFacts, node: ast.expr, scope: Scope, depth: int = 0) -> bool:
    """True where the value of `node`, used in `scope`, can only be a future that is complete."""
    if depth > _MAX_DEPTH:
        return False
    if isinstance(node, ast.Name):
        values = _values(facts, node, scope)
        return bool(values) and all(is_completed(facts, v, scope, depth + 1) for v in values)
    if not isinstance(node, ast.Call):
        return False
    func = node.func
    if isinstance(func, ast.Attribute) and facts.sink_table.calls_back_at_once(func.attr):
        return is_completed(facts, func.value, scope, depth + 1)  # it returns the future itself
    qualified = facts.names.qualified(func, scope)
    if qualified is not None and facts.sink_table.completes(facts.absolute(qualified)):
        return True
    functions = [*_called(facts, func, scope)]
    return bool(functions) and all(_returns_completed(f, depth + 1) for f in functions)


def _values(facts: FileFacts, node: ast.Name, scope: Scope) -> list[ast.expr]:
    """What the name is bound to in its own scope; nothing where that cannot be told."""
    bindings = scope.bindings_of(node.id)
    parents = [facts.index.parent.get(use) for use in bindings]
    if not all(isinstance(parent, ast.Assign) for parent in parents):
        return []
    return [parent.value for parent in parents if isinstance(parent, ast.Assign)]


def _called(facts: FileFacts, func: ast.expr, scope: Scope) -> Iterator[Function]:
    """The functions that the call may run, abstract ones left out."""
    target = facts.targets.of(func, scope)
    if isinstance(target, Function) and not is_abstract(target.node):
        yield target
    elif isinstance(func, ast.Attribute) and (target is None or isinstance(target, Function)):
        yield from _methods(facts, func.attr)


def _methods(facts: FileFacts, name: str) -> Iterator[Function]:
    paths = facts.files_with_method(name)
    for path in paths if len(paths) <= _MAX_FILES else ():
        other = facts.project.facts(path)
        for node in other.index.functions if other is not None else ():
            if isinstance(node, FUNCTIONS) and node.name == name and other is not None:
                if isinstance(other.index.parent[node], ast.ClassDef) and not is_abstract(node):
                    yield Function(other, node, is_bound=True)


def _returns_completed(function: Function, depth: int) -> bool:
    node, facts = function.node, function.facts
    if node.decorator_list or facts.index.is_suspendable(node):
        return False
    returned = [part.value for part in own_nodes(node) if isinstance(part, ast.Return)]
    scope = facts.index.scope_of[node]
    return bool(returned) and all(
        value is not None and is_completed(facts, value, scope, depth) for value in returned
    )
