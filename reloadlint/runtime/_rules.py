"""Which rule of reloadlint flags the code that a reload could not reach."""

from __future__ import annotations

import ast
from typing import Any

from reloadlint.runtime._syntax import SCOPES, SUITES, is_main_guard
from reloadlint.runtime._version import Scope

# Every code that a report may name; all of them are in the linter's catalogue.
CODES = frozenset("RL101 RL102 RL103 RL104 RL106 RL205 RL301 RL302 RL401 RL402 RL403 RL502".split())
_STARTS = frozenset("start run submit serve serve_forever listen Thread Timer Popen open".split())
_SINKS = {ast.Call: "RL101", ast.keyword: "RL101"}
_SINKS |= dict.fromkeys((ast.Return, ast.Yield, ast.Lambda), "RL103")


def rule_for_scope(scope: Scope) -> str:
    """For a closure: by the sink its value goes to."""
    if isinstance(scope.node, ast.Lambda):
        # From the inside out, as far as the statement around it.
        found = [_SINKS.get(type(node)) for node, *_ in reversed(scope.trail)]
        return next(filter(None, found), "RL102")
    for node in ast.walk(scope.function.node) if scope.function else ():
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Name) and child.id == scope.name:
                if isinstance(child.ctx, ast.Load):
                    return _SINKS.get(type(node), "RL102")
    return "RL102"


def rule_for_removed(scope: Scope) -> str:
    """For a function that is gone from the text and still alive."""
    if getattr(scope.node, "decorator_list", ()):
        return "RL401"
    is_closure = scope.function or isinstance(scope.node, ast.Lambda)
    return rule_for_scope(scope) if is_closure else "RL104"


def rule_for_effect(node: Any) -> str | None:
    """For a statement that does something at import; None where nothing stays behind."""
    if isinstance(node, SCOPES) or is_main_guard(node):
        return None
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        function: Any = node.value.func
        name = getattr(function, "attr", getattr(function, "id", ""))
        return "RL402" if name in _STARTS else "RL401"
    targets = getattr(node, "targets", [getattr(node, "target", None)])
    patches = any(isinstance(target, (ast.Attribute, ast.Subscript)) for target in targets)
    if patches and isinstance(node, (ast.Assign, ast.AugAssign)):
        return "RL403"
    parts = [part for suite in SUITES for part in getattr(node, suite, ())]
    return next(filter(None, map(rule_for_effect, parts)), None)
