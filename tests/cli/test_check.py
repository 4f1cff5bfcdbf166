"""`reloadlint check`: what is printed where, and with which exit code."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from reloadlint.settings import RELOADERS, SETTINGS
from tests.command import STALE, STATE, run, write


def test_findings_are_shown_in_full() -> None:
    write("a.py")
    result = run("check", "a.py")
    assert result.exit_code == 1
    first, *_, found, fixable = result.stdout.splitlines()
    assert first.startswith("a.py:3:20: RL101 [*] ")
    assert "3 | threading.Timer(1, lambda: work(1) + 2)" in result.stdout
    assert (found, fixable) == ("Found 1 finding.", "[*] 1 fixable with the --fix option.")
    assert result.stderr == ""


def test_clean_is_said_in_one_line() -> None:
    write("a.py", "x = 1\n")
    result = run("check")
    assert (result.exit_code, result.stdout) == (0, "No findings in 1 file.\n")


def test_the_working_directory_is_the_default() -> None:
    write("pkg/a.py")
    assert run("check", "--output-format", "concise").stdout.startswith("pkg/a.py:3:20: RL101")


def test_no_python_files_is_worth_a_warning() -> None:
    result = run("check")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "warning: no Python files found under the given paths\n"


def test_errors_go_to_stderr_and_the_rest_is_checked() -> None:
    write("a.py")
    result = run("check", "missing.py", "a.py", "--output-format=concise", "-q")
    assert result.exit_code == 2
    assert result.stderr == "error: missing.py: no such file or directory\n"
    assert result.stdout.startswith("a.py:3:20")


def test_exit_zero_forgives_findings_but_no_errors() -> None:
    write("a.py")
    assert run("check", "--exit-zero").exit_code == 0
    assert run("check", "--exit-zero", ".", "missing.py").exit_code == 2


def test_quiet_shows_findings_only() -> None:
    write("a.py")
    assert len(run("check", "-q", "--output-format=concise").stdout.splitlines()) == 1
    assert run("check", "-q", "--ignore", "ALL").stdout == ""


def test_json_is_nothing_but_json() -> None:
    write("a.py")
    (finding,) = json.loads(run("check", "--output-format", "json").stdout)
    assert finding["code"] == "RL101"
    assert json.loads(run("check", "--output-format=json", "--ignore=RL1").stdout) == []


def test_the_report_goes_into_a_file() -> None:
    write("a.py")
    result = run("check", "--output-format=concise", "-o", "found.txt")
    assert (result.exit_code, result.stdout, result.stderr) == (1, "", "")
    assert Path("found.txt").read_text().startswith("a.py:3:20: RL101")


def test_several_reports_at_once() -> None:
    write("a.py")
    result = run("check", "--output", "sarif=found.sarif", "--output=json=found.json", "-q")
    assert result.stdout.startswith("a.py:3:20: RL101")
    (finding,) = json.loads(Path("found.json").read_text())
    assert finding["code"] == "RL101"
    assert json.loads(Path("found.sarif").read_text())["version"] == "2.1.0"


@pytest.mark.parametrize(
    ("output", "reason"),
    [
        ("sarif", "expected FORMAT=FILE, not 'sarif'"),
        ("serif=x", "unknown format `serif`; did you mean `sarif`?"),
    ],
)
def test_a_wrong_output_is_bad_usage(output: str, reason: str) -> None:
    result = run("check", "--output", output)
    assert result.exit_code == 2
    assert reason in result.stderr


def test_a_report_that_cannot_be_written_is_an_error() -> None:
    write("a.py")
    result = run("check", "-o", "missing/found.txt")
    assert result.exit_code == 2
    assert result.stderr == "error: missing/found.txt: not written: no such file or directory\n"


def test_statistics_take_the_place_of_findings() -> None:
    write("a.py", STALE + STATE)
    assert run("check", "--statistics").stdout.splitlines()[:3] == [
        "1\tRL101\t[*]\tinline-callback",
        "1\tRL202\t[ ]\treset-on-reload",
        "Found 2 findings.",
    ]


@pytest.mark.parametrize(
    ("options", "codes"),
    [
        ((), ["RL101", "RL202"]),
        (("--select", "RL1"), ["RL101"]),
        (("--select", "RL101,reset-on-reload"), ["RL101", "RL202"]),
        (("--select", "RL101", "--select", "RL202"), ["RL101", "RL202"]),
        (("--ignore", "inline-callback"), ["RL202"]),
        (("--select", "RL1", "--extend-select", "RL202"), ["RL101", "RL202"]),
        (("--select", "ALL", "--ignore", "RL1"), ["RL202"]),
        (("--no-screen",), ["RL101", "RL202"]),
    ],
)
def test_rules_are_selected(options: tuple[str, ...], codes: list[str]) -> None:
    write("a.py", STALE + STATE)
    found = json.loads(run("check", "--output-format=json", *options).stdout)
    assert [finding["code"] for finding in found] == codes


def test_configuration_files_count_unless_isolated() -> None:
    write("a.py")
    write("pyproject.toml", "[tool.reloadlint]\nignore = ['RL101']\n")
    other = write("elsewhere/other.toml", "per-file-ignores = {'b.py' = ['RL1']}\n")
    assert run("check").exit_code == 0
    assert run("check", "--isolated").exit_code == 1
    assert run("check", "--config", str(other)).exit_code == 1
    shutil.move("a.py", "b.py")
    assert run("check", "--config", str(other)).exit_code == 0


def test_the_confidence_can_be_set() -> None:
    write("a.py", "def f(register_it, a):\n    register_it(lambda: a + 1)\n")
    levels = [
        run("check", f"--min-confidence={level}").exit_code for level in ("possible", "certain")
    ]
    assert levels == [1, 0]


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("--select", "RL777"), "command line: select: unknown rule `RL777`"),
        (("--reloader", "ipyton"), "did you mean `ipython`?"),
        (("--min-confidence", "sure"), "expected one of possible, likely, certain"),
        (("--config", "missing.toml"), "missing.toml: no such file or directory"),
        (("--config", "x.toml", "--isolated"), "--config and --isolated exclude each other"),
        (("--fxi",), "--fix"),
        (("--output-format", "xml"), "'full', 'concise', 'grouped'"),
        (("-", "a.py"), "`-` stands alone"),
    ],
)
def test_bad_usage_is_told_and_exits_with_2(args: tuple[str, ...], message: str) -> None:
    write("a.py")
    result = run("check", *args)
    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stdout == ""


def test_help_names_every_reloader() -> None:
    text = run("check", "--help").stdout
    assert all(name in text for name in RELOADERS)


@pytest.mark.parametrize(
    "name", ["select", "extend-select", "ignore", "min-confidence", "reloader"]
)
def test_an_option_is_named_as_the_setting_is(name: str) -> None:
    assert name in SETTINGS
    assert f"--{name} " in run("check", "--help").stdout


def test_what_is_named_is_excluded_by_force_only() -> None:
    write("venv/a.py")
    assert run("check", "venv/a.py").exit_code == 1
    assert run("check", "venv/a.py", "--force-exclude").exit_code == 0


def test_explain_tells_the_way_from_the_closure_to_its_keeper() -> None:
    write("bus.py", "HANDLERS = []\n\n\ndef on(f):\n    HANDLERS.append(f)\n")
    write("app.py", "from bus import on\n\non(lambda: 1 + 1)\nsorted([], key=lambda x: x + 1)\n")
    result = run("check", "--explain", "app.py:3")
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "app.py:3:4: this lambda",
        "  is kept, likely:",
        "  1. app.py:3:1: handed to `on`",
        "  2. bus.py:5:5: stored in `HANDLERS`",
    ]
    consumed = "is not kept: `sorted` is done with `key` when it returns"
    assert consumed in run("check", "--explain", "app.py:4").stdout
    assert "no lambda or nested function" in run("check", "--explain", "app.py:1").stdout
    assert run("check", "--explain", "app.py").exit_code == 2
