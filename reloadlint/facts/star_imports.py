"""First-party names that a module copies by `from m import *`, where functions read them."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reloadlint.facts.from_imports import (
    FromImport,
    When,
    definition_of,
    global_reads,
    imported_from,
    is_for_types,
)

if TYPE_CHECKING:
    from reloadlint.facts import FileFacts


@dataclass(frozen=True, eq=False)
class StarImport:
    """A star import at module level.

    `source` is the module, None where it is not the project's. `names` are what it gives, each with
    whether it surely does; None where that is not known.
    """

    statement: ast.ImportFrom
    source: FileFacts | None
    names: Mapping[str, bool] | None

    def may_give(self, name: str) -> bool:
        """False where it is known to give other names only."""
        return self.names is None or name in self.names


@dataclass(frozen=True, eq=False)
class StarCopies:
    """What functions read of a star import: its `copies`, and `others` that may be copies of it."""

    star: StarImport
    source: FileFacts
    copies: tuple[FromImport, ...]
    others: tuple[str, ...]


def star_imports(facts: FileFacts) -> Iterator[StarImport]:
    """All of them, but for those that only type checkers see."""
    for taken in facts.imports:
        if taken.is_star and isinstance(taken.node, ast.ImportFrom):
            if not is_for_types(facts, taken.node):
                source = facts.imported(imported_from(facts, taken.node))
                yield StarImport(taken.node, source, source.star_names if source else None)


def star_copies(facts: FileFacts) -> Iterator[StarCopies]:
    """The star imports of first-party modules of which functions read something."""
    stars = facts.star_imports
    unresolved = _unresolved(facts) if any(star.source for star in stars) else []
    for star in stars:
        if star.source is None:
            continue
        rivals = [other for other in stars if other is not star]
        if star.names is None:
            others = [name for name in unresolved if not _is_given(name, rivals)]
            found = StarCopies(star, star.source, (), tuple(others))
        else:
            copies = (c for c in _copies(facts, star) if not _is_given(c.name, rivals))
            found = StarCopies(star, star.source, tuple(copies), ())
        if found.others or any(copy.is_read_later for copy in found.copies):
            yield found


def _is_given(name: str, stars: Sequence[StarImport]) -> bool:
    return any(star.names is not None and name in star.names for star in stars)


def _copies(facts: FileFacts, star: StarImport) -> Iterator[FromImport]:
    """The names that nothing else in the module gives a value."""
    module = facts.index.module
    taken = {name for name in star.names or () if name not in module.bindings}
    for name, references in global_reads(facts, taken - facts.index.globals).items():
        definition = definition_of(star.source, name) if star.source is not None else None
        if definition is not None and definition.facts.module != facts.module:
            alias = ast.copy_location(ast.alias(name=name), star.statement.names[0])
            yield FromImport(star.statement, alias, definition, tuple(references))


def _unresolved(facts: FileFacts) -> list[str]:
    """The names that functions read, and that the file itself does not give a value."""
    scopes = facts.index.scope_of.values()
    names = {name for scope in scopes for name in scope.uses if scope.resolve(name) is None}
    unknown = {n for n in names if not facts.names.is_bound_global(n)}
    reads = global_reads(facts, {n for n in unknown if not facts.names.is_builtin(n)})
    return sorted(n for n, found in reads.items() if any(r.when is When.CALL for r in found))
