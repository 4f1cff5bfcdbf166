"""The modules of a project: finds first-party files by import name, and parses those asked for."""

from __future__ import annotations

import os
import re
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from reloadlint.errors import ReloadlintError

if TYPE_CHECKING:
    from reloadlint.config import Config
    from reloadlint.facts import FileFacts
    from reloadlint.source import SourceFile

Read = Callable[[str], "SourceFile"]

_PARSED = 64  # files whose trees are held at once
_METHOD = re.compile(r"^[ \t]+(?:async[ \t]+)?def[ \t]+(\w+)", re.MULTILINE)
_DECORATOR = re.compile(r"^[ \t]*@(?:\w+\.)*(\w+)", re.MULTILINE)


class Project:
    """Cross-file lookups of one run.

    `read` gives the source of a path and raises ReloadlintError; without it, and for what it cannot
    read, a file knows only itself. `files` are the files of the run, for lookups of methods by
    name.
    """

    def __init__(self, config: Config, read: Read | None = None, files: Sequence[str] = ()) -> None:
        self.config = config
        self._read = read
        self._files = files
        self._roots = [str(config.root / root) for root in config.first_party]
        self._facts: OrderedDict[str, FileFacts | None] = OrderedDict()
        self._paths: dict[str, str | None] = {}
        self._words: dict[re.Pattern[str], dict[str, list[str]]] = {}

    def adopt(self, facts: FileFacts) -> None:
        """Use `facts` for their own file from now on, rather than parse it again."""
        path = os.path.abspath(facts.source.path)
        self._remember(path, facts)
        root = _import_root(path)
        if root not in self._roots:
            self._roots.append(root)
            self._paths.clear()

    def module_name(self, path: str) -> str:
        """The dotted name under which a file is imported: from its outermost package on."""
        path = os.path.abspath(path)
        relative = os.path.relpath(path, _import_root(path))
        parts = os.path.splitext(relative)[0].split(os.sep)
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    def module(self, name: str) -> FileFacts | None:
        """The facts of the first-party module `name`; None where there is none, or it is broken."""
        path = self._find(name)
        return None if path is None else self.facts(path)

    def facts(self, path: str) -> FileFacts | None:
        """The facts of a file, parsed at most once while it is in use."""
        from reloadlint.facts import collect

        path = os.path.abspath(path)
        if path in self._facts:
            self._facts.move_to_end(path)
            return self._facts[path]
        found: FileFacts | None = None
        if self._read is not None:
            try:
                found = collect(self._read(_shown(path)), self.config, self)
            except ReloadlintError:
                found = None  # it is reported where it is checked itself
        self._remember(path, found)
        return found

    def _remember(self, path: str, facts: FileFacts | None) -> None:
        self._facts[path] = facts
        self._facts.move_to_end(path)
        while len(self._facts) > _PARSED:
            self._facts.popitem(last=False)

    def _find(self, module: str) -> str | None:
        if module not in self._paths:
            stem = module.replace(".", os.sep)
            candidates = (
                os.path.join(root, name)
                for root in self._roots
                for name in (stem + ".py", os.path.join(stem, "__init__.py"))
            )
            self._paths[module] = next(filter(os.path.isfile, candidates), None)
        return self._paths[module]

    def files_with_method(self, name: str) -> list[str]:
        """The files of the run that define a method called `name`, as their text suggests."""
        return self._files_with(_METHOD, name)

    def files_with_decorator(self, name: str) -> list[str]:
        """The files of the run that decorate something with `name`, as their text suggests."""
        return self._files_with(_DECORATOR, name)

    def _files_with(self, pattern: re.Pattern[str], name: str) -> list[str]:
        if pattern not in self._words:
            found = self._words[pattern] = {}
            for path in self._files if self._read is not None else ():
                for word in self._words_of(path, pattern):
                    found.setdefault(word, []).append(path)
        return self._words[pattern].get(name, [])

    def _words_of(self, path: str, pattern: re.Pattern[str]) -> set[str]:
        assert self._read is not None
        try:
            return set(pattern.findall(self._read(path).text))
        except ReloadlintError:
            return set()


def _shown(path: str) -> str:
    """The path as a user would type it: relative to the working directory if it is below that."""
    relative = os.path.relpath(path)
    return path if relative.startswith(os.pardir) else relative


def _import_root(path: str) -> str:
    """The folder that holds the outermost package of a file."""
    folder = os.path.dirname(path)
    while os.path.isfile(os.path.join(folder, "__init__.py")):
        folder = os.path.dirname(folder)
    return folder
