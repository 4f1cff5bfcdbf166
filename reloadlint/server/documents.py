"""The texts in an editor → what is found in them, and what they become when it is fixed.

Knows nothing of any protocol. What is open in the editor counts, saved or not; other files are read
from disk.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from reloadlint import files
from reloadlint.config import Config, Configs, enabled, enabled_in
from reloadlint.errors import SyntaxFailure
from reloadlint.explain import Verdict, verdicts
from reloadlint.facts import collect
from reloadlint.facts.project import Project
from reloadlint.finding import Finding
from reloadlint.fix import FixResult, fix
from reloadlint.known import Known
from reloadlint.lint import lint
from reloadlint.registry import load
from reloadlint.report.model import syntax_error
from reloadlint.rule import Rule
from reloadlint.source import SourceFile


@dataclass(frozen=True)
class Looked:
    """What is found in one text, and what could not be done, in words."""

    source: SourceFile
    findings: tuple[Finding, ...] = ()
    troubles: tuple[str, ...] = ()


class Documents:
    """The open texts by absolute path, and the project that they are part of."""

    def __init__(self, root: str) -> None:
        self.root = root
        self.texts: dict[str, str] = {}
        self.forget()

    def forget(self) -> None:
        """Read configuration, baselines and other files anew from now on."""
        self._configs = Configs()
        self._known = Known()
        self._projects: dict[Config, Project] = {}
        self._others: dict[str, str] = {}

    def check(self, path: str) -> Looked:
        """What is found in an open text; ConfigError or RegistryError where nothing can be."""
        source, config, rules = self._of(path)
        if files.is_excluded(path, self._configs):
            return Looked(source)
        result = lint(source, rules, config, project=self._project(config, path))
        known = self._known.of(source, config, lambda _: ())
        syntax = [syntax_error(f) for f in result.failures if isinstance(f, SyntaxFailure)]
        troubles = [str(f) for f in result.failures if not isinstance(f, SyntaxFailure)]
        found = (*syntax, *known.new(source, result.findings))
        return Looked(source, found, tuple(troubles))

    def fix(self, path: str, only: Finding | None = None) -> FixResult:
        """The text with all safe fixes; or with the one of a finding, be it safe or not."""
        source, config, rules = self._of(path)
        known = self._known.of(source, config, lambda _: ())
        admit = known.new if only is None else partial(_same, only)
        project = self._project(config, path)
        return fix(source, rules, config, unsafe=only is not None, project=project, admit=admit)

    def verdicts(self, path: str) -> Sequence[tuple[int, Verdict]]:
        """Offset and verdict of each closure of an open text; none where it does not parse."""
        source, config, _ = self._of(path)
        try:
            facts = collect(source, config, self._project(config, path))
            return [(facts.span(node)[0], verdict) for node, verdict in verdicts(facts)]
        except SyntaxFailure:
            return ()

    def _of(self, path: str) -> tuple[SourceFile, Config, tuple[type[Rule], ...]]:
        config = self._configs.of(os.path.dirname(path)).in_file(path)
        rules = enabled_in(path, enabled(load(), config), config)
        return SourceFile(path, self.texts[path]), config, rules

    def _project(self, config: Config, path: str) -> Project:
        """Made anew as soon as another open text has changed."""
        others = {name: text for name, text in self.texts.items() if name != path}
        if config not in self._projects or any(
            self._others.get(name) != text for name, text in others.items()
        ):
            listing = files.find([self.root], self._configs)
            self._projects = {config: Project(config, self._read, listing.files)}
        self._others = {**others, path: self.texts[path]}
        return self._projects[config]

    def _read(self, path: str) -> SourceFile:
        text = self.texts.get(os.path.abspath(path))
        return files.read(path) if text is None else SourceFile(path, text)


def _same(only: Finding, _: SourceFile, findings: Iterable[Finding]) -> Iterator[Finding]:
    """The finding itself: fixed once, it is not found again."""
    return (found for found in findings if replace(found, fix=None) == replace(only, fix=None))
