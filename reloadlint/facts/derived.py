"""Module-level values that are computed, once, from the data of other first-party modules."""

from __future__ import annotations

import ast
from collections import deque
from collections.abc import Iterator, Set
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from reloadlint.facts.from_imports import Definition, When, definition_of, global_reads
from reloadlint.facts.index import COMPREHENSIONS
from reloadlint.facts.nodes import child_nodes

if TYPE_CHECKING:
    from reloadlint.facts import FileFacts

_LITERALS: Final = (
    *(ast.Compare, ast.Dict, ast.JoinedStr, ast.List, ast.Set, ast.Tuple, ast.UnaryOp),
    *COMPREHENSIONS,
)
_MAKERS: Final = frozenset(
    f"builtins.{name}" for name in ("bool", "bytes", "dict", "float", "frozenset", "int", "list",
    "max", "min", "range", "round", "set", "sorted", "str", "sum", "tuple")
)  # fmt: skip
_NOT_DATA: Final = frozenset({
    "CFUNCTYPE", "NamedTuple", "NewType", "POINTER", "ParamSpec", "TypeVar", "TypeVarTuple",
    "TypedDict", "WINFUNCTYPE", "getLogger", "namedtuple",
})  # fmt: skip


@dataclass(frozen=True)
class Derived:
    """`node` gives the module-level `name` a value that is made of `sources`.

    These are the data of other modules that it reads, as they are written here; `module` is where
    the first of them is defined.
    """

    node: ast.Assign | ast.AnnAssign
    name: str
    sources: tuple[str, ...]
    module: str


def derived_values(facts: FileFacts) -> Iterator[Derived]:
    """Those that functions read, and that nothing else gives a value."""
    state = {state.name for state in facts.state}
    found = [
        (node, name, sources)
        for name, (node, value) in facts.module_values.items()
        if _is_given_once(facts, name, state) and (sources := dict(_sources(facts, value)))
    ]
    reads = global_reads(facts, {name for _, name, _ in found})
    for node, name, sources in found:
        if any(reference.when is When.CALL for reference in reads[name]):
            module = next(iter(sources.values())).facts.module
            yield Derived(node, name, tuple(sources), module)


def _is_given_once(facts: FileFacts, name: str, state: Set[str]) -> bool:
    is_state = name in facts.index.globals or name in state
    return len(facts.index.module.bindings_of(name)) == 1 and not is_state


def _is_metadata(name: str) -> bool:
    is_dunder = name.startswith("__") and name.endswith("__")
    return is_dunder or name.lower() in {"version", "version_info"}


def _sources(facts: FileFacts, value: ast.expr) -> Iterator[tuple[str, Definition]]:
    """The data of other modules that the value is made of, by how they are written."""
    pending: deque[ast.AST] = deque([value])
    while pending:
        node = pending.popleft()
        if isinstance(node, (ast.Name, ast.Attribute)):
            definition = _data(facts, node)
            if definition is not None:
                yield ast.unparse(node), definition
                continue
        if not isinstance(node, ast.Lambda):
            pending += child_nodes(node)


def _data(facts: FileFacts, node: ast.expr) -> Definition | None:
    """The definition of `m.LIMIT`, `LIMIT` or `m.Color.RED` in another module, if it is data."""
    qualified = facts.names.qualified(node, facts.index.scope_at(node))
    if qualified is None or qualified.startswith((":", "builtins.")):
        return None
    parts = facts.absolute(qualified).split(".")
    for cut in range(len(parts) - 1, max(0, len(parts) - 3), -1):
        module = facts.imported(".".join(parts[:cut]))
        if module is not None:
            found = definition_of(module, parts[cut])
            if found is None or found.facts is facts or _is_metadata(parts[cut]):
                return None
            is_data = _is_member(found, parts[cut + 1]) if parts[cut + 1 :] else _is_data(found)
            return found if is_data else None
    return None


def _is_data(found: Definition) -> bool:
    """True where each value that the name is given is data, by its form or by the name's."""
    if any(isinstance(binding, (ast.alias, ast.ClassDef)) for binding in found.bindings):
        return False
    statements = [found.facts.index.parent.get(binding) for binding in found.bindings]
    values = [getattr(statement, "value", None) for statement in statements]
    if all(_spells(value, found.name) for value in values):
        return False
    if found.name.isupper():
        return not any(_is_about_types(value) for value in values)
    return all(value is not None and _is_literal(found.facts, value) for value in values)


def _spells(value: ast.expr | None, name: str) -> bool:
    """True for a word that its own name spells, as in `CONF_TOKEN = "token"`: nobody edits it."""
    word = value.value if isinstance(value, ast.Constant) else None
    letters = _letters(word) if isinstance(word, str) else ""
    return letters != "" and _letters(name).endswith(letters)


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text)).lower()


def _is_about_types(value: ast.expr | None) -> bool:
    """True for type aliases and variables, other names of functions and classes, and loggers."""
    if isinstance(value, ast.Call):
        return _last_name(value.func) in _NOT_DATA
    if isinstance(value, (ast.Name, ast.Attribute)):
        return not _last_name(value).isupper()
    return isinstance(value, ast.Subscript)


def _last_name(node: ast.expr) -> str:
    return str(getattr(node, "attr", getattr(node, "id", "")))


def _is_literal(facts: FileFacts, value: ast.expr) -> bool:
    if isinstance(value, ast.Constant):
        return value.value is not None
    if isinstance(value, ast.BinOp):
        return not isinstance(value.op, ast.BitOr) and _is_literal(facts, value.left)
    if isinstance(value, ast.BoolOp):
        return all(_is_literal(facts, part) for part in value.values)
    if isinstance(value, ast.IfExp):
        return _is_literal(facts, value.body) and _is_literal(facts, value.orelse)
    if isinstance(value, ast.Call):
        func = value.func
        is_method = isinstance(func, ast.Attribute) and _is_literal(facts, func.value)
        return is_method or facts.names.qualified(func) in _MAKERS
    return isinstance(value, _LITERALS)


def _is_member(found: Definition, name: str) -> bool:
    """True for what the body of a class assigns: a member of an enumeration, or a constant."""
    classes = [binding for binding in found.bindings if isinstance(binding, ast.ClassDef)]
    scopes = [found.facts.index.scope_of[each] for each in classes]
    if not found.is_class or not all(scope.binds(name) for scope in scopes):
        return False
    bindings = [use for scope in scopes for use in scope.bindings_of(name)]
    bases = [base for each in classes for base in each.bases]
    is_enumeration = any("Enum" in ast.unparse(base) for base in bases)
    is_assigned = all(isinstance(use, ast.Name) for use in bindings)
    return is_assigned and (is_enumeration or name.isupper())
