"""What is wrong with a file is told in one clear line, and the other files are still checked."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from inspect import signature
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from reloadlint.cli.group import group

STALE = b"import threading\n\nthreading.Timer(1, lambda: work(1) + 2)\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one file that has a finding, between others in order."""
    monkeypatch.chdir(tmp_path)
    Path("m_good.py").write_bytes(STALE)
    return tmp_path


def runner() -> CliRunner:
    # Before click 8.2 the two streams are mixed unless one says otherwise; since then one cannot.
    apart = {"mix_stderr": False} if "mix_stderr" in signature(CliRunner).parameters else {}
    return CliRunner(**apart)


def check(*args: str) -> Result:
    return runner().invoke(group, ["check", "--output-format=concise", *(args or ["."])])


def told(result: Result, path: str) -> list[str]:
    lines = (result.stdout + result.stderr).splitlines()
    return [line for line in lines if path in line]


def assert_good_was_checked(result: Result) -> None:
    assert [line.partition(" ")[0] for line in told(result, "m_good.py")] == ["m_good.py:3:20:"]


# CPython refuses the text: a diagnostic, and exit code 1.


@pytest.mark.parametrize(
    ("text", "line"),
    [
        pytest.param(b"x = (\n", "1:5: syntax-error: '(' was never closed", id="open bracket"),
        pytest.param(b'print "x"\n', "1:1: syntax-error: Missing parentheses", id="Python 2"),
        pytest.param(b"if x:\ny\n", "2:1: syntax-error: expected an indented block", id="indent"),
        pytest.param(b"x = 1\x00\n", "1:1: syntax-error: source code ", id="NUL"),
        pytest.param(b"x = '", "1:5: syntax-error: unterminated string literal", id="open string"),
        pytest.param(
            b"\xff\xfex\x00".replace(b"\xff\xfe", b""), "1:1: syntax-error: ", id="UTF-16"
        ),
        pytest.param(
            b"x = " + b"(" * 300 + b")" * 300, ": syntax-error: too many nested", id="deep"
        ),
        pytest.param(
            b"x = " + b"-" * 100_000 + b"1", "1:1: syntax-error: too deeply nested", id="deeper"
        ),
    ],
)
@pytest.mark.parametrize("name", ["a.py", "z.py"])
@pytest.mark.parametrize("options", [(), ("--fix",), ("--no-screen",)])
def test_text_that_cpython_refuses(
    text: bytes, line: str, name: str, options: tuple[str, ...]
) -> None:
    Path(name).write_bytes(text)
    result = check(".", *options)
    assert result.exit_code == 1
    assert result.stderr == ""
    (message,) = told(result, name)
    assert message.startswith(f"{name}:")
    assert line in message
    assert Path(name).read_bytes() == text
    if not options:
        assert_good_was_checked(result)


@pytest.mark.parametrize("terms", [100, 2_000, 5_000, 50_000])
def test_a_long_chain_of_operators_is_checked_or_refused_as_cpython_does(terms: int) -> None:
    chain = " + ".join(["a"] * terms)
    Path("chain.py").write_text(f"x = {chain}\n", encoding="utf-8")
    result = check()
    assert (result.exit_code, result.stderr) == (1, "")
    refused = "chain.py:1:1: syntax-error: too deeply nested for CPython's parser"
    assert told(result, "chain.py") in ([], [refused])
    assert_good_was_checked(result)


def test_a_long_chain_of_operators_does_not_hide_a_finding() -> None:
    chain = " + ".join(["a"] * 1_000)
    Path("stale.py").write_bytes(STALE.replace(b"work(1)", chain.encode()))
    assert told(check(), "stale.py")[0].startswith("stale.py:3:20: RL101")


@pytest.mark.parametrize(("links", "is_told"), [(100, False), (600, True)])
def test_a_chain_of_calls_that_libcst_takes_too_long_for_is_told(links: int, is_told: bool) -> None:
    chain = ".on(lambda event: print(event, bus))" * links
    Path("chain.py").write_text(
        f"def f(bus):\n    (bus{chain})\n{STALE.decode()}", encoding="utf-8"
    )
    result = check()
    reason = "it would take too long to parse such long chains of calls or operators"
    errors = [f"error: chain.py:1: libcst: {reason}"] if is_told else []
    assert result.stderr.splitlines() == errors
    assert result.exit_code == (2 if is_told else 1)
    assert any(line.startswith("chain.py:5:20: RL101") for line in told(result, "chain.py"))
    assert_good_was_checked(result)


def many(callbacks: int) -> None:
    lines = "".join(f"    bus.on_x(lambda x: print(x, {i}))\n" for i in range(callbacks))
    Path("many.py").write_text(f"def f(bus):\n{lines}", encoding="utf-8")


@pytest.mark.parametrize("callbacks", [2_000, 2_001])
def test_more_places_than_any_file_has_are_told_and_left_alone(callbacks: int) -> None:
    many(callbacks)
    result = check()
    reason = "not checked from here on: 2,000 places in one file are enough"
    errors = [f"error: many.py:2002: {reason}"] if callbacks > 2_000 else []
    assert result.stderr.splitlines() == errors
    assert result.exit_code == (2 if errors else 1)
    found = [line for line in told(result, "many.py") if ": RL101" in line]
    assert [line.split(":")[1] for line in found] == [f"{line}" for line in range(2, 2_002)]
    assert_good_was_checked(result)


