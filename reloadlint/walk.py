"""One libcst walk over a statement: every rule's visitors are called, and told what is what.

libcst computes no positions here. Nodes of the two trees are paired by their order: the n-th
lambda of a statement, in the order of the text, is the n-th lambda of the other tree.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence, Set
from typing import Any, Final

import libcst as cst

from reloadlint.errors import ReloadlintError, WalkError
from reloadlint.facts.chunks import Chunk
from reloadlint.rule import Context, Rule

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
_CLOSED: Final = (cst.FormattedString, cst.Import, cst.ImportFrom, *(
    getattr(cst, name) for name in ("TemplatedString",) if hasattr(cst, name)
))  # fmt: skip
_STRINGS: Final = (ast.JoinedStr, *(getattr(ast, n) for n in ("TemplateStr",) if hasattr(ast, n)))
_CST_KINDS: Final = frozenset(TRACKED.values())

_Visit = Callable[[Any], object]


def walk(context: Context, chunk: Chunk, rules: Sequence[type[Rule]]) -> None:
    """Parse `chunk` with libcst and let every rule visit it; findings go into `context`.

    Raises WalkError where libcst cannot parse what CPython has parsed, or a rule fails.
    """
    source = context.source
    try:
        tree = cst.parse_module(
            source.text[chunk.start : chunk.end].lstrip("\ufeff"),
            config=cst.PartialParserConfig(default_newline=source.newline),
        )
    except Exception as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise WalkError(source.path, chunk.first_line, "libcst", reason) from error
    context.module = tree
    instances = [rule(context) for rule in rules]
    visits, leaves = _methods(instances, "visit_"), _methods(instances, "leave_")
    collector = _Collector(visits.keys(), leaves.keys())
    tree.visit(collector)
    context.node_of = _pair(collector.tracked, source.path, chunk)
    for is_visit, node in collector.events:
        for rule, method in (visits if is_visit else leaves)[type(node).__name__]:
            try:
                method(node)
            except ReloadlintError:
                raise
            except Exception as error:
                reason = f"{type(error).__name__}: {error}"
                raise WalkError(source.path, chunk.first_line, rule.code, reason) from error


class _Collector(cst.CSTVisitor):
    """One pass: the tracked nodes in the order of the text, and what the rules want to see."""

    def __init__(self, visited: Set[str], left: Set[str]) -> None:
        super().__init__()
        self.tracked: dict[type[cst.CSTNode], list[cst.CSTNode]] = {}
        self.events: list[tuple[bool, cst.CSTNode]] = []
        self._visited = visited
        self._left = left

    def on_visit(self, node: cst.CSTNode) -> bool:
        kind = type(node)
        if kind in _CST_KINDS:
            self.tracked.setdefault(kind, []).append(node)
        if kind.__name__ in self._visited:
            self.events.append((True, node))
        return not isinstance(node, _CLOSED)

    # Called for every attribute of every node: nobody here wants to know.
    def on_visit_attribute(self, node: cst.CSTNode, attribute: str) -> None:
        """Nothing."""

    def on_leave_attribute(self, original_node: cst.CSTNode, attribute: str) -> None:
        """Nothing."""

    def on_leave(self, original_node: cst.CSTNode) -> None:
        if type(original_node).__name__ in self._left:
            self.events.append((False, original_node))


def _pair(
    found: dict[type[cst.CSTNode], list[cst.CSTNode]], path: str, chunk: Chunk
) -> dict[cst.CSTNode, ast.AST]:
    """Pair with the nodes of `ast`; raise WalkError where the two trees do not agree."""
    expected = _tracked(chunk)
    pairs: dict[cst.CSTNode, ast.AST] = {}
    for kind in _CST_KINDS:
        nodes, others = found.get(kind, []), expected.get(kind, [])
        if len(nodes) != len(others):
            reason = f"sees {len(nodes)} {kind.__name__} nodes where CPython has {len(others)}"
            raise WalkError(path, chunk.first_line, "libcst", reason)
        pairs.update(zip(nodes, others, strict=True))
    return pairs


def _tracked(chunk: Chunk) -> dict[type[cst.CSTNode], list[ast.AST]]:
    """The tracked `ast` nodes of a chunk by libcst kind, in the order of the text."""
    found: dict[type[cst.CSTNode], list[ast.AST]] = {}
    stack: list[ast.AST] = list(chunk.statements)
    while stack:
        node = stack.pop()
        kind = TRACKED.get(type(node))
        if kind is not None:
            found.setdefault(kind, []).append(node)
        if not isinstance(node, _STRINGS):
            stack += ast.iter_child_nodes(node)
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
        for name in dir(rule):
            if name.startswith(prefix):
                found.setdefault(name[len(prefix) :], []).append((rule, getattr(rule, name)))
    return found
