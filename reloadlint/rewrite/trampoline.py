"""The two halves of a hoist: the moved function's parameters, and the call that passes them."""

from __future__ import annotations

import ast
import builtins
from dataclasses import dataclass

from reloadlint.facts import FileFacts
from reloadlint.facts.captures import Capture, CaptureKind
from reloadlint.facts.closures import Closure, own_nodes
from reloadlint.facts.index import parameters
from reloadlint.rewrite.async_generators import is_async_generator


@dataclass(frozen=True)
class Forwarding:
    """`parameters` of the moved function and `arguments` of the call in the trampoline."""

    parameters: str
    arguments: str


def forwarding(facts: FileFacts, closure: Closure, captures: tuple[Capture, ...]) -> Forwarding:
    """Captures come first, `self` before the others; then the closure's own parameters."""
    ordered = sorted(captures, key=lambda capture: capture.kind is not CaptureKind.SELF)
    names = [capture.name for capture in ordered]
    if isinstance(closure.node, ast.Lambda):
        return _of_lambda(closure.node, names)
    return _of_def(facts, closure.node, names)


def _of_lambda(node: ast.Lambda, captured: list[str]) -> Forwarding:
    """Star parameters go on as plain ones, a tuple and a dict: nothing tells the difference.

    `lambda e: f(e)` is what other linters replace by `f`, and with that undo the trampoline;
    keywords, and `*()` where there is nothing to pass, keep them from it.
    """
    own = [arg.arg for arg in parameters(node.args)]
    named = [f"{name}={name}" for name in own]
    arguments = [*captured, *own] if captured else named or ["*()"]
    return Forwarding(", ".join([*captured, *own]), ", ".join(arguments))


def _of_def(
    facts: FileFacts, node: ast.FunctionDef | ast.AsyncFunctionDef, captured: list[str]
) -> Forwarding:
    args = node.args
    positional = [*args.posonlyargs, *args.args]
    declared = [*captured, *(_declare(facts, arg) for arg in positional)]
    passed = [*captured, *(arg.arg for arg in positional)]
    if args.kwarg and declared:
        declared.append("/")  # a key of `**kwargs` may be the name of a capture
    if args.vararg:
        declared.append("*" + _declare(facts, args.vararg))
        passed.append("*" + args.vararg.arg)
    elif args.kwonlyargs:
        declared.append("*")
    declared += [_declare(facts, arg) for arg in args.kwonlyargs]
    passed += [f"{arg.arg}={arg.arg}" for arg in args.kwonlyargs]
    if args.kwarg:
        declared.append("**" + _declare(facts, args.kwarg))
        passed.append("**" + args.kwarg.arg)
    return Forwarding(", ".join(declared), ", ".join(passed))


def _declare(facts: FileFacts, arg: ast.arg) -> str:
    note = annotation(facts, arg.annotation)
    return f"{arg.arg}: {note}" if note else arg.arg


def annotation(facts: FileFacts, node: ast.expr | None) -> str:
    """The annotation as it can stand at the moved function; empty where it has to go.

    At its new place it is evaluated when the module is imported: perhaps before the names in it
    have a value, so that it is quoted unless nothing can go wrong. A type that is local to the
    enclosing function means nothing there.
    """
    if node is None:
        return ""
    names = [part for part in ast.walk(node) if isinstance(part, ast.Name)]
    if any(facts.index.scope_at(name).resolve(name.id) for name in names):
        return ""
    if any(map(_is_text, ast.walk(node))):
        # A string in an annotation may name anything; where it is all of it, it can stay.
        return _quoted_names_are_global(facts, node)
    start, end = facts.span(node)
    text = facts.source.text[start:end]
    if "\n" in text or "\r" in text:
        text = ast.unparse(node)
    if _has_future_annotations(facts) or all(map(_is_harmless, ast.walk(node))):
        return text
    return _quoted(text)


def _is_text(node: ast.AST) -> bool:
    is_string = isinstance(node, ast.Constant) and isinstance(node.value, str)
    return is_string or isinstance(node, ast.JoinedStr)


def _quoted_names_are_global(facts: FileFacts, node: ast.expr) -> str:
    value = node.value if isinstance(node, ast.Constant) else None
    if not isinstance(value, str):
        return ""
    try:
        inner = ast.parse(value.strip(), mode="eval")
    except SyntaxError:
        return ""
    scope = facts.index.scope_at(node)
    names = [part.id for part in ast.walk(inner) if isinstance(part, ast.Name)]
    if any(scope.resolve(name) for name in names):
        return ""
    start, end = facts.span(node)
    text = facts.source.text[start:end]
    return text if "\n" not in text and "\r" not in text else _quoted(value)


def _quoted(text: str) -> str:
    """The text as a string, in the quotes that formatters prefer."""
    return repr(text) if set(text) & {'"', "\\", "\n", "\r"} else f'"{text}"'


def _has_future_annotations(facts: FileFacts) -> bool:
    return any(
        imported.module == "__future__" and ("annotations", "annotations") in imported.names
        for imported in facts.imports
    )


def _is_harmless(node: ast.AST) -> bool:
    """True for a part of an annotation that has a value in every module, from its first line on."""
    if isinstance(node, ast.Name):
        return node.id in vars(builtins)
    return isinstance(
        node, (ast.Subscript, ast.Tuple, ast.Constant, ast.BinOp, ast.BitOr, ast.Load)
    )


def forwarding_statement(closure: Closure, call: str) -> str:
    """The one statement of the trampoline: a call that keeps the kind of the function.

    Of an async generator: of the plain function that returns it.
    """
    assert not isinstance(closure.node, ast.Lambda)
    gives_value = any(
        isinstance(node, ast.Return) and node.value is not None for node in own_nodes(closure.node)
    )
    if is_async_generator(closure):
        return f"return {call}"
    if closure.is_async:
        call = f"await {call}"
    elif closure.is_generator:
        call = f"(yield from {call})" if gives_value else f"yield from {call}"
    return f"return {call}" if gives_value else call
