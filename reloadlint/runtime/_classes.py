"""Classes take over what their new versions have; members of enumerations keep their identity."""

from __future__ import annotations

import abc
import ast
import contextlib
import sys
from types import CellType, FunctionType, GetSetDescriptorType, MemberDescriptorType
from typing import TYPE_CHECKING, Any, cast

from reloadlint.runtime import _merge
from reloadlint.runtime._closures import CannotUpdate, new_defaults
from reloadlint.runtime._journal import MISSING
from reloadlint.runtime._live import classes_of, instances_of
from reloadlint.runtime._syntax import binds, changed_names, mangle
from reloadlint.runtime._version import Scope

if TYPE_CHECKING:
    from reloadlint.runtime._merge import Merger
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


def merge_class(merger: Merger, old: type, new: type) -> type:
    """The old class, made like the new one; or the new one, where CPython cannot do that."""
    if not _merge.same_place(old, new) or old.__module__ != merger.unit.name:
        return new
    if not _adopt_shape(merger, old, new):
        return _replace(merger, old, new)
    _point_class_cells(merger, new, old)
    kept = _merge_members(merger, old, new) if _is_enum(old) and _is_enum(new) else set()
    _merge_attributes(merger, old, new, kept)
    if isinstance(old, abc.ABCMeta):
        abc.update_abstractmethods(cast(Any, old))
    # Out of the `__subclasses__()` of its bases, at once. Not if it is of another layout, or
    # derived from object alone: gc takes it out in time.
    with contextlib.suppress(TypeError):
        new.__bases__ = (_Nobody,)
    merger.doubles.append((new, old))
    return old


def _adopt_shape(merger: Merger, old: type, new: type) -> bool:
    """Give the old class the metaclass and the bases of the new one, where CPython can."""
    slots = [
        sorted(name for name, value in vars(cls).items() if isinstance(value, _DESCRIPTORS))
        for cls in (old, new)
    ]
    if slots[0] != slots[1]:
        return False
    try:
        if type(old) is not type(new):
            merger.journal.set_attribute(old, "__class__", type(new))
        if old.__bases__ != new.__bases__:
            merger.journal.set_attribute(old, "__bases__", new.__bases__)
    except TypeError:
        return False
    return True


def _merge_attributes(merger: Merger, old: type, new: type, kept: set[str]) -> None:
    step = merger.unit.step
    before, after = (
        version.classes[old.__qualname__].node
        if version and old.__qualname__ in version.classes
        else None
        for version in (merger.unit.old, merger.unit.new)
    )
    bound = _bound_in(after, old)
    changed = bound
    if before is not None and after is not None and not merger.unit.full:
        names = changed_names(before.body, after.body, merger.unit.bound_anew(after))
        changed = {mangle(name, old.__name__) for name in names} | step.forced
    for name, value in list(vars(new).items()):
        if name in _OF_THE_TYPE or name in kept or isinstance(value, _DESCRIPTORS):
            continue
        if name in changed or name not in bound:
            merged = merger.merge(former := vars(old).get(name, MISSING), value, defines=True)
            if merged is not former:
                merger.journal.set_attribute(old, name, merged)
                if hasattr(type(merged), "__set_name__"):
                    merged.__set_name__(old, name)
    if "__annotate_func__" in vars(new):  # from 3.14 on
        merger.journal.set_attribute(old, "__annotate__", cast(Any, new).__annotate__)
    for name in _bound_in(before, old) - bound if after else ():
        if name in vars(old) and not isinstance(vars(old)[name], _DESCRIPTORS):
            merger.journal.set_attribute(old, name, MISSING)


def _bound_in(node: ast.ClassDef | None, cls: type) -> set[str]:
    names = {name for part in node.body for name in binds(part)} if node else set()
    return {mangle(name, cls.__name__) for name in names}


def _point_class_cells(merger: Merger, source: type, target: type) -> None:
    """Let `super()` and `__class__` in the functions of one class mean the other."""
    for value in list(vars(source).values()):
        for function in _merge.functions_in(value):
            for name, cell in _merge.cells_of(function):
                if name == "__class__" and _merge.contents_of(cell) is source:
                    merger.journal.set_attribute(cell, "cell_contents", target)


