"""May a closure's body become a function of its own? The conditions, one by one."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from reloadlint.facts import FileFacts
from reloadlint.facts.captures import Capture, CaptureKind
from reloadlint.facts.closures import Closure, own_nodes
from reloadlint.facts.index import COMPREHENSIONS, FUNCTIONS, Scope
from reloadlint.facts.trampolines import dotted
from reloadlint.rewrite.refusal import Reason, Refused

# What tells a function its caller, its caller's names, or its own place in the source.
_FRAME_FUNCTIONS = frozenset({
    "builtins.eval", "builtins.exec", "builtins.locals",
    "inspect.currentframe", "inspect.getouterframes", "inspect.stack",
    "logging.Logger.findCaller", "sys._getframe", "sys._getframemodulename",
    "traceback.extract_stack", "traceback.format_stack", "traceback.print_stack",
    "traceback.walk_stack",
})  # fmt: skip
_FRAME_WITHOUT_ARGUMENTS = frozenset({"builtins.dir", "builtins.vars"})
_CODE_ATTRIBUTES = ("__closure__", "__code__", "co_freevars", "co_code", "co_consts")


def why_not(facts: FileFacts, closure: Closure) -> Refused | tuple[Capture, ...]:
    """The first reason against moving the body, or the captures that it takes along."""
    if facts.index.in_fstring and any(
        up in facts.index.in_fstring for up in facts.index.ancestors(closure.node)
    ):
        return Refused(Reason.IN_FSTRING)
    captures = facts.captures(closure.node)
    if captures is None:
        return Refused(Reason.NO_SYMBOL_TABLE)
    for reason in (*_against_kind(facts, closure), *_against_body(facts, closure)):
        return reason
    for capture in captures:
        for reason in _against_capture(facts, closure, capture):
            return reason
    return captures


def _against_kind(facts: FileFacts, closure: Closure) -> Iterator[Refused]:
    if closure.is_generator and isinstance(closure.node, ast.Lambda):
        yield Refused(Reason.YIELD_IN_LAMBDA)
    if closure.is_generator and closure.is_async:
        yield Refused(Reason.ASYNC_GENERATOR)
    if getattr(closure.node, "type_params", None):
        yield Refused(Reason.OWN_TYPE_PARAMETERS)
    if _shares_docstring_line(facts, closure):
        yield Refused(Reason.SHARED_DOCSTRING_LINE)
    for attribute in _CODE_ATTRIBUTES:
        if attribute in facts.index.attributes:
            yield Refused(Reason.INTROSPECTED, attribute)


def _shares_docstring_line(facts: FileFacts, closure: Closure) -> bool:
    """True for `"doc"; code` on a line of its own; a body on the line of the `def` is no trouble."""
    node = closure.node
    if isinstance(node, ast.Lambda) or ast.get_docstring(node, clean=False) is None:
        return False
    docstring = node.body[0]
    is_shared = len(node.body) > 1 and node.body[1].lineno == docstring.end_lineno
    return is_shared and not facts.source.line(docstring.lineno)[: docstring.col_offset].strip()


def _against_body(facts: FileFacts, closure: Closure) -> Iterator[Refused]:
    """What the text would mean elsewhere: private names, and whatever looks at its frame."""
    in_class = any(isinstance(scope.node, ast.ClassDef) for scope in closure.scope.enclosing())
    body = [closure.node.body] if isinstance(closure.node, ast.Lambda) else closure.node.body
    for part in body:
        for node in ast.walk(part):
            if in_class:
                for name in _identifiers(node):
                    if name.startswith("__") and not name.endswith("__"):
                        yield Refused(Reason.MANGLED, name)
            if isinstance(node, ast.Call):
                yield from _against_call(facts, node)
    if in_class:
        for arg in ast.walk(closure.node.args):
            if isinstance(arg, ast.arg) and arg.arg.startswith("__") and not arg.arg.endswith("__"):
                yield Refused(Reason.MANGLED, arg.arg)


def _identifiers(node: ast.AST) -> list[str]:
    """The identifiers of a node that the compiler mangles in a class."""
    if isinstance(node, ast.Name):
        return [node.id]
    if isinstance(node, ast.Attribute):
        return [node.attr]
    if isinstance(node, ast.arg):
        return [node.arg]
    if isinstance(node, (*FUNCTIONS, ast.ClassDef)):
        return [node.name]
    if isinstance(node, ast.alias):
        return [node.asname or node.name]
    if isinstance(node, (ast.Global, ast.Nonlocal)):
        return list(node.names)
    name = getattr(node, "name", None)
    return [name] if isinstance(name, str) else []


def _against_call(facts: FileFacts, call: ast.Call) -> Iterator[Refused]:
    text = dotted(call.func) or "the call"
    qualified = facts.names.qualified(call.func)
    if qualified in _FRAME_FUNCTIONS:
        yield Refused(Reason.SEES_ITS_FRAME, text)
    if qualified in _FRAME_WITHOUT_ARGUMENTS and not call.args:
        yield Refused(Reason.SEES_ITS_FRAME, text)
    if any(keyword.arg == "stacklevel" for keyword in call.keywords) or (
        qualified == "warnings.warn" and len(call.args) > 2
    ):
        yield Refused(Reason.SEES_ITS_FRAME, text)
    if qualified == "builtins.super":
        yield Refused(Reason.CLASS_CELL)


def _against_capture(facts: FileFacts, closure: Closure, capture: Capture) -> Iterator[Refused]:
    name = capture.name
    if capture.kind is CaptureKind.CLASS_CELL:
        yield Refused(Reason.CLASS_CELL)
    elif capture.scope is None:
        yield Refused(Reason.TYPE_PARAMETER, name)
    elif _binds_itself(capture, closure):
        yield Refused(Reason.SELF_REFERENCE, name)
    elif capture.is_written_inside:
        yield Refused(Reason.NONLOCAL, name)
    elif capture.is_written_elsewhere:
        yield Refused(Reason.NONLOCAL_ELSEWHERE, name)
    elif capture.is_deleted:
        yield Refused(Reason.DELETED, name)
    elif not capture.is_surely_bound:
        yield Refused(Reason.MAYBE_UNBOUND, name)
    elif capture.is_rebound:
        if _may_be_suspended(facts, closure, capture.scope):
            yield Refused(Reason.REBOUND_WHILE_SUSPENDED, name)
        if _is_captured_inside(closure.scope, name):
            yield Refused(Reason.REBOUND_UNDER_INNER, name)


def _binds_itself(capture: Capture, closure: Closure) -> bool:
    """True where the captured name is the closure's own: a recursive def, or `f = lambda: f()`."""
    assert capture.scope is not None
    uses = capture.scope.uses.get(capture.name, ())
    if isinstance(closure.node, FUNCTIONS):
        return closure.node in uses
    statement = closure.statement
    targets = getattr(statement, "targets", None) or [getattr(statement, "target", None)]
    return getattr(statement, "value", None) is closure.node and any(t in uses for t in targets)


def _may_be_suspended(facts: FileFacts, closure: Closure, binder: Scope) -> bool:
    """True where the binding scope can go on between two steps of the body.

    A plain function runs to its end while the scope that called it waits. A coroutine or generator
    does not, nor is a generator that binds the name surely waiting when the body runs.
    """
    if closure.is_async or closure.is_generator:
        return True
    owner = facts.closure_of.get(binder.node)  # type: ignore[arg-type]
    node = binder.node
    if owner is not None:
        return owner.is_generator and not owner.is_async
    if isinstance(node, ast.FunctionDef):
        return any(isinstance(part, (ast.Yield, ast.YieldFrom)) for part in own_nodes(node))
    return isinstance(node, ast.GeneratorExp)


def _is_captured_inside(scope: Scope, name: str) -> bool:
    """True where a lambda or def in the body reads the name, perhaps after the body is done."""
    for inner in scope.children:
        if name in inner.uses and not isinstance(inner.node, COMPREHENSIONS):
            return True
        if isinstance(inner.node, ast.GeneratorExp) and name in inner.uses:
            return True
        if _is_captured_inside(inner, name):
            return True
    return False
