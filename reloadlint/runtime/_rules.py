"""Which rule of reloadlint flags the code that a reload could not reach."""

from __future__ import annotations

import ast

from reloadlint.runtime._version import Scope

# Every code that a report may name; all of them are in the linter's catalogue.
CODES = frozenset("RL101 RL102 RL103 RL104 RL106 RL205 RL301 RL302 RL401 RL402 RL403 RL502".split())
_STARTS = frozenset("start run submit serve serve_forever listen Thread Timer Popen open".split())


def rule_for_scope(scope: Scope) -> str:
    """For a closure: by the sink its value goes to."""
    if isinstance(scope.node, ast.Lambda):
        return _rule_for_value([node for node, _, _ in scope.trail])
    outer = scope.function
    uses = [
        _rule_for_value([node])
        for node in (ast.walk(outer.node) if outer is not None else ())
        for child in ast.iter_child_nodes(node)
        if isinstance(child, ast.Name) and child.id == scope.name
        if isinstance(child.ctx, ast.Load)
    ]
    return uses[0] if uses else "RL102"


def rule_for_removed(scope: Scope | None) -> str:
    """For a function that is gone from the text and still alive."""
    if scope is None:
        return "RL104"
    if getattr(scope.node, "decorator_list", ()):
        return "RL401"
    top_level = scope.function is None and not isinstance(scope.node, ast.Lambda)
    return "RL104" if top_level else rule_for_scope(scope)


def _rule_for_value(trail: list[ast.AST]) -> str:
    for node in reversed(trail):
        if isinstance(node, (ast.Call, ast.keyword)):
            return "RL101"
        if isinstance(node, (ast.Return, ast.Yield, ast.Lambda)):
            return "RL103"
        if isinstance(node, ast.stmt):
            break
    return "RL102"


def rule_for_effect(node: ast.stmt) -> str | None:
    """For a statement that does something at import; None where nothing stays behind."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        function = node.value.func
        name = getattr(function, "attr", getattr(function, "id", ""))
        return "RL402" if name in _STARTS else "RL401"
    targets = getattr(node, "targets", [getattr(node, "target", None)])
    places = (ast.Attribute, ast.Subscript)
    patches = any(isinstance(target, places) for target in targets)
    return "RL403" if patches and isinstance(node, (ast.Assign, ast.AugAssign)) else None
