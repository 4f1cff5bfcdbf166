"""One text of a module: its top-level statements, its scopes and the code compiled for each."""

from __future__ import annotations

import ast
import io
import weakref
from bisect import bisect_right
from collections.abc import Iterator
from functools import cached_property
from types import CodeType
from typing import Any

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
SCOPES = (*FUNCTIONS, ast.ClassDef)
_FUTURES = 0x1FE0000  # the flags of `from __future__ import …` in co_flags
Trail = tuple[tuple[ast.AST, str, int], ...]


class Scope:
    """A function, lambda or class. `trail` leads from the parent's node down to it."""

    def __init__(self, node: ast.AST, parent: Scope | None, trail: Trail = ()) -> None:
        self.node: Any = node
        self._parent = weakref.ref(parent) if parent else None  # no cycles: trees are large
        self.trail = trail
        self.children: list[Scope] = []
        self.code: CodeType | None = None
        self.name = getattr(node, "name", "<lambda>")

    def walk(self) -> Iterator[Scope]:
        """This scope and all inside it."""
        yield self
        for child in self.children:
            yield from child.walk()

    @property
    def parent(self) -> Scope | None:
        """The scope around it."""
        return self._parent() if self._parent else None

    @property
    def function(self) -> Scope | None:
        """The function around this scope, past classes."""
        outer = self.parent
        while outer is not None and isinstance(outer.node, ast.ClassDef):
            outer = outer.parent
        return outer if outer is not None and isinstance(outer.node, FUNCTIONS) else None


def first_line(node: Any) -> int:
    """The line on which a statement begins, decorators included, as CPython counts."""
    line: int = min(part.lineno for part in [node, *getattr(node, "decorator_list", [])])
    return line


class Statement:
    """A top-level statement."""

    def __init__(self, node: ast.stmt, lines: list[str]) -> None:
        self.node = node
        self.first = first_line(node)
        self.last = node.end_lineno or node.lineno
        self.text = "".join(lines[self.first - 1 : self.last])

    @property
    def head(self) -> str:
        """Its first line, for reports."""
        lines = self.text.strip().splitlines()
        return lines[0] + (" …" if len(lines) > 1 else "")

    @cached_property
    def imports(self) -> list[ast.ImportFrom]:
        """The `from … import` statements in it."""
        nodes = ast.walk(self.node) if "import" in self.text else ()
        return [node for node in nodes if isinstance(node, ast.ImportFrom)]

    @cached_property
    def imprint(self) -> Any:
        """What the statement does at import; the annotation of a variable is no part of it."""
        node: Any = self.node
        if isinstance(node, ast.AnnAssign) and node.value is not None:
            node = ast.Assign([node.target], node.value)
        return imprint(node)


class Version:
    """A text, compiled. Nothing of it has run."""

    def __init__(self, text: str, filename: str) -> None:
        self.text = text
        self.filename = filename
        self.tree = ast.parse(text, filename)
        self.code: CodeType = compile(text, filename, "exec", dont_inherit=True)
        lines = split_lines(text)
        self.statements = [Statement(node, lines) for node in self.tree.body]
        self._firsts = [statement.first for statement in self.statements]
        self._codes: dict[int, list[CodeType]] = {}
        self._roots: dict[int, Scope] = {}
        for const in codes_in(self.code):
            self._codes.setdefault(self.index_at(const.co_firstlineno), []).append(const)

    def index_at(self, line: int) -> int:
        """Which statement stands on a line: the last one that begins there or above."""
        return bisect_right(self._firsts, line) - 1

    def codes_of(self, index: int) -> list[CodeType]:
        """The codes made directly in a statement; its last neighbour has those of a shared line."""
        return self._codes.get(index, [])

    def scopes_of(self, index: int) -> list[Scope]:
        """The outermost scopes of a statement."""
        if index not in self._roots:
            neighbours = self._sharing_lines(index)
            for i in neighbours:
                root = Scope(self.tree, None)
                _add(root, self.tree.body[i], ((self.tree, "body", i),))
                self._roots[i] = root
            codes = [code for i in neighbours for code in self.codes_of(i)]
            _assign_codes([scope for i in neighbours for scope in self._roots[i].children], codes)
        return self._roots[index].children

    def scope_of(self, code: CodeType) -> Scope | None:
        """The scope that a code of this version was compiled from."""
        indices = self._sharing_lines(self.index_at(code.co_firstlineno))
        scopes = (scope for i in indices for outer in self.scopes_of(i) for scope in outer.walk())
        return next((scope for scope in scopes if scope.code == code), None)

    def _sharing_lines(self, index: int) -> range:
        """The statements, joined by semicolons, that share lines with one of them."""
        start = end = index
        while start > 0 and self.statements[start - 1].last >= self.statements[start].first:
            start -= 1
        last = len(self.statements) - 1
        while 0 <= end < last and self.statements[end + 1].first <= self.statements[end].last:
            end += 1
        return range(max(start, 0), end + 1)

    def compile_statement(self, index: int) -> CodeType:
        """The code of one statement, to be run in the module's namespace.

        What it makes has the very codes of this version: compiled alone, a call of an imported
        name gives other instructions than in its module.
        """
        tree = ast.Module([self.tree.body[index]], [])
        flags = self.code.co_flags & _FUTURES
        code: CodeType = compile(tree, self.filename, "exec", flags, dont_inherit=True)
        mine, own = self.codes_of(index), codes_in(code)
        if [each.co_name for each in mine] != [each.co_name for each in own]:
            return code
        rest = iter(mine)
        consts = [next(rest) if isinstance(const, CodeType) else const for const in code.co_consts]
        return code.replace(co_consts=tuple(consts))


