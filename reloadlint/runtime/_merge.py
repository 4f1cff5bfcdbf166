"""Puts the contents of what a statement made anew into the objects that its last run had made."""

from __future__ import annotations

import ast
import contextlib
import functools
from collections.abc import Iterator
from types import CellType, CodeType, FunctionType
from typing import TYPE_CHECKING, Any

from reloadlint.runtime import _classes
from reloadlint.runtime._closures import CannotUpdate, forward
from reloadlint.runtime._journal import CONTAINERS, MISSING

if TYPE_CHECKING:
    from reloadlint.runtime._unit import Unit

LRU_CACHE = type(functools.lru_cache(lambda: None))
_PARTS: dict[type, tuple[str, ...]] = {
    property: ("fget", "fset", "fdel"),
    staticmethod: ("__func__",),
    classmethod: ("__func__",),
}


def merge(unit: Unit, old: Any, new: Any, defines: bool = False, literal: Any = None) -> Any:
    """The object to be bound: the old one where it could take over what the new one is.

    `defines`: both were bound by a definition of the same name, so one succeeds the other.
    `literal`: what the former text put into a container.
    """
    journal = unit.batch.journal
    if old is new or old is MISSING or id(new) in unit.live_ids:
        return new
    if isinstance(old, FunctionType):
        return _merge_function(unit, old, new, defines)
    if isinstance(old, type) and isinstance(new, type):
        return _classes.merge_class(unit, old, new)
    if (isinstance(old, LRU_CACHE) and defines) or type(old) is type(new) is LRU_CACHE:
        return _merge_cache(unit, old, new, defines)
    if type(old) is not type(new):
        return new
    if isinstance(old, CONTAINERS):
        _merge_contents(unit, old, new, literal)
    elif names := _PARTS.get(type(old)):
        before = [getattr(old, name) for name in names]
        after = [merge(unit, getattr(old, n), getattr(new, n), defines) for n in names]
        journal.on_rollback(old.__init__, *before)
        old.__init__(*after)
    elif isinstance(old, functools.partial):
        restore: Any = old.__setstate__  # type: ignore[attr-defined]
        journal.on_rollback(restore, old.__reduce__()[2])
        restore((merge(unit, old.func, new.func), new.args, new.keywords, vars(new) or None))
    elif defines and hasattr(old, "__dict__"):
        for name, value in [*vars(new).items()]:
            journal.set_item(vars(old), name, merge(unit, vars(old).get(name, MISSING), value))
    else:
        return new
    return old


def _merge_function(unit: Unit, old: FunctionType, new: Any, defines: bool) -> Any:
    if not callable(new):
        return new
    if old.__globals__ is not unit.namespace:
        # Generated, as the methods of attrs are: its new code needs its new globals.
        if defines and same_place(old, new) and old.__module__ == unit.name:
            _forward(unit, old, new)
        elif defines and old.__closure__:
            reason = "a closure from another module, and the name means another function now"
            unit.unreached(old, reason, "RL103")
        return new
    if not isinstance(new, FunctionType):
        if defines and not isinstance(new, type):
            _forward(unit, old, new)
        return new
    paired = new.__code__ in (unit.successors.get(old.__code__), old.__code__)
    if not (paired or defines):
        return new
    update_function(unit, old, new, paired)
    return old


def update_function(unit: Unit, old: FunctionType, new: FunctionType, paired: bool = True) -> None:
    """Let the old function do what the new one does."""
    journal, attributes = unit.batch.journal, dict(vars(new))
    fitting: CodeType | FunctionType = new
    if paired or not (old.__code__.co_freevars or new.__code__.co_freevars):
        with contextlib.suppress(CannotUpdate):  # the new function has the captures: forward
            fitting = unit.fitting(old, new.__code__)
    if isinstance(fitting, CodeType):
        journal.set_function(old, fitting, new.__defaults__, new.__kwdefaults__)
        _merge_cells(unit, old, new)
        unit.doubles.append((new, old))
        attributes.setdefault("__wrapped__", MISSING)
    else:
        _forward(unit, old, new)
        attributes["__wrapped__"] = new
    _merge_dict(unit, vars(old), attributes)
    # Annotations are evaluated late from 3.14 on, and may fail when evaluated here.
    late = "__annotate__" if hasattr(new, "__annotate__") else "__annotations__"
    for name in ("__name__", "__qualname__", "__doc__", late):
        if getattr(old, name) != getattr(new, name):
            journal.set_attribute(old, name, getattr(new, name))
    unit.done.add(id(old))


