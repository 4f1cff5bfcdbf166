"""Answers that are found once, and what each was found from, over recursions of all kinds.

Facts of different files ask each other. Two things must hold whatever was asked before, so that a
file gives the same findings in every order, in every worker, and from a cache:

- what an answer depends on includes what the answers that went into it depend on, even where those
  were remembered;
- an answer that was found while a question around it was still open, and that needed an answer to
  that one, is half an answer: it is used up to the end of the outer question and then forgotten.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final, TypeVar

_T = TypeVar("_T")

_NEVER: Final = 1 << 30


@dataclass(slots=True)
class Answer:
    """A value, the keys of what it depends on, and the recursions that it is a result of."""

    value: Any
    needs: set[str] = field(default_factory=set)
    through: set[object] = field(default_factory=set)
    outermost: int = _NEVER  # the depth of the open question that had to be guessed


Answers = dict[object, Answer]  # those of one file: they go when its facts go


class Memo:
    """The open questions of one run; the answers are kept by those who ask."""

    def __init__(self) -> None:
        self._changed: str | None = None
        self._open: list[Answer] = []
        self._depths: dict[object, int] = {}  # of the open questions that may come up again
        self._halves: Answers = {}  # in the order in which they were found

    def note(self, key: str) -> None:
        """What is being answered depends on `key`."""
        if self._open:
            self._open[-1].needs.add(key)

    @contextmanager
    def noting(self) -> Iterator[set[str]]:
        """Collect the keys that are noted within. What was changed within is so no longer after."""
        whole = Answer(None)
        outer, self._open = self._open, [whole]
        try:
            yield whole.needs
        finally:
            self._open = outer
            self.change(None)

    def change(self, key: str | None) -> None:
        """For now, what `key` names is not what it was, nor what it will be."""
        self._changed = key
        self._halves.clear()

    def ask(
        self, answers: Answers, key: object, find: Callable[[], _T], guess: _T | None = None
    ) -> _T:
        """The answer to `key`: remembered in `answers`, or found by `find`.

        With a `guess` the question may come up again while it is being answered: that is the
        answer then. Keys hold nodes, so that they are unique among all files.
        """
        if guess is not None and key in self._depths:
            self._open[-1].outermost = min(self._open[-1].outermost, self._depths[key])
            return guess
        known = self._halves.get(key)
        if known is None:
            known = answers.get(key)
            if known is None or not self._holds(known):
                known = self._find(answers, key, find, guess is not None)
        if self._open:
            outer = self._open[-1]
            if known.needs:
                outer.needs |= known.needs
            outer.through |= known.through
            outer.outermost = min(outer.outermost, known.outermost)
        return known.value  # type: ignore[no-any-return]

    def _holds(self, known: Answer) -> bool:
        """False for the result of a recursion that we are in, and for what depends on a change."""
        if not known.through.isdisjoint(self._depths):
            return False
        return self._changed is None or self._changed not in known.needs

    def _find(
        self, answers: Answers, key: object, find: Callable[[], _T], may_recur: bool
    ) -> Answer:
        depth, halves = len(self._open), len(self._halves)
        answer = Answer(None)
        self._open.append(answer)
        if may_recur:
            self._depths[key] = depth
        try:
            answer.value = find()
        except BaseException:
            self._forget(halves)
            raise
        finally:
            self._open.pop()
            if self._open:
                self._open[-1].needs |= answer.needs
            if may_recur:
                del self._depths[key]
        if answer.outermost < depth:
            self._halves[key] = answer
            for half in islice(self._halves.values(), halves, None):
                half.outermost = min(half.outermost, answer.outermost)
        else:
            answer.outermost = _NEVER
            answer.through |= self._forget(halves)
            self._keep(answers, key, answer)
        return answer

    def _keep(self, answers: Answers, key: object, answer: Answer) -> None:
        if self._changed is not None and self._changed in answer.needs:
            self._halves[key] = answer  # good until the change is over
        elif key not in answers:
            answers[key] = answer

    def _forget(self, since: int) -> set[object]:
        """Drop the halves that were found after the first `since`; returns their keys."""
        keys = list(islice(self._halves, since, None))
        for key in keys:
            del self._halves[key]
        return set(keys)