def test_fixes_go_on_where_the_first_places_are_done_with(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reloadlint.lint.PLACES", 10)
    many(25)
    result = check("--fix", "many.py")
    assert (result.exit_code, result.stderr) == (0, "")
    assert Path("many.py").read_text(encoding="utf-8").count("def _f_on_x_callback") == 25


def test_a_statement_that_libcst_takes_too_long_for_is_told_and_the_others_are_checked() -> None:
    table = "TABLE = [\n" + "    'value',\n" * 60_000 + "    lambda x: print(x, 1),\n]\n"
    Path("table.py").write_text(table + STALE.decode(), encoding="utf-8")
    result = check()
    reason = "it would take too long to parse 60,010 nodes of the syntax tree"
    assert result.stderr.splitlines() == [f"error: table.py:1: libcst: {reason}"]
    assert result.exit_code == 2
    assert [line.split()[1] for line in told(result, "table.py:") if "RL" in line] == ["RL101"]
    assert_good_was_checked(result)


# The text could not be read: an error, and exit code 2.


def link_loop() -> None:
    os.symlink("two.py", "bad.py")
    os.symlink("bad.py", "two.py")


def make_socket() -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("bad.py")


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        pytest.param(
            lambda: Path("bad.py").write_bytes(b"\n'\xe9'\n"),
            "not utf-8: byte 0xe9 on line 2",
            id="not UTF-8",
        ),
        pytest.param(
            lambda: Path("bad.py").write_bytes(b"# coding: utf-8\n\n'\xe9'\n"),
            "not utf-8: byte 0xe9 on line 3",
            id="not UTF-8 although it says so",
        ),
        pytest.param(
            lambda: Path("bad.py").write_bytes(b"# coding: klingon\n"),
            "unknown encoding: klingon",
            id="unknown encoding",
        ),
        pytest.param(
            lambda: os.symlink("gone.py", "bad.py"),
            "a dangling symbolic link to gone.py",
            id="dangling link",
        ),
        pytest.param(link_loop, "a loop of symbolic links", id="loop of links"),
        pytest.param(lambda: os.mkfifo("bad.py"), "a FIFO, not a file", id="FIFO"),
        pytest.param(make_socket, "a socket, not a file", id="socket"),
        pytest.param(
            lambda: os.symlink("/dev/zero", "bad.py"), "a device, not a file", id="device"
        ),
    ],
)
@pytest.mark.parametrize("options", [(), ("--fix",), ("--diff",)])
def test_what_cannot_be_read(
    make: Callable[[], object], reason: str, options: tuple[str, ...]
) -> None:
    make()
    result = check(".", *options)
    assert result.exit_code == 2
    assert f"error: bad.py: {reason}\n" in result.stderr
    assert len(told(result, " bad.py")) == 1
    if not options:
        assert_good_was_checked(result)


@pytest.mark.parametrize("path", ["missing", "missing.py", "missing/deep/a.py"])
def test_what_is_not_there(path: str) -> None:
    result = check(path, "m_good.py")
    assert result.exit_code == 2
    assert result.stderr == f"error: {path}: no such file or directory\n"
    assert_good_was_checked(result)


def test_what_may_not_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("bad.py").write_bytes(STALE)
    real = open

    def guarded(path: str, *args: Any, **more: Any) -> Any:  # for root may read anything
        if path == "bad.py":
            raise PermissionError(13, "Permission denied", path)
        return real(path, *args, **more)

    monkeypatch.setattr("builtins.open", guarded)
    result = check()
    assert (result.exit_code, result.stderr) == (2, "error: bad.py: permission denied\n")
    assert_good_was_checked(result)


# There is nothing wrong with it, though it may look so: exit code of the good file.


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda: Path("odd.py").touch(), id="empty file"),
        pytest.param(lambda: Path("odd.py").write_bytes(b"\xef\xbb\xbf"), id="mark alone"),
        pytest.param(lambda: Path("odd.py").write_bytes(b"x"), id="no newline at the end"),
        pytest.param(lambda: Path("odd.py").write_bytes(b"\x0c\n"), id="form feed"),
        pytest.param(lambda: Path("odd.py").write_bytes(b"x = 1\ry = 2\r"), id="old Mac"),
        pytest.param(
            lambda: Path("odd.py").write_bytes(b"# coding: latin-1\n'\xe9'\n"), id="Latin-1"
        ),
        pytest.param(lambda: os.symlink("..", "odd.py"), id="a link to a folder above"),
        pytest.param(lambda: os.mkdir("odd.py"), id="a folder with the name of a file"),
        pytest.param(lambda: os.symlink("gone", ".#odd.py"), id="a lock of Emacs"),
    ],
)
@pytest.mark.parametrize("options", [(), ("--no-screen",)])
def test_what_is_odd_but_fine(make: Callable[[], object], options: tuple[str, ...]) -> None:
    make()
    result = check(".", *options)
    assert (result.exit_code, result.stderr) == (1, "")
    assert_good_was_checked(result)


def test_everything_at_once_is_told_line_by_line() -> None:
    link_loop()
    os.mkfifo("fifo.py")
    Path("latin.py").write_bytes(b"'\xe9'")
    Path("open.py").write_bytes(b"(")
    result = check(".", "missing")
    assert result.exit_code == 2
    assert result.stderr.splitlines() == [
        "error: bad.py: a loop of symbolic links",
        "error: fifo.py: a FIFO, not a file",
        "error: latin.py: not utf-8: byte 0xe9 on line 1",
        "error: two.py: a loop of symbolic links",
        "error: missing: no such file or directory",
    ]
    assert result.stdout.splitlines()[:2] == [
        told(result, "m_good.py")[0],
        "open.py:1:1: syntax-error: '(' was never closed",
    ]
