"""Who might notice that a closure's body stands elsewhere? Then the fix is unsafe."""

from __future__ import annotations

import ast

from reloadlint.facts import FileFacts
from reloadlint.facts.by_value import takes_back
from reloadlint.facts.captures import Capture
from reloadlint.facts.closures import Closure
from reloadlint.facts.frames import leads_back
from reloadlint.facts.index import FUNCTIONS, Scope
from reloadlint.facts.inspections import inspections
from reloadlint.rewrite.movable import binds_itself
from reloadlint.rewrite.refusal import Caution


def caution_about(facts: FileFacts, closure: Closure, captures: tuple[Capture, ...]) -> str:
    """The first thing that speaks against an unasked fix; empty where there is none."""
    inspection = next(inspections(facts, closure.node), None)
    if inspection is not None:
        return Caution[inspection.how.upper()].text(inspection.by)
    remover = _remover(facts, closure)
    if remover is not None:
        return Caution.COMPARED.text(remover)
    recursion = _own_call(facts, closure, captures) or leads_back(facts, closure.node)
    if recursion is not None:
        return Caution.RECURSION.text(recursion)
    if facts.lists_its_names is not None:
        return Caution.NAMESPACE.text(facts.lists_its_names)
    return ""


def _remover(facts: FileFacts, closure: Closure) -> str | None:
    """What the function around the closure gives it to, so that it is found again and taken out."""
    around = closure.scope.parent.node if closure.scope.parent is not None else None
    if isinstance(closure.node, ast.Lambda) or not isinstance(around, FUNCTIONS):
        return None
    return takes_back(facts, closure.node.name, within=around)


def _own_call(facts: FileFacts, closure: Closure, captures: tuple[Capture, ...]) -> str | None:
    """The closure's own name, if its body, or what is nested in that, calls it."""
    for capture in captures:
        is_own_name = capture.scope is not None and binds_itself(capture, closure)
        if is_own_name and _is_called(facts, closure.scope, capture.name):
            return capture.name
    return None


def _is_called(facts: FileFacts, scope: Scope, name: str) -> bool:
    """True where the body calls `name` itself, rather than hand it to somebody."""
    for use in scope.uses.get(name, ()):
        up = facts.index.parent.get(use)
        if isinstance(up, ast.Call) and up.func is use:
            return True
    return any(_is_called(facts, inner, name) for inner in scope.children)
