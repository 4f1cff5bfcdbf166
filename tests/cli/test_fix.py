"""`check --fix` and `--diff`: files, standard input, and the questions of `--interactive`."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.command import STALE, STATE, run, write


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
def test_interactive_applies_what_was_answered_with_yes(answers: str, fixed: str) -> None:
    file = write("timers.py", TWO_TIMERS)
    result = run("check", "--fix", "--interactive", stdin=answers.encode())
    assert result.exit_code == (0 if fixed == "12" else 1)
    text = file.read_text()
    assert ('return print("one") or 1' in text) == ("1" in fixed)
    assert ('return print("two") or 2' in text) == ("2" in fixed)
    assert "+    return print" in result.output
    assert result.output.count("Apply this fix?") == answers.count("\n")


@pytest.mark.parametrize("arguments", [("--interactive",), ("--fix", "--interactive", "-")])
def test_interactive_needs_fixes_to_ask_about_and_somebody_to_answer(
    arguments: tuple[str, ...],
) -> None:
    result = run("check", *arguments)
    assert result.exit_code == 2
    assert "--interactive" in result.stderr


def test_show_fixes_says_what_was_fixed_where() -> None:
    write("timers.py", TWO_TIMERS)
    result = run("check", "--fix", "--show-fixes")
    assert result.stdout.splitlines()[-2:] == ["timers.py:", "  2 × RL101 (inline-callback)"]


def test_show_fixes_says_which_fix_failed_verification_and_why(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("reloadlint.fix.broken_promise", lambda *_: "a promise would be broken")
    file = write("timers.py", TWO_TIMERS)
    result = run("check", "--fix", "--show-fixes")
    assert file.read_text() == TWO_TIMERS
    reason = "not RL101 at 3:20: verification failed: a promise would be broken"
    assert result.stdout.splitlines()[-2].strip() == reason
    assert result.exit_code == 1
