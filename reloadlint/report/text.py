"""Text of unknown origin → text that is safe and lines up on a terminal."""

from __future__ import annotations

import os
import unicodedata
from dataclasses import dataclass
from typing import IO, Any, Final

TAB: Final = 4
# Control, format (among them those that turn the direction of writing), surrogate, line separator.
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_COMBINING: Final = frozenset({"Mn", "Me"})


@dataclass(frozen=True)
class Style:
    """Paints, if `colour` is on."""

    colour: bool = False

    @classmethod
    def of(cls, stream: IO[Any]) -> Style:
        """On for a terminal, unless the user does not want it (https://no-color.org).

        FORCE_COLOR turns it on for pipes as well, such as the logs of CI.
        """
        if os.environ.get("FORCE_COLOR") and not os.environ.get("NO_COLOR"):
            return cls(True)
        wanted = not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
        return cls(wanted and stream.isatty())

    def __call__(self, text: str, colour: str | None = None, *, bold: bool = False) -> str:
        """Return `text`, painted."""
        if not self.colour:
            return text
        import click

        return click.style(text, fg=colour, bold=bold or None)


def visible(text: str) -> str:
    """`text` with all that a terminal would obey, or not show, as escapes; tabs become spaces."""
    if text.isascii() and text.isprintable():
        return text
    shown = ""
    column = 0
    for character in text:
        piece = " " * (TAB - column % TAB) if character == "\t" else _piece(character)
        shown += piece
        column += width(piece)
    return shown


def _piece(character: str) -> str:
    if unicodedata.category(character) not in _UNSEEN:
        return character
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # a byte of a file name that is not UTF-8
        code -= 0xDC00
    return f"\\x{code:02x}" if code < 0x100 else ascii(character)[1:-1]


def width(text: str) -> int:
    """How many columns a terminal needs for what `visible` has returned."""
    if text.isascii():
        return len(text)
    return sum(map(_columns, text))


def _columns(character: str) -> int:
    if unicodedata.category(character) in _COMBINING:
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
