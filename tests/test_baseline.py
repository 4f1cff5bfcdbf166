"""Findings that a team lives with for now: listed once, and told again only when they are more."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import Result

from tests.command import run, write

ONE = "from threading import Timer\n\n\ndef start():\n    Timer(1, lambda: work(1) + 2)\n"
TWO = ONE + "    Timer(1, lambda: work(1) + 2)\n"
FILE = Path("reloadlint-baseline.json")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def check(*args: str) -> Result:
    return run("check", "--output-format=concise", "-q", *args)


def lines(result: Result) -> list[str]:
    return [line.split(" ")[0] for line in result.stdout.splitlines()]


def entries() -> list[tuple[str, str, str, int]]:
    found = json.loads(FILE.read_text(encoding="utf-8"))["findings"]
    return [(e["path"], e["code"], e["scope"], e["count"]) for e in found]


def test_what_is_found_is_known_from_then_on() -> None:
    write("a.py", TWO)
    result = check("--write-baseline")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "note: reloadlint-baseline.json: 2 findings known\n"
    assert entries() == [("a.py", "RL101", "start", 2)]
    assert check().exit_code == 0
    assert lines(check("--no-baseline")) == ["a.py:5:14:", "a.py:6:14:"]


def test_code_may_move() -> None:
    write("a.py", ONE)
    check("--write-baseline")
    write("a.py", "import os\n\nX = 1\n" + ONE.replace("lambda: work(1)", "lambda:   work(1)"))
    assert check().exit_code == 0


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param(TWO, id="one more"),
        pytest.param(ONE.replace("work(1)", "work(2)"), id="another text"),
        pytest.param(ONE.replace("start", "stop"), id="another function"),
    ],
)
def test_what_is_new_is_told(changed: str) -> None:
    write("a.py", ONE)
    check("--write-baseline")
    write("a.py", changed)
    assert check().exit_code == 1


def test_of_several_alike_the_last_are_new() -> None:
    write("a.py", ONE)
    check("--write-baseline")
    write("a.py", TWO)
    assert lines(check()) == ["a.py:6:14:"]


def test_what_is_gone_is_told_until_it_is_pruned() -> None:
    write("a.py", TWO)
    write("b.py", ONE)
    check("--write-baseline")
    write("a.py", ONE)
    Path("b.py").unlink()
    result = check()
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.splitlines() == [
        "stale: reloadlint-baseline.json: no longer found: a.py: RL101 in `start`: "
        "lambda: work(1) + 2",
        "stale: reloadlint-baseline.json: no longer found: b.py: RL101 in `start`: "
        "lambda: work(1) + 2",
        "error: the baseline lists what is not there: run with --prune-baseline",
    ]
    assert check("--prune-baseline").exit_code == 0
    assert entries() == [("a.py", "RL101", "start", 1)]
    assert check().exit_code == 0


def test_only_what_was_looked_at_can_be_stale() -> None:
    write("a.py", ONE)
    write("b.py", ONE)
    check("--write-baseline")
    write("a.py", "x = 1\n")
    assert check("b.py").exit_code == 0
    assert check("--select", "RL2").exit_code == 0
    assert check("a.py").exit_code == 1


def test_known_findings_are_not_fixed() -> None:
    write("a.py", ONE)
    check("--write-baseline")
    write("a.py", ONE + "    Timer(2, lambda: work(2) + 3)\n")
    assert check("--fix").exit_code == 0
    text = Path("a.py").read_text()
    assert "lambda: work(1) + 2" in text
    assert "lambda: work(2) + 3" not in text


def test_syntax_errors_are_never_known() -> None:
    write("a.py", "x = (\n")
    assert check("--write-baseline").exit_code == 1
    assert entries() == []


def test_the_file_can_be_another_one() -> None:
    write("reloadlint.toml", 'baseline = "sub/known.json"\n')
    write("sub/a.py", ONE)
    check("--write-baseline")
    assert json.loads(Path("sub/known.json").read_text())["findings"][0]["path"] == "a.py"
    assert check().exit_code == 0
    assert check("--isolated").exit_code == 1


def test_each_project_has_its_own() -> None:
    for name in ("one", "two"):
        write(f"{name}/reloadlint.toml", "")
        write(f"{name}/a.py", ONE)
    check("--write-baseline")
    assert sorted(map(str, Path().rglob("*.json"))) == [
        "one/reloadlint-baseline.json",
        "reloadlint-baseline.json",
        "two/reloadlint-baseline.json",
    ]
    assert check().exit_code == 0


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"version": 99, "findings": []}', '{"version": 1, "findings": [3]}']
)
def test_what_is_no_baseline_is_an_error(text: str) -> None:
    write("a.py", ONE)
    FILE.write_text(text)
    result = check()
    assert result.exit_code == 2
    assert result.stderr == "error: reloadlint-baseline.json: not a baseline of version 1\n"


def test_two_branches_can_be_merged_line_by_line() -> None:
    write("a.py", ONE)
    write("b.py", ONE)
    check("--write-baseline")
    text = FILE.read_text(encoding="utf-8")
    assert len([line for line in text.splitlines() if '"path"' in line]) == len(entries())


def test_comments_silence_what_is_found() -> None:
    write("a.py", TWO)
    result = run("check", "--add-ignore", "--reason", "legacy")
    assert result.exit_code == 0
    assert result.stdout == "Found 2 findings (2 silenced, 0 remaining).\n"
    assert Path("a.py").read_text() == TWO.replace(
        "+ 2)\n", "+ 2)  # reloadlint: ignore[RL101] -- legacy\n"
    )
    assert check().exit_code == 0


def test_known_findings_get_no_comment() -> None:
    write("a.py", ONE)
    check("--write-baseline")
    write("a.py", TWO)
    check("--add-ignore")
    assert Path("a.py").read_text().count("reloadlint: ignore") == 1


@pytest.mark.parametrize(
    "args",
    [
        ("--reason", "x"),
        ("--add-ignore", "--fix"),
        ("--write-baseline", "--prune-baseline"),
        ("--write-baseline", "--diff-base", "HEAD"),
    ],
)
def test_contradictions_are_refused(args: tuple[str, ...]) -> None:
    assert check(*args).exit_code == 2
