"""For other programs: text in, findings or fixed text out. Nothing else of reloadlint is public.

>>> from reloadlint.api import check_source
>>> [finding] = check_source("from threading import Timer\\nTimer(9, lambda: save(1) + 1)\\n")
>>> finding.code, finding.start.line
('RL101', 2)
"""

from __future__ import annotations

import os
from dataclasses import dataclass

from reloadlint import files
from reloadlint.config import Config, discover, enabled, enabled_in, read_config
from reloadlint.errors import ReloadlintError, SyntaxFailure
from reloadlint.facts.project import Project
from reloadlint.finding import Applicability, Confidence, Edit, Finding, Fix, Position, Step
from reloadlint.fix import fix
from reloadlint.lint import LintResult, lint
from reloadlint.registry import load
from reloadlint.report.model import syntax_error
from reloadlint.rule import Rule
from reloadlint.source import SourceFile

__all__ = [
    "Applicability",
    "Confidence",
    "Config",
    "Edit",
    "Finding",
    "Fix",
    "Fixed",
    "Position",
    "ReloadlintError",
    "Step",
    "check_source",
    "discover",
    "fix_source",
    "read_config",
]


@dataclass(frozen=True)
class Fixed:
    """What fixing gave: the new text, what was fixed in it, and what is found in it still.

    `dropped` are findings whose fix failed its verification, each with the reason.
    """

    text: str
    fixed: tuple[Finding, ...]
    findings: tuple[Finding, ...]
    dropped: tuple[tuple[Finding, str], ...]


def check_source(text: str, path: str = "-", config: Config | None = None) -> list[Finding]:
    """The findings in `text`, in the order of their places.

    `path` is where the text stands, or would stand: rules may be off there, and what it imports is
    looked for from there. `config` is `discover(path)` unless it is given. Text that this Python
    does not parse gives one finding with the code `syntax-error`.

    Raises ReloadlintError for a wrong configuration, and where a rule fails.
    """
    source, config, rules, project = _given(text, path, config)
    return list(_findings(lint(source, rules, config, project=project)))


def fix_source(
    text: str, path: str = "-", config: Config | None = None, *, unsafe_fixes: bool = False
) -> Fixed:
    """`text` with its safe fixes, and with `unsafe_fixes` the others, too; writes nothing.

    The parameters and errors are those of `check_source`.
    """
    source, config, rules, project = _given(text, path, config)
    result = fix(source, rules, config, unsafe=unsafe_fixes, project=project)
    findings = _findings(result.result)
    return Fixed(result.text, result.applied, findings, result.dropped)


def _given(
    text: str, path: str, config: Config | None
) -> tuple[SourceFile, Config, tuple[type[Rule], ...], Project]:
    config = (config or discover(path)).in_file(path)
    rules = enabled_in(path, enabled(load(), config), config)
    beside = [path] if os.path.exists(path) else []
    return SourceFile(path, text), config, rules, Project(config, files.read, beside)


def _findings(result: LintResult) -> tuple[Finding, ...]:
    """All findings; raises the first failure that is not the text's own."""
    syntax = [failure for failure in result.failures if isinstance(failure, SyntaxFailure)]
    for failure in result.failures:
        if failure not in syntax:
            raise failure
    return (*map(syntax_error, syntax), *result.findings)