def _forward(unit: Unit, old: FunctionType, target: Any) -> None:
    forward(old, target, unit.batch.journal)
    unit.done.add(id(old))


def _merge_cells(unit: Unit, old: FunctionType, new: FunctionType) -> None:
    mine, state = dict(cells_of(old)), _state_cells(unit, new)
    for name, cell in cells_of(new):
        if name == "__class__" or name not in mine:
            continue
        before, after = contents_of(mine[name]), contents_of(cell)
        if name in state and type(before) is type(after) is not FunctionType:
            continue
        merged = merge(unit, before, after)
        if merged is not before and merged is not MISSING:
            unit.batch.journal.set_attribute(mine[name], "cell_contents", merged)


def _state_cells(unit: Unit, function: FunctionType) -> set[str]:
    """The captures that are state of the closure: not given by whoever made it."""
    scope = unit.new.scopes.get(function.__code__)
    given: set[str] = set()
    written: set[str] = set()
    while scope is not None and (scope := scope.function) is not None:
        for part in ast.walk(scope.node):
            if isinstance(part, ast.arg):
                given.add(part.arg)
            elif isinstance(part, ast.Nonlocal):
                written.update(part.names)
    return (set(function.__code__.co_freevars) - given) | written


def _merge_dict(unit: Unit, old: dict[str, Any], new: dict[str, Any]) -> None:
    for name in [name for name in old if name.startswith("__") and name not in new]:
        unit.batch.journal.set_item(old, name, MISSING)  # `__isabstractmethod__`, for one
    for name, value in new.items():
        before = old.get(name, MISSING)
        if isinstance(value, CONTAINERS) and not value and type(before) is type(value):
            continue  # filled since: a registry of handlers, for one
        unit.batch.journal.set_item(old, name, merge(unit, before, value))


def _merge_cache(unit: Unit, old: Any, new: Any, defines: bool) -> Any:
    if type(new) is not LRU_CACHE:
        unit.unreached(old, "a cache was put on it or taken off", "RL205")
        return new
    if not (isinstance(old.__wrapped__, FunctionType) and callable(new.__wrapped__)):
        return new
    merge(unit, old.__wrapped__, new.__wrapped__, defines)
    old.cache_clear()
    if old.cache_parameters() == new.cache_parameters():
        return old
    unit.unreached(old, "the size of a cache that is held cannot be changed", "RL205")
    return new


def _merge_contents(unit: Unit, old: Any, new: Any, literal: Any) -> None:
    """What the former text did not put in was added by the running program, and stays."""
    contents = new
    if isinstance(old, dict):
        contents = {key: merge(unit, old.get(key, MISSING), new[key]) for key in new}
    if not unit.full and literal is not None and isinstance(old, (dict, set)):
        added = [key for key in old if key not in literal and key not in contents]
        if isinstance(old, dict):
            contents.update((key, old[key]) for key in added)
        else:
            contents = {*contents, *added}
    if old != contents or any(map(lambda one, other: one is not other, old, contents)):
        unit.changed_contents.add(id(old))
        unit.batch.journal.set_contents(old, contents)


def same_place(old: Any, new: Any) -> bool:
    """Whether two things say that they were defined at one place."""
    names = ("__module__", "__qualname__")
    return all(getattr(old, name) == getattr(new, name, None) for name in names)


def cells_of(function: FunctionType) -> Iterator[tuple[str, CellType]]:
    """The captures of a function."""
    return zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)


def contents_of(cell: CellType) -> Any:
    """What a cell holds; MISSING for nothing yet."""
    try:
        return cell.cell_contents
    except ValueError:
        return MISSING


def functions_in(value: Any, depth: int = 4) -> Iterator[FunctionType]:
    """The functions in an attribute of a class, under whatever wraps them."""
    if isinstance(value, type) or not depth:
        return
    if isinstance(value, FunctionType):
        yield value
        inner = [vars(value).get("__wrapped__"), *(contents_of(c) for _, c in cells_of(value))]
    else:
        names = ("fget", "fset", "fdel", "__func__", "func", "__wrapped__")
        inner = [getattr(value, name, None) for name in names]
    for part in inner:
        if part is not None and part is not value:
            yield from functions_in(part, depth - 1)
