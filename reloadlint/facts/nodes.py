"""The kinds of `ast` nodes, and which of their fields hold nodes."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Final, TypeAlias

FunctionNode: TypeAlias = "ast.FunctionDef | ast.AsyncFunctionDef"
ClosureNode: TypeAlias = "ast.Lambda | ast.FunctionDef | ast.AsyncFunctionDef"
ValueNode: TypeAlias = "ast.expr | ast.FunctionDef | ast.AsyncFunctionDef"
FUNCTIONS: Final = (ast.FunctionDef, ast.AsyncFunctionDef)
COMPREHENSIONS: Final = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
LOOPS: Final = (ast.For, ast.AsyncFor, ast.While)
# `except*` is another node, with the same fields, since Python 3.11.
TRIES: Final[tuple[type[ast.Try], ...]] = (ast.Try, getattr(ast, "TryStar", ast.Try))
# Templates are there since Python 3.14.
FORMATTED: Final = (ast.JoinedStr, *(getattr(ast, n) for n in ("TemplateStr",) if hasattr(ast, n)))

# Fields that hold no expression or statement; leaving them out makes the pass twice as fast.
_BARE_FIELDS: Final = {
    "arg", "attr", "asname", "cls_name", "conversion", "ctx", "id", "is_async", "kind", "kwd_attrs",
    "level", "lineno", "module", "op", "ops", "rest", "simple", "str", "tag", "type_comment",
}  # fmt: skip
_BARE_BY_TYPE: Final = {
    ast.Constant: {"value", "kind"},
    ast.alias: {"name", "asname"},
    ast.ExceptHandler: {"name"},
    ast.MatchAs: {"name"},
    ast.MatchStar: {"name"},
    ast.MatchSingleton: {"value"},
    ast.Global: {"names"},
    ast.Nonlocal: {"names"},
    ast.Import: {"names"},
    ast.ImportFrom: {"names", "module", "level"},
}
TYPE_PARAMETERS: Final[tuple[type[ast.AST], ...]] = tuple(
    getattr(ast, name) for name in ("TypeVar", "ParamSpec", "TypeVarTuple") if hasattr(ast, name)
)
TYPE_ALIASES: Final[tuple[type[ast.AST], ...]] = tuple(
    getattr(ast, name) for name in ("TypeAlias",) if hasattr(ast, name)
)
TYPE_SCOPES: Final = (*TYPE_PARAMETERS, *TYPE_ALIASES)


def _node_fields(kind: type[ast.AST]) -> tuple[str, ...]:
    bare = _BARE_BY_TYPE.get(kind, set()) | _BARE_FIELDS
    if kind in TYPE_PARAMETERS:
        bare = bare | {"name"}
    return tuple(field for field in kind._fields if field not in bare)


_FIELDS: Final[dict[type[ast.AST], tuple[str, ...]]] = {
    kind: _node_fields(kind)
    for kind in vars(ast).values()
    if isinstance(kind, type) and issubclass(kind, ast.AST)
}
# The same fields with the last one first, for a stack.
LAST_FIRST: Final = {kind: fields[::-1] for kind, fields in _FIELDS.items()}


def child_nodes(node: ast.AST) -> list[ast.AST]:
    """The expressions and statements directly under `node`, in the order of its fields."""
    children: list[ast.AST] = []
    for field in _FIELDS[type(node)]:
        value = getattr(node, field, None)
        if isinstance(value, list):
            children += [item for item in value if isinstance(item, ast.AST)]
        elif isinstance(value, ast.AST):
            children.append(value)
    return children


def defaulted(args: ast.arguments) -> Iterator[tuple[ast.arg, ast.expr]]:
    """The parameters that have a default, each with that."""
    positional = [*args.posonlyargs, *args.args]
    own = [*positional[len(positional) - len(args.defaults) :], *args.kwonlyargs]
    for arg, default in zip(own, (*args.defaults, *args.kw_defaults), strict=True):
        if default is not None:
            yield arg, default


def parameters(args: ast.arguments) -> list[ast.arg]:
    """All parameters in the order in which they are written."""
    star = [args.vararg] if args.vararg else []
    double_star = [args.kwarg] if args.kwarg else []
    return [*args.posonlyargs, *args.args, *star, *args.kwonlyargs, *double_star]


def is_abstract(node: FunctionNode) -> bool:
    """True for what only documents, or raises: the method of an interface."""
    return all(map(_says_nothing, node.body))


def _says_nothing(node: ast.stmt) -> bool:
    if isinstance(node, (ast.Return, ast.Expr)):
        value = node.value
        is_not_implemented = isinstance(value, ast.Name) and value.id == "NotImplemented"
        return is_not_implemented or (
            isinstance(node, ast.Expr) and isinstance(value, ast.Constant)
        )
    return isinstance(node, (ast.Pass, ast.Raise))


def is_super_call(func: ast.expr) -> bool:
    """True for `super().method`."""
    owner = func.value if isinstance(func, ast.Attribute) else None
    return (
        isinstance(owner, ast.Call)
        and isinstance(owner.func, ast.Name)
        and owner.func.id == "super"
    )


def argument_positions(call: ast.Call) -> dict[ast.AST, int | str]:
    """The position of each argument: `*2` for the first star, if that is at 2, `*` behind it."""
    found: dict[ast.AST, int | str] = {}
    star = ""
    for i, argument in enumerate(call.args):
        is_first = not star and isinstance(argument, ast.Starred)
        found[argument] = f"*{i}" if is_first else star or i
        star = "*" if is_first else star
    return found
