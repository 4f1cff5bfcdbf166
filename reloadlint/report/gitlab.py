"""A code quality report for GitLab's merge requests.

https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import Any, Final

from reloadlint.finding import Confidence, Finding
from reloadlint.fingerprint import fingerprints
from reloadlint.report.model import SYNTAX_ERROR, Report
from reloadlint.report.text import Style

_SEVERITY: Final = {
    Confidence.CERTAIN: "major",
    Confidence.LIKELY: "minor",
    Confidence.POSSIBLE: "info",
}


def render(report: Report, _style: Style) -> Iterator[str]:
    """One list of objects."""
    root = os.environ.get("CI_PROJECT_DIR") or os.curdir
    found = fingerprints(report.findings, report.sources)
    yield json.dumps([_issue(finding, digest, root) for finding, digest in found], indent=2)


def _issue(finding: Finding, digest: str, root: str) -> dict[str, Any]:
    is_syntax_error = finding.code == SYNTAX_ERROR
    path = finding.path if finding.path == "-" else os.path.relpath(finding.path, root)
    return {
        "check_name": finding.code,
        "description": f"{finding.code}: {finding.told}",
        "severity": "critical" if is_syntax_error else _SEVERITY[finding.confidence],
        "fingerprint": digest,
        "location": {
            "path": path.replace(os.sep, "/"),
            "positions": {
                "begin": {"line": finding.start.line, "column": finding.start.column},
                "end": {"line": finding.end.line, "column": finding.end.column},
            },
        },
    }
