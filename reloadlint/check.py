"""Configuration and paths → results: one run over many files, or over one text.

What is wrong with one file never keeps another from being checked. Files are checked against the
project as it was when the run began: what is fixed is written when all are checked.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from reloadlint import files, timing
from reloadlint.cache.folder import Folder
from reloadlint.cache.scope import scope
from reloadlint.cache.store import Store
from reloadlint.checker import Answers, Checker, Results
from reloadlint.config import Configs
from reloadlint.cores import worth
from reloadlint.errors import ReloadlintError
from reloadlint.finding import Finding
from reloadlint.outcome import Checked, Options, Outcome

if TYPE_CHECKING:
    from reloadlint.facts.project import Words
    from reloadlint.survey import Module

__all__ = ["Checked", "Options", "Outcome", "Run"]

# Passes results on, of as many files in all, and shows how far they have come.
Progress = Callable[[Iterator[Results], int], Iterator[Results]]


class Run:
    """One run. `jobs`: how many processes check files; None: as many as are worth it.

    `cache` is the folder with results of earlier runs. `progress` shows how far the run is.
    """

    def __init__(
        self,
        configs: Configs,
        options: Options,
        jobs: int | None = 1,
        cache: Path | None = None,
        progress: Progress | None = None,
    ) -> None:
        self._configs = configs
        self._options = options
        self._jobs = jobs
        self._cache = cache
        self._progress = progress or (lambda results, _: results)
        self.times: timing.Times = Counter()

    def check_paths(self, paths: Iterable[str]) -> Outcome:
        """Check files and folders, and write what was fixed if that is wanted.

        Raises ConfigError or RegistryError for what is wrong before any file is looked at.
        """
        paths, here = list(paths), self._configs.of(os.curdir)
        with timing.spent("list files"):
            listing = files.find(paths, self._configs, force_exclude=self._options.force_exclude)
        store = self._store(paths, listing.files)
        self._options = replace(self._options, remember=store is not None)
        words = store.index if store is not None and store.is_known else None
        answers = store.answers if store is not None else {}
        checker = Checker(
            self._configs, self._options, listing.files, words, answers, listing.leading_out
        )
        if store is None or not store.is_known:
            checker.rules(here)
        wanted = checker.known.wanted(listing.files)
        held = self._held(store)
        left = [path for path in wanted if path not in held]
        with closing(self._results(checker, listing.files, left, words, answers)) as results:
            batches = list(self._progress(results, len(left)))
        if store is not None:
            with timing.spent("cache"):
                store.save(batches)
        found = {path: result for batch in batches for path, result in batch.by_path}
        outcome = Outcome(survey=partial(_survey, listing.files, self._configs))
        outcome.fail(*listing.errors)
        for path in wanted:
            result = found.get(path)
            if isinstance(result, ReloadlintError):
                outcome.fail(result)
            else:
                checked = result.checked if result else checker.restored(path, held[path])
                self._settle(checker, outcome, checked)
        outcome.known = checker.known.settle(here.in_file(os.curdir))
        outcome.stale = checker.known.stale()
        self.times = sum((batch.times for batch in batches), timing.take())
        return outcome

    def _store(self, paths: Sequence[str], listed: Sequence[str]) -> Store | None:
        """Results of earlier runs of the same kind, where that is wanted and makes sense."""
        options = self._options
        if self._cache is None or not options.screen or options.ask or options.diff_base:
            return None
        configs = (self._configs.of(os.curdir).key, str(options.force_exclude))
        config_of = Checker(self._configs, options).config
        with timing.spent("cache"):
            return Store(Folder(self._cache), scope(paths, configs), listed, config_of)

    def _held(self, store: Store | None) -> Mapping[str, tuple[Finding, ...]]:
        """The findings of files that need not be checked again, by path."""
        if store is None:
            return {}
        if self._options.add_ignore is not None:
            return {path: found for path, found in store.holds.items() if not found}
        if self._options.fix:
            return {p: found for p, found in store.holds.items() if not any(f.fix for f in found)}
        return store.holds

    def _settle(self, checker: Checker, outcome: Outcome, checked: Checked) -> None:
        is_due = self._options.write and self._options.ask is None
        if is_due and checked.is_changed:
            checked = checker.write(checked)
        try:
            checker.note(checked)
            outcome.add(checked)
        except ReloadlintError as error:
            outcome.fail(error)

    def check_text(self, path: str, raw: bytes) -> Outcome:
        """Check the content `raw` as if it stood in the file `path`; nothing is written.

        Raises as `check_paths`.
        """
        checker = Checker(self._configs, self._options)
        checker.rules(self._configs.of(os.curdir))
        outcome = Outcome()
        try:
            source = files.decode(path, raw)
            if not (self._options.force_exclude and files.is_excluded(path, self._configs)):
                outcome.add(checker.check_source(source))
        except ReloadlintError as error:
            outcome.fail(error)
        return outcome

    def explain(self, place: str, paths: Iterable[str]) -> Iterator[str]:
        """Why the closures at `place` (FILE:LINE) are held to be kept or not, in lines.

        `paths` are the files that are known besides.
        """
        from reloadlint import explain

        listing = files.find(paths, self._configs)
        path, line = explain.place(place)
        checker = Checker(self._configs, self._options, listing.files)
        config = checker.config(path)
        return explain.explain(files.read(path), line, config, checker.project(config))

    def _results(
        self,
        checker: Checker,
        paths: Sequence[str],
        wanted: Sequence[str],
        words: Callable[[], Words] | None,
        answers: Answers,
    ) -> Generator[Results, None, None]:
        sizes = {path: _size(path) for path in wanted}
        count = 1 if self._options.ask is not None else worth(sizes.values(), self._jobs)
        if count > 1:
            from reloadlint import jobs

            known: Callable[[], Words] | None = None
            if words is not None:
                known = partial(dict, words())  # found once for all workers
            new_checker = partial(Checker, self._configs, self._options, paths, known, answers)
            yield from jobs.check(new_checker, sizes, count)
            return
        for path in wanted:
            yield checker.check_all([path])


def _survey(paths: Sequence[str], configs: Configs) -> Sequence[Module]:
    from reloadlint.survey import survey

    return survey(paths, configs)


def _size(path: str) -> int:
    try:
        return os.stat(path).st_size
    except OSError:
        return 0
