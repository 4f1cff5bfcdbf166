"""Findings → edits → new text: applied in rounds, and verified before anything is believed.

The parts: `fix` drives the rounds, `_apply` chooses fixes that go together, `_attempt` applies
them, `verify.py` says whether the new text keeps the promises of the fixes.
"""

from __future__ import annotations

import enum
from bisect import bisect_left, bisect_right, insort
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import accumulate
from typing import TYPE_CHECKING

from reloadlint.finding import Applicability, Edit, Finding
from reloadlint.lint import LintResult, lint
from reloadlint.respelling import changed_meaning
from reloadlint.rule import Rule
from reloadlint.source import SourceFile
from reloadlint.verify import broken_promise

if TYPE_CHECKING:
    from reloadlint.config import Config
    from reloadlint.facts.project import Project

MAX_IDLE_ROUNDS = 10  # without fewer findings than before
MAX_TRIED = 10_000_000  # characters in one round, to find out which of the fixes fail
Check = Callable[[SourceFile], LintResult]


class Answer(enum.Enum):
    """What is to be done with one fix; after ALL or QUIT nobody is asked any more."""

    YES = "y"
    NO = "n"
    ALL = "a"
    QUIT = "q"


# Is shown a finding, and the text without and with its fix.
Ask = Callable[[Finding, SourceFile, SourceFile], Answer]
# Which of the findings in a text are to be fixed at all.
Admit = Callable[[SourceFile, Iterable[Finding]], Iterable[Finding]]


@dataclass(frozen=True)
class FixResult:
    """What became of one file.

    `applied`: findings that were fixed. `dropped`: findings whose fix failed verification, and
    why. `result`: what the linter says of the final `text`. `converged`: another run would change
    nothing.
    """

    text: str
    applied: tuple[Finding, ...]
    dropped: tuple[tuple[Finding, str], ...]
    result: LintResult
    converged: bool = True


def fix(  # noqa: PLR0913 -- what stands by name is for the user to choose
    source: SourceFile,
    rules: Sequence[type[Rule]],
    config: Config,
    *,
    unsafe: bool = False,
    screen: bool = True,
    project: Project | None = None,
    ask: Ask | None = None,
    admit: Admit = lambda _, findings: findings,
) -> FixResult:
    """Fix one file's text until nothing changes any more. Writes nothing.

    `screen` and `project` are what `lint` takes. With `ask`, each fix is tried and verified by
    itself, and applied only if the answer is yes. What `admit` leaves out is not fixed.
    """
    check = partial(lint, rules=rules, config=config, screen=screen, project=project)
    allowed = {Applicability.SAFE, *([Applicability.UNSAFE] if unsafe else [])}
    result = check(source)
    applied: list[Finding] = []
    dropped: dict[object, tuple[Finding, str]] = {}
    declined: set[object] = set()
    fewest, idle = len(result.findings) + 1, 0
    while idle < MAX_IDLE_ROUNDS:
        excluded = dropped.keys() | declined
        candidates = [
            finding
            for finding in admit(source, result.findings)
            if finding.fix is not None
            and finding.fix.applicability in allowed
            and not (excluded and _identity(source, finding) in excluded)
        ]
        if not candidates:
            return _result(source, applied, dropped, result)
        if ask is None:
            # Closures in each other take a round each: only what gets nowhere has no end.
            idle = 0 if len(result.findings) < fewest else idle + 1
            fewest = min(fewest, len(result.findings))
            step = _apply(source, result, candidates, check, config)
        else:
            step = _apply(source, result, candidates[:1], check, config)
            answer = ask(step.applied[0], source, step.source) if step.applied else Answer.NO
            if answer is Answer.QUIT:
                return _result(source, applied, dropped, result)
            if answer is Answer.NO:
                declined.add(_identity(source, candidates[0]))
                step = replace(step, source=source, result=result, applied=())
            ask = None if answer is Answer.ALL else ask
        dropped.update((_identity(source, f), (f, reason)) for f, reason in step.dropped)
        source, result = step.source, step.result
        applied += step.applied
    return replace(_result(source, applied, dropped, result), converged=False)


def _result(
    source: SourceFile,
    applied: Iterable[Finding],
    dropped: Mapping[object, tuple[Finding, str]],
    result: LintResult,
) -> FixResult:
    """What was done; of what was dropped in some round, that which is still a finding."""
    left = {_identity(source, finding) for finding in result.findings if dropped}
    reasons = (entry for identity, entry in dropped.items() if identity in left)
    return FixResult(source.text, tuple(applied), tuple(reasons), result)


def _identity(source: SourceFile, finding: Finding) -> object:
    """Tells a finding from others although lines move from round to round."""
    line = source.line(finding.start.line)
    return (finding.code, finding.message, line, finding.start.column)


@dataclass(frozen=True)
class _Step:
    """The text after some fixes, and what was done."""

    source: SourceFile
    result: LintResult
    applied: tuple[Finding, ...] = ()
    dropped: tuple[tuple[Finding, str], ...] = ()


