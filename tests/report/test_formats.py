"""The other formats, the statistics and the closing lines."""

from __future__ import annotations

import io
import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reloadlint import report as reports
from reloadlint.errors import SyntaxFailure
from reloadlint.finding import Applicability, Confidence, Edit, Finding, Fix, Position, Step
from reloadlint.report import FORMATS, render, render_statistics, render_summary
from reloadlint.report.model import Report, syntax_error
from reloadlint.report.text import Style
from reloadlint.source import SourceFile

SOURCE = SourceFile("app.py", "é = 1\non(lambda: f(x))\n")
PLAIN = Finding(
    path="app.py",
    code="RL101",
    name="inline-callback",
    message="`on` keeps this lambda",
    start=Position(2, 4),
    end=Position(2, 16),
    statement_line=2,
    confidence=Confidence.LIKELY,
    refusal="the body uses `nonlocal`",
    steps=(Step("bus.py", Position(5, 9), "stored in `HANDLERS`"),),
)
BROKEN = syntax_error(SyntaxFailure("b.py", 3, 7, "invalid syntax"))


def fixable(applicability: Applicability, code: str = "RL101") -> Finding:
    edits = (Edit(0, 0, "def _on():\n"), Edit(9, 21, "_on"))
    return replace(PLAIN, code=code, fix=Fix("hoist the body", edits, applicability), refusal=None)


SAFE = fixable(Applicability.SAFE)
UNSAFE = fixable(Applicability.UNSAFE)


def report(*findings: Finding, **more: Any) -> Report:
    return Report(findings, {"app.py": SOURCE}, files=12, **more)


def lines(function: Any, shown: Report, output_format: str = "full") -> list[str]:
    return [*function(shown, output_format, Style())]


# concise


def test_concise_is_one_line_a_finding() -> None:
    assert lines(render, report(PLAIN, SAFE, BROKEN), "concise") == [
        "app.py:2:4: RL101 `on` keeps this lambda (likely)",
        "app.py:2:4: RL101 [*] `on` keeps this lambda (likely)",
        "b.py:3:7: syntax-error: invalid syntax",
    ]


# json


def test_json_holds_all_of_a_finding() -> None:
    (text,) = lines(render, report(SAFE), "json")
    assert json.loads(text) == [
        {
            "code": "RL101",
            "name": "inline-callback",
            "message": "`on` keeps this lambda",
            "scope": None,
            "filename": os.path.abspath("app.py"),
            "cell": None,
            "location": {"row": 2, "column": 4},
            "end_location": {"row": 2, "column": 16},
            "confidence": "likely",
            "steps": [
                {
                    "filename": os.path.abspath("bus.py"),
                    "location": {"row": 5, "column": 9},
                    "message": "stored in `HANDLERS`",
                }
            ],
            "fix": {
                "applicability": "safe",
                "message": "hoist the body",
                "caution": None,
                "edits": [
                    {
                        "content": "def _on():\n",
                        "location": {"row": 1, "column": 1},
                        "end_location": {"row": 1, "column": 1},
                    },
                    {
                        "content": "_on",
                        "location": {"row": 2, "column": 4},
                        "end_location": {"row": 2, "column": 16},
                    },
                ],
            },
            "refusal": None,
            "url": None,
        }
    ]


def test_json_without_a_fix_has_the_reason() -> None:
    (text,) = lines(render, report(PLAIN, replace(BROKEN, path="-")), "json")
    plain, broken = json.loads(text)
    assert (plain["fix"], plain["refusal"]) == (None, "the body uses `nonlocal`")
    assert (broken["code"], broken["filename"]) == ("syntax-error", "-")


def test_json_of_nothing_is_an_empty_list() -> None:
    assert lines(render, report(), "json") == ["[]"]


def test_json_is_ascii_whatever_the_names() -> None:
    (text,) = lines(render, report(replace(PLAIN, path="\udcff\x1b.py")), "json")
    assert text.isascii()
    assert "\x1b" not in text
    assert Path(json.loads(text)[0]["filename"]).name == "\udcff\x1b.py"


# statistics


def test_statistics_count_by_rule_the_most_frequent_first() -> None:
    other = replace(PLAIN, code="RL202", name="reset-on-reload")
    found = (
        [SAFE] * 2 + [other] * 10 + [replace(UNSAFE, code="RL102", name="stored-closure"), PLAIN]
    )
    assert lines(render_statistics, report(*found)) == [
        "10\tRL202\t[ ]\treset-on-reload",
        " 3\tRL101\t[-]\tinline-callback",
        " 1\tRL102\t[ ]\tstored-closure",
    ]
    assert lines(render_statistics, report(*found, unsafe_fixes=True))[2] == (
        " 1\tRL102\t[*]\tstored-closure"
    )


def test_statistics_as_json() -> None:
    (text,) = lines(render_statistics, report(SAFE, PLAIN), "json")
    assert json.loads(text) == [
        {"code": "RL101", "name": "inline-callback", "count": 2, "fixable": 1}
    ]


# closing lines


@pytest.mark.parametrize(
    ("shown", "closing"),
    [
        (report(), ["No findings in 12 files."]),
        (Report(files=1), ["No findings in 1 file."]),
        (Report(files=0), []),
        (report(PLAIN), ["Found 1 finding."]),
        (report(PLAIN, PLAIN, fixed=1), ["Found 3 findings (1 fixed, 2 remaining)."]),
        (report(fixed=2), ["Found 2 findings (2 fixed, 0 remaining)."]),
        (report(BROKEN), ["Found 1 syntax error."]),
        (report(PLAIN, BROKEN), ["Found 1 finding and 1 syntax error."]),
        (
            report(BROKEN, fixed=1),
            ["Found 1 finding (1 fixed, 0 remaining) and 1 syntax error."],
        ),
        (report(SAFE), ["Found 1 finding.", "[*] 1 fixable with the --fix option."]),
        (
            report(SAFE, SAFE, UNSAFE),
            [
                "Found 3 findings.",
                "[*] 2 fixable with the --fix option (1 more with --unsafe-fixes).",
            ],
        ),
        (
            report(UNSAFE),
            ["Found 1 finding.", "1 fixable with the --fix and --unsafe-fixes options."],
        ),
        (
            report(SAFE, UNSAFE, unsafe_fixes=True),
            ["Found 2 findings.", "[*] 2 fixable with the --fix option."],
        ),
        (report(fixable(Applicability.DISPLAY)), ["Found 1 finding."]),
    ],
)
def test_closing_lines(shown: Report, closing: list[str]) -> None:
    assert lines(render_summary, shown) == closing


def test_data_has_no_closing_lines() -> None:
    assert lines(render_summary, report(PLAIN), "json") == []


# all


@pytest.mark.parametrize("output_format", FORMATS)
def test_every_format_is_there(output_format: str) -> None:
    assert lines(render, report(PLAIN), output_format)
    assert lines(render_statistics, report(PLAIN), output_format)
    module = output_format.replace("-", "_")
    assert Path(reports.__file__).with_name(f"{module}.py").exists()


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_colour_is_for_terminals(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert Style.of(Terminal()).colour
    assert not Style.of(io.StringIO()).colour


def test_colour_can_be_forced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert Style.of(io.StringIO()).colour
    monkeypatch.setenv("NO_COLOR", "1")
    assert not Style.of(io.StringIO()).colour


@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_colour_can_be_refused(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    assert not Style.of(Terminal()).colour
