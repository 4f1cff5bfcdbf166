"""The modules of a project: finds first-party files by import name, and parses those asked for.

What one file's findings depend on in other files is asked here and nowhere else. Each question has
a key, which `looked_up` collects for the file that is checked, and an answer, which `answers`
keeps: a cached result holds as long as the same questions have the same answers.

- `module:FOLDER:NAME`: the path of a module, imported by a file whose imports start from FOLDER
- `name:PATH`: the dotted name of the module in a file
- `owns:NAME`: whether a top-level module is the project's own
- `file:PATH`: the digest of a file's content
- `method:NAME`, `decorator:NAME`, `import:NAME`: the files of the run that have one
- `frame:`: the files of the run that look at frames of the stack
- `back:PATH:MODULE`, `back-later:PATH:MODULE`: whether running a module comes to running a file
- `used:PATH:NAME`, `rebound:PATH:NAME`: where another file of the repository has to do with a name
"""

from __future__ import annotations

import os
import re
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Final

from reloadlint.errors import ReloadlintError
from reloadlint.facts.first_party import FirstParty
from reloadlint.facts.memo import Memo
from reloadlint.facts.neighbours import Files, Neighbours
from reloadlint.facts.words import WORDS, words
from reloadlint.folders import Folders
from reloadlint.repository import Texts, repository_of, texts_below

if TYPE_CHECKING:
    from reloadlint.config import Config
    from reloadlint.facts import FileFacts
    from reloadlint.source import SourceFile

Read = Callable[[str], "SourceFile"]
Answer = str | bool | list[str] | None
Words = Mapping[str, Mapping[str, list[str]]]

_HELD: Final = 3_400_000  # characters of the files whose trees are held at once
_LESS: Final = 0.9  # of them are held on when there are too many
_AGING: Final = 0.8  # how much of its weight a need keeps until then
_TOO_MANY: Final = "too many files to be looked at"
AROUND: Final = frozenset({"back", "back-later", "used", "rebound"})  # questions to a repository


