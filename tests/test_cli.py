"""The command line: what is printed where, and with which exit code."""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from inspect import signature
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner, Result

import reloadlint
from reloadlint import check as checking
from reloadlint import registry
from reloadlint.cli.group import group
from reloadlint.settings import RELOADERS, SETTINGS
from reloadlint.toml import parse_toml

STALE = "import threading\n\nthreading.Timer(1, lambda: work(1) + 2)\n"
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(reloadlint.__file__).parent.parent)}
STATE = "CACHE = {}\n\n\ndef put(k, v):\n    CACHE[k] = v\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(name: str, text: str = STALE) -> Path:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def runner() -> CliRunner:
    # Before click 8.2 the two streams are mixed unless one says otherwise; since then one cannot.
    apart = {"mix_stderr": False} if "mix_stderr" in signature(CliRunner).parameters else {}
    return CliRunner(**apart)


def run(*args: str, stdin: bytes = b"") -> Result:
    return runner().invoke(group, args, input=stdin)


# check


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
    assert result.stderr == "error: missing/found.txt: no such file or directory\n"


def test_statistics_take_the_place_of_findings() -> None:
    write("a.py", STALE + STATE)
    assert run("check", "--statistics").stdout.splitlines()[:3] == [
        "1\tRL101\t[*]\tinline-callback",
        "1\tRL202\t[ ]\treset-on-reload",
        "Found 2 findings.",
    ]


# Which rules


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


# Fixing


def test_fix_writes_and_says_how_much() -> None:
    path = write("a.py")
    result = run("check", "--fix")
    assert result.exit_code == 0
    assert result.stdout == "Found 1 finding (1 fixed, 0 remaining).\n"
    assert "def " in path.read_text(encoding="utf-8")
    assert run("check", "--fix").stdout == "No findings in 1 file.\n"


def test_findings_that_are_left_exit_with_1() -> None:
    write("a.py", STALE + STATE)
    result = run("check", "--fix", "--output-format=concise")
    assert result.exit_code == 1
    assert "Found 2 findings (1 fixed, 1 remaining)." in result.stdout
    assert run("check", "--fix", "--unsafe-fixes").exit_code == 0


def test_a_hard_link_whose_other_names_change_is_a_warning() -> None:
    write("a.py")
    os.link("a.py", "b.txt")
    result = run("check", "--fix")
    assert result.exit_code == 0
    assert result.stderr.startswith(
        "warning: a.py: is a hard link: its other names have the new text"
    )


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
@pytest.mark.parametrize("text", [STALE, STALE.rstrip("\n"), STALE.replace("\n", "\r\n")])
def test_a_patch_does_what_fix_does(text: str) -> None:
    write("pkg/one.py", "").write_bytes(text.encode())
    write("two.py", "").write_bytes(text.encode())
    shutil.copytree(".", "../copy", dirs_exist_ok=True)
    result = run("check", "--diff")
    assert result.exit_code == 1
    assert result.stderr == "Would fix 2 findings.\n"
    assert Path("two.py").read_bytes() == text.encode()
    run("check", "--fix")
    subprocess.run(
        ["git", "apply", "-p1", "-"], input=result.stdout_bytes, check=True, cwd="../copy"
    )
    for name in ("pkg/one.py", "two.py"):
        assert Path("../copy", name).read_bytes() == Path(name).read_bytes()
    shutil.rmtree("../copy")


def test_no_patch_is_clean() -> None:
    write("a.py", STATE)
    result = run("check", "--diff", "--fix")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "Nothing to fix.\n"


def test_a_patch_has_no_diagnostics_in_it() -> None:
    write("a.py", "x = (\n")
    result = run("check", "--diff")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("a.py:1:5: syntax-error: ")


# Standard input


def test_standard_input_is_checked_under_the_name_given() -> None:
    write("pyproject.toml", "[tool.reloadlint]\nper-file-ignores = {'b.py' = ['RL1']}\n")
    shown = run("check", "-", stdin=STALE.encode())
    assert shown.stdout.startswith("-:3:20: RL101")
    named = run("check", "-", "--stdin-filename", "src/a.py", stdin=STALE.encode())
    assert named.stdout.startswith("src/a.py:3:20: RL101")
    assert run("check", "-", "--stdin-filename", "b.py", stdin=STALE.encode()).exit_code == 0


