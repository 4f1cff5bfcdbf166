"""Findings → the same text with a comment that silences each of them."""

from __future__ import annotations

import io
import tokenize
from collections.abc import Iterable, Iterator

from reloadlint.finding import Edit, Finding
from reloadlint.source import SourceFile
from reloadlint.suppression import Reach, Suppression, Suppressions


def add_ignores(
    source: SourceFile, findings: Iterable[Finding], reason: str = ""
) -> tuple[list[Edit], list[Finding]]:
    """Edits that silence the findings, and those for which no line can take a comment.

    A comment goes to the end of the first line of the finding, of its last line, or of the first
    line of the statement around it, whichever is the first that is not inside of a string or
    continued by a backslash. One that is there already has its list extended.
    """
    free = _lines_that_take_comments(source)
    wanted: dict[int, set[str]] = {}
    left: list[Finding] = []
    for finding in findings:
        lines = (finding.start.line, finding.end.line, finding.statement_line)
        line = next((line for line in lines if line in free), None)
        if line is None:
            left.append(finding)
        else:
            wanted.setdefault(line, set()).add(finding.code)
    own = {comment.line: comment for comment in _lists(source)}
    return [
        _extended(source, own[line], codes) if line in own else _added(source, line, codes, reason)
        for line, codes in sorted(wanted.items())
    ], left


def _lists(source: SourceFile) -> Iterator[Suppression]:
    """The comments whose lists can be extended."""
    for comment in Suppressions.of(source).comments:
        if comment.reach is Reach.STATEMENT and comment.rules and not comment.is_noqa:
            yield comment


def _added(source: SourceFile, line: int, codes: Iterable[str], reason: str) -> Edit:
    text = source.line(line).rstrip()
    end = source.line_starts[line - 1] + len(text)
    because = f" -- {reason}" if reason else ""
    return Edit(end, end, f"  # reloadlint: ignore[{', '.join(sorted(codes))}]{because}")


def _extended(source: SourceFile, comment: Suppression, codes: Iterable[str]) -> Edit:
    closing = source.text.index("]", comment.start)
    return Edit(closing, closing, "".join(f", {code}" for code in sorted(codes)))


def _lines_that_take_comments(source: SourceFile) -> set[int]:
    """The lines whose end is neither inside of a token nor continued by a backslash."""
    lines: set[int] = set()
    stream = io.StringIO(source.text, newline=None)
    try:
        for token in tokenize.generate_tokens(stream.readline):
            if token.type in {tokenize.NEWLINE, tokenize.NL, tokenize.COMMENT}:
                lines.add(token.start[0])
    except (tokenize.TokenError, SyntaxError):
        pass  # what comes behind takes none
    return lines
