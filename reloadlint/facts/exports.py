"""The names that a module gives to `from module import *`."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from reloadlint.facts.index import is_binding, is_deletion
from reloadlint.facts.namespace import makes_names

if TYPE_CHECKING:
    from reloadlint.facts import FileFacts

_MAX_DEPTH = 8  # star imports that are followed
_OWN_MODULE = ("modules[__name__]", "import_module(__name__)", "__import__(__name__)")


def exported_names(facts: FileFacts) -> frozenset[str] | None:
    """What the module's `__all__` lists; None where it has none, or one that is computed."""
    found: set[str] = set()
    uses = facts.index.module.uses.get("__all__", ())
    for use in uses:
        statement = facts.index.parent.get(use)
        if isinstance(statement, (ast.Assign, ast.AnnAssign, ast.AugAssign)):
            if facts.index.parent.get(statement) is not facts.tree or statement.value is use:
                return None
            if statement.value is None:
                continue
            names = _strings(statement.value)
            if names is None:
                return None
            if not isinstance(statement, ast.AugAssign):
                found.clear()
            found.update(names)
        elif not isinstance(use, ast.Name) or isinstance(statement, ast.Attribute):
            return None
    return frozenset(found) if uses and "__all__" not in facts.index.globals else None


def _strings(node: ast.expr) -> list[str] | None:
    """The strings of a list or tuple, or of a sum of them, that is written out."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = _strings(node.left), _strings(node.right)
        return None if left is None or right is None else left + right
    if not isinstance(node, (ast.List, ast.Tuple)):
        return None
    values = [part.value for part in node.elts if isinstance(part, ast.Constant)]
    strings = [value for value in values if isinstance(value, str)]
    return strings if len(strings) == len(node.elts) else None


def star_names(facts: FileFacts, depth: int = 0) -> dict[str, bool] | None:
    """What `from module import *` gives, each name with whether it surely does.

    None where the module makes names in ways that its text does not show.
    """
    if depth > _MAX_DEPTH or any(word in facts.source.text for word in _OWN_MODULE):
        return None
    if makes_names(facts.index, facts.names):
        return None
    listed = exported_names(facts)
    bindings, by_functions = facts.index.module.bindings, sorted(facts.index.globals)
    names = dict.fromkeys((*filter(bindings.get, bindings), *by_functions))
    if "__all__" in (*facts.index.module.uses, *by_functions) and listed is None:
        return None
    found = {name: _is_sure(facts, name) for name in names}
    for taken in facts.imports:
        if taken.is_star:
            source = facts.imported(facts.absolute(taken.module))
            inner = star_names(source, depth + 1) if source is not None else None
            if source is None or inner is None:
                return None
            # In a cycle of imports, it may give what it has so far.
            is_top = facts.index.parent.get(taken.node) is facts.tree
            is_whole = is_top and not facts.project.imports_back(source.module, facts)
            for name, is_sure in inner.items():
                found.setdefault(name, is_sure and is_whole)
    if listed is not None:
        return {name: found.get(name, False) for name in listed}
    found.pop("*", None)  # the index enters a star import by this name
    return {name: is_sure for name, is_sure in found.items() if not name.startswith("_")}


def _is_sure(facts: FileFacts, name: str) -> bool:
    if name in facts.index.globals:
        return False
    uses = facts.index.module.uses[name]
    if any(map(is_deletion, uses)):
        return False
    return any(_statement_of(facts, use) in facts.tree.body for use in uses if is_binding(use))


def _statement_of(facts: FileFacts, use: ast.AST) -> ast.stmt | None:
    """The statement that surely binds `use` when it is run; a loop may not."""
    around: Iterator[ast.AST] = iter((use, *facts.index.ancestors(use)))
    found = next((up for up in around if isinstance(up, ast.stmt)), None)
    kinds = (ast.Assign, ast.AnnAssign, ast.Import, ast.ImportFrom)
    definitions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return found if isinstance(found, (*kinds, *definitions)) else None