def test_standard_input_is_fixed_to_standard_output() -> None:
    text = b"\xef\xbb\xbf" + STALE.replace("\n", "\r\n").encode()
    path = write("a.py", "")
    path.write_bytes(text)
    result = run("check", "--fix", "-", stdin=text)
    run("check", "--fix", "a.py")
    assert result.exit_code == 0
    assert result.stdout_bytes == path.read_bytes()
    assert result.stderr == "Found 1 finding (1 fixed, 0 remaining).\n"


@pytest.mark.parametrize(
    ("text", "exit_code"),
    [(b"x = 1", 0), (b"x = (\n", 1), (b"'\xe9'", 2), (STATE.encode(), 1), (b"", 0)],
)
def test_what_is_not_fixed_is_passed_on_as_it_is(text: bytes, exit_code: int) -> None:
    result = run("check", "--fix", "-", stdin=text)
    assert (result.exit_code, result.stdout_bytes) == (exit_code, text)


def test_a_patch_of_standard_input() -> None:
    result = run("check", "--diff", "-", "--stdin-filename", "a.py", stdin=STALE.encode())
    assert result.stdout.startswith("--- a/a.py\n+++ b/a.py\n")


# rule


def test_rule_explains_one() -> None:
    by_code, by_name = run("rule", "RL101"), run("rule", "inline-callback")
    assert by_code.exit_code == 0
    assert by_code.stdout == by_name.stdout
    assert by_code.stdout.startswith("inline-callback (RL101)\n=====")


def test_rule_lists_and_prints_all() -> None:
    rules = registry.load()
    assert [line.split()[0] for line in run("rule").stdout.splitlines()] == [r.code for r in rules]
    pages = run("rule", "--all").stdout
    assert all(f"{rule.name} ({rule.code})\n" in pages for rule in rules)


def test_rule_knows_the_nearest() -> None:
    result = run("rule", "inline-calback")
    assert result.exit_code == 2
    assert (
        result.stderr == "error: unknown rule `inline-calback`; did you mean `inline-callback`?\n"
    )


# The whole program


def test_version() -> None:
    expected = f"reloadlint {reloadlint.__version__}\n"
    result = run("--version")
    assert (result.exit_code, result.stdout) == (0, expected)
    command = [sys.executable, "-m", "reloadlint", "--version"]  # answered without click
    assert subprocess.check_output(command, env=ENVIRONMENT, text=True) == expected


@pytest.mark.parametrize(
    ("args", "unwanted"),
    [
        (
            ("--version",),
            {"click", "libcst", "reloadlint.check", "reloadlint.config", "reloadlint.registry"},
        ),
        (("check", "clean.py"), {"libcst", "pathspec", "reloadlint.fix"}),
    ],
)
def test_nothing_is_imported_in_vain(args: tuple[str, ...], unwanted: set[str]) -> None:
    write("clean.py", "x = 1\n")
    code = (
        "import sys, atexit; atexit.register(lambda: print(*sys.modules, file=sys.stderr)); "
        "from reloadlint.cli import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *args],
        capture_output=True,
        text=True,
        env=ENVIRONMENT,
        check=True,
    )
    assert unwanted.isdisjoint(done.stderr.split())


def test_terminal_escapes_are_shown_and_never_obeyed() -> None:
    write("a\x1b[31m.py", STALE.replace("work(1)", "'\x1b[31m\u202e'"))
    result = run("check")
    assert "\x1b" not in result.stdout
    assert result.stdout.startswith(r"a\x1b[31m.py:3:20: RL101")
    assert "\x1b" not in run("check", "\x1b[31mmissing.py").stderr


def test_a_terminal_that_lacks_characters_gets_escapes() -> None:
    write("a.py", STALE.replace("work(1)", "'日'"))
    env = {**ENVIRONMENT, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(
        [sys.executable, "-m", "reloadlint", "check"], capture_output=True, env=env, check=False
    )
    assert done.returncode == 1
    assert rb"'\u65e5'" in done.stdout


def test_a_bug_is_told_as_one_and_is_no_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "Run", lambda *_: 1 / 0)
    result = run("check")
    assert result.exit_code == 2
    assert "ZeroDivisionError" in result.stderr
    assert "this is a bug in reloadlint" in result.stderr.splitlines()[-1]


