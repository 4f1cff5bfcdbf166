"""The free variables of a closure: who binds each, and what may happen to it before it is read.

What a hoist must know is whether a capture may be passed as an argument when the closure is called
instead of being read when its body gets there.
"""

from __future__ import annotations

import ast
import enum
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from reloadlint.facts.index import (
    COMPREHENSIONS,
    FUNCTIONS,
    LOOPS,
    ClosureNode,
    Index,
    Scope,
    is_binding,
)
from reloadlint.facts.scopes import SymbolTables


class CaptureKind(enum.Enum):
    """How the captured name gets its value; the most telling one where there are several."""

    PARAMETER = "parameter"
    SELF = "self"  # the first parameter of a method
    LOOP = "loop variable"
    COMPREHENSION = "comprehension variable"
    EXCEPT = "except name"
    DEFINITION = "definition"  # def, class, import
    ASSIGNMENT = "assignment"
    CLASS_CELL = "__class__ cell"
    TYPE_PARAMETER = "type parameter"


@dataclass(frozen=True)
class Capture:
    """One free variable of a closure.

    `scope` binds it (None for the `__class__` cell and for type parameters). `is_surely_bound`:
    it has a value from the moment when the closure is made. `is_deleted`: a `del`, or the end of
    an `except` clause, takes it away. `is_rebound`: the scope that binds it may do so again after
    the closure was made. `is_written_inside`: the closure itself rebinds it by `nonlocal`;
    `is_written_elsewhere`: another nested function does.
    """

    name: str
    scope: Scope | None
    kind: CaptureKind
    is_surely_bound: bool = True
    is_deleted: bool = False
    is_rebound: bool = False
    is_written_inside: bool = False
    is_written_elsewhere: bool = False


def captures(index: Index, tables: SymbolTables, node: ClosureNode) -> tuple[Capture, ...] | None:
    """The captures of `node`, sorted by name; None where no symbol table is known for it."""
    scope = index.scope_of[node]
    names = tables.free_names(scope)
    if names is None:
        return None
    return tuple(_capture(index, tables, node, name) for name in names)


def _capture(index: Index, tables: SymbolTables, node: ClosureNode, name: str) -> Capture:
    inner = index.scope_of[node]
    binder = tables.binder(inner, name)
    if binder is None:
        is_cell = name == "__class__"
        return Capture(name, None, CaptureKind.CLASS_CELL if is_cell else CaptureKind.TYPE_PARAMETER)
    uses = binder.uses.get(name, [])
    bindings = [use for use in uses if is_binding(use)]
    kind = _kind(index, binder, bindings)
    writers = [scope for scope in _nested(binder) if name in scope.nonlocals]
    written_inside = any(scope is inner or inner in scope.enclosing() for scope in writers)
    return Capture(
        name,
        binder,
        kind,
        is_surely_bound=_is_surely_bound(index, binder, node, name, bindings),
        is_deleted=kind is CaptureKind.EXCEPT or len(bindings) < len([*_bindings_and_deletes(uses)]),
        is_rebound=any(_may_run_after(index, binder, use, node) for use in bindings),
        is_written_inside=written_inside,
        is_written_elsewhere=any(
            scope is not inner and inner not in scope.enclosing() for scope in writers
        ),
    )


def _bindings_and_deletes(uses: Iterable[ast.AST]) -> Iterator[ast.AST]:
    for use in uses:
        if not isinstance(use, ast.Name) or not isinstance(use.ctx, ast.Load):
            yield use


def _nested(scope: Scope) -> Iterator[Scope]:
    stack = list(scope.children)
    while stack:
        inner = stack.pop()
        yield inner
        stack += inner.children


def _kind(index: Index, binder: Scope, bindings: list[ast.AST]) -> CaptureKind:
    if isinstance(binder.node, COMPREHENSIONS):
        return CaptureKind.COMPREHENSION
    kinds = {_binding_kind(index, binder, use) for use in bindings}
    for kind in (
        CaptureKind.EXCEPT,
        CaptureKind.LOOP,
        CaptureKind.SELF,
        CaptureKind.PARAMETER,
        CaptureKind.DEFINITION,
    ):
        if kind in kinds:
            return kind
    return CaptureKind.ASSIGNMENT


def _binding_kind(index: Index, binder: Scope, use: ast.AST) -> CaptureKind:
    if isinstance(use, ast.arg):
        is_method = binder.parent is not None and isinstance(binder.parent.node, ast.ClassDef)
        return CaptureKind.SELF if is_method and _is_first(binder, use) else CaptureKind.PARAMETER
    if isinstance(use, ast.ExceptHandler):
        return CaptureKind.EXCEPT
    if isinstance(use, (*FUNCTIONS, ast.ClassDef, ast.alias)):
        return CaptureKind.DEFINITION
    child = use
    for up in index.ancestors(use):
        if isinstance(up, (ast.For, ast.AsyncFor)) and child is up.target:
            return CaptureKind.LOOP
        if isinstance(up, ast.stmt):
            break
        child = up
    return CaptureKind.ASSIGNMENT


