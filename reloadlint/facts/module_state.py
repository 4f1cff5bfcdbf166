"""State at module level: which names hold it, who changes it, and who reads it."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Set
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
# Functions that change what they are given first.
_CHANGERS = frozenset({
    "bisect.insort", "bisect.insort_left", "bisect.insort_right", "heapq.heapify", "heapq.heappop",
    "heapq.heappush", "heapq.heappushpop", "heapq.heapreplace", "random.shuffle",
})  # fmt: skip
_IMPORTERS = frozenset({"__import__", "import_module", "importlib.import_module"})


@dataclass(frozen=True)
class Change:
    """One place in a function that changes the state: `how` is what is done, as a message says.

    `is_rebinding`: the name gets another value. `is_filling`: only where it has none yet, as in
    `if NAME is None: NAME = …`, so that what a reload takes away is made again. `is_import`: the
    name comes to stand for a module, as in `global np; import numpy as np`.
    """

    node: ast.AST
    function: str
    how: str
    is_rebinding: bool = False
    is_filling: bool = False
    is_import: bool = False


@dataclass(frozen=True)
class ModuleName:
    """A module-level name: `statement` gives it its value, `value` is what.

    `is_unconditional`: a reload gives the name its first value again, whatever it holds.
    """

    name: str
    statement: ast.Assign | ast.AnnAssign
    value: ast.expr
    is_unconditional: bool


@dataclass(frozen=True)
class ModuleState(ModuleName):
    """A module-level name whose value functions change.

    `is_container` for a list, dict, set and their kin. `readers` are the functions and closures
    that mention the name.
    """

    is_container: bool
    changes: tuple[Change, ...]
    readers: tuple[Scope, ...]


def module_state(index: Index, names: Names, table: SinkTable) -> tuple[ModuleState, ...]:
    """The state of the module, in the order of the text; constants are no state."""
    bindings = list(module_bindings(index))
    used = _scopes_using(index, {name for name, _, _ in bindings})
    found = []
    for name, statement, value in bindings:
        scopes = used.get(name, [])
        changes = tuple(c for scope in scopes for c in _changes(index, names, scope, name))
        if changes:
            found.append(
                ModuleState(
                    name,
                    statement,
                    value,
                    is_unconditional=is_unconditional(index, name, statement),
                    is_container=_makes_container(value, names, table),
                    changes=changes,
                    readers=tuple(dict.fromkeys(map(_function, scopes))),
                )
            )
    return tuple(found)


def module_bindings(index: Index) -> Iterator[tuple[str, ast.Assign | ast.AnnAssign, ast.expr]]:
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


def _scopes_using(index: Index, names: Set[str]) -> dict[str, list[Scope]]:
    """For each of the global names, the scopes in functions that mention it, in order."""
    used: dict[str, list[Scope]] = {}
    for scope in index.scope_of.values():
        if not scope.runs_at_import:
            for name in scope.uses.keys() & names:
                if scope.resolve(name) is None:
                    used.setdefault(name, []).append(scope)
    return used


def _function(scope: Scope) -> Scope:
    """The function or lambda as a part of which the code of `scope` runs."""
    around = (scope, *scope.enclosing())
    return next(each for each in around if isinstance(each.node, (ast.Lambda, *FUNCTIONS)))


def _changes(index: Index, names: Names, scope: Scope, name: str) -> Iterator[Change]:
    function = getattr(_function(scope).node, "name", "<lambda>")
    for use in scope.uses.get(name, ()):
        how = _change(index, names, use, name)
        if how is not None:
            is_rebinding = is_binding(use)
            is_filling = is_rebinding and _asks_before(index, use, name)
            is_import = is_rebinding and _is_import(index, use)
            yield Change(use, function, how, is_rebinding, is_filling, is_import)


def _is_import(index: Index, use: ast.AST) -> bool:
    """True for `global np; import numpy as np`, and for `np = importlib.import_module("numpy")`."""
    if isinstance(use, ast.alias):
        return isinstance(index.parent[use], ast.Import)
    value = getattr(index.parent.get(use), "value", None)
    return isinstance(value, ast.Call) and ast.unparse(value.func) in _IMPORTERS


def _asks_before(index: Index, use: ast.AST, name: str) -> bool:
    """True under an `if` that looks at the name itself."""
    return any(
        isinstance(node, ast.Name) and node.id == name
        for up in index.ancestors(use)
        if isinstance(up, ast.If)
        for node in ast.walk(up.test)
    )


def _change(index: Index, names: Names, use: ast.AST, name: str) -> str | None:
    """What `use`, a mention of a global in a function, does to it; None if it only reads."""
    if is_binding(use):
        return f"rebinds it under `global {name}`"
    assert isinstance(use, ast.Name)
    if isinstance(use.ctx, ast.Del):
        return "deletes it"
    node, up = _innermost_item(index, use)
    text = name if node is use else f"{name}[…]"
    if isinstance(up, ast.Subscript) and up.value is node:
        return "deletes an item" if isinstance(up.ctx, ast.Del) else "assigns an item"
    if isinstance(up, ast.Attribute) and up.attr in _MUTATORS:
        call = index.parent[up]
        if isinstance(call, ast.Call) and call.func is up:
            return f"calls `{text}.{up.attr}`"
    if isinstance(up, ast.Call) and node in up.args[:1]:
        function = names.qualified(up.func)
        if function in _CHANGERS:
            return f"hands `{text}` to `{ast.unparse(up.func)}`"
    return None


def _innermost_item(index: Index, use: ast.AST) -> tuple[ast.AST, ast.AST]:
    """Of `NAME[a][b].append`: `NAME[a][b]`, and what stands around it."""
    node, up = use, index.parent[use]
    while isinstance(up, ast.Subscript) and up.value is node and isinstance(up.ctx, ast.Load):
        node, up = up, index.parent[up]
    return node, up


def _makes_container(value: ast.expr, names: Names, table: SinkTable) -> bool:
    if isinstance(value, (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)):
        return True
    return isinstance(value, ast.Call) and table.makes_container(names.qualified(value.func))


def is_unconditional(index: Index, name: str, statement: ast.stmt) -> bool:
    """True where no other statement of the module's own code gives the name a value.

    `NAME = NAME`-like guards, `try`/`except NameError` and conditional definitions are the ways
    in which programs keep state by hand.
    """
    reads_itself = any(
        (isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load))
        or (isinstance(node, ast.Constant) and node.value == name)
        for node in ast.walk(statement)
    )
    return is_bound_once(index, name) and not reads_itself


def is_bound_once(index: Index, name: str) -> bool:
    """True where the module's own code gives the name a value at one place only."""
    return len(index.module.bindings.get(name, ())) == 1
