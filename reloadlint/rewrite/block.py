"""Blocks of statements: cut one out of the text, with its comments, and write it elsewhere."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from itertools import dropwhile
from typing import TYPE_CHECKING

import libcst as cst

from reloadlint.finding import Edit

if TYPE_CHECKING:
    from reloadlint.rule import Context


def without_blank_lines(first: cst.BaseStatement) -> cst.BaseStatement:
    """The first statement of a body, with only its comments above it."""
    lines = getattr(first, "leading_lines", ())
    kept = [*dropwhile(lambda line: line.comment is None, lines)]
    return first.with_changes(leading_lines=kept) if lines else first


def edit_block(
    context: Context,
    block: cst.IndentedBlock,
    body: Sequence[ast.stmt],
    lines: list[str],
    skipped: int = 0,
) -> Edit:
    """Replace whole lines: from the comments above the first statement to those below the last.

    `body` is what `block` is of the `ast`; the first statements of it that are `skipped` stay.
    """
    source = context.source
    first = body[skipped]
    decorators = getattr(first, "decorator_list", [])
    line = min([first.lineno, *(decorator.lineno for decorator in decorators)])
    indent = source.line(line)[: indent_width(source.line(line))]
    above = len(getattr(block.body[skipped], "leading_lines", ()))
    last_line = body[-1].end_lineno
    assert last_line is not None
    start = source.line_starts[line - 1 - above]
    end = min(source.line_end(last_line + _footer_lines(block)), context.facts.chunk_at(line).end)
    is_terminated = source.text[end - 1] in "\r\n"
    text = source.newline.join(indent + line for line in lines)
    return Edit(start, end, text + (source.newline if is_terminated else ""))


def indent_width(line: str) -> int:
    """How many characters of white space the line begins with."""
    return len(line) - len(line.lstrip(" \t\f"))


def _footer_lines(node: cst.CSTNode) -> int:
    """Lines of comments behind the last statement that libcst counts among the block's own."""
    own = len(getattr(node, "footer", ()))
    for child in reversed(node.children):
        if isinstance(child, _BLOCKS):
            return own + _footer_lines(child)
    return own


_BLOCKS = (
    cst.BaseSuite,
    cst.BaseCompoundStatement,
    cst.SimpleStatementLine,
    cst.Else,
    cst.Finally,
    cst.ExceptHandler,
    cst.ExceptStarHandler,
    cst.MatchCase,
)


def render(context: Context, block: cst.IndentedBlock) -> str:
    """The text of a body at the depth that it has in a function of the module."""
    body = context.module.with_changes(
        body=[cst.If(test=cst.Name("_"), body=block)], header=(), footer=()
    ).code
    # libcst indents a block under a head of any kind; the one that it was given is cut off.
    return body[len("if _:") :]