def _is_first(binder: Scope, arg: ast.arg) -> bool:
    if not isinstance(binder.node, FUNCTIONS):
        return False
    args = binder.node.args
    return [*args.posonlyargs, *args.args][:1] == [arg]


# --------------------------------------------------------------------- is it bound at creation?


def _is_surely_bound(
    index: Index, binder: Scope, node: ClosureNode, name: str, bindings: list[ast.AST]
) -> bool:
    """True where every way to the closure's creation passes a binding of `name`."""
    if isinstance(binder.node, COMPREHENSIONS) or any(isinstance(b, ast.arg) for b in bindings):
        return True
    child: ast.AST = node
    for up in index.ancestors(node):
        if _context_binds(up, child, name):
            return True
        if isinstance(child, ast.stmt):
            before = _statements_before(up, child)
            if any(_statement_binds(statement, name) for statement in before):
                return True
        if up is binder.node:
            return False
        child = up
    return False


def _context_binds(up: ast.AST, child: ast.AST, name: str) -> bool:
    """True where `up` binds `name` before it gets to `child`, a part of it."""
    if isinstance(up, (ast.For, ast.AsyncFor)):
        in_body = isinstance(child, ast.stmt) and child in up.body
        return in_body and (_target_binds(up.target, name) or _value_binds(up.iter, name))
    if isinstance(up, (ast.With, ast.AsyncWith)):
        return isinstance(child, ast.stmt) and _items_bind(up.items, name)
    if isinstance(up, (ast.If, ast.While)):
        return isinstance(child, ast.stmt) and _value_binds(up.test, name)
    if isinstance(up, ast.ExceptHandler):
        return up.name == name
    if isinstance(up, ast.match_case):
        return child is not up.pattern and _pattern_binds(up.pattern, name)
    return False


def _statements_before(up: ast.AST, child: ast.stmt) -> list[ast.stmt]:
    for field in ("body", "orelse", "finalbody", "handlers"):
        block = getattr(up, field, None)
        if isinstance(block, list) and child in block:
            before = block[: block.index(child)]
            if isinstance(up, ast.Try) and field == "orelse":
                before = [*up.body, *before]
            return before
    return []


def _statement_binds(statement: ast.stmt, name: str) -> bool:
    """True where `name` has a value whenever control goes on behind `statement`."""
    kind = type(statement)
    if isinstance(statement, (ast.Return, ast.Raise, ast.Break, ast.Continue)):
        return True  # control does not go on
    if isinstance(statement, (*FUNCTIONS, ast.ClassDef)):
        return statement.name == name
    if isinstance(statement, (ast.Import, ast.ImportFrom)):
        return any((a.asname or a.name.partition(".")[0]) == name for a in statement.names)
    if isinstance(statement, ast.Assign):
        targets = any(_target_binds(target, name) for target in statement.targets)
        return targets or _value_binds(statement.value, name)
    if isinstance(statement, (ast.AnnAssign, ast.AugAssign)):
        return statement.value is not None and (
            _target_binds(statement.target, name) or _value_binds(statement.value, name)
        )
    if isinstance(statement, ast.Expr):
        return _value_binds(statement.value, name)
    if isinstance(statement, ast.If):
        branches = _block_binds(statement.body, name) and _block_binds(statement.orelse, name)
        return branches or _value_binds(statement.test, name)
    if isinstance(statement, ast.While):
        return _value_binds(statement.test, name)
    if isinstance(statement, (ast.For, ast.AsyncFor)):
        return _value_binds(statement.iter, name)
    if isinstance(statement, (ast.With, ast.AsyncWith)):
        # Neither the body nor later items count: a context manager may swallow an exception.
        return _items_bind(statement.items[:1], name)
    if kind.__name__ in {"Try", "TryStar"}:
        return _try_binds(statement, name)  # type: ignore[arg-type]
    if isinstance(statement, ast.Match):
        return _match_binds(statement, name)
    return False


def _block_binds(block: list[ast.stmt], name: str) -> bool:
    return any(_statement_binds(statement, name) for statement in block)


def _try_binds(statement: ast.Try, name: str) -> bool:
    if _block_binds(statement.finalbody, name):
        return True
    completed = _block_binds([*statement.body, *statement.orelse], name)
    return completed and all(_block_binds(handler.body, name) for handler in statement.handlers)


