"""A wrong word and the right ones → a hint for the message."""

from __future__ import annotations

from collections.abc import Iterable


def hint(word: str, known: Iterable[str]) -> str:
    """`; did you mean …?` with the nearest of the known words, or nothing."""
    import difflib

    folded = {item.lower(): item for item in known}
    near = difflib.get_close_matches(word.lower(), folded, n=1)
    return f"; did you mean `{folded[near[0]]}`?" if near else ""
