"""The work for a file grows as its length does, whatever there is a lot of in it.

Work is counted in calls, of Python's functions and of those in C, so that a busy machine is no
matter. What grows with the square of the length makes calls for each pair of the things that there
are a lot of. bench/growth.py measures the same in seconds, with a megabyte of each.
"""

from __future__ import annotations

import sys
import threading
from types import FrameType

import pytest

from bench.shapes import SHAPES
from reloadlint.config import Config, enabled
from reloadlint.facts import excerpts
from reloadlint.lint import lint
from reloadlint.registry import load
from reloadlint.source import SourceFile

SIZE = 10
CALLS_FOR_A_PAIR = 2
# There is an end to how many bases of a class are asked, and to how long a chain may be.
LEFT_OUT = {"subclasses of each other", "lambdas in one chain of calls"}


def calls_for(text: str) -> int:
    """How many calls it takes to check the text."""
    count = 0

    def note(_frame: FrameType, event: str, _arg: object) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    source, config = SourceFile("m.py", text), Config()
    rules = enabled(load(), config)
    before = sys.getprofile()
    threading.setprofile(note)
    sys.setprofile(note)
    try:
        result = lint(source, rules, config)
    finally:
        sys.setprofile(before)
        threading.setprofile(None)
    assert not result.failures
    return count


@pytest.mark.parametrize("name", sorted(SHAPES.keys() - LEFT_OUT))
def test_twice_the_text_is_twice_the_work(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # Else chains are looked for in the longer ones only, which would be more calls at once.
    monkeypatch.setattr(excerpts, "_SHORT", 0)
    shape = SHAPES[name]
    calls_for(shape(1))  # what is loaded but once
    one, two, four = (calls_for(shape(n)) for n in (SIZE, 2 * SIZE, 4 * SIZE))
    # Of a + bn + cn², this is what `c` gives: the calls for each pair of things.
    assert (four - 3 * two + 2 * one) / (6 * SIZE**2) < CALLS_FOR_A_PAIR
