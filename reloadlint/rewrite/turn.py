"""The names of one turn of a loop: what it has to be given, and what it has for itself.

What a turn binds may become its own only if no later turn, and nothing outside of the loop's body,
reads the value.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from itertools import chain
from typing import TypeAlias

from reloadlint.facts import FileFacts
from reloadlint.facts.closures import start
from reloadlint.facts.endless import LoopNode, own_parts
from reloadlint.facts.index import (
    COMPREHENSIONS,
    FUNCTIONS,
    FunctionNode,
    Scope,
    is_binding,
    is_deletion,
)
from reloadlint.facts.nodes import TRIES
from reloadlint.rewrite.refusal import LoopReason, Reason, Refused

_Bound: TypeAlias = "frozenset[str] | None"  # None: control never gets here
_LEAVES = (ast.Break, ast.Continue, ast.Raise, ast.Return)


@dataclass(frozen=True)
class Turn:
    """One turn of the loop `node` in `owner`; `scope` is that of the owner."""

    facts: FileFacts
    node: LoopNode
    owner: FunctionNode

    @property
    def scope(self) -> Scope:
        """The scope of the function that the loop is in."""
        return self.facts.index.scope_of[self.owner]

    def parameters(self) -> tuple[str, ...] | Refused:
        """The local names that a turn reads, `self` first; or why it cannot have them."""
        reads = dict.fromkeys(name for name in self._used if self.is_local(name))
        own = {name for name in reads if self._is_bound_in_body(name)}
        reason = next(chain(self._against_own(own), self._against_read({*reads} - own)), None)
        if reason is not None:
            return reason
        unset = self._read_unset(own)
        if unset is not None:
            return Refused(LoopReason.CARRIED, unset)
        heads = self._bound_by_head
        passed = [name for name in reads if name not in own or name in heads]
        return tuple(sorted(passed, key=lambda name: name != self._self))

    def is_local(self, name: str) -> bool:
        """True where the name is no global in the function of the loop."""
        return self.scope.resolve(name) is not None

    @property
    def _self(self) -> str:
        args = self.owner.args
        first = [*args.posonlyargs, *args.args][:1]
        is_method = isinstance(self.facts.index.parent[self.owner], ast.ClassDef)
        return first[0].arg if first and is_method else ""

    @property
    def _used(self) -> list[str]:
        """The names that the body, and what is nested in it, use, in the order of the text."""
        found = [
            (*start(use), name) for name, uses in self._uses for use in uses if self._is_inside(use)
        ]
        return [name for _, _, name in sorted(found)]

    @property
    def _uses(self) -> Iterator[tuple[str, Sequence[ast.AST]]]:
        """All uses of names of the function, in whatever scope."""
        for name, uses in self.scope.uses.items():
            yield name, uses
        stack = list(self.scope.children)
        while stack:
            inner = stack.pop()
            stack += inner.children
            for name, uses in inner.uses.items():
                if inner.resolve(name) is self.scope.resolve(name):
                    yield name, uses

    def uses_of(self, name: str) -> Iterator[tuple[Scope, ast.AST]]:
        """The uses of the local `name`, in the scope that binds it and in those within."""
        binder = self.scope.resolve(name)
        assert binder is not None
        for scope in (binder, *binder.inner_scopes_using(binder.spelled(name))):
            if scope.resolve(name) is binder:
                for use in scope.uses_of(name):
                    yield scope, use

    def _is_inside(self, node: ast.AST) -> bool:
        body = self.node.body
        first, last = body[0], body[-1]
        line = min([first.lineno, *(d.lineno for d in getattr(first, "decorator_list", ()))])
        return (line, 0) <= start(node) < (last.end_lineno, last.end_col_offset)

    def _is_bound_in_body(self, name: str) -> bool:
        return any(
            (is_binding(use) or is_deletion(use)) and self._is_inside(use)
            for scope, use in self.uses_of(name)
            if scope is self.scope
        )

    @property
    def _bound_by_head(self) -> set[str]:
        head = self.node.test if isinstance(self.node, ast.While) else self.node.target
        return {
            part.id
            for part in ast.walk(head)
            if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)
        }

    # ---------------------------------------------------------------------------- what a turn binds

    def _against_own(self, own: Set[str]) -> Iterator[Refused]:
        for name in sorted(own):
            if name in self.scope.nonlocals or self.scope.resolve(name) is not self.scope:
                yield Refused(LoopReason.REBINDS, name)
            for scope, use in self.uses_of(name):
                if is_deletion(use) and not isinstance(use, ast.ExceptHandler):
                    yield Refused(LoopReason.REBINDS, name)
                if self._is_inside(use):
                    if self._is_captured(scope):
                        yield Refused(LoopReason.CAPTURED, name)
                elif scope is not self.scope or not is_binding(use):
                    yield Refused(LoopReason.REBINDS, name)
        for name in sorted(self.scope.globals):
            if any(is_binding(u) and self._is_inside(u) for u in self.scope.uses.get(name, ())):
                yield Refused(LoopReason.REBINDS, name)

    def _is_captured(self, scope: Scope) -> bool:
        """True in a scope whose code may run when the turn is over."""
        while scope is not self.scope and scope.parent is not None:
            is_at_once = isinstance(scope.node, COMPREHENSIONS)
            if not is_at_once or isinstance(scope.node, ast.GeneratorExp):
                return True
            scope = scope.parent
        return False

    # -------------------------------------------------------------------------- what it only reads

    def _against_read(self, names: Set[str]) -> Iterator[Refused]:
        sure = self._surely_bound | self._bound_by_head
        captured = {capture.name: capture for capture in self.facts.captures(self.owner) or ()}
        for name in sorted(names):
            capture = captured.get(name)
            if capture is not None:
                if not capture.is_surely_bound:
                    yield Refused(Reason.MAYBE_UNBOUND, name)
                if capture.is_rebound or capture.is_written_elsewhere:
                    yield Refused(Reason.NONLOCAL_ELSEWHERE, name)
                continue
            if name not in sure:
                yield Refused(Reason.MAYBE_UNBOUND, name)
            writes = [s for s, use in self.uses_of(name) if is_binding(use) or is_deletion(use)]
            if any(scope is not self.scope for scope in writes):
                yield Refused(Reason.NONLOCAL_ELSEWHERE, name)
            if name in self._bound_by_head and any(
                self._is_inside(use) and self._is_captured(scope)
                for scope, use in self.uses_of(name)
            ):
                yield Refused(LoopReason.CAPTURED, name)

    @property
    def _surely_bound(self) -> set[str]:
        """The names that have a value when the loop begins: parameters, and what stands above."""
        every = chain.from_iterable(self.scope.uses.values())
        found = {use.arg for use in every if isinstance(use, ast.arg)}
        inner: ast.AST = self.node
        while inner is not self.owner:
            up = self.facts.index.parent[inner]
            for block in (getattr(up, field, None) for field in ("body", "orelse", "finalbody")):
                if isinstance(block, list) and inner in block:
                    for above in block[: block.index(inner)]:
                        found |= set(_bound_by(above))
                    found |= set(_bound_by_head(up))
            inner = up
        gone = {n for n, uses in self.scope.uses.items() if any(map(is_deletion, uses))}
        return found - gone

    # ---------------------------------------------------------------------- what it reads too early

    def _read_unset(self, own: Set[str]) -> str | None:
        """A name that a turn may read before it binds it: that is the value of an earlier one."""
        try:
            _Reads(own).block(self.node.body, frozenset(self._bound_by_head & own))
        except _ReadUnsetError as error:
            return error.name
        return None


def _bound_by_head(node: ast.AST) -> Iterator[str]:
    if isinstance(node, (ast.With, ast.AsyncWith)):
        for item in node.items:
            yield from _stored(item.optional_vars)
    elif isinstance(node, (ast.For, ast.AsyncFor)):
        yield from _stored(node.target)


def _bound_by(node: ast.stmt) -> Iterator[str]:
    """What a statement surely binds, if control gets behind it."""
    if isinstance(node, ast.Assign):
        for target in node.targets:
            yield from _stored(target)
    elif isinstance(node, ast.AnnAssign) and node.value is not None:
        yield from _stored(node.target)
    elif isinstance(node, (*FUNCTIONS, ast.ClassDef)):
        yield node.name
    elif isinstance(node, (ast.Import, ast.ImportFrom)):
        for alias in node.names:
            yield alias.asname or alias.name.partition(".")[0]
    elif isinstance(node, (ast.Expr, ast.If)):
        yield from _walrus(node.value if isinstance(node, ast.Expr) else node.test)


def _stored(target: ast.AST | None) -> Iterator[str]:
    for part in ast.walk(target) if target is not None else ():
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
            yield part.id


def _matched(pattern: ast.pattern) -> Iterator[str]:
    for part in ast.walk(pattern):
        name = getattr(part, "name", None) or getattr(part, "rest", None)
        if name is not None:
            yield name


def _walrus(value: ast.expr) -> Iterator[str]:
    """`x` of `(x := f())` and `(x := f()) is None`, which are surely evaluated."""
    if isinstance(value, ast.UnaryOp):
        value = value.operand
    if isinstance(value, ast.Compare):
        value = value.left
    if isinstance(value, ast.NamedExpr):
        yield value.target.id


class _ReadUnsetError(Exception):
    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class _Reads:
    """Walks a body in the order of evaluation; raises where one of `names` is read too early."""

    def __init__(self, names: Set[str]) -> None:
        self._names = names

    def block(self, body: Sequence[ast.stmt], bound: _Bound) -> _Bound:
        """What is surely bound behind the statements."""
        for statement in body:
            if bound is None:
                return None
            bound = self._statement(statement, bound)
        return bound

    def _read(self, node: ast.AST | None, bound: frozenset[str]) -> None:
        for part in ast.walk(node) if node is not None else ():
            if isinstance(part, ast.Name) and not isinstance(part.ctx, ast.Store):
                if part.id in self._names and part.id not in bound:
                    raise _ReadUnsetError(part.id)

    def _statement(self, node: ast.stmt, bound: frozenset[str]) -> _Bound:
        if isinstance(node, ast.If):
            self._read(node.test, bound)
            bound |= {*_walrus(node.test)}
            return _meet(self.block(node.body, bound), self.block(node.orelse, bound))
        if isinstance(node, (ast.For, ast.AsyncFor)):
            self._read(node.iter, bound)
            self.block(node.body, bound | {*_stored(node.target)})
            self.block(node.orelse, bound)
            return bound
        if isinstance(node, ast.While):
            self._read(node.test, bound)
            self.block(node.body, bound | {*_walrus(node.test)})
            self.block(node.orelse, bound)
            return bound
        if isinstance(node, (ast.With, ast.AsyncWith)):
            return self._with(node, bound)
        if isinstance(node, TRIES):
            return self._try(node, bound)
        if isinstance(node, ast.Match):
            self._read(node.subject, bound)
            for case in node.cases:
                inner = bound | {*_matched(case.pattern)}
                self._read(case.guard, inner)
                self.block(case.body, inner)
            return bound
        if isinstance(node, ast.AugAssign):
            for name in _stored(node.target):
                self._read(ast.Name(name, ast.Load()), bound)
        self._read(node, bound)
        return None if isinstance(node, _LEAVES) else bound | {*_bound_by(node)}

    def _with(self, node: ast.With | ast.AsyncWith, bound: frozenset[str]) -> _Bound:
        inner = bound
        for item in node.items:
            self._read(item.context_expr, inner)
            inner |= {*_stored(item.optional_vars)}
        end = self.block(node.body, inner)
        return None if end is None else bound  # which may have caught what the body raised

    def _try(self, node: ast.Try, bound: frozenset[str]) -> _Bound:
        after = self.block([*node.body, *node.orelse], bound)
        for handler in node.handlers:
            self._read(handler.type, bound)
            caught = {handler.name} if handler.name else set()
            end = self.block(handler.body, bound | caught)
            after = _meet(after, None if end is None else end - caught)
        final = self.block(node.finalbody, bound)
        return None if final is None or after is None else after | final


def _meet(one: _Bound, other: _Bound) -> _Bound:
    if one is None or other is None:
        return one if other is None else other
    return one & other


def jumps(node: LoopNode) -> Iterator[Refused]:
    """Why a turn cannot be a call: what it does to the loop, or to the function around that."""
    for part in own_parts(node.body):
        if isinstance(part, ast.Break):
            yield Refused(LoopReason.BREAKS)
        elif isinstance(part, ast.Return):
            yield Refused(LoopReason.RETURNS)
        elif isinstance(part, (ast.Yield, ast.YieldFrom)):
            yield Refused(LoopReason.YIELDS)
