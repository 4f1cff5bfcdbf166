"""Where new top-level text goes, and the blank lines around it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reloadlint.facts.chunks import Chunk
from reloadlint.finding import Edit
from reloadlint.source import SourceFile

if TYPE_CHECKING:
    from reloadlint.facts import FileFacts


def insertion(facts: FileFacts, chunk: Chunk, definition: str) -> tuple[Edit, ...]:
    """Insert a function above a top-level statement and the comments that belong to it.

    What is imported at once may call it, so it stands above; two blank lines set it apart. Those
    above it are an edit of their own, as of several functions at one place only the first needs it.
    """
    source = facts.source
    line = facts.ask(
        "first attached line", chunk.statements[0], lambda: _first_attached_line(source, chunk)
    )
    newline = source.newline
    above = newline * max(0, 2 - _blank_lines_before(source, line)) if line > 1 else ""
    offset = source.line_starts[line - 1]
    texts = [above, definition.rstrip("\r\n") + newline * 3]
    return tuple(Edit(offset, offset, text) for text in texts if text)


def _first_attached_line(source: SourceFile, chunk: Chunk) -> int:
    """The first line of the comments directly above the statement, or the statement's own.

    Comments that begin the file may be its encoding or its licence: these stay on top.
    """
    line = chunk.first_line
    while line > 1 and source.line(line - 1).startswith("#"):
        line -= 1
    begins_file = source.line_starts[line - 1] <= source.margin
    return chunk.first_line if begins_file else line


def _blank_lines_before(source: SourceFile, line: int) -> int:
    count = 0
    while count < 2 and line - count > 1 and not source.line(line - count - 1).strip():
        count += 1
    return count
