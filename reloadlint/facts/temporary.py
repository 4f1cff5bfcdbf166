"""Does the function that hands a closure over let go of it again, before it is done itself?

Three ways: a `finally` puts back what an attribute held before; the registration is taken back,
cancelled or waited for; or what keeps the closure only lives as long as a `with` block.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from reloadlint.facts.index import FUNCTIONS, Scope
from reloadlint.facts.sink import Sink, SinkKind
from reloadlint.facts.trampolines import dotted

if TYPE_CHECKING:
    from reloadlint.facts import FileFacts


def is_put_back(facts: FileFacts, sink: Sink) -> bool:
    """True for a patch: a `finally` puts back what was in the attribute, or deletes it."""
    scope = facts.index.scope_at(sink.node)
    for use in _uses(facts, scope, sink.target):
        statement = facts.index.parent.get(use)
        if isinstance(statement, (ast.Assign, ast.Delete)) and statement is not sink.node:
            if use in statement.targets and _is_in_finally(facts, statement):
                return True
    return False


def is_taken_back(facts: FileFacts, sink: Sink) -> bool:
    """True where the closure, or what the call returned for it, is taken back or awaited.

    That has to come behind the call in the text, in the same function, and not in an `except`.
    """
    scope = facts.index.scope_at(sink.node)
    if not scope.is_function:
        return False
    handle = _bound_to(facts, sink.node)
    name = _name_of(sink, facts.index.parent[sink.node])
    by_name = _uses(facts, scope, name) if name else iter(())
    by_handle = _uses(facts, scope, handle) if handle else iter(())
    return any(_is_removed(facts, use, sink.node) for use in by_name) or any(
        _is_removed(facts, use, sink.node)
        or _is_waited_for(facts, use, sink.node)
        or _is_given_back(facts, use, sink)
        for use in by_handle
    )


def is_scoped(facts: FileFacts, sink: Sink) -> bool:
    """True for a method of what `with … as name` binds, used in such blocks and nowhere else.

    A task group, an executor, an exit stack is done with all that it was given at the end.
    """
    func = sink.node.func if isinstance(sink.node, ast.Call) else sink.node
    if not isinstance(func, ast.Attribute) or not isinstance(func.value, ast.Name):
        return False
    scope = facts.index.scope_at(func)
    uses = scope.uses_of(func.value.id)
    items = [facts.index.parent.get(use) for use in scope.bindings_of(func.value.id)]
    if not scope.is_function or not items:
        return False
    if not all(isinstance(item, ast.withitem) for item in items):
        return False
    blocks = {facts.index.parent[item] for item in items if item is not None}
    return all(
        not blocks.isdisjoint(facts.index.ancestors(use)) and not _is_emptied(facts, use)
        for use in uses
    )


def _is_emptied(facts: FileFacts, use: ast.AST) -> bool:
    """True for `stack.pop_all()`, which moves all that an exit stack holds to another one."""
    up = facts.index.parent.get(use)
    return isinstance(up, ast.Attribute) and up.attr == "pop_all"


def is_context(facts: FileFacts, sink: Sink) -> bool:
    """True where the call itself is what a `with` enters, and leaves again."""
    return isinstance(facts.index.parent.get(sink.node), ast.withitem)


def _name_of(sink: Sink, around: ast.AST) -> str | None:
    """The name by which the closure was handed over; for a decorator, that of the function."""
    if sink.kind is SinkKind.DECORATOR:
        return around.name if isinstance(around, FUNCTIONS) else None
    argument = _argument(sink.node, sink.parameter) if isinstance(sink.node, ast.Call) else None
    return argument.id if isinstance(argument, ast.Name) else None


def _argument(call: ast.Call, parameter: int | str | None) -> ast.expr | None:
    if isinstance(parameter, int):
        return call.args[parameter]
    return next((word.value for word in call.keywords if word.arg == parameter), None)


def _bound_to(facts: FileFacts, node: ast.AST) -> str | None:
    """The name or attribute that the value of the call is assigned to."""
    statement = facts.index.parent.get(node)
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        return dotted(statement.targets[0])
    return None


def _uses(facts: FileFacts, scope: Scope, text: str) -> Iterator[ast.AST]:
    """Where a name, or an attribute such as `self.x`, stands in the scope."""
    root, _, rest = text.partition(".")
    for use in scope.uses_of(root):
        found: ast.AST = use
        for _ in range(rest.count(".") + 1 if rest else 0):
            found = facts.index.parent.get(found, found)
        if isinstance(found, ast.expr) and dotted(found) == text:
            yield found


def _is_removed(facts: FileFacts, use: ast.AST, call: ast.AST) -> bool:
    """True for `x.remove_handler(use)` and its like."""
    removal = facts.index.parent.get(use)
    if not isinstance(removal, ast.Call) or use not in removal.args:
        return False
    name = getattr(removal.func, "attr", getattr(removal.func, "id", ""))
    return facts.sink_table.takes_back(name) and _comes_behind(facts, removal, call)


def _is_given_back(facts: FileFacts, use: ast.AST, sink: Sink) -> bool:
    """True for `signal(SIGINT, use)` after `use = signal(SIGINT, closure)`: what was there before.

    All that the two calls are given is the same but for one argument.
    """
    again, call = facts.index.parent.get(use), sink.node
    if not isinstance(again, ast.Call) or not isinstance(call, ast.Call) or sink.callee is None:
        return False
    if not facts.sink_table.returns_former(sink.callee.qualified) or use not in again.args:
        return False
    if dotted(again.func) != dotted(call.func) or len(again.args) != len(call.args):
        return False
    pairs = zip(again.args, call.args, strict=True)
    is_same = all(new is use or ast.dump(new) == ast.dump(old) for new, old in pairs)
    return is_same and _comes_behind(facts, again, call)


def _is_waited_for(facts: FileFacts, use: ast.AST, call: ast.AST) -> bool:
    """True for `use.cancel()`, `use.join()` and their like, and for `await use`."""
    up = facts.index.parent.get(use)
    if isinstance(up, ast.Await):
        return _comes_behind(facts, up, call)
    end = facts.index.parent.get(up) if isinstance(up, ast.Attribute) else None
    return (
        isinstance(up, ast.Attribute)
        and isinstance(end, ast.Call)
        and end.func is up
        and not end.args
        and facts.sink_table.ends(up.attr)
        and _comes_behind(facts, end, call)
    )


def _comes_behind(facts: FileFacts, node: ast.expr, call: ast.AST) -> bool:
    if node.lineno < (getattr(call, "end_lineno", None) or 0):
        return False
    return not any(isinstance(up, ast.ExceptHandler) for up in _within(facts, node))


def _within(facts: FileFacts, node: ast.AST) -> Iterator[ast.AST]:
    """What is around the node in its function."""
    for up in facts.index.ancestors(node):
        if isinstance(up, (*FUNCTIONS, ast.Lambda)):
            return
        yield up


def _is_in_finally(facts: FileFacts, node: ast.AST) -> bool:
    inner = node
    for up in _within(facts, node):
        if isinstance(up, ast.Try) and inner in up.finalbody:
            return True
        inner = up
    return False
