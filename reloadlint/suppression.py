"""Comments that silence findings: text → what each comment covers.

x = register(lambda: work(a))  # reloadlint: ignore[RL101, stored-closure] -- tested by hand
# reloadlint: ignore-file[RL201]
y = register(lambda: work(b))  # noqa: RL101
# reloadlint: disable[RL102]
self.on_close = lambda: work(c)
# reloadlint: enable[RL102]
"""

from __future__ import annotations

import enum
import io
import re
import tokenize
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from heapq import heappop, heappush
from itertools import chain

from reloadlint.finding import Finding
from reloadlint.source import SourceFile

_FILE = 0  # in place of a line
_OURS = re.compile(
    r"""\#\s*reloadlint:\s*(?P<verb>ignore-file|ignore|disable|enable)
        (?:\s*\[(?P<rules>[\w\s,-]+)\])?
        \s*(?:--\s*(?P<reason>[^\#]*)|(?=\#)|$)""",
    re.VERBOSE | re.IGNORECASE,
)
_NOQA = re.compile(
    r"\#\s*noqa(?:\s*:\s*(?P<rules>[A-Z]+[0-9]+(?:[\s,]+[A-Z]+[0-9]+)*)|(?!\s*:)\b)",
    re.VERBOSE | re.IGNORECASE,
)


class Reach(enum.Enum):
    """What a comment covers."""

    STATEMENT = "ignore"
    FILE = "ignore-file"
    BLOCK = "disable"  # the lines below, up to `enable` or to the end of the block


@dataclass(frozen=True, slots=True)
class Suppression:
    """One comment: `text[start:end]`, on `line`.

    `rules` are codes and names in lower case; None is a blanket. `statement_line` is the first
    line of the statement, or of its head, at whose end the comment stands. A BLOCK reaches to the
    line `last`; `closed_by` is where the comment stands that ends it, if one does.
    """

    start: int
    end: int
    line: int
    statement_line: int
    rules: frozenset[str] | None
    reach: Reach = Reach.STATEMENT
    last: int = 0
    closed_by: tuple[int, int] | None = None
    reason: str = ""
    is_noqa: bool = False

    @property
    def words(self) -> Iterable[str | None]:
        """The rules; None stands for a blanket."""
        return (None,) if self.rules is None else self.rules


@dataclass(frozen=True)
class Suppressions:
    """All comments of one file that silence findings, in the order of the text.

    `stray` are the places of the `enable` comments that end nothing.
    """

    comments: tuple[Suppression, ...] = ()
    stray: tuple[tuple[int, int], ...] = ()

    @classmethod
    def of(cls, source: SourceFile) -> Suppressions:
        """Find the comments of `source`; almost free where there are none."""
        folded = source.text.lower()
        if "reloadlint:" not in folded and "noqa" not in folded:
            return cls()
        return _suppressions(source)

    def __bool__(self) -> bool:
        return bool(self.comments or self.stray)

    def covers(self, finding: Finding) -> bool:
        """True where a comment silences the finding.

        One stands on the first or last line of what is found, or of the statement around it. Lines
        between belong to what is inside, which may be findings of their own. Or it is about a block
        of lines, or about the file.
        """
        return self._silence(finding, (None, *_names(finding)))

    def covers_by_name(self, finding: Finding) -> bool:
        """True where a comment that is no blanket silences the finding."""
        return self._silence(finding, _names(finding))

    def _silence(self, finding: Finding, words: Iterable[str | None]) -> bool:
        reaches = (self._reaches[word] for word in words if word in self._reaches)
        return any(reach.covers(finding) for reach in reaches)

    @cached_property
    def _reaches(self) -> dict[str | None, _Reached]:
        """What the comments with a word silence together."""
        found: dict[str | None, _Reached] = {}
        for comment in self.comments:
            for word in comment.words:
                found.setdefault(word, _Reached()).add(comment)
        return found


@dataclass
class _Reached:
    """What comments with one word are about: lines, and blocks in the order of the text."""

    lines: set[int] = field(default_factory=set)
    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)  # of that block or one above, whichever is later

    def add(self, comment: Suppression) -> None:
        """Enter a comment; they come in the order of the text."""
        if comment.reach is Reach.BLOCK:
            self.starts.append(comment.line)
            self.ends.append(max([comment.last, *self.ends[-1:]]))
        else:
            self.lines.update(_places(comment))

    def covers(self, finding: Finding) -> bool:
        """True where one of the comments is about the place of the finding."""
        if not self.lines.isdisjoint((_FILE, *_lines(finding))):
            return True
        above = bisect_left(self.starts, finding.start.line)
        return above > 0 and self.ends[above - 1] >= finding.start.line