def _apply(
    source: SourceFile,
    result: LintResult,
    candidates: Sequence[Finding],
    check: Check,
    config: Config,
) -> _Step:
    """Apply as many of the candidates as go together, without those that fail by themselves."""
    chosen = list(_without_overlap(candidates))
    attempt = partial(_attempt, source, result, check=check, config=config)
    good, dropped = _sorted_out(chosen, attempt, MAX_TRIED // (len(source.text) + 1) + 10)
    if not good:
        return _Step(source, result, dropped=dropped)
    if len(good) == 1:
        return replace(good[0], dropped=dropped)
    step = attempt([finding for each in good for finding in each.applied])
    # Where they do not go together either, the others have their turn in the next round.
    return replace(step if isinstance(step, _Step) else good[0], dropped=dropped)


def _sorted_out(
    chosen: Sequence[Finding], attempt: Callable[[Sequence[Finding]], _Step | str], most: int
) -> tuple[list[_Step], tuple[tuple[Finding, str], ...]]:
    """What halves of halves of the fixes come to; and those that fail, with the reasons.

    After `most` attempts, what is together in a half that fails is given up together.
    """
    good: list[_Step] = []
    dropped: list[tuple[Finding, str]] = []
    pending, tries = [chosen], 0
    while pending:
        some, tries = pending.pop(), tries + 1
        outcome = attempt(some)
        if isinstance(outcome, _Step):
            good.append(outcome)
        elif len(some) > 1 and tries < most:
            pending += [some[len(some) // 2 :], some[: len(some) // 2]]
        else:
            dropped += [(finding, outcome) for finding in some]
    return good, tuple(dropped)


def _attempt(
    source: SourceFile,
    result: LintResult,
    chosen: Sequence[Finding],
    check: Check,
    config: Config,
) -> _Step | str:
    """The text with the chosen fixes; or the promise that they would break."""
    edits = sorted(dict.fromkeys(edit for f in chosen for edit in _edits(f)), key=_order)
    text = apply_edits(source.text, edits)
    new_source = replace(source, text=text)
    reason = broken_promise(source, new_source, chosen, config) or _respelled(source, chosen)
    if reason is not None:
        return reason
    new_result = check(new_source)
    if len(new_result.failures) > len(result.failures):
        return f"the fixed text fails: {new_result.failures[-1]}"
    if new_result.suppressed < result.suppressed:
        return "a comment would no longer silence what it silences"
    found = Counter((f.code, f.message, new_source.offset_of(f.start)) for f in new_result.findings)
    # Where a line goes, a like finding that nobody fixed may move to its place.
    fixed = {*chosen}
    found -= Counter(_moved(source, [f for f in result.findings if f not in fixed], edits))
    if any(place in found for place in _moved(source, chosen, edits)):
        return "the finding is still there"
    return _Step(new_source, new_result, applied=tuple(chosen))


def _moved(
    source: SourceFile, findings: Sequence[Finding], edits: Sequence[Edit]
) -> list[tuple[str, str, int]]:
    """What tells each finding from others of the text, where it would be after the edits."""
    offsets = moved_offsets([source.offset_of(finding.start) for finding in findings], edits)
    return [(f.code, f.message, offset) for f, offset in zip(findings, offsets, strict=True)]


def _respelled(source: SourceFile, chosen: Sequence[Finding]) -> str | None:
    """What the respellings among the fixes would change, tried without the other fixes."""
    fixes = [f.fix for f in chosen if f.fix is not None and f.fix.respelled]
    if not fixes:
        return None
    edits = sorted({edit for fix in fixes for edit in fix.edits}, key=_order)
    promises = sorted({promise for fix in fixes for promise in fix.respelled})
    alone = replace(source, text=apply_edits(source.text, edits))
    return changed_meaning(source, alone, promises)


def _without_overlap(findings: Iterable[Finding]) -> Iterator[Finding]:
    """The fixes, in order of place, that touch nothing which an earlier one touches."""
    replaced: list[tuple[int, int]] = []  # in order, as are the places of insertions
    inserted: list[int] = []
    seen: set[tuple[Edit, ...]] = set()
    for finding in findings:
        edits = _edits(finding)
        if edits in seen:
            yield finding  # one fix for several findings
        elif not any(_is_taken(edit, replaced, inserted) for edit in edits):
            for edit in edits:
                if edit.start < edit.end:
                    insort(replaced, (edit.start, edit.end))
                else:
                    insort(inserted, edit.start)
            seen.add(edits)
            yield finding


def _edits(finding: Finding) -> tuple[Edit, ...]:
    assert finding.fix is not None
    return finding.fix.edits


def _is_taken(edit: Edit, replaced: Sequence[tuple[int, int]], inserted: Sequence[int]) -> bool:
    """True where one of the other edits touches what this one does; two may insert at one place."""
    before = bisect_left(replaced, (edit.end,))
    if before and replaced[before - 1][1] > edit.start:
        return True
    within = bisect_right(inserted, edit.start)
    return within < len(inserted) and inserted[within] < edit.end


def _order(edit: Edit) -> tuple[int, int]:
    """Insertions stand before the text at their place."""
    return (edit.start, edit.end)


def apply_edits(text: str, edits: Sequence[Edit]) -> str:
    """The text with `edits`, which are sorted and do not overlap."""
    parts: list[str] = []
    offset = 0
    for edit in edits:
        parts += [text[offset : edit.start], edit.text]
        offset = edit.end
    return "".join([*parts, text[offset:]])


def moved_offsets(offsets: Iterable[int], edits: Sequence[Edit]) -> list[int]:
    """Where the characters at `offsets` are after `edits`, which are sorted and replace none."""
    ends = [edit.end for edit in edits]
    grown = (len(edit.text) - (edit.end - edit.start) for edit in edits)
    shifts = [*accumulate(grown, initial=0)]
    return [offset + shifts[bisect_right(ends, offset)] for offset in offsets]
