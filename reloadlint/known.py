"""What a run takes for known: findings that a baseline lists, or that an older revision has.

Known findings are neither shown nor fixed. What the baseline lists and nobody finds any more is
stale, which is told, so that the list only ever gets shorter.
"""

from __future__ import annotations

import enum
import os
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from reloadlint import baseline, files
from reloadlint.baseline import Baseline
from reloadlint.config import Config, shown
from reloadlint.errors import ConfigError
from reloadlint.finding import Finding
from reloadlint.fingerprint import Key
from reloadlint.source import SourceFile

if TYPE_CHECKING:
    from reloadlint.revision import Revision

Lint = Callable[[SourceFile], Iterable[Finding]]


class Use(enum.Enum):
    """What a run does with the file of known findings."""

    READ = "what it lists is not shown, and must still be there"
    PRUNE = "it forgets what is there no longer"
    WRITE = "it is made anew from what is found"
    NONE = "nothing"


@dataclass(frozen=True)
class KnownIn:
    """What is known of one file, by baselines of which the last is that of an older revision.

    `whatever`: all that is found will be known, as soon as the run is over.
    """

    baselines: tuple[Baseline, ...] = ()
    whatever: bool = False

    def new(self, source: SourceFile, findings: Iterable[Finding]) -> list[Finding]:
        """The findings that are not known."""
        left = list(findings)
        for known in self.baselines:
            left = known.new(source, left)
        return left

    def shown(self, source: SourceFile, findings: Iterable[Finding]) -> list[Finding]:
        """The findings that are to be told."""
        return [] if self.whatever else self.new(source, findings)


@dataclass
class Known:
    """The files of known findings of one run, by the configurations that name them."""

    use: Use = Use.READ
    since: Revision | None = None
    _paths: dict[str, str] = field(default_factory=dict)  # of the files, by configuration
    _baselines: dict[str, Baseline | None] = field(default_factory=dict)
    _stale: dict[str, Counter[Key]] = field(default_factory=dict)
    _found: dict[str, list[tuple[SourceFile, Sequence[Finding]]]] = field(default_factory=dict)

    def wanted(self, paths: Sequence[str]) -> Sequence[str]:
        """The files of which something can be new."""
        if self.since is None:
            return paths
        return [path for path in paths if os.path.abspath(path) in self.since.before]

    def of(self, source: SourceFile, config: Config, lint: Lint) -> KnownIn:
        """What is known of one file; `lint` tells what is found in an older text of it."""
        known = self._baseline(config)
        baselines = [known] if known is not None else []
        if self.since is not None and os.path.abspath(source.path) in self.since.before:
            raw = self.since.text(source.path)
            old = None if raw is None else files.decode(source.path, raw)
            found = [] if old is None else [(old, lint(old))]
            baselines.append(Baseline.of(os.curdir, found))
        return KnownIn(tuple(baselines), whatever=self.use is Use.WRITE)

    def concerns(self, config: Config) -> bool:
        """True where `note` has something to do."""
        return self.use is Use.WRITE or self._baseline(config) is not None

    def note(
        self, source: SourceFile, config: Config, found: Sequence[Finding], codes: Sequence[str]
    ) -> None:
        """Take note of all that the rules `codes` find in one file, known or not."""
        if self.use is Use.NONE:
            return
        path = self._path(config)
        if self.use is Use.WRITE:
            self._found.setdefault(path, []).append((source, found))
        elif (known := self._baseline(config)) is not None:
            stale = known.stale(source, found, codes)
            if stale:
                self._stale.setdefault(path, Counter()).update(stale)

    def settle(self, config: Config) -> dict[str, int]:
        """Write what is to be written: how many findings are known now, by file.

        `config` is the one whose file is written even where nothing is found.
        """
        if self.use is Use.WRITE:
            self._found.setdefault(self._path(config), [])
            return {path: _write(path, found) for path, found in self._found.items()}
        if self.use is not Use.PRUNE:
            return {}
        self._baseline(config)
        stale = self.stale()
        pruned = {path: known for path, known in self._baselines.items() if path in stale and known}
        for path, known in pruned.items():
            self._baselines[path] = known.without(stale[path])
            baseline.write(path, known.without(stale[path]))
        self._stale.clear()
        return {path: known.without(stale[path]).counts.total() for path, known in pruned.items()}

    def stale(self) -> dict[str, Counter[Key]]:
        """By file, what it lists and nobody finds any more: in a file of the run, or one gone."""
        found = {path: Counter(stale) for path, stale in self._stale.items()}
        for path, known in self._baselines.items():
            if known is not None and (gone := known.gone()):
                found[path] = found.get(path, Counter()) | gone
        return found

    def _path(self, config: Config) -> str:
        if config.key not in self._paths:
            self._paths[config.key] = _path(config)
        return self._paths[config.key]

    def _baseline(self, config: Config) -> Baseline | None:
        path = self._path(config)
        if path not in self._baselines:
            wanted = self.use in {Use.READ, Use.PRUNE} and os.path.isfile(path)
            self._baselines[path] = baseline.read(path) if wanted else None
        return self._baselines[path]


def _path(config: Config) -> str:
    """Where the baseline is; ConfigError for a setting that leads out of the project."""
    path = config.root / config.baseline
    if not path.resolve().is_relative_to(config.root.resolve()):
        where = config.origins.get("baseline", config.origin)
        raise ConfigError(f"{where}: baseline: {config.baseline} is outside of the project")
    return shown(str(config.root / config.baseline))


def _write(path: str, found: Iterable[tuple[SourceFile, Sequence[Finding]]]) -> int:
    known = Baseline.of(os.path.dirname(path) or os.curdir, found)
    baseline.write(path, known)
    return known.counts.total()