class Silenced:
    """Findings, to be asked which comments silence any of them."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self._lines: dict[str | None, set[int]] = {}
        self._starts: dict[str | None, list[int]] = {}
        for finding in findings:
            for word in (None, *_names(finding)):
                self._lines.setdefault(word, {_FILE}).update(_lines(finding))
                self._starts.setdefault(word, []).append(finding.start.line)
        for starts in self._starts.values():
            starts.sort()

    def by(self, comment: Suppression) -> set[str | None]:
        """The words of the comment that silence a finding; None for a blanket that does."""
        return {word for word in comment.words if self._is_used(comment, word)}

    def _is_used(self, comment: Suppression, word: str | None) -> bool:
        if comment.reach is not Reach.BLOCK:
            return not self._lines.get(word, set()).isdisjoint(_places(comment))
        starts = self._starts.get(word, [])
        first = bisect_right(starts, comment.line)
        return first < len(starts) and starts[first] <= comment.last


def _names(finding: Finding) -> tuple[str, str]:
    return finding.code.lower(), finding.name.lower()


def _lines(finding: Finding) -> tuple[int, int, int]:
    return finding.start.line, finding.end.line, finding.statement_line


def _places(comment: Suppression) -> tuple[int, ...]:
    """The lines of a comment that is not about a block."""
    return (_FILE,) if comment.reach is Reach.FILE else (comment.line, comment.statement_line)


def without_directives(comment: str) -> str:
    """What is left of a comment without all that silences findings; "" where that is nothing."""
    rest = _NOQA.sub("", _OURS.sub("", comment)).strip()
    return "" if rest.strip("# ") == "" else rest


def _suppressions(source: SourceFile) -> Suppressions:
    found: list[Suppression] = []
    stray: list[tuple[int, int]] = []
    open_blocks: dict[frozenset[str] | None, list[int]] = {}  # by rules, places in `found`
    for comment in _comments(source):
        start = source.line_starts[comment.line - 1] + comment.column
        for match, is_noqa in _directives(comment.text):
            verb = "ignore" if is_noqa else match["verb"].lower()
            rules = _words(match["rules"])
            place = (start + match.start(), start + match.end())
            if verb == "enable":
                wanted = [*open_blocks] if rules is None else [rules]
                numbers = chain(*(open_blocks.pop(each, ()) for each in wanted))
                closed = [number for number in numbers if found[number].last >= comment.line]
                for number in closed:
                    found[number] = replace(found[number], last=comment.line, closed_by=place)
                stray += [] if closed else [place]
                continue
            suppression = Suppression(
                *place,
                line=comment.line,
                statement_line=comment.statement_line,
                rules=rules,
                reach=Reach(verb),
                last=comment.block_end if verb == "disable" else 0,
                reason=("" if is_noqa else match["reason"] or "").strip(),
                is_noqa=is_noqa,
            )
            if suppression.reach is Reach.BLOCK:
                open_blocks.setdefault(rules, []).append(len(found))
            found.append(suppression)
    return Suppressions(tuple(found), tuple(stray))


def _directives(text: str) -> Iterator[tuple[re.Match[str], bool]]:
    """Each part of a comment that silences something; True with those in the form of `noqa`."""
    yield from ((match, False) for match in _OURS.finditer(text))
    yield from ((match, True) for match in _NOQA.finditer(text))


def _words(rules: str | None) -> frozenset[str] | None:
    return frozenset(re.findall(r"[\w-]+", rules.lower())) if rules else None


@dataclass
class _Comment:
    text: str
    line: int
    column: int
    statement_line: int
    block_end: int  # the last line before a statement that is indented less than the comment


def _comments(source: SourceFile) -> list[_Comment]:
    found: list[_Comment] = []
    end = len(source.line_starts)
    waiting: list[tuple[int, int]] = []  # the deepest first, for the end of their blocks
    statement_line = 0  # of the logical line that is being read; 0 between two
    for token in _tokens(source):
        if token.type == tokenize.COMMENT:
            heappush(waiting, (-token.start[1], len(found)))
            found.append(_Comment(token.string, *token.start, token.start[0], end))
        elif token.type == tokenize.NEWLINE:
            # Only a comment at the end of the logical line is about all of it.
            if found and found[-1].line == token.start[0]:
                found[-1].statement_line = statement_line
            statement_line = 0
        elif not statement_line and token.type not in _NOT_CODE:
            statement_line, column = token.start
            while waiting and -waiting[0][0] > column:
                found[heappop(waiting)[1]].block_end = statement_line - 1
    return found


_NOT_CODE = frozenset({tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.ENCODING})


def _tokens(source: SourceFile) -> Iterator[tokenize.TokenInfo]:
    """Tokens as far as they go: a file that does not tokenize has other findings than these."""
    # One kind of line end, since tokenize does not know a lone carriage return.
    stream = io.StringIO(source.text, newline=None)
    try:
        yield from tokenize.generate_tokens(stream.readline)
    except (tokenize.TokenError, SyntaxError):
        return
