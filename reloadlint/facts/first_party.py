"""Which imported modules are the project's own: only these are edited while the program runs."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from reloadlint.folders import Folders

Answer = Callable[[str, Callable[[Folders], bool]], bool]


def _at_once(_top: str, find: Callable[[Folders], bool]) -> bool:
    return find(Folders())


class FirstParty:
    """Answers for one project: `roots` are the folders that its imports start from.

    `answer` remembers answers by top-level name.
    """

    def __init__(
        self, project: Path, roots: tuple[str, ...], answer: Answer = _at_once
    ) -> None:  # reloadlint: ignore[RL105]
        self._roots = tuple(os.path.normpath(project / root) for root in roots)
        self._answer = answer

    def owns(self, module: str) -> bool:
        """True for a relative import, and for a module or package found in one of the roots.

        The file system is looked at, nothing is imported.
        """
        if module.startswith("."):
            return True
        top = module.partition(".")[0]
        return self._answer(top, lambda folders: self._has(folders, top))

    def _has(self, folders: Folders, top: str) -> bool:
        return any(
            _is_module(folders, root, name)
            for root in self._roots
            for name in folders.entries(root)
            if name.partition(".")[0] == top
        )


def _is_module(folders: Folders, folder: str, name: str, depth: int = 3) -> bool:
    """True for a Python file, and for a folder with one in it, be it in a namespace package."""
    stem, dot, suffix = name.partition(".")
    if suffix in {"py", "pyi"}:
        return True
    if dot or not depth or not stem.isidentifier() or not folders.entries(folder).get(name):
        return False
    # Files first: nearly always there is one, and no other folder needs to be opened.
    inside = os.path.join(folder, name)
    inner = sorted(folders.entries(inside).items(), key=lambda entry: entry[1])
    return any(_is_module(folders, inside, found, depth - 1) for found, _ in inner)
