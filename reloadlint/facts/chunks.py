"""Chunks: runs of top-level statements that share lines, so that each can be parsed by itself."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from reloadlint.source import SourceFile


@dataclass(frozen=True)
class Chunk:
    """Statements of the module that stand on the same lines (nearly always a single one).

    `start` is the offset of the first line's beginning, `end` that behind the last line.
    """

    index: int
    first_line: int
    last_line: int
    start: int
    end: int
    statements: tuple[ast.stmt, ...]


def chunks(source: SourceFile, tree: ast.Module) -> tuple[Chunk, ...]:
    """Cut the module's statements where no line is shared."""
    groups: list[list[ast.stmt]] = []
    for statement in tree.body:
        if groups and first_line(statement) <= (groups[-1][-1].end_lineno or 0):
            groups[-1].append(statement)
        else:
            groups.append([statement])
    return tuple(_chunk(source, i, group) for i, group in enumerate(groups))


def _chunk(source: SourceFile, index: int, group: list[ast.stmt]) -> Chunk:
    first, last = first_line(group[0]), max(statement.end_lineno or 0 for statement in group)
    start = source.line_starts[first - 1]
    return Chunk(index, first, last, start, source.line_end(last), tuple(group))


def first_line(statement: ast.stmt) -> int:
    """The line on which a statement starts, its decorators included."""
    decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
    return min(statement.lineno, decorators[0].lineno) if decorators else statement.lineno
