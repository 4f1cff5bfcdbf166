"""CPython's own symbol tables, paired with the scopes of the index: the truth about captures."""

from __future__ import annotations

import ast
import symtable
from collections.abc import Iterator

from reloadlint.errors import SyntaxFailure
from reloadlint.facts.index import COMPREHENSIONS, FUNCTIONS, Scope

_TABLE_NAMES = {
    ast.Lambda: "lambda",
    ast.ListComp: "listcomp",
    ast.SetComp: "setcomp",
    ast.DictComp: "dictcomp",
    ast.GeneratorExp: "genexpr",
}


class SymbolTables:
    """Looks up the symbol table of a scope; tables are paired with scopes as they are asked for.

    A table carries a name and a line, no column. Tables of one name on one line are told apart by
    their order, which is the order in which the index visits them.
    """

    def __init__(self, text: str, path: str, module: Scope) -> None:
        """Raise SyntaxFailure for what the parser takes and the compiler's symbol pass refuses."""
        try:
            top = symtable.symtable(text, path, "exec")
        except SyntaxError as error:
            raise SyntaxFailure(
                path, error.lineno or 1, error.offset or 1, error.msg or "invalid syntax"
            ) from None
        self._tables: dict[Scope, symtable.SymbolTable | None] = {module: top}
        self._paired: set[Scope] = set()

    def table(self, scope: Scope) -> symtable.SymbolTable | None:
        """The table of `scope`; None where no table could be paired with it."""
        if scope not in self._tables:
            assert scope.parent is not None
            self._pair_children(scope.parent)
        return self._tables[scope]

    def _pair_children(self, scope: Scope) -> None:
        table = self.table(scope)
        pool: dict[tuple[str, int], list[symtable.SymbolTable]] = {}
        for child in function_tables(table) if table else ():
            pool.setdefault((child.get_name(), child.get_lineno()), []).append(child)
        for inner in _visiting_order(scope.children):
            candidates = pool.get(_table_key(inner.node))
            self._tables[inner] = candidates.pop(0) if candidates else None

    def free_names(self, scope: Scope) -> tuple[str, ...] | None:
        """The free variables of a function's scope, sorted; None where no table is known."""
        table = self.table(scope)
        if not isinstance(table, symtable.Function):
            return None
        return tuple(sorted(table.get_frees()))

    def binder(self, scope: Scope, name: str) -> Scope | None:
        """The enclosing scope whose local `name` is captured in `scope`.

        None for `__class__`, which the class statement itself binds, and for type parameters.
        """
        for outer in scope.enclosing():
            if not outer.is_function:
                continue
            table = self.table(outer)
            if table is not None and name in table.get_identifiers():
                symbol = table.lookup(name)
                if symbol.is_local() and not symbol.is_free():
                    return outer
        return None


def _visiting_order(children: list[Scope]) -> list[Scope]:
    """Scopes in the order of CPython's symbol pass, out of that in which they begin.

    A lambda in the defaults of another, or a comprehension in the first iterable of another, is a
    sibling of it, and is finished before the outer one is begun.
    """
    ordered: list[Scope] = []
    pending: list[Scope] = []
    for inner in children:
        while pending and not _contains(pending[-1].node, inner.node):
            ordered.append(pending.pop())
        pending.append(inner)
    return [*ordered, *reversed(pending)]


def _contains(outer: ast.AST, inner: ast.AST) -> bool:
    start, end = (outer.lineno, outer.col_offset), (outer.end_lineno, outer.end_col_offset)  # type: ignore[attr-defined]
    is_inside: bool = start <= (inner.lineno, inner.col_offset) < end  # type: ignore[attr-defined]
    return is_inside


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


def _table_key(node: ast.AST) -> tuple[str, int]:
    line: int = node.lineno  # type: ignore[attr-defined]
    if isinstance(node, (*FUNCTIONS, ast.ClassDef)):
        return (node.name, line)
    assert isinstance(node, (ast.Lambda, *COMPREHENSIONS))
    return (_TABLE_NAMES[type(node)], line)
