"""A file and its new text → a unified patch that `git apply` and `patch -p1` take."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterator

from reloadlint.report.text import Style, visible
from reloadlint.source import SourceFile

_NO_NEWLINE = "\\ No newline at end of file\n"
_COLOURS = {"+": "green", "-": "red", "@": "cyan"}


def patch(before: SourceFile, text: str) -> bytes:
    """The patch, in the encoding and with the line ends of the file."""
    header, *body = _lines(before, text) or [""]
    return b"".join([os.fsencode(header), *(line.encode(before.encoding) for line in body)])


def painted_patch(before: SourceFile, text: str, style: Style) -> Iterator[str]:
    """The patch for people: line by line, in colour, nothing in it that a terminal obeys."""
    for line in "".join(_lines(before, text)).split("\n")[:-1]:
        yield style(visible(line.removesuffix("\r")), _COLOURS.get(line[:1]))


def _lines(before: SourceFile, text: str) -> list[str]:
    """The header, and then the other lines; nothing where nothing changes."""
    mark = "\ufeff" if before.bom else ""
    old = _split(mark + before.file_text(before.text))
    new = _split(mark + before.file_text(text))
    diff = list(difflib.unified_diff(old, new))[2:]
    if not diff:
        return []
    ended = (line if line.endswith("\n") else f"{line}\n{_NO_NEWLINE}" for line in diff)
    return [f"--- {_name('a', before.path)}\n+++ {_name('b', before.path)}\n", *ended]


def _split(text: str) -> list[str]:
    # For patches only a line feed ends a line.
    return re.findall(r"[^\n]*\n|[^\n]+\Z", text)


def _name(side: str, path: str) -> str:
    """The file as git writes it: relative, quoted where it must be."""
    relative = os.path.relpath(path)
    if relative.startswith(os.pardir):
        relative = os.path.abspath(path).lstrip("/")
    name = f"{side}/{relative}"
    if re.search(r'[\x00-\x1f"\\\x7f]', name):
        return '"' + re.sub(r'[\x00-\x1f"\\\x7f]', _quoted, name) + '"'
    # The tab tells where a name with spaces ends.
    return f"{name}\t" if " " in name else name


def _quoted(match: re.Match[str]) -> str:
    character = match[0]
    return f"\\{character}" if character in '"\\' else f"\\{ord(character):03o}"
