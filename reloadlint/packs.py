"""Where rule packs come from: what is installed under an entry-point group.

`importlib.metadata` says so, and takes as long to import as everything else that a run without
changes needs. It is asked only where something is installed in another way than in folders.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from importlib.machinery import PathFinder
from typing import Final

GROUP: Final = "reloadlint.rules"
_INSTALLED: Final = (".dist-info", ".egg-info")


def packs() -> dict[str, str]:
    """Names of packs by the packages that they are, sorted; the built-in one is among them."""
    found = dict(_in_folders() if _is_plain() else _anywhere())
    found.setdefault(GROUP, "reloadlint")
    return dict(sorted(found.items()))


def _is_plain() -> bool:
    finders = [finder for finder in sys.meta_path if hasattr(finder, "find_distributions")]
    return finders == [PathFinder] and not any(map(os.path.isfile, sys.path))


def _anywhere() -> Iterator[tuple[str, str]]:
    from importlib.metadata import entry_points

    return ((point.module, point.name) for point in entry_points(group=GROUP))


def _in_folders() -> Iterator[tuple[str, str]]:
    """As `entry_points` has it: of two versions of a project, the first on the path counts."""
    seen: set[str] = set()
    for folder in sys.path:
        for name in _entries(folder or os.curdir):
            stem, suffix = os.path.splitext(name)
            project = stem.partition("-")[0].replace("_", "-").replace(".", "-").lower()
            if suffix in _INSTALLED and project not in seen:
                seen.add(project)
                yield from _points(os.path.join(folder, name, "entry_points.txt"))


def _entries(folder: str) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []


def _points(path: str) -> Iterator[tuple[str, str]]:
    try:
        with open(path, encoding="utf-8") as stream:
            text = stream.read()
    except (OSError, ValueError):
        return
    section = ""
    for line in map(str.strip, text.splitlines() if GROUP in text else ()):
        name, equals, value = line.partition("=")
        if line.startswith("["):
            section = line.strip("[] ")
        elif equals and section == GROUP and not line.startswith(("#", ";")):
            yield _module(value), name.strip()


def _module(value: str) -> str:
    """Of `module:attribute [extra]` what can be imported."""
    return value.partition("[")[0].partition(":")[0].strip()
