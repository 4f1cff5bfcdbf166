"""Functions that a script runs once, when it is started: they read before any reload."""

from __future__ import annotations

import ast
from collections.abc import Set
from itertools import takewhile
from typing import TYPE_CHECKING

from reloadlint.facts.import_time import is_main_guard
from reloadlint.facts.index import COMPREHENSIONS, FUNCTIONS, LOOPS, Scope

if TYPE_CHECKING:
    from reloadlint.facts import FileFacts


def entry_points(facts: FileFacts) -> frozenset[ast.AST]:
    """The functions that nothing mentions but `if __name__ == "__main__":`, and those they call."""
    if "__main__" not in facts.source.text:
        return frozenset()
    candidates = {
        name: bindings[0]
        for name, bindings in facts.index.module.bindings.items()
        if len(bindings) == 1 and _is_plain(facts, name, bindings[0])
    }
    found: set[ast.AST] = set()
    count = -1
    while count < len(found):
        count = len(found)
        for name, node in candidates.items():
            if node not in found and _is_only_started(facts, name, node, found):
                found.add(node)
    return frozenset(found)


def _is_plain(facts: FileFacts, name: str, node: ast.AST) -> bool:
    is_function = isinstance(node, FUNCTIONS) and not node.decorator_list
    return is_function and name not in facts.index.globals


def _is_only_started(facts: FileFacts, name: str, node: ast.AST, known: Set[ast.AST]) -> bool:
    module = facts.index.module
    inner = [scope for scope in module.inner_scopes_using(name) if scope.resolve(name) is None]
    outside = [use for use in module.uses[name] if use is not node]
    inside = [(use, scope) for scope in inner for use in scope.uses[name]]
    return (
        bool(outside or inside)
        and all(_is_guarded(facts, use) for use in outside)
        and all(
            _is_called(facts, use) and _is_once_in(facts, use, scope, known)
            for use, scope in inside
        )
    )


def _is_guarded(facts: FileFacts, node: ast.AST) -> bool:
    around = list(facts.index.ancestors(node))
    is_once = not any(isinstance(up, LOOPS) for up in around)
    return is_once and isinstance(around[-1], ast.If) and is_main_guard(around[-1].test)


def _is_called(facts: FileFacts, use: ast.AST) -> bool:
    call = facts.index.parent.get(use)
    return isinstance(call, ast.Call) and call.func is use


def runs_once(facts: FileFacts, node: ast.AST, scope: Scope) -> bool:
    """True for what such a function does itself, and not in a loop, nor by a function in it."""
    while isinstance(scope.node, COMPREHENSIONS) and scope.parent is not None:
        scope = scope.parent
    return _is_once_in(facts, node, scope, facts.entry_points)


def _is_once_in(facts: FileFacts, node: ast.AST, scope: Scope, functions: Set[ast.AST]) -> bool:
    inside = takewhile(lambda up: up is not scope.node, facts.index.ancestors(node))
    return scope.node in functions and not any(isinstance(up, LOOPS) for up in inside)
