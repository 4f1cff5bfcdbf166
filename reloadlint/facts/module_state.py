"""State at module level: which names hold it, who changes it, and who reads it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from reloadlint.facts.imports import Names
from reloadlint.facts.index import FUNCTIONS, Index, Scope, is_binding
from reloadlint.facts.sink_table import SinkTable

_MUTATORS = frozenset({
    "add", "append", "appendleft", "clear", "difference_update", "discard", "extend",
    "extendleft", "insert", "intersection_update", "move_to_end", "pop", "popitem", "popleft",
    "remove", "reverse", "rotate", "setdefault", "sort", "subtract",
    "symmetric_difference_update", "update",
})  # fmt: skip


@dataclass(frozen=True)
class Change:
    """One place in a function that changes the state: `how` is what is done, as a message says.

    `is_rebinding`: the name gets another value. `is_filling`: only where it has none yet, as in
    `if NAME is None: NAME = …`, so that what a reload takes away is made again.
    """

    node: ast.AST
    function: str
    how: str
    is_rebinding: bool = False
    is_filling: bool = False


@dataclass(frozen=True)
class ModuleState:
    """A module-level name whose value functions change.

    `statement` gives the name its value; `value` is what; `is_container` for a list, dict, set and
    their kin. `is_unconditional`: a reload gives the name its first value again, whatever it holds.
    `readers` are the functions and closures that use the name, `uses` their mentions of it.
    """

    name: str
    statement: ast.Assign | ast.AnnAssign
    value: ast.expr
    is_container: bool
    is_unconditional: bool
    changes: tuple[Change, ...]
    readers: tuple[Scope, ...]


def module_state(index: Index, names: Names, table: SinkTable) -> tuple[ModuleState, ...]:
    """The state of the module, in the order of the text; constants are no state."""
    used = _functions_using(index)
    found = []
    for name, statement, value in _bindings(index):
        scopes = used.get(name, [])
        changes = tuple(change for scope in scopes for change in _changes(index, scope, name))
        if changes:
            found.append(
                ModuleState(
                    name,
                    statement,
                    value,
                    is_container=_makes_container(value, names, table),
                    is_unconditional=_is_unconditional(index, name, statement),
                    changes=changes,
                    readers=tuple(scopes),
                )
            )
    return tuple(found)


def _bindings(index: Index) -> Iterator[tuple[str, ast.Assign | ast.AnnAssign, ast.expr]]:
    """The first assignment of each name that stands directly in the module."""
    seen: set[str] = set()
    for statement in index.tree.body:
        if isinstance(statement, ast.Assign):
            targets = statement.targets
        elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
            targets = [statement.target]
        else:
            continue
        for target in targets:
            if isinstance(target, ast.Name) and target.id not in seen:
                seen.add(target.id)
                if not (target.id.startswith("__") and target.id.endswith("__")):
                    assert statement.value is not None
                    yield target.id, statement, statement.value


def _functions_using(index: Index) -> dict[str, list[Scope]]:
    """For each global name, the function scopes that mention it, in the order of the text."""
    module_names = index.module.uses.keys()
    used: dict[str, list[Scope]] = {}
    for scope in index.scope_of.values():
        if not _runs_later(scope):
            continue
        for name in (scope.uses.keys() | scope.globals) & module_names:
            if scope.resolve(name) is None:
                used.setdefault(name, []).append(scope)
    return used


def _runs_later(scope: Scope) -> bool:
    """True inside of a function; a comprehension or class at module level runs at import."""
    return any(
        isinstance(inner.node, (ast.Lambda, *FUNCTIONS)) for inner in (scope, *scope.enclosing())
    )


def _changes(index: Index, scope: Scope, name: str) -> Iterator[Change]:
    function = getattr(scope.node, "name", "<lambda>")
    for use in scope.uses.get(name, ()):
        how = _change(index, use, name)
        if how is not None:
            is_rebinding = is_binding(use)
            is_filling = is_rebinding and _asks_before(index, use, name)
            yield Change(use, function, how, is_rebinding, is_filling)


def _asks_before(index: Index, use: ast.AST, name: str) -> bool:
    """True under an `if` that looks at the name itself."""
    return any(
        isinstance(node, ast.Name) and node.id == name
        for up in index.ancestors(use)
        if isinstance(up, ast.If)
        for node in ast.walk(up.test)
    )


def _change(index: Index, use: ast.AST, name: str) -> str | None:
    """What `use`, a mention of a global in a function, does to it; None if it only reads."""
    if is_binding(use):
        return f"rebinds it under `global {name}`"
    assert isinstance(use, ast.Name)
    up = index.parent[use]
    if isinstance(use.ctx, ast.Del):
        return "deletes it"
    if isinstance(up, ast.AugAssign) and up.target is use:
        return "updates it in place"
    if isinstance(up, ast.Subscript) and up.value is use:
        if isinstance(up.ctx, ast.Store):
            return "assigns an item"
        return "deletes an item" if isinstance(up.ctx, ast.Del) else None
    if isinstance(up, ast.Attribute) and up.attr in _MUTATORS:
        call = index.parent[up]
        if isinstance(call, ast.Call) and call.func is up:
            return f"calls `{name}.{up.attr}`"
    return None


def _makes_container(value: ast.expr, names: Names, table: SinkTable) -> bool:
    if isinstance(value, (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)):
        return True
    return isinstance(value, ast.Call) and table.makes_container(names.qualified(value.func))


def _is_unconditional(index: Index, name: str, statement: ast.stmt) -> bool:
    """True where no other statement of the module's own code gives the name a value.

    `NAME = NAME`-like guards, `try`/`except NameError` and conditional definitions are the ways
    in which programs keep state by hand.
    """
    bindings = [use for use in index.module.uses.get(name, ()) if is_binding(use)]
    reads_itself = any(
        (isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load))
        or (isinstance(node, ast.Constant) and node.value == name)
        for node in ast.walk(statement)
    )
    return len(bindings) == 1 and not reads_itself
