"""The findings under the names of their files."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from reloadlint.report.concise import description
from reloadlint.report.model import Report
from reloadlint.report.text import Style, visible


def render(report: Report, style: Style) -> Iterator[str]:
    """The name of a file, a line for each of its findings, and an empty line."""
    for path, group in groupby(report.findings, key=lambda finding: finding.shown_path):
        findings = list(group)
        places = [f"{finding.start.line}:{finding.start.column}" for finding in findings]
        margin = max(map(len, places))
        yield f"{style(visible(path), bold=True)}:"
        for place, finding in zip(places, findings, strict=True):
            yield f"  {place:<{margin}} {description(report, finding, style)}"
        yield ""
