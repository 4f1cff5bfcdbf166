"""Findings that a team has agreed to live with for now: a file that lists them, and what is new.

The file counts findings by their key (`fingerprint.Key`), so that code may move without making it
wrong. It is sorted and has a line for each entry, so that two branches can be merged.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from reloadlint.errors import ConfigError
from reloadlint.finding import Finding
from reloadlint.fingerprint import Key, key
from reloadlint.source import SourceFile

DEFAULT = "reloadlint-baseline.json"
VERSION = 1


@dataclass
class Baseline:
    """How many findings of each key are known; paths are relative to the folder `root`."""

    root: str = os.curdir
    counts: Counter[Key] = field(default_factory=Counter)

    def new(self, source: SourceFile, findings: Iterable[Finding]) -> list[Finding]:
        """The findings of one file that are more than what is known of it, in their order."""
        left = Counter(self.counts)
        fresh: list[Finding] = []
        for finding in findings:
            own = key(finding, source, self.root)
            if left[own] > 0:
                left[own] -= 1
            else:
                fresh.append(finding)
        return fresh

    def note(self, source: SourceFile, findings: Iterable[Finding]) -> None:
        """Count the findings of one file as known."""
        self.counts.update(key(finding, source, self.root) for finding in findings)

    def stale(
        self, found: Counter[Key], paths: Collection[str], codes: Collection[str]
    ) -> Counter[Key]:
        """What is known of, and was not found: in one of `paths`, by one of the rules `codes`.

        Paths are relative to `root`, with forward slashes. A file that is there no longer counts
        as one in which nothing was found.
        """
        gone = Counter(self.counts)
        gone.subtract(found)
        return Counter(
            {
                known: count
                for known, count in gone.items()
                if count > 0
                and known.code in codes
                and (known.path in paths or not os.path.exists(os.path.join(self.root, known.path)))
            }
        )

    def prune(self, stale: Counter[Key]) -> None:
        """Forget what is stale."""
        self.counts = self.counts - stale


def read(path: str) -> Baseline:
    """The baseline in the file `path`; ConfigError where there is none, or it is none."""
    try:
        data = json.loads(Path(path).read_text(encoding="utf-8"))
        entries = [_entry(entry) for entry in data["findings"] if data["version"] == VERSION]
    except OSError as error:
        raise ConfigError(f"{path}: {(error.strerror or str(error)).lower()}") from None
    except (ValueError, TypeError, KeyError, RecursionError):
        raise ConfigError(f"{path}: not a baseline of version {VERSION}") from None
    baseline = Baseline(os.path.dirname(path) or os.curdir)
    for known, count in entries:
        baseline.counts[known] += count
    return baseline


def write(path: str, baseline: Baseline) -> None:
    """Write the baseline into the file `path`; ConfigError where that fails."""
    lines = (
        json.dumps(_as_data(*item), ensure_ascii=False) for item in sorted(baseline.counts.items())
    )
    text = ",\n".join(f"  {line}" for line in lines)
    text = f'{{"version": {VERSION}, "findings": [\n{text}\n]}}\n'
    try:
        Path(path).write_bytes(text.encode("utf-8", "backslashreplace"))
    except OSError as error:
        raise ConfigError(f"{path}: {(error.strerror or str(error)).lower()}") from None


def _entry(entry: dict[str, object]) -> tuple[Key, int]:
    """ValueError or KeyError where something else stands in the file."""
    count = entry["count"]
    words = [entry[name] for name in Key._fields]
    if not isinstance(count, int) or not all(isinstance(word, str) for word in words):
        raise ValueError
    return Key(*map(str, words)), count


def _as_data(known: Key, count: int) -> dict[str, object]:
    return {**known._asdict(), "count": count}
