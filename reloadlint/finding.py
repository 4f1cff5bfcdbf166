"""What a run reports: findings, and fixes as atomic sets of text edits."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import NamedTuple


class Position(NamedTuple):
    """A place in the text: line and column, both 1-based, the column in characters."""

    line: int
    column: int


class Applicability(enum.Enum):
    """How far a fix may be trusted; the words are ruff's."""

    SAFE = "safe"  # the program cannot tell
    UNSAFE = "unsafe"  # needs --unsafe-fixes
    DISPLAY = "display-only"  # shown, never applied


class Confidence(enum.IntEnum):
    """How sure a finding is that the closure is kept."""

    POSSIBLE = 1
    LIKELY = 2
    CERTAIN = 3

    @property
    def label(self) -> str:
        """The word in reports and in the configuration."""
        return self.name.lower()


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """Replace `text[start:end]` by `text`; an insertion where both offsets are equal."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Move:
    """A promise of a fix, for its verification: a closure's body now stands in function `name`.

    `origin` is the offset of the closure (its `lambda`, `def` or `async`) in the old text.
    Each capture, and nothing else, has become a parameter. `is_part`: only a part of the function
    has moved, and the captures are names of the function itself, too.
    """

    origin: int
    name: str
    captures: tuple[str, ...]
    is_part: bool = False


@dataclass(frozen=True, slots=True, order=True)
class Respelling:
    """A promise of a fix, for its verification: what was written `old` at `start` is now `new`.

    Both mean the same there, and nothing but imports changes besides.
    """

    start: int
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Fix:
    """Edits that belong together: all of them are applied, or none.

    `caution` says why the fix is not safe. `on_comments`: the fix is about suppression comments,
    and changes nothing else.
    """

    title: str
    edits: tuple[Edit, ...]
    applicability: Applicability
    moves: tuple[Move, ...] = ()
    respelled: tuple[Respelling, ...] = ()
    caution: str = ""

    @classmethod
    def by_hand(cls, title: str) -> Fix:
        """Advice on what only a person can do."""
        return cls(title, (), Applicability.DISPLAY)

    on_comments: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the way from a closure to what keeps it: what happens there, and where."""

    path: str
    place: Position
    what: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One hazard at one place.

    `message` names the consequence. Where there is no `fix`, `refusal` says why. A comment on
    any line from `statement_line` (the first line of the enclosing statement) suppresses it, or
    on the lines of the finding itself. `steps` lead to what keeps a closure. `scope` is the dotted
    name of the functions and classes around it, empty at the top level of the module. `cell` is
    set in reports: the cell of a notebook that the places count from.
    """

    path: str
    code: str
    name: str
    message: str
    start: Position
    end: Position
    statement_line: int
    confidence: Confidence = Confidence.CERTAIN
    fix: Fix | None = field(default=None, compare=False)
    refusal: str | None = None
    steps: tuple[Step, ...] = ()
    scope: str = ""
    cell: int | None = None

    @property
    def shown_path(self) -> str:
        """The path, and in a notebook the cell that the places are in."""
        return self.path if self.cell is None else f"{self.path}:cell {self.cell}"

    @property
    def told(self) -> str:
        """The message, and how sure it is where it is not certain."""
        doubt = f" ({self.confidence.label})" if self.confidence < Confidence.CERTAIN else ""
        return self.message + doubt

    @property
    def sort_key(self) -> tuple[str, Position, str]:
        """Order of reports: by path, then place, then code."""
        return (self.path, self.start, self.code)
