"""What git leaves out: the `.gitignore` of a folder and of those above it, the inner ones first."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reloadlint import limits

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec


@dataclass(frozen=True)
class GitIgnore:
    """The `.gitignore` file of one folder, and those of the folders `outside` it."""

    folder: str
    spec: GitIgnoreSpec
    outside: GitIgnore | None

    def ignores(self, path: str, *, is_folder: bool) -> bool:
        """True for an ignored `path` (absolute) in a folder that is not ignored itself."""
        level: GitIgnore | None = self
        while level is not None:
            relative = os.path.relpath(path, level.folder) + ("/" if is_folder else "")
            verdict = level.spec.check_file(relative).include
            if verdict is not None:
                return verdict
            level = level.outside
        return False


def enter(folder: str, outside: GitIgnore | None) -> GitIgnore | None:
    """What counts in `folder` (absolute) when `outside` counts in the folder above it."""
    if os.path.lexists(os.path.join(folder, ".git")):
        outside = None
    path = os.path.join(folder, ".gitignore")
    return GitIgnore(folder, _spec(path), outside) if os.path.isfile(path) else outside


def start(folder: str) -> GitIgnore | None:
    """What counts in `folder` (absolute), of the repository that it is in.

    Outside a repository nothing above the folder counts: a home directory may well ignore all
    that is in it. Nor does it where the folder itself is ignored, since a user has named it.
    """
    level = None
    for step in _from_repository(folder):
        if level is not None and level.ignores(step, is_folder=True):
            level = None
        level = enter(step, level)
    return level


def _from_repository(folder: str) -> list[str]:
    """The folders from the repository's root down to `folder`; that alone outside of one."""
    steps = [folder]
    while not os.path.lexists(os.path.join(steps[-1], ".git")):
        above = os.path.dirname(steps[-1])
        if above == steps[-1]:
            return [folder]
        steps.append(above)
    return steps[::-1]


def _spec(path: str) -> GitIgnoreSpec:
    from pathspec import GitIgnoreSpec

    text = limits.content(path, limits.SETTINGS).decode("utf-8", "surrogateescape")
    lines = text.replace("\r\n", "\n").split("\n")
    with suppress(ValueError):
        return GitIgnoreSpec.from_lines(lines)
    # git passes over lines that are no patterns; so they are found out one by one.
    return GitIgnoreSpec.from_lines(line for line in lines if _is_pattern(line))


def _is_pattern(line: str) -> bool:
    from pathspec import GitIgnoreSpec

    try:
        GitIgnoreSpec.from_lines([line])
    except ValueError:
        return False
    return True