class Project:
    """Cross-file lookups of one run.

    `read` gives the source of a path and raises ReloadlintError; without it, and for what it cannot
    read, a file knows only itself. `files` are the files of the run, in any order: where imports
    start is known from all of them, and methods are looked up by name in them. `words` gives for
    each kind of `words.WORDS` the files with a word, `answers` are those to questions: what of both
    is known already.
    """

    def __init__(
        self,
        config: Config,
        read: Read | None = None,
        files: Sequence[str] = (),
        words: Callable[[], Words] | None = None,
        answers: Mapping[str, Answer] | None = None,
    ) -> None:
        self.config = config
        self.memo = Memo()
        self.folders = Folders()
        self.answers: dict[str, Answer] = dict(answers or {})
        self.first_party = FirstParty(config.root, config.first_party, self._owns)
        self._read = read
        self._given = _by_absolute_path(tuple(files), os.getcwd())
        self._facts: OrderedDict[str, FileFacts | None] = OrderedDict()
        self._needed: dict[str, float] = {}  # by path: by how many files, of late
        self._done: set[str] = set()
        self._find_words = words or self._index
        self._files = Files(self._text, self._module_name, self._path_of)
        self._neighbours: dict[str, Neighbours | None] = {}
        self._checked: SourceFile | None = None
        self._roots: tuple[str, ...] | None = None
        self._own_roots: dict[str, str] = {}
        self._size = 0  # of the files whose facts are there, in characters
        self._repositories: dict[str, str] = {}

    # ------------------------------------------------------------------------------ one file

    @contextmanager
    def looked_up(self, source: SourceFile) -> Iterator[set[str]]:
        """Collect the keys of what is looked up while the file `source` is checked.

        Other texts of it that are adopted meanwhile, such as those that fixes make, are seen until
        then by this file alone.
        """
        self._checked = source
        self._make_room()
        try:
            with self.memo.noting() as needs:
                yield needs
        finally:
            self._checked = None
            path = os.path.abspath(source.path)
            self._done.add(path)
            self._count_needs(path, needs)
            last = self._facts.get(path)
            if last is not None and last.source.text != source.text:
                self._size -= _size(self._facts.pop(path))
                self._forget({f"file:{path}"})

    def known(self, source: SourceFile) -> FileFacts | None:
        """The facts of `source` where they are there already: one file's nodes exist once."""
        facts = self._facts.get(os.path.abspath(source.path))
        if facts is None or (facts.source.path, facts.source.text) != (source.path, source.text):
            return None
        self._note_change(source)
        return facts

    def adopt(self, facts: FileFacts) -> None:
        """Use `facts` for their own file from now on, rather than parse it again."""
        self._note_change(facts.source)
        path = os.path.abspath(facts.source.path)
        old = self._facts.get(path)
        if old is not None and not self._is_tried(facts.source):
            self._forget({f"file:{path}"})  # an editor's text has changed
        self._remember(path, facts)

    def _note_change(self, source: SourceFile) -> None:
        if self._checked is not None and source.path == self._checked.path:
            key = f"file:{os.path.abspath(source.path)}"
            self.memo.change(key if self._is_tried(source) else None)

    def _is_tried(self, source: SourceFile) -> bool:
        """True for a text of the file that is checked which only a fix would give it."""
        checked = self._checked
        return checked is not None and source.path == checked.path and source.text != checked.text

    # ------------------------------------------------------------------------------- modules

    def module_name(self, path: str) -> str:
        """The dotted name under which a file is imported: from its outermost package on."""
        key = f"name:{os.path.abspath(path)}"
        if key not in self.answers:
            self.answers[key] = self._module_name(os.path.abspath(path))
        self.memo.note(key)
        return str(self.answers[key])

    def _module_name(self, path: str) -> str:
        relative = os.path.relpath(path, self.folders.import_root(path))
        parts = os.path.splitext(relative)[0].split(os.sep)
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    def module(self, name: str, importer: str | None = None) -> FileFacts | None:
        """The facts of the first-party module `name`; None where there is none, or it is broken.

        It is looked for from where the imports of the file `importer` start, then in the folders
        of `first-party`, then from where those of any file of the run do.
        """
        own = self._root_of(importer) if importer else ""
        key = f"module:{own}:{name}"
        if key not in self.answers:
            self.answers[key] = self._find(own, name)
        self.memo.note(key)
        path = self.answers[key]
        return None if path is None else self._facts_at(str(path))

    def _root_of(self, path: str) -> str:
        if path not in self._own_roots:
            self._own_roots[path] = self.folders.import_root(os.path.abspath(path))
        return self._own_roots[path]

    def _find(self, own: str, name: str) -> str | None:
        for root in (own, *self._all_roots) if own else self._all_roots:
            path = self.folders.module(root, name)
            if path is not None:
                return path
        return None

    @property
    def _all_roots(self) -> tuple[str, ...]:
        if self._roots is None:
            configured = [
                os.path.normpath(self.config.root / root) for root in self.config.first_party
            ]
            others = sorted(set(map(self.folders.import_root, self._given)))
            self._roots = tuple(dict.fromkeys([*configured, *others]))
        return self._roots

    def _owns(self, top: str, find: Callable[[Folders], bool]) -> bool:
        key = f"owns:{top}"
        if key not in self.answers:
            self.answers[key] = find(self.folders)
        self.memo.note(key)
        return bool(self.answers[key])

    def is_still(self, key: str, before: Answer, changed: Set[str] | None) -> bool:
        """True where the answer to a question is what it was `before`.

        In the repository only the files `changed` are others than they were then; None where that
        is not known. False also where it is not sure.
        """
        kind, _, asked = key.partition(":")
        if changed is not None and kind in {"used", "rebound"} and before != _TOO_MANY:
            path, name = asked.rsplit(":", 1)
            around = self._around(path)
            assert before is None or isinstance(before, str)
            return around is not None and around.is_still(
                kind, self._module_name(path), name, path, before, changed
            )
        return self.answer(key) == before

    def answer(self, key: str) -> Answer:
        """The answer to a question about modules or to the repository, by its key.

        The former are answered without reading anything, the latter read all there is.
        """
        kind, _, name = key.partition(":")
        if kind in AROUND:
            return self._answer_around(kind, *name.rsplit(":", 1))
        if kind == "module":
            return self._find(*name.rsplit(":", 1))
        return self.module_name(name) if kind == "name" else self.first_party.owns(name)

    # --------------------------------------------------------------------------------- facts

    def facts(self, path: str) -> FileFacts | None:
        """The facts of a file, parsed at most once while it is in use."""
        return self._facts_at(os.path.abspath(path))

    def _facts_at(self, path: str) -> FileFacts | None:
        self.memo.note(f"file:{path}")
        if path in self._facts:
            self._facts.move_to_end(path)
            return self._facts[path]
        found = self._collect(path)
        self._remember(path, found)
        return found

    def mentions(self, path: str, name: str) -> bool:
        """True where the text of the file has the name: if not, it need not be parsed for that."""
        path = os.path.abspath(path)
        self.memo.note(f"file:{path}")
        facts = self._facts.get(path)
        source = facts.source if facts is not None else self._source(path)
        text = "" if source is None else source.text
        return name in text and re.search(rf"\b{name}\b", text) is not None

    def _collect(self, path: str) -> FileFacts | None:
        from reloadlint.facts import collect

        source = self._source(path)
        try:
            return None if source is None else collect(source, self.config, self)
        except ReloadlintError:
            return None  # it is reported where it is checked itself

    def _source(self, path: str) -> SourceFile | None:
        if self._read is None:
            return None
        self.answers[f"file:{path}"] = None
        try:
            source = self._read(self._given.get(path) or _shown(path))
        except ReloadlintError:
            return None
        self.answers[f"file:{path}"] = source.digest
        return source

    def _remember(self, path: str, facts: FileFacts | None) -> None:
        self._size += _size(facts) - _size(self._facts.get(path))
        self._facts[path] = facts
        self._facts.move_to_end(path)

    def _count_needs(self, path: str, needs: Set[str]) -> None:
        for key in needs:
            kind, _, needed = key.partition(":")
            if kind == "file" and needed != path and needed in self._facts:
                self._needed[needed] = self._needed.get(needed, 0) + 1
                self._facts.move_to_end(needed)

    def _worth(self, path: str) -> float:
        """How often a file was needed, and by how many files that are still to be checked it may.

        These are those that import it, and the file itself.
        """
        importers = self._importers.get(_last_name(path), set())
        waiting = len(importers - self._done) + (path not in self._done)
        return self._needed.get(path, 0) + waiting

    @cached_property
    def _importers(self) -> dict[str, set[str]]:
        """The files of the run that import something, by each of the last two names of that."""
        found: dict[str, set[str]] = {}
        for word, paths in self._all_words["import"].items():
            for name in word.split("."):
                found.setdefault(name, set()).update(paths)
        return found

    def _make_room(self) -> None:
        """Forget the files that are needed least, and the answers that hold nodes of them.

        Only here, between two files: while one is checked, a file must not be there twice, since a
        recursion is known by the nodes that it comes back to.
        """
        if self._size <= _HELD:
            return
        gone: dict[str, FileFacts | None] = {}
        for path in sorted(self._facts, key=self._worth):
            if self._size <= _HELD * _LESS:
                break
            facts = gone[f"file:{path}"] = self._facts.pop(path)
            self._size -= _size(facts)
        for path in self._needed:
            self._needed[path] *= _AGING
        self._forget(gone.keys())
        for facts in gone.values():
            if facts is not None:
                facts.close()

    def _forget(self, keys: Set[str]) -> None:
        for facts in self._facts.values():
            if facts is not None:
                facts.forget(keys)

    # --------------------------------------------------------------------------------- words

    def files_with_method(self, name: str) -> list[str]:
        """The files of the run that define a method called `name`, as their text suggests."""
        return self._files_with("method", name)

    def files_with_decorator(self, name: str) -> list[str]:
        """The files of the run that decorate something with `name`, as their text suggests."""
        return self._files_with("decorator", name)

    def files_importing(self, module: str, name: str) -> list[str]:
        """The files of the run that import `name` from the module, or the module itself.

        So their text suggests; not through a third module that imports it.
        """
        package, _, last = f".{module}".rpartition(".")
        wanted = (f"{last}.{name}", f"{package.rpartition('.')[2]}.{last}", f".{last}")
        found = [path for word in wanted for path in self._files_with("import", word)]
        return list(dict.fromkeys(found))

    def files_with_frames(self) -> list[str]:
        """The files of the run that look at frames of the stack, as their text suggests."""
        return self._files_with("frame", "")

    def _files_with(self, kind: str, name: str) -> list[str]:
        key = f"{kind}:{name}"
        if key not in self.answers:
            self.answers[key] = self._all_words[kind].get(name, [])
        self.memo.note(key)
        return self.answers[key]  # type: ignore[return-value]

    @cached_property
    def _all_words(self) -> Words:
        return self._find_words()

    def _index(self) -> Words:
        """The files by word, for all kinds of words: each is read once."""
        found: dict[str, dict[str, list[str]]] = {kind: {} for kind in WORDS}
        if self._read is None:
            return found
        for path in sorted(self._given):
            try:
                text = self._read(self._given[path]).text
            except ReloadlintError:
                continue
            for kind, files in found.items():
                for word in words(kind, text):
                    files.setdefault(word, []).append(path)
        return found

    # -------------------------------------------------------------------------- neighbours

    def imports_back(self, module: str, importer: FileFacts, *, deferred: bool = False) -> bool:
        """True where running `module` may come to running `importer`, by first-party imports.

        Imports within functions count only if `deferred`. True also where it cannot be told.
        """
        kind = "back-later" if deferred else "back"
        return self._ask_around(kind, importer, module) is not False

    def use_outside(self, owner: FileFacts, name: str) -> str | None:
        """Where another file imports, reads or patches the module-level `name` of `owner`.

        Every file of the repository is looked at, as text: what might be a use is one.
        """
        return self._ask_around("used", owner, name)  # type: ignore[return-value]

    def rebinding_outside(self, owner: FileFacts, name: str) -> str | None:
        """Where another file seems to assign, delete or patch the module-level `name` of `owner`.

        Every file of the repository is looked at, as text: what might be one counts.
        """
        return self._ask_around("rebound", owner, name)  # type: ignore[return-value]

    def _ask_around(self, kind: str, facts: FileFacts, name: str) -> Answer:
        path = os.path.abspath(facts.source.path)
        key = f"{kind}:{path}:{name}"
        if key not in self.answers:
            self.answers[key] = self._answer_around(kind, path, name)
        self.memo.note(key)
        return self.answers[key]

    def _answer_around(self, kind: str, path: str, name: str) -> Answer:
        around = self._around(path)
        if around is None:
            return _TOO_MANY
        module = self._module_name(path)
        if kind == "used":
            return around.use_of(module, name, path)
        if kind == "rebound":
            return around.rebinding_of(module, name, path)
        return around.imports_back(name, module, deferred=kind == "back-later")

    def _around(self, path: str) -> Neighbours | None:
        """The repository of a file; None where it has too many files to be looked at."""
        folder = self.repository(path)
        if folder not in self._neighbours:
            self._neighbours[folder] = self._look_around(folder)
        return self._neighbours[folder]

    def repository(self, path: str) -> str:
        """The folder whose texts are asked about a file."""
        start = self.folders.import_root(path)
        if start not in self._repositories:
            above = str(self.config.root)
            is_below = os.path.commonpath([above, start]) == above
            found = repository_of(start)
            self._repositories[start] = found or (above if is_below else start)
        return self._repositories[start]

    def _look_around(self, folder: str) -> Neighbours | None:
        below = texts_below(folder) if self._read is not None else Texts([], [])
        if below is None:
            return None
        every = [*dict.fromkeys([*below.files, *self._given])]
        return Neighbours(every, self._files)

    def _path_of(self, module: str) -> str | None:
        return self._find("", module)

    def _text(self, path: str) -> str | None:
        assert self._read is not None
        try:
            return self._read(self._given.get(path) or _shown(path)).text
        except ReloadlintError:
            return None


def _size(facts: FileFacts | None) -> int:
    return 0 if facts is None else len(facts.source.text)


def _last_name(path: str) -> str:
    """The last part of the dotted name of the module in a file."""
    folder, name = os.path.split(os.path.splitext(path)[0])
    return os.path.basename(folder) if name == "__init__" else name


def _shown(path: str) -> str:
    """The path as a user would type it: relative to the working directory if it is below that."""
    relative = os.path.relpath(path)
    return path if relative.startswith(os.pardir) else relative


@lru_cache(maxsize=1)  # a run may have thousands of configurations, and a project for each
def _by_absolute_path(  # reloadlint: ignore[RL205]
    files: tuple[str, ...], folder: str
) -> Mapping[str, str]:
    return {os.path.normpath(os.path.join(folder, path)): path for path in files}
