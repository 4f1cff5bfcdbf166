"""Classes take over what their new versions have; members of enumerations keep their identity."""

from __future__ import annotations

import abc
import ast
import contextlib
import sys
from collections import Counter
from types import CellType, FunctionType, GetSetDescriptorType, MemberDescriptorType
from typing import TYPE_CHECKING, Any, cast

from reloadlint.runtime import _merge
from reloadlint.runtime._closures import CannotUpdate, new_defaults
from reloadlint.runtime._journal import MISSING
from reloadlint.runtime._live import classes_of, instances_of, resolve
from reloadlint.runtime._syntax import binds, changed_names, mangle, set_by_init
from reloadlint.runtime._version import Scope, Version

if TYPE_CHECKING:
    from reloadlint.runtime._unit import Unit

_OF_THE_TYPE = frozenset(
    "__dict__ __weakref__ __module__ __qualname__ __slots__ _abc_impl __abstractmethods__"
    " __annotations_cache__ __annotate_func__".split()
)
_DESCRIPTORS = (MemberDescriptorType, GetSetDescriptorType)  # they belong to the type's layout


class _Base:
    pass


class _Nobody(_Base):
    pass


def merge_class(unit: Unit, old: type, new: type) -> type:
    """The old class, made like the new one; or the new one, where CPython cannot do that."""
    if not _merge.same_place(old, new) or old.__module__ != unit.name:
        return new
    if not _adopt_shape(unit, old, new):
        return _replace(unit, old, new)
    _point_class_cells(unit, new, old)
    kept = _merge_members(unit, old, new) if _is_enum(old) and _is_enum(new) else set()
    _merge_attributes(unit, old, new, kept)
    if isinstance(old, abc.ABCMeta):
        abc.update_abstractmethods(cast(Any, old))
    # Out of the `__subclasses__()` of its bases, at once. Not if it is of another layout, or
    # derived from object alone: gc takes it out in time.
    with contextlib.suppress(TypeError):
        new.__bases__ = (_Nobody,)
    unit.doubles.append((new, old))
    return old


def _adopt_shape(unit: Unit, old: type, new: type) -> bool:
    """Give the old class the metaclass and the bases of the new one, where CPython can."""
    slots = [{n for n, v in vars(cls).items() if isinstance(v, _DESCRIPTORS)} for cls in (old, new)]
    if slots[0] != slots[1]:
        return False
    try:
        if type(old) is not type(new):
            unit.batch.journal.set_attribute(old, "__class__", type(new))
        if old.__bases__ != new.__bases__:
            unit.batch.journal.set_attribute(old, "__bases__", new.__bases__)
    except TypeError:
        return False
    return True


def _merge_attributes(unit: Unit, old: type, new: type, kept: set[str]) -> None:
    journal, step = unit.batch.journal, unit.step
    before, after = (_body(version, old) for version in (unit.old, unit.new))
    former, bound = (_names_bound(body, old) for body in (before, after))
    changed = bound
    if before and after and not unit.full:
        names = changed_names(before, after, unit.bound_anew(step))
        changed = {mangle(name, old.__name__) for name in names} | step.forced
    skipped = _OF_THE_TYPE | kept | (bound - changed)
    for name, value in [*vars(new).items()]:
        if name not in skipped and not isinstance(value, _DESCRIPTORS):
            was = vars(old).get(name, MISSING)
            merged = _merge.merge(unit, was, value, defines=True)
            if merged is not was:
                journal.set_attribute(old, name, merged)
                if hasattr(type(merged), "__set_name__"):
                    merged.__set_name__(old, name)
    if "__annotate_func__" in vars(new):  # from 3.14 on
        journal.set_attribute(old, "__annotate__", cast(Any, new).__annotate__)
    for name in former - bound if after else ():
        if name in vars(old) and not isinstance(vars(old)[name], _DESCRIPTORS):
            journal.set_attribute(old, name, MISSING)


def _body(version: Version | None, cls: type) -> list[Any]:
    scope = version.classes.get(cls.__qualname__) if version else None
    return scope.node.body if scope else []


def _names_bound(body: list[Any], cls: type) -> set[str]:
    return {mangle(name, cls.__name__) for part in body for name in binds(part)}


def _point_class_cells(unit: Unit, source: type, target: type) -> None:
    """Let `super()` and `__class__` in the functions of one class mean the other."""
    for value in [*vars(source).values()]:
        for function in _merge.functions_in(value):
            for name, cell in _merge.cells_of(function):
                if name == "__class__" and _merge.contents_of(cell) is source:
                    unit.batch.journal.set_attribute(cell, "cell_contents", target)


def _replace(unit: Unit, old: type, new: type) -> type:
    """The old class cannot become the new one. Its instances can, where layouts agree."""
    changes: list[tuple[Any, str, Any]] = [
        (each, "__class__", new) for each in instances_of({old}) if type(each) is old
    ]
    subclasses: set[type] = {*type.__subclasses__(old)} - {new}
    for cls in subclasses:
        bases = tuple(new if base is old else base for base in cls.__bases__)
        changes.append((cls, "__bases__", bases))
    stuck = 0
    for owner, name, value in changes:
        try:
            unit.batch.journal.set_attribute(owner, name, value)
        except TypeError:
            stuck += 1
    if not stuck or old.__bases__ == new.__bases__:
        _merge_attributes(unit, old, new, set())
    if not stuck:
        _point_class_cells(unit, old, new)
    else:
        reason = "CPython cannot give it the new slots, base or metaclass; methods were updated"
        unit.unreached(old, reason, "RL502", live=stuck)
    unit.doubles.append((old, new))
    return new


def _is_enum(cls: type) -> bool:
    enum = sys.modules.get("enum")
    return enum is not None and isinstance(cls, enum.EnumMeta)


def _merge_members(unit: Unit, old: Any, new: Any) -> set[str]:
    """Put the old members into the tables of the new class, which the old one is to take over.

    Returns which of them are attributes of the old class already.
    """
    journal, kept = unit.batch.journal, set()
    data = old._member_type_ is not object  # members are numbers, texts: what they are is fixed
    members = dict(new._member_map_)
    for name, member in new._member_map_.items():
        former = old._member_map_.get(name)
        if former is not None and not (data and former._value_ != member._value_):
            for attribute, value in [*vars(member).items()]:
                if attribute not in ("__objclass__", "_inverted_"):
                    journal.set_item(vars(former), attribute, value)
            members[name] = former
            kept.add(name)
            continue
        if former is not None:
            reason = f"the member {name} is a number or text whose value changed"
            unit.unreached(old, reason, "RL502")
        journal.on_rollback(object.__setattr__, member, "__class__", new)
        object.__setattr__(member, "__class__", old)
        journal.set_item(vars(member), "__objclass__", old)
    for name in {*old._member_map_} - {*members}:
        unit.unreached(old, f"the member {name} is gone from the new version", "RL502", live=1)
    for value, member in new._value2member_map_.items():
        new._value2member_map_[value] = members.get(member._name_, member)
    new._member_map_.update(members)
    return kept


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
    for cls in classes_of(unit.name) if changed else ():
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
        cls = resolve(unit.namespace, new.qualname)
        names = set_by_init(new.node) - set_by_init(old.node)
        if isinstance(cls, type) and (names or "__reload_instance__" in vars(cls)):
            classes[cls] = {mangle(name, cls.__name__) for name in names}
    lacking: Counter[tuple[type, str]] = Counter()
    for instance in instances_of(classes):
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
