"""Does a fixed text keep what its fixes promise? `compile`, `symtable` and tokens tell."""

from __future__ import annotations

import io
import symtable
import tokenize
import warnings
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from reloadlint.facts import collect
from reloadlint.facts.scopes import function_tables
from reloadlint.finding import Finding, Move
from reloadlint.source import SourceFile
from reloadlint.suppression import without_directives

if TYPE_CHECKING:
    from reloadlint.config import Config


def broken_promise(
    old: SourceFile, new: SourceFile, fixed: Sequence[Finding], config: Config
) -> str | None:
    """The first promise that `new` does not keep, in words; None where it keeps all."""
    error = _compile_error(new)
    if error is not None:
        return f"the fixed text does not compile: {error}"
    if _declared_encoding(new) != _declared_encoding(old):
        return "the file would be read in another encoding"
    is_on_comments = any(finding.fix and finding.fix.on_comments for finding in fixed)
    comments, kept = (_comments(each.text, is_on_comments) for each in (old, new))
    if comments is None or kept is None:
        return "whether a comment is lost cannot be told"
    if comments != kept:
        return "a comment would be lost or doubled"
    moves = [move for finding in fixed if finding.fix for move in finding.fix.moves]
    if not moves:
        return None
    before, after = collect(old, config), symtable.symtable(new.text, new.path, "exec")
    tables = {table.get_name(): table for table in after.get_children()}
    origins = {before.span(node)[0]: node for node in reversed(before.index.functions)}
    for move in moves:
        original = before.symbol_table(origins[move.origin])
        reason = _changed_meaning(original, move, tables.get(move.name))
        if reason is not None:
            return reason
    return None


def _compile_error(source: SourceFile) -> str | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(source.text, source.path, "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return str(error) or type(error).__name__
    return None


def _declared_encoding(source: SourceFile) -> str:
    """How CPython would decode the file: a `coding` counts on its first two lines only."""
    try:
        return tokenize.detect_encoding(io.BytesIO(source.encode(source.text)).readline)[0]
    except (SyntaxError, UnicodeError):
        return ""  # a text that cannot be written is refused by who writes it


def _comments(text: str, without_suppressions: bool) -> Counter[str] | None:
    """How often there is each comment; None where `tokenize` does not take what CPython takes."""
    found: Counter[str] = Counter()
    stream = io.StringIO(text, newline=None)  # else a lone carriage return would end no comment
    try:
        for token in tokenize.generate_tokens(stream.readline):
            if token.type == tokenize.COMMENT:
                comment = token.string.rstrip()
                found[without_directives(comment) if without_suppressions else comment] += 1
    except (tokenize.TokenError, SyntaxError):
        return None  # such as a line that starts with a backslash, before 3.12
    found.pop("", None)
    return found


def _changed_meaning(
    original: symtable.SymbolTable | None, move: Move, moved: symtable.SymbolTable | None
) -> str | None:
    """A name of the moved body that no longer means what it meant; None where all still do."""
    if moved is None or original is None:
        return f"`{move.name}` is not at module level"
    if move.is_part:
        return _compare_part(original, moved, frozenset(move.captures))
    return _compare(original, moved, frozenset(move.captures), is_top=True)


def _compare_part(
    old: symtable.SymbolTable, new: symtable.SymbolTable, captures: frozenset[str]
) -> str | None:
    """As `_compare`, of a function to which a part of another has moved."""
    old_names = set(old.get_identifiers())
    for name in sorted(new.get_identifiers()):
        if name not in old_names:
            return f"`{name}` is new in the moved body"
        meant, means = _meaning(old.lookup(name)), _meaning(new.lookup(name))
        expected = "parameter" if name in captures else "local" if meant == "parameter" else meant
        if means != expected:
            return f"`{name}` was {meant} and would be {means}"
    names = [table.get_name() for table in function_tables(old)]
    inner = [table.get_name() for table in function_tables(new)]
    return "the functions in the moved body differ" if Counter(inner) - Counter(names) else None


def _compare(
    old: symtable.SymbolTable, new: symtable.SymbolTable, captures: frozenset[str], is_top: bool
) -> str | None:
    old_names, new_names = set(old.get_identifiers()), set(new.get_identifiers())
    if new_names - old_names:
        return f"`{min(new_names - old_names)}` is new in the moved body"
    for name in sorted(old_names):
        if name not in new_names:
            return f"`{name}` is lost from the moved body"
        meant, means = _meaning(old.lookup(name)), _meaning(new.lookup(name))
        expected = "parameter" if is_top and name in captures else meant
        if means != expected:
            return f"`{name}` was {meant} and would be {means}"
    inner_old, inner_new = list(function_tables(old)), list(function_tables(new))
    if [t.get_name() for t in inner_old] != [t.get_name() for t in inner_new]:
        return "the functions in the moved body differ"
    for one, other in zip(inner_old, inner_new, strict=True):
        reason = _compare(one, other, captures, is_top=False)
        if reason is not None:
            return reason
    return None


def _meaning(symbol: symtable.Symbol) -> str:
    if symbol.is_parameter():
        return "parameter"
    if symbol.is_free():
        return "captured"
    if symbol.is_global():
        return "global"
    return "local"
