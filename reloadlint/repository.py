"""The repository around a file: where it begins, and which texts are in it.

A cache asks this as well, in runs that load nothing that knows Python.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Final, NamedTuple

_MARKERS: Final = ("pyproject.toml", "setup.py", "setup.cfg", "tox.ini")
_REPOSITORY: Final = (".git", ".hg")
_SKIPPED: Final = frozenset({"__pycache__", "node_modules", "site-packages", "build", "dist"})
_MOST_FILES: Final = 10_000
_DOCUMENTS: Final = (".txt", ".rst", ".md", ".toml", ".cfg", ".ini", ".json", ".yaml", ".yml")
_LARGEST_DOCUMENT: Final = 1_000_000  # bytes


def repository_of(folder: str) -> str | None:
    """The nearest folder at or above `folder` that is a repository, or else holds a project.

    Whatever else comes to be in the folders above is no reason to ask again.
    """
    project: str | None = None
    while True:
        if _has_any(folder, _REPOSITORY):
            return folder
        if project is None and _has_any(folder, _MARKERS):
            project = folder
        above = os.path.dirname(folder)
        if above == folder:
            return project
        folder = above


def _has_any(folder: str, names: Iterable[str]) -> bool:
    return any(os.path.lexists(os.path.join(folder, name)) for name in names)


class Texts(NamedTuple):
    """The files below a folder that may name what is in modules, and the folders that have them."""

    files: list[str]
    folders: list[str]


def texts_below(folder: str) -> Texts | None:
    """The texts below a folder; None where they are too many to be looked at.

    Documents and data count as well: what a list of a public interface names is used by somebody.
    Hidden files and environments are left out.
    """
    found = Texts([], [])
    for here, folders, names in os.walk(folder):
        found.folders.append(here)
        if "pyvenv.cfg" in names:
            folders.clear()
            continue
        folders[:] = sorted(f for f in folders if f not in _SKIPPED and not f.startswith("."))
        paths = (os.path.join(here, name) for name in sorted(names) if not name.startswith("."))
        found.files.extend(path for path in paths if path.endswith(".py") or _is_document(path))
        if len(found.files) > _MOST_FILES:
            return None
    return found


def _is_document(path: str) -> bool:
    if not path.endswith(_DOCUMENTS):
        return False
    try:
        return os.path.getsize(path) <= _LARGEST_DOCUMENT
    except OSError:
        return False
