"""The findings as a list of JSON objects; field names are ruff's where it has the thing."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from reloadlint.finding import Finding, Fix, Position, Step
from reloadlint.report.model import Report
from reloadlint.report.statistics import counts
from reloadlint.report.text import Style
from reloadlint.source import SourceFile


def render(report: Report, _style: Style) -> Iterator[str]:
    """One list of objects."""
    yield json.dumps([as_data(report, finding) for finding in report.findings], indent=2)


def render_statistics(report: Report, _style: Style) -> Iterator[str]:
    """One list of objects, the most frequent rule first."""
    yield json.dumps([asdict(row) for row in counts(report)], indent=2)


def as_data(report: Report, finding: Finding) -> dict[str, Any]:
    """One finding; rows and columns are 1-based, columns count characters."""
    source = report.source(finding)
    return {
        "code": finding.code,
        "name": finding.name,
        "message": finding.message,
        "scope": finding.scope or None,
        "filename": _path(finding.path),
        "cell": finding.cell,
        "location": _place(finding.start),
        "end_location": _place(finding.end),
        "confidence": finding.confidence.label,
        "steps": [_step(step) for step in finding.steps],
        "fix": _fix(finding.fix, source) if finding.fix and source else None,
        "refusal": finding.refusal,
        "url": None,
    }


def _path(path: str) -> str:
    return path if path == "-" else os.path.abspath(path)


def _step(step: Step) -> dict[str, Any]:
    return {"filename": _path(step.path), "location": _place(step.place), "message": step.what}


def _place(position: Position) -> dict[str, int]:
    return {"row": position.line, "column": position.column}


def _fix(fix: Fix, source: SourceFile) -> dict[str, Any]:
    return {
        "applicability": fix.applicability.value,
        "message": fix.title,
        "caution": fix.caution or None,
        "edits": [
            {
                "content": edit.text,
                "location": _place(source.position(edit.start)),
                "end_location": _place(source.position(edit.end)),
            }
            for edit in fix.edits
        ],
    }
