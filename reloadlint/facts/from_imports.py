"""First-party names that a module copies by `from m import f`, and when each copy is looked at.

The copy is made once. A function that runs later still reads it, whatever has become of `m.f`.
"""

from __future__ import annotations

import ast
import enum
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from reloadlint.facts.effect_table import effect_table
from reloadlint.facts.entry_points import runs_once
from reloadlint.facts.index import FUNCTIONS, Scope, is_binding, is_deletion
from reloadlint.facts.targets import External

if TYPE_CHECKING:
    from reloadlint.facts import FileFacts

_MAX_DEPTH = 8  # re-exports that are followed
_CAST: Final = frozenset({"typing.cast", "typing_extensions.cast"})
_TYPE_CHECKING: Final = frozenset({"typing.TYPE_CHECKING", "typing_extensions.TYPE_CHECKING"})


class When(enum.Enum):
    """When a reference reads its name."""

    IMPORT = "while the module is imported, or the script started"
    CALL = "each time that a function runs"
    NEVER = "hardly ever: for type checkers"


@dataclass(frozen=True)
class Reference:
    """A place that reads a global name."""

    node: ast.Name
    scope: Scope
    when: When


@dataclass(frozen=True)
class Definition:
    """What gives a first-party name its value: `bindings` of `name` in the module of `facts`.

    `via` are the modules, with the name there, that only pass it on.
    """

    facts: FileFacts
    name: str
    bindings: tuple[ast.AST, ...]
    via: tuple[tuple[FileFacts, str], ...] = ()

    @property
    def is_class(self) -> bool:
        """True where nothing but a class statement gives the name its value."""
        return all(isinstance(binding, ast.ClassDef) for binding in self.bindings)

    @property
    def is_code(self) -> bool:
        """True for functions and classes."""
        return all(isinstance(binding, (*FUNCTIONS, ast.ClassDef)) for binding in self.bindings)


@dataclass(frozen=True, eq=False)
class FromImport:
    """A name that a module-level `from … import` binds, where nothing else binds it."""

    statement: ast.ImportFrom
    alias: ast.alias
    definition: Definition
    references: tuple[Reference, ...]

    @property
    def name(self) -> str:
        """The name in the importing module."""
        return self.alias.asname or self.alias.name

    @property
    def is_by_star(self) -> bool:
        """True for what `from … import *` brings."""
        return self.statement.names[0].name == "*"

    @cached_property
    def is_read_later(self) -> bool:
        """True where a function reads the copy when it runs."""
        return any(reference.when is When.CALL for reference in self.references)


def from_imports(facts: FileFacts) -> tuple[FromImport, ...]:
    """The copies of first-party functions, classes and values, in the order of the text.

    Left out are modules, names that come from elsewhere in the end, names that another statement
    binds too, and what only type checkers import.
    """
    found = list(_copies(facts))
    reads = global_reads(facts, {entry[1].asname or entry[1].name for entry in found})
    return tuple(
        FromImport(statement, alias, definition, tuple(reads[alias.asname or alias.name]))
        for statement, alias, definition in found
    )


def _copies(facts: FileFacts) -> Iterator[tuple[ast.ImportFrom, ast.alias, Definition]]:
    for statement in facts.index.imports:
        if not isinstance(statement, ast.ImportFrom) or statement.module == "__future__":
            continue
        if facts.index.scope_at(statement) is not facts.index.module or is_for_types(
            facts, statement
        ):
            continue
        source = facts.imported(imported_from(facts, statement))
        for alias in statement.names if source is not None else ():
            bound = alias.asname or alias.name
            if alias.name == "*" or not _is_bound_once(facts, bound):
                continue
            definition = definition_of(source, alias.name) if source is not None else None
            if definition is not None and definition.facts.module != facts.module:
                yield statement, alias, definition


def _is_bound_once(facts: FileFacts, name: str) -> bool:
    uses = facts.index.module.uses.get(name, ())
    is_single = sum(map(is_binding, uses)) == 1 and not any(map(is_deletion, uses))
    return is_single and name not in facts.index.globals


def imported_from(facts: FileFacts, statement: ast.ImportFrom) -> str:
    """The absolute name of the module that a `from … import` takes names from."""
    return facts.absolute("." * statement.level + (statement.module or ""))


def is_for_types(facts: FileFacts, node: ast.AST) -> bool:
    """True for what stands under `if TYPE_CHECKING:`."""
    child = node
    for up in facts.index.ancestors(node):
        if isinstance(up, ast.If) and child in up.body:
            if facts.names.qualified(up.test) in _TYPE_CHECKING:
                return True
        child = up
    return False


