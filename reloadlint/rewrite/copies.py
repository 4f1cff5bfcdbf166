"""What stands against reading a copied name from its module instead."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Final

from reloadlint.facts import FileFacts
from reloadlint.facts.from_imports import FromImport
from reloadlint.facts.index import is_binding, is_deletion
from reloadlint.facts.neighbours import packages_of
from reloadlint.facts.nodes import FORMATTED
from reloadlint.rewrite.in_strings import (
    NotPlainError,
    Span,
    is_text_block,
    names_it,
    spans_in_strings,
    strings_with,
)
from reloadlint.rewrite.refusal import ImportCaution, ImportReason, Refused

_EVALUATORS: Final = ("eval", "exec")
_LOOKUPS: Final = ("globals", "vars", "locals", "getattr", "sys.modules")
_OWN_MODULE: Final = ("sys.modules", "import_module", "__import__")


def spans_of(facts: FileFacts, copy: FromImport) -> list[Span]:
    """Every place in the text that reads the copy.

    Raises NotPlainError where one of them stands in a string that is not to be rewritten.
    """
    found = [facts.span(reference.node) for reference in copy.references]
    return [*found, *spans_in_strings(facts, copy.name)]


def refusal_of_copy(facts: FileFacts, copy: FromImport) -> Refused | None:
    """Why the copy cannot go."""
    name = copy.name
    if facts.index.parent.get(copy.statement) is not facts.tree:
        return Refused(ImportReason.CONDITIONAL, name)
    if copy.alias.asname == copy.alias.name or is_exported(facts, name):
        return Refused(ImportReason.EXPORTED, name)
    if facts.is_package and not name.startswith("_"):
        return Refused(ImportReason.OFFERED, name)
    if _is_assigned_in_class(facts, name):
        return Refused(ImportReason.ASSIGNED_IN_CLASS, name)
    if not _is_written_plainly(facts, copy):
        return Refused(ImportReason.IN_STRING, name)
    mention = facts.project.use_outside(facts, name)
    if mention is not None:
        return Refused(ImportReason.USED_OUTSIDE, name, mention)
    return None


def is_exported(facts: FileFacts, name: str) -> bool:
    """True where `__all__` has the name, or may have it."""
    names = facts.exported_names
    return "__all__" in facts.index.module.uses and (names is None or name in names)


def _is_assigned_in_class(facts: FileFacts, name: str) -> bool:
    """There it is the global up to the assignment, and the class's own from then on."""
    return any(
        isinstance(scope.node, ast.ClassDef)
        and scope.binds(name)
        and any(isinstance(use, ast.Name) and isinstance(use.ctx, ast.Load) for use in uses)
        for scope in facts.index.scope_of.values()
        if (uses := scope.uses.get(name))
    )


def _is_written_plainly(facts: FileFacts, copy: FromImport) -> bool:
    try:
        spans = spans_of(facts, copy)
    except NotPlainError:
        return False
    is_there = all(facts.source.text[slice(*span)] == copy.name for span in spans)
    is_private = copy.name.startswith("__") or copy.definition.name.startswith("__")
    formatted = (_string_around(facts, reference.node) for reference in copy.references)
    return (
        is_there
        and not (is_private and not copy.name.endswith("__"))
        and all(
            string is None or _is_exact(facts, string, reference.node)
            for string, reference in zip(formatted, copy.references, strict=True)
        )
    )


def _string_around(facts: FileFacts, node: ast.AST) -> ast.expr | None:
    """The outermost f-string around a node."""
    found = [up for up in facts.index.ancestors(node) if isinstance(up, FORMATTED)]
    return found[-1] if found else None


def _is_exact(facts: FileFacts, string: ast.expr, node: ast.Name) -> bool:
    """True where the place of a name within an f-string is right, which before 3.12 it may not be.

    Not so for `{f=}`, which shows the text, nor in a template, which keeps it.
    """
    start, end = facts.span(string)
    at = facts.span(node)[0] - start
    text = facts.source.text[start:end]
    fresh = "_reloadlint_" + node.id
    if not isinstance(string, ast.JoinedStr):
        return False
    number = [n for n in ast.walk(string) if isinstance(n, ast.Name)].index(node)
    try:
        old = ast.parse(f"({text})", mode="eval")
        new = ast.parse(f"({text[:at]}{fresh}{text[at + len(node.id) :]})", mode="eval")
    except (SyntaxError, ValueError):
        return False
    [n for n in ast.walk(old) if isinstance(n, ast.Name)][number].id = fresh
    return ast.dump(old) == ast.dump(new)


