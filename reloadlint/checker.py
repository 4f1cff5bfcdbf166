"""Checks one file after the other, in this process: what each worker has of its own."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

from reloadlint import files, timing
from reloadlint.config import Config, Configs, enabled, enabled_in
from reloadlint.errors import ReloadlintError, SourceError, SyntaxFailure, WalkError
from reloadlint.finding import Finding
from reloadlint.known import Known, KnownIn
from reloadlint.outcome import DROPPED, Checked, Options
from reloadlint.report.model import SYNTAX_ERROR, syntax_error
from reloadlint.source import SourceFile

if TYPE_CHECKING:
    from reloadlint.facts.project import Answer, Project, Words
    from reloadlint.fix import FixResult
    from reloadlint.lint import LintResult
    from reloadlint.rule import Rule

Answers = dict[str, dict[str, "Answer"]]  # by the key of the configuration, then of the question


@dataclass(frozen=True)
class Result:
    """What one file gave, and what that depends on.

    `needs` are keys of questions to the project (see `facts/project.py`), `words` what the file
    contributes to lookups by name, `config` the key of its configuration.
    """

    checked: Checked
    needs: frozenset[str] = frozenset()
    words: tuple[tuple[str, ...], ...] = ()
    config: str = ""


@dataclass(frozen=True)
class Results:
    """What a batch of files gave, by path, and what was asked of the project meanwhile.

    `folders` are those that were looked into, with digests of what is in them; `times` is where
    the time went.
    """

    by_path: list[tuple[str, Result | ReloadlintError]]
    answers: Answers
    folders: dict[str, str]
    times: timing.Times


class Checker:
    """The configuration of each folder, the rules that it turns on, and its project.

    `paths` are all files of the run, `words` what is known of them by name already, and `answers`
    what is known of their repositories; `untouchable` are those that are never written.
    """

    def __init__(
        self,
        configs: Configs,
        options: Options,
        paths: Sequence[str] = (),
        words: Callable[[], Words] | None = None,
        answers: Mapping[str, Mapping[str, Answer]] | None = None,
        untouchable: Collection[str] = (),
    ) -> None:
        self._configs = configs
        self._options = options
        self._paths = paths
        self._words = words
        self._answers = answers or {}
        self._untouchable = untouchable
        self.known = Known(options.baseline, options.diff_base)
        self._rules: dict[str, tuple[type[Rule], ...]] = {}
        self._projects: dict[str, Project] = {}
        self._asked: set[str] = set()  # the projects with answers that were not told yet
        self._told: dict[str, tuple[int, int]] = {}
        self._originals: dict[str, SourceFile] = {}

    def config(self, path: str) -> Config:
        """The configuration for the file `path`."""
        return self._configs.of(os.path.dirname(path)).in_file(path)

    def check(self, path: str) -> Result | ReloadlintError:
        """Check the file `path`; the error where it cannot be read or configured."""
        try:
            with timing.spent("read files"):
                source = files.read(path)
            config = self.config(path)
            checked, needs = self._check(source, config)
        except ReloadlintError as error:
            return error
        if not checked.is_changed:
            checked = replace(checked, texts=None)
        elif self._options.ask is not None and self._options.write:
            # Who was asked expects it to be done at once. Other files go on with what they know.
            self._originals[os.path.abspath(path)] = source
            checked = self.write(checked)
        words = _words(source) if self._options.remember else ()
        return Result(checked, needs, words, config.key)

    def check_all(self, paths: Iterable[str]) -> Results:
        """Check the files `paths`."""
        results = [(path, self.check(path)) for path in paths]
        return Results(results, *self._new_answers(), timing.take())

    def check_source(self, source: SourceFile) -> Checked:
        """Check a text that need not stand in its file."""
        return self._check(source, self.config(source.path))[0]

    def note(self, checked: Checked) -> None:
        """Tell the files of known findings what was found."""
        config = self.config(checked.path)
        if self.known.concerns(config):
            codes = [rule.code for rule in self._rules_in(checked.path, config)]
            self.known.note(checked.after, config, checked.found, codes)

    def write(self, checked: Checked) -> Checked:
        """Write what was fixed; where that fails, tell what is in the file as it stands."""
        source, after = checked.before, checked.after
        try:
            if source.path in self._untouchable:
                raise SourceError(source.path, "a link out of the given paths: not written")
            return replace(checked, note=files.write(source.path, source, after.text))
        except SourceError as error:
            look_only = replace(self._options, fix=False, add_ignore=None)
            config = self.config(source.path)
            with self.project(config).looked_up(source):
                plain = self._checked(source, config, look_only)
            return replace(plain, errors=(*plain.errors, error))

    def restored(self, path: str, found: tuple[Finding, ...]) -> Checked:
        """What the file `path` gives that is known to have all these findings."""
        syntax = tuple(finding for finding in found if finding.code == SYNTAX_ERROR)
        new = found = tuple(finding for finding in found if finding.code != SYNTAX_ERROR)
        config = self.config(path)
        if found and self.known.concerns(config):
            source = files.read(path)
            new = tuple(self.known.of(source, config, lambda _: ()).shown(source, found))
        return Checked(path, (*syntax, *new), found)

    def _new_answers(self) -> tuple[Answers, dict[str, str]]:
        """What the projects have been asked, and which folders they listed, since the last call."""
        from reloadlint.folders import digest

        answers: Answers = {}
        folders: dict[str, str] = {}
        for key in self._asked:
            project = self._projects[key]
            listed = project.folders.listed
            asked, seen = self._told.get(key, (0, 0))
            self._told[key] = (len(project.answers), len(listed))
            # From the end: what is new is little.
            answers[key] = dict(
                islice(reversed(project.answers.items()), len(project.answers) - asked)
            )
            new = islice(reversed(listed.items()), len(listed) - seen)
            folders.update((path, digest(entries)) for path, entries in new)
        self._asked.clear()
        return answers, folders

    def project(self, config: Config) -> Project:
        """The project of the files with this configuration."""
        if config.key not in self._projects:
            from reloadlint.facts.project import Project

            self._projects[config.key] = Project(
                config, self._read, self._paths, self._words, self._answers.get(config.key)
            )
        self._asked.add(config.key)
        return self._projects[config.key]

    def rules(self, config: Config) -> tuple[type[Rule], ...]:
        """The rules that `config` turns on; ConfigError or RegistryError where that goes wrong."""
        if config.key not in self._rules:
            with timing.spent("load rules"):
                from reloadlint.registry import load

            self._rules[config.key] = enabled(load(), config)
        return self._rules[config.key]

    def _rules_in(self, path: str, config: Config) -> tuple[type[Rule], ...]:
        return enabled_in(path, self.rules(config), config)

    def _read(self, path: str) -> SourceFile:
        return self._originals.get(os.path.abspath(path)) or files.read(path)

    def _check(self, source: SourceFile, config: Config) -> tuple[Checked, frozenset[str]]:
        try:
            with self.project(config).looked_up(source) as needs:
                checked = self._checked(source, config, self._options)
            return checked, frozenset(needs)
        except ReloadlintError:
            raise
        except Exception as error:
            # A bug of ours that one file brings to light must not hide what is in the others.
            raise WalkError.by("reloadlint: internal error", source.path, 1, error) from error

    def _checked(self, source: SourceFile, config: Config, options: Options) -> Checked:
        from reloadlint.lint import lint

        rules = self._rules_in(source.path, config)
        project = self.project(config)

        def findings(old: SourceFile) -> Sequence[Finding]:
            return lint(old, rules, config, screen=options.screen).findings

        known = self.known.of(source, config, findings)
        check = partial(lint, rules=rules, config=config, screen=options.screen, project=project)
        if options.add_ignore is not None:
            return _ignored(source, check, options.add_ignore, known)
        if not options.fix:
            return _plain(source, source, check(source), known)
        from reloadlint.fix import fix

        fixed = fix(
            source,
            rules,
            config,
            unsafe=options.unsafe_fixes,
            screen=options.screen,
            project=project,
            ask=options.ask,
            admit=known.new,
        )
        return _fixed(source, fixed, known)


def _fixed(source: SourceFile, fixed: FixResult, known: KnownIn) -> Checked:
    checked = _plain(source, replace(source, text=fixed.text), fixed.result, known)
    endless = WalkError(source.path, 1, "reloadlint", "the fixes do not come to an end")
    return replace(
        checked,
        findings=tuple(_with_reasons(checked.findings, fixed.dropped)),
        errors=checked.errors if fixed.converged else (*checked.errors, endless),
        fixed=fixed.applied,
    )


def _ignored(
    source: SourceFile, check: Callable[[SourceFile], LintResult], reason: str, known: KnownIn
) -> Checked:
    """Give each finding a comment; change nothing where that would not silence just them."""
    from reloadlint.add_ignore import add_ignores
    from reloadlint.fix import apply_edits

    before = _plain(source, source, check(source), known)
    silenced = [finding for finding in before.findings if finding.code != SYNTAX_ERROR]
    edits, left = add_ignores(source, silenced, reason)
    after = replace(source, text=apply_edits(source.text, edits))
    checked = _plain(source, after, check(after), known)
    expected = Counter(f.message for f in before.found) - Counter(f.message for f in silenced)
    if Counter(f.message for f in checked.found) != expected + Counter(f.message for f in left):
        failure = WalkError(
            source.path, 1, "reloadlint", "comments would not silence what is found"
        )
        return replace(before, errors=(*before.errors, failure))
    fixed = tuple(finding for finding in silenced if finding not in left)
    return replace(checked, fixed=fixed)


def _plain(before: SourceFile, after: SourceFile, result: LintResult, known: KnownIn) -> Checked:
    syntax = [syntax_error(error) for error in result.failures if isinstance(error, SyntaxFailure)]
    errors = tuple(error for error in result.failures if not isinstance(error, SyntaxFailure))
    return Checked(
        before.path,
        (*syntax, *known.shown(after, result.findings)),
        result.findings,
        errors,
        digest=before.digest,
        texts=(before, after),
    )


def _words(source: SourceFile) -> tuple[tuple[str, ...], ...]:
    from reloadlint.facts.words import WORDS, words

    return tuple(tuple(sorted(words(kind, source.text))) for kind in WORDS)


def _with_reasons(
    findings: Iterable[Finding], dropped: Iterable[tuple[Finding, str]]
) -> Iterator[Finding]:
    """Put in place of a fix that failed verification the reason why it did."""
    # Other fixes may have moved the lines since, though not the columns.
    reasons = {(f.code, f.message, f.start.column): reason for f, reason in dropped}
    for finding in findings:
        reason = reasons.get((finding.code, finding.message, finding.start.column))
        if reason is None or finding.fix is None:
            yield finding
        else:
            yield replace(finding, fix=None, refusal=f"{DROPPED}{reason}")
