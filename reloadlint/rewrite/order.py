"""Which names a body reads before anything else can run: these may as well be passed to it.

`lambda: log.info(host, port)` reads `log` first of all, and `host` and `port` when `log.info` may
have run a property. What a caller of the body can tell of a name that is read at once is nothing:
not that it was unbound, and not that it was bound anew a moment later.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from itertools import takewhile
from typing import Final

from reloadlint.facts import FileFacts
from reloadlint.facts.closures import Closure
from reloadlint.facts.index import COMPREHENSIONS


def read_at_once(facts: FileFacts, closure: Closure) -> list[ast.Name]:
    """The reads that come before any code of others, any jump and any error, in their order."""
    reads: list[ast.Name] = []
    body = closure.node.body
    events = _value(body) if isinstance(body, ast.expr) else _statements(body)
    for event in events:
        if not isinstance(event, ast.Name) or not _surely_has_value(facts, closure, event):
            break
        reads.append(event)
    return reads


def reads_without_pause(closure: Closure) -> set[ast.Name]:
    """The reads that come before any call, loop or suspension.

    Meanwhile another thread hardly gets a turn; what is read later, it may have bound anew.
    """
    body = closure.node.body
    reads: set[ast.Name] = set()
    _without_pause([body] if isinstance(body, ast.expr) else body, reads)
    return reads


_Event = ast.AST  # a name that is read; or a node that may run other code, fail or branch


def _surely_has_value(facts: FileFacts, closure: Closure, name: ast.Name) -> bool:
    """False for a local variable of the body, and for a global that the module may lack."""
    binder = closure.scope.resolve(name.id)
    if binder is closure.scope:
        return any(isinstance(use, ast.arg) for use in binder.uses[name.id])
    if binder is None:
        is_bound = bool(facts.index.module.bindings.get(name.id))
        return is_bound or facts.names.is_builtin(name.id)
    return True  # a capture


def _statements(body: Iterable[ast.stmt]) -> Iterator[_Event]:
    for statement in body:
        yield from _statement(statement)


def _statement(statement: ast.stmt) -> Iterator[_Event]:
    if isinstance(statement, ast.Pass) or _is_docstring(statement):
        return
    if isinstance(statement, (ast.Expr, ast.Return)):
        if statement.value is not None:
            yield from _value(statement.value)
    elif isinstance(statement, ast.Assign):
        yield from _value(statement.value)
        for target in statement.targets:
            if not isinstance(target, ast.Name):
                yield from _target(target)
        return
    elif isinstance(statement, (ast.If, ast.Assert)):
        yield from _value(statement.test)
    elif isinstance(statement, (ast.For, ast.AsyncFor)):
        yield from _value(statement.iter)
    elif isinstance(statement, (ast.With, ast.AsyncWith)):
        yield from _value(statement.items[0].context_expr)
    elif isinstance(statement, ast.Raise) and statement.exc is not None:
        yield from _value(statement.exc)
    elif isinstance(statement, ast.Match):
        yield from _value(statement.subject)
    if not isinstance(statement, ast.Expr):
        yield statement


def _is_docstring(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _target(target: ast.expr) -> Iterator[_Event]:
    if isinstance(target, (ast.Attribute, ast.Subscript)):
        yield from _value(target.value)
    yield target


def _call_parts(call: ast.Call) -> list[ast.expr]:
    """The function and its arguments up to the first `**`, as that runs code when it is merged."""
    plain = takewhile(lambda keyword: keyword.arg is not None, call.keywords)
    return [call.func, *call.args, *(keyword.value for keyword in plain)]


# The parts of an expression that CPython evaluates, one after the other, before the expression
# itself does something.
_PARTS: Final[dict[type[ast.AST], Callable[..., list[ast.expr]]]] = {
    ast.Attribute: lambda node: [node.value],
    ast.Await: lambda node: [node.value],
    ast.BinOp: lambda node: [node.left, node.right],
    ast.BoolOp: lambda node: node.values[:1],
    ast.Call: _call_parts,
    ast.Compare: lambda node: [node.left, node.comparators[0]],
    ast.IfExp: lambda node: [node.test],
    ast.Subscript: lambda node: [node.value, node.slice],
    ast.UnaryOp: lambda node: [node.operand],
    ast.Yield: lambda node: [node.value] if node.value else [],
    ast.YieldFrom: lambda node: [node.value],
}


def _value(node: ast.expr) -> Iterator[_Event]:
    if isinstance(node, ast.Name):
        yield node
    elif isinstance(node, (ast.Tuple, ast.List)):
        for element in node.elts:
            yield from _value(element)
    elif isinstance(node, COMPREHENSIONS):
        yield from _value(node.generators[0].iter)
        yield node
    elif isinstance(node, ast.NamedExpr):
        yield from _value(node.value)
    elif not isinstance(node, ast.Constant):
        parts = _PARTS.get(type(node))
        for part in parts(node) if parts else ():
            yield from _value(part)
        yield node


# ------------------------------------------------------------------------------------ pauses

_PAUSES: Final = (ast.Call, ast.Await, ast.Yield, ast.YieldFrom)
_LONG: Final = (
    ast.For,
    ast.AsyncFor,
    ast.While,
    ast.With,
    ast.AsyncWith,
    ast.Import,
    ast.ImportFrom,
)
_OTHER_FRAMES: Final = (ast.Lambda, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def _without_pause(nodes: Iterable[ast.AST], reads: set[ast.Name]) -> bool:
    """Collect the reads up to the first pause; False where there was one."""
    for node in nodes:
        if isinstance(node, _LONG + _OTHER_FRAMES + COMPREHENSIONS):
            return False
        if isinstance(node, (ast.If, ast.IfExp)):
            goes_on = _without_pause([node.test], reads)
            branches = [_as_list(node.body), _as_list(node.orelse)]
            ends = [_without_pause(branch, reads) for branch in branches] if goes_on else [False]
            if not all(ends):
                return False
            continue
        if not _without_pause(_in_order(node), reads) or isinstance(node, _PAUSES):
            return False
        if isinstance(node, ast.Name):
            reads.add(node)
    return True


def _as_list(branch: ast.expr | list[ast.stmt]) -> list[ast.AST]:
    return [branch] if isinstance(branch, ast.expr) else [*branch]


def _in_order(node: ast.AST) -> Iterable[ast.AST]:
    """The children as they are evaluated: the value of an assignment comes before its target."""
    if isinstance(node, (ast.Assign, ast.AnnAssign)):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        return [*([node.value] if node.value else []), *targets]
    if isinstance(node, ast.Dict):
        return [part for pair in zip(node.keys, node.values, strict=True) for part in pair if part]
    return ast.iter_child_nodes(node)
