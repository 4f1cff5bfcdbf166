"""What a module calls something of another one, and the import that it needs for that."""

from __future__ import annotations

import ast
from bisect import bisect_left
from typing import TYPE_CHECKING

from reloadlint.facts.chunks import Chunk
from reloadlint.facts.closures import start
from reloadlint.finding import Edit

if TYPE_CHECKING:
    from reloadlint.facts import FileFacts
    from reloadlint.rule import Context


def imported(
    context: Context, statement: ast.AST, module: str, name: str
) -> tuple[str, tuple[Edit, ...]]:
    """What `module.name` is called in the file, and the import of it if there is none.

    `statement` is part of the top-level statement above which it is needed.
    """
    known = context.imports.name_of(f"{module}.{name}", statement)
    if known is not None:
        return known, ()
    fresh = context.fresh.imported(name)
    alias = "" if fresh == name else f" as {fresh}"
    offset = context.imports.offset_above(statement)
    line = f"from {module} import {name}{alias}{context.source.newline}"
    return fresh, (Edit(offset, offset, line),)


class TopImports:
    """The imports of a file that stand at the top level, on no condition."""

    def __init__(self, facts: FileFacts) -> None:
        self._facts = facts
        index = facts.index
        self._names: dict[str, list[tuple[ast.stmt, str]]] = {}
        found: set[int] = set()
        for node in index.imports:
            if index.parent[node] is not index.tree:
                continue
            found.add(facts.chunk_at(node.lineno).index)
            for alias in node.names:
                known = alias.asname or alias.name
                if index.module.uses_of(known)[:1] == [alias]:
                    name = facts.names.qualified(ast.Name(known, ast.Load()), index.module)
                    if name is not None:
                        self._names.setdefault(name, []).append((node, known))
        self._chunks = sorted(
            number for number in found if _begins_with_import(facts.chunks[number])
        )

    def name_of(self, qualified: str, statement: ast.AST) -> str | None:
        """The name that an import above the statement gives to what is called so."""
        names = self._names.get(qualified, ())
        return next((known for node, known in names if start(node) < start(statement)), None)

    def offset_above(self, statement: ast.AST) -> int:
        """Behind the last import above the statement; else behind the docstring; else on top."""
        facts = self._facts
        here = facts.chunk_at(statement.lineno)  # type: ignore[attr-defined]
        above = bisect_left(self._chunks, here.index)
        if above:
            return facts.chunks[self._chunks[above - 1]].end
        is_behind = here.index and ast.get_docstring(facts.tree, clean=False) is not None
        return facts.chunks[0].end if is_behind else here.start


def _begins_with_import(chunk: Chunk) -> bool:
    return isinstance(chunk.statements[0], (ast.Import, ast.ImportFrom))
