"""Keep: make module state once, and find it again when a reload runs the module once more."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from reloadlint.facts.fragile_keeps import FragileKeep
from reloadlint.facts.module_state import ModuleName
from reloadlint.finding import Applicability, Edit, Fix
from reloadlint.rewrite.imports import imported
from reloadlint.rewrite.refusal import Reason, Refused
from reloadlint.source import split_lines

if TYPE_CHECKING:
    from reloadlint.rule import Context


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
    if context.config.state_idiom == "globals":
        value = _parenthesised(state.value, context.source.text[start:end])
        edits: tuple[Edit, ...] = (Edit(start, end, f'globals().get("{state.name}", {value})'),)
    else:
        name, import_edits = imported(context, state.statement, "reloadlint.runtime", "keep")
        edits = (*import_edits, Edit(start, end, _kept(context, state, name)))
    return Fix(
        title=f"keep `{state.name}` over reloads",
        edits=edits,
        applicability=Applicability.SAFE if context.config.state_idiom else Applicability.UNSAFE,
    )


def keep_firmly(context: Context, found: FragileKeep) -> Fix | Refused:
    """The fix that keeps state by `keep` instead of by asking the module's namespace.

    Comments stay; what becomes of the namespace is no matter any more.
    """
    first = found.states[0]
    name, import_edits = imported(context, first.statement, "reloadlint.runtime", "keep")
    if found.is_wrapped:
        edit = _unwrapped(context, found, name)
    else:
        start, end = context.facts.span(found.node.value)  # type: ignore[attr-defined]
        edit = Edit(start, end, _kept(context, first, name))
    if isinstance(edit, Refused):
        return edit
    names = ", ".join(f"`{state.name}`" for state in found.states)
    return Fix(f"keep {names} by `{name}`", (*import_edits, edit), Applicability.UNSAFE)


def _unwrapped(context: Context, found: FragileKeep, keep_name: str) -> Edit | Refused:
    """The whole statement becomes the assignments in it, and the comments."""
    source = context.source
    by_line = {line: s for s in found.states for line in _lines(s.statement)}
    if sum(len(_lines(state.statement)) for state in found.states) != len(by_line):
        return Refused(Reason.SHARED_LINE)
    text = []
    for line in _lines(found.node):
        state = by_line.get(line)
        if state is None:
            _, mark, comment = source.line(line).partition("#")
            text += [mark + comment] if mark else []
        elif line == state.statement.lineno:
            text += _assignment(context, state, keep_name)
    start, _ = context.facts.span(found.node)
    end = source.line_end(found.node.end_lineno or 0)
    is_last = not source.text[:end].endswith(("\r", "\n"))
    return Edit(start, end, source.newline.join(text) + ("" if is_last else source.newline))


def _lines(node: ast.stmt) -> range:
    assert node.end_lineno is not None
    return range(node.lineno, node.end_lineno + 1)


def _assignment(context: Context, state: ModuleName, keep_name: str) -> list[str]:
    """The lines of the assignment with its value kept, at the depth of the module."""
    text = context.source.text
    start, _ = context.facts.span(state.statement)
    value_start, value_end = _value_span(context, state)
    end = context.source.line_end(state.statement.end_lineno or 0)
    kept = _kept(context, state, keep_name)
    found = split_lines(text[start:value_start] + kept + text[value_end:end])
    indent = " " * state.statement.col_offset
    is_text = any(isinstance(part, (ast.Constant, ast.JoinedStr)) for part in ast.walk(state.value))
    return found if is_text else [line.removeprefix(indent) for line in found]


def _kept(context: Context, state: ModuleName, keep_name: str) -> str:
    start, end = _value_span(context, state)
    factory = _factory(context, state.value, context.source.text[start:end])
    return f'{keep_name}("{state.name}", {factory})'


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
