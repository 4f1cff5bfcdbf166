"""One text of a module: its top-level statements, its scopes and the code compiled for each."""

from __future__ import annotations
import __future__

import ast
import io
from bisect import bisect_right
from collections.abc import Iterator
from functools import cached_property
from types import CodeType
from typing import Any

FUTURES = 0
for _name in __future__.all_feature_names:
    FUTURES |= getattr(__future__, _name).compiler_flag

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
SCOPES = (*FUNCTIONS, ast.ClassDef)
Trail = tuple[tuple[ast.AST, str, int], ...]


class Scope:
    """A function, lambda or class. `trail` leads from the parent's node down to it."""

    def __init__(self, node: ast.AST, parent: Scope | None, trail: Trail = ()) -> None:
        self.node = node
        self.parent = parent
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
    def first_line(self) -> int:
        """Where CPython lets the code of this scope begin: at the first decorator."""
        return first_line(self.node)


def first_line(node: ast.AST) -> int:
    """The line on which a statement begins, decorators included."""
    decorators = getattr(node, "decorator_list", [])
    line: int = min(part.lineno for part in [node, *decorators])
    return line


class Statement:
    """A top-level statement, or one in the body of a class."""

    def __init__(self, node: ast.stmt, lines: list[str]) -> None:
        self.node = node
        self.first = first_line(node)
        self.last = node.end_lineno or node.lineno
        self.text = "".join(lines[self.first - 1 : self.last])

    @cached_property
    def imprint(self) -> Any:
        """What the statement does at import."""
        return imprint(self.node)


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
        self._scopes: dict[int, list[Scope]] = {}
        for const in self.code.co_consts:
            if isinstance(const, CodeType):
                self._codes.setdefault(self.index_at(const.co_firstlineno), []).append(const)

    def index_at(self, line: int) -> int:
        """Which statement stands on a line: the last one that begins there or above."""
        return bisect_right(self._firsts, line) - 1

    def codes_of(self, index: int) -> list[CodeType]:
        """The codes made directly in a statement; its last neighbour has those of a shared line."""
        return self._codes.get(index, [])

    def scopes_of(self, index: int) -> list[Scope]:
        """The outermost scopes of a statement."""
        if index not in self._scopes:
            self._build(index)
        return self._scopes[index]

    def scope_of(self, code: CodeType) -> Scope | None:
        """The scope that a code of this version was compiled from."""
        line = code.co_firstlineno
        for index in self._sharing_lines(max(self.index_at(line), 0)):
            for outer in self.scopes_of(index) if self.statements else ():
                for scope in outer.walk():
                    if scope.code == code:
                        return scope
        return None

    def _sharing_lines(self, index: int) -> range:
        start, end = index, index + 1
        while start and self.statements[start - 1].last >= self.statements[start].first:
            start -= 1
        while end < len(self.statements) and (
            self.statements[end].first <= self.statements[end - 1].last
        ):
            end += 1
        return range(start, end)

    def _build(self, index: int) -> None:
        neighbours = self._sharing_lines(index)
        codes = [code for i in neighbours for code in self.codes_of(i)]
        for i in neighbours:
            self._scopes[i] = self.build_scopes(self.tree.body[i], i)
        scopes = [scope for i in neighbours for scope in self._scopes[i]]
        _assign_codes(scopes, list(_without_transparent(codes)))

    def build_scopes(self, node: ast.stmt, index: int) -> list[Scope]:
        """The outermost scopes of a tree that stands for the statement, still without code."""
        root = Scope(self.tree, None)
        _add(root, node, ((self.tree, "body", index),))
        return root.children

    def compile_statement(self, node: ast.stmt, index: int | None = None) -> CodeType:
        """The code of one statement, to be run in the module's namespace.

        With the index of the statement, what it makes has the very codes of this version: compiled
        alone, a call of an imported name gives other instructions than in its module.
        """
        flags = self.code.co_flags & FUTURES
        code: CodeType = compile(
            ast.Module([node], []), self.filename, "exec", flags, dont_inherit=True
        )
        mine = self.codes_of(index) if index is not None else []
        own = [const for const in code.co_consts if isinstance(const, CodeType)]
        if [each.co_name for each in mine] != [each.co_name for each in own]:
            return code
        rest = iter(mine)
        consts = [next(rest) if isinstance(const, CodeType) else const for const in code.co_consts]
        return code.replace(co_consts=tuple(consts))

    def compile_scope(self, node: ast.stmt, scope: Scope) -> CodeType | None:
        """The code of one scope in a tree that stands for its statement."""
        outermost = scope
        while outermost.parent is not None and outermost.parent.parent is not None:
            outermost = outermost.parent
        assert outermost.parent is not None
        codes = list(inner_codes(self.compile_statement(node)))
        _assign_codes(outermost.parent.children, codes)
        return scope.code


