"""A rule pack's name → its experiments, and the file for what comes out."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from reloadlint import registry
from reloadlint.errors import ConfigError
from reloadlint.evidence.trial import Trial, trials
from reloadlint.verdicts import file_of


def trials_of(pack: str, codes: Collection[str] = ()) -> tuple[Path, list[Trial]]:
    """Where the measurements of the pack are, and what its rules, or those of `codes`, declare.

    Raises ConfigError for a pack that is not installed, RegistryError for one that is broken.
    """
    rules = [rule for rule in registry.load() if rule.__module__.startswith(pack + ".")]
    path = file_of(rules[0]) if rules else None
    if path is None:
        raise ConfigError(f"no package `{pack}` is installed as a rule pack")
    return path, list(trials([rule for rule in rules if not codes or rule.code in codes]))
