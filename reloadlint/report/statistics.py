"""How many findings of which rule: a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from reloadlint.report.model import Report
from reloadlint.report.text import Style


@dataclass(frozen=True)
class Count:
    """One row; `fixable` of the `count` findings are."""

    code: str
    name: str
    count: int
    fixable: int


def counts(report: Report) -> list[Count]:
    """A row a rule, the most frequent first."""
    found = Counter((finding.code, finding.name) for finding in report.findings)
    fixable = Counter(finding.code for finding in report.findings if report.is_fixable(finding))
    rows = [Count(code, name, number, fixable[code]) for (code, name), number in found.items()]
    return sorted(rows, key=lambda row: (-row.count, row.code))


def render_statistics(report: Report, style: Style) -> Iterator[str]:
    """Count, code, `[*]` for fixable (`[-]`: some of them), name."""
    rows = counts(report)
    digits = max((len(str(row.count)) for row in rows), default=0)
    for row in rows:
        mark = "*" if row.fixable == row.count else "-" if row.fixable else " "
        number = style(f"{row.count:>{digits}}", bold=True)
        code = style(row.code, "red", bold=True)
        yield f"{number}\t{code}\t[{style(mark, 'cyan')}]\t{row.name}"
