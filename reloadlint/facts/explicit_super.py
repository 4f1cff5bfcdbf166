"""Calls of `super` that name a class of the module, and so look it up each time that they run."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reloadlint.facts.index import FUNCTIONS, FunctionNode, Scope
from reloadlint.facts.nodes import TYPE_SCOPES

if TYPE_CHECKING:
    from reloadlint.facts import FileFacts


@dataclass(frozen=True)
class ExplicitSuper:
    """`call` is `super(named, instance)`, where `text` names a class by way of the module.

    `owner` is the class around the call, None outside of classes, and `method` the function in its
    body that the call stands in directly: None where that is nested in a method.
    """

    call: ast.Call
    named: ast.ClassDef
    text: str
    instance: ast.expr
    owner: ast.ClassDef | None
    method: FunctionNode | None


def explicit_supers(facts: FileFacts) -> Iterator[ExplicitSuper]:
    """Those that functions run; what a class body runs is over when the module is there."""
    for call in facts.index.calls("super"):
        if len(call.args) != 2 or call.keywords:
            continue
        scope = facts.index.scope_at(call)
        if scope.runs_at_import or facts.names.qualified(call.func, scope) != "builtins.super":
            continue
        named = _class_named(facts, facts.names.qualified(call.args[0], scope))
        if named is not None:
            text = ast.unparse(call.args[0])
            yield ExplicitSuper(call, named, text, call.args[1], *_method_of(scope))


def _method_of(scope: Scope) -> tuple[ast.ClassDef | None, FunctionNode | None]:
    """The class around a function's scope, and the function if it is a method itself."""
    around = [up.node for up in scope.enclosing() if not isinstance(up.node, TYPE_SCOPES)]
    owner = next((node for node in around if isinstance(node, ast.ClassDef)), None)
    function = scope.node if isinstance(scope.node, FUNCTIONS) else None
    return owner, function if around[0] is owner else None


def _class_named(facts: FileFacts, qualified: str | None) -> ast.ClassDef | None:
    """The class that `:Outer.Inner` stands for, if that is all that has the name."""
    if qualified is None or not qualified.startswith(":"):
        return None
    scope = facts.index.module
    found: ast.AST | None = None
    for name in qualified[1:].split("."):
        bindings = scope.bindings_of(name)
        if len(bindings) != 1 or not isinstance(bindings[0], ast.ClassDef):
            return None
        found = bindings[0]
        scope = facts.index.scope_of[found]
    return found if isinstance(found, ast.ClassDef) else None
