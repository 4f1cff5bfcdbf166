"""What a module calls something of another one, and the import that it needs for that."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from reloadlint.finding import Edit

if TYPE_CHECKING:
    from reloadlint.rule import Context


def imported(
    context: Context, statement: ast.AST, module: str, name: str
) -> tuple[str, tuple[Edit, ...]]:
    """What `module.name` is called in the file, and the import of it if there is none.

    `statement` is part of the top-level statement above which it is needed.
    """
    for known, uses in context.facts.index.module.uses.items():
        if any(_brings(context, use, f"{module}.{name}") for use in uses[:1]):
            return known, ()
    fresh = context.fresh.imported(name)
    alias = "" if fresh == name else f" as {fresh}"
    offset = _offset(context, statement)
    line = f"from {module} import {name}{alias}{context.source.newline}"
    return fresh, (Edit(offset, offset, line),)


def _brings(context: Context, use: ast.AST, qualified: str) -> bool:
    """True for an import at the top level, where no condition can keep it from running."""
    index = context.facts.index
    if not isinstance(use, ast.alias) or index.parent[index.parent[use]] is not index.tree:
        return False
    name = ast.Name(use.asname or use.name, ast.Load())
    return context.facts.names.qualified(name, index.module) == qualified


def _offset(context: Context, statement: ast.AST) -> int:
    """Behind the last import above the statement; else behind the docstring; else on top."""
    offset: int | None = None
    for chunk in context.facts.chunks:
        if chunk.first_line <= statement.lineno <= chunk.last_line:  # type: ignore[attr-defined]
            return chunk.start if offset is None else offset
        first = chunk.statements[0]
        is_docstring = chunk.index == 0 and ast.get_docstring(context.facts.tree) is not None
        if is_docstring or isinstance(first, (ast.Import, ast.ImportFrom)):
            offset = chunk.end
    raise AssertionError("the statement is in no chunk")
