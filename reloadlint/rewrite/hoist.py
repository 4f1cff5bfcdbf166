"""Hoist: move a closure's body into a new module-level function and leave a trampoline.

The parts: `movable.py` says whether it may be done, `trampoline.py` how arguments are passed, this
file cuts the body out of the text and puts it above the enclosing top-level statement.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Final

import libcst as cst

from reloadlint.facts.chunks import Chunk
from reloadlint.facts.closures import Closure
from reloadlint.facts.index import FUNCTIONS
from reloadlint.facts.nodes import FORMATTED
from reloadlint.finding import Applicability, Edit, Fix, Move
from reloadlint.rewrite.async_generators import is_async_generator, is_returned, iterating
from reloadlint.rewrite.block import edit_block, indent_width, render, without_blank_lines
from reloadlint.rewrite.caution import caution_about
from reloadlint.rewrite.imports import imported
from reloadlint.rewrite.movable import why_not
from reloadlint.rewrite.naming import name_parts
from reloadlint.rewrite.place import insertion
from reloadlint.rewrite.refusal import Reason, Refused
from reloadlint.rewrite.trampoline import Forwarding, annotation, forwarding, forwarding_statement

if TYPE_CHECKING:
    from reloadlint.rule import Context


def hoist(context: Context, node: cst.Lambda | cst.FunctionDef, closure: Closure) -> Fix | Refused:
    """The fix that hoists `closure`, which is `node` in the tree of its statement; or why not."""
    captures = why_not(context.facts, closure)
    if isinstance(captures, Refused):
        return captures
    if _begins_with_preamble(_chunk(context, closure)):
        return Refused(Reason.SHARED_PREAMBLE_LINE)
    name = context.fresh.take(*name_parts(context, closure))
    passing = forwarding(context.facts, closure, captures)
    if isinstance(closure.node, ast.Lambda):
        edit, moved = _cut_lambda(context, closure.node, name, passing)
        edits = [edit]
    else:
        assert isinstance(node, cst.FunctionDef)
        edits, moved = _cut_def(context, node, closure, name, passing)
    origin, _ = context.facts.span(closure.node)
    caution = caution_about(context.facts, closure, captures)
    return Fix(
        title=f"move the body into `{name}`",
        edits=(*insertion(context.facts, _place(context, closure), moved), *edits),
        applicability=Applicability.UNSAFE if caution else Applicability.SAFE,
        moves=(Move(origin, name, tuple(capture.name for capture in captures)),),
        caution=caution,
    )


def _chunk(context: Context, closure: Closure) -> Chunk:
    return context.facts.chunk_at(closure.node.lineno)


def _place(context: Context, closure: Closure) -> Chunk:
    """The statement to stand above: that of the closure, or the first of the overloads of it."""
    chunks, chunk = context.facts.chunks, _chunk(context, closure)
    name = getattr(chunk.statements[0], "name", None)
    for index in reversed(range(chunk.index)):
        if not _is_overload(context, chunks[index], name):
            break
        chunk = chunks[index]
    return chunk


def _is_overload(context: Context, chunk: Chunk, name: str | None) -> bool:
    """True for a function that only says how the one of its name, below it, may be called."""
    statement = chunk.statements[-1]
    if not isinstance(statement, FUNCTIONS) or statement.name != name:
        return False
    names = context.facts.names
    return any(names.qualified(each) in _OVERLOAD for each in statement.decorator_list)


_OVERLOAD: Final = ("typing.overload", "typing_extensions.overload")


def _begins_with_preamble(chunk: Chunk) -> bool:
    """True where a docstring, or an import from the future, must stay the first thing there is."""
    first = chunk.statements[0]
    if isinstance(first, ast.Expr):
        is_string = isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)
        return is_string and chunk.index == 0
    return isinstance(first, ast.ImportFrom) and first.module == "__future__"


# ---------------------------------------------------------------------------------- a lambda


def _cut_lambda(
    context: Context, node: ast.Lambda, name: str, passing: Forwarding
) -> tuple[Edit, str]:
    source = context.source
    _, end = context.facts.span(node)  # which is behind the parentheses of the body, if any
    start = _lambda_body_start(context, node)
    body = _lines_of_body(context, node, source.text[start:end])
    edit = Edit(start, end, f"{name}({passing.arguments})")
    head = f"def {name}({passing.parameters}):"
    return edit, f"{head}{source.newline}{context.module.default_indent}return {body}"


def _lines_of_body(context: Context, node: ast.Lambda, text: str) -> str:
    """The body as it stands behind `return`: in parentheses if need be, and at its new depth."""
    if "\n" not in text and "\r" not in text:
        return text
    if not _is_one_statement(f"return_ = {text}"):
        text = f"({text})"
    if any(map(_is_string_over_lines, ast.walk(node.body))):
        return text
    first, *others = _LINE_ENDS.split(text)
    indent = min((line[: indent_width(line)] for line in others if line.strip()), key=len)
    unit = context.module.default_indent
    depth = unit if others[-1].lstrip().startswith((")", "]", "}")) else unit * 2
    depth = min(indent, depth, key=len)
    return "".join([first, *(_reindented(line, indent, depth) for line in others)])


_LINE_ENDS: Final = re.compile(r"(?<=\n)|(?<=\r)(?!\n)")


def _reindented(line: str, indent: str, depth: str) -> str:
    return depth + line.removeprefix(indent) if line.startswith(indent) else line


def _is_one_statement(text: str) -> bool:
    try:
        return len(ast.parse(text).body) == 1
    except SyntaxError:
        return False


def _is_string_over_lines(node: ast.AST) -> bool:
    is_constant = isinstance(node, (ast.Constant, *FORMATTED))
    return is_constant and isinstance(node, ast.expr) and node.lineno != node.end_lineno


def _lambda_body_start(context: Context, node: ast.Lambda) -> int:
    """Offset of the body, its opening parentheses included: what follows the colon."""
    text = context.source.text
    start, _ = context.facts.span(node)
    head = [part for part in ast.walk(node.args) if isinstance(part, (ast.arg, ast.expr))]
    offset = max([start + len("lambda"), *(context.facts.span(part)[1] for part in head)])
    is_behind_colon = False
    while not is_behind_colon or text[offset].isspace() or text[offset] in "#\\":
        is_behind_colon = is_behind_colon or text[offset] == ":"
        if text[offset] == "#":
            offset = context.source.line_end(context.source.position(offset).line)
        else:
            offset += 1
    return offset


# -------------------------------------------------------------------------------------- a def


def _cut_def(
    context: Context, node: cst.FunctionDef, closure: Closure, name: str, passing: Forwarding
) -> tuple[list[Edit], str]:
    assert isinstance(closure.node, FUNCTIONS)
    lines, edits = _trampoline_body(context, closure, f"{name}({passing.arguments})")
    skipped = 1 if ast.get_docstring(closure.node) is not None else 0
    if isinstance(node.body, cst.SimpleStatementSuite):
        edit = _edit_suite(context, closure.node, lines, skipped)
        block = cst.IndentedBlock(body=[_bare(part) for part in node.body.body[skipped:]])
    else:
        assert isinstance(node.body, cst.IndentedBlock)
        edit = edit_block(context, node.body, closure.node.body, lines, skipped)
        first, *others = node.body.body[skipped:]
        body = [without_blank_lines(first), *others]
        block = node.body.with_changes(header=cst.TrailingWhitespace(), body=body)
    keyword = "async def" if closure.is_async else "def"
    returns = annotation(context.facts, closure.node.returns)
    arrow = f" -> {returns}" if returns else ""
    head = f"{keyword} {name}({passing.parameters}){arrow}:"
    return [*edits, edit], head + render(context, block)


def _trampoline_body(
    context: Context, closure: Closure, call: str
) -> tuple[list[str], tuple[Edit, ...]]:
    """The lines that take the place of the body, and what they need elsewhere."""
    facts = context.facts
    if not is_async_generator(closure):
        return [forwarding_statement(closure, call)], ()
    if is_returned(facts, closure):
        start, _ = facts.span(closure.node)
        is_async = Edit(start, context.source.text.index("def", start), "")
        return [forwarding_statement(closure, call)], (is_async,)
    aclosing, edits = imported(context, closure.node, "contextlib", "aclosing")
    names = {node.id for node in ast.walk(ast.parse(call)) if isinstance(node, ast.Name)}
    return iterating(call, aclosing, names, context.module.default_indent), edits


def _bare(part: cst.BaseSmallStatement) -> cst.SimpleStatementLine:
    """A line of its own, without the semicolon that stood between it and the next."""
    return cst.SimpleStatementLine([part.with_changes(semicolon=cst.MaybeSentinel.DEFAULT)])


def _edit_suite(
    context: Context,
    node: ast.FunctionDef | ast.AsyncFunctionDef,
    lines: list[str],
    skipped: int,
) -> Edit:
    start, _ = context.facts.span(node.body[skipped])
    _, end = context.facts.span(node.body[-1])
    _, *others = lines
    if others:
        head = context.source.line(node.lineno)
        indent = head[: indent_width(head)] + context.module.default_indent
        lines = ["", *(indent + line for line in lines)]
        start = len(context.source.text[:start].rstrip(" \t\\\r\n"))
    return Edit(start, end, context.source.newline.join(lines))
