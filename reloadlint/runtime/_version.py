"""One text of a module: its top-level statements, its scopes and the code compiled for each."""

from __future__ import annotations

import ast
import contextlib
import io
from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property
from importlib.util import resolve_name
from itertools import cycle
from types import CellType, CodeType, FunctionType
from typing import Any, cast

from reloadlint.runtime import _syntax

_FUTURES = 0x1FE0000  # the flags of `from __future__ import …` in co_flags
Trail = tuple[tuple[Any, str, int], ...]


class Statement:
    """A top-level statement."""

    def __init__(self, node: Any, lines: list[str]) -> None:
        self.node: ast.stmt = node
        self.first, self.last = first_line(node), node.end_lineno
        self.text = "".join(lines[self.first - 1 : self.last])
        more = " …" if "\n" in self.text.strip() else ""
        self.head = self.text.strip().partition("\n")[0] + more  # for reports
        self.nodes: list[Any] = [node]  # and what adds to its name further down

    @cached_property
    def binds(self) -> frozenset[str]:
        """The names that executing it binds."""
        return frozenset({"__doc__"}) if _syntax.is_text(self.node) else _syntax.binds(self.node)

    @cached_property
    def reads(self) -> set[str]:
        """The names that executing it looks up."""
        more = (_syntax.reads(node) - self.binds - _syntax.binds(node) for node in self.nodes[1:])
        return _syntax.reads(self.node).union(*more)

    @cached_property
    def imprint(self) -> Any:
        """What the statement does at import; the annotation of a variable is no part of it."""
        node = self.node
        if isinstance(node, ast.AnnAssign) and node.value is not None:
            node = ast.Assign([node.target], node.value)
        return _syntax.imprint([node, *self.nodes[1:]])

    def imports(self, package: str) -> list[tuple[str, str, str]]:
        """What executing it imports: of which module, under which name there, and here."""
        found: list[tuple[str, str, str]] = []
        for node in _syntax.walk(self.node) if "import" in self.text else ():
            if isinstance(node, ast.Import):
                found += [(each.name, "", "") for each in node.names]  # never bound anew
            elif isinstance(node, ast.ImportFrom):
                with contextlib.suppress(ImportError):  # the statement itself will fail
                    origin = resolve_name("." * node.level + (node.module or ""), package)
                    found += [(origin, each.name, each.asname or each.name) for each in node.names]
        return found


class Scope:
    """A function, lambda or class. `trail` leads from the node of the scope around it to it."""

    def __init__(self, node: Any, parent: Scope | None, trail: Trail) -> None:
        self.node, self.parent, self.trail = node, parent, trail
        self.name = getattr(node, "name", "<lambda>")
        self.code: CodeType | None = None
        self.index: int = parent.index if parent else trail[0][2]  # of its top-level statement
        self.qualname: str = self.name
        if parent is not None:
            local = ".<locals>" if isinstance(parent.node, _syntax.FUNCTIONS) else ""
            self.qualname = f"{parent.qualname}{local}.{self.name}"

    @property
    def function(self) -> Scope | None:
        """The function around this scope, past classes."""
        outer = self.parent
        while outer is not None and isinstance(outer.node, ast.ClassDef):
            outer = outer.parent
        return outer


class Version:
    """A text and its file as it was when it was read. Nothing of it has run."""

    def __init__(self, filename: str, text: str, stat: tuple[int, int] | None) -> None:
        self.filename, self.text, self.stat = filename, text, stat
        self.code: CodeType | None = None

    def compile(self) -> None:
        """Find the statements and the scopes, unless they have been found."""
        if self.code is not None:
            return
        self.tree = ast.parse(self.text, self.filename)
        self.code = compile(self.text, self.filename, "exec", dont_inherit=True)
        lines = split_lines(self.text)
        # A text that stands alone does nothing, but for the first one.
        first, body = self.tree.body[:1], self.tree.body[1:]
        nodes = [*first, *(each for each in body if not _syntax.is_text(each))]
        self.statements = [Statement(node, lines) for node in nodes]
        for index, each in enumerate(self.statements):
            added = _syntax.adds_to(each.node)
            for maker in self.statements[:index] if added else ():
                if maker.binds & added:
                    maker.nodes.append(each.node)  # one computation
                    maker.text += each.text
        scopes: list[Scope] = []
        for index, statement in enumerate(self.statements):
            trail = ((self.tree, "body", index),)
            scopes += _scopes(statement.node, None, trail, "lambda" in statement.text)
        self.children: dict[Scope | None, list[Scope]] = defaultdict(list)
        for scope in scopes:
            self.children[scope.parent].append(scope)
        _find_codes(scopes, self.code)
        self.scopes = {scope.code: scope for scope in scopes if scope.code}
        # The codes that live functions may have, with what they have become in this version.
        # Not those of annotations and type parameters: CPython's own, and without successors.
        self.lineage = {code: code for code in self.scopes}
        self.classes = {s.qualname: s for s in scopes if isinstance(s.node, ast.ClassDef)}

    @property
    def binds(self) -> set[str]:
        """The names that the module binds."""
        return {name for each in self.statements for name in each.binds}

    def line_of(self, qualname: str) -> int:
        """Where a class is defined; 0 for nowhere."""
        return first_line(self.classes[qualname].node) if qualname in self.classes else 0

    def body_of(self, qualname: str) -> list[ast.stmt]:
        """The statements in a class; none if there is no such class."""
        return self.classes[qualname].node.body if qualname in self.classes else []

    def compile_statement(self, index: int) -> CodeType:
        """The code of one statement, to be run in the module's namespace.

        What it makes has the very codes of this version: compiled alone, a call of an imported
        name gives other instructions than in its module.
        """
        statement = self.statements[index]
        module = cast(CodeType, self.code)
        tree, flags = ast.Module([statement.node], []), module.co_flags & _FUTURES
        code: CodeType = compile(tree, self.filename, "exec", flags, dont_inherit=True)
        lines = range(statement.first, statement.last + 1)
        mine = [each for each in codes_in(module) if each.co_firstlineno in lines]
        if [each.co_name for each in mine] != [each.co_name for each in codes_in(code)]:
            return code  # another statement shares the line
        rest = iter(mine)
        consts = [next(rest) if isinstance(const, CodeType) else const for const in code.co_consts]
        return code.replace(co_consts=tuple(consts))


