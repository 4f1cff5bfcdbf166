"""Which imported modules are the project's own: only these are edited while the program runs."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path


class FirstParty:
    """Answers for one project: `roots` are the folders that its imports start from."""

    def __init__(self, project: Path, roots: tuple[str, ...]) -> None:
        self._roots = tuple(str(project / root) for root in roots)

    def owns(self, module: str) -> bool:
        """True for a relative import, and for a module or package found in one of the roots.

        The file system is looked at, nothing is imported.
        """
        if module.startswith("."):
            return True
        top = module.partition(".")[0]
        return any(top in _modules_in(root) for root in self._roots)


@lru_cache(maxsize=64)
def _modules_in(folder: str) -> frozenset[str]:
    """Top-level names that can be imported from `folder`; a folder counts if it holds Python."""
    names = {entry.name.partition(".")[0] for entry in _entries(folder) if _is_module(entry)}
    return frozenset(names)


def _is_module(entry: os.DirEntry[str], depth: int = 3) -> bool:
    """True for a Python file, and for a folder with one in it, be it in a namespace package."""
    stem, dot, suffix = entry.name.partition(".")
    if suffix in {"py", "pyi"}:
        return True
    if dot or not depth or not stem.isidentifier() or not entry.is_dir():
        return False
    # Files first: nearly always there is one, and no other folder needs to be opened.
    inner = sorted(_entries(entry.path), key=lambda found: found.is_dir())
    return any(_is_module(found, depth - 1) for found in inner)


def _entries(folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError:
        return []
