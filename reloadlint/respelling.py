"""Does a text in which some names are written otherwise still mean the same? `symtable` tells.

The trees of both texts must be equal but for the promised expressions and for imports; and what the
promised expressions start with must be a global, bound by an import, wherever they stand.
"""

from __future__ import annotations

import ast
import symtable
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import zip_longest

from reloadlint.finding import Respelling
from reloadlint.source import SourceFile

_IMPORTS = (ast.Import, ast.ImportFrom)


def changed_meaning(old: SourceFile, new: SourceFile, promises: Sequence[Respelling]) -> str | None:
    """What would mean something else, in words; None where all means the same.

    `new` is `old` with the promised respellings, and nothing else but their imports.
    """
    trees = _Trees(old, promises)
    reason = trees.difference(ast.parse(old.text), ast.parse(new.text))
    if reason is not None:
        return reason
    if trees.pending:
        return f"`{min(trees.pending.values()).old}` is not where it was to be respelled"
    names = [promise for promise in promises if promise.old.isidentifier()]
    heads = {promise.new.partition(".")[0] for promise in names}
    gone = {promise.old for promise in names}
    # `super(C, self)` has the `__class__` cell already; what `super()` lacks is the name.
    omitted = {name for promise in promises if promise not in names for name in _names(promise.old)}
    tables = [symtable.symtable(source.text, source.path, "exec") for source in (old, new)]
    return _compare(tables[0], tables[1], _Changed(gone, heads, omitted))


@dataclass(frozen=True)
class _Changed:
    """Names in `gone` became `heads`; those in `omitted` may be missing where they were read."""

    gone: Set[str]
    heads: Set[str]
    omitted: Set[str]


def _names(text: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(text, mode="eval")):
        if isinstance(node, ast.Name):
            yield node.id


class _Trees:
    """Walks two trees side by side; `pending` are the promises, by offset, not met so far."""

    def __init__(self, old: SourceFile, promises: Sequence[Respelling]) -> None:
        self._old = old
        self.pending: dict[int, Respelling] = {promise.start: promise for promise in promises}

    def difference(self, old: object, new: object) -> str | None:
        """What differs that was not promised."""
        if isinstance(old, ast.expr) and self._is_kept_promise(old, new):
            return None
        if isinstance(old, ast.Module) and isinstance(new, ast.Module):
            bodies = [[s for s in tree.body if not isinstance(s, _IMPORTS)] for tree in (old, new)]
            return self._lists(bodies[0], bodies[1])
        if isinstance(old, ast.Constant) and isinstance(new, ast.Constant):
            return self._constants(old, new)
        if isinstance(old, list) and isinstance(new, list):
            return self._lists(old, new)
        if isinstance(old, ast.AST) and type(old) is type(new):
            pairs = ((getattr(old, f, None), getattr(new, f, None)) for f in old._fields)
            return next((r for pair in pairs if (r := self.difference(*pair))), None)
        return None if old == new else f"`{_shown(old)}` would become `{_shown(new)}`"

    def _lists(self, old: Sequence[object], new: Sequence[object]) -> str | None:
        pairs = zip_longest(old, new)
        return next((reason for pair in pairs if (reason := self.difference(*pair))), None)

    def _is_kept_promise(self, old: ast.expr, new: object) -> bool:
        if not isinstance(new, ast.expr):
            return False
        start = self._old.offset(old.lineno, old.col_offset)
        promise = self.pending.get(start)
        if promise is None or _dump(promise.old) != ast.dump(old):
            return False
        if _dump(promise.new) != ast.dump(new):
            return False
        del self.pending[start]
        return True

    def _constants(self, old: ast.Constant, new: ast.Constant) -> str | None:
        """Strings may hold promises too: in quoted annotations and doctests."""
        if type(old.value) is type(new.value) and old.value == new.value:
            return None
        start = self._old.offset(old.lineno, old.col_offset)
        end = self._old.offset(old.end_lineno or 1, old.end_col_offset or 0)
        text = self._old.text[start:end]
        for offset in sorted((o for o in self.pending if start <= o < end), reverse=True):
            promise = self.pending[offset]
            at = offset - start
            if text[at : at + len(promise.old)] == promise.old:
                text = text[:at] + promise.new + text[at + len(promise.old) :]
                del self.pending[offset]
        if isinstance(old.value, str) and ast.literal_eval(text) == new.value:
            return None
        return f"the string {_shown(old)} would become {_shown(new)}"


def _dump(text: str) -> str:
    return ast.dump(ast.parse(text, mode="eval").body)


def _shown(node: object) -> str:
    text = ast.unparse(node) if isinstance(node, ast.AST) else str(node)
    return text if len(text) <= 40 else text[:40] + "…"


def _compare(old: symtable.SymbolTable, new: symtable.SymbolTable, changed: _Changed) -> str | None:
    """A name that means something else in one of the scopes."""
    before, after = _meanings(old), _meanings(new)
    gone, heads = changed.gone, changed.heads
    is_module = old.get_type() == "module"
    for name in sorted(before.keys() | after.keys()):
        meant, means = before.get(name), after.get(name)
        if meant == means or (is_module and {name} <= gone | heads):
            continue
        # Since 3.12 a scope lists what the comprehensions in it bind, unless it reads a global of
        # that name: nothing else can bind there what was global before, as the trees are equal.
        if means in {None, "local"} and name in gone | changed.omitted and meant == "global":
            continue
        if meant is None and name in heads and means == "global":
            continue
        if is_module and meant is None and new.lookup(name).is_imported():
            continue  # what a star import has given is imported by name
        return f"`{name}` was {meant or 'unknown'} and would be {means or 'unknown'}"
    if (gone & before.keys()) - after.keys() and not heads & after.keys() and not is_module:
        return f"`{min(gone & before.keys())}` would be lost"
    pairs = zip_longest(old.get_children(), new.get_children())
    for one, other in pairs:
        if one is None or other is None or one.get_name() != other.get_name():
            return "the functions differ"
        reason = _compare(one, other, changed)
        if reason is not None:
            return reason
    if is_module:
        return next(_unbound(new, heads, gone), None)
    return None


def _unbound(module: symtable.SymbolTable, heads: Set[str], gone: Set[str]) -> Iterator[str]:
    """Heads that no import binds, or that something else binds as well."""
    names = set(module.get_identifiers())
    for head in sorted(heads):
        if head not in names or not module.lookup(head).is_imported():
            yield f"`{head}` is not imported"
    for name in sorted(gone & names - heads):
        if module.lookup(name).is_imported() or module.lookup(name).is_assigned():
            yield f"`{name}` is still bound"


def _meanings(table: symtable.SymbolTable) -> Mapping[str, str]:
    return {symbol.get_name(): _meaning(symbol) for symbol in table.get_symbols()}


def _meaning(symbol: symtable.Symbol) -> str:
    if symbol.is_parameter():
        return "parameter"
    if symbol.is_free():
        return "captured"
    return "global" if symbol.is_global() else "local"
