"""CPython's own symbol tables, paired with the scopes of the index: the truth about captures."""

from __future__ import annotations

import ast
import symtable
import warnings
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import pairwise
from typing import TypeAlias

from reloadlint.errors import SyntaxFailure
from reloadlint.facts.chunks import Chunk
from reloadlint.facts.index import COMPREHENSIONS, FUNCTIONS, TYPE_SCOPES, Index, Scope
from reloadlint.source import SourceFile

_TABLE_NAMES = {
    ast.ListComp: "listcomp",
    ast.SetComp: "setcomp",
    ast.DictComp: "dictcomp",
    ast.GeneratorExp: "genexpr",
}
_Key: TypeAlias = "tuple[str, str, int]"
_WITHOUT_TABLE = (*COMPREHENSIONS, *TYPE_SCOPES)


class SymbolTables:
    """Looks up the symbol table of a scope; tables are made and paired as they are asked for.

    A top-level statement means by itself what it means in its module, imports from `__future__`
    aside: CPython is given only those that are asked about.
    """

    def __init__(self, source: SourceFile, chunks: Sequence[Chunk], index: Index) -> None:
        self._source = source
        self._chunks = chunks
        self._starts = [chunk.first_line for chunk in chunks]
        self._index = index
        self._of_chunks: dict[int, _ChunkTables] = {}

    def table(self, scope: Scope) -> symtable.SymbolTable | None:
        """The table of `scope`; None where it has none.

        Such are comprehensions that the compiler inlines (3.12), type parameters and aliases, and
        what stands in annotations that nothing evaluates. Raises SyntaxFailure for what the parser
        takes and the compiler's symbol pass refuses.
        """
        module = self._index.module
        path = [scope]
        while path[-1].parent is not module and path[-1].parent is not None:
            path.append(path[-1].parent)
        if isinstance(path[-1].node, ast.Module):
            return _make(self._source.text, self._source.path, 0) if scope is module else None
        number = self._chunk_of(path[-1])
        if number not in self._of_chunks:
            self._of_chunks[number] = self._tables(self._chunks[number], self._scopes_in[number])
        return self._of_chunks[number].table(path)

    def free_names(self, scope: Scope) -> tuple[str, ...] | None:
        """The free variables of a function's scope, sorted; None where no table is known."""
        table = self.table(scope)
        if not isinstance(table, symtable.Function):
            return None
        return tuple(sorted(table.get_frees()))

    @cached_property
    def _scopes_in(self) -> Mapping[int, Sequence[Scope]]:
        """By the numbers of the chunks."""
        found: dict[int, list[Scope]] = defaultdict(list)
        for scope in self._index.module.children:
            found[self._chunk_of(scope)].append(scope)
        return found

    def _chunk_of(self, top: Scope) -> int:
        return bisect_right(self._starts, top.node.lineno) - 1  # type: ignore[attr-defined]

    def _tables(self, chunk: Chunk, scopes: Sequence[Scope]) -> _ChunkTables:
        text = self._source.text[chunk.start : chunk.end]
        lines_above = chunk.first_line - 1
        if self._index.has_lazy_annotations:
            text = f"from __future__ import annotations\n{text}"
            lines_above -= 1
        return _ChunkTables(_make(text, self._source.path, lines_above), scopes, lines_above)


def _make(text: str, path: str, lines_above: int) -> symtable.SymbolTable:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # invalid escapes are other linters' matter
            return symtable.symtable(text, path, "exec")
    except SyntaxError as error:
        line = (error.lineno or 1) + lines_above
        raise SyntaxFailure(path, line, error.offset or 1, error.msg or "invalid syntax") from None


class _ChunkTables:
    """The tables of one chunk, paired with its `scopes`.

    A table carries a name and a line, no column. Tables of one name on one line are told apart by
    their order, which is the order of `Scope.children`.
    """

    def __init__(
        self, module: symtable.SymbolTable, scopes: Sequence[Scope], lines_above: int
    ) -> None:
        self._tables: dict[Scope, symtable.SymbolTable | None] = {}
        self._lines_above = lines_above
        self._pair(module, scopes)

    def table(self, path: Sequence[Scope]) -> symtable.SymbolTable | None:
        """The table of the first scope of `path`, which goes on with the scopes around it."""
        for inner, outer in reversed([*pairwise(path)]):
            if inner not in self._tables:
                self._pair(self._tables.get(outer), outer.children)
        return self._tables.get(path[0])

    def _pair(self, outer: symtable.SymbolTable | None, scopes: Sequence[Scope]) -> None:
        pool: dict[_Key, list[symtable.SymbolTable]] = defaultdict(list)
        for child in function_tables(outer) if outer else ():
            kind, name, line = _key_of_table(child)
            pool[kind, name, line + self._lines_above].append(child)
        waiting = {key: iter(tables) for key, tables in pool.items()}
        stack = [*reversed(scopes)]
        while stack:
            inner = stack.pop()
            own = next(waiting.get(_key_of_scope(inner), iter(())), None)
            self._tables[inner] = own
            if own is None and isinstance(inner.node, _WITHOUT_TABLE):
                stack += inner.children[::-1]  # whose tables stand in place of its own


def function_tables(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    """The functions and classes directly under `table`.

    Since 3.12 there are tables between them for type parameters and type aliases, since 3.14 for
    annotations; what these contain is seen as if it stood directly here.
    """
    for child in table.get_children():
        if str(child.get_type()) in {"function", "class"} and child.get_name() != "__annotate__":
            yield child
        else:
            yield from function_tables(child)


def _key_of_table(table: symtable.SymbolTable) -> _Key:
    """Kind, name and line. A def may well be named `listcomp`, a comprehension has a `.0`."""
    name, line = table.get_name(), table.get_lineno()
    if table.get_type() == "class":
        return ("class", name, line)
    is_function = name not in _TABLE_NAMES.values() or ".0" not in table.get_identifiers()
    return ("function" if is_function else "comprehension", name, line)


def _key_of_scope(scope: Scope) -> _Key:
    node = scope.node
    if isinstance(node, ast.ClassDef):
        return ("class", node.name, node.lineno)
    if isinstance(node, FUNCTIONS):
        return ("function", node.name, node.lineno)
    if isinstance(node, ast.Lambda):
        return ("function", "lambda", node.lineno)
    if isinstance(node, COMPREHENSIONS):
        return ("comprehension", _TABLE_NAMES[type(node)], node.lineno)
    return ("type parameters", "", 0)  # the key of no table
