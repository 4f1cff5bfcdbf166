"""Findings → edits → new text: applied in rounds, and verified before anything is believed.

The parts: `fix` drives the rounds, `_apply` chooses fixes that go together, `_attempt` applies
them, `verify.py` says whether the new text keeps the promises of the fixes.
"""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
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
        candidates = [
            finding
            for finding in admit(source, result.findings)
            if finding.fix is not None
            and finding.fix.applicability in allowed
            and _identity(source, finding) not in dropped
            and _identity(source, finding) not in declined
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
    left = {_identity(source, finding) for finding in result.findings}
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
    step = _attempt(source, result, chosen, check, config)
    if isinstance(step, _Step):
        return step
    alone = [(f, _attempt(source, result, [f], check, config)) for f in chosen]
    dropped = tuple((f, outcome) for f, outcome in alone if isinstance(outcome, str))
    good = [(f, outcome) for f, outcome in alone if isinstance(outcome, _Step)]
    if not good:
        return _Step(source, result, dropped=dropped)
    step = _attempt(source, result, [f for f, _ in good], check, config)
    # Where they do not go together either, the others have their turn in the next round.
    return replace(step if isinstance(step, _Step) else good[0][1], dropped=dropped)


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
    found -= Counter(_moved(source, f, edits) for f in result.findings if f not in fixed)
    if any(_moved(source, finding, edits) in found for finding in chosen):
        return "the finding is still there"
    return _Step(new_source, new_result, applied=tuple(chosen))


def _moved(source: SourceFile, finding: Finding, edits: Sequence[Edit]) -> tuple[str, str, int]:
    """What tells a finding from others of the text, where it would be after the edits."""
    offset = moved_offset(source.offset_of(finding.start), edits)
    return (finding.code, finding.message, offset)


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
    taken: list[Edit] = []
    seen: set[tuple[Edit, ...]] = set()
    for finding in findings:
        edits = _edits(finding)
        if edits in seen:
            yield finding  # one fix for several findings
        elif not any(_overlap(edit, other) for edit in edits for other in taken):
            taken += edits
            seen.add(edits)
            yield finding


def _edits(finding: Finding) -> tuple[Edit, ...]:
    assert finding.fix is not None
    return finding.fix.edits


def _overlap(one: Edit, other: Edit) -> bool:
    if one == other and one.start == one.end:
        return False  # two fixes that need the same import
    return one.start < other.end and other.start < one.end


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


def moved_offset(offset: int, edits: Sequence[Edit]) -> int:
    """Where the character at `offset`, which no edit replaces, is after the edits."""
    return offset + sum(
        len(edit.text) - (edit.end - edit.start) for edit in edits if edit.end <= offset
    )