def split_lines(text: str) -> list[str]:
    """The lines as Python's grammar counts them; str.splitlines knows more line ends."""
    lines = io.StringIO(text, newline=None).readlines()
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"  # as linecache has it
    return lines


def is_transparent(code: CodeType) -> bool:
    """Whether the code belongs to no scope of the text's author: comprehensions and the like."""
    name = code.co_name
    return (name.startswith("<") and name != "<lambda>") or name == "__annotate__"


def inner_codes(code: CodeType) -> Iterator[CodeType]:
    """The codes of the scopes directly inside, those in comprehensions included."""
    return _without_transparent([const for const in code.co_consts if isinstance(const, CodeType)])


def _without_transparent(codes: list[CodeType]) -> Iterator[CodeType]:
    for code in codes:
        if is_transparent(code):
            yield from inner_codes(code)
        else:
            yield code


def _add_children(scope: Scope, node: ast.AST, trail: Trail = ()) -> None:
    for field, value in ast.iter_fields(node):
        for index, child in enumerate(value if isinstance(value, list) else [value]):
            if isinstance(child, ast.AST):
                _add(scope, child, (*trail, (node, field, index)))


def _add(scope: Scope, node: ast.AST, trail: Trail) -> None:
    if not isinstance(node, SCOPES):
        _add_children(scope, node, trail)
        return
    inner = Scope(node, scope, trail)
    for field, value in ast.iter_fields(node):
        # Decorators, defaults and bases are evaluated outside.
        parent, path = (inner, ()) if field == "body" else (scope, trail)
        for index, child in enumerate(value if isinstance(value, list) else [value]):
            if isinstance(child, ast.AST):
                _add(parent, child, (*path, (node, field, index)))
    scope.children.append(inner)


def _assign_codes(scopes: list[Scope], codes: list[CodeType]) -> None:
    groups: dict[tuple[str, int], list[CodeType]] = {}
    for code in codes:
        groups.setdefault((code.co_name, code.co_firstlineno), []).append(code)
    children: dict[tuple[str, int], list[Scope]] = {}
    for child in scopes:
        children.setdefault((child.name, child.first_line), []).append(child)
    for key, twins in children.items():
        found = sorted(groups.get(key, ()), key=_position) if len(twins) > 1 else groups.get(key)
        if len(twins) > 1:
            twins.sort(key=lambda scope: (scope.node.lineno, scope.node.col_offset))  # type: ignore[attr-defined]
        for index, child in enumerate(twins):
            if found:
                # 3.10 knows no columns and makes one constant of equal lambdas in a line.
                child.code = found[min(index, len(found) - 1)]
                _assign_codes(child.children, list(inner_codes(child.code)))


def _position(code: CodeType) -> tuple[int, int]:
    """Where the first instruction stands. Always the same in 3.10, and sorting is stable."""
    if not hasattr(code, "co_positions"):
        return (0, 0)
    places = [
        (line or 0, column)
        for line, _, column, end in code.co_positions()
        if column is not None and (column or end)
    ]
    return min(places, default=(0, 0))


def imprint(node: Any) -> Any:
    """What a tree does when its module is imported: all but the bodies of functions."""
    return freeze(node, FUNCTIONS)


def freeze(node: Any, without_body: Any = (), names: dict[str, str] | None = None) -> Any:
    """A tree as nested tuples, without positions."""
    if isinstance(node, ast.AST):
        skipped = ("body", "ctx") if isinstance(node, without_body) else ("ctx",)
        fields = [field for field in node._fields if field not in skipped]
        parts = [freeze(getattr(node, field, None), without_body, names) for field in fields]
        return (type(node).__name__, *parts)
    if isinstance(node, list):
        return tuple(freeze(part, without_body, names) for part in node)
    if names and isinstance(node, str):
        return names.get(node, node)
    return (
        (type(node).__name__, repr(node))
        if isinstance(node, (complex, float))
        else (
            type(node).__name__,
            node,
        )
    )
