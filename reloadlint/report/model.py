"""What a report is about, whatever its format."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from reloadlint.errors import SyntaxFailure
from reloadlint.finding import Applicability, Finding, Position
from reloadlint.source import SourceFile

if TYPE_CHECKING:
    from reloadlint.rule import Rule
    from reloadlint.survey import Module

SYNTAX_ERROR = "syntax-error"


@dataclass(frozen=True)
class Report:
    """The findings of one run, in the order in which they are shown.

    `sources` holds, by `shown_path`, the text of each file or cell that has findings. `fixed` is
    the number of findings that are gone, and `deed` what was done to them; the fixes of the others
    are available with `unsafe_fixes` or without.
    `rules` gives the known rules, loaded when a format asks; `errors` says what could not be done;
    `survey` gives all modules of the run.
    """

    findings: tuple[Finding, ...] = ()
    sources: Mapping[str, SourceFile] = field(default_factory=dict)
    files: int = 0
    fixed: int = 0
    deed: str = "fixed"
    unsafe_fixes: bool = False
    rules: Callable[[], Sequence[type[Rule]]] = tuple
    errors: tuple[str, ...] = ()
    survey: Callable[[], Sequence[Module]] = tuple

    def source(self, finding: Finding) -> SourceFile | None:
        """The text that the finding is in, if it is at hand."""
        return self.sources.get(finding.shown_path)

    def is_fixable(self, finding: Finding) -> bool:
        """True where `--fix` with the options of this run applies the fix of the finding."""
        fix = finding.fix
        if fix is None:
            return False
        return fix.applicability is Applicability.SAFE or (
            self.unsafe_fixes and fix.applicability is Applicability.UNSAFE
        )


def syntax_error(failure: SyntaxFailure) -> Finding:
    """The diagnostic for text that CPython refuses: a finding like others, but of no rule."""
    place = Position(max(failure.line, 1), max(failure.column, 1))
    return Finding(
        path=failure.path,
        code=SYNTAX_ERROR,
        name=SYNTAX_ERROR,
        message=failure.reason,
        start=place,
        end=Position(place.line, place.column + 1),
        statement_line=place.line,
    )
