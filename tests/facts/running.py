"""A dynamic oracle for captures: run a function and watch the cells of every closure it makes.

The generated functions call a few helpers: `mk(n, f)` records closure number `n` when it is made
(`mk(n)` as a decorator), `v()` gives a value that is equal to no other, `cond()`, `it()`, `cm()`
and `risk()` decide by chance, `late()` runs something that was left for later. After every
bytecode instruction the cells are compared with what they held.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any

_EMPTY = object()
_STEPS = 2000
_EXPECTED = (ValueError, KeyError, NameError, TypeError, AttributeError, AssertionError)


class Stop(Exception):
    """Too long: the run ends, what was seen so far counts."""


class Seen(dict[tuple[int, str], set[str]]):
    """By closure number and captured name: "unbound", "rebound", "deleted"."""

    def add(self, key: tuple[int, str], what: str) -> None:
        self.setdefault(key, set()).add(what)


class Value:
    """Equal to nothing but itself; adds, unpacks, and is a match for everything."""

    __match_args__ = ("x", "y")

    def __init__(self, run: Run) -> None:
        self.run = run

    def __add__(self, other: object) -> Value:
        return Value(self.run)

    def __bool__(self) -> bool:
        return self.run.cond()

    def __lt__(self, other: object) -> bool:
        return self.run.cond()

    def __iter__(self) -> Iterator[Value]:
        self.run.risk()
        return iter([Value(self.run), Value(self.run)])

    def __setitem__(self, key: object, value: object) -> None:
        self.run.risk()

    @property
    def x(self) -> Value:
        if self.run.cond():
            raise AttributeError
        return Value(self.run)

    y = x


class Run:
    """One run of the functions of a text, steered by `seed`."""

    def __init__(self, text: str, seed: int) -> None:
        self.chance = random.Random(seed)
        self.seen = Seen()
        self.watched: list[tuple[int, str, Any, object]] = []
        self.later: list[Callable[[], object]] = []
        self.steps = 0
        self.is_stopped = False
        self.names: dict[str, Any] = {
            name: getattr(self, name)
            for name in (
                "base",
                "caught",
                "cm",
                "cond",
                "gen",
                "it",
                "late",
                "mapping",
                "mk",
                "risk",
                "v",
            )
        }
        self.names["Value"] = Value
        exec(compile(text, "<generated>", "exec", dont_inherit=True), self.names)

    # ------------------------------------------------------------------------------ the helpers

    def mk(self, number: int, function: Callable[..., Any] | None = None) -> Any:
        if function is None:
            return lambda f: self.mk(number, f)
        for name, cell in zip(
            function.__code__.co_freevars, function.__closure__ or (), strict=True
        ):
            value = _content(cell)
            if value is _EMPTY:
                self.seen.add((number, name), "unbound")
            self.watched.append((number, name, cell, value))
        self.later.append(function)
        if self.chance.random() < 0.3:
            self.late()
        return function

    def v(self, *_: object) -> Value:
        return Value(self)

    def cond(self, *_: object) -> bool:
        self.risk()
        return self.chance.random() < 0.6

    def base(self, *_: object) -> type:
        return object

    def caught(self, kind: Any, *_: object) -> Any:
        return kind

    def it(self) -> Iterator[Value]:
        for _ in range(self.chance.choice((0, 1, 2, 2))):
            yield Value(self)
            self.risk()

    def risk(self, *_: object) -> None:
        if self.chance.random() < 0.03:
            raise self.chance.choice((ValueError, KeyError))

    @contextmanager
    def cm(self) -> Iterator[Value]:
        try:
            yield Value(self)
        except _EXPECTED:
            if self.chance.random() < 0.4:
                raise

    def mapping(self) -> dict[str, Value]:
        return {"k": Value(self), "l": Value(self)} if self.chance.random() < 0.7 else {}

    def gen(self, generator: Iterator[object]) -> None:
        self.later.append(lambda: next(generator, None))

    def late(self) -> None:
        if self.later:
            function = self.chance.choice(self.later)
            try:
                result = function()
            except _EXPECTED:
                return
            if callable(result):
                self.later.append(result)

    # ------------------------------------------------------------------------------- the watching

    def go(self, name: str) -> Seen:
        tracer, result = sys.gettrace(), None
        sys.settrace(self._trace)
        try:
            result = self.names[name](Value(self))
            for _ in range(self.chance.randrange(4)):
                self.late()
                if hasattr(result, "send") and self.chance.random() < 0.7:
                    self._resume(result)
                self.late()
        except (*_EXPECTED, Stop):
            pass
        except BaseException as error:
            if type(error).__name__ not in {"ExceptionGroup", "BaseExceptionGroup"}:
                raise
        finally:
            self._close(result)
            sys.settrace(tracer)
        self._compare()
        return self.seen

    def _resume(self, generator: Any) -> None:
        try:
            if self.chance.random() < 0.2:
                generator.throw(ValueError())
            generator.send(None)
        except StopIteration:
            pass

    def _close(self, result: Any) -> None:
        with suppress(*_EXPECTED, Stop, RuntimeError):
            getattr(result, "close", list)()

    def _trace(self, frame: FrameType, event: str, arg: object) -> Any:
        if frame.f_code.co_filename != "<generated>":
            return None
        frame.f_trace_opcodes = True
        self.steps += 1
        if self.steps > _STEPS:
            self.is_stopped = True
            raise Stop
        self._compare()
        return self._trace

    def _compare(self) -> None:
        if self.is_stopped:
            return  # an exception out of nothing: what follows proves nothing
        for number, name, cell, before in self.watched:
            now = _content(cell)
            if now is _EMPTY and before is not _EMPTY:
                self.seen.add((number, name), "deleted")
            elif now is not before and now is not None and now is not _EMPTY:
                self.seen.add((number, name), "rebound")


def _content(cell: Any) -> object:
    try:
        return cell.cell_contents
    except ValueError:
        return _EMPTY
