"""The files around those of a run, read as text: who imports a module, who names what is in it.

A lint run may be told to look at `src` alone, but it is the tests beside it that patch a module's
names, and the documents that list them. So this looks at every file of the repository that may do
so, with regular expressions; what they cannot tell counts as use.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Set
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from reloadlint.facts.import_scan import ScannedImport, scan_imports
from reloadlint.facts.imports import absolute_module
from reloadlint.folders import Folders

_MARKERS: Final = ("pyproject.toml", "setup.py", "setup.cfg", "tox.ini")
_REPOSITORY: Final = (".git", ".hg")
_SKIPPED: Final = frozenset({"__pycache__", "node_modules", "site-packages", "build", "dist"})
_MOST_FILES: Final = 10_000
_DOCUMENTS: Final = (".txt", ".rst", ".md", ".toml", ".cfg", ".ini", ".json", ".yaml", ".yml")
_LARGEST_DOCUMENT: Final = 1_000_000  # bytes

# What `_attributes` and `_quoted` look for stands behind one of these.
_NAMED: Final = re.compile(r"""[.:"'](\w+)""")
# `m.f = x`, `m.f: int = x`, `m.f += 1`, `m.f, other = x`
_ASSIGNED = re.compile(
    r"\s*(?:(?:\*\*|//|>>|<<|[-+*/|&^%@])?=(?!=)|:[^=\n]+=|,(?:[^=\n()\[\]]|\[[^\]\n]*\])*=(?!=))"
)
# Before the `m.f` of `def g(x: m.f = 1)` and `x: m.f = 1`, which assign something else.
_ANNOTATED = re.compile(r"(?:\bdef\b.*[(,]\s*|^\s*)(?!(?:else|finally|try)\b)\w+\s*:\s*[\w.]*$")
# A list of names that are offered, whoever may set them.
_OFFERED = re.compile(r"\b__all__\s*(?::[^=\n]+)?\+?=\s*[\[(][^\])]*[\])]")
# `del m.f`, `for m.f in x`, `with x as m.f`, `patch("package.m.f")`
_TARGET = re.compile(r"(?:\b(?:del|for|as)\s+|['\"])(?:[\w, ]+[.:])+$")
_LOOKUPS: Final = ("sys.modules", "import_module", "__import__")
_REBINDS_BY_NAME = re.compile(r"setattr|patch|__dict__|vars\(|\bpatched?\b|replace", re.IGNORECASE)


