"""SARIF 2.1.0, as GitHub's code scanning and other hosts read it.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from reloadlint import __version__
from reloadlint.finding import Confidence, Edit, Finding, Fix, Position, Step
from reloadlint.fingerprint import fingerprints
from reloadlint.report.model import SYNTAX_ERROR, Report
from reloadlint.report.page import documentation, page
from reloadlint.report.text import Style
from reloadlint.rule import Rule
from reloadlint.source import SourceFile

_SCHEMA: Final = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_ROOT: Final = "%SRCROOT%"
_LEVEL: Final = {
    Confidence.CERTAIN: "error",
    Confidence.LIKELY: "warning",
    Confidence.POSSIBLE: "note",
}


def render(report: Report, _style: Style) -> Iterator[str]:
    """One document."""
    codes = {finding.code for finding in report.findings}
    rules = [rule for rule in report.rules() if rule.code in codes]
    numbers = {rule.code: number for number, rule in enumerate(rules)}
    found = fingerprints(report.findings, report.sources)
    run = {
        "tool": {
            "driver": {
                "name": "reloadlint",
                "semanticVersion": __version__,
                "informationUri": "https://github.com/reloadlint/reloadlint",
                "rules": [_rule(rule) for rule in rules],
            }
        },
        "invocations": [_invocation(report)],
        "originalUriBaseIds": {_ROOT: {"uri": f"{Path.cwd().as_uri()}/"}},
        "columnKind": "unicodeCodePoints",
        "results": [_result(report, finding, digest, numbers) for finding, digest in found],
    }
    yield json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2)


def _rule(rule: type[Rule]) -> dict[str, Any]:
    summary, *rest = documentation(rule)
    return {
        "id": rule.code,
        "name": rule.name.title().replace("-", ""),
        "shortDescription": {"text": summary},
        "fullDescription": {"text": "\n".join(rest).strip() or summary},
        "help": {"text": page(rule), "markdown": page(rule)},
        "defaultConfiguration": {"enabled": rule.default, "level": "error"},
        "properties": {
            "id": rule.code,
            "name": rule.name,
            "tags": ["hot-reload"],
            "problem.severity": "error",
        },
    }


def _invocation(report: Report) -> dict[str, Any]:
    """Whether the job could be done, and what stood in the way."""
    return {
        "executionSuccessful": not report.errors,
        "toolExecutionNotifications": [
            {"level": "error", "message": {"text": error}} for error in report.errors
        ],
    }


def _result(
    report: Report, finding: Finding, digest: str, numbers: dict[str, int]
) -> dict[str, Any]:
    is_syntax_error = finding.code == SYNTAX_ERROR
    result: dict[str, Any] = {
        "ruleId": finding.code,
        "level": "error" if is_syntax_error else _LEVEL[finding.confidence],
        "message": {"text": finding.message},
        "locations": [_location(finding)],
        "partialFingerprints": {"reloadlint/v1": digest},
        "properties": {"confidence": finding.confidence.label},
    }
    if finding.code in numbers:
        result["ruleIndex"] = numbers[finding.code]
    if finding.steps:
        steps = [{"location": _step(step)} for step in finding.steps]
        result["codeFlows"] = [{"threadFlows": [{"locations": steps}]}]
    if finding.refusal is not None:
        result["properties"]["refusal"] = finding.refusal
    source = report.source(finding)
    if finding.fix is not None and finding.fix.edits and source is not None:
        result["fixes"] = [_fix(finding.fix, source)]
    return result


def _location(finding: Finding) -> dict[str, Any]:
    location: dict[str, Any] = {
        "physicalLocation": {
            "artifactLocation": _artifact(finding.path),
            "region": _region(finding.start, finding.end),
        }
    }
    if finding.scope:
        location["logicalLocations"] = [{"fullyQualifiedName": finding.scope}]
    return location


def _step(step: Step) -> dict[str, Any]:
    return {
        "physicalLocation": {
            "artifactLocation": _artifact(step.path),
            "region": {"startLine": step.place.line, "startColumn": step.place.column},
        },
        "message": {"text": step.what},
    }


def _artifact(path: str) -> dict[str, str]:
    """Relative to the root where that is possible; percent-encoded byte by byte."""
    relative = path if path == "-" else os.path.relpath(path)
    if relative.startswith(os.pardir):
        return {"uri": "file://" + quote(os.fsencode(os.path.abspath(path)))}
    return {"uri": quote(os.fsencode(relative.replace(os.sep, "/"))), "uriBaseId": _ROOT}


def _region(start: Position, end: Position) -> dict[str, int]:
    return {
        "startLine": start.line,
        "startColumn": start.column,
        "endLine": end.line,
        "endColumn": end.column,
    }


def _fix(fix: Fix, source: SourceFile) -> dict[str, Any]:
    properties = {"applicability": fix.applicability.value}
    if fix.caution:
        properties["caution"] = fix.caution
    return {
        "description": {"text": fix.title},
        "artifactChanges": [
            {
                "artifactLocation": _artifact(source.path),
                "replacements": list(_replacements(fix.edits, source)),
            }
        ],
        "properties": properties,
    }


def _replacements(edits: Iterable[Edit], source: SourceFile) -> Iterator[dict[str, Any]]:
    for edit in edits:
        yield {
            "deletedRegion": _region(source.position(edit.start), source.position(edit.end)),
            "insertedContent": {"text": edit.text},
        }
