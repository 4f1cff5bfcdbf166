"""One libcst walk over an excerpt: every rule's visitors are called, and told what is what.

libcst computes no positions here. Nodes of the two trees are paired by their order: the n-th
lambda of a statement, in the order of the text, is the n-th lambda of the other tree.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Sequence, Set
from functools import cache
from typing import Any, Final

import libcst as cst

from reloadlint.errors import ReloadlintError, WalkError
from reloadlint.facts.excerpts import Excerpt
from reloadlint.facts.index import child_nodes
from reloadlint.rule import Context, Rule
from reloadlint.source import SourceFile
from reloadlint.timing import spent

# Kinds that are one to one in libcst and in `ast`. What stands in an f-string or an import is left
# out on both sides: `ast` has no exact positions there before 3.12, and no nodes, respectively.
TRACKED: Final[dict[type[ast.AST], type[cst.CSTNode]]] = {
    ast.Lambda: cst.Lambda,
    ast.FunctionDef: cst.FunctionDef,
    ast.AsyncFunctionDef: cst.FunctionDef,
    ast.ClassDef: cst.ClassDef,
    ast.Call: cst.Call,
    ast.Attribute: cst.Attribute,
    ast.Assign: cst.Assign,
    ast.AnnAssign: cst.AnnAssign,
    ast.AugAssign: cst.AugAssign,
    ast.ImportFrom: cst.ImportFrom,
    ast.For: cst.For,
    ast.If: cst.If,
    ast.Try: cst.Try,
    ast.AsyncFor: cst.For,
    ast.While: cst.While,
}
_CLOSED: Final = frozenset((cst.FormattedString, cst.Import, cst.ImportFrom, *(
    getattr(cst, name) for name in ("TemplatedString",) if hasattr(cst, name)
)))  # fmt: skip
_BACKSLASH_ALONE: Final = re.compile(r"(?:^|[\r\n])[ \t\f]*\\[\r\n]")
_STRINGS: Final = (ast.JoinedStr, *(getattr(ast, n) for n in ("TemplateStr",) if hasattr(ast, n)))
_CST_KINDS: Final = frozenset(TRACKED.values())

_Visit = Callable[[Any], object]
_Event = tuple[bool, cst.CSTNode]  # whether it is entered or left


def walk(context: Context, excerpt: Excerpt, rules: Sequence[type[Rule]]) -> list[WalkError]:
    """Parse `excerpt` with libcst and let every rule visit it; findings go into `context`.

    Returns the failures of rules, each of which visits nothing more here. Raises WalkError where
    libcst cannot parse what CPython has parsed.
    """
    path, line = context.source.path, excerpt.chunk.first_line
    with spent("libcst"):
        context.module = _parse(context.source, excerpt)
    instances = [rule(context) for rule in rules]
    visits, leaves = _methods(instances, "visit_"), _methods(instances, "leave_")
    with spent("libcst"):
        tracked, events = _look_through(context.module, visits.keys(), leaves.keys())
        context.node_of = _pair(tracked, path, excerpt)
    failed: dict[Rule, WalkError] = {}
    for is_visit, node in events:
        for rule, method in (visits if is_visit else leaves)[type(node).__name__]:
            if rule in failed:
                continue
            try:
                with spent(rule.code):
                    method(node)
            except ReloadlintError:
                raise
            except Exception as error:
                failed[rule] = WalkError.by(rule.code, path, line, error)
    return list(failed.values())


def _parse(source: SourceFile, excerpt: Excerpt) -> cst.Module:
    text, line = excerpt.text.lstrip("\ufeff"), excerpt.chunk.first_line
    try:
        module = cst.parse_module(text)
    except Exception as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        reason = f"does not take what CPython takes: {reason}"
        raise WalkError(source.path, line, "libcst", reason) from error
    # Of such a line it takes the indentation for that of the statement, and forgets the line.
    if _BACKSLASH_ALONE.search(text) and module.code != text:
        reason = "does not see a line of a backslash alone as CPython does"
        raise WalkError(source.path, line, "libcst", reason)
    return module


# ----------------------------------------------------------------------------- the libcst tree


def _look_through(
    tree: cst.Module, visited: Set[str], left: Set[str]
) -> tuple[dict[type[cst.CSTNode], list[cst.CSTNode]], list[_Event]]:
    """The tracked nodes by kind, in the order of the text, and what the rules want to see.

    libcst's own `visit` makes every node anew, which takes about as long as to parse it.
    """
    tracked: dict[type[cst.CSTNode], list[cst.CSTNode]] = {kind: [] for kind in _CST_KINDS}
    events: list[_Event] = []
    fields = _ALL_FIELDS if _include_marks(visited | left) else _FIELDS
    stack: list[Any] = [tree]
    while stack:
        node = stack.pop()
        kind = type(node)
        if kind is tuple:
            events.append(node)
            continue
        if kind in tracked:
            tracked[kind].append(node)
        if kind.__name__ in visited:
            events.append((True, node))
        if kind.__name__ in left:
            stack.append((False, node))
        if kind not in _CLOSED:
            if kind not in fields:
                _learn_fields(node)
            for name in fields[kind]:
                value = getattr(node, name)
                if isinstance(value, (tuple, list)):
                    stack += value[::-1]
                elif value is not None and not isinstance(value, cst.MaybeSentinel):
                    stack.append(value)
    return tracked, events


# What holds no other nodes but white space, and is in few rules' interest.
_MARKS: Final = (
    cst.AssignEqual,
    cst.Asynchronous,
    cst.BaseAugOp,
    cst.BaseBinaryOp,
    cst.BaseBooleanOp,
    cst.BaseCompOp,
    cst.BaseParenthesizableWhitespace,
    cst.BaseUnaryOp,
    cst.Colon,
    cst.Comma,
    cst.Comment,
    cst.Dot,
    cst.EmptyLine,
    cst.LeftCurlyBrace,
    cst.LeftParen,
    cst.LeftSquareBracket,
    cst.Newline,
    cst.ParamSlash,
    cst.RightCurlyBrace,
    cst.RightParen,
    cst.RightSquareBracket,
    cst.Semicolon,
    cst.TrailingWhitespace,
)
_MARK_FIELDS: Final = re.compile(
    "(whitespace|leading_lines|lines_after|header$|footer$|asynchronous$|equal$|operator$|relative$"
    "|posonly_ind$|dot$|semicolon$|(first_|second_)?colon$|comma$|[lr](par|brace|bracket)$)"
)
# By kind, the fields that hold nodes, from the last in the text to the first.
_Fields = dict[type[cst.CSTNode], tuple[str, ...]]
_ALL_FIELDS: Final[_Fields] = {}  # reloadlint: ignore[RL202] -- learnt again
_FIELDS: Final[_Fields] = {}  # reloadlint: ignore[RL202] -- learnt again


def _include_marks(names: Set[str]) -> bool:
    kinds = (getattr(cst, name, None) for name in names)
    return any(isinstance(kind, type) and issubclass(kind, _MARKS) for kind in kinds)


def _learn_fields(node: cst.CSTNode) -> None:
    """Ask libcst, once for each kind, in which order it goes through the fields."""
    order = _Order()
    node.visit(order)
    found = _ALL_FIELDS[type(node)] = tuple(reversed(order.fields))
    _FIELDS[type(node)] = tuple(name for name in found if not _MARK_FIELDS.match(name))


class _Order(cst.CSTVisitor):
    """Notes the fields of the node that it is sent to."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: list[str] = []
        self._is_inside = False

    def on_visit(self, node: cst.CSTNode) -> bool:
        is_outside, self._is_inside = not self._is_inside, True
        return is_outside

    def on_visit_attribute(self, node: cst.CSTNode, attribute: str) -> None:
        self.fields.append(attribute)


