"""The files around those of a run, read as text: who imports a module, who names what is in it.

A lint run may be told to look at `src` alone, but it is the tests beside it that patch a module's
names, and the documents that list them. So this looks at every file of the repository that may do
so, with regular expressions; what they cannot tell counts as use. Texts are read again when they
are needed: together they may take more memory than everything else in a run.
"""

from __future__ import annotations

import os
import re
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Set
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from reloadlint.facts.import_scan import ScannedImport, scan_imports
from reloadlint.facts.imports import absolute_module

_HELD: Final = 16_000_000  # characters of texts that are held at once
_FEW: Final = 20  # names that are looked for in all of them, sooner than an index is made

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


class _Texts:
    """The texts of files by path, of which those are held that were asked for last."""

    def __init__(self, read: Callable[[str], str | None]) -> None:
        self._read = read
        self._held: OrderedDict[str, str | None] = OrderedDict()
        self._size = 0
        self.holds_all = True

    def __call__(self, path: str) -> str | None:
        if path in self._held:
            self._held.move_to_end(path)
            return self._held[path]
        text = self._held[path] = self._read(path)
        self._size += len(text or "")
        while self._size > _HELD and len(self._held) > 1:
            self._size -= len(self._held.popitem(last=False)[1] or "")
            self.holds_all = False
        return text


@dataclass(frozen=True)
class _File:
    """A file as text, and what it imports as absolute names.

    `modules` maps each module that it may have imported to the names under which it knows it.
    """

    path: str
    module: str
    texts: _Texts

    @property
    def text(self) -> str:
        return self.texts(self.path) or ""

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

    @property
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

    def taking(self, module: str, name: str) -> int | None:
        """The line that takes `name` from the module, or all that is in it."""
        lines = {
            taken: entry.line
            for base, entry in reversed(self.imports)
            if base == module
            for taken, _ in entry.names
        }
        return lines.get(name, lines.get("*"))

    def use(self, known: Set[str], module: str, name: str) -> int | None:
        """Where the file seems to read, patch or look up `name` in the module: an offset.

        `known` are the names of the module.
        """
        at = next(_attributes(self.text, known, name), None)
        return _quoted(self.text, name) if at is None and self.mentions(module) else at

    def rebinding(self, known: Set[str], module: str, name: str) -> int | None:
        """Where the file seems to give `name` in the module another value: an offset."""
        places = _attributes(self.text, known, name)
        at = next((at for at in places if _is_rebound(self, at, name)), None)
        if at is None and self.mentions(module) and self.rebinds_by_name:
            return _quoted(self.unoffered, name)
        return at

    def line(self, offset: int) -> int:
        return self.text.count("\n", 0, offset) + 1


_Find = Callable[[_File, Set[str], str, str], "int | None"]


class Files:
    """The files of all repositories of a run, each held once for all of them.

    `read` gives the text of a path, None if it has none; `module_name` tells under which name a
    path is imported, `find` the path of a module.
    """

    def __init__(
        self,
        read: Callable[[str], str | None],
        module_name: Callable[[str], str],
        find: Callable[[str], str | None],
    ) -> None:
        self.texts = _Texts(read)
        self.find = find
        self._module_name = module_name
        self._files: dict[str, _File | None] = {}

    def at(self, path: str) -> _File | None:
        """The file at a path; None where that has no text."""
        if path not in self._files:
            is_there = self.texts(path) is not None
            self._files[path] = (
                _File(path, self._module_name(path), self.texts) if is_there else None
            )
        return self._files[path]


class Neighbours:
    """Answers about the files of one repository, `paths`."""

    def __init__(self, paths: Iterable[str], files: Files) -> None:
        self._paths = paths
        self._texts = files.texts
        self._at = files.at
        self._find = files.find
        self._edges: dict[tuple[str, bool], frozenset[str]] = {}
        self._reached: dict[tuple[str, bool], frozenset[str]] = {}
        self._asked: set[str] = set()  # names
        self._near: dict[str, dict[str, frozenset[str] | None]] = {}

    def _every(self) -> Iterator[_File]:
        return filter(None, map(self._at, self._paths))

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

    # --------------------------------------------------------------------------- who names what

    def use_of(self, module: str, name: str, own: str) -> str | None:
        """The first other file that takes `name` from `module`, or all that is in it.

        Else the first that seems to read, patch or look up `name` in `module`.
        """
        takers = (*self._takers.get((module, name), ()), *self._takers.get((module, "*"), ()))
        taken = next((_place(path, line) for path, line in takers if path != own), None)
        return taken or self._first(_File.use, module, name, own)

    @cached_property
    def _takers(self) -> dict[tuple[str, str], list[tuple[str, int]]]:
        found: dict[tuple[str, str], list[tuple[str, int]]] = {}
        for file in self._every():
            for base, entry in file.imports:
                for name, _ in entry.names:
                    found.setdefault((base, name), []).append((file.path, entry.line))
        return found

    def rebinding_of(self, module: str, name: str, own: str) -> str | None:
        """The first other file that seems to give `name` in `module` another value."""
        return self._first(_File.rebinding, module, name, own)

    def _first(self, find: _Find, module: str, name: str, own: str) -> str | None:
        for file, known in self._files_near(module, name):
            if file.path != own and (at := find(file, known, module, name)) is not None:
                return _place(file.path, file.line(at))
        return None

    def is_still(
        self, kind: str, module: str, name: str, own: str, before: str | None, changed: Set[str]
    ) -> bool:
        """True where the answer is that of `before`, and only the files `changed` are others now.

        `kind` is "used" or "rebound". False also where it is not sure.
        """
        places = {self._place_in(path, kind, module, name) for path in changed if path != own}
        is_concerned = before is not None and os.path.abspath(before.rpartition(":")[0]) in changed
        return places - {None} == ({before} if is_concerned else set())

    def _place_in(self, path: str, kind: str, module: str, name: str) -> str | None:
        """Where one file uses, or rebinds, `name` in `module`."""
        file = self._at(path)
        known = file.names_of(module) if file else None
        if file is None or known is None:
            return None
        if kind == "used" and (line := file.taking(module, name)) is not None:
            return _place(path, line)
        at = (_File.use if kind == "used" else _File.rebinding)(file, known, module, name)
        return None if at is None else _place(path, file.line(at))

    def _files_near(self, module: str, name: str) -> Iterator[tuple[_File, frozenset[str]]]:
        """The files with `name` that may name `module`, and the names under which each does."""
        near = self._near.setdefault(module, {})
        for file in self._naming(name):
            if file.path not in near:
                near[file.path] = file.names_of(module)
            known = near[file.path]
            if known is not None:
                yield file, known

    def _naming(self, name: str) -> Iterable[_File]:
        """The files in which the name may be an attribute or a whole string."""
        self._asked.add(name)
        if len(self._asked) <= _FEW:
            every = [*self._every()]  # reads them all
            if self._texts.holds_all:
                return [file for file in every if name in file.text]
        return self._index.get(name, ())

    @cached_property
    def _index(self) -> dict[str, list[_File]]:
        """The files by the words in them that may be attributes or whole strings."""
        found: dict[str, list[_File]] = {}
        for file in self._every():
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
