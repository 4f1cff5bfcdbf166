"""What the file says and what was measured now → where they differ, in lines."""

from __future__ import annotations

from collections.abc import Iterator

from reloadlint.verdicts import Measured, Measurements


def between(recorded: Measurements, found: Measurements) -> Iterator[str]:
    """A line for each verdict of `found` that the file does not have, or not like that."""
    for code, experiments in found.rules.items():
        by_place = {(known.example, known.edit): known for known in recorded.of(code)}
        for now in experiments:
            place = f"{code}, example {now.example}, edit {now.edit} ({now.kind})"
            known = by_place.get((now.example, now.edit))
            if known is None or known.digest != now.digest:
                why = "not measured" if known is None else "changed since measured"
                yield f"{place}: {why}; now {_outcomes(now)}"
            else:
                for line in _verdicts(known, now):
                    yield f"{place}, {line}"


def _verdicts(known: Measured, now: Measured) -> Iterator[str]:
    for when, were, are in (
        ("before", known.before, now.before),
        ("after", known.after, now.after),
    ):
        for reloader, verdict in are.items():
            was = were.get(reloader)
            if was is not verdict:
                yield f"{when}, {reloader}: {was.value if was else 'unknown'} → {verdict.value}"


def _outcomes(found: Measured) -> str:
    words = []
    for reloader, before in found.before.items():
        after = found.after.get(reloader)
        words.append(f"{reloader} {before.value}" + (f" → {after.value}" if after else ""))
    return ", ".join(words)
