"""Names that are new to a file, telling, and the same on every run."""

from __future__ import annotations

import builtins
import keyword
import re

_WORD = re.compile(r"\w+")


class FreshNames:
    """Hands out names; each only once.

    Every word of the text counts as taken, in strings and comments too: `__all__`, `getattr` and
    doctests name things as well.
    """

    def __init__(self, text: str) -> None:
        self._taken = {*_WORD.findall(text), *vars(builtins), *keyword.kwlist}
        self._imported: dict[str, str] = {}

    def take(self, *parts: str) -> str:
        """Return `_first_second`, numbered if that is taken; leading underscores are dropped."""
        words = [word for part in parts if (word := part.strip("_"))]
        # Two underscores in front would be changed in class bodies.
        base = "_" + "_".join(words or ["callback"])
        name, number = base, 2
        while name in self._taken:
            name, number = f"{base}_{number}", number + 1
        self._taken.add(name)
        return name

    def imported(self, name: str) -> str:
        """Return `name`, or a free variant of it: always the same one, as one import will do."""
        if name not in self._imported:
            self._imported[name] = self.take(name) if name in self._taken else name
        return self._imported[name]
