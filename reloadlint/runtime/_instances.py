"""What no name leads to: decorated functions, classes made by functions, and live instances."""

from __future__ import annotations

import ast
import builtins
import contextlib
import inspect
from collections import Counter, defaultdict
from collections.abc import Iterator
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any

from reloadlint.runtime import _live, _merge
from reloadlint.runtime._closures import cells_of
from reloadlint.runtime._syntax import changed_names, fields, imprint, mangle, set_by_init
from reloadlint.runtime._version import Scope

if TYPE_CHECKING:
    from reloadlint.runtime._unit import Unit


def _changed(unit: Unit) -> Iterator[tuple[Scope, Scope]]:
    """The class statements whose text changed, old and new."""
    for old, new in unit.scopes.items():
        if isinstance(old.node, ast.ClassDef) and not unit.steps[new.index].same_text:
            yield old, new


def _alive(unit: Unit, scope: Scope) -> list[type]:
    """The class that a statement has made, or each of them where a function makes it."""
    if scope.function:
        every = _live.subclasses_of(object)
        named = [cls for cls in every if cls.__qualname__ == scope.qualname]
        return [cls for cls in named if cls.__module__ == unit.name]
    cls = _live.resolve(unit.namespace, scope.qualname)
    return [cls] if isinstance(cls, type) else []


def update_local_classes(unit: Unit) -> None:
    """Make classes anew that functions have made, as far as that needs no call of the function."""
    for old, new in _changed(unit):
        names = changed_names(old.node.body, new.node.body, set())
        same_head = _head(old.node) == _head(new.node)
        for cls in _alive(unit, new) if old.function and (names or not same_head) else ():
            if not same_head or not _make_anew(unit, cls, new):
                listed = ", ".join(f"`{name}`" for name in sorted(names)) or "its head"
                reason = f"{listed} would have to be made in a call that is over"
                unit.unreached(cls, reason, "RL103")


def _head(node: ast.ClassDef) -> Any:
    return imprint([*node.bases, *node.keywords, *node.decorator_list])


def _make_anew(unit: Unit, cls: type, scope: Scope) -> bool:
    """Run the body of a class with the captures that its methods have."""
    node, code = scope.node, scope.code
    cells: dict[str, Any] = {}
    for value in [*vars(cls).values()]:
        for function in _merge.functions_in(value):
            # Not what a decorator captures, whose names are others.
            if getattr(unit.new.scopes.get(function.__code__), "function", None) is scope.function:
                cells.update(cells_of(function))
    if code is None or node.keywords or node.decorator_list or not {*code.co_freevars} <= {*cells}:
        return False
    unit.batch.guard_registries()
    captures = tuple(cells[name] for name in code.co_freevars)
    body = FunctionType(code, unit.namespace, cls.__name__, None, captures)
    _merge.merge(unit, cls, builtins.__build_class__(body, cls.__name__, *cls.__bases__))
    return True


def update_unnamed(unit: Unit) -> None:
    """A decorator may have put a function into a registry and returned something else."""
    waiting: dict[CodeType, list[FunctionType]] = defaultdict(list)
    for function in unit.live:
        if id(function) not in unit.batch.done:
            code = function.__code__
            waiting[unit.successors.get(code, code)].append(function)
    for function in _live.functions_of(unit.namespace)[0]:
        heirs = waiting[function.__code__]
        scope = unit.new.scopes.get(function.__code__)
        unnamed = scope and not scope.function and hasattr(scope.node, "decorator_list")
        if unnamed and id(function) not in unit.live_ids and len(heirs) == 1:
            _merge.update_function(unit, heirs[0], function, paired=True)


def migrate_instances(unit: Unit) -> None:
    """Call `__reload_instance__`, and report instances that lack what `__init__` now sets."""
    classes: dict[type, set[str]] = {}
    for old, new in _changed(unit):
        names = set_by_init(new.node) - set_by_init(old.node)
        added = fields(new.node) - fields(old.node)
        for cls in _alive(unit, new):
            with contextlib.suppress(TypeError, ValueError):  # `__init__` may be a C function
                names |= added & {*inspect.signature(cls).parameters} if added else set()
            if names or "__reload_instance__" in vars(cls):
                classes[cls] = {mangle(name, cls.__name__) for name in names}
    lacking: Counter[tuple[type, str]] = Counter()
    for instance in _live.instances_of(classes):
        for cls in type(instance).__mro__:
            if cls not in classes:
                continue
            if hook := vars(cls).get("__reload_instance__"):
                if hasattr(instance, "__dict__"):
                    unit.journal.guard_contents(vars(instance))
                hook(instance)
            lacking.update((cls, name) for name in classes[cls] if not hasattr(instance, name))
    for (cls, name), count in lacking.items():
        reason = f"the new __init__ sets `{name}`, which live instances lack"
        unit.unreached(cls, f"{reason}; __reload_instance__ could set it", None, live=count)