def split_lines(text: str) -> list[str]:
    """The lines as Python's grammar counts them; str.splitlines knows more line ends."""
    lines = io.StringIO(text, newline=None).readlines()
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"  # as linecache has it
    return lines


def codes_in(code: CodeType) -> list[CodeType]:
    """The codes directly inside another one."""
    return [const for const in code.co_consts if isinstance(const, CodeType)]


def all_codes(code: CodeType) -> Iterator[CodeType]:
    """All codes inside another one."""
    for inner in codes_in(code):
        yield inner
        yield from all_codes(inner)


def _of_scopes(codes: list[CodeType]) -> Iterator[CodeType]:
    """The codes that belong to scopes of the text's author: not comprehensions and the like."""
    for code in codes:
        name = code.co_name
        if (name.startswith("<") and name != "<lambda>") or name == "__annotate__":
            yield from _of_scopes(codes_in(code))
        else:
            yield code


def _add(scope: Scope, node: ast.AST, trail: Trail) -> None:
    """Add the scopes in a tree to those of the scope around it."""
    inner = Scope(node, scope, trail) if isinstance(node, SCOPES) else scope
    for field, value in ast.iter_fields(node):
        # Decorators, defaults and bases are evaluated outside.
        inside = inner is not scope and field == "body"
        parent, path = (inner, ()) if inside else (scope, trail)
        for index, child in enumerate(value if isinstance(value, list) else [value]):
            if isinstance(child, ast.AST):
                _add(parent, child, (*path, (node, field, index)))
    if inner is not scope:
        scope.children.append(inner)


def _assign_codes(scopes: list[Scope], codes: list[CodeType]) -> None:
    groups: dict[tuple[str, int], list[CodeType]] = {}
    for code in _of_scopes(codes):
        groups.setdefault((code.co_name, code.co_firstlineno), []).append(code)
    twins: dict[tuple[str, int], list[Scope]] = {}
    for scope in scopes:
        twins.setdefault((scope.name, first_line(scope.node)), []).append(scope)
    for key, alike in twins.items():
        found = sorted(groups.get(key, ()), key=_position)
        alike.sort(key=lambda scope: (scope.node.lineno, scope.node.col_offset))
        for index, scope in enumerate(alike if found else ()):
            # 3.10 knows no columns and makes one constant of equal lambdas in a line.
            scope.code = found[min(index, len(found) - 1)]
            _assign_codes(scope.children, codes_in(scope.code))


def _position(code: CodeType) -> tuple[int, int]:
    """Where the first instruction stands. Always the same in 3.10, and sorting is stable."""
    places = code.co_positions() if hasattr(code, "co_positions") else ()
    found = ((line or 0, column or 0) for line, _, column, end in places if column or end)
    return min(found, default=(0, 0))


def imprint(node: Any) -> Any:
    """What a tree does when its module is imported: all but the bodies of functions."""
    return freeze(node, FUNCTIONS)


def freeze(node: Any, without_body: Any = (), names: dict[str, str] | None = None) -> Any:
    """A tree as nested tuples, without positions."""
    if isinstance(node, list):
        return tuple(freeze(part, without_body, names) for part in node)
    if not isinstance(node, ast.AST):
        if names and isinstance(node, str):
            return names.get(node, node)
        # -0.0 equals 0.0, and True equals 1.
        return type(node).__name__, repr(node) if isinstance(node, (complex, float)) else node
    if isinstance(node, ast.Constant):
        names = None  # a text is no name
    skipped = ("body", "ctx") if isinstance(node, without_body) else ("ctx",)
    fields = [field for field in node._fields if field not in skipped]
    parts = [freeze(getattr(node, field, None), without_body, names) for field in fields]
    return (type(node).__name__, *parts)
