"""One line a finding: `path:line:column: RL101 [*] message (likely)`."""

from __future__ import annotations

from collections.abc import Iterator

from reloadlint.finding import Finding
from reloadlint.report.model import SYNTAX_ERROR, Report
from reloadlint.report.text import Style, visible


def render(report: Report, style: Style) -> Iterator[str]:
    """One line a finding; `[*]` marks what `--fix` would fix."""
    for finding in report.findings:
        yield headline(report, finding, style)


def headline(report: Report, finding: Finding, style: Style) -> str:
    """The line that says where and what; editors and terminals make a link of its start."""
    line, column = finding.start
    place = f"{style(visible(finding.shown_path), bold=True)}:{line}:{column}:"
    return f"{place} {description(report, finding, style)}"


def description(report: Report, finding: Finding, style: Style) -> str:
    """What is found, whether it can be fixed, and how sure it is."""
    code = style(visible(finding.code), "red", bold=True)
    if finding.code == SYNTAX_ERROR:
        code += ":"
    elif report.is_fixable(finding):
        code += f" [{style('*', 'cyan')}]"
    return f"{code} {visible(finding.told)}"
