"""Which results of an earlier run still hold, and what is kept of this one.

A result holds while its file has the same content and configuration, and each question about other
files that was asked on the way has the same answer (see `facts/project.py`). So a change re-checks
the file itself and those that depend on what changed in it, and no others.

A cache file has three lines of JSON. The first has all that is needed where nothing has changed:
it is read without importing anything that knows Python. The second says what depends on what; the
third has the words that files are looked up by.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from reloadlint.cache.around import Around, stamped
from reloadlint.cache.data import from_data, to_data
from reloadlint.cache.folder import Folder
from reloadlint.cache.stamps import Stamp, Stamped, digest_of_file, stamp
from reloadlint.errors import ReloadlintError
from reloadlint.finding import Finding
from reloadlint.report.model import SYNTAX_ERROR

if TYPE_CHECKING:
    from reloadlint.checker import Result, Results
    from reloadlint.config import Config
    from reloadlint.facts.project import Answer, Project

Words = dict[str, list[list[str]]]  # by absolute path, for each kind of `facts/words.py`
_MALFORMED = (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError)


@dataclass
class _State:
    """A cache file, with the lines that are not needed left unread."""

    files: Stamped = field(default_factory=Stamped)  # of the run, by path as listed
    failed: Stamped = field(default_factory=Stamped)  # of the run: there is no result to keep
    others: Stamped = field(default_factory=Stamped)  # by absolute path
    around: Around = field(default_factory=Around)
    folders: dict[str, list[Any]] = field(default_factory=dict)  # stamp, digest of what is in it
    configs: list[str] = field(default_factory=list)
    config_of: dict[str, int] = field(default_factory=dict)
    findings: dict[str, list[Any]] = field(default_factory=dict)
    lines: tuple[bytes, bytes] = (b'{"answers": {}, "keys": [], "needs": {}}', b"{}")

    @cached_property
    def _dependencies(self) -> dict[str, Any]:
        return json.loads(self.lines[0])  # type: ignore[no-any-return]

    @cached_property
    def answers(self) -> dict[str, dict[str, Answer]]:
        """Answers by question, for each configuration."""
        return self._dependencies["answers"]  # type: ignore[no-any-return]

    @cached_property
    def needs(self) -> dict[str, list[str]]:
        """Questions by file."""
        keys = self._dependencies["keys"]
        return {
            path: [keys[i] for i in numbers]
            for path, numbers in self._dependencies["needs"].items()
        }

    @cached_property
    def words(self) -> Words:
        """Words of each file."""
        return json.loads(self.lines[1])  # type: ignore[no-any-return]


def _parsed(raw: bytes) -> _State:
    first, *lines = raw.split(b"\n")
    data = json.loads(first)
    dependencies, words = lines
    return _State(
        Stamped(data["files"]),
        Stamped(data["failed"]),
        Stamped(data["others"]),
        Around(data["around"]),
        data["folders"],
        data["configs"],
        data["config_of"],
        data["findings"],
        (dependencies, words),
    )


class Store:
    """The results of one scope. `config_of` gives the configuration for a path.

    `holds` are the findings of the files whose results hold, by path; `answers` those to questions
    to a repository that hold, by configuration. `is_known`: the same run was made before.
    """

    def __init__(
        self, folder: Folder, scope: str, paths: Sequence[str], config_of: Callable[[str], Config]
    ) -> None:
        self._folder = folder
        self._scope = scope
        self._paths = paths
        self._config_of = config_of
        self._configs: dict[str, Config] = {}
        self._projects: dict[str, Project] = {}
        self._words: Words = {}
        self._own = set(map(os.path.abspath, paths))
        self._began = time.time_ns()
        self._stamps: dict[str, Stamp | None] = {path: stamp(path) for path in paths}
        self._changed_folders = False
        self._changed_packages = False
        self._is_renewed = False
        raw = folder.read(scope)
        self.is_known = raw is not None
        self._old = _State()
        self.holds: dict[str, tuple[Finding, ...]] = {}
        self.answers: dict[str, dict[str, Answer]] = {}
        if raw is None:
            folder.prepare()
        else:
            with suppress(*_MALFORMED):
                self._old = _parsed(raw)
                self.holds = self._holding()

    # ------------------------------------------------------------------------------- what holds

    def _holding(self) -> dict[str, tuple[Finding, ...]]:
        old, paths = self._old, self._paths
        same = {path for path in paths if self._is_same(path)}
        others = {path for path in old.others.data if not old.others.still(path, stamp(path))}
        folders = [path for path in list(old.folders) if not self._is_same_folder(path)]
        self._changed_folders = bool(folders)
        around = old.around.changed(self._own, self._began)
        failed = {path for path in paths if old.failed.still(path, self._stamps[path])}
        is_all = len(same) == len(old.files.data) and same | failed == set(paths)
        if others or around or self._changed_folders or not is_all:
            same -= self._dependents(same, failed, others, around)
        else:
            self._folder.used(self._scope)
        empty: tuple[Finding, ...] = ()
        findings = old.findings
        return {
            path: tuple(from_data(Finding, data) for data in findings[path])
            if path in findings
            else empty
            for path in paths
            if path in same
        }

    def _is_same(self, path: str) -> bool:
        old = self._old
        known = old.config_of.get(path)
        try:
            config = self._config_of(path)
        except ReloadlintError:
            return False
        self._configs[config.key] = config
        if known is None or old.configs[known] != config.key:
            return False
        return old.files.still(path, self._stamps[path])

    def _is_same_folder(self, path: str) -> bool:
        entry = self._old.folders[path]
        now = stamp(path)
        if now is not None and now == entry[0]:
            return True
        from reloadlint import folders

        digest = folders.digest(folders.entries(path))
        is_same = bool(digest == entry[1])
        self._changed_packages |= digest[0] != entry[1][0]
        if not is_same or now is not None:
            self._old.folders[path] = [now, digest]
            self._is_renewed = True
        return is_same

    def _dependents(
        self, same: set[str], failed: set[str], others: set[str], around: set[str]
    ) -> set[str]:
        """The files among the `same` that asked something which has another answer now.

        Those that `failed` fail again: their content is what it was. `others` and `around` are the
        files outside of the run that have changed, of which the latter were looked at as text.
        """
        old = self._old
        from reloadlint.facts.project import AROUND

        listed = set(self._paths)
        known = {*old.files.data, *old.failed.data}
        changed = {os.path.abspath(path) for path in (known | listed) - same - failed} | others
        is_other_list = listed != known
        words = self._changed_words(same) if changed - others or is_other_list else set()
        texts = None if self._changed_packages else changed | around
        stale: dict[str, set[str]] = {}
        for config, answers in old.answers.items():
            stale[config] = set()
            for key, answer in answers.items():
                kind, _, name = key.partition(":")
                if kind == "file":
                    is_stale = name in changed
                elif kind in {"module", "name", "owns"}:
                    is_stale = (is_other_list or self._changed_folders) and (
                        not self._holds(config, key, answer)
                    )
                elif kind in AROUND:
                    is_stale = not self._holds(config, key, answer, texts)
                    if not is_stale:
                        self.answers.setdefault(config, {})[key] = answer
                else:
                    is_stale = (kind, name) in words
                if is_stale:
                    stale[config].add(key)
        return {
            path
            for path in same
            if not stale[old.configs[old.config_of[path]]].isdisjoint(old.needs[path])
        }

    def _holds(self, config: str, key: str, answer: Answer, texts: set[str] | None = None) -> bool:
        """True where the answer is what it was; `texts` are those that have changed, if known."""
        if config not in self._configs:  # nobody has it any more
            return False
        return self._project(config).is_still(key, answer, texts)

    def _project(self, config: str) -> Project:
        if config not in self._projects:
            from reloadlint import files
            from reloadlint.facts.project import Project

            self._projects[config] = Project(self._configs[config], files.read, self._paths)
        return self._projects[config]

    def _changed_words(self, same: set[str]) -> set[tuple[str, str]]:
        """The words that other files have now than before, by kind."""
        from reloadlint.facts.words import WORDS

        now = self.words(same)
        changed: set[tuple[str, str]] = set()
        for path in {*now, *self._old.words}:
            before, after = self._old.words.get(path), now.get(path)
            if before is not after:
                for number, kind in enumerate(WORDS):
                    pair = [set(words[number]) if words else set() for words in (before, after)]
                    changed |= {(kind, word) for word in pair[0] ^ pair[1]}
        return changed

    def words(self, same: Iterable[str]) -> Words:
        """Those of all files of the run: of the `same` files from the cache, of others read now."""
        if not self._words:
            from reloadlint import files

            known = {os.path.abspath(path) for path in same} & self._old.words.keys()
            for path, absolute in zip(self._paths, map(os.path.abspath, self._paths), strict=True):
                with suppress(ReloadlintError):
                    self._words[absolute] = (
                        self._old.words[absolute]
                        if absolute in known
                        else _words_of(files.read(path).text)
                    )
        return self._words

    def index(self) -> dict[str, dict[str, list[str]]]:
        """The files of the run by their words, for a project."""
        from reloadlint.facts.words import WORDS

        found: dict[str, dict[str, list[str]]] = {kind: {} for kind in WORDS}
        for path, groups in sorted(self.words(self.holds).items()):
            for kind, words in zip(found, groups, strict=True):
                for word in words:
                    found[kind].setdefault(word, []).append(path)
        return found

    # ---------------------------------------------------------------------------- what is kept

    def save(self, batches: Iterable[Results]) -> None:
        """Keep what holds, and what `batches` have found out."""
        results: dict[str, Result] = {}
        failed: dict[str, list[Any]] = {}
        answers: dict[str, dict[str, Answer]] = {}
        folders: dict[str, str] = {}
        for batch in batches:
            for path, result in batch.by_path:
                if not isinstance(result, Exception) and _can_be_kept(result):
                    results[path] = result
                elif isinstance(result, Exception) or not result.checked.is_changed:
                    failed.update(self._as_it_was(path))
            for config, found in batch.answers.items():
                answers.setdefault(config, {}).update(found)
            folders.update(batch.folders)
        old = self._old
        lists_same = old.files.data.keys() == self.holds.keys() and old.failed.data == failed
        if results or not lists_same:
            self._folder.write(self._scope, self._new(results, failed, answers, folders))
        elif self._is_renewed or any(
            stamps.is_renewed for stamps in (old.files, old.others, old.around)
        ):
            self._folder.write(self._scope, self._renewed())

    def _as_it_was(self, path: str) -> dict[str, list[Any]]:
        """The stamp and content of a file, if nobody has touched it since the run began."""
        before = self._stamps[path]
        digest = digest_of_file(path)
        is_sure = before is not None and before == stamp(path)
        return {path: [before, digest]} if is_sure else {}

    def _renewed(self) -> bytes:
        """The same results with new stamps."""
        old = self._old
        first = {
            "files": old.files.data,
            "failed": old.failed.data,
            "others": old.others.data,
            "around": old.around.data,
            "folders": old.folders,
            "configs": old.configs,
            "config_of": old.config_of,
            "findings": old.findings,
        }
        return b"\n".join([_lines(first), *old.lines])

    def _new(
        self,
        results: Mapping[str, Result],
        failed: Mapping[str, list[Any]],
        answers: Mapping[str, Mapping[str, Answer]],
        folders: Mapping[str, str],
    ) -> bytes:
        old = self._old
        held = [path for path in self.holds if path not in results]
        files = {path: old.files.data[path] for path in held}
        needs = {path: old.needs[path] for path in held}
        findings = {path: old.findings[path] for path in held if path in old.findings}
        words = {a: old.words[a] for a in map(os.path.abspath, held) if a in old.words}
        for path, result in results.items():
            files[path] = [self._stamps.get(path), result.checked.digest]
            needs[path] = sorted(result.needs)
            words[os.path.abspath(path)] = [list(each) for each in result.words]
            if raw := _raw(result):
                findings[path] = to_data(raw)
        config_at = {path: self._config_of(path) for path in files}
        self._configs.update((config.key, config) for config in config_at.values())
        keys = {path: config.key for path, config in config_at.items()}
        configs = sorted(set(keys.values()))
        config_of = {path: configs.index(key) for path, key in keys.items()}
        known = {
            config: {**old.answers.get(config, {}), **answers.get(config, {})} for config in configs
        }
        kept = _needed(known, needs, {path: configs[number] for path, number in config_of.items()})
        return _lines(
            {
                "files": files,
                "failed": failed,
                "others": self._others(kept),
                "around": self._around(kept),
                "folders": self._folders(folders),
                "configs": configs,
                "config_of": config_of,
                "findings": findings,
            },
            _dependencies(kept, needs),
            words,
        )

    def _others(self, answers: Mapping[str, Mapping[str, Answer]]) -> dict[str, list[Any]]:
        """The files outside of the run that were read, with the content that they had then."""
        others: dict[str, list[Any]] = {}
        for found in answers.values():
            for key, answer in found.items():
                path = key.removeprefix("file:")
                if path != key and path not in self._own:
                    entry = self._old.others.data.get(path)
                    if entry is None or entry[1] != answer:
                        now = stamp(path)
                        same = Stamped({path: [None, answer]}).still(path, None)
                        entry = [now if same else None, answer]
                    others[path] = entry
        return others

    def _around(self, answers: Mapping[str, Mapping[str, Answer]]) -> dict[str, list[Any]]:
        """The texts of the repositories that were asked about a file."""
        from reloadlint.facts.project import AROUND

        repositories = {
            self._project(config).repository(key.partition(":")[2].rpartition(":")[0])
            for config, found in answers.items()
            for key in found
            if key.partition(":")[0] in AROUND
        }
        return {each: stamped(each, self._own, self._began) for each in sorted(repositories)}

    def _folders(self, listed: Mapping[str, str]) -> dict[str, list[Any]]:
        from reloadlint import folders

        found = dict(self._old.folders)
        for path, digest in listed.items():
            if found.get(path, [None, None])[1] != digest:
                now = stamp(path)
                same = folders.digest(folders.entries(path)) == digest
                found[path] = [now if same else None, digest]
        return found


def _words_of(text: str) -> list[list[str]]:
    from reloadlint.facts.words import WORDS, words

    return [sorted(words(kind, text)) for kind in WORDS]


def _can_be_kept(result: Result) -> bool:
    """What failed is tried again, and what was fixed is another text by now."""
    return not result.checked.errors and not result.checked.is_changed


def _raw(result: Result) -> tuple[Finding, ...]:
    syntax = (found for found in result.checked.findings if found.code == SYNTAX_ERROR)
    return (*syntax, *result.checked.found)


def _needed(
    answers: Mapping[str, Mapping[str, Answer]],
    needs: Mapping[str, Iterable[str]],
    config_of: Mapping[str, str],
) -> dict[str, dict[str, Answer]]:
    kept: dict[str, dict[str, Answer]] = {}
    for path, keys in needs.items():
        config = config_of[path]
        own = kept.setdefault(config, {})
        own.update((key, answers[config].get(key)) for key in keys)
    return kept


def _dependencies(
    answers: Mapping[str, Mapping[str, Answer]], needs: Mapping[str, Iterable[str]]
) -> dict[str, Any]:
    numbers: dict[str, int] = {}
    numbered = {
        path: [numbers.setdefault(key, len(numbers)) for key in keys]
        for path, keys in needs.items()
    }
    return {"answers": answers, "keys": list(numbers), "needs": numbered}


def _lines(*parts: object) -> bytes:
    texts = (json.dumps(part, separators=(",", ":"), check_circular=False) for part in parts)
    return "\n".join(texts).encode("ascii")
