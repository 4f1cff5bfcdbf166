"""Reloader profiles: which rules matter under a reloader, and what comes of it there, as measured.

A rule is on where its bad example was seen to end badly and, if it has a fix, where that was seen
to help: nobody wants to apply one that does not. What counts are edits of the kind `body`, which is
what people type all day, or those of other kinds, where a rule has no such experiment. Its own
default holds where it was not measured, and under `portable`, which stands for any reloader.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from reloadlint.verdicts import Measured, Measurements, Verdict, file_of, load

PORTABLE = "portable"
# IPython falls back from its fine-grained engine to the other, depending on what was edited.
_ENGINES = {"ipython": ("ipython", "ipython-superreload")}
_CONSEQUENCES = {
    Verdict.FRESH: "the new code is reached",
    Verdict.KEPT: "nothing is lost",
    Verdict.STALE: "what is held runs the old code",
    Verdict.SPLIT: "old and new exist side by side",
    Verdict.LOST: "what was collected is lost",
    Verdict.DUP: "each reload adds one more",
    Verdict.ERROR: "it ends in an exception",
    Verdict.CRASH: "the process ends",
}


class Profiled(Protocol):
    """What is to be known of a rule."""

    @property
    def code(self) -> str:
        """Letters and digits: RL101."""

    @property
    def default(self) -> bool:
        """On where nothing is known."""

    def is_fixable(self) -> bool:
        """True where some findings have a fix."""


@dataclass(frozen=True)
class Outcome:
    """What became of an example, and of what to write instead (None: it does not say).

    `reloader` is its name with its version.
    """

    reloader: str
    before: Verdict
    after: Verdict | None

    @property
    def helps(self) -> bool:
        """True where what to write instead makes the difference."""
        return not self.before.is_good and self.after is not None and self.after.is_good

    @property
    def harms(self) -> bool:
        """True where what to write instead spoils what was well."""
        return self.before.is_good and self.after is not None and not self.after.is_good

    def __str__(self) -> str:
        after = "" if self.after is None else f" → {self.after.value}"
        return self.before.value + after


def outcome(rule: Profiled, reloader: str) -> Outcome | None:
    """The outcome that tells most of a rule under a reloader; None where nothing was measured.

    Of several experiments that is one in which the rule helps, else one that ends badly.
    """
    found = list(_outcomes(rule, reloader))
    return max(found, key=_weight, default=None)


def _outcomes(rule: Profiled, reloader: str) -> Iterator[Outcome]:
    known = _known(rule)
    experiments = known.of(rule.code)
    bodies = [measured for measured in experiments if measured.kind == "body"]
    for measured in bodies or experiments:
        yield from _of(measured, known, reloader)


def _known(rule: Profiled) -> Measurements:
    path = file_of(rule)
    return load(path) if path is not None else Measurements()


def _of(measured: Measured, known: Measurements, reloader: str) -> Iterator[Outcome]:
    for engine in _ENGINES.get(reloader, (reloader,)):
        if engine in measured.before:
            before, after = measured.before[engine], measured.after.get(engine)
            yield Outcome(known.versions[engine], before, after)


def harm(rule: Profiled, reloader: str) -> str | None:
    """Why its fixes are not for this reloader: with one, an edit of some kind was seen to go wrong.

    None where no fix did that, and under `portable`: which reloader it is, is not known then.
    """
    known = _known(rule)
    for measured in known.of(rule.code):
        for found in _of(measured, known, reloader):
            if found.harms:
                return (
                    f"under {found.reloader} it makes an edit of the kind `{measured.kind}` "
                    f"worse: {found}"
                )
    return None


def _weight(found: Outcome) -> tuple[bool, bool]:
    return found.helps, not found.before.is_good


def on_by_default(rules: Sequence[Profiled], reloader: str) -> dict[str, str]:
    """The codes of the rules that are on where nothing is selected, and why."""
    on = {}
    for rule in rules:
        found = None if reloader == PORTABLE else outcome(rule, reloader)
        if found is None and rule.default:
            on[rule.code] = "default"
        elif found is not None and (found.helps or not (rule.is_fixable() or found.before.is_good)):
            on[rule.code] = f"reloader = {reloader}: {found}"
    return on


def consequence(rule: Profiled, reloader: str) -> str:
    """What comes of it under the reloader, to go with a message; empty where that is not known."""
    found = None if reloader == PORTABLE else outcome(rule, reloader)
    if found is None:
        return ""
    return f" (under {found.reloader}: {found.before.value}, {_CONSEQUENCES[found.before]})"
