"""One run over many files: what it gives, and what stands in nobody's way."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from reloadlint import fix as fixing
from reloadlint import lint as linting
from reloadlint import registry
from reloadlint.check import Options, Outcome, Run
from reloadlint.config import Config, Configs
from reloadlint.errors import ConfigError, RegistryError, WalkError

STALE = "import threading\n\nthreading.Timer(1, lambda: work(1) + 2)\n"
FIX = Options(fix=True, write=True)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(name: str, text: str = STALE) -> None:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def check(*paths: str, options: Options | None = None, **settings: Any) -> Outcome:
    return Run(Configs(only=Config(**settings)), options or Options()).check_paths(paths or ["."])


def codes(outcome: Outcome) -> dict[str, list[str]]:
    return {file.path: [finding.code for finding in file.findings] for file in outcome.checked}


def test_findings_come_in_the_order_of_the_files() -> None:
    write("b.py")
    write("a.py", STALE * 2)
    write("clean.py", "x = 1\n")
    outcome = check()
    assert codes(outcome) == {"a.py": ["RL101", "RL101"], "b.py": ["RL101"]}
    assert (outcome.files, outcome.errors, outcome.exit_code()) == (3, [], 1)


def test_nothing_found_is_clean() -> None:
    write("a.py", "x = 1\n")
    outcome = check()
    assert (outcome.checked, outcome.exit_code()) == ([], 0)


def test_what_cpython_refuses_is_a_finding_of_no_rule() -> None:
    write("a.py", "x = (\n")
    write("b.py")
    outcome = check()
    assert codes(outcome) == {"a.py": ["syntax-error"], "b.py": ["RL101"]}
    assert outcome.exit_code() == 1


def test_what_cannot_be_read_is_an_error_and_the_rest_is_checked() -> None:
    write("b.py")
    outcome = check("missing.py", "b.py", "missing.py")
    assert codes(outcome) == {"b.py": ["RL101"]}
    assert list(map(str, outcome.errors)) == ["missing.py: no such file or directory"]
    assert outcome.exit_code() == 2


# Configuration


def test_each_file_is_checked_as_its_folder_is_configured() -> None:
    write("one/a.py")
    write("two/a.py")
    write("one/reloadlint.toml", "ignore = ['RL1']")
    assert codes(Run(Configs(), Options()).check_paths(["."])) == {"two/a.py": ["RL101"]}


def test_per_file_ignores_count() -> None:
    write("a.py")
    write("tests/a.py")
    outcome = check(per_file_ignores=(("tests/*", ("RL101",)),))
    assert codes(outcome) == {"a.py": ["RL101"]}


def test_a_wrong_configuration_below_is_an_error_and_the_rest_is_checked() -> None:
    write("one/a.py")
    write("one/b.py")
    write("one/reloadlint.toml", "ignore = ['RL777']")
    write("two/a.py")
    outcome = Run(Configs(), Options()).check_paths(["."])
    assert codes(outcome) == {"two/a.py": ["RL101"]}
    assert [str(error).partition("`")[0] for error in outcome.errors] == [
        "one/reloadlint.toml: ignore: unknown rule "
    ]


def test_a_wrong_configuration_here_ends_the_run_before_it_starts() -> None:
    write("reloadlint.toml", "ignore = ['RL777']")
    with pytest.raises(ConfigError, match="RL777"):
        Run(Configs(), Options()).check_paths(["."])


def test_a_broken_rule_pack_ends_the_run_before_it_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise RegistryError("rule pack 'x' failed to import")

    monkeypatch.setattr(registry, "load", fail)
    with pytest.raises(RegistryError):
        Run(Configs(), Options()).check_paths(["."])


# Trouble with one file


def test_a_bug_that_one_file_shows_does_not_hide_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write("a.py")
    write("b.py")
    real = linting.lint

    def lint(source: Any, *args: Any, **more: Any) -> Any:
        return real(source, *args, **more) if source.path == "b.py" else 1 / 0

    monkeypatch.setattr(linting, "lint", lint)
    outcome = check()
    assert codes(outcome) == {"b.py": ["RL101"]}
    assert list(map(str, outcome.errors)) == [
        "a.py:1: reloadlint: internal error: ZeroDivisionError: division by zero"
    ]
    assert outcome.exit_code() == 2


def test_a_statement_that_was_not_checked_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    write("a.py")
    failure = WalkError("a.py", 3, "RL101", "KeyError: 1")
    monkeypatch.setattr(linting, "lint", lambda *_, **__: linting.LintResult(failures=(failure,)))
    assert check().errors == [failure]


# Fixing


def test_fixes_are_written() -> None:
    write("a.py")
    outcome = check(options=FIX)
    fixed = Path("a.py").read_text(encoding="utf-8")
    assert "def " in fixed
    assert (outcome.report(FIX).fixed, outcome.exit_code()) == (1, 0)
    assert check().exit_code() == 0


def test_fixes_that_are_only_shown_are_not_written() -> None:
    write("a.py")
    outcome = check(options=Options(fix=True))
    assert Path("a.py").read_text(encoding="utf-8") == STALE
    assert outcome.checked[0].before.text == STALE
    assert "def " in outcome.checked[0].after.text
    assert outcome.exit_code(of_patch=True) == 1


def test_a_file_without_fixes_is_not_touched() -> None:
    write("a.py", "x = 1\n")
    os.utime("a.py", (0, 0))
    check(options=FIX)
    assert os.stat("a.py").st_mtime == 0


def test_unsafe_fixes_are_applied_on_request_only() -> None:
    text = "CACHE = {}\n\n\ndef put(k, v):\n    CACHE[k] = v\n"
    write("a.py", text)
    assert check(options=FIX).exit_code() == 1
    assert Path("a.py").read_text(encoding="utf-8") == text
    assert check(options=Options(fix=True, write=True, unsafe_fixes=True)).exit_code() == 0


def test_findings_that_are_left_after_fixing_are_those_of_the_new_text() -> None:
    write("a.py", STALE + "CACHE = {}\n\n\ndef put(k, v):\n    CACHE[k] = v\n")
    outcome = check(options=FIX)
    (file,) = outcome.checked
    (left,) = file.findings
    assert file.after.line(left.start.line) == "CACHE = {}"
    assert outcome.exit_code() == 1


def test_where_writing_fails_the_findings_are_told_as_they_stand() -> None:
    write("a.py")
    os.chmod("a.py", 0o444)
    outcome = check(options=FIX)
    assert codes(outcome) == {"a.py": ["RL101"]}
    assert list(map(str, outcome.errors)) == ["a.py: read-only: not written"]
    assert (outcome.report(FIX).fixed, outcome.exit_code()) == (0, 2)


def test_a_fix_that_fails_verification_is_told_with_the_reason(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write("a.py")
    monkeypatch.setattr(fixing, "broken_promise", lambda *_: "a comment is lost")
    (file,) = check(options=FIX).checked
    assert file.findings[0].fix is None
    assert file.findings[0].refusal == "verification failed: a comment is lost"
    assert Path("a.py").read_text(encoding="utf-8") == STALE


def test_fixes_without_end_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    write("a.py")
    monkeypatch.setattr(fixing, "MAX_IDLE_ROUNDS", 0)
    outcome = check(options=FIX)
    assert list(map(str, outcome.errors)) == ["a.py:1: reloadlint: the fixes do not come to an end"]


def test_a_patch_says_something_of_changes_and_of_what_is_no_python() -> None:
    write("a.py", "CACHE = {}\n\n\ndef put(k, v):\n    CACHE[k] = v\n")
    options = Options(fix=True)
    assert check(options=options).exit_code(of_patch=True) == 0
    write("b.py", "x = (")
    assert check(options=options).exit_code(of_patch=True) == 1


# Text that is in no file


def test_text_is_checked_as_if_it_stood_in_a_file() -> None:
    write("one/reloadlint.toml", "ignore = ['RL1']")
    run = Run(Configs(), Options())
    assert codes(run.check_text("-", STALE.encode())) == {"-": ["RL101"]}
    assert codes(run.check_text("one/new.py", STALE.encode())) == {}


def test_text_is_never_written() -> None:
    outcome = Run(Configs(), Options(fix=True)).check_text("new.py", STALE.encode())
    assert outcome.checked[0].is_changed
    assert os.listdir() == []


def test_excluded_text_is_left_alone_by_force_only() -> None:
    run = Run(Configs(), Options(fix=True, force_exclude=True))
    outcome = run.check_text("venv/a.py", STALE.encode())
    assert (outcome.checked, outcome.exit_code()) == ([], 0)
    assert Run(Configs(), Options()).check_text("venv/a.py", STALE.encode()).exit_code() == 1


def test_text_without_an_encoding_is_an_error() -> None:
    outcome = Run(Configs(), Options()).check_text("-", b"'\xe9'")
    assert list(map(str, outcome.errors)) == ["-: not utf-8: byte 0xe9 on line 1"]
