"""The work for a file grows as its length does, whatever there is a lot of in it.

Work is counted in lines of Python that run and in calls of functions in C, so that a busy machine
is no matter. What grows with the square of the length runs lines for each pair of the things that
there are a lot of. bench/growth.py measures the same in seconds, with a megabyte of each.
"""

from __future__ import annotations

import gc
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import pytest

from bench.shapes import SHAPES
from reloadlint.config import Config, enabled
from reloadlint.facts import excerpts
from reloadlint.lint import lint
from reloadlint.registry import load
from reloadlint.source import SourceFile

SIZE = 20
STEPS_FOR_A_PAIR = 0.5
# There is an end to how many bases of a class are asked, and to how long a chain may be.
LEFT_OUT = {"subclasses of each other", "lambdas in one chain of calls"}


@contextmanager
def counting() -> Iterator[Callable[[], int]]:
    """Count the steps of all threads; the garbage collector would add some by chance."""
    steps = 0

    def trace(_frame: FrameType, event: str, _arg: object) -> Callable[..., Any]:
        nonlocal steps
        steps += event == "line"
        return trace

    def note(_frame: FrameType, event: str, _arg: object) -> None:
        nonlocal steps
        steps += event == "c_call"

    traces = sys.gettrace(), threading.gettrace()
    notes = sys.getprofile(), threading.getprofile()
    gc.disable()
    threading.settrace(trace)
    threading.setprofile(note)
    sys.settrace(trace)
    sys.setprofile(note)
    try:
        yield lambda: steps
    finally:
        sys.setprofile(notes[0])
        sys.settrace(traces[0])
        threading.setprofile(notes[1])
        threading.settrace(traces[1])
        gc.enable()


def steps_for(text: str) -> int:
    """How many steps it takes to check the text."""
    source, config = SourceFile("m.py", text), Config()
    rules = enabled(load(), config)
    with counting() as steps:
        result = lint(source, rules, config)
    assert not result.failures
    return steps()


@pytest.mark.parametrize("name", sorted(SHAPES.keys() - LEFT_OUT))
def test_twice_the_text_is_twice_the_work(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # Else chains are looked for in the longer ones only, which would be more steps at once.
    monkeypatch.setattr(excerpts, "_SHORT", 0)
    shape = SHAPES[name]
    steps_for(shape(1))  # what is loaded but once
    one, two, four = (steps_for(shape(n)) for n in (SIZE, 2 * SIZE, 4 * SIZE))
    # Of a + bn + cn², this is what `c` gives: the steps for each pair of things.
    assert (four - 3 * two + 2 * one) / (6 * SIZE**2) < STEPS_FOR_A_PAIR
