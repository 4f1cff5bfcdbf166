"""Excerpts: what libcst has to see of a chunk so that rules can look at some of its nodes.

libcst takes ten times as long for a line as CPython's parser does. So it gets the statements whole
that the nodes are, or are in; of the compound statements around these the heads, and `pass` in
place of all others.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from itertools import groupby, takewhile
from typing import Any, Final

from reloadlint.facts.chunks import Chunk, first_line
from reloadlint.facts.index import Index, child_nodes
from reloadlint.source import SourceFile

_BLOCKS: Final = frozenset({"body", "orelse", "finalbody"})
_CLAUSES: Final = frozenset({"handlers", "cases"})


@dataclass
class Excerpt:
    """`text` stands for the chunk.

    Of the nodes of `ast`, it has those in `whole` with all that is in them, and of those in `heads`
    what comes before the colon.
    """

    chunk: Chunk
    text: str = ""
    whole: list[ast.AST] = field(default_factory=list)
    heads: list[ast.AST] = field(default_factory=list)


def chain_cost(source: SourceFile, excerpt: Excerpt) -> int:
    """How many characters libcst copies to parse the long chains of calls and operators.

    For each link of `a.b().c()…` or `a + b + …` it copies all that stands in front.
    """
    if len(excerpt.text) < _SHORT:
        return 0
    cost, seen = 0, set[ast.AST]()
    stack = [*excerpt.whole]
    while stack:
        node = stack.pop()
        links, inner = 0, node
        while type(inner) in _FRONTS and inner not in seen:
            seen.add(inner)
            links, inner = links + 1, getattr(inner, _FRONTS[type(inner)])
        if links > _FEW:
            cost += links * _length(source, node) // 2
        stack += child_nodes(node)
    return cost


def node_count(excerpt: Excerpt) -> int:
    """How many nodes libcst is to parse with all that is in them; 0 for a text with few."""
    if len(excerpt.text) < _LARGE:
        return 0
    count, stack = 0, [*excerpt.whole]
    while stack:
        count += 1
        stack += child_nodes(stack.pop())
    return count


_LARGE: Final = 100_000  # characters; no text with fewer takes long
_SHORT: Final = 2_000  # characters in which no chain takes long
_FEW: Final = 64
_FRONTS: Final[dict[type[ast.AST], str]] = {
    ast.Attribute: "value",
    ast.BinOp: "left",
    ast.Call: "func",
    ast.Subscript: "value",
}


def _length(source: SourceFile, node: Any) -> int:
    start = source.offset(node.lineno, node.col_offset)
    return source.offset(node.end_lineno, node.end_col_offset) - start


def whole_chunk(source: SourceFile, chunk: Chunk) -> Excerpt:
    """All of the chunk."""
    return Excerpt(chunk, source.text[chunk.start : chunk.end], [*chunk.statements])


def excerpt(source: SourceFile, index: Index, chunk: Chunk, wanted: Collection[ast.AST]) -> Excerpt:
    """What shows the nodes `wanted`, with all that is in them."""
    path: set[ast.AST] = set()
    for node in wanted:
        path.add(node)
        path.update(takewhile(lambda up: up not in path, index.ancestors(node)))
    return _Cutter(source, chunk, set(wanted), path).cut()


class _Cutter:
    """Goes down to the wanted nodes, and notes the gaps: offsets of what `pass` stands for."""

    def __init__(
        self, source: SourceFile, chunk: Chunk, wanted: set[ast.AST], path: set[ast.AST]
    ) -> None:
        self._source = source
        self._wanted = wanted
        self._path = path
        self._gaps: list[tuple[int, int]] = []
        self._excerpt = Excerpt(chunk)

    def cut(self) -> Excerpt:
        chunk, text = self._excerpt.chunk, self._source.text
        self._block(chunk.statements)
        parts, last = [], chunk.start
        for start, end in sorted(self._gaps):
            parts += [text[last:start], "pass"]
            last = end
        self._excerpt.text = "".join([*parts, text[last : chunk.end]])
        return self._excerpt

    def _block(self, statements: Sequence[ast.stmt]) -> None:
        for is_kept, run in groupby(statements, self._is_kept):
            parts = list(run)
            if is_kept:
                for statement in parts:
                    self._keep(statement)
            else:
                self._gaps.append((self._start(parts[0]), self._end(parts[-1])))

    def _is_kept(self, statement: ast.stmt) -> bool:
        return statement in self._path or self._is_elif(statement)

    def _is_elif(self, statement: ast.stmt) -> bool:
        """True for a statement in the tree that is none in the text."""
        is_if = isinstance(statement, ast.If)
        return is_if and self._source.text.startswith("elif", self._start(statement))

    def _keep(self, node: ast.AST) -> None:
        is_compound = not _BLOCKS.union(_CLAUSES).isdisjoint(node._fields)
        if node in self._wanted or not is_compound:
            self._excerpt.whole.append(node)
            return
        self._excerpt.heads.append(node)
        for name in node._fields:
            value = getattr(node, name, None)
            parts: list[Any] = value if isinstance(value, list) else [value]
            if name in _BLOCKS and parts:
                self._block(parts)
            elif name in _CLAUSES:
                for clause in parts:
                    self._keep(clause)
            else:
                self._excerpt.whole += [part for part in parts if isinstance(part, ast.AST)]

    def _start(self, statement: ast.stmt) -> int:
        line = first_line(statement)
        if line == statement.lineno:
            return self._source.offset(line, statement.col_offset)
        text = self._source.line(line)  # of a decorator, which nothing stands in front of
        return self._source.line_starts[line - 1] + len(text) - len(text.lstrip(" \t\f"))

    def _end(self, statement: ast.stmt) -> int:
        assert statement.end_lineno is not None
        assert statement.end_col_offset is not None
        return self._source.offset(statement.end_lineno, statement.end_col_offset)
