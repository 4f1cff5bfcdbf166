"""Does a file look at the names of its own module all together? Does it make some unseen?"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from reloadlint.facts.index import Index

if TYPE_CHECKING:
    from reloadlint.facts.imports import Names

# What is done with a namespace, or is asked of it, by one name at a time.
_ONE_NAME: Final = frozenset({"get", "setdefault", "update", "pop", "__getitem__", "__setitem__"})
# What a namespace is asked, and is not changed by.
_READS: Final = frozenset({"__contains__", "__getitem__", "copy", "get", "items", "keys", "values"})
_LISTS_CALLER: Final = frozenset({"builtins.dir", "builtins.vars", "builtins.locals"})


def lists_its_names(index: Index, names: Names) -> str | None:
    """The call that gives all module-level names at once; None where there is none.

    `globals()["x"]` and `globals().get("x")` ask for one name, and do not count.
    """
    for use in (use for scope in index.scope_of.values() for use in scope.uses.get("globals", ())):
        if not _asks_one_name(index, use):
            return "globals()"
    for name in ("dir", "vars", "locals"):
        for use in index.module.uses.get(name, ()):
            call = index.parent.get(use)
            is_call = isinstance(call, ast.Call) and call.func is use and not call.args
            if is_call and names.qualified(ast.Name(name, ast.Load())) in _LISTS_CALLER:
                return f"{name}()"
    return None


def _asks_one_name(index: Index, use: ast.AST) -> bool:
    call = index.parent.get(use)
    if not isinstance(call, ast.Call) or call.func is not use:
        return False
    around = index.parent.get(call)
    if isinstance(around, ast.Subscript):
        return around.value is call
    if isinstance(around, ast.Compare):
        return call in around.comparators  # `"x" in globals()`
    return isinstance(around, ast.Attribute) and around.attr in _ONE_NAME


def makes_names(index: Index, names: Names) -> bool:
    """True where the module may get names that no statement shows: `globals().update(…)`, `exec`.

    Not for what other files do to it, nor for one that looks itself up in `sys.modules`.
    """
    for scope in index.scope_of.values():
        if "exec" in scope.uses and names.is_builtin("exec"):
            return True
        own = ("globals", "locals", "vars") if scope.runs_at_import else ("globals",)
        for use in (use for name in own for use in scope.uses.get(name, ())):
            if isinstance(use, ast.Name) and names.is_builtin(use.id) and _may_write(index, use):
                return True
    return False


def mentions_its_names(index: Index, names: Names) -> bool:
    """True where the file names anything by which it could make names that no statement shows."""
    return any(
        name in scope.uses and names.is_builtin(name)
        for scope in index.scope_of.values()
        for name in ("globals", "exec", "vars")
    )


def _may_write(index: Index, use: ast.AST) -> bool:
    """False for what only asks the namespace something."""
    call = index.parent.get(use)
    if not isinstance(call, ast.Call) or call.func is not use:
        return True
    if call.args:
        return False  # `vars(m)` is the namespace of another
    around = index.parent.get(call)
    if isinstance(around, ast.Subscript):
        return not isinstance(around.ctx, ast.Load)
    if isinstance(around, ast.Compare):
        return False
    return not (isinstance(around, ast.Attribute) and around.attr in _READS)
