"""Test results in the form of JUnit: a suite a file, a failed test a finding."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import groupby
from xml.etree import ElementTree as ET

from reloadlint.finding import Finding
from reloadlint.report.model import Report
from reloadlint.report.text import Style, visible

_PACKAGE = "reloadlint"


def render(report: Report, _style: Style) -> Iterator[str]:
    """One document; without findings it holds one test, which has passed."""
    root = ET.Element("testsuites", {"name": "reloadlint", **_counts(len(report.findings))})
    for path, group in groupby(report.findings, key=lambda finding: finding.path):
        findings = list(group)
        suite = _suite(root, visible(path), len(findings))
        for finding in findings:
            _case(suite, finding)
    if not report.findings:
        suite = _suite(root, "reloadlint", 0)
        ET.SubElement(suite, "testcase", {"name": "no findings", "classname": _PACKAGE})
        for element in (root, suite):
            element.set("tests", "1")
    ET.indent(root, "    ")
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield ET.tostring(root, encoding="unicode")


def _counts(failures: int) -> dict[str, str]:
    return {"tests": str(failures), "failures": str(failures), "errors": "0", "skipped": "0"}


def _suite(root: ET.Element, name: str, failures: int) -> ET.Element:
    return ET.SubElement(
        root, "testsuite", {"name": name, "package": _PACKAGE, **_counts(failures)}
    )


def _case(suite: ET.Element, finding: Finding) -> None:
    line, column = finding.start
    attributes = {
        "name": f"{_PACKAGE}.{finding.code}",
        "classname": os.path.splitext(visible(finding.path))[0],
        "line": str(line),
    }
    case = ET.SubElement(suite, "testcase", attributes)
    message = visible(finding.told)
    failure = ET.SubElement(case, "failure", {"message": message, "type": finding.code})
    failure.text = f"line {line}, col {column}, {message}"
