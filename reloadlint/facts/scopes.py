"""CPython's own symbol tables, paired with the scopes of the index: the truth about captures."""

from __future__ import annotations

import ast
import symtable
import warnings
from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise
from typing import TypeAlias

from reloadlint.errors import SyntaxFailure
from reloadlint.facts.index import COMPREHENSIONS, FUNCTIONS, TYPE_SCOPES, Scope

_TABLE_NAMES = {
    ast.ListComp: "listcomp",
    ast.SetComp: "setcomp",
    ast.DictComp: "dictcomp",
    ast.GeneratorExp: "genexpr",
}
_Key: TypeAlias = "tuple[str, str, int]"
_WITHOUT_TABLE = (*COMPREHENSIONS, *TYPE_SCOPES)


class SymbolTables:
    """Looks up the symbol table of a scope; tables are paired with scopes as they are asked for.

    A table carries a name and a line, no column. Tables of one name on one line are told apart by
    their order, which is the order of `Scope.children`.
    """

    def __init__(self, text: str, path: str, module: Scope) -> None:
        """Raise SyntaxFailure for what the parser takes and the compiler's symbol pass refuses."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # invalid escapes are other linters' matter
                top = symtable.symtable(text, path, "exec")
        except SyntaxError as error:
            raise SyntaxFailure(
                path, error.lineno or 1, error.offset or 1, error.msg or "invalid syntax"
            ) from None
        self._tables: dict[Scope, symtable.SymbolTable | None] = {module: top}

    def table(self, scope: Scope) -> symtable.SymbolTable | None:
        """The table of `scope`; None where it has none.

        Such are comprehensions that the compiler inlines (3.12), type parameters and aliases, and
        what stands in annotations that nothing evaluates.
        """
        path = [scope]
        while path[-1] not in self._tables and path[-1].parent is not None:
            path.append(path[-1].parent)
        for outer, inner in pairwise(reversed(path)):
            if inner not in self._tables:
                self._pair_children(outer)
        return self._tables.get(scope)

    def _pair_children(self, outer: Scope) -> None:
        table = self._tables.get(outer)
        pool: dict[_Key, list[symtable.SymbolTable]] = defaultdict(list)
        for child in function_tables(table) if table else ():
            pool[_key_of_table(child)].append(child)
        waiting = {key: iter(tables) for key, tables in pool.items()}
        stack = outer.children[::-1]
        while stack:
            inner = stack.pop()
            own = next(waiting.get(_key_of_scope(inner), iter(())), None)
            self._tables[inner] = own
            if own is None and isinstance(inner.node, _WITHOUT_TABLE):
                stack += inner.children[::-1]  # whose tables stand in place of its own

    def free_names(self, scope: Scope) -> tuple[str, ...] | None:
        """The free variables of a function's scope, sorted; None where no table is known."""
        table = self.table(scope)
        if not isinstance(table, symtable.Function):
            return None
        return tuple(sorted(table.get_frees()))


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