def caution_about_copy(facts: FileFacts, copy: FromImport, head: str) -> str:
    """The first thing that a program might notice; empty where there is none.

    `head` is the name by which the module is to be reached.
    """
    return next(_cautions(facts, copy, head), "")


def _cautions(facts: FileFacts, copy: FromImport, head: str) -> Iterator[str]:
    definition, project = copy.definition, facts.project
    chain = [*definition.via, (definition.facts, definition.name)]
    is_several = len(definition.bindings) > 1
    for owner, _ in chain:
        if project.imports_back(owner.module, facts, deferred=is_several):
            yield ImportCaution.CYCLE.text(owner.module)
    started = {definition.facts.module, *packages_of(definition.facts.module)}
    for owner, _ in definition.via:
        if owner.module not in started:
            yield ImportCaution.SIDE_EFFECTS.text(owner.module)
    for owner, name in chain:
        if _is_rebound(owner, name):
            yield ImportCaution.REBOUND.text(name)
        if "sys.modules[__name__]" in owner.source.text:
            yield ImportCaution.REPLACED_MODULE.text(owner.module)
    yield from _cautions_about_texts(facts, copy, head)
    for owner, name in chain:
        mention = project.rebinding_outside(owner, name)
        if mention is not None:
            yield ImportCaution.PATCHED.text(name, mention)


def _is_rebound(owner: FileFacts, name: str) -> bool:
    uses = owner.index.module.uses.get(name, ())
    if any(map(is_deletion, uses)):
        return True
    scopes = (s for s in owner.index.scope_of.values() if name in s.globals)
    return any(is_binding(use) for scope in scopes for use in scope.uses.get(name, ()))


def _cautions_about_texts(facts: FileFacts, copy: FromImport, head: str) -> Iterator[str]:
    for star in facts.star_imports:
        for name in (copy.name, head):
            if star.statement is not copy.statement and star.may_give(name):
                yield ImportCaution.STAR.text(name)
    if facts.lists_its_names is not None:
        yield ImportCaution.NAMESPACE.text(facts.lists_its_names)
    for evaluator in _EVALUATORS:
        if facts.names.is_builtin(evaluator) and _is_used(facts, evaluator):
            yield ImportCaution.EVALUATED.text(evaluator)
    looks_up = any(word in facts.source.text for word in _LOOKUPS)
    for string in strings_with(facts, copy.name):
        up = facts.index.parent.get(string)
        is_handed = isinstance(up, (ast.Call, ast.keyword, ast.Subscript))
        if (is_handed or looks_up) and not is_text_block(facts, string):
            if names_it(string, copy.name) and not _is_rewritten(facts, copy, string):
                yield ImportCaution.NAMED.text(copy.name)
    if any(facts.index.attributes(copy.name)) and _reaches_itself(facts):
        yield ImportCaution.NAMED.text(copy.name)
    if re.search(rf"#\s*type:[^\n]*\b{copy.name}\b", facts.source.text):
        yield ImportCaution.TYPE_COMMENT.text(copy.name)


def _reaches_itself(facts: FileFacts) -> bool:
    """True where the file may get hold of its own module, and so of its names as attributes."""
    imported = (
        name
        for taken in facts.imports
        for name in (taken.module, *(f"{taken.module}.{n}" for n, _ in taken.names))
    )
    is_imported = any(facts.absolute(name) == facts.module for name in imported)
    return is_imported or any(word in facts.source.text for word in _OWN_MODULE)


def _is_used(facts: FileFacts, name: str) -> bool:
    return any(name in scope.uses for scope in facts.index.scope_of.values())


def _is_rewritten(facts: FileFacts, copy: FromImport, string: ast.Constant) -> bool:
    start, end = facts.span(string)
    return any(start <= span[0] < end for span in spans_in_strings(facts, copy.name))
