"""Closures: every lambda, and every def inside of a function."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from reloadlint.facts.index import (
    COMPREHENSIONS,
    FUNCTIONS,
    ClosureNode,
    Index,
    Scope,
    child_nodes,
    parameters,
)


@dataclass(frozen=True)
class Closure:
    """A lambda or nested def, and where it stands.

    `enclosing` names the functions and classes around it, from the outside in. `statement` is the
    statement that it is part of (for a def, its own). `is_generator`: the body itself yields.
    """

    node: ClosureNode
    scope: Scope
    enclosing: tuple[str, ...]
    statement: ast.stmt
    is_generator: bool

    @property
    def name(self) -> str:
        """The name of a def; `<lambda>` as CPython calls it."""
        return "<lambda>" if isinstance(self.node, ast.Lambda) else self.node.name

    @property
    def noun(self) -> str:
        """How a message speaks of it."""
        return "this lambda" if isinstance(self.node, ast.Lambda) else f"`{self.node.name}`"

    @property
    def is_async(self) -> bool:
        """True for `async def`."""
        return isinstance(self.node, ast.AsyncFunctionDef)

    @property
    def weight(self) -> int:
        """How much there is in the body that a developer might edit: operations and statements.

        Constants, names, attributes and items that are only read weigh nothing, and nor do a
        docstring, `pass` and `return`: `lambda row: row["name"].first` has weight 0.
        """
        return weight(self.node)

    def weighs(self, least: int) -> bool:
        """True where the `weight` is at least so much."""
        return weighs(self.node, least)


def closures(index: Index) -> tuple[Closure, ...]:
    """All closures of the file, in the order in which they start."""
    found = [
        Closure(
            node,
            index.scope_of[node],
            _enclosing(index, node),
            _statement(index, node),
            is_generator=node in index.generators,
        )
        for node in index.functions
        if isinstance(node, ast.Lambda)
        or any(s.is_function for s in index.scope_of[node].enclosing())
    ]
    return tuple(sorted(found, key=lambda closure: start(closure.node)))


def start(node: ast.AST) -> tuple[int, int]:
    """Line and UTF-8 column of a node, for sorting."""
    return (node.lineno, node.col_offset)  # type: ignore[attr-defined]


def _enclosing(index: Index, node: ClosureNode) -> tuple[str, ...]:
    names = [
        scope.node.name
        for scope in index.scope_of[node].enclosing()
        if isinstance(scope.node, (*FUNCTIONS, ast.ClassDef))
    ]
    return tuple(reversed(names))


def _statement(index: Index, node: ClosureNode) -> ast.stmt:
    if isinstance(node, FUNCTIONS):
        return node
    return next(up for up in index.ancestors(node) if isinstance(up, ast.stmt))


def own_nodes(node: ClosureNode) -> Iterator[ast.AST]:
    """The nodes of a closure's body, nested functions and classes left out, their heads kept."""
    stack: list[ast.AST] = [node.body] if isinstance(node, ast.Lambda) else list(node.body)
    while stack:
        inner = stack.pop()
        yield inner
        if isinstance(inner, (*FUNCTIONS, ast.Lambda)):
            stack += [*inner.args.defaults, *(part for part in inner.args.kw_defaults if part)]
            stack += [arg.annotation for arg in parameters(inner.args) if arg.annotation]
            stack += getattr(inner, "decorator_list", [])
            stack += filter(None, [getattr(inner, "returns", None)])
        elif isinstance(inner, ast.ClassDef):
            stack += [*inner.decorator_list, *inner.bases, *inner.keywords]
        else:
            stack += child_nodes(inner)


def weight(node: ClosureNode) -> int:
    """What there is in the body of a function that a developer might edit: see `Closure.weight`."""
    return sum(1 for _ in _weights(node))


def weighs(node: ClosureNode, least: int) -> bool:
    """True for a weight of at least so much; looks no further than it has to."""
    return least <= 0 or next(islice(_weights(node), least - 1, None), None) is not None


def _weights(node: ClosureNode) -> Iterator[ast.AST]:
    stack: list[ast.AST] = [node.body] if isinstance(node, ast.Lambda) else [*node.body[::-1]]
    while stack:
        inner = stack.pop()
        if _weighs(inner):
            yield inner
        stack += child_nodes(inner)


def _weighs(node: ast.AST) -> bool:
    if isinstance(node, ast.UnaryOp):
        return not isinstance(node.operand, ast.Constant)
    if isinstance(node, (ast.List, ast.Set, ast.Tuple)):
        return bool(node.elts) and not isinstance(getattr(node, "ctx", None), ast.Store)
    if isinstance(node, ast.Dict):
        return bool(node.values)
    return (isinstance(node, ast.stmt) and not _is_idle(node)) or isinstance(node, _OPERATIONS)


def _is_idle(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Expr):
        return isinstance(statement.value, ast.Constant)
    return isinstance(statement, (ast.Pass, ast.Return))


_OPERATIONS = (
    ast.Await,
    ast.BinOp,
    ast.BoolOp,
    ast.Call,
    ast.Compare,
    ast.IfExp,
    ast.JoinedStr,
    ast.Lambda,
    ast.NamedExpr,
    ast.Yield,
    ast.YieldFrom,
    *COMPREHENSIONS,
)
