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
    names: set[str] = set()
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                stem, dot, suffix = entry.name.partition(".")
                if suffix in {"py", "pyi"} or (
                    not dot and stem.isidentifier() and entry.is_dir() and _has_python(entry.path)
                ):
                    names.add(stem)
    except OSError:
        return frozenset()
    return frozenset(names)


def _has_python(folder: str) -> bool:
    try:
        with os.scandir(folder) as entries:
            return any(entry.name.endswith(".py") for entry in entries)
    except OSError:
        return False
