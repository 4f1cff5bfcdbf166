"""The findings as JSON objects, one a line; the fields are those of the format `json`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict

from reloadlint.report.json import as_data
from reloadlint.report.model import Report
from reloadlint.report.statistics import counts
from reloadlint.report.text import Style


def render(report: Report, _style: Style) -> Iterator[str]:
    """One object a finding."""
    for finding in report.findings:
        yield json.dumps(as_data(report, finding))


def render_statistics(report: Report, _style: Style) -> Iterator[str]:
    """One object a rule, the most frequent first."""
    for row in counts(report):
        yield json.dumps(asdict(row))
