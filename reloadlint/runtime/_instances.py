"""What no name leads to: classes made by functions, and live instances of changed classes."""

from __future__ import annotations

import ast
from collections import Counter
from types import CellType, FunctionType
from typing import TYPE_CHECKING, Any, cast

from reloadlint.runtime import _live, _merge
from reloadlint.runtime._closures import CannotUpdate, new_defaults
from reloadlint.runtime._journal import MISSING
from reloadlint.runtime._syntax import binds, changed_names, mangle, set_by_init
from reloadlint.runtime._version import Scope

if TYPE_CHECKING:
    from reloadlint.runtime._unit import Unit


def _changed(unit: Unit) -> list[tuple[Scope, Scope]]:
    """The class statements whose text changed, old and new."""
    return [
        (old, new)
        for old, new in unit.scopes.items()
        if isinstance(old.node, ast.ClassDef) and not unit.steps[new.index].same_text
    ]


def update_local_classes(unit: Unit) -> None:
    """Classes made by functions follow as far as that needs no call of the function."""
    changed = {
        old.qualname: (new, names)
        for old, new in _changed(unit)
        if old.function and (names := changed_names(old.node.body, new.node.body, set()))
    }
    for cls in _live.classes_of(unit.name) if changed else ():
        scope, names = changed.get(cls.__qualname__, (None, set()))
        for attribute in sorted(names):
            try:
                value = _value(unit, cls, attribute, cast(Scope, scope))
            except (CannotUpdate, ValueError, KeyError):
                reason = f"`{attribute}` would have to be made in a call that is over"
                unit.unreached(cls, reason, "RL103")
                continue
            if value is not MISSING or attribute in vars(cls):
                unit.batch.journal.set_attribute(cls, attribute, value)


def _value(unit: Unit, cls: type, attribute: str, scope: Scope) -> Any:
    """What the class would bind. ValueError: not a constant. KeyError: not captured."""
    statements = [part for part in scope.node.body if attribute in binds(part)]
    node = statements[-1] if statements else None
    if node is None or isinstance(node, ast.Assign):
        return ast.literal_eval(node.value) if node else MISSING
    code = next((each.code for each in unit.new.children[scope] if each.node is node), None)
    if code is None or isinstance(node, ast.ClassDef) or node.decorator_list:
        raise ValueError
    cells = {"__class__": CellType(cls)}
    for value in [*vars(cls).values()]:
        for function in _merge.functions_in(value):
            cells.update(_merge.cells_of(function))
    closure = tuple(cells[name] for name in code.co_freevars)
    function = FunctionType(code, unit.namespace, code.co_name, None, closure)
    function.__defaults__, function.__kwdefaults__ = new_defaults(function, None, node.args)
    function.__qualname__ = f"{cls.__qualname__}.{code.co_name}"
    return function


def migrate_instances(unit: Unit) -> None:
    """Call `__reload_instance__`, and report instances that lack what `__init__` now sets."""
    classes: dict[type, set[str]] = {}
    for old, new in _changed(unit):
        cls = _live.resolve(unit.namespace, new.qualname)
        names = set_by_init(new.node) - set_by_init(old.node)
        if isinstance(cls, type) and (names or "__reload_instance__" in vars(cls)):
            classes[cls] = {mangle(name, cls.__name__) for name in names}
    lacking: Counter[tuple[type, str]] = Counter()
    for instance in _live.instances_of(classes):
        for cls in type(instance).__mro__:
            if cls not in classes:
                continue
            if hook := vars(cls).get("__reload_instance__"):
                if hasattr(instance, "__dict__"):
                    unit.batch.journal.guard_contents(vars(instance))
                hook(instance)
            lacking.update((cls, name) for name in classes[cls] if not hasattr(instance, name))
    for (cls, name), count in lacking.items():
        reason = f"the new __init__ sets `{name}`, which live instances lack"
        unit.unreached(cls, f"{reason}; __reload_instance__ could set it", None, live=count)
