"""The free variables of a closure: who binds each, and what may happen to it before it is read.

What a hoist must know is whether a capture may be passed as an argument when the closure is called
instead of being read when its body gets there.
"""

from __future__ import annotations

import ast
import enum
from dataclasses import dataclass
from itertools import takewhile

from reloadlint.facts.flow import Flow
from reloadlint.facts.index import (
    COMPREHENSIONS,
    FUNCTIONS,
    TYPE_SCOPES,
    ClosureNode,
    Index,
    Scope,
    is_binding,
    is_deletion,
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


class Captures:
    """The captures of the closures of one file."""

    def __init__(self, index: Index, tables: SymbolTables) -> None:
        self._index = index
        self._tables = tables
        self._flows: dict[Scope, Flow] = {}
        self._writers: dict[Scope, dict[str, list[Scope]]] = {}
        self._kinds: dict[tuple[Scope, str], CaptureKind] = {}

    def of(self, node: ClosureNode) -> tuple[Capture, ...] | None:
        """The captures of `node`, sorted by name; None where no symbol table is known for it."""
        scope = self._index.scope_of[node]
        names = self._tables.free_names(scope)
        return None if names is None else tuple(self._capture(scope, name) for name in names)

    def _capture(self, inner: Scope, name: str) -> Capture:
        binder = inner.resolve(name)
        if binder is None or isinstance(binder.node, TYPE_SCOPES):
            is_cell = name == "__class__"
            kind = CaptureKind.CLASS_CELL if is_cell else CaptureKind.TYPE_PARAMETER
            return Capture(name, None, kind)
        if binder not in self._flows:
            self._flows[binder] = Flow(self._index, binder)
            self._writers[binder] = _writers(binder)
        if (binder, name) not in self._kinds:
            self._kinds[binder, name] = _kind(self._index, binder, name)
        flow = self._flows[binder]
        closure = _made_by(binder, inner)
        writers = self._writers[binder].get(name, [])
        inside = [scope for scope in writers if scope is inner or inner in scope.enclosing()]
        is_deleted_elsewhere = any(is_deletion(u) for s in writers for u in s.uses[name])
        may_be_gone = is_deleted_elsewhere or (
            flow.is_deleted(name) and closure is not inner.node  # which is made later
        )
        return Capture(
            name,
            binder,
            self._kinds[binder, name],
            is_surely_bound=flow.is_bound_at(closure, name) and not may_be_gone,
            is_deleted=flow.is_deleted(name) or is_deleted_elsewhere,
            is_rebound=flow.is_rebound_after(closure, name),
            is_written_inside=bool(inside),
            is_written_elsewhere=len(writers) > len(inside),
        )


def _made_by(binder: Scope, inner: Scope) -> ast.AST:
    """The function that the activation of `binder` makes: `inner`, or what `inner` stands in."""
    made = inner
    for scope in takewhile(lambda scope: scope is not binder, inner.enclosing()):
        if isinstance(scope.node, (*FUNCTIONS, ast.Lambda)):
            made = scope
    return made.node


def _writers(binder: Scope) -> dict[str, list[Scope]]:
    """By name: the scopes that bind or delete a name of `binder` under `nonlocal`."""
    found: dict[str, list[Scope]] = {}
    stack = list(binder.children)
    while stack:
        scope = stack.pop()
        stack += scope.children
        for name in scope.nonlocals & scope.uses.keys():
            is_written = any(is_binding(use) or is_deletion(use) for use in scope.uses[name])
            if is_written and scope.resolve(name) is binder:
                found.setdefault(name, []).append(scope)
    return found


def _kind(index: Index, binder: Scope, name: str) -> CaptureKind:
    if isinstance(binder.node, COMPREHENSIONS):
        return CaptureKind.COMPREHENSION
    kinds = {_binding_kind(index, binder, use) for use in binder.bindings[name]}
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
        return CaptureKind.SELF if _is_self(binder, use) else CaptureKind.PARAMETER
    if isinstance(use, ast.ExceptHandler):
        return CaptureKind.EXCEPT
    if isinstance(use, (*FUNCTIONS, ast.ClassDef, ast.alias)):
        return CaptureKind.DEFINITION
    child = use
    for up in index.ancestors(use):
        if isinstance(up, (ast.For, ast.AsyncFor)) and child is up.target:
            return CaptureKind.LOOP
        if isinstance(up, (ast.stmt, ast.NamedExpr)):
            break
        child = up
    return CaptureKind.ASSIGNMENT


def _is_self(binder: Scope, arg: ast.arg) -> bool:
    """True for the first parameter of a method that is not static."""
    if not isinstance(binder.node, FUNCTIONS):
        return False
    around = next(s for s in binder.enclosing() if not isinstance(s.node, TYPE_SCOPES))
    args, decorators = binder.node.args, binder.node.decorator_list
    return (
        isinstance(around.node, ast.ClassDef)
        and [*args.posonlyargs, *args.args][:1] == [arg]
        and not any(isinstance(d, ast.Name) and d.id == "staticmethod" for d in decorators)
    )
