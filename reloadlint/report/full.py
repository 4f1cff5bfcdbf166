"""The findings with the lines that they are about, and what can be done.

app.py:6:9: RL101 [*] `Timer` keeps this lambda: a reload cannot reach the code inside it
  |
4 |     timer = Timer(
5 |         60,
6 |         lambda: save(world, log),
  |         ^^^^^^^^^^^^^^^^^^^^^^^^
  |
help: hoist the body into `_start_callback` (fixable with `--fix`)
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from reloadlint.finding import Applicability, Finding
from reloadlint.report.concise import headline
from reloadlint.report.model import Report
from reloadlint.report.text import Style, visible, width
from reloadlint.source import SourceFile

# Of a long closure only the first lines are shown, and of a long line what is around the finding.
_LINES: Final = 3
_CHARACTERS: Final = 160
_BEFORE: Final = 60
_CROP: Final = "..."

_HOW: Final = {
    Applicability.SAFE: "fixable with `--fix`",
    Applicability.UNSAFE: "fixable with `--fix --unsafe-fixes`",
    Applicability.DISPLAY: "to be done by hand",
}


def render(report: Report, style: Style) -> Iterator[str]:
    """Several lines a finding, and an empty one."""
    for finding in report.findings:
        yield headline(report, finding, style)
        source = report.source(finding)
        if source is not None:
            yield from _excerpt(source, finding, style)
        yield from _advice(finding, style)
        yield ""


def _advice(finding: Finding, style: Style) -> Iterator[str]:
    if finding.fix is not None:
        how = _HOW[finding.fix.applicability]
        yield f"{style('help', 'cyan', bold=True)}: {visible(finding.fix.title)} ({how})"
        if finding.fix.caution:
            yield f"{style('unsafe', 'yellow', bold=True)}: {visible(finding.fix.caution)}"
    elif finding.refusal is not None:
        yield f"{style('no fix', 'yellow', bold=True)}: {visible(finding.refusal)}"


class _Row(NamedTuple):
    """A line of the excerpt: its number (None: a gap), its text, and what is underlined."""

    number: int | None
    text: str = ""
    indent: int = 0
    carets: int = 0


def _excerpt(source: SourceFile, finding: Finding, style: Style) -> Iterator[str]:
    rows = list(_rows(source, finding))
    margin = len(str(max(row.number or 0 for row in rows)))
    bar = style("|", "blue", bold=True)
    empty = f"{' ' * margin} {bar}"
    yield empty
    for row in rows:
        if row.number is None:
            yield style("...", "blue", bold=True)
            continue
        yield f"{style(f'{row.number:>{margin}}', 'blue', bold=True)} {bar} {row.text}".rstrip()
        if row.carets:
            yield f"{empty} {' ' * row.indent}{style('^' * row.carets, 'red', bold=True)}"
    yield empty


def _rows(source: SourceFile, finding: Finding) -> Iterator[_Row]:
    """The first line of the statement, and the first lines of what is found."""
    first = min(finding.start.line, len(source.line_starts))
    last = min(finding.end.line, len(source.line_starts))
    if finding.statement_line < first:
        yield _plain(source, finding.statement_line)
    if finding.statement_line < first - 1:
        yield _between(source, finding.statement_line, first)
    yield _underlined(source, finding, first)
    for number in range(first + 1, min(first + _LINES, last + 1)):
        yield _plain(source, number)
    if last >= first + _LINES:
        yield _between(source, first + _LINES - 1, last + 1)


def _between(source: SourceFile, above: int, below: int) -> _Row:
    """A gap, which should not take the place of a single line."""
    return _plain(source, above + 1) if below - above == 2 else _Row(None)


def _plain(source: SourceFile, number: int) -> _Row:
    return _Row(number, visible(_cropped(source.line(number), 0)))


def _underlined(source: SourceFile, finding: Finding, number: int) -> _Row:
    line = source.line(number).rstrip()
    start = min(finding.start.column - 1, len(line))
    end = finding.end.column - 1 if finding.end.line == number else len(line)
    cut = max(0, start - _BEFORE) if len(line) > _CHARACTERS else 0
    shown = _cropped(line, cut)
    lead = len(_CROP) - cut if cut else 0  # from places in the line to places in what is shown
    indent = width(visible(shown[: start + lead]))
    carets = width(visible(shown[: end + lead])) - indent
    return _Row(number, visible(shown), indent, max(1, carets))


def _cropped(line: str, cut: int) -> str:
    head = _CROP if cut else ""
    tail = _CROP if len(line) > cut + _CHARACTERS else ""
    return f"{head}{line[cut : cut + _CHARACTERS]}{tail}"
