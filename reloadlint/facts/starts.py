"""What a module starts or opens when it is imported: threads, processes, servers, files."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reloadlint.facts.effect_table import Starter, effect_table
from reloadlint.facts.import_time import AtImport, Effect, effects
from reloadlint.facts.targets import Class, External, Function
from reloadlint.facts.trampolines import dotted
from reloadlint.finding import Confidence

if TYPE_CHECKING:
    from reloadlint.facts import FileFacts

_ENDERS = frozenset({"__exit__", "close", "communicate", "join", "shutdown", "terminate", "wait"})


@dataclass(frozen=True)
class Start(Effect):
    """The call `node` starts or opens something, as `starter` says."""

    starter: Starter
    confidence: Confidence


def starts(facts: FileFacts) -> Iterator[Start]:
    """All of them, in the order of the text."""
    return effects(facts, _by_steps)


def _by_steps(facts: FileFacts, steps: Iterable[AtImport]) -> Iterator[Start]:
    for step in steps:
        call = _call(step.node)
        if call is not None and not _is_asked_for(step, call):
            found = _start(facts, call)
            if found is not None and _lasts(facts, step.node, call, found.starter):
                yield found


def _lasts(facts: FileFacts, node: ast.stmt, call: ast.Call, starter: Starter) -> bool:
    """False for what the module itself ends again, and for a file that nothing goes on using."""
    targets = getattr(node, "targets", None) or [getattr(node, "target", None)]
    holder = targets[0] or getattr(call.func, "value", None)
    if not isinstance(holder, ast.Name):
        return targets[0] is not None or not starter.is_kept
    scope = facts.index.scope_at(holder)
    if any(
        isinstance(up := facts.index.parent.get(use), ast.Attribute) and up.attr in _ENDERS
        for use in scope.uses_of(holder.id)
    ):
        return False
    if starter.is_kept and isinstance(node, ast.Expr):
        return False
    if scope.is_function:
        return not starter.is_kept
    is_of_class = scope is not facts.index.module
    return not starter.is_kept or is_of_class or _is_used_later(facts, holder.id)


def _is_used_later(facts: FileFacts, name: str) -> bool:
    return any(
        name in scope.uses and not scope.runs_at_import and scope.resolve(name) is None
        for scope in facts.index.scope_of.values()
    )


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
    for name in qualified_names(facts, call.func):
        starter = effect_table().starter(name)
        if starter is not None:
            return Start(call, ast.unparse(call.func), starter, Confidence.CERTAIN)
    if isinstance(call.func, ast.Attribute):
        starter = effect_table().starting_method(call.func.attr)
        if starter is not None and not _is_known_otherwise(facts, call.func):
            return Start(call, ast.unparse(call.func), starter, Confidence.LIKELY)
    return None


def _is_known_otherwise(facts: FileFacts, func: ast.Attribute) -> bool:
    """True for a function of the project, or of an imported module: `tracemalloc.start`."""
    if isinstance(facts.targets.of(func, facts.index.scope_at(func)), (Class, Function)):
        return True
    root = func.value.id if isinstance(func.value, ast.Name) else ""
    return any(
        isinstance(facts.index.parent.get(use), ast.Import)
        for use in facts.index.module.uses_of(root)
    )


def qualified_names(facts: FileFacts, func: ast.expr) -> Iterator[str]:
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
