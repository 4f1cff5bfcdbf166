"""Take the star out of `from m import *`: `import m`, and by name what cannot be `m.f`."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from reloadlint.facts import FileFacts
from reloadlint.facts.star_imports import StarCopies
from reloadlint.finding import Fix
from reloadlint.rewrite.copies import is_exported
from reloadlint.rewrite.import_statement import without_names
from reloadlint.rewrite.in_strings import strings_with
from reloadlint.rewrite.qualify import Plan, Qualifier, fix_of, needed_imports
from reloadlint.rewrite.refusal import ImportReason, Refused
from reloadlint.rewrite.route import Route

_WIDTH = 88


def without_star(facts: FileFacts, found: StarCopies, qualifier: Qualifier) -> Fix | Refused:
    """The fix, or why there is none."""
    statement, names = found.star.statement, found.star.names
    if names is None:
        return Refused(ImportReason.UNKNOWN_NAMES, found.source.module)
    plans = [qualifier.plans[copy] for copy in found.copies if copy.is_read_later]
    moved = [plan for plan in plans if plan.refusal is None]
    if not moved:
        return next(plan.refusal for plan in plans if plan.refusal is not None)
    kept = sorted(_kept(facts, found, moved))
    heads = [plan.route.text.partition(".")[0] for plan in moved if isinstance(plan.route, Route)]
    hidden = next((head for head in heads if head in kept), None)
    if hidden is not None:
        return Refused(ImportReason.SAME_NAME, hidden)
    unsure = next((name for name in kept if not names[name]), None)
    if unsure is not None:
        return Refused(ImportReason.UNSURE_NAME, unsure)
    module = "." * statement.level + (statement.module or "")
    lines = [*needed_imports(moved), *([_import(facts, module, kept)] if kept else [])]
    edits = without_names(facts, statement, set(statement.names), lines)
    return edits if isinstance(edits, Refused) else fix_of(facts, moved, edits)


def _kept(facts: FileFacts, found: StarCopies, moved: Sequence[Plan]) -> Iterator[str]:
    """The names that the module is still to have: it reads them, or others take them from here."""
    gone = {plan.copy.name for plan in moved}
    used = {name for scope in facts.index.scope_of.values() for name in scope.uses}
    for name in found.star.names or ():
        if name in gone:
            continue
        is_used = name in used or is_exported(facts, name) or any(strings_with(facts, name))
        if is_used or facts.project.use_outside(facts, name) is not None:
            yield name


def _import(facts: FileFacts, module: str, names: Sequence[str]) -> str:
    line = f"from {module} import {', '.join(names)}"
    if len(line) <= _WIDTH:
        return line
    wrapped = textwrap.wrap(", ".join(names) + ",", _WIDTH - 4, break_long_words=False)
    return facts.source.newline.join(
        [f"from {module} import (", *(f"    {part}" for part in wrapped), ")"]
    )
