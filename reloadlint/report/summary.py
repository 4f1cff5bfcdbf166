"""The closing lines: how much was found, and what can be done."""

from __future__ import annotations

from collections.abc import Iterator

from reloadlint.finding import Applicability
from reloadlint.report.concise import headline
from reloadlint.report.model import SYNTAX_ERROR, Report
from reloadlint.report.text import Style


def summary(report: Report, style: Style) -> Iterator[str]:
    """One line, and a second one where there are fixes to be had; none where nothing was read."""
    if report.findings or report.fixed:
        yield f"Found {_found(report)}."
        yield from _available(report, style)
    elif report.files:
        yield f"No findings in {plural(report.files, 'file')}."


def of_patch(report: Report, style: Style) -> Iterator[str]:
    """What goes with a patch: the files that are no Python, and how much the patch would fix."""
    for finding in report.findings:
        if finding.code == SYNTAX_ERROR:
            yield headline(report, finding, style)
    yield f"Would fix {plural(report.fixed, 'finding')}." if report.fixed else "Nothing to fix."


def plural(number: int, noun: str) -> str:
    """`1 file`, `2 files`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _found(report: Report) -> str:
    errors = sum(finding.code == SYNTAX_ERROR for finding in report.findings)
    left = len(report.findings) - errors
    total = left + report.fixed
    parts = [plural(total, "finding")] if total else []
    if report.fixed:
        parts = [f"{parts[0]} ({report.fixed} {report.deed}, {left} remaining)"]
    if errors:
        parts.append(plural(errors, "syntax error"))
    return " and ".join(parts)


def _available(report: Report, style: Style) -> Iterator[str]:
    fixes = [finding.fix for finding in report.findings if finding.fix]
    safe = sum(fix.applicability is Applicability.SAFE for fix in fixes)
    unsafe = sum(fix.applicability is Applicability.UNSAFE for fix in fixes)
    mark = f"[{style('*', 'cyan')}]"
    if report.unsafe_fixes and safe + unsafe:
        yield f"{mark} {safe + unsafe} fixable with the --fix option."
    elif safe:
        more = f" ({unsafe} more with --unsafe-fixes)" if unsafe else ""
        yield f"{mark} {safe} fixable with the --fix option{more}."
    elif unsafe:
        yield f"{unsafe} fixable with the --fix and --unsafe-fixes options."
