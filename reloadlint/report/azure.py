"""Issues on Azure Pipelines: logging commands, which a pipeline only has to print.

https://learn.microsoft.com/azure/devops/pipelines/scripts/logging-commands
"""

from __future__ import annotations

from collections.abc import Iterator

from reloadlint.report.model import Report
from reloadlint.report.text import Style, visible

_DATA = str.maketrans({"%": "%AZP25", "\r": "%0D", "\n": "%0A"})
_PROPERTY = str.maketrans(
    {"%": "%AZP25", "\r": "%0D", "\n": "%0A", ";": "%3B", "]": "%5D"},
)


def render(report: Report, _style: Style) -> Iterator[str]:
    """One command a finding."""
    for finding in report.findings:
        path, message = visible(finding.path), visible(finding.told)
        line, column = finding.start
        yield (
            f"##vso[task.logissue type=error;sourcepath={path.translate(_PROPERTY)};"
            f"linenumber={line};columnnumber={column};"
            f"code={finding.code.translate(_PROPERTY)};]{message.translate(_DATA)}"
        )
