"""What was measured: the file `evidence.json` of a rule pack → verdicts under each reloader.

The words are defined in rules/README.md; `reloadlint.evidence` measures and writes the file.
"""

from __future__ import annotations

import enum
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from reloadlint.errors import RegistryError

FILE = "evidence.json"


class Verdict(enum.Enum):
    """What became of a held reference over a reload."""

    FRESH = "fresh"
    KEPT = "kept"
    STALE = "stale"
    SPLIT = "split"
    LOST = "lost"
    DUP = "dup"
    ERROR = "error"
    CRASH = "crash"

    @property
    def is_good(self) -> bool:
        """True where the program is as one should be after the edit."""
        return self in (Verdict.FRESH, Verdict.KEPT)


@dataclass(frozen=True)
class Measured:
    """What came of one experiment, by the name of the reloader.

    `example` and `edit` count from one. `digest` is that of the texts that were used. `after` is
    empty where the example does not say what to write instead.
    """

    example: int
    edit: int
    kind: str
    digest: str
    before: Mapping[str, Verdict] = field(hash=False)
    after: Mapping[str, Verdict] = field(hash=False)


@dataclass(frozen=True)
class Measurements:
    """All that is known of the rules of a pack: experiments by code, versions by reloader."""

    python: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)
    rules: Mapping[str, tuple[Measured, ...]] = field(default_factory=dict)

    def of(self, code: str) -> tuple[Measured, ...]:
        """The experiments of a rule; none where nothing was measured."""
        return self.rules.get(code, ())


def file_of(rule: object) -> Path | None:
    """Where the measurements of a rule's pack are: beside the rule; None for a lone module."""
    file = getattr(sys.modules[rule.__module__], "__file__", None)
    return Path(file).with_name(FILE) if file and "." in rule.__module__ else None


@lru_cache(maxsize=16)
def load(path: Path) -> Measurements:  # reloadlint: ignore[RL205]
    """What the file says; nothing where there is none. Raises RegistryError for a broken one."""
    import json

    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        rules = {
            code: tuple(_measured(entry) for entry in entries)
            for code, entries in document["rules"].items()
        }
        return Measurements(document["python"], document["versions"], rules)
    except FileNotFoundError:
        return Measurements()
    except (OSError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise RegistryError(f"{path}: {type(error).__name__}: {error}") from None


def _measured(entry: Mapping[str, Any]) -> Measured:
    before, after = (
        {name: Verdict(word) for name, word in entry[when].items()} for when in ("before", "after")
    )
    place = (entry["example"], entry["edit"], entry["kind"], entry["digest"])
    return Measured(*place, before, after)


def dump(measurements: Measurements) -> str:
    """The text of the file: an experiment takes three lines, so that a difference can be read."""
    import json

    head = {"python": measurements.python, "versions": measurements.versions}
    lines = [json.dumps(head, indent=1)[:-2] + ',\n "rules": {']
    lines.append(",\n".join(_lines(measurements)))
    return "\n".join(lines) + "\n }\n}\n"


def _lines(measurements: Measurements) -> Iterator[str]:
    import json

    for code, experiments in sorted(measurements.rules.items()):
        entries = []
        for found in experiments:
            place = {"example": found.example, "edit": found.edit, "kind": found.kind}
            head = json.dumps({**place, "digest": found.digest})[:-1]
            words = [
                f'   "{when}": '
                + json.dumps({name: verdict.value for name, verdict in verdicts.items()})
                for when, verdicts in (("before", found.before), ("after", found.after))
            ]
            entries.append(",\n".join([f"  {head}", *words]) + "}")
        yield f'  "{code}": [\n' + ",\n".join(entries) + "\n  ]"
