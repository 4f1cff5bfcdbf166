"""Findings → keys that stay the same while code moves: for baselines and for code hosts.

A key says in which file, of which rule, inside of which function or class, and about which text a
finding is. Two findings may have one key: they are counted, or numbered.
"""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from reloadlint.finding import Finding
from reloadlint.source import SourceFile

_DIGITS = 16
_SNIPPET = 80


class Key(NamedTuple):
    """What makes a finding the same finding after an edit elsewhere.

    `path` is relative to where the key is used, with forward slashes; `scope` is the dotted name of
    the functions and classes around; `snippet` is the text of the finding, white space folded, and
    shortened.
    """

    path: str
    code: str
    scope: str
    snippet: str

    def digest(self, number: int = 0) -> str:
        """Sixteen hexadecimal digits, for the `number`-th finding with this key."""
        text = "\0".join([*self, str(number)])
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS]


def key(finding: Finding, source: SourceFile | None, root: str = os.curdir) -> Key:
    """The key of a finding in `source`, its path relative to the folder `root`."""
    text = ""
    if source is not None:
        text = source.text[source.offset_of(finding.start) : source.offset_of(finding.end)]
    return Key(path_in(root, finding.path), finding.code, finding.scope, _short(text))


def path_in(root: str, path: str) -> str:
    """`path` as it stands in a key: relative to `root`, with forward slashes."""
    return path if path == "-" else os.path.relpath(path, root).replace(os.sep, "/")


def _short(text: str) -> str:
    """The text on one line; of a long one the start, and a digest of all of it."""
    folded = " ".join(text.split())
    if len(folded) <= _SNIPPET:
        return folded
    return (
        f"{folded[:_SNIPPET]}… {hashlib.sha256(folded.encode('utf-8', 'replace')).hexdigest()[:8]}"
    )


def fingerprints(
    findings: Iterable[Finding], sources: Mapping[str, SourceFile]
) -> Iterator[tuple[Finding, str]]:
    """Each finding with a digest that no other one has; equals are numbered in their order."""
    seen: Counter[Key] = Counter()
    for finding in findings:
        own = key(finding, sources.get(finding.shown_path))
        yield finding, own.digest(seen[own])
        seen[own] += 1
