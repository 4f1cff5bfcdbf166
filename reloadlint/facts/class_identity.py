"""Places that ask whether something is of a class which another module of the project defines.

Identity is the point there: a reload of that module makes another class of the same name, and what
is made of one is nothing to the other.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from reloadlint.facts.from_imports import FromImport, When
from reloadlint.facts.index import FUNCTIONS
from reloadlint.facts.targets import Class, External, Function

if TYPE_CHECKING:
    from reloadlint.facts import FileFacts

_CHECKS: Final = frozenset({"builtins.isinstance", "builtins.issubclass"})
_DISPATCHERS: Final = frozenset({"functools.singledispatch", "functools.singledispatchmethod"})
_GROUPS: Final = (ast.Tuple, ast.BinOp)
_IDENTITY: Final = (ast.Is, ast.IsNot)
_EQUALITY: Final = (ast.Eq, ast.NotEq)


@dataclass(frozen=True, eq=False)
class ComparedClass:
    """A copied class that functions only compare with; `how` is the first word that does so."""

    copy: FromImport
    how: str


@dataclass(frozen=True)
class RegisteredClass:
    """At import, `node` tells a generic function, by `text`, about a class of module `owner`."""

    node: ast.expr
    anchor: ast.Call | ast.FunctionDef | ast.AsyncFunctionDef
    text: str
    owner: str


def compared_classes(facts: FileFacts) -> Iterator[ComparedClass]:
    """The copies of classes all of whose later reads are comparisons, in the order of the text."""
    for copy in facts.from_imports:
        if copy.definition.is_class and copy.is_read_later:
            later = [each.node for each in copy.references if each.when is When.CALL]
            checks = [_check(facts, node, copy) for node in later]
            if checks[0] is not None and None not in checks:
                yield ComparedClass(copy, checks[0])


def _check(facts: FileFacts, node: ast.expr, copy: FromImport) -> str | None:
    """The word that compares something with the class `node`; None for any other use."""
    child: ast.AST = node
    up = facts.index.parent[child]
    while isinstance(up, _GROUPS) and isinstance(getattr(up, "op", ast.BitOr()), ast.BitOr):
        child, up = up, facts.index.parent[up]
    if isinstance(up, ast.ExceptHandler):
        return "except"
    if isinstance(up, ast.MatchClass):
        return "case"
    if isinstance(up, ast.Call) and up.args[1:] == [child]:
        name = facts.names.qualified(up.func)
        return name.rpartition(".")[2] if name in _CHECKS else None
    if isinstance(up, ast.Attribute):
        return _member_check(facts, up, copy)
    is_type = isinstance(up, ast.Compare) and "type(" in ast.unparse(up)
    return _operator(up) if is_type and isinstance(up, ast.Compare) else None


def _member_check(facts: FileFacts, member: ast.Attribute, copy: FromImport) -> str | None:
    """Of `Color.RED`: `is` for any class, `==` and `case` for an enumeration of plain values."""
    up = facts.index.parent[member]
    while isinstance(up, ast.Tuple):
        up = facts.index.parent[up]
    if isinstance(up, ast.Compare) and isinstance(up.ops[0], _IDENTITY):
        return _operator(up)
    if not _is_plain_enum(copy):
        return None
    if isinstance(up, ast.MatchValue):
        return "case"
    return _operator(up) if isinstance(up, ast.Compare) else None


def _operator(node: ast.Compare) -> str | None:
    if isinstance(node.ops[0], _IDENTITY):
        return "is"
    if isinstance(node.ops[0], _EQUALITY):
        return "=="
    return "in" if isinstance(node.ops[0], (ast.In, ast.NotIn)) else None


def _is_plain_enum(copy: FromImport) -> bool:
    """True for `Enum` and `Flag`; members of `IntEnum` and of `str, Enum` equal their values."""
    definition = copy.definition
    node = definition.bindings[-1]
    assert isinstance(node, ast.ClassDef)
    every = list(definition.facts.targets.mro(Class(definition.facts, node)))
    names = {base.name for base in every if isinstance(base, External)}
    return bool(names) and names <= {"enum.Enum", "enum.Flag"}


def registered_classes(facts: FileFacts) -> Iterator[RegisteredClass]:
    """`@show.register(C)`, `@show.register` over `def _(x: C)` and `show.register(C, f)`."""
    for call in facts.index.calls("register"):
        if call.args and facts.index.scope_at(call).runs_at_import:
            if is_dispatcher(facts, call.func):
                yield from _registered(facts, call.args[0], call, call.func)
    for attribute in facts.index.attributes("register"):
        node = facts.index.parent.get(attribute)
        if isinstance(node, FUNCTIONS) and attribute in node.decorator_list:
            args = [*node.args.posonlyargs, *node.args.args]
            noted = [arg.annotation for arg in args if arg.annotation is not None][:1]
            if noted and facts.index.scope_at(node).runs_at_import:
                if is_dispatcher(facts, attribute):
                    yield from _registered(facts, noted[0], node, attribute)


def is_dispatcher(facts: FileFacts, func: ast.expr) -> bool:
    """True for the `register` of a generic function: one under `singledispatch`."""
    if not isinstance(func, ast.Attribute):
        return False
    target = facts.targets.of(func.value, facts.index.scope_at(func))
    decorators = target.node.decorator_list if isinstance(target, Function) else []
    names = {
        target.facts.names.qualified(each) for each in decorators if isinstance(target, Function)
    }
    return not names.isdisjoint(_DISPATCHERS)


def _registered(
    facts: FileFacts,
    node: ast.expr,
    anchor: ast.Call | ast.FunctionDef | ast.AsyncFunctionDef,
    func: ast.expr,
) -> Iterator[RegisteredClass]:
    target = facts.targets.of(node, facts.index.scope_at(node))
    if isinstance(target, Class) and target.facts is not facts:
        yield RegisteredClass(node, anchor, ast.unparse(func), target.facts.module)
