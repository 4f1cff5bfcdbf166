"""What a fixed text must keep: each promise, broken on purpose."""

from __future__ import annotations

import pytest

from reloadlint.config import Config
from reloadlint.finding import Applicability, Finding, Fix, Move, Position
from reloadlint.source import SourceFile
from reloadlint.verify import broken_promise

BEFORE = """\
def f(bus):
    def send(x):
        y = bus.go(x)
        return sorted(y, key=lambda z: len(z)), NAME
    return send
"""
AFTER = """\
def _f_send(bus, x):
    y = bus.go(x)
    return sorted(y, key=lambda z: len(z)), NAME


def f(bus):
    def send(x):
        return _f_send(bus, x)
    return send
"""


def verdict(before: str, after: str, *captures: str) -> str | None:
    move = Move(before.index("def send"), "_f_send", captures)
    fix = Fix("", (), Applicability.SAFE, (move,))
    place = Position(2, 5)
    finding = Finding("m.py", "RL103", "x", "", place, place, 2, fix=fix)
    old, new = SourceFile("m.py", before), SourceFile("m.py", after)
    return broken_promise(old, new, [finding], Config())


def test_a_good_fix_keeps_them_all() -> None:
    assert verdict(BEFORE, AFTER, "bus") is None


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("return send", "return send send", "the fixed text does not compile"),
        ("return send", "return send  # new", "a comment would be lost or doubled"),
        ("def _f_send(", "def _g_send(", "`_f_send` is not at module level"),
        ("def _f_send(bus, x)", "def _f_send(x)", "`bus` was captured and would be global"),
        ("def _f_send(bus, x)", "def _f_send(bus)", "`x` was parameter and would be global"),
        ("bus.go(x)", "bus.go(x, new)", "`new` is new in the moved body"),
        ("), NAME", ")", "`NAME` is lost from the moved body"),
        ("y = bus.go(x)", "NAME = y = bus.go(x)", "`NAME` was global and would be local"),
        ("y = bus.go(x)", "global y; y = bus.go(x)", "`y` was local and would be global"),
        ("lambda z: len(z)", "(len(z) for z in y)", "the functions in the moved body differ"),
        ("len(z)", "len(z, NAME)", "`NAME` is new in the moved body"),
    ],
)
def test_a_broken_promise_is_named(old: str, new: str, reason: str) -> None:
    assert AFTER.count(old) == 1
    found = verdict(BEFORE, AFTER.replace(old, new), "bus")
    assert found is not None
    assert found.startswith(reason)


def test_what_should_be_a_parameter_must_be_one() -> None:
    assert verdict(BEFORE, AFTER) == "`bus` was captured and would be parameter"


def test_a_comment_that_is_lost_is_missed() -> None:
    before = BEFORE.replace("go(x)", "go(x)  # why")
    assert verdict(before, AFTER, "bus") == "a comment would be lost or doubled"


def test_a_comment_ends_at_a_lone_carriage_return() -> None:
    before = BEFORE.replace("go(x)\n", "go(x)  # why\r")
    moved = AFTER.replace("go(x)\n", "go(x)  # why\r")
    assert verdict(before, moved, "bus") is None
    assert verdict(before, AFTER, "bus") == "a comment would be lost or doubled"


def test_comments_that_cannot_be_compared_are_not_believed_to_be_kept() -> None:
    before = BEFORE.replace("        y =", "\\\n        y =") + "# why\n"
    found = verdict(before, AFTER, "bus")
    assert found in {
        "whether a comment is lost cannot be told",
        "a comment would be lost or doubled",  # since 3.12 tokenize takes what CPython takes
    }


def test_a_line_that_tells_the_encoding_must_still_be_seen() -> None:
    head = "\f\n# coding: latin-1\n"
    old = SourceFile("m.py", f"{head}x = 1\n", "iso-8859-1")
    kept = SourceFile("m.py", f"{head}\ny = 2\nx = 1\n", "iso-8859-1")
    pushed = SourceFile("m.py", "\f\ny = 2\n# coding: latin-1\nx = 1\n", "iso-8859-1")
    assert broken_promise(old, kept, [], Config()) is None
    assert broken_promise(old, pushed, [], Config()) == "the file would be read in another encoding"
