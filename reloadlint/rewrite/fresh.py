"""Names that are new to a file, telling, and the same on every run."""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Callable, Set
from functools import cached_property
from typing import Final

_RESERVED: Final = frozenset({*vars(builtins), *keyword.kwlist})
_FEW: Final = 50


class FreshNames:
    """Hands out names; each only once.

    Every word of the text counts as taken, in strings and comments too: `__all__`, `getattr` and
    doctests name things as well. `elsewhere` gives those that star
    imports bring.
    """

    def __init__(self, text: str, elsewhere: Callable[[], Set[str]] = frozenset) -> None:
        self._text = text
        self._elsewhere = elsewhere
        self._given: set[str] = set()
        self._numbers: dict[str, int] = {}  # by name, the first that was not tried
        self._imported: dict[str, str] = {}

    def take(self, *parts: str) -> str:
        """Return `_first_second`, numbered if that is taken; leading underscores are dropped."""
        words = [word for part in parts if (word := part.strip("_"))]
        # Two underscores in front would be changed in class bodies.
        base = "_" + "_".join(words or ["callback"])
        name, number = base, self._numbers.get(base, 2)
        while self._is_taken(name):
            name, number = f"{base}_{number}", number + 1
        self._numbers[base] = number
        self._given.add(name)
        return name

    def _is_taken(self, name: str) -> bool:
        if name in self._given or name in _RESERVED:
            return True
        # To search for the mere letters is faster than to cut all words, unless it is done often.
        is_possible = len(self._given) > _FEW or name in self._text
        return (is_possible and name in self._words) or name in self._starred

    @cached_property
    def _starred(self) -> Set[str]:
        return self._elsewhere()

    @cached_property
    def _words(self) -> frozenset[str]:
        return frozenset(re.findall(r"\w+", self._text))

    def imported(self, name: str) -> str:
        """Return `name`, or a free variant of it: always the same one, as one import will do."""
        if name not in self._imported:
            self._imported[name] = self.take(name) if self._is_taken(name) else name
        return self._imported[name]
