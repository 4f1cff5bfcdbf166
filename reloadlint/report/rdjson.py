"""Diagnostics for reviewdog.

https://github.com/reviewdog/reviewdog/tree/master/proto/rdf
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from reloadlint.finding import Finding, Position
from reloadlint.report.model import Report
from reloadlint.report.text import Style
from reloadlint.source import SourceFile


def render(report: Report, _style: Style) -> Iterator[str]:
    """One object."""
    data = {
        "source": {"name": "reloadlint"},
        "severity": "WARNING",
        "diagnostics": [_diagnostic(report, finding) for finding in report.findings],
    }
    yield json.dumps(data, indent=2)


def _diagnostic(report: Report, finding: Finding) -> dict[str, Any]:
    source = report.source(finding)
    data: dict[str, Any] = {
        "message": finding.told,
        "location": {"path": finding.path, "range": _range(finding.start, finding.end, source)},
        "code": {"value": finding.code},
    }
    if finding.fix is not None and source is not None:
        data["suggestions"] = [
            {
                "range": _range(source.position(edit.start), source.position(edit.end), source),
                "text": edit.text,
            }
            for edit in finding.fix.edits
        ]
    return data


def _range(start: Position, end: Position, source: SourceFile | None) -> dict[str, Any]:
    return {"start": _place(start, source), "end": _place(end, source)}


def _place(position: Position, source: SourceFile | None) -> dict[str, int]:
    """Columns count the bytes of UTF-8 here."""
    line, column = position
    if source is not None and line <= len(source.line_starts):
        before = source.line(line)[: column - 1]
        column = len(before.encode("utf-8", "surrogatepass")) + 1
    return {"line": line, "column": column}
