"""The text of one file and its geometry: offsets, lines, columns. Reads nothing from disk."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate

from reloadlint.finding import Position

# What ends a line for CPython's tokenizer; unlike str.splitlines, not a form feed.
_NEWLINE = re.compile(r"\r\n|\r|\n")
_LONG = 1_000  # characters of a line that is not decoded anew for each position in it


def split_lines(text: str) -> list[str]:
    """The lines of `text` without their ends; a line end at the end begins none."""
    lines = _NEWLINE.split(text)
    return lines if lines[-1] else lines[:-1]


@dataclass(frozen=True)
class SourceFile:
    """Decoded text with what is needed to write it back byte for byte.

    `path` is what the user is shown. `text` has no byte-order mark and keeps its line ends.
    `raw` is what was read, so that a writer can tell whether the file changed meanwhile.
    """

    path: str
    text: str
    encoding: str = "utf-8"
    bom: bool = False
    raw: bytes | None = field(default=None, repr=False, compare=False)

    @cached_property
    def digest(self) -> str:
        """Tells this content from any other; of the bytes, where they are known."""
        from hashlib import blake2b

        raw = self.text.encode("utf-8", "surrogatepass") if self.raw is None else self.raw
        return blake2b(raw, digest_size=16).hexdigest()

    def encode(self, text: str) -> bytes:
        """Return the content of the file, in its encoding and with its byte-order mark."""
        mark = b"\xef\xbb\xbf" if self.bom else b""
        return mark + self.file_text(text).encode(self.encoding)

    def file_text(self, text: str) -> str:
        """What stands in the file where `text` is its text: the same, but for notebooks."""
        return text

    @cached_property
    def margin(self) -> int:
        """How much white space there is in front of everything else."""
        return len(self.text) - len(self.text.lstrip())

    @cached_property
    def line_starts(self) -> list[int]:
        """Offset of the first character of each line."""
        if "\r" in self.text:
            return [0, *(match.end() for match in _NEWLINE.finditer(self.text))]
        lengths = map(len, self.text.split("\n"))
        starts = [*accumulate((length + 1 for length in lengths), initial=0)]
        return starts[:-1]

    @cached_property
    def newline(self) -> str:
        """The line end that the file uses first; `\\n` where it has none."""
        match = _NEWLINE.search(self.text)
        return match.group() if match else "\n"

    @cached_property
    def _is_ascii(self) -> bool:
        return self.text.isascii()

    def line_end(self, line: int) -> int:
        """Offset just behind `line` (1-based), its line end included."""
        return self.line_starts[line] if line < len(self.line_starts) else len(self.text)

    def line(self, number: int) -> str:
        """The text of line `number` (1-based) without its line end."""
        return self.text[self.line_starts[number - 1] : self.line_end(number)].rstrip("\r\n")

    def offset(self, line: int, utf8_column: int) -> int:
        """Offset of a position as `ast` gives it: 1-based line, 0-based column in UTF-8 bytes."""
        start = self.line_starts[line - 1]
        if self._is_ascii:
            return start + utf8_column
        if self.line_end(line) - start > _LONG:
            return start + bisect_left(self._columns(line), utf8_column)
        prefix = self.text[start : self.line_end(line)].encode("utf-8", "surrogatepass")
        return start + len(prefix[:utf8_column].decode("utf-8", "surrogatepass"))

    def _columns(self, line: int) -> list[int]:
        """How many bytes of UTF-8 stand in front of each character of a line."""
        if line not in self._long_lines:
            text = self.text[self.line_starts[line - 1] : self.line_end(line)]
            sizes = (len(character.encode("utf-8", "surrogatepass")) for character in text)
            self._long_lines[line] = [*accumulate(sizes, initial=0)]
        return self._long_lines[line]

    @cached_property
    def _long_lines(self) -> dict[int, list[int]]:
        return {}

    def offset_of(self, position: Position) -> int:
        """The offset of a position; the inverse of `position`."""
        return self.line_starts[position.line - 1] + position.column - 1

    def position(self, offset: int) -> Position:
        """Line and column, both 1-based, the column in characters."""
        line = bisect_right(self.line_starts, offset)
        return Position(line, offset - self.line_starts[line - 1] + 1)
