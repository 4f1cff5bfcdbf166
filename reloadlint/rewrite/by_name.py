"""By name: a lambda that looks a function up when it is called, in place of the function itself."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from reloadlint.facts.by_value import KeptFunction, takes_back
from reloadlint.facts.index import parameters
from reloadlint.facts.targets import External, Function
from reloadlint.facts.trampolines import dotted
from reloadlint.finding import Applicability, Edit, Fix
from reloadlint.rewrite.refusal import Caution, Reason, Refused

if TYPE_CHECKING:
    from reloadlint.facts import FileFacts
    from reloadlint.rule import Context

# Toolkits whose `connect` holds what it is given.
_STRONG = ("PyQt", "PySide", "gi.", "tkinter.", "matplotlib.")


def call_by_name(context: Context, kept: KeptFunction) -> Fix | Refused:
    """The fix that hands on `lambda x: f(x=x)` instead of `f`; or why not.

    Keywords, and `*()` where there is nothing to pass, keep other linters from putting `f` back.
    """
    reason = _why_not(context, kept)
    if reason is not None:
        return reason
    signature = _signature(kept.function, kept.text.partition(".")[0])
    if signature is None:
        return Refused(Reason.OPEN_SIGNATURE, kept.text)
    declared, passed = signature
    head = f"lambda {declared}" if declared else "lambda"
    text = f"{head}: {kept.text}({passed})"
    if isinstance(context.facts.index.parent[kept.node], ast.IfExp):
        text = f"({text})"
    start, end = context.facts.span(kept.node)
    return Fix(
        title=f"look `{kept.text}` up when it is called",
        edits=(Edit(start, end, text),),
        applicability=Applicability.UNSAFE,
        caution=Caution.ANOTHER_OBJECT.text(kept.text),
    )


def _why_not(context: Context, kept: KeptFunction) -> Refused | None:
    facts, callee = context.facts, kept.fate.sink.callee
    if isinstance(kept.function.node, ast.AsyncFunctionDef):
        return Refused(Reason.COROUTINE_FUNCTION, kept.text)
    taker = takes_back(facts, kept.text)
    if taker is not None:
        return Refused(Reason.TAKEN_BACK, taker)
    home = kept.function.facts
    if _is_compared(facts, kept.text) or _is_compared(home, kept.function.node.name):
        return Refused(Reason.COMPARED_HERE, kept.text)
    if callee is None:
        return None
    name = callee.target.name if isinstance(callee.target, External) else callee.qualified
    parameter = kept.fate.sink.parameter
    if facts.sink_table.inspects(name, 0 if parameter is None else parameter) is not None:
        return Refused(Reason.LOOKED_AT, callee.text)
    is_plain = callee.function is not None or (name or "").startswith(_STRONG)
    if callee.name in {"connect", "WeakMethod", "ref"} and not is_plain:
        return Refused(Reason.HELD_WEAKLY, callee.text)
    return None


def _is_compared(facts: FileFacts, text: str) -> bool:
    """True for `handler is text` and `handler in (text, …)`."""
    return any(
        dotted(side) == text
        for comparison in facts.index.nodes(ast.Compare)
        for operand in (comparison.left, *comparison.comparators)
        for side in (operand, *getattr(operand, "elts", ()))
    )


def _signature(function: Function, root: str) -> tuple[str, str] | None:
    """What the lambda declares and what it passes; None for what it cannot repeat.

    A parameter that is called as the function is would hide it, and in a class a private name is
    another one.
    """
    args = function.node.args
    if args.vararg or args.kwarg or args.posonlyargs:
        return None
    own = parameters(args)
    if function.is_bound and not _is_static(function):
        own = own[1:]
    named = [*args.args[len(args.args) - len(args.defaults) :], *args.kwonlyargs]
    given = [*args.defaults, *args.kw_defaults]
    defaults = {arg.arg: value for arg, value in zip(named, given, strict=True) if value}
    if not all(isinstance(default, ast.Constant) for default in defaults.values()):
        return None
    if any(arg.arg == root or arg.arg.startswith("__") for arg in own):
        return None
    words = []
    for arg in own:
        if args.kwonlyargs and arg is args.kwonlyargs[0]:
            words.append("*")
        default = defaults.get(arg.arg)
        words.append(arg.arg if default is None else f"{arg.arg}={ast.unparse(default)}")
    return ", ".join(words), ", ".join(f"{arg.arg}={arg.arg}" for arg in own) or "*()"


def _is_static(function: Function) -> bool:
    return any(ast.unparse(d) == "staticmethod" for d in function.node.decorator_list)
