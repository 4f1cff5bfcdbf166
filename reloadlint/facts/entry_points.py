"""Functions that a script runs once, when it is started: they read before any reload."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from reloadlint.facts.import_time import is_main_guard
from reloadlint.facts.index import COMPREHENSIONS, FUNCTIONS, LOOPS, Scope

if TYPE_CHECKING:
    from reloadlint.facts import FileFacts


def entry_points(facts: FileFacts) -> frozenset[ast.AST]:
    """The functions of the module that nothing mentions but `if __name__ == "__main__":`."""
    if "__main__" not in facts.source.text:
        return frozenset()
    module = facts.index.module
    return frozenset(
        bindings[0]
        for name, bindings in module.bindings.items()
        if len(bindings) == 1 and _is_entry_point(facts, name, bindings[0])
    )


def _is_entry_point(facts: FileFacts, name: str, node: ast.AST) -> bool:
    if not isinstance(node, FUNCTIONS) or node.decorator_list:
        return False
    module = facts.index.module
    calls = [use for use in module.uses[name] if use is not node]
    is_inside = name in facts.index.globals or any(
        scope.resolve(name) is None for scope in module.inner_scopes_using(name)
    )
    return bool(calls) and not is_inside and all(_is_guarded(facts, call) for call in calls)


def _is_guarded(facts: FileFacts, node: ast.AST) -> bool:
    around = list(facts.index.ancestors(node))
    is_once = not any(isinstance(up, LOOPS) for up in around)
    return is_once and isinstance(around[-1], ast.If) and is_main_guard(around[-1].test)


def runs_once(facts: FileFacts, node: ast.AST, scope: Scope) -> bool:
    """True for what such a function does itself, and not in a loop, nor by a function in it."""
    while isinstance(scope.node, COMPREHENSIONS) and scope.parent is not None:
        scope = scope.parent
    if scope.node not in facts.entry_points:
        return False
    for up in facts.index.ancestors(node):
        if up is scope.node:
            break
        if isinstance(up, LOOPS):
            return False
    return True
