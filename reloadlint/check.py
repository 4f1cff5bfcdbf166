"""Configuration and paths → results: one run over many files, or over one text.

What is wrong with one file never keeps another from being checked.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from reloadlint import files
from reloadlint.config import Config, Configs, enabled, enabled_in
from reloadlint.errors import ReloadlintError, SourceError, SyntaxFailure, WalkError
from reloadlint.finding import Finding
from reloadlint.fingerprint import Key
from reloadlint.known import Known, KnownIn, Use
from reloadlint.notebook import NotebookSource
from reloadlint.report.model import SYNTAX_ERROR, Report, syntax_error
from reloadlint.source import SourceFile

if TYPE_CHECKING:
    from reloadlint.facts.project import Project
    from reloadlint.fix import Ask
    from reloadlint.lint import LintResult
    from reloadlint.revision import Revision
    from reloadlint.rule import Rule


DROPPED = "verification failed: "


@dataclass(frozen=True)
class Options:
    """What a run does besides looking.

    `fix` computes the fixed text; `write` puts it into the files; `ask` is asked before each fix.
    `add_ignore` gives each finding a comment instead of a fix, with that reason. `baseline` is what
    is done with files of known findings; only what is new since `diff_base` is looked at.
    """

    fix: bool = False
    write: bool = False
    unsafe_fixes: bool = False
    screen: bool = True
    force_exclude: bool = False
    ask: Ask | None = None
    add_ignore: str | None = None
    baseline: Use = Use.READ
    diff_base: Revision | None = None


@dataclass(frozen=True)
class Checked:
    """What one file gave.

    `found` is all that is found in the text of `after`, which is `before` unless something was
    fixed; `findings` leaves out what is known. `note` is what the user should know of a success.
    """

    before: SourceFile
    after: SourceFile
    findings: tuple[Finding, ...] = ()
    found: tuple[Finding, ...] = ()
    errors: tuple[ReloadlintError, ...] = ()
    fixed: tuple[Finding, ...] = ()
    note: str | None = None

    @property
    def is_changed(self) -> bool:
        """True where fixes made another text."""
        return self.before.text != self.after.text


@dataclass
class Outcome:
    """What a run gave: the files of which there is something to tell, and each error once.

    `files` counts all files that could be checked. `stale` are the entries of baselines that are
    not found any more, and `known` the findings that baselines were given, by the baseline's path.
    """

    files: int = 0
    checked: list[Checked] = field(default_factory=list)
    stale: dict[str, Counter[Key]] = field(default_factory=dict)
    known: dict[str, int] = field(default_factory=dict)
    errors: list[ReloadlintError] = field(default_factory=list)
    _told: set[str] = field(default_factory=set, repr=False)

    def add(self, checked: Checked) -> None:
        """Take note of what one file gave."""
        self.files += 1
        self.fail(*checked.errors)
        if checked.findings or checked.is_changed:
            self.checked.append(checked)

    def fail(self, *errors: ReloadlintError) -> None:
        """Take note of errors."""
        for error in errors:
            if str(error) not in self._told:
                self._told.add(str(error))
                self.errors.append(error)

    def report(self, options: Options) -> Report:
        """What there is to show."""
        shown = [placed for file in self.checked for placed in _placed(file)]
        return Report(
            findings=tuple(finding for finding, _ in shown),
            sources={finding.shown_path: source for finding, source in shown},
            files=self.files,
            fixed=sum(len(file.fixed) for file in self.checked),
            deed="fixed" if options.add_ignore is None else "silenced",
            unsafe_fixes=options.unsafe_fixes,
            rules=_known_rules,
            errors=tuple(map(str, self.errors)),
        )

    def fixes(self) -> Iterator[str]:
        """What was fixed in which file, in lines."""
        for file in self.checked:
            counts = Counter((finding.code, finding.name) for finding in file.fixed)
            if counts:
                yield f"{file.after.path}:"
            for (code, name), count in sorted(counts.items()):
                yield f"  {count} × {code} ({name})"
            for finding in file.findings:
                if (finding.refusal or "").startswith(DROPPED):
                    place = f"{finding.start.line}:{finding.start.column}"
                    yield f"  not {finding.code} at {place}: {finding.refusal}"

    def exit_code(self, *, of_patch: bool = False) -> int:
        """0: clean, 1: findings, or something in the patch, 2: could not do the job."""
        if self.errors:
            return 2
        return int(bool(self.stale) or any(_counts(file, of_patch) for file in self.checked))


def _placed(checked: Checked) -> Iterator[tuple[Finding, SourceFile]]:
    """The findings with the texts that their places are in: those of cells, in a notebook."""
    source = checked.after
    for finding in checked.findings:
        if isinstance(source, NotebookSource):
            yield source.in_cell(finding)
        else:
            yield finding, source


def _known_rules() -> Sequence[type[Rule]]:
    from reloadlint.registry import load

    return load()


def _counts(checked: Checked, of_patch: bool) -> bool:
    if not of_patch:
        return bool(checked.findings)
    # What is no Python could not be fixed, so there is no telling that nothing would change.
    return checked.is_changed or any(found.code == SYNTAX_ERROR for found in checked.findings)


class Run:
    """One run: the configuration of each folder, and the rules that it turns on."""

    def __init__(self, configs: Configs, options: Options) -> None:
        """Raise ConfigError or RegistryError for what is wrong before any file is looked at."""
        self._configs = configs
        self._options = options
        self._rules: dict[Config, tuple[type[Rule], ...]] = {}
        self._projects: dict[Config, Project] = {}
        self._files: Sequence[str] = ()
        self._known = Known(options.baseline, options.diff_base)
        self._rules_of(configs.of(os.curdir))

    def check_paths(self, paths: Iterable[str]) -> Outcome:
        """Check files and folders, and write what was fixed if that is wanted."""
        force_exclude = self._options.force_exclude
        listing = files.find(paths, self._configs, force_exclude=force_exclude)
        self._files = listing.files
        outcome = Outcome()
        outcome.fail(*listing.errors)
        for path in self._known.wanted(listing.files):
            try:
                checked = self._check(files.read(path))
                self._note(checked)
                outcome.add(checked)
            except ReloadlintError as error:
                outcome.fail(error)
        outcome.known = self._known.settle(self._config_of(os.curdir))
        outcome.stale = self._known.stale()
        return outcome

    def _note(self, checked: Checked) -> None:
        path = checked.after.path
        config = self._config_of(path)
        codes = [rule.code for rule in enabled_in(path, self._rules_of(config), config)]
        self._known.note(checked.after, config, checked.found, codes)

    def check_text(self, path: str, raw: bytes) -> Outcome:
        """Check the content `raw` as if it stood in the file `path`; nothing is written."""
        outcome = Outcome()
        try:
            source = files.decode(path, raw)
            if not (self._options.force_exclude and files.is_excluded(path, self._configs)):
                outcome.add(self._check(source))
        except ReloadlintError as error:
            outcome.fail(error)
        return outcome

    def explain(self, place: str, paths: Iterable[str]) -> Iterator[str]:
        """Why the closures at `place` (FILE:LINE) are held to be kept or not, in lines.

        `paths` are the files that are known besides.
        """
        from reloadlint import explain

        self._files = files.find(paths, self._configs).files
        path, line = explain.place(place)
        config = self._config_of(path)
        return explain.explain(files.read(path), line, config, self._project_of(config))

    def _check(self, source: SourceFile) -> Checked:
        config = self._config_of(source.path)
        rules = enabled_in(source.path, self._rules_of(config), config)
        try:
            project = self._project_of(config)
            checked = _checked(source, rules, config, self._options, project, self._known)
        except ReloadlintError:
            raise
        except Exception as error:
            # A bug of ours that one file brings to light must not hide what is in the others.
            reason = f"internal error: {type(error).__name__}: {error}"
            raise WalkError(source.path, 1, "reloadlint", reason) from error
        if checked.is_changed and self._options.write:
            return self._written(checked)
        return checked

    def _written(self, checked: Checked) -> Checked:
        """Write the file; where that fails, tell what is in it as it stands."""
        source = checked.before
        try:
            return replace(checked, note=files.write(source.path, source, checked.after.text))
        except SourceError as error:
            config = self._config_of(source.path)
            rules = enabled_in(source.path, self._rules_of(config), config)
            look_only = replace(self._options, fix=False, add_ignore=None)
            project = self._project_of(config)
            plain = _checked(source, rules, config, look_only, project, self._known)
            return replace(plain, errors=(*plain.errors, error))

    def _config_of(self, path: str) -> Config:
        return self._configs.of(os.path.dirname(path)).in_file(path)

    def _project_of(self, config: Config) -> Project:
        if config not in self._projects:
            from reloadlint.facts.project import Project

            self._projects[config] = Project(config, files.read, self._files)
        return self._projects[config]

    def _rules_of(self, config: Config) -> tuple[type[Rule], ...]:
        if config not in self._rules:
            from reloadlint.registry import load

            self._rules[config] = enabled(load(), config)
        return self._rules[config]


def _checked(
    source: SourceFile,
    rules: Sequence[type[Rule]],
    config: Config,
    options: Options,
    project: Project,
    known: Known,
) -> Checked:
    from reloadlint.lint import lint

    def findings(old: SourceFile) -> Sequence[Finding]:
        return lint(old, rules, config, screen=options.screen).findings

    known_here = known.of(source, config, findings)
    check = partial(lint, rules=rules, config=config, screen=options.screen, project=project)
    if options.add_ignore is not None:
        return _ignored(source, check, options.add_ignore, known_here)
    if not options.fix:
        return _plain(source, check(source), known_here)
    from reloadlint.fix import fix

    fixed = fix(
        source,
        rules,
        config,
        unsafe=options.unsafe_fixes,
        screen=options.screen,
        project=project,
        ask=options.ask,
        admit=known_here.new,
    )
    checked = _plain(replace(source, text=fixed.text), fixed.result, known_here)
    endless = WalkError(source.path, 1, "reloadlint", "the fixes do not come to an end")
    return replace(
        checked,
        before=source,
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

    before = _plain(source, check(source), known)
    silenced = [finding for finding in before.findings if finding.code != SYNTAX_ERROR]
    edits, left = add_ignores(source, silenced, reason)
    after = replace(source, text=apply_edits(source.text, edits))
    checked = _plain(after, check(after), known)
    expected = Counter(f.message for f in before.found) - Counter(f.message for f in silenced)
    if Counter(f.message for f in checked.found) != expected + Counter(f.message for f in left):
        failure = WalkError(
            source.path, 1, "reloadlint", "comments would not silence what is found"
        )
        return replace(before, errors=(*before.errors, failure))
    fixed = tuple(finding for finding in silenced if finding not in left)
    return replace(checked, before=source, fixed=fixed)


def _plain(source: SourceFile, result: LintResult, known: KnownIn) -> Checked:
    syntax = [syntax_error(error) for error in result.failures if isinstance(error, SyntaxFailure)]
    errors = (error for error in result.failures if not isinstance(error, SyntaxFailure))
    new = (*syntax, *known.shown(source, result.findings))
    return Checked(source, source, new, result.findings, tuple(errors))


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
