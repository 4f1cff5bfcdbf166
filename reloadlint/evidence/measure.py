"""Runs every experiment under every reloader → `Measurements`."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import NamedTuple

from reloadlint.evidence.experiment import Answer
from reloadlint.evidence.reloaders import RELOADERS
from reloadlint.evidence.server import NotInstalled, Server
from reloadlint.evidence.trial import Trial
from reloadlint.verdicts import Measured, Measurements, Verdict

# plone.reload needs the whole of Zope, to do what xreload does.
ALL = tuple(reloader.name for reloader in RELOADERS if reloader.name != "plone")
CHEAP = ("importlib", "reimport", "reloadlint")  # with nothing to install


class Controls(NamedTuple):
    """What the probe gives without a reload."""

    v1: Answer
    v2: Answer


Key = tuple[int, str]  # the number of a trial; before or after


def measure(trials: Sequence[Trial], names: Iterable[str] = ALL, jobs: int = 2) -> Measurements:
    """Run the trials under those of the reloaders that are installed, `jobs` at a time.

    Raises ValueError for evidence that proves nothing: see `Trial.verdict`.
    """
    if not hasattr(os, "fork"):
        raise ValueError("experiments need os.fork, which this system does not have")
    with ThreadPoolExecutor(jobs) as pool:
        controlled = pool.submit(_controls, trials)
        results = dict(zip(names, pool.map(lambda name: _under(name, trials), names), strict=True))
    controls = controlled.result()
    found: dict[str, dict[Key, Verdict]] = {}
    versions = {}
    for name, result in results.items():
        if result is not None:
            versions[name], answers = result
            found[name] = {
                (number, when): trials[number].verdict(*controls[number, when], answer)
                for (number, when), answer in answers.items()
            }
    return Measurements(platform.python_version(), versions, _by_code(trials, found))


def _controls(trials: Sequence[Trial]) -> dict[Key, Controls]:
    with closing(Server("nothing")) as server:
        return {
            (number, when): Controls(server.run(runs.v1), server.run(runs.v2))
            for number, trial in enumerate(trials)
            for when in trial.texts
            for runs in [trial.jobs(when)]
        }


def _under(name: str, trials: Sequence[Trial]) -> tuple[str, dict[Key, Answer]] | None:
    """The version of a reloader and what came out under it; None where it is not installed."""
    try:
        server = Server(name)
    except NotInstalled:
        return None
    with closing(server):
        answers = {
            (number, when): server.run(trial.jobs(when).reload)
            for number, trial in enumerate(trials)
            for when in trial.texts
        }
    return server.version, answers


def _by_code(
    trials: Sequence[Trial], found: dict[str, dict[Key, Verdict]]
) -> dict[str, tuple[Measured, ...]]:
    rules: dict[str, tuple[Measured, ...]] = {}
    for number, trial in enumerate(trials):
        before, after = (
            {
                name: verdicts[number, when]
                for name, verdicts in found.items()
                if when in trial.texts
            }
            for when in ("before", "after")
        )
        place = (trial.example, trial.edit, trial.typed.kind, trial.digest)
        rules[trial.code] = (*rules.get(trial.code, ()), Measured(*place, before, after))
    return rules