def test_an_interrupt_is_told_by_the_exit_code_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(checking, "Run", interrupt)
    result = run("check")
    assert (result.exit_code, result.stdout, result.stderr) == (130, "", "")


@pytest.mark.skipif(os.name == "nt", reason="needs signals")
def test_a_real_interrupt_leaves_no_traceback() -> None:
    write("a.py")
    for patience in (1, 5, 20):
        process = subprocess.Popen(
            [sys.executable, "-m", "reloadlint", "check", "-"],  # waits for its input
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=ENVIRONMENT,
        )
        time.sleep(patience)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
        if process.returncode != -signal.SIGINT:  # which it is before Python has started
            break
    assert (process.returncode, out, err) == (130, b"", b"")


def test_a_reader_that_leaves_early_is_no_bug() -> None:
    write("a.py", "import threading\n" + "threading.Timer(1, lambda: work(1) + 2)\n" * 300)
    process = subprocess.Popen(
        [sys.executable, "-m", "reloadlint", "check"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=ENVIRONMENT,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    assert b"Traceback" not in process.stderr.read()
    process.stderr.close()
    assert process.wait(timeout=20) != 0


def test_explain_tells_the_way_from_the_closure_to_its_keeper(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bus.py").write_text("HANDLERS = []\n\n\ndef on(f):\n    HANDLERS.append(f)\n")
    (tmp_path / "app.py").write_text(
        "from bus import on\n\non(lambda: 1 + 1)\nsorted([], key=lambda x: x + 1)\n"
    )
    run = CliRunner().invoke(group, ["check", "--explain", "app.py:3"])
    assert run.exit_code == 0
    assert run.output.splitlines() == [
        "app.py:3:4: this lambda",
        "  is kept, likely:",
        "  1. app.py:3:1: handed to `on`",
        "  2. bus.py:5:5: stored in `HANDLERS`",
    ]
    run = CliRunner().invoke(group, ["check", "--explain", "app.py:4"])
    assert "is not kept: `sorted` is done with `key` when it returns" in run.output
    assert (
        "no lambda or nested function"
        in CliRunner().invoke(group, ["check", "--explain", "app.py:1"]).output
    )
    assert CliRunner().invoke(group, ["check", "--explain", "app.py"]).exit_code == 2


TWO_TIMERS = """\
import threading

threading.Timer(1, lambda: print("one") or 1)
threading.Timer(2, lambda: print("two") or 2)
"""


@pytest.mark.parametrize(
    ("answers", "fixed"),
    [
        ("y\ny\n", "12"),
        ("n\ny\n", "2"),
        ("y\nn\n", "1"),
        ("a\n", "12"),
        ("q\n", ""),
        ("y\nq\n", "1"),
    ],
)
def test_interactive_applies_what_was_answered_with_yes(
    tmp_path: Path, answers: str, fixed: str
) -> None:
    file = tmp_path / "timers.py"
    file.write_text(TWO_TIMERS)
    run = CliRunner().invoke(
        group, ["check", "--isolated", "--fix", "--interactive", str(file)], input=answers
    )
    assert run.exit_code == (0 if fixed == "12" else 1)
    text = file.read_text()
    assert ('return print("one") or 1' in text) == ("1" in fixed)
    assert ('return print("two") or 2' in text) == ("2" in fixed)
    assert "+    return print" in run.output
    assert run.output.count("Apply this fix?") == answers.count("\n")


@pytest.mark.parametrize("arguments", [("--interactive",), ("--fix", "--interactive", "-")])
def test_interactive_needs_fixes_to_ask_about_and_somebody_to_answer(
    arguments: tuple[str, ...],
) -> None:
    run = CliRunner().invoke(group, ["check", *arguments])
    assert run.exit_code == 2
    assert "--interactive" in run.output


def test_show_fixes_says_what_was_fixed_where(tmp_path: Path) -> None:
    file = tmp_path / "timers.py"
    file.write_text(TWO_TIMERS)
    run = CliRunner().invoke(group, ["check", "--isolated", "--fix", "--show-fixes", str(file)])
    assert run.output.splitlines()[-2:] == [f"{file}:", "  2 × RL101 (inline-callback)"]


def test_show_fixes_says_which_fix_failed_verification_and_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reloadlint.fix.broken_promise", lambda *_: "a promise would be broken")
    file = tmp_path / "timers.py"
    file.write_text(TWO_TIMERS)
    run = CliRunner().invoke(group, ["check", "--isolated", "--fix", "--show-fixes", str(file)])
    assert file.read_text() == TWO_TIMERS
    reason = "not RL101 at 3:20: verification failed: a promise would be broken"
    assert run.output.splitlines()[-2].strip() == reason
    assert run.exit_code == 1


# config, and what is configured


def test_settings_are_listed_and_explained() -> None:
    listed = run("config").stdout
    assert [line.split()[0] for line in listed.splitlines()] == list(SETTINGS)
    assert run("config", "min-body").stdout.splitlines() == [
        "min-body",
        "",
        SETTINGS["min-body"].doc,
        "",
        "Takes: a number, 0 or more",
        "Default: 1",
        "In [[overrides]]: yes",
    ]
    result = run("config", "min-bodi")
    assert (result.exit_code, result.stderr) == (
        2,
        "error: unknown setting `min-bodi`; did you mean `min-body`?\n",
    )


def test_the_schema_for_editors_is_up_to_date() -> None:
    published = Path(reloadlint.__file__).with_name("schema.json").read_text(encoding="utf-8")
    assert run("config", "--schema").stdout == published


@pytest.mark.parametrize(
    ("settings", "fits"),
    [
        ("", True),
        ('select = ["RL1"]\nper-file-ignores = { "a/*" = ["RL101"] }', True),
        ('[[overrides]]\nfiles = ["a"]\nmin-confidence = "certain"', True),
        ('[sinks]\n"a.b" = { 0 = "consumed" }', True),
        ("min-bodi = 1", False),
        ("min-body = -1", False),
        ('reloader = "hupper"', False),
        ("[[overrides]]\nmin-body = 1", False),
        ('[[overrides]]\nfiles = ["a"]\nexclude = ["b"]', False),
    ],
)
def test_the_schema_takes_what_the_program_takes(settings: str, fits: bool) -> None:
    schema = json.loads(run("config", "--schema").stdout)
    data = parse_toml(settings)
    assert jsonschema.Draft7Validator(schema).is_valid(data) is fits
    write("reloadlint.toml", settings)
    assert (run("check").exit_code == 0) is fits


def test_where_each_setting_comes_from_is_shown() -> None:
    write("base.toml", "min-body = 3\nignore = ['RL102']\n")
    write("reloadlint.toml", "extend = 'base.toml'\nextend-select = ['RL002']\n")
    write("a.py", "x = 1\n")
    lines = run("check", "--show-settings", "--config", "min-confidence='certain'").stdout
    for line in (
        "# a.py: reloadlint.toml",
        "min-body = 3  # base.toml",
        'extend = "base.toml"  # reloadlint.toml',
        'min-confidence = "certain"  # command line',
        'reloader = "portable"  # default',
        "sinks = {}  # default",
        'ignore = ["RL102"]  # base.toml',
        "# on: RL101 inline-callback  # default",
        "# on: RL002 blanket-ignore  # reloadlint.toml: extend-select: RL002",
    ):
        assert line in lines.splitlines()
    assert "RL102 " not in lines


def test_rules_that_are_off_in_the_file_are_shown_as_such() -> None:
    write("tests/test_a.py", "x = 1\n")
    lines = run("check", "--show-settings", "tests").stdout.splitlines()
    assert "# off in this file: RL101 inline-callback" in lines


def test_the_files_that_would_be_checked_are_shown() -> None:
    for name in ("b/x.py", "a.py", "dist/y.py", "z.txt"):
        write(name, "(")
    assert run("check", "--show-files").stdout == "a.py\nb/x.py\n"


def test_a_setting_on_the_command_line() -> None:
    write("a.py")
    assert run("check", "--config", "min-body=99").exit_code == 0
    assert run("check", "--config", "min-body=99", "--config", "min-body=1").exit_code == 1
    result = run("check", "--config", "min-body=")
    assert (result.exit_code, result.stderr[:39]) == (2, "error: --config 'min-body=': not TOML: ")


def test_overrides_hold_where_they_match() -> None:
    write("reloadlint.toml", "[[overrides]]\nfiles = ['old']\nignore = ['RL1']\n")
    write("old/a.py")
    write("new/a.py")
    lines = run("check", "--output-format=concise", "-q").stdout.splitlines()
    assert [line.split(":")[0] for line in lines] == ["new/a.py"]


def test_the_report_does_not_depend_on_the_order_of_sets() -> None:
    names = [f"name_{letter}" for letter in "abcdefghijklmnop"]
    write("limits.py", "".join(f"{name} = 1\n" for name in names))
    reads = "".join(f"    {name}(1, 2)\n" for name in reversed(names))
    write("game.py", f"from limits import *\n\n\ndef play():\n{reads}")
    command = [sys.executable, "-m", "reloadlint", "check", "--select=ALL", "--no-cache"]
    command.append("--output-format=json")
    reports = {
        subprocess.run(
            command,
            capture_output=True,
            check=False,
            env={**ENVIRONMENT, "PYTHONHASHSEED": str(seed)},
        ).stdout
        for seed in range(3)
    }
    (report,) = reports
    assert b"`name_p`, `name_o`, `name_n` and 13 more" in report


# watch


def test_watching_checks_again_when_a_file_is_saved() -> None:
    file = write("a.py", "x = 1\n")
    command = [sys.executable, "-m", "reloadlint", "check", "--watch", "--output-format=concise"]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=ENVIRONMENT
    )
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == "No findings in 1 file.\n"
        assert process.stdout.readline() == "note: watching . (Ctrl-C ends)\n"
        for _ in range(100):  # the watching itself begins a moment after the note
            file.write_text(STALE)
            if select.select([process.stdout], [], [], 0.5)[0]:
                break
        assert process.stdout.readline().startswith("a.py:3:20: RL101")
        write("reloadlint.toml", "min-bodi = 1\n")
        lines = iter(process.stdout.readline, "")
        assert any("unknown setting `min-bodi`" in line for line in lines)
        assert process.poll() is None
        process.send_signal(signal.SIGINT)
        rest = process.stdout.read()
        assert process.wait() == 130
        assert "Traceback" not in rest
    finally:
        process.kill()
        process.stdout.close()
        process.wait()


@pytest.mark.parametrize("args", [("-",), ("--fix", "--interactive"), ("--explain", "a.py:1")])
def test_watching_wants_files_and_no_answers(args: tuple[str, ...]) -> None:
    assert run("check", "--watch", *args).exit_code == 2


# The shell


def complete(*words: str, shell: str = "bash") -> list[str]:
    variables = {
        "_RELOADLINT_COMPLETE": f"{shell}_complete",
        "COMP_WORDS": " ".join(("reloadlint", *words)),
        "COMP_CWORD": words[-1] if shell == "fish" else str(len(words)),
    }
    command = [sys.executable, "-m", "reloadlint"]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env={**ENVIRONMENT, **variables}
    )
    return done.stdout.splitlines()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["ch"], "plain,check"),
        (["check", "--output-fo"], "plain,--output-format"),
        (["check", "--output-format", "sar"], "plain,sarif"),
        (["check", "--select", "RL101,inline-c"], "plain,RL101,inline-callback"),
        (["rule", "RL10"], "plain,RL101"),
        (["config", "min-b"], "plain,min-body"),
    ],
)
def test_bash_completes(words: list[str], expected: str) -> None:
    assert expected in complete(*words)


def test_zsh_and_fish_complete_and_explain() -> None:
    assert "inline-callback" in complete("rule", "inline", shell="zsh")
    (line,) = [line for line in complete("config", "min-b", shell="fish") if "min-body" in line]
    assert line.startswith("plain,min-body\tOperations")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_for_the_shell_is_printed(shell: str) -> None:
    environment = {**ENVIRONMENT, "_RELOADLINT_COMPLETE": f"{shell}_source"}
    command = [sys.executable, "-m", "reloadlint"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    assert "_RELOADLINT_COMPLETE" in done.stdout


def test_a_wrong_command_gets_the_nearest() -> None:
    result = run("chek")
    assert result.exit_code == 2
    assert "no such command `chek`; did you mean `check`?" in result.stderr


def test_help_shows_examples_and_exit_codes() -> None:
    text = run("check", "--help").stdout
    for words in ("reloadlint check --fix src/", "130  interrupted", "reloadlint config"):
        assert words in text
