"""Edits of a `from m import a, b`: take names out of it, and put other imports in its place."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence, Set

from reloadlint.facts import FileFacts
from reloadlint.finding import Edit
from reloadlint.rewrite.refusal import ImportReason, Refused


def without_names(
    facts: FileFacts, statement: ast.ImportFrom, gone: Set[ast.alias], instead: Sequence[str]
) -> list[Edit] | Refused:
    """The edits that take `gone` out of a statement of the module, and put lines in front of it.

    A statement without names left is replaced by the lines.
    """
    refusal = why_not_divided(facts, statement, gone)
    if refusal is not None:
        return refusal
    start, end = facts.span(statement)
    newline = facts.source.newline
    if len(gone) < len(statement.names):
        above = "".join(line + newline for line in instead)
        cuts = [Edit(*span, "") for span in _cuts(facts, statement, gone)]
        return [*([Edit(start, start, above)] if above else []), *cuts]
    if instead:
        return [Edit(start, end, newline.join(instead))]
    line_end = facts.source.line_end(statement.end_lineno or statement.lineno)
    rest = facts.source.text[end:line_end]
    return [Edit(start, line_end if not rest.strip() else end + _spaces(rest), "")]


def why_not_divided(
    facts: FileFacts, statement: ast.ImportFrom, gone: Set[ast.alias]
) -> Refused | None:
    """Why the text of the statement cannot lose names, if it cannot."""
    start, end = facts.span(statement)
    text, source = facts.source.text, facts.source
    before = text[source.line_starts[statement.lineno - 1] : start]
    after = text[end : source.line_end(statement.end_lineno or statement.lineno)].strip()
    if before.strip("\ufeff") or (after and not after.startswith("#")):
        return Refused(ImportReason.SHARED_LINE)
    cuts = [(start, end)] if len(gone) == len(statement.names) else _cuts(facts, statement, gone)
    if any("#" in text[slice(*cut)] for cut in cuts):
        return Refused(ImportReason.COMMENT)
    return None


def _cuts(
    facts: FileFacts, statement: ast.ImportFrom, gone: Set[ast.alias]
) -> Iterator[tuple[int, int]]:
    """The text of names in `gone`, each with the comma that is no longer needed."""
    aliases = statement.names
    kept = [i for i, alias in enumerate(aliases) if alias not in gone]
    for i, alias in enumerate(aliases):
        if alias in gone and i < kept[-1]:
            yield facts.span(alias)[0], facts.span(aliases[i + 1])[0]
    if kept[-1] + 1 < len(aliases):
        yield facts.span(aliases[kept[-1]])[1], facts.span(aliases[-1])[1]


def _spaces(text: str) -> int:
    return len(text) - len(text.lstrip(" \t"))
