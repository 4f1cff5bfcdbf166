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
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate, chain, islice

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

    def names(self, finding: Finding) -> bool:
        """True where the comment is about this kind of finding."""
        return self.rules is None or bool(self.words(finding))

    def words(self, finding: Finding) -> frozenset[str]:
        """The words of the comment that mean this kind of finding."""
        own = {finding.code.lower(), finding.name.lower()}
        return frozenset(own & self.rules) if self.rules is not None else frozenset()


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
        """True where a comment silences the finding."""
        return next(self.covering(finding), None) is not None

    def covers_by_name(self, finding: Finding) -> bool:
        """True where a comment that is no blanket silences the finding."""
        named = self._at_places(finding, (finding.code.lower(), finding.name.lower()))
        blocks = (comment for comment in self._around(finding) if comment.words(finding))
        return next(chain(named, blocks), None) is not None

    def covering(self, finding: Finding, *, of_file: bool = True) -> Iterator[Suppression]:
        """The comments that silence the finding; with `of_file`, also those about the whole file.

        One stands on the first or last line of what is found, or of the statement around it. Lines
        between belong to what is inside, which may be findings of their own. Or it is about a block
        of lines, or about the file.
        """
        yield from self._at_places(
            finding, (None, finding.code.lower(), finding.name.lower()), of_file=of_file
        )
        yield from (comment for comment in self._around(finding) if comment.names(finding))

    def _at_places(
        self, finding: Finding, words: Iterable[str | None], *, of_file: bool = True
    ) -> Iterator[Suppression]:
        """Those with one of the words (None: without any) on the lines, and about the file."""
        lines = {finding.start.line, finding.end.line, finding.statement_line}
        for word in words:
            for place in (*lines, *([_FILE] if of_file else [])):
                yield from self._by_place.get((place, word), ())

    def _around(self, finding: Finding) -> Iterator[Suppression]:
        """Those about a block that the finding is in."""
        starts, furthest = self._block_lines
        for number in reversed(range(bisect_left(starts, finding.start.line))):
            if furthest[number] < finding.start.line:
                break  # this one and all above have ended
            if self._blocks[number].last >= finding.start.line:
                yield self._blocks[number]

    @cached_property
    def _by_place(self) -> dict[tuple[int, str | None], list[Suppression]]:
        """Those that are not about blocks, by line (or _FILE) and word, as many may be alike."""
        found: dict[tuple[int, str | None], list[Suppression]] = {}
        for comment in self.comments:
            if comment.reach is not Reach.BLOCK:
                is_wide = comment.reach is Reach.FILE
                places = {_FILE} if is_wide else {comment.line, comment.statement_line}
                for place in places:
                    for word in comment.rules or (None,):
                        found.setdefault((place, word), []).append(comment)
        return found

    @cached_property
    def _block_lines(self) -> tuple[list[int], list[int]]:
        """Where each block starts, and how far that one or one above it reaches."""
        reaches = accumulate((comment.last for comment in self._blocks), max)
        return [comment.line for comment in self._blocks], [*reaches]

    @cached_property
    def _blocks(self) -> tuple[Suppression, ...]:
        return tuple(comment for comment in self.comments if comment.reach is Reach.BLOCK)


def without_directives(comment: str) -> str:
    """What is left of a comment without all that silences findings; "" where that is nothing."""
    rest = _NOQA.sub("", _OURS.sub("", comment)).strip()
    return "" if rest.strip("# ") == "" else rest


def _suppressions(source: SourceFile) -> Suppressions:
    found: list[Suppression] = []
    stray: list[tuple[int, int]] = []
    open_blocks: list[int] = []  # places in `found`
    comments, heads = _comments(source)
    end = len(source.line_starts)
    for comment in comments:
        start = source.line_starts[comment.line - 1] + comment.column
        for match, is_noqa in _directives(comment.text):
            verb = "ignore" if is_noqa else match["verb"].lower()
            rules = _words(match["rules"])
            place = (start + match.start(), start + match.end())
            if verb == "enable":
                open_blocks = [n for n in open_blocks if found[n].last >= comment.line]
                closed = [n for n in open_blocks if rules in {None, found[n].rules}]
                for number in closed:
                    found[number] = replace(found[number], last=comment.line, closed_by=place)
                open_blocks = [number for number in open_blocks if number not in closed]
                stray += [] if closed else [place]
                continue
            suppression = Suppression(
                *place,
                line=comment.line,
                statement_line=comment.statement_line,
                rules=rules,
                reach=Reach(verb),
                last=_block_end(comment, heads, end) if verb == "disable" else 0,
                reason=("" if is_noqa else match["reason"] or "").strip(),
                is_noqa=is_noqa,
            )
            if suppression.reach is Reach.BLOCK:
                open_blocks.append(len(found))
            found.append(suppression)
    return Suppressions(tuple(found), tuple(stray))


def _directives(text: str) -> Iterator[tuple[re.Match[str], bool]]:
    """Each part of a comment that silences something; True with those in the form of `noqa`."""
    yield from ((match, False) for match in _OURS.finditer(text))
    yield from ((match, True) for match in _NOQA.finditer(text))


def _words(rules: str | None) -> frozenset[str] | None:
    return frozenset(re.findall(r"[\w-]+", rules.lower())) if rules else None


def _block_end(comment: _Comment, heads: Sequence[tuple[int, int]], end: int) -> int:
    """The last line before a statement that is indented less than the comment."""
    if comment.column == 0:
        return end
    below = islice(heads, bisect_left(heads, (comment.line + 1, 0)), None)
    return next((line for line, column in below if column < comment.column), end + 1) - 1


@dataclass
class _Comment:
    text: str
    line: int
    column: int
    statement_line: int


def _comments(source: SourceFile) -> tuple[list[_Comment], list[tuple[int, int]]]:
    """The comments, and where (line, column) each logical line starts."""
    found: list[_Comment] = []
    heads: list[tuple[int, int]] = []
    statement_line = 0  # of the logical line that is being read; 0 between two
    for token in _tokens(source):
        if token.type == tokenize.COMMENT:
            found.append(_Comment(token.string, *token.start, token.start[0]))
        elif token.type == tokenize.NEWLINE:
            # Only a comment at the end of the logical line is about all of it.
            if found and found[-1].line == token.start[0]:
                found[-1].statement_line = statement_line
            statement_line = 0
        elif not statement_line and token.type not in _NOT_CODE:
            statement_line = token.start[0]
            heads.append(token.start)
    return found, heads


_NOT_CODE = frozenset({tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.ENCODING})


def _tokens(source: SourceFile) -> Iterator[tokenize.TokenInfo]:
    """Tokens as far as they go: a file that does not tokenize has other findings than these."""
    # One kind of line end, since tokenize does not know a lone carriage return.
    stream = io.StringIO(source.text, newline=None)
    try:
        yield from tokenize.generate_tokens(stream.readline)
    except (tokenize.TokenError, SyntaxError):
        return
