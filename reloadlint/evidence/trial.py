"""An example and an edit → the jobs of an experiment; what came out → its word."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from reloadlint.evidence.experiment import Answer, Job
from reloadlint.rule import Evidence, Example, Look, Rule, TypedEdit
from reloadlint.verdicts import Verdict

_LACKS_NAME = ("NameError: ", "UnboundLocalError: ", "AttributeError: ", "ImportError: ")


@dataclass(frozen=True)
class Trial:
    """One edit of one example of a rule; `example` and `edit` count from one."""

    code: str
    example: int
    edit: int
    subject: Example
    typed: TypedEdit

    @property
    def evidence(self) -> Evidence:
        """What the program holds, and how to look."""
        assert self.subject.evidence is not None
        return self.subject.evidence

    @property
    def looks_at(self) -> Look:
        """What the probe shows."""
        return self.typed.looks_at or self.evidence.looks_at

    @property
    def texts(self) -> dict[str, str]:
        """The bad text as `before`, and the good one, where there is one, as `after`."""
        good = self.subject.good
        return {"before": self.subject.before, **({} if good is None else {"after": good})}

    @property
    def digest(self) -> str:
        """Changes with whatever could change what comes out."""
        example = replace(self.subject, evidence=None, unsafe=False, settings=())
        parts = (example, self.typed, self.looks_at, replace(self.evidence, edits=()))
        return hashlib.sha256(repr(parts).encode()).hexdigest()[:12]

    def jobs(self, when: str) -> Jobs:
        """The runs with the text of `before` or `after`; ValueError where the edit does not fit."""
        files = {**dict(self.subject.helpers), self.subject.path: self.texts[when]}
        file = self.typed.file or self.subject.path
        old, new = self.typed.old, self.typed.new
        if when == "after" and self.typed.fixed is not None:
            old, new = self.typed.fixed
        if self.evidence.backwards:
            old, new = new, old
        if files[file].count(old) != 1:
            raise ValueError(f"{self}: {old!r} is not to be typed at one place of the {when} text")
        other = {**files, file: self.typed.carry_on(files[file].replace(old, new))}
        first, second = (other, files) if self.evidence.backwards else (files, other)
        return Jobs(
            v1=self._job(first, {}),
            v2=self._job(second, {}),
            reload=self._job(first, {file: second[file]}),
        )

    def _job(self, files: Mapping[str, str], edited: Mapping[str, str]) -> Job:
        return {
            "files": files,
            "edited": edited,
            "module": self.subject.module,
            "hold": self.evidence.hold,
            "probe": self.typed.probe or self.evidence.probe,
        }

    def verdict(self, v1: Answer, v2: Answer, found: Answer) -> Verdict:
        """The word for what was found; rules/README.md defines each.

        Raises ValueError where the control runs cannot give it a meaning.
        """
        self._check_controls(v1, v2)
        by_code = self.looks_at in ("code", "count")
        if "crash" in found:
            return Verdict.CRASH
        if "failed" in found:
            return Verdict.FRESH if self._is_gone(v2, found) else Verdict.ERROR
        if found == v2:
            return Verdict.FRESH if by_code else Verdict.KEPT
        if self.looks_at == "count" and found["size"] > v2.get("size", 0):
            return Verdict.DUP
        if found == v1:
            return Verdict.KEPT if self.typed.kind == "state" else Verdict.STALE
        return Verdict.LOST if self.looks_at in ("state", "count") else Verdict.SPLIT

    def _is_gone(self, v2: Answer, found: Answer) -> bool:
        """True where v2 lacks a name, and the reference asks for that name in vain, too.

        Where the flagged text is what the edit leads to, that it fails is what is wrong with it.
        """
        return found == v2 and not self.evidence.backwards

    def _check_controls(self, v1: Answer, v2: Answer) -> None:
        lacks_name = self.typed.kind == "removed" and v2.get("failed", "").startswith(_LACKS_NAME)
        if "value" not in v1 or not ("value" in v2 or lacks_name):
            raise ValueError(f"{self}: a control run failed: {v1}, {v2}")
        if self.looks_at == "code" and v1 == v2:
            raise ValueError(f"{self}: the probe cannot tell the two texts apart: {v1}")

    def __str__(self) -> str:
        return f"{self.code}, example {self.example}, edit {self.edit} ({self.typed.kind})"


@dataclass(frozen=True)
class Jobs:
    """The two control runs, and the reload."""

    v1: Job
    v2: Job
    reload: Job


def trials(rules: Sequence[type[Rule]]) -> Iterator[Trial]:
    """All experiments that the rules declare."""
    for rule in rules:
        for number, example in enumerate(rule.examples, 1):
            edits = example.evidence.edits if example.evidence else ()
            for edit, typed in enumerate(edits, 1):
                yield Trial(rule.code, number, edit, example, typed)
