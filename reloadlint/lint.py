"""SourceFile × rules → findings: facts, screen, one libcst walk, suppressions."""

from __future__ import annotations

import ast
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reloadlint.deep import deep_recursion
from reloadlint.errors import ReloadlintError, SyntaxFailure, WalkError
from reloadlint.facts import FileFacts, collect
from reloadlint.facts.chunks import Chunk
from reloadlint.facts.project import Project
from reloadlint.finding import Finding
from reloadlint.rule import Review, Rule
from reloadlint.source import SourceFile
from reloadlint.suppression import Suppressions

if TYPE_CHECKING:
    from reloadlint.config import Config


@dataclass(frozen=True)
class LintResult:
    """What one file gave: findings in order of place, and what could not be checked."""

    findings: tuple[Finding, ...] = ()
    failures: tuple[ReloadlintError, ...] = ()
    suppressed: int = 0


def lint(
    source: SourceFile,
    rules: Sequence[type[Rule]],
    config: Config,
    *,
    screen: bool = True,
    project: Project | None = None,
) -> LintResult:
    """Check one file; `project` tells what other files do with what they are handed.

    Nothing is raised for what is wrong with the file: see `LintResult.failures`.
    With `screen=False` libcst walks every statement instead of those in which a rule can fire;
    the findings are the same.
    """
    try:
        return _lint(source, rules, config, screen, project)
    except RecursionError:
        return deep_recursion(lambda: _lint(source, rules, config, screen, project))


def _lint(
    source: SourceFile,
    rules: Sequence[type[Rule]],
    config: Config,
    screen: bool,
    project: Project | None,
) -> LintResult:
    try:
        facts = collect(source, config, project)
        chunks = _screened(facts, rules) if screen else facts.chunks
    except SyntaxFailure as failure:
        return LintResult(failures=(failure,))
    findings, failures = _walk_chunks(facts, chunks, rules) if chunks else ([], [])
    return _result(source, rules, config, findings, failures)


def _screened(facts: FileFacts, rules: Sequence[type[Rule]]) -> list[Chunk]:
    nodes = [node for rule in rules for node in rule.screen(facts)]
    return _chunks_of(facts, nodes)


def _chunks_of(facts: FileFacts, nodes: Iterable[ast.AST]) -> list[Chunk]:
    starts = [chunk.first_line for chunk in facts.chunks]
    wanted = {bisect_right(starts, node.lineno) - 1 for node in nodes}  # type: ignore[attr-defined]
    return [facts.chunks[i] for i in sorted(wanted)]


def _walk_chunks(
    facts: FileFacts, chunks: Sequence[Chunk], rules: Sequence[type[Rule]]
) -> tuple[list[Finding], list[ReloadlintError]]:
    # Imported here: a file in which no rule can fire is checked without libcst.
    import libcst as cst

    from reloadlint.rewrite.fresh import FreshNames
    from reloadlint.rule import Context
    from reloadlint.walk import walk

    findings: list[Finding] = []
    failures: list[ReloadlintError] = []
    fresh = FreshNames(facts.source.text)
    context = Context(facts.source, facts, facts.config, fresh, findings, {}, cst.Module([]))

    def walk_all() -> None:
        for chunk in chunks:
            try:
                walk(context, chunk, rules)
            except (WalkError, SyntaxFailure) as failure:
                failures.append(failure)

    deep_recursion(walk_all)
    return findings, failures


def _result(
    source: SourceFile,
    rules: Sequence[type[Rule]],
    config: Config,
    findings: list[Finding],
    failures: list[ReloadlintError],
) -> LintResult:
    wanted = [finding for finding in findings if finding.confidence >= config.min_confidence]
    comments = Suppressions.of(source)
    kept = [finding for finding in wanted if not comments.covers(finding)]
    # Of a statement that could not be checked nobody knows what there is to silence.
    if comments and not failures:
        review = Review(source, comments, tuple(rules), tuple(wanted))
        found = [finding for rule in rules for finding in rule.review(review)]
        kept += [finding for finding in found if not comments.covers_by_name(finding)]
        wanted += found
    kept.sort(key=lambda finding: finding.sort_key)
    return LintResult(tuple(kept), tuple(failures), suppressed=len(wanted) - len(kept))
