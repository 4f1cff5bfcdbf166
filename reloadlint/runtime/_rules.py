"""Which rule of reloadlint flags the code that a reload could not reach."""

from __future__ import annotations

import ast

from reloadlint.runtime._pairs import enclosing_function
from reloadlint.runtime._version import Scope

_STARTS = frozenset(
    [
        "start",
        "run",
        "submit",
        "serve",
        "serve_forever",
        "listen",
        "Thread",
        "Timer",
        "Popen",
        "open",
    ]
)


def rule_for_scope(scope: Scope) -> str:
    """For a closure: by the sink its value goes to."""
    if isinstance(scope.node, ast.Lambda):
        return _rule_for_value([node for node, _, _ in scope.trail])
    outer = enclosing_function(scope)
    uses = _uses(outer.node, scope.name) if outer is not None else []
    return uses[0] if uses else "RL102"


def rule_for_removed(scope: Scope | None) -> str:
    """For a function that is gone from the text and still alive."""
    if scope is None or isinstance(scope.node, ast.Lambda):
        return rule_for_scope(scope) if scope else "RL104"
    if getattr(scope.node, "decorator_list", ()):
        return "RL401"
    return "RL104" if enclosing_function(scope) is None else rule_for_scope(scope)


def _rule_for_value(trail: list[ast.AST]) -> str:
    for node in reversed(trail):
        if isinstance(node, (ast.Call, ast.keyword)):
            return "RL101"
        if isinstance(node, (ast.Return, ast.Yield, ast.Lambda)):
            return "RL103"
        if isinstance(node, ast.stmt):
            break
    return "RL102"


def _uses(function: ast.AST, name: str) -> list[str]:
    found = []
    for node in ast.walk(function):
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Name) and child.id == name and isinstance(child.ctx, ast.Load):
                found.append(_rule_for_value([node]))
    return found


def rule_for_effect(node: ast.stmt) -> str | None:
    """For a statement that does something at import; None where nothing stays behind."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        function = node.value.func
        name = getattr(function, "attr", getattr(function, "id", ""))
        return "RL402" if name in _STARTS else "RL401"
    targets = getattr(node, "targets", [getattr(node, "target", None)])
    if isinstance(node, (ast.Assign, ast.AugAssign)) and any(
        isinstance(target, (ast.Attribute, ast.Subscript)) for target in targets
    ):
        return "RL403"
    return None
