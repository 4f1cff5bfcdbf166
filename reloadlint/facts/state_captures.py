"""Module state that something holds on to beyond the statement that mentions it."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, partial

from reloadlint.facts.decorated import is_decorator
from reloadlint.facts.fates import Fate, Kept
from reloadlint.facts.index import FUNCTIONS, ClosureNode, Index, Scope
from reloadlint.facts.module_state import ModuleState
from reloadlint.facts.nodes import defaulted
from reloadlint.finding import Confidence


@dataclass(frozen=True)
class StateCapture:
    """`node` keeps `state`; `how` completes "it …". `closure` is the closure that does, if any."""

    node: ast.AST
    state: ModuleState
    how: str
    confidence: Confidence
    closure: ClosureNode | None = None


def state_captures(
    index: Index,
    states: tuple[ModuleState, ...],
    kept: Mapping[ClosureNode, Fate],
    fate_of_value: Callable[[ast.expr], Fate | None],
) -> tuple[StateCapture, ...]:
    """Captures of containers that a reload makes anew: each place once, in no special order."""
    lost = {s.name: s for s in states if s.is_container and s.is_unconditional}
    if not lost:
        return ()
    found = [
        *_by_closures(index, lost, kept),
        *_by_defaults(index, lost),
        *_by_bound_methods(index, lost, fate_of_value),
    ]
    return tuple({(capture.node, capture.state.name): capture for capture in found}.values())


def _by_closures(
    index: Index, lost: dict[str, ModuleState], kept: Mapping[ClosureNode, Fate]
) -> Iterator[StateCapture]:
    """Kept closures that use the state by its name, or through a local alias of it."""
    order = {name: number for number, name in enumerate(lost)}
    alias_target = cache(partial(_alias_target, index))
    for node, fate in kept.items():
        if fate.kept is Kept.BY_CALLER and is_decorator(index, node):
            continue
        scope = index.scope_of[node]
        for name in sorted(lost.keys() & scope.uses.keys(), key=order.__getitem__):
            if scope.resolve(name) is None:
                yield StateCapture(node, lost[name], f"uses `{name}`", fate.confidence, node)
        for name in scope.uses:
            binder = scope.resolve(name)
            if binder is None or binder is scope:
                continue
            target = alias_target(binder, name)
            if target in lost:
                how = f"captures `{target}` as `{name}`"
                yield StateCapture(node, lost[target], how, fate.confidence, node)


def _alias_target(index: Index, binder: Scope, name: str) -> str | None:
    """The global that a local `name` stands for, where `name = GLOBAL` is all it is."""
    stores = [use for use in binder.uses[name] if not _is_load(use)]
    statement = index.parent.get(stores[0]) if len(stores) == 1 else None
    if isinstance(statement, (ast.Assign, ast.AnnAssign)) and isinstance(statement.value, ast.Name):
        target = statement.value.id
        return target if binder.resolve(target) is None else None
    return None


def _is_load(use: ast.AST) -> bool:
    return isinstance(use, ast.Name) and isinstance(use.ctx, ast.Load)


def _by_defaults(index: Index, lost: dict[str, ModuleState]) -> Iterator[StateCapture]:
    """Functions with the state as a default argument, which is bound when they are made.

    Who writes `_CACHE=_CACHE` means that of now.
    """
    for function in index.functions:
        for arg, default in defaulted(function.args):
            if isinstance(default, ast.Name) and default.id in lost and arg.arg != default.id:
                scope = index.scope_of[function].parent
                if scope is not None and scope.resolve(default.id) is None:
                    how = f"has `{default.id}` as a default argument"
                    closure = None if isinstance(function, FUNCTIONS) else function
                    yield StateCapture(function, lost[default.id], how, Confidence.LIKELY, closure)


def _by_bound_methods(
    index: Index, lost: dict[str, ModuleState], fate_of_value: Callable[[ast.expr], Fate | None]
) -> Iterator[StateCapture]:
    """`CACHE.append` as a value that is kept: a method bound to the container of today."""
    order = {name: number for number, name in enumerate(lost)}
    for scope in index.scope_of.values():
        for name in sorted(lost.keys() & scope.uses.keys(), key=order.__getitem__):
            state = lost[name]
            if scope is not index.module and scope.resolve(name):
                continue
            for use in scope.uses[name]:
                up = index.parent.get(use)
                if not isinstance(up, ast.Attribute) or not isinstance(up.ctx, ast.Load):
                    continue
                call = index.parent[up]
                if isinstance(call, ast.Call) and call.func is up:
                    continue
                fate = fate_of_value(up)
                if fate is not None:
                    how = f"is bound to the `{name}` of now, and is {fate.how}"
                    yield StateCapture(up, state, how, fate.confidence)
