"""RL204: which ways of asking the namespace are known, and what `keep` in their place does."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tests.rules.checking import findings, fixed, flagged

SHAPES = {
    "name error": "try:\n    X\nexcept NameError:\n    X = {value}",
    "several errors": "try:\n    X\nexcept (NameError, KeyError):\n    X = {value}",
    "assigned to itself": "try:\n    X = X\nexcept NameError:\n    X = {value}",
    "annotated": "try:\n    X\nexcept NameError:\n    X: object = {value}",
    "on one line": "try: X\nexcept NameError: X = {value}",
    "not in": 'if "X" not in globals():\n    X = {value}',
    "not … in": 'if not "X" in vars():\n    X = {value}',
    "get": 'X = globals().get("X", {value})',
    "get, annotated": 'X: object = globals().get("X", {value})',
    "setdefault": 'X = globals().setdefault("X", {value})',
    "get … or": 'X = globals().get("X") or {value}',
    "conditional": 'X = globals()["X"] if "X" in globals() else {value}',
    "conditional, turned round": 'X = {value} if "X" not in globals() else X',
}
VALUES = ("{}", "[]", "set()", "[1,\n    2]", "dict(a=1)", "(1, 2)", "0", "'''a\nb'''")


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_every_way_of_asking_is_flagged(shape: str) -> None:
    text = shape.replace("{value}", "{}")
    assert flagged("RL204", text + "\n") == [text.splitlines()[0]]


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_unless_that_is_the_idiom_of_the_project(shape: str) -> None:
    assert not findings("RL204", shape.replace("{value}", "{}") + "\n", state_idiom="globals")


@pytest.mark.parametrize(
    "text",
    [
        "try:\n    unicode\nexcept NameError:\n    unicode = str",
        "try:\n    ExceptionGroup\nexcept NameError:\n    ExceptionGroup = Exception",
        "try:\n    anext\nexcept NameError:\n    anext = make()",
        "try:\n    X\nexcept NameError:\n    X = other.X",
        "try:\n    X\nexcept NameError:\n    import X",
        "try:\n    X\nexcept NameError:\n    raise SystemExit",
        "try:\n    X\nexcept NameError:\n    Y = {}",
        "try:\n    X\nexcept ValueError:\n    X = {}",
        "try:\n    X = load()\nexcept NameError:\n    X = {}",
        "try:\n    X\nexcept NameError:\n    X = {}\nelse:\n    print(X)",
        "try:\n    X\nexcept NameError:\n    X = lambda: {}",
        "try:\n    X\nexcept NameError:\n    Y[0] = X = {}",
        "try:\n    BUILDING\nexcept NameError:\n    BUILDING = False\nif BUILDING:\n    print(1)",
        "X = Y if 'Y' in globals() else {}",
        "X = Y if 'X' in SETTINGS else {}",
        "if 'X' not in globals():\n    print('first')",
        "if 'X' in globals():\n    X = {}",
        "if 'X' not in SETTINGS:\n    X = {}",
        "X = SETTINGS.get('X', {})",
        "X = globals().get('Y', {})",
        "def f():\n    X = globals().get('X', {})\n    return X",
        "def globals(): return {}\nX = globals().get('X', {})",
    ],
)
def test_what_is_left_alone(text: str) -> None:
    assert flagged("RL204", text + "\n") == []


@pytest.mark.parametrize(
    "change", ["def f():\n    global X\n    X = 2", "X += 1", "for X in 'ab':\n    print(X)"]
)
def test_a_constant_that_is_bound_anew_is_state(change: str) -> None:
    text = f"try:\n    X\nexcept NameError:\n    X = 1\n{change}\n"
    assert flagged("RL204", text) == ["try:"]


@pytest.mark.parametrize("value", VALUES)
def test_a_fixed_module_is_what_it_was_when_imported(value: str, tmp_path: Path) -> None:
    """All shapes at once, each with its own name, in one process a version."""
    shapes = [
        shape.replace("X", f"X{number}").replace("{value}", value)
        for number, shape in enumerate(SHAPES.values())
    ]
    changes = "".join(f"    global X{number}\n    X{number} = 1\n" for number in range(len(shapes)))
    before = "\n".join(shapes) + f"\ndef change():\n{changes}"
    after = fixed("RL204", before).text
    assert after.count("keep(") == len(shapes)
    show = "print([(n, v) for n, v in globals().items() if n[0] == 'X'])\n"
    seen = set()
    for name, text in (("before.py", before), ("after.py", after)):
        (tmp_path / name).write_text(text + show, encoding="utf-8")
        done = subprocess.run(
            [sys.executable, str(tmp_path / name)], capture_output=True, text=True, check=True
        )
        seen.add(done.stdout)
    assert len(seen) == 1


class TestTheFix:
    def test_keeps_every_comment(self) -> None:
        before = """\
            # who is there
            try:  # from the last time
                USERS
            # not yet
            except NameError:
                # by name
                USERS = {  # empty
                    # so far
                }
                COUNT: int = 0  # of them
            print(USERS)
            """
        after = """\
            # who is there
            from reloadlint.runtime import keep
            # from the last time
            # not yet
            # by name
            USERS = keep("USERS", lambda: {  # empty
                # so far
            })
            COUNT: int = keep("COUNT", lambda: 0)  # of them
            print(USERS)
            """
        assert fixed("RL204", before).text == textwrap.dedent(after)

    def test_is_not_done_unasked(self) -> None:
        text = "X = globals().get('X', {})\n"
        assert fixed("RL204", text, unsafe=False).text == text
        assert fixed("RL204", text, unsafe=False, state_idiom="keep").text == text

    def test_is_refused_for_assignments_on_one_line(self) -> None:
        (found,) = findings("RL204", "if 'X' not in globals():\n    X = {}; Y = []\n")
        assert found.refusal == "its assignments share a line"
