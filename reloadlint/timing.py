"""Where the time of a run goes. Until `start` is called, `spent` costs next to nothing.

Each second counts once, for the innermost block that it is spent in: facts that a rule is the first
to ask for, and that have a name of their own here, do not count for the rule.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from time import perf_counter
from typing import Final

Times = Counter[str]  # seconds, by phase or code of a rule

_NOTHING: Final = nullcontext()


class _Clock:
    def __init__(self) -> None:
        self.times: Times = Counter()
        self._open = [""]
        self._since = perf_counter()

    @contextmanager
    def spent(self, name: str) -> Iterator[None]:
        self._turn()
        self._open.append(name)
        try:
            yield
        finally:
            self._turn()
            self._open.pop()

    def _turn(self) -> None:
        now = perf_counter()
        self.times[self._open[-1]] += now - self._since  # type: ignore[assignment]
        self._since = now


_clock: _Clock | None = None  # reloadlint: ignore[RL202] -- it does not outlive the run


def start() -> None:
    """Measure from now on, in this process."""
    global _clock  # noqa: PLW0603 -- there is one clock, as there is one process
    _clock = _Clock()


def is_on() -> bool:
    """True after `start`."""
    return _clock is not None


def spent(name: str) -> AbstractContextManager[None]:
    """The time in the `with` block is spent on `name`."""
    return _NOTHING if _clock is None else _clock.spent(name)


def take() -> Times:
    """What was measured since this was called last."""
    if _clock is None:
        return Counter()
    taken, _clock.times = _clock.times, Counter()
    del taken[""]
    return taken