def definition_of(facts: FileFacts, name: str, depth: int = 0) -> Definition | None:
    """Where `name` of a module is defined, over re-exports; None for what is not the project's."""
    if depth > _MAX_DEPTH:
        return None
    given = facts.index.module.bindings.get(name, ())
    if not given:
        return _definition_by_star(facts, name, depth)
    bindings = [binding for binding in given if not _is_declaration(facts, binding)]
    if not any(isinstance(binding, ast.alias) for binding in bindings):
        is_own = any(not _is_from_outside(facts, binding) for binding in bindings)
        return Definition(facts, name, tuple(bindings)) if is_own else None
    (binding, *others) = bindings
    statement = facts.index.parent[binding]
    if others or not isinstance(statement, ast.ImportFrom) or is_for_types(facts, statement):
        return None  # a fallback for where an import fails, or a module
    source = facts.imported(imported_from(facts, statement))
    assert isinstance(binding, ast.alias)
    found = None if source is None else definition_of(source, binding.name, depth + 1)
    return _passed_on(facts, name, found)


def _is_declaration(facts: FileFacts, binding: ast.AST) -> bool:
    """True for what only type checkers see: `x: int`, and what stands under `if TYPE_CHECKING`."""
    statement = facts.index.parent.get(binding)
    is_bare = isinstance(statement, ast.AnnAssign) and statement.value is None
    return is_bare or is_for_types(facts, binding)


def _is_from_outside(facts: FileFacts, binding: ast.AST) -> bool:
    """True for another name of what is not the project's: a reload finds the same object again."""
    statement = facts.index.parent.get(binding)
    if not isinstance(statement, (ast.Assign, ast.AnnAssign)) or statement.value is binding:
        return False
    value = statement.value
    if isinstance(value, (ast.Name, ast.Attribute)):
        return isinstance(facts.targets.of(value, facts.index.module), External)
    made_by = facts.names.qualified(value.func) if isinstance(value, ast.Call) else None
    if made_by == "builtins.getattr" and isinstance(value, ast.Call) and value.args:
        return isinstance(facts.targets.of(value.args[0], facts.index.module), External)
    return made_by is not None and effect_table().is_lasting(made_by)


def _definition_by_star(facts: FileFacts, name: str, depth: int) -> Definition | None:
    """What a star import brings, where it is the only one that may."""
    stars = [star for star in facts.star_imports if star.may_give(name)]
    if len(stars) != 1 or stars[0].names is None or stars[0].source is None:
        return None
    return _passed_on(facts, name, definition_of(stars[0].source, name, depth + 1))


def _passed_on(facts: FileFacts, name: str, found: Definition | None) -> Definition | None:
    if found is None:
        return None
    return Definition(found.facts, found.name, found.bindings, ((facts, name), *found.via))


def global_reads(facts: FileFacts, names: set[str]) -> dict[str, list[Reference]]:
    """The reads of global `names`, from whatever scope."""
    found: dict[str, list[Reference]] = defaultdict(list)
    for scope in facts.index.scope_of.values() if names else ():
        for name in scope.uses:  # in the order of the text, which that of a set is not
            if name in names and scope.resolve(name) is None:
                found[name] += _reads(facts, scope, scope.uses[name])
    return found


def _reads(facts: FileFacts, scope: Scope, uses: Sequence[ast.AST]) -> Iterator[Reference]:
    for use in uses:
        if isinstance(use, ast.Name) and isinstance(use.ctx, ast.Load):
            yield Reference(use, scope, _when(facts, use, scope))


def _when(facts: FileFacts, node: ast.Name, scope: Scope) -> When:
    if is_annotation(facts, node):
        return When.NEVER
    around = (scope, *scope.enclosing())
    is_inside = any(isinstance(up.node, (*FUNCTIONS, ast.Lambda)) for up in around)
    return When.CALL if is_inside and not runs_once(facts, node, scope) else When.IMPORT


def is_annotation(facts: FileFacts, node: ast.expr) -> bool:
    """True for a part of an annotation, and of the type that `typing.cast` is given."""
    child: ast.AST = node
    for up in facts.index.ancestors(node):
        if child is getattr(up, "annotation", None) or child is getattr(up, "returns", None):
            return True
        if isinstance(up, ast.Call) and up.args[:1] == [child]:
            if facts.names.qualified(up.func) in _CAST:
                return True
        if isinstance(up, ast.stmt):
            return False
        child = up
    return False
