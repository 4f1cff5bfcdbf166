"""Comments that silence findings: text → what each comment covers.

x = register(lambda: work(a))  # reloadlint: ignore[RL101, stored-closure] -- tested by hand
# reloadlint: ignore-file[RL201]
y = register(lambda: work(b))  # noqa: RL101
"""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from reloadlint.finding import Finding
from reloadlint.source import SourceFile

_OURS = re.compile(
    r"""\#\s*reloadlint:\s*ignore(?P<file>-file)?
        (?:\s*\[(?P<rules>[\w\s,-]+)\])?
        \s*(?:--\s*(?P<reason>[^\#]*)|(?=\#)|$)""",
    re.VERBOSE | re.IGNORECASE,
)
_NOQA = re.compile(
    r"\#\s*noqa(?:\s*:\s*(?P<rules>[A-Z]+[0-9]+(?:[\s,]+[A-Z]+[0-9]+)*)|(?!\s*:)\b)",
    re.VERBOSE | re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Suppression:
    """One comment: `text[start:end]`, on `line`.

    `rules` are codes and names in lower case; None is a blanket. `statement_line` is the first
    line of the statement, or of its head, at whose end the comment stands.
    """

    start: int
    end: int
    line: int
    statement_line: int
    rules: frozenset[str] | None
    whole_file: bool = False
    reason: str = ""
    is_noqa: bool = False

    def names(self, finding: Finding) -> bool:
        """True where the comment is about this kind of finding."""
        return self.rules is None or not self.rules.isdisjoint(
            {finding.code.lower(), finding.name.lower()}
        )


@dataclass(frozen=True)
class Suppressions:
    """All comments of one file that silence findings, in the order of the text."""

    comments: tuple[Suppression, ...] = ()

    @classmethod
    def of(cls, source: SourceFile) -> Suppressions:
        """Find the comments of `source`; almost free where there are none."""
        folded = source.text.lower()
        if "reloadlint:" not in folded and "noqa" not in folded:
            return cls()
        return cls(tuple(_suppressions(source)))

    def covers(self, finding: Finding) -> bool:
        """True where a comment silences the finding."""
        return self.covering(finding) is not None

    def covering(self, finding: Finding) -> Suppression | None:
        """The comment that silences the finding.

        It stands on the first or last line of what is found, or of the statement around it. Lines
        between belong to what is inside, which may be findings of their own.
        """
        for comment in (*self._whole_file, *self._near(finding)):
            if comment.names(finding):
                return comment
        return None

    def _near(self, finding: Finding) -> Iterator[Suppression]:
        for line in (finding.start.line, finding.end.line, finding.statement_line):
            yield from self._by_line.get(line, ())

    @cached_property
    def _whole_file(self) -> tuple[Suppression, ...]:
        return tuple(comment for comment in self.comments if comment.whole_file)

    @cached_property
    def _by_line(self) -> dict[int, list[Suppression]]:
        lines: dict[int, list[Suppression]] = {}
        for comment in self.comments:
            for line in {comment.line, comment.statement_line}:
                if not comment.whole_file:
                    lines.setdefault(line, []).append(comment)
        return lines


def _suppressions(source: SourceFile) -> Iterator[Suppression]:
    for comment in _comments(source):
        start = source.line_starts[comment.line - 1] + comment.column
        for pattern in (_OURS, _NOQA):
            for match in pattern.finditer(comment.text):
                groups = match.groupdict()
                rules = groups["rules"]
                yield Suppression(
                    start=start + match.start(),
                    end=start + match.end(),
                    line=comment.line,
                    statement_line=comment.statement_line,
                    rules=frozenset(re.findall(r"[\w-]+", rules.lower())) if rules else None,
                    whole_file=groups.get("file") is not None,
                    reason=(groups.get("reason") or "").strip(),
                    is_noqa=pattern is _NOQA,
                )


@dataclass
class _Comment:
    text: str
    line: int
    column: int
    statement_line: int


def _comments(source: SourceFile) -> list[_Comment]:
    found: list[_Comment] = []
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
    return found


_NOT_CODE = frozenset({tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.ENCODING})


def _tokens(source: SourceFile) -> Iterator[tokenize.TokenInfo]:
    """Tokens as far as they go: a file that does not tokenize has other findings than these."""
    # One kind of line end, since tokenize does not know a lone carriage return.
    lines = (source.line(number) + "\n" for number in range(1, len(source.line_starts) + 1))
    try:
        yield from tokenize.generate_tokens(io.StringIO("".join(lines)).readline)
    except (tokenize.TokenError, SyntaxError):
        return
