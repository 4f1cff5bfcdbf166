"""The texts around a run, which questions to a repository depend on: what of them has changed."""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Any

from reloadlint.cache.stamps import Stamp, stamp, stamp_of_before
from reloadlint.repository import texts_below


class Around:
    """Repositories, each with the stamps of its folders and of its texts that are not of the run.

    As data: `{repository: [{folder: stamp}, {text: stamp}]}`. `began` is when the run did, in
    nanoseconds: what was modified since may be another text than the one that was read.
    """

    def __init__(self, data: Mapping[str, list[Any]] | None = None) -> None:
        self.data = dict(data or {})
        self.is_renewed = False

    def changed(self, own: Set[str], began: int) -> set[str]:
        """The texts that were touched, have come or are gone; the stamps are renewed."""
        changed: set[str] = set()
        for repository, old in self.data.items():
            if not all(map(_is_untouched, old[0].items())) or not all(
                map(_is_untouched, old[1].items())
            ):
                new = self.data[repository] = stamped(repository, own, began)
                self.is_renewed = True
                before, now = old[1], new[1]
                changed |= {
                    path
                    for path in {*before, *now}
                    if before.get(path) is None or before[path] != now.get(path)
                }
        return changed


def _is_untouched(entry: tuple[str, Stamp | None]) -> bool:
    path, before = entry
    return before is not None and before == stamp(path)


def stamped(repository: str, own: Set[str], began: int) -> list[dict[str, Stamp | None]]:
    """The stamps of the folders and texts of a repository; none where it has too many."""
    below = texts_below(repository)
    if below is None:
        return [{}, {}]
    texts = [path for path in below.files if path not in own]
    return [
        {path: stamp_of_before(path, began) for path in paths} for paths in (below.folders, texts)
    ]
