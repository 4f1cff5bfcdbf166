"""Does a file look at the names of its own module all together, so that a new one is noticed?"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from reloadlint.facts.index import Index

if TYPE_CHECKING:
    from reloadlint.facts.imports import Names

# What is done with a namespace, or is asked of it, by one name at a time.
_ONE_NAME: Final = frozenset({"get", "setdefault", "update", "pop", "__getitem__", "__setitem__"})
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