def _match_binds(statement: ast.Match, name: str) -> bool:
    last = statement.cases[-1]
    is_exhaustive = (
        isinstance(last.pattern, ast.MatchAs) and last.pattern.pattern is None and not last.guard
    )
    return _value_binds(statement.subject, name) or (
        is_exhaustive
        and all(
            _pattern_binds(case.pattern, name) or _block_binds(case.body, name)
            for case in statement.cases
        )
    )


def _items_bind(items: list[ast.withitem], name: str) -> bool:
    return any(
        (item.optional_vars is not None and _target_binds(item.optional_vars, name))
        or _value_binds(item.context_expr, name)
        for item in items
    )


def _target_binds(target: ast.expr, name: str) -> bool:
    if isinstance(target, ast.Name):
        return target.id == name
    if isinstance(target, ast.Starred):
        return _target_binds(target.value, name)
    if isinstance(target, (ast.Tuple, ast.List)):
        return any(_target_binds(element, name) for element in target.elts)
    return False


def _pattern_binds(pattern: ast.pattern, name: str) -> bool:
    """True where a match of `pattern` binds `name` (all alternatives of `|` bind the same)."""
    return any(
        getattr(part, "name", None) == name or getattr(part, "rest", None) == name
        for part in ast.walk(pattern)
    )


def _value_binds(value: ast.expr, name: str) -> bool:
    """True for a walrus that is reached whenever `value` is evaluated."""
    stack: list[ast.AST] = [value]
    while stack:
        node = stack.pop()
        if isinstance(node, ast.NamedExpr) and node.target.id == name:
            return True
        if isinstance(node, ast.BoolOp):
            stack.append(node.values[0])
        elif isinstance(node, ast.IfExp):
            stack.append(node.test)
        elif isinstance(node, ast.Compare):
            stack += [node.left, node.comparators[0]]
        elif not isinstance(node, (ast.Lambda, *COMPREHENSIONS)):
            stack += ast.iter_child_nodes(node)
    return False


# ------------------------------------------------------------------ may it be bound once more?


def _may_run_after(index: Index, binder: Scope, use: ast.AST, node: ClosureNode) -> bool:
    """True where the binding `use` may run after the closure `node` was made, in one activation."""
    if isinstance(use, ast.arg):
        return False
    if isinstance(binder.node, COMPREHENSIONS):
        return True
    path = {id(up): up for up in _path(index, node, binder)}
    if _leaves_at_once(path.values()) and not _is_in_return(index, use):
        return False
    meeting: ast.AST = binder.node
    branch: ast.AST = use
    for up in _path(index, use, binder):
        if id(up) in path:
            meeting = up
            break
        branch = up
    shared = [up for up in path.values() if up is meeting or id(up) in _ids_above(index, meeting)]
    if any(isinstance(up, LOOPS) for up in shared):
        return True
    if isinstance(meeting, (ast.expr, ast.Assign, ast.AnnAssign, ast.AugAssign, ast.withitem)):
        return True  # `x = register(lambda: x)`
    if _are_exclusive(index, meeting, branch, path):
        return False
    return _start(use) > _start(node)


def _path(index: Index, node: ast.AST, binder: Scope) -> Iterator[ast.AST]:
    """`node` and what is around it, up to the scope `binder`, whose own node is left out."""
    yield node
    for up in index.ancestors(node):
        if up is binder.node:
            return
        yield up


def _ids_above(index: Index, node: ast.AST) -> set[int]:
    return {id(up) for up in index.ancestors(node)}


def _leaves_at_once(path: Iterable[ast.AST]) -> bool:
    """True for a closure made by a `return` statement: nothing of the scope runs after it."""
    nodes = list(path)
    is_returned = any(isinstance(up, ast.Return) for up in nodes)
    return is_returned and not any(
        isinstance(up, (ast.Try, ast.With, ast.AsyncWith)) or type(up).__name__ == "TryStar"
        for up in nodes
    )


def _is_in_return(index: Index, use: ast.AST) -> bool:
    return any(isinstance(up, ast.Return) for up in index.ancestors(use))


def _are_exclusive(
    index: Index, meeting: ast.AST, branch: ast.AST, path: dict[int, ast.AST]
) -> bool:
    """True where an `if` or `match` runs either the binding or the closure's creation."""
    own = next(
        (up for up in path.values() if index.parent.get(up) is meeting and up is not branch), None
    )
    if isinstance(meeting, ast.If):
        return (own in meeting.body and branch in meeting.orelse) or (
            own in meeting.orelse and branch in meeting.body
        )
    return isinstance(meeting, ast.Match) and own is not branch


def _start(node: ast.AST) -> tuple[int, int]:
    return (getattr(node, "lineno", 0), getattr(node, "col_offset", 0))
