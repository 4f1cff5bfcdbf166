"""The whole program: versions, imports, interrupts, completion, help."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import reloadlint
from reloadlint import check as checking
from tests.command import ENVIRONMENT, STALE, run, write


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


def test_so_is_one_that_comes_while_the_program_starts(tmp_path: Path) -> None:
    (tmp_path / "click.py").write_text("raise KeyboardInterrupt\n")
    path = f"{tmp_path}{os.pathsep}{ENVIRONMENT['PYTHONPATH']}"
    done = subprocess.run(
        [sys.executable, "-m", "reloadlint", "check"],
        capture_output=True,
        env={**ENVIRONMENT, "PYTHONPATH": path},
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, b"", b"")


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
