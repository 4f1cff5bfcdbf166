"""Which files and folders there are, as one run sees them: each folder is listed once."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from hashlib import blake2b
from typing import Final

_IMPORTABLE: Final = re.compile(r"\w+(/|\.pyi?)")


class Folders:
    """Answers by path, all absolute; `listed` are the folders that answers depend on."""

    def __init__(self) -> None:
        self.listed: dict[str, Mapping[str, bool]] = {}

    def entries(self, folder: str) -> Mapping[str, bool]:
        """What is in `folder`, by name: whether it is a folder. Empty where it cannot be listed."""
        if folder not in self.listed:
            self.listed[folder] = entries(folder)
        return self.listed[folder]

    def has_file(self, folder: str, name: str) -> bool:
        """True for a regular file, or a link to one."""
        is_folder = self.entries(folder).get(name, True)
        return not is_folder and os.path.isfile(os.path.join(folder, name))

    def module(self, root: str, name: str) -> str | None:
        """The file of the module with the dotted `name` below `root`: that of a module first."""
        *packages, last = name.split(".")
        folder = root
        for package in packages:
            if not self.entries(folder).get(package, False):
                return None
            folder = os.path.join(folder, package)
        if self.has_file(folder, last + ".py"):
            return os.path.join(folder, last + ".py")
        if self.entries(folder).get(last, False):
            inner = os.path.join(folder, last)
            if self.has_file(inner, "__init__.py"):
                return os.path.join(inner, "__init__.py")
        return None

    def import_root(self, path: str) -> str:
        """The folder that holds the outermost package of the file `path`."""
        folder = os.path.dirname(path)
        while self.has_file(folder, "__init__.py") and folder != os.path.dirname(folder):
            folder = os.path.dirname(folder)
        return folder


def entries(folder: str) -> Mapping[str, bool]:
    """What is in `folder`, as of now; see `Folders.entries`."""
    try:
        with os.scandir(folder) as entries:
            return {entry.name: entry.is_dir() for entry in entries}
    except OSError:
        return {}


def digest(found: Mapping[str, bool]) -> str:
    """Tells the modules and packages that may be in a folder from any others.

    What it begins with tells whether the folder is a package itself.
    """
    lines = (f"{name}/" if is_folder else name for name, is_folder in sorted(found.items()))
    text = "\0".join(line for line in lines if _IMPORTABLE.fullmatch(line))
    kind = "+" if "__init__.py" in found else "-"
    return kind + blake2b(text.encode("utf-8", "surrogateescape"), digest_size=16).hexdigest()
