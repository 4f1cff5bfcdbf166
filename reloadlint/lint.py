"""SourceFile × rules → findings: facts, screen, one libcst walk, suppressions."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from reloadlint.deep import deep_recursion
from reloadlint.errors import ReloadlintError, SyntaxFailure, WalkError
from reloadlint.facts import FileFacts, collect
from reloadlint.facts.excerpts import Excerpt, chain_cost, excerpt, node_count, whole_chunk
from reloadlint.facts.project import Project
from reloadlint.finding import Finding
from reloadlint.limits import NODES, PLACES
from reloadlint.rule import Review, Rule
from reloadlint.source import SourceFile
from reloadlint.suppression import Suppressions
from reloadlint.timing import spent

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
        failures: list[ReloadlintError] = []
        work = _screened(facts, rules, failures) if screen else _everything(facts, rules)
    except SyntaxFailure as failure:
        return LintResult(failures=(failure,))
    findings = _walk(facts, work, failures) if work else []
    return _result(source, rules, config, findings, failures)


_MOST_COPIED: Final = 3_000_000  # characters of one file; libcst needs a second for each million
_CHAINS: Final = "such long chains of calls or operators"
_Work = list[tuple[Excerpt, Sequence[type[Rule]]]]


def _everything(facts: FileFacts, rules: Sequence[type[Rule]]) -> _Work:
    return [(whole_chunk(facts.source, chunk), rules) for chunk in facts.chunks]


def _screened(
    facts: FileFacts, rules: Sequence[type[Rule]], failures: list[ReloadlintError]
) -> _Work:
    """What is to be seen by which rules; rules that crash see nothing."""
    nodes: list[tuple[ast.AST, type[Rule]]] = []
    for rule in rules:
        try:
            with spent(rule.code):
                nodes += [(node, rule) for node in rule.screen(facts)]
        except (ReloadlintError, RecursionError):
            raise  # of the file, not of the rule
        except Exception as error:
            failures.append(WalkError.by(rule.code, facts.source.path, 1, error))
    if not nodes:
        return []
    if len(nodes) > PLACES:
        nodes.sort(key=_place)
        line, reason = _place(nodes[PLACES])[0], f"{PLACES:,} places in one file are enough"
        failures.append(WalkError(facts.source.path, line, "not checked from here on", reason))
        del nodes[PLACES:]
    by_chunk: dict[int, list[tuple[ast.AST, type[Rule]]]] = {}
    for node, rule in nodes:
        number = facts.chunk_at(node.lineno).index  # type: ignore[attr-defined]
        by_chunk.setdefault(number, []).append((node, rule))
    work: _Work = []
    for number, pairs in sorted(by_chunk.items()):
        wanted, concerned = zip(*pairs, strict=True)
        part = excerpt(facts.source, facts.index, facts.chunks[number], wanted)
        work.append((part, list(dict.fromkeys(concerned))))
    return work


def _place(found: tuple[ast.AST, type[Rule]]) -> tuple[int, int]:
    node: Any = found[0]
    return node.lineno, node.col_offset


def _walk(facts: FileFacts, work: _Work, failures: list[ReloadlintError]) -> list[Finding]:
    # Imported here: a file in which no rule can fire is checked without libcst.
    import libcst as cst

    from reloadlint.rewrite.fresh import FreshNames
    from reloadlint.rule import Context
    from reloadlint.walk import walk

    findings: list[Finding] = []
    fresh = FreshNames(facts.source.text, lambda: _starred(facts))
    context = Context(facts.source, facts, facts.config, fresh, findings, {}, cst.Module([]))

    def walk_all() -> None:
        copied = 0
        for part, rules in work:
            copied += (cost := chain_cost(facts.source, part))
            nodes = node_count(part)
            if nodes > NODES or (cost and copied > _MOST_COPIED):
                what = f"{nodes:,} nodes of the syntax tree" if nodes > NODES else _CHAINS
                reason = f"it would take too long to parse {what}"
                failures.append(
                    WalkError(facts.source.path, part.chunk.first_line, "libcst", reason)
                )
                continue
            try:
                failures.extend(walk(context, part, rules))
            except (WalkError, SyntaxFailure) as failure:
                failures.append(failure)

    deep_recursion(walk_all)
    return findings


def _starred(facts: FileFacts) -> frozenset[str]:
    """The names that star imports are known to bring."""
    has_stars = any(imported.is_star for imported in facts.imports)
    stars = facts.star_imports if has_stars else ()
    return frozenset(name for star in stars for name in star.names or ())


def _result(
    source: SourceFile,
    rules: Sequence[type[Rule]],
    config: Config,
    findings: list[Finding],
    failures: list[ReloadlintError],
) -> LintResult:
    wanted = [finding for finding in findings if finding.confidence >= config.min_confidence]
    with spent("suppressions"):
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