@dataclass(frozen=True)
class _File:
    """A file as text, and what it imports as absolute names.

    `modules` maps each module that it may have imported to the names under which it knows it.
    """

    path: str
    module: str
    text: str

    @cached_property
    def imports(self) -> tuple[tuple[str, ScannedImport], ...]:
        if not self.path.endswith(".py"):
            return ()
        is_package = os.path.basename(self.path) == "__init__.py"
        return tuple(
            (absolute_module(entry.module, self.module, is_package), entry)
            for entry in scan_imports(self.text)
        )

    @cached_property
    def modules(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for base, entry in self.imports:
            if not entry.names:
                known = found.setdefault(base, set())
                if entry.bound != base.partition(".")[0]:
                    known.add(entry.bound)
            found.setdefault(base, set())
            for name, bound in entry.names:
                found.setdefault(_member(base, name), set()).add(bound)
        return found

    @cached_property
    def rebinds_by_name(self) -> bool:
        return _REBINDS_BY_NAME.search(self.text) is not None

    @cached_property
    def unoffered(self) -> str:
        """The text with blanks where `__all__` lists names."""
        return _OFFERED.sub(lambda match: " " * len(match.group()), self.text)

    @cached_property
    def reaches_by_name(self) -> bool:
        return any(word in self.text for word in _LOOKUPS)

    def names_of(self, module: str) -> frozenset[str] | None:
        """The names under which the file may know a module; None where it has none to do with it.

        Of `sys.modules["m"].f` and `import_module("m").f`, the bracket is what stands for `m`.
        """
        last = module.rpartition(".")[2]
        known = {last, *self.modules.get(module, ())}
        if self.reaches_by_name and last in self.text:
            return frozenset({*known, "]", ")"})
        if module in self.modules or any(w in self.text for w in (f"{last}.", f"{last}:")):
            return frozenset(known)
        return frozenset(known) if self.mentions(module) else None

    def mentions(self, module: str) -> bool:
        """True where the file may have the module as an object: `setattr(package.m, "f", x)`."""
        return module in self.modules or f".{module.rpartition('.')[2]}" in self.text

    def line(self, offset: int) -> int:
        return self.text.count("\n", 0, offset) + 1


class Neighbours:
    """Answers about all files below `root`; `read` gives the text of a path, None if it has none.

    `module_name` tells under which name a path is imported, `find` the path of a module.
    """

    def __init__(
        self,
        paths: Iterable[str],
        read: Callable[[str], str | None],
        module_name: Callable[[str], str],
        find: Callable[[str], str | None],
    ) -> None:
        self._paths = paths
        self._read = read
        self._module_name = module_name
        self._find = find
        self._edges: dict[tuple[str, bool], frozenset[str]] = {}
        self._reached: dict[tuple[str, bool], frozenset[str]] = {}
        self._near: dict[str, dict[str, frozenset[str] | None]] = {}

    @cached_property
    def _files(self) -> dict[str, _File]:
        found: dict[str, _File] = {}
        for path in self._paths:
            text = self._read(path)
            if text is not None:
                found[path] = _File(path, self._module_name(path), text)
        return found

    # ------------------------------------------------------------------------- who imports whom

    def imports_back(self, module: str, goal: str, *, deferred: bool = False) -> bool:
        """True where running `module` may come to running `goal`, by its imports.

        Packages around `module` have been started before it, and are not started again. Imports
        within functions count only if `deferred`.
        """
        key = (module, deferred)
        if key not in self._reached:
            started = set(packages_of(module))
            reached: set[str] = set()
            pending = [module]
            while pending:
                for target in self._imported_by(pending.pop(), deferred):
                    if target not in reached and target not in started:
                        reached.add(target)
                        pending.append(target)
            self._reached[key] = frozenset(reached)
        return goal in self._reached[key]

    def _imported_by(self, module: str, deferred: bool) -> frozenset[str]:
        """The first-party modules that an import of `module` starts, packages included."""
        key = (module, deferred)
        if key not in self._edges:
            path = self._find(module)
            file = None if path is None else self._at(path)
            self._edges[key] = frozenset(self._targets(file, deferred)) if file else frozenset()
        return self._edges[key]

    def _targets(self, file: _File, deferred: bool) -> Iterator[str]:
        for base, entry in file.imports:
            if entry.is_typing or (entry.is_deferred and not deferred):
                continue
            for module in (base, *(_member(base, name) for name, _ in entry.names)):
                if self._find(module) is not None:
                    yield module
                    yield from packages_of(module)

    def _at(self, path: str) -> _File | None:
        found = self._files.get(path)
        if found is None and (text := self._read(path)) is not None:
            found = self._files[path] = _File(path, self._module_name(path), text)
        return found

    # --------------------------------------------------------------------------- who names what

    def importer_of(self, module: str, name: str, own: str) -> str | None:
        """The first other file that takes `name` from `module`, or all that is in it."""
        takers = (*self._takers.get((module, name), ()), *self._takers.get((module, "*"), ()))
        return next((_place(path, line) for path, line in takers if path != own), None)

    @cached_property
    def _takers(self) -> dict[tuple[str, str], list[tuple[str, int]]]:
        found: dict[tuple[str, str], list[tuple[str, int]]] = {}
        for file in self._files.values():
            for base, entry in file.imports:
                for name, _ in entry.names:
                    found.setdefault((base, name), []).append((file.path, entry.line))
        return found

    def use_of(self, module: str, name: str, own: str) -> str | None:
        """The first other file that seems to read, patch or look up `name` in `module`."""
        for file, known in self._files_near(module, name):
            if file.path != own:
                at = next(_attributes(file.text, known, name), None)
                if at is None and file.mentions(module):
                    at = _quoted(file.text, name)
                if at is not None:
                    return _place(file.path, file.line(at))
        return None

    def rebinding_of(self, module: str, name: str, own: str) -> str | None:
        """The first other file that seems to give `name` in `module` another value."""
        for file, known in self._files_near(module, name):
            if file.path != own:
                places = _attributes(file.text, known, name)
                at = next((at for at in places if _is_rebound(file, at, name)), None)
                if at is None and file.mentions(module) and file.rebinds_by_name:
                    at = _quoted(file.unoffered, name)
                if at is not None:
                    return _place(file.path, file.line(at))
        return None

    def _files_near(self, module: str, name: str) -> Iterator[tuple[_File, frozenset[str]]]:
        """The files with `name` that may name `module`, and the names under which each does."""
        near = self._near.setdefault(module, {})
        for file in self._naming.get(name, ()):
            if file.path not in near:
                near[file.path] = file.names_of(module)
            known = near[file.path]
            if known is not None:
                yield file, known

    @cached_property
    def _naming(self) -> dict[str, list[_File]]:
        """The files by the words in them that may be attributes or whole strings."""
        found: dict[str, list[_File]] = {}
        for file in self._files.values():
            for word in set(_NAMED.findall(file.text)):
                found.setdefault(word, []).append(file)
        return found


def _attributes(text: str, owners: Set[str], name: str) -> Iterator[int]:
    """Where the text has `owner.name` or `owner:name`: the offsets of the names."""
    for separator in ".:":
        at = text.find(separator + name)
        while at >= 0:
            end = at + 1 + len(name)
            if not (text[end : end + 1].isalnum() or text[end : end + 1] == "_"):
                if any(_ends_with_word(text, at, owner) for owner in owners):
                    yield at + 1
            at = text.find(separator + name, end)


def _ends_with_word(text: str, end: int, word: str) -> bool:
    start = end - len(word)
    if not text.startswith(word, max(0, start), end):
        return False
    return (
        start == 0
        or not word.isidentifier()
        or not (text[start - 1].isalnum() or text[start - 1] == "_")
    )


def _quoted(text: str, name: str) -> int | None:
    """Where the name is a whole string."""
    found = max(text.find(f'"{name}"'), text.find(f"'{name}'"))
    return found if found >= 0 else None


def _is_rebound(file: _File, at: int, name: str) -> bool:
    """True where the attribute at an offset is assigned, deleted, or stands in a string.

    Not in a comment, nor in prose that has "for" and "as" before it.
    """
    text = file.text
    line = text[text.rfind("\n", 0, at) + 1 : at]
    if file.path.endswith(".py") and re.match(r"""[^'"#]*#""", line):
        return False
    if _ASSIGNED.match(text, at + len(name)):
        return not _ANNOTATED.search(line)
    return file.path.endswith(".py") and bool(_TARGET.search(line))


def _member(module: str, name: str) -> str:
    """A module in another; in the folder where imports start, which has no name."""
    return f"{module}.{name}" if module else name


def packages_of(module: str) -> Iterator[str]:
    """The packages around a module, from the inside out."""
    while module := module.rpartition(".")[0]:
        yield module


def _place(path: str, line: int) -> str:
    relative = os.path.relpath(path)
    return f"{path if relative.startswith(os.pardir) else relative}:{line}"


def repository_of(folder: str, folders: Folders) -> str | None:
    """The nearest folder at or above `folder` that is a repository, or else holds a project."""
    project: str | None = None
    while True:
        entries = folders.entries(folder)
        if any(name in entries for name in _REPOSITORY):
            return folder
        if project is None and any(name in entries for name in _MARKERS):
            project = folder
        above = os.path.dirname(folder)
        if above == folder:
            return project
        folder = above


def text_files(folder: str) -> list[str] | None:
    """The files below a folder that may name what is in modules; None where they are too many.

    Documents and data count as well: what a list of a public interface names is used by somebody.
    Hidden files and environments are left out.
    """
    found: list[str] = []
    for here, folders, names in os.walk(folder):
        if "pyvenv.cfg" in names:
            folders.clear()
            continue
        folders[:] = sorted(f for f in folders if f not in _SKIPPED and not f.startswith("."))
        paths = (os.path.join(here, name) for name in sorted(names) if not name.startswith("."))
        found += [path for path in paths if path.endswith(".py") or _is_document(path)]
        if len(found) > _MOST_FILES:
            return None
    return found


def _is_document(path: str) -> bool:
    if not path.endswith(_DOCUMENTS):
        return False
    try:
        return os.path.getsize(path) <= _LARGEST_DOCUMENT
    except OSError:
        return False