def _find_codes(scopes: list[Scope], module: CodeType) -> None:
    """Find the code of each scope: by name and line, then by position."""
    places: dict[Any, tuple[list[CodeType], list[Scope]]] = {}
    for code in all_codes(module):
        places.setdefault((code.co_name, code.co_firstlineno), ([], []))[0].append(code)
    for scope in sorted(scopes, key=_start_of_body):
        places.setdefault((scope.name, first_line(scope.node)), ([], []))[1].append(scope)
    for codes, found in places.values():
        known = {_position(code): code for code in codes if len(found) > 1}
        for scope in found:
            scope.code = known.get(_start_of_body(scope))
        # 3.10 knows no columns, 3.12 none of a constant: equal ones in a line are one object.
        rest = cycle([each for each in codes if all(each is not scope.code for scope in found)])
        for scope in found:
            scope.code = scope.code or next(rest, None)


def _start_of_body(scope: Scope) -> tuple[int, int]:
    body: Any = scope.node.body
    first = body[0] if isinstance(body, list) else body
    return first.lineno, first.col_offset


def first_line(node: Any) -> int:
    """The line on which a statement begins, decorators included, as CPython counts."""
    line: int = min(part.lineno for part in [node, *getattr(node, "decorator_list", [])])
    return line


def split_lines(text: str) -> list[str]:
    """The lines as Python's grammar counts them; str.splitlines knows more line ends."""
    return io.StringIO(text, newline=None).readlines()


def codes_in(code: CodeType) -> list[CodeType]:
    """The codes directly inside another one."""
    return [const for const in code.co_consts if isinstance(const, CodeType)]


def all_codes(code: CodeType) -> Iterator[CodeType]:
    """A code, and all codes inside it."""
    yield code
    for inner in codes_in(code):
        yield from all_codes(inner)


def _scopes(node: Any, parent: Scope | None, trail: Trail, deep: bool) -> Iterator[Scope]:
    """All scopes in a tree. Only lambdas stand where statements do not: `deep` looks there."""
    inner = Scope(node, parent, trail) if isinstance(node, _syntax.SCOPES) else None
    for field, value in ast.iter_fields(node):
        # Decorators, defaults and bases are evaluated outside.
        outer, path = (inner, ()) if inner and field == "body" else (parent, trail)
        for index, child in enumerate(value if isinstance(value, list) else [value]):
            if isinstance(child, ast.AST) and (deep or not isinstance(child, ast.expr)):
                yield from _scopes(child, outer, (*path, (node, field, index)), deep)
    if inner is not None:
        yield inner


def _position(code: CodeType) -> tuple[int, ...]:
    """Where the first instruction stands; nothing where that is not known."""
    places: Any = code.co_positions() if hasattr(code, "co_positions") else ()
    return min(((line, column) for line, _, column, end in places if end), default=())


def docstring(code: CodeType) -> str | None:
    """The docstring of a function that is made of the code."""
    return FunctionType(code, {}, closure=tuple(CellType() for _ in code.co_freevars)).__doc__


def does_the_same(one: CodeType, other: CodeType) -> bool:
    """Whether two codes do the same, wherever they stand."""
    return one == other or _bare(one) == _bare(other)


def _bare(code: CodeType) -> CodeType:
    """The code without its place."""
    consts = [_bare(const) if isinstance(const, CodeType) else const for const in code.co_consts]
    return code.replace(co_consts=tuple(consts), co_firstlineno=1, co_linetable=b"", co_filename="")
