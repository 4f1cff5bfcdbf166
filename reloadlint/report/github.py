"""Annotations on GitHub: workflow commands, which a workflow only has to print.

https://docs.github.com/actions/reference/workflow-commands-for-github-actions
"""

from __future__ import annotations

from collections.abc import Iterator

from reloadlint.finding import Finding
from reloadlint.report.concise import headline
from reloadlint.report.model import Report
from reloadlint.report.text import Style, visible

_DATA = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C"})


def render(report: Report, _style: Style) -> Iterator[str]:
    """One command a finding."""
    for finding in report.findings:
        properties = ",".join(
            f"{name}={text.translate(_PROPERTY)}" for name, text in _properties(finding)
        )
        message = headline(report, finding, Style())
        if finding.fix is not None:
            message += f"\nhelp: {visible(finding.fix.title)}"
        yield f"::error {properties}::{message.translate(_DATA)}"


def _properties(finding: Finding) -> Iterator[tuple[str, str]]:
    (line, column), (end_line, end_column) = finding.start, finding.end
    yield "title", f"reloadlint ({finding.code})"
    yield "file", visible(finding.path)
    yield "line", str(line)
    if line == end_line:  # GitHub takes columns only together with a single line
        yield "col", str(column)
    yield "endLine", str(end_line)
    if line == end_line:
        yield "endColumn", str(end_column)
