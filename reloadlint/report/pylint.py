"""One line a finding in the form of pylint: `path:line: [RL101] message`."""

from __future__ import annotations

from collections.abc import Iterator

from reloadlint.report.model import Report
from reloadlint.report.text import Style, visible


def render(report: Report, _style: Style) -> Iterator[str]:
    """One line a finding."""
    for finding in report.findings:
        place = f"{visible(finding.path)}:{finding.start.line}"
        yield f"{place}: [{finding.code}] {visible(finding.told)}"
