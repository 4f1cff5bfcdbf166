"""Module-level objects whose identity is the point: locks, sentinels, queues, connections …"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reloadlint.facts.effect_table import effect_table
from reloadlint.facts.index import FUNCTIONS, Index
from reloadlint.facts.module_state import ModuleName, is_bound_once
from reloadlint.facts.targets import Class, External

if TYPE_CHECKING:
    from reloadlint.facts import FileFacts

_LOOKUPS = frozenset({"get", "getattr", "next", "pop"})


@dataclass(frozen=True)
class Identity(ModuleName):
    """`harm` is what a second object does to the program: completes "a reload makes another …"."""

    harm: str


def identities(facts: FileFacts) -> tuple[Identity, ...]:
    """The objects of that kind that a reload makes anew, and that something can hold or use.

    A private name is of no matter which no function mentions, or which functions only compare with
    what they have looked up with it: nobody has it when the call is over.
    """
    found = []
    for name, (statement, value) in facts.module_values.items():
        harm = _harm(facts, value) if is_bound_once(facts.index, name) else None
        if harm is not None:
            if not name.startswith("_") or _is_used_later(facts, name):
                found.append(Identity(name, statement, value, True, harm.format(name=name)))
    return tuple(found)


def _harm(facts: FileFacts, value: ast.expr) -> str | None:
    """What effects.toml says of the callable that makes the value, or of its base class."""
    if not isinstance(value, ast.Call):
        return None
    func = value.func.value if isinstance(value.func, ast.Subscript) else value.func
    made_by = facts.targets.of(func, facts.index.module)
    names = [made_by] if isinstance(made_by, External) else []
    if isinstance(made_by, Class):
        bases = list(facts.targets.mro(made_by))
        names = [base for base in bases if isinstance(base, External)]
    return next(filter(None, (effect_table().harm_of_another(each.name) for each in names)), None)


def _is_used_later(facts: FileFacts, name: str) -> bool:
    """True where a function mentions the name, be it as a default argument."""
    index = facts.index
    for scope in index.scope_of.values():
        if name in scope.uses and scope is not index.module and scope.resolve(name) is None:
            if not all(_is_compared(index, use) for use in scope.uses[name]):
                return True
    return any(
        isinstance(up, (ast.arguments, ast.Lambda, *FUNCTIONS))
        for use in index.module.uses[name]
        for up in index.ancestors(use)
    )


def _is_compared(index: Index, use: ast.AST) -> bool:
    """True for `x is NAME`, and for a value to fall back on, as in `table.get(key, NAME)`."""
    up = index.parent[use]
    if isinstance(up, ast.Call) and len(up.args) > 1 and up.args[-1] is use:
        name = up.func.attr if isinstance(up.func, ast.Attribute) else getattr(up.func, "id", "")
        return name in _LOOKUPS
    return isinstance(up, ast.Compare)
