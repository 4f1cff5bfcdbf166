"""Text of a file → words that other files look it up by, without parsing it.

Patterns begin with what is rare, as the search for plain letters is ten times faster than that for
the beginning of a line.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final

_METHOD: Final = re.compile(r"def[ \t]+(\w+)")
_BEFORE_METHOD: Final = re.compile(r"[ \t]+(?:async[ \t]+)?")
_DECORATOR: Final = re.compile(r"@(?:\w+\.)*(\w+)")
_BEFORE_DECORATOR: Final = re.compile(r"[ \t]*")
_IMPORT: Final = re.compile(r"import[ \t]+(\([^()]*\)|[^\n#]*)")
_BEFORE_IMPORT: Final = re.compile(r"[ \t]*(?:from[ \t]+\.*[ \t]*([\w.]*)[ \t]+)?")
_IMPORTED: Final = re.compile(r"([\w.]+)(?:[ \t]+as[ \t]+\w+)?")
# Letters one of which is in every match of the next pattern.
_FRAME_PARTS: Final = tuple(map(re.compile, ("stack", "frame", "findCaller")))
_FRAME: Final = re.compile(
    r"\b(?:stack_?level|_getframe(?:modulename)?|_current_frames|currentframe|getouterframes"
    r"|findCaller|(?:extract|format|print|walk)_stack|inspect(?:\.| import .*\b)stack)\b"
)


def _methods(text: str) -> set[str]:
    """The names of indented functions."""
    return set(_first_on_line(text, _METHOD, _BEFORE_METHOD))


def _decorators(text: str) -> set[str]:
    """The last names of decorators: `c` of `@a.b.c`."""
    return set(_first_on_line(text, _DECORATOR, _BEFORE_DECORATOR))


def _first_on_line(text: str, word: re.Pattern[str], before: re.Pattern[str]) -> Iterator[str]:
    for match in word.finditer(text):
        start = text.rfind("\n", 0, match.start()) + 1
        if before.fullmatch(text, start, match.start()):
            yield match[1]


def _imports(text: str) -> set[str]:
    """The last two names of each import: `b.c` of `from a.b import c`, and of `import a.b.c`."""
    found = set()
    for match in _IMPORT.finditer(text):
        start = text.rfind("\n", 0, match.start()) + 1
        before = _BEFORE_IMPORT.fullmatch(text, start, match.start())
        if before:
            for name in _IMPORTED.findall(match[1]):
                found.add(".".join(f".{before[1] or ''}.{name}".split(".")[-2:]))
    return found


def _frames(text: str) -> set[str]:
    """The word "" where something reaches beyond the caller, as facts/frames.py has it."""
    lines = (_line(text, match) for part in _FRAME_PARTS for match in part.finditer(text))
    return {""} if any(map(_FRAME.search, lines)) else set()


def _line(text: str, match: re.Match[str]) -> str:
    start, end = text.rfind("\n", 0, match.start()) + 1, text.find("\n", match.end())
    return text[start:end] if end >= 0 else text[start:]


WORDS: Final[Mapping[str, Callable[[str], set[str]]]] = {
    "method": _methods,
    "decorator": _decorators,
    "frame": _frames,
    "import": _imports,
}


def words(kind: str, text: str) -> set[str]:
    """What a file with this `text` contributes to one of `WORDS`."""
    return WORDS[kind](text)
