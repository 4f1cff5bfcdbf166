"""What a module starts or opens when it is imported: threads, processes, servers, files."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reloadlint.facts.effect_table import Starter, effect_table
from reloadlint.facts.targets import Class, External, Function
from reloadlint.facts.trampolines import dotted
from reloadlint.finding import Confidence

if TYPE_CHECKING:
    from reloadlint.facts import FileFacts
    from reloadlint.facts.import_time import AtImport


@dataclass(frozen=True)
class Start:
    """The call `node` starts or opens something, as `starter` says."""

    node: ast.Call
    starter: Starter
    confidence: Confidence


def starts(facts: FileFacts) -> Iterator[Start]:
    """All of them, in the order of the text."""
    for step in facts.at_import:
        call = _call(step.node)
        if call is not None and not _is_asked_for(step, call):
            found = _start(facts, call)
            is_kept = isinstance(step.node, (ast.Assign, ast.AnnAssign))
            if found is not None and (is_kept or not found.starter.is_kept):
                yield found


def _call(node: ast.stmt) -> ast.Call | None:
    """The call that is the whole statement, or the value that it assigns."""
    value = getattr(node, "value", None)
    is_plain = isinstance(node, (ast.Expr, ast.Assign, ast.AnnAssign))
    return value if is_plain and isinstance(value, ast.Call) else None


def _is_asked_for(step: AtImport, call: ast.Call) -> bool:
    """True under an `if` that looks at the name which the result gets, or at the object."""
    targets = getattr(step.node, "targets", None) or [getattr(step.node, "target", None)]
    owner = call.func.value if isinstance(call.func, ast.Attribute) else None
    asked = (dotted(each) for each in (*targets, owner) if each is not None)
    return any(step.asks_for(name or "") for name in asked)


def _start(facts: FileFacts, call: ast.Call) -> Start | None:
    for name in _qualified(facts, call.func):
        starter = effect_table().starter(name)
        if starter is not None:
            return Start(call, starter, Confidence.CERTAIN)
    if isinstance(call.func, ast.Attribute):
        starter = effect_table().starting_method(call.func.attr)
        if starter is not None and not _is_known_otherwise(facts, call.func):
            return Start(call, starter, Confidence.LIKELY)
    return None


def _is_known_otherwise(facts: FileFacts, func: ast.Attribute) -> bool:
    """True for a function of the project, and for one of an imported module: `tracemalloc.start`."""
    if isinstance(facts.targets.of(func, facts.index.scope_at(func)), (Class, Function)):
        return True
    root = func.value.id if isinstance(func.value, ast.Name) else ""
    return any(
        isinstance(facts.index.parent.get(use), ast.Import)
        for use in facts.index.module.uses_of(root)
    )


def _qualified(facts: FileFacts, func: ast.expr) -> Iterator[str]:
    """The names under which a table may have what is called: for a method, those of the bases."""
    scope = facts.index.scope_at(func)
    target = facts.targets.of(func, scope)
    if isinstance(target, External):
        yield target.name
    elif isinstance(target, Class):
        yield from _bases(facts, target)
    if isinstance(func, ast.Attribute) and not isinstance(target, Function):
        owner = facts.targets.type_of(func.value, scope)
        if isinstance(owner, Class):
            yield from (f"{base}.{func.attr}" for base in _bases(facts, owner))


def _bases(facts: FileFacts, owner: Class) -> Iterator[str]:
    return (base.name for base in facts.targets.mro(owner) if isinstance(base, External))
