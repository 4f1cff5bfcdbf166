"""Trampolines: closures whose whole body forwards to something found by name when it runs."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from reloadlint.facts.imports import Names
from reloadlint.facts.index import ClosureNode, Index


@dataclass(frozen=True)
class Trampoline:
    """`target` is the name or dotted name called; `is_global` where its root is a global."""

    call: ast.Call
    target: str
    is_global: bool


def trampoline(index: Index, names: Names, node: ClosureNode) -> Trampoline | None:
    """Recognise a call of a global or an attribute, with plain arguments, that is all there is.

    It may be awaited, or what it makes be yielded on, item by item.

    The target must be looked up when the closure runs: a global name of this module, or an
    attribute (`self.method`, `module.function`). A captured local function is the very object
    that was captured, and a builtin leaves nothing that could be edited elsewhere: no trampolines.
    """
    call = forwarded_call(names, node)
    if call is None or not all(map(_is_plain, _arguments(call))):
        return None
    target = dotted(call.func)
    if target is None:
        return None
    root = target.partition(".")[0]
    is_global = index.scope_of[node].resolve(root) is None
    if root == target and (not is_global or names.is_builtin(root)):
        return None
    return Trampoline(call, target, is_global)


def forwarded_call(names: Names, node: ClosureNode) -> ast.Call | None:
    """The call that is the whole body, a docstring aside; None where there is more or less."""
    value: ast.expr | None
    if isinstance(node, ast.Lambda):
        value = node.body
    else:
        body = node.body[1:] if ast.get_docstring(node, clean=False) is not None else node.body
        if len(body) != 1:
            return None
        if isinstance(body[0], (ast.AsyncWith, ast.AsyncFor)):
            value = _iterated(names, body[0])
        elif isinstance(body[0], (ast.Return, ast.Expr)):
            value = body[0].value
        else:
            return None
    if isinstance(value, (ast.Await, ast.YieldFrom)):
        value = value.value
    return value if isinstance(value, ast.Call) else None


def _iterated(names: Names, statement: ast.AsyncWith | ast.AsyncFor) -> ast.expr | None:
    """`f()` of `async for x in f(): yield x`, or of the same in `async with aclosing(f()) as …`."""
    if isinstance(statement, ast.AsyncFor):
        return statement.iter if _yields_its_items(statement) else None
    manager, name = statement.items[0].context_expr, statement.items[0].optional_vars
    loop = statement.body[0]
    if len(statement.items) + len(statement.body) > 2 or not isinstance(loop, ast.AsyncFor):
        return None
    if not isinstance(manager, ast.Call) or len(manager.args) != 1:
        return None
    if names.qualified(manager.func) != "contextlib.aclosing" or not isinstance(name, ast.Name):
        return None
    is_all = _yields_its_items(loop) and dotted(loop.iter) == name.id
    return manager.args[0] if is_all else None


def _yields_its_items(loop: ast.AsyncFor) -> bool:
    """True for `async for x in …: yield x`."""
    statement = loop.body[0]
    if len(loop.body) > 1 or loop.orelse or not isinstance(statement, ast.Expr):
        return False
    item, given = loop.target, statement.value
    if not isinstance(item, ast.Name) or not isinstance(given, ast.Yield):
        return False
    return given.value is not None and dotted(given.value) == item.id


def _arguments(call: ast.Call) -> list[ast.expr]:
    return [*call.args, *(keyword.value for keyword in call.keywords)]


def _is_plain(node: ast.expr) -> bool:
    """True for what is passed on as it is: a name, an attribute, a constant, stars of these."""
    if isinstance(node, ast.Starred):
        node = node.value
    if isinstance(node, ast.UnaryOp):
        return isinstance(node.operand, ast.Constant)
    if isinstance(node, ast.Tuple):
        return not node.elts  # `*()`: see rewrite/trampoline.py
    return isinstance(node, ast.Constant) or dotted(node) is not None


def dotted(node: ast.expr) -> str | None:
    """`a.b.c` for a name or a chain of attributes on one."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        base = dotted(node.value)
        return None if base is None else f"{base}.{node.attr}"
    return None
