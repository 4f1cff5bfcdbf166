"""Patches, taken by git itself."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from reloadlint.files import decode
from reloadlint.report.patch import painted_patch, patch
from reloadlint.report.text import Style
from reloadlint.source import SourceFile


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_patch_names_the_file_on_both_sides() -> None:
    source = SourceFile("pkg/a.py", "a = 1\nb = 2\n")
    assert patch(source, "a = 1\nb = 3\n").decode() == (
        "--- a/pkg/a.py\n+++ b/pkg/a.py\n@@ -1,2 +1,2 @@\n a = 1\n-b = 2\n+b = 3\n"
    )


def test_no_change_is_no_patch() -> None:
    assert patch(SourceFile("a.py", "a = 1"), "a = 1") == b""


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
@pytest.mark.parametrize(
    "name",
    [
        "a.py",
        "pkg/a.py",
        "sp ace.py",
        "日本.py",
        'quo"te.py',
        "back\\slash.py",
        "new\nline.py",
        "tab\t.py",
        "esc\x1b.py",
        "\udcff.py",
    ],
)
@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(b"a = 1\n", b"a = 2\n", id="a line"),
        pytest.param(b"a = 1", b"a = 2", id="no newline at the end"),
        pytest.param(b"a = 1", b"a = 2\n", id="a newline added at the end"),
        pytest.param(b"a = 1\n", b"a = 2", id="a newline lost at the end"),
        pytest.param(b"", b"a = 1\n", id="an empty file"),
        pytest.param(b"a = 1\r\nb\r\n", b"a = 2\r\nb\r\n", id="CRLF"),
        pytest.param(b"a = 1\rb\r", b"a = 2\rb\r", id="CR"),
        pytest.param(b"a\x0c = 1\n\x0c\n", b"a\x0c = 2\n\x0c\n", id="form feeds"),
        pytest.param(b"\xef\xbb\xbfa = 1\n", b"\xef\xbb\xbfa = 2\n", id="byte-order mark"),
        pytest.param(
            b"# coding: latin-1\n\xe9 = 1\n", b"# coding: latin-1\n\xe9 = 2\n", id="encoding"
        ),
        pytest.param(b"a\n" * 50, b"b\n" + b"a\n" * 48 + b"c\n", id="two hunks"),
    ],
)
def test_git_applies_it(name: str, before: bytes, after: bytes) -> None:
    path = Path(name)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(before)
    change = patch(decode(name, before), decode(name, after).text)
    subprocess.run(["git", "init", "-q"], check=True)
    subprocess.run(["git", "apply", "-p1", "-"], input=change, check=True)
    assert path.read_bytes() == after


def test_a_path_outside_is_made_relative_to_the_root(folder: Path) -> None:
    assert patch(SourceFile("/usr/x.py", "a"), "b").startswith(b"--- a/usr/x.py\n+++ b/usr/x.py\n")
    inside = SourceFile(str(folder / "x.py"), "a")
    assert patch(inside, "b").startswith(b"--- a/x.py\n")


def test_on_a_terminal_nothing_is_obeyed() -> None:
    source = SourceFile("\x1bx.py", "a = '\x1b[2J'\r\n")
    lines = [*painted_patch(source, "a = '\x1b[2J日'\r\n", Style())]
    assert lines == [
        r'--- "a/\033x.py"',
        r'+++ "b/\033x.py"',
        "@@ -1 +1 @@",
        r"-a = '\x1b[2J'",
        r"+a = '\x1b[2J日'",
    ]


def test_colour_shows_what_goes_and_what_comes() -> None:
    lines = [*painted_patch(SourceFile("a.py", "a\n"), "b\n", Style(colour=True))]
    assert lines[-2:] == ["\x1b[31m-a\x1b[0m", "\x1b[32m+b\x1b[0m"]
