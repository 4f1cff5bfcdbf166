"""Findings that a team has agreed to live with for now: a file that lists them, and what is new.

The file counts findings by their key (`fingerprint.Key`), so that code may move without making it
wrong. It is sorted and has a line for each entry, so that two branches can be merged.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Collection, Iterable, Mapping

from reloadlint import limits
from reloadlint.errors import ConfigError
from reloadlint.finding import Finding
from reloadlint.fingerprint import Key, key, path_in
from reloadlint.source import SourceFile

DEFAULT = "reloadlint-baseline.json"
VERSION = 1


class Baseline:
    """How many findings of each key are known; paths are relative to the folder `root`."""

    def __init__(self, root: str, counts: Mapping[Key, int] | None = None) -> None:
        self.root = root
        self.counts: Counter[Key] = Counter(counts or {})
        self._by_path: dict[str, Counter[Key]] = {}
        for known, count in self.counts.items():
            self._by_path.setdefault(known.path, Counter())[known] = count

    @classmethod
    def of(cls, root: str, found: Iterable[tuple[SourceFile, Iterable[Finding]]]) -> Baseline:
        """The baseline in which all findings are known that the files have now."""
        keys = (key(finding, source, root) for source, findings in found for finding in findings)
        return cls(root, Counter(keys))

    def new(self, source: SourceFile, findings: Iterable[Finding]) -> list[Finding]:
        """The findings of one file that are more than what is known of it, in their order."""
        left = Counter(self._known_in(source))
        fresh: list[Finding] = []
        for finding in findings:
            own = key(finding, source, self.root)
            if left[own] > 0:
                left[own] -= 1
            else:
                fresh.append(finding)
        return fresh

    def stale(
        self, source: SourceFile, findings: Iterable[Finding], codes: Collection[str]
    ) -> Counter[Key]:
        """What is known of the rules `codes` in one file, and not among its findings any more."""
        known = {k: count for k, count in self._known_in(source).items() if k.code in codes}
        return Counter(known) - Counter(key(finding, source, self.root) for finding in findings)

    def gone(self) -> Counter[Key]:
        """What is known of files that are there no longer."""
        there = {path for path in self._by_path if os.path.exists(os.path.join(self.root, path))}
        return Counter({k: count for k, count in self.counts.items() if k.path not in there})

    def without(self, stale: Counter[Key]) -> Baseline:
        """What is known, less what is stale."""
        return Baseline(self.root, self.counts - stale)

    def _known_in(self, source: SourceFile) -> Counter[Key]:
        return self._by_path.get(path_in(self.root, source.path), Counter())


def read(path: str) -> Baseline:
    """The baseline in the file `path`; ConfigError where there is none, or it is none."""
    try:
        data = json.loads(limits.content(path, limits.BASELINE))
        if data["version"] != VERSION:
            raise ValueError
        entries = [_entry(entry) for entry in data["findings"]]
    except OSError as error:
        raise ConfigError(f"{path}: {(error.strerror or str(error)).lower()}") from None
    except (ValueError, TypeError, KeyError, RecursionError):
        raise ConfigError(f"{path}: not a baseline of version {VERSION}") from None
    return Baseline(os.path.dirname(path) or os.curdir, dict(entries))


def write(path: str, baseline: Baseline) -> None:
    """Write the baseline into the file `path`; SourceError where that fails."""
    lines = (
        json.dumps(_as_data(*item), ensure_ascii=False) for item in sorted(baseline.counts.items())
    )
    text = ",\n".join(f"  {line}" for line in lines)
    text = f'{{"version": {VERSION}, "findings": [\n{text}\n]}}\n'
    from reloadlint.writing import write_output

    write_output(path, text)


def _entry(entry: dict[str, object]) -> tuple[Key, int]:
    """ValueError or KeyError where something else stands in the file."""
    count = entry["count"]
    words = [entry[name] for name in Key._fields]
    if not isinstance(count, int) or not all(isinstance(word, str) for word in words):
        raise ValueError
    return Key(*map(str, words)), count


def _as_data(known: Key, count: int) -> dict[str, object]:
    return {**known._asdict(), "count": count}
