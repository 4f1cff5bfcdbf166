"""Suppression comments → the edits that remove them, or some of their words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Set

from reloadlint.finding import Applicability, Edit, Fix
from reloadlint.source import SourceFile
from reloadlint.suppression import Suppression

_LIST = re.compile(r"(?<=\[)[^\]]*(?=\])|(?<=:)\s*[A-Z]+[0-9].*", re.IGNORECASE | re.DOTALL)
_WORD = re.compile(r"[\w-]+")


def remove_comment(source: SourceFile, start: int, end: int) -> Fix:
    """Remove what stands in `text[start:end]`, and the line if nothing else is on it."""
    return Fix("remove the comment", (_removal(source, start, end),), Applicability.SAFE,
               on_comments=True)  # fmt: skip


def remove_words(source: SourceFile, comment: Suppression, words: Set[str]) -> Fix:
    """Remove `words` (in lower case) from the list of a comment; others are left in it."""
    named = ", ".join(f"`{word}`" for word in _written(source, comment, words))
    edits = tuple(_without_words(source, comment, words))
    return Fix(f"remove {named} from the comment", edits, Applicability.SAFE, on_comments=True)


def _removal(source: SourceFile, start: int, end: int) -> Edit:
    text, line = source.text, source.position(start).line
    first, last = source.line_starts[line - 1], source.line_end(line)
    # Character by character: there may be thousands of comments on one line.
    before, after = start, end
    while before > first and text[before - 1].isspace():
        before -= 1
    while after < last and text[after].isspace():
        after += 1
    if before == first and after == last:
        return Edit(first, last, "")
    if before == first:  # another comment follows
        return Edit(start, after, "")
    return Edit(before, end, "  " if after < last else "")


def _without_words(source: SourceFile, comment: Suppression, words: Set[str]) -> Iterator[Edit]:
    """The edits for the comment and, of a block, for the one that closes it."""
    places = [(comment.start, comment.end), *([comment.closed_by] if comment.closed_by else [])]
    for start, end in places:
        reason = source.text.find("--", start, end)
        listed = _LIST.search(source.text, start, end if reason < 0 else reason)
        if listed is not None:
            kept = [word for word in _WORD.findall(listed[0]) if word.lower() not in words]
            space = " " if listed[0][:1].isspace() else ""
            yield Edit(listed.start(), listed.end(), space + ", ".join(kept))


def _written(source: SourceFile, comment: Suppression, words: Set[str]) -> list[str]:
    text = source.text[comment.start : comment.end]
    return [word for word in _WORD.findall(text) if word.lower() in words]
