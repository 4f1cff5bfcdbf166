"""Keep: make module state once, and find it again when a reload runs the module once more."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from reloadlint.facts.module_state import ModuleName
from reloadlint.finding import Applicability, Edit, Fix
from reloadlint.rewrite.refusal import Reason, Refused

if TYPE_CHECKING:
    from reloadlint.rule import Context

KEEP = "reloadlint.runtime.keep"


def keep(context: Context, state: ModuleName) -> Fix | Refused:
    """The fix that makes `state` survive, in the idiom of the configuration.

    `keep("NAME", factory)` needs reloadlint at run time: without a word in the configuration it is
    offered as unsafe.
    """
    if isinstance(state.statement, ast.Assign) and len(state.statement.targets) > 1:
        return Refused(Reason.SEVERAL_TARGETS)
    if any(isinstance(node, ast.NamedExpr) for node in ast.walk(state.value)):
        return Refused(Reason.WALRUS_IN_VALUE)
    start, end = _value_span(context, state)
    value = context.source.text[start:end]
    if context.config.state_idiom == "globals":
        text = f'globals().get("{state.name}", {_parenthesised(state.value, value)})'
        edits: tuple[Edit, ...] = (Edit(start, end, text),)
    else:
        name, import_edits = _keep_name(context, state)
        text = f'{name}("{state.name}", {_factory(context, state.value, value)})'
        edits = (*import_edits, Edit(start, end, text))
    return Fix(
        title=f"keep `{state.name}` over reloads",
        edits=edits,
        applicability=Applicability.SAFE if context.config.state_idiom else Applicability.UNSAFE,
    )


def _value_span(context: Context, state: ModuleName) -> tuple[int, int]:
    """The value with the parentheses around it: they would be lost on `ast`."""
    facts, text = context.facts, context.source.text
    start, end = facts.span(state.value)
    _, statement_end = facts.span(state.statement)
    opening = text[:start].rstrip()
    while text[end:statement_end].lstrip().startswith(")") and opening.endswith("("):
        start = len(opening) - 1
        end = text.index(")", end) + 1
        opening = text[:start].rstrip()
    return start, end


def _parenthesised(value: ast.expr, text: str) -> str:
    is_bare = isinstance(value, ast.Tuple) and not text.startswith("(")
    return f"({text})" if is_bare else text


def _factory(context: Context, value: ast.expr, text: str) -> str:
    """What makes the value: a type that is called with nothing, or else a lambda."""
    if "#" not in text:
        empty = _empty_type(value)
        if empty is not None and context.facts.names.is_builtin(empty):
            return empty
        if isinstance(value, ast.Call) and isinstance(value.func, (ast.Name, ast.Attribute)):
            start, end = context.facts.span(value.func)
            if not value.args and not value.keywords:
                return context.source.text[start:end]
    return f"lambda: {_parenthesised(value, text)}"


def _empty_type(value: ast.expr) -> str | None:
    """The type whose call gives what the display `[]` or `{}` gives."""
    if isinstance(value, ast.List) and not value.elts:
        return "list"
    return "dict" if isinstance(value, ast.Dict) and not value.keys else None


def _keep_name(context: Context, state: ModuleName) -> tuple[str, tuple[Edit, ...]]:
    """The name under which the module has `keep`, and the import that it needs for that."""
    module = context.facts.index.module
    names = context.facts.names
    for name in ("keep", *module.uses):
        read = ast.Name(name, ast.Load())
        if name in module.uses and names.qualified(read, module) == KEEP:
            return name, ()
    name = context.fresh.imported("keep")
    alias = "" if name == "keep" else f" as {name}"
    newline = context.source.newline
    offset = _import_offset(context, state)
    return name, (Edit(offset, offset, f"from reloadlint.runtime import keep{alias}{newline}"),)


def _import_offset(context: Context, state: ModuleName) -> int:
    """Behind the last import above the state; else behind the docstring; else on top."""
    offset: int | None = None
    for chunk in context.facts.chunks:
        if state.statement in chunk.statements:
            return chunk.start if offset is None else offset
        first = chunk.statements[0]
        is_docstring = chunk.index == 0 and ast.get_docstring(context.facts.tree) is not None
        if is_docstring or isinstance(first, (ast.Import, ast.ImportFrom)):
            offset = chunk.end
    raise AssertionError("the state's statement is in no chunk")
