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
    """Recognise a call, `await` or `yield from` of a global or an attribute, with plain arguments.

    The target must be looked up when the closure runs: a global name of this module, or an
    attribute (`self.method`, `module.function`). A captured local function is the very object
    that was captured, and a builtin leaves nothing that could be edited elsewhere: no trampolines.
    """
    call = forwarded_call(node)
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


def forwarded_call(node: ClosureNode) -> ast.Call | None:
    """The call that is the whole body, a docstring aside; None where there is more or less."""
    value: ast.expr | None
    if isinstance(node, ast.Lambda):
        value = node.body
    else:
        body = node.body[1:] if ast.get_docstring(node, clean=False) is not None else node.body
        if len(body) != 1 or not isinstance(body[0], (ast.Return, ast.Expr)):
            return None
        value = body[0].value
    if isinstance(value, (ast.Await, ast.YieldFrom)):
        value = value.value
    return value if isinstance(value, ast.Call) else None


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