def _replace(merger: Merger, old: type, new: type) -> type:
    """The old class cannot become the new one. Its instances can, where layouts agree."""
    stuck = 0
    instances = [each for each in instances_of({old}) if type(each) is old]
    changes: list[tuple[Any, str, Any]] = [(each, "__class__", new) for each in instances]
    subclasses: list[type] = type.__subclasses__(old)
    for subclass in subclasses:
        if subclass is not new:
            bases = tuple(new if base is old else base for base in subclass.__bases__)
            changes.append((subclass, "__bases__", bases))
    for owner, name, value in changes:
        try:
            merger.journal.set_attribute(owner, name, value)
        except TypeError:
            stuck += 1
    if not stuck or old.__bases__ == new.__bases__:
        _give_methods(merger, old, new)
    if not stuck:
        _point_class_cells(merger, old, new)
    merger.doubles.append((old, new))
    if stuck:
        reason = "CPython cannot give it the new slots, base or metaclass; methods were updated"
        merger.unit.unreached(old, reason, "RL502", stuck)
    return new


def _give_methods(merger: Merger, old: type, new: type) -> None:
    for name, value in list(vars(new).items()):
        before = vars(old).get(name)
        if isinstance(value, FunctionType) and isinstance(before, FunctionType):
            count = len(merger.doubles)
            merger.update_function(before, value)
            del merger.doubles[count:]  # both classes live on, each with its own
        elif isinstance(value, FunctionType) and before is None:
            merger.journal.set_attribute(old, name, value)


def _is_enum(cls: type) -> bool:
    enum = sys.modules.get("enum")
    return enum is not None and isinstance(cls, enum.EnumMeta)


def _merge_members(merger: Merger, old: Any, new: Any) -> set[str]:
    """Put the old members into the tables of the new class, which the old one is to take over.

    Returns which of them are attributes of the old class already.
    """
    journal, unreached = merger.journal, merger.unit.unreached
    members, kept = dict(new._member_map_), set()
    payload = (lambda member: None) if old._member_type_ is object else (lambda m: m._value_)
    for name, member in new._member_map_.items():
        former = old._member_map_.get(name)
        if former is not None and payload(former) == payload(member):
            for attribute, value in list(vars(member).items()):
                if attribute not in ("__objclass__", "_inverted_"):
                    journal.set_item(vars(former), attribute, value)
            members[name] = former
            kept.add(name)
            continue
        if former is not None:
            unreached(old, f"the member {name} is a number or text whose value changed", "RL502")
        journal.on_rollback(object.__setattr__, member, "__class__", new)
        object.__setattr__(member, "__class__", old)
        journal.set_item(vars(member), "__objclass__", old)
    for name in {*old._member_map_} - {*members}:
        unreached(old, f"the member {name} is gone from the new version", "RL502", 1)
    for value, member in new._value2member_map_.items():
        new._value2member_map_[value] = members.get(member._name_, member)
    new._member_map_.update(members)
    return kept


# Classes made by functions: what an edit adds to, or takes from, those that are alive.


def update_local_classes(unit: Unit) -> None:
    """Update them, as far as that needs no frame of the function around; report the others."""
    changed = {
        old.qualname: (new, names)
        for old, new in unit.scopes.items()
        if isinstance(old.node, ast.ClassDef)
        and old.function
        and not unit.steps[new.index].same_text
        if (names := changed_names(old.node.body, new.node.body, set()))
    }
    for cls in classes_of(unit.name) if changed else ():
        if cls.__qualname__ not in changed:
            continue
        scope, names = changed[cls.__qualname__]
        for attribute in sorted(names):
            statements = [part for part in scope.node.body if attribute in binds(part)]
            try:
                value = _value(unit, cls, statements[-1], scope) if statements else MISSING
            except (CannotUpdate, ValueError, KeyError):
                reason = f"`{attribute}` would have to be made in a call that is over"
                unit.unreached(cls, reason, "RL103")
                continue
            if statements or attribute in vars(cls):
                unit.batch.journal.set_attribute(cls, attribute, value)


def _value(unit: Unit, cls: type, node: Any, scope: Scope) -> Any:
    """What the statement would bind. ValueError: not a constant. KeyError: not captured."""
    if isinstance(node, ast.Assign):
        return ast.literal_eval(node.value)
    code = next((child.code for child in unit.new.children[scope] if child.node is node), None)
    if code is None or isinstance(node, ast.ClassDef) or node.decorator_list:
        raise ValueError
    cells = {"__class__": CellType(cls)}
    for attribute in list(vars(cls).values()):
        for function in _merge.functions_in(attribute):
            cells.update(_merge.cells_of(function))
    closure = tuple(cells[name] for name in code.co_freevars)
    function = FunctionType(code, unit.namespace, code.co_name, None, closure)
    function.__defaults__, function.__kwdefaults__ = new_defaults(function, None, node.args)
    function.__qualname__ = f"{cls.__qualname__}.{code.co_name}"
    return function