def _pair(
    found: dict[type[cst.CSTNode], list[cst.CSTNode]], path: str, excerpt: Excerpt
) -> dict[cst.CSTNode, ast.AST]:
    """Pair with the nodes of `ast`; raise WalkError where the two trees do not agree."""
    expected = _tracked(excerpt)
    pairs: dict[cst.CSTNode, ast.AST] = {}
    for kind in _CST_KINDS:
        nodes, others = found.get(kind, []), expected.get(kind, [])
        if len(nodes) != len(others):
            reason = f"sees {len(nodes)} {kind.__name__} nodes where CPython has {len(others)}"
            raise WalkError(path, excerpt.chunk.first_line, "libcst", reason)
        pairs.update(zip(nodes, others, strict=True))
    return pairs


def _tracked(excerpt: Excerpt) -> dict[type[cst.CSTNode], list[ast.AST]]:
    """The tracked `ast` nodes of an excerpt by libcst kind, in the order of the text."""
    found: dict[type[cst.CSTNode], list[ast.AST]] = {}
    for node in excerpt.heads:
        kind = TRACKED.get(type(node))
        if kind is not None:
            found.setdefault(kind, []).append(node)
    stack = [*excerpt.whole]
    while stack:
        node = stack.pop()
        kind = TRACKED.get(type(node))
        if kind is not None:
            found.setdefault(kind, []).append(node)
        if not isinstance(node, _STRINGS):
            stack += child_nodes(node)
    for nodes in found.values():
        nodes.sort(key=_text_order)
    return found


def _text_order(node: ast.AST) -> tuple[int, int, int, int]:
    """What starts earlier comes first; of two that start together, the outer one."""
    start = (node.lineno, node.col_offset)  # type: ignore[attr-defined]
    end = (node.end_lineno, node.end_col_offset)  # type: ignore[attr-defined]
    return (*start, -end[0], -end[1])


def _methods(rules: Sequence[Rule], prefix: str) -> dict[str, list[tuple[Rule, _Visit]]]:
    found: dict[str, list[tuple[Rule, _Visit]]] = {}
    for rule in rules:
        for name in _names(type(rule), prefix):  # type: ignore[arg-type]
            found.setdefault(name[len(prefix) :], []).append((rule, getattr(rule, name)))
    return found


@cache
def _names(rule: type[Rule], prefix: str) -> tuple[str, ...]:  # reloadlint: ignore[RL205]
    return tuple(name for name in dir(rule) if name.startswith(prefix))
