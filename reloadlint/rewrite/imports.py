"""What a module calls something of another one, and the import that it needs for that."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from reloadlint.facts.chunks import Chunk
from reloadlint.facts.closures import start
from reloadlint.finding import Edit

if TYPE_CHECKING:
    from reloadlint.rule import Context


def imported(
    context: Context, statement: ast.AST, module: str, name: str
) -> tuple[str, tuple[Edit, ...]]:
    """What `module.name` is called in the file, and the import of it if there is none.

    `statement` is part of the top-level statement above which it is needed.
    """
    known = next(_names_of(context, statement, f"{module}.{name}"), None)
    if known is not None:
        return known, ()
    fresh = context.fresh.imported(name)
    alias = "" if fresh == name else f" as {fresh}"
    offset = _offset(context, statement)
    line = f"from {module} import {name}{alias}{context.source.newline}"
    return fresh, (Edit(offset, offset, line),)


def _names_of(context: Context, statement: ast.AST, qualified: str) -> Iterator[str]:
    """The names that imports above the statement give it, where no condition keeps them from it."""
    index, names = context.facts.index, context.facts.names
    for node in index.imports:
        if index.parent[node] is index.tree and start(node) < start(statement):
            for alias in node.names:
                known = alias.asname or alias.name
                if index.module.uses_of(known)[:1] == [alias]:
                    if names.qualified(ast.Name(known, ast.Load()), index.module) == qualified:
                        yield known


def _offset(context: Context, statement: ast.AST) -> int:
    """Behind the last import above the statement; else behind the docstring; else on top."""
    facts = context.facts
    here = facts.chunk_at(statement.lineno)  # type: ignore[attr-defined]
    above = (
        facts.chunk_at(node.lineno)
        for node in reversed(facts.index.imports)
        if facts.index.parent[node] is facts.tree
    )
    last = next((c for c in above if c.index < here.index and _begins_with_import(c)), None)
    if last is None and here.index and ast.get_docstring(facts.tree) is not None:
        last = facts.chunks[0]
    return here.start if last is None else last.end


def _begins_with_import(chunk: Chunk) -> bool:
    return isinstance(chunk.statements[0], (ast.Import, ast.ImportFrom))
