"""Puts the contents of what a statement made anew into the objects that its last run had made."""

from __future__ import annotations

import abc
import ast
import contextlib
import enum
import functools
from collections.abc import Iterator, Sequence
from types import CellType, CodeType, FunctionType
from typing import TYPE_CHECKING, Any, cast

from reloadlint.runtime._closures import CannotUpdate, cells_of, forward
from reloadlint.runtime._contents import merged_contents, values_bound
from reloadlint.runtime._journal import CONTAINERS, IMMUTABLE, MISSING, identities
from reloadlint.runtime._live import DESCRIPTORS, LRU_CACHE, instances_of, subclasses_of
from reloadlint.runtime._syntax import binds, changed_names, mangle

if TYPE_CHECKING:
    from reloadlint.runtime._unit import Unit

_OF_THE_TYPE = frozenset(
    "__dict__ __weakref__ __module__ __qualname__ __slots__ _abc_impl __abstractmethods__"
    " __annotations_cache__ __annotate_func__".split()
)
_PARTS: dict[type, tuple[str, ...]] = {
    property: ("fget", "fset", "fdel"),
    staticmethod: ("__func__",),
    classmethod: ("__func__",),
}
# A class with a base other than object, as CPython wants it to exchange bases.
_NOBODY = type("Nobody", (type("Base", (), {}),), {})
_INSIDE = ("fget", "fset", "fdel", "__func__", "func", "__wrapped__")


def merge(
    unit: Unit, old: Any, new: Any, defines: bool = False, texts: Sequence[Any] = (None, None)
) -> Any:
    """The object to be bound: the old one where it could take over what the new one is.

    `defines`: both were bound by the only definition of a name, so one succeeds the other.
    `texts`: the expressions that made them, where that is known.
    """
    if old is new or id(new) in unit.live_ids or id(new) in unit.batch.known:
        return new
    pair = id(old), id(new)
    if pair in unit.batch.merging:
        return old  # it refers to itself
    unit.batch.merging.add(pair)
    merged = _merged(unit, old, new, defines, texts)
    unit.batch.merging.remove(pair)
    return merged


def _merged(unit: Unit, old: Any, new: Any, defines: bool, texts: Sequence[Any]) -> Any:
    if isinstance(old, FunctionType):
        return _merge_function(unit, old, new, defines)
    if isinstance(old, type) and isinstance(new, type):
        return _merge_class(unit, old, new)
    if isinstance(old, LRU_CACHE):
        return _merge_cache(unit, old, new, defines)
    if type(old) is not type(new) or getattr(old, "maxlen", 0) != getattr(new, "maxlen", 0):
        return new  # of a deque, that is fixed
    if isinstance(old, CONTAINERS):
        _merge_contents(unit, old, new, texts)
        if hasattr(old, "default_factory"):
            factory = merge(unit, old.default_factory, new.default_factory)
            unit.journal.set_attribute(old, "default_factory", factory)
    elif names := _PARTS.get(type(old)):
        before = [getattr(old, name) for name in names]
        after = [merge(unit, getattr(old, n), getattr(new, n), defines) for n in names]
        unit.journal.on_rollback(old.__init__, *before)
        old.__init__(*after)
    elif isinstance(old, functools.partial):
        restore: Any = old.__setstate__  # type: ignore[attr-defined]
        unit.journal.on_rollback(restore, old.__reduce__()[2])
        attributes = vars(old) | vars(new)
        restore((merge(unit, old.func, new.func), new.args, new.keywords, attributes))
    elif defines and _is_its_dict(old):
        _merge_dict(unit, vars(old), vars(new))
    else:
        return new
    return old


def _merge_function(unit: Unit, old: FunctionType, new: Any, defines: bool) -> Any:
    foreign = old.__globals__ is not unit.namespace
    if isinstance(new, FunctionType) and not foreign:
        paired = new.__code__ in (unit.successors.get(old.__code__), old.__code__)
        if paired or defines:
            update_function(unit, old, new, paired)
            return old
    elif defines and callable(new):
        # Generated, as the methods of attrs are: its new code needs its new globals.
        generated = same_place(old, new) and old.__module__ == unit.name
        if generated if foreign else not isinstance(new, type):
            _forward(unit, old, new)
        elif foreign and old.__closure__:
            reason = "a closure from another module, and the name means another function now"
            unit.unreached(old, reason, "RL103")
    return new


def update_function(unit: Unit, old: FunctionType, new: FunctionType, paired: bool) -> None:
    """Let the old function do what the new one does."""
    _merge_dict(unit, vars(old), vars(new))
    fitting: CodeType | FunctionType = new
    if paired or not old.__code__.co_freevars:
        with contextlib.suppress(CannotUpdate):  # the new function has the captures: forward
            fitting = unit.fitting(old, new.__code__)
    if isinstance(fitting, CodeType):
        unit.journal.set_function(old, fitting, new.__defaults__, new.__kwdefaults__)
        _merge_cells(unit, old, new)
        unit.batch.doubles.append((new, old))
    else:
        _forward(unit, old, new)
    # Annotations are evaluated late from 3.14 on, and may fail when evaluated here.
    late = "__annotate__" if hasattr(new, "__annotate__") else "__annotations__"
    for name in ("__name__", "__qualname__", "__doc__", late):
        if getattr(old, name) != getattr(new, name):
            unit.journal.set_attribute(old, name, getattr(new, name))
    unit.batch.done.add(id(old))


def _forward(unit: Unit, old: FunctionType, target: Any) -> None:
    forward(old, target, unit.journal)
    unit.batch.done.add(id(old))


def _merge_cells(unit: Unit, old: FunctionType, new: FunctionType) -> None:
    mine, (given, written) = dict(cells_of(old)), _given_and_written(unit, new)
    for name in {*mine} - {"__class__"}:
        before, after = contents_of(mine[name]), contents_of(dict(cells_of(new))[name])
        state = name in written or not (name in given or isinstance(after, IMMUTABLE))
        if state and type(before) is type(after) is not FunctionType:
            continue
        merged = merge(unit, before, after)
        if merged is not MISSING:
            unit.journal.set_attribute(mine[name], "cell_contents", merged)


def _given_and_written(unit: Unit, function: FunctionType) -> tuple[set[str], set[str]]:
    """The names that whoever makes a closure gives it; and those that `nonlocal` lets it write."""
    scope = unit.new.scopes.get(function.__code__)
    parts: list[ast.AST] = []
    while scope is not None and (scope := scope.function) is not None:
        parts += ast.walk(scope.node)
    given = {part.arg for part in parts if isinstance(part, ast.arg)}
    return given, {n for part in parts if isinstance(part, ast.Nonlocal) for n in part.names}


def _merge_dict(unit: Unit, old: dict[str, Any], new: dict[str, Any]) -> None:
    for name in [name for name in old if name.startswith("__") and name not in new]:
        unit.journal.set_item(old, name, MISSING)  # `__isabstractmethod__`, for one
    for name, value in new.items():
        before = old.get(name, MISSING)
        if isinstance(value, CONTAINERS) and not value and type(before) is type(value):
            continue  # filled since: a registry of handlers, for one
        unit.journal.set_item(old, name, merge(unit, before, value))


def _merge_cache(unit: Unit, old: Any, new: Any, defines: bool) -> Any:
    wrapped, reason = old.__wrapped__, "the cache was taken off, or is that of another function"
    if type(new) is LRU_CACHE and merge(unit, wrapped, new.__wrapped__, defines) is wrapped:
        old.cache_clear()
        if old.cache_parameters() == new.cache_parameters():
            return old
        reason = "the size of a cache that is held cannot be changed"
    unit.unreached(old, reason, "RL205")
    return new


def _merge_contents(unit: Unit, old: Any, new: Any, texts: Sequence[Any]) -> None:
    contents = merged_contents(unit, old, new, texts, merge)
    if identities(old) != identities(contents):
        unit.batch.changed_contents.add(id(old))
        unit.journal.set_contents(old, contents)


def _is_its_dict(value: Any) -> bool:
    """Whether `__dict__` is all that there is: no slots, and no number, text, exception, …"""
    cls = type(value)
    layout = (cls.__basicsize__, cls.__itemsize__)
    return hasattr(value, "__dict__") and layout == (_NOBODY.__basicsize__, 0)


def _merge_class(unit: Unit, old: type, new: type) -> type:
    """The old class, made like the new one; or the new one, where CPython cannot do that."""
    if any(double is new for double, _ in unit.batch.doubles):
        return old  # two functions may capture the class
    if not same_place(old, new) or old.__module__ != unit.name:
        return new
    if not _adopt_shape(unit, old, new):
        return _replace(unit, old, new)
    _point_class_cells(unit, new, old)
    kept = _merge_members(unit, old, new) if isinstance(new, enum.EnumMeta) else set()
    _merge_attributes(unit, old, new, kept)
    for cls in [old, *subclasses_of(old)]:
        abc.update_abstractmethods(cast(Any, cls))
    # Out of the `__subclasses__()` of its bases, at once. Not if it is of another layout, or
    # derived from object alone: gc takes it out in time.
    with contextlib.suppress(TypeError):
        new.__bases__ = (_NOBODY,)
    unit.batch.doubles.append((new, old))
    heirs: list[type] = type.__subclasses__(old) if _has_fields(old) else []
    unit.batch.outdated += [each for each in heirs if _has_fields(each)]
    return old


def _has_fields(cls: type) -> bool:
    """Whether a decorator wrote methods for the fields of a class and of its bases."""
    return not {"__dataclass_fields__", "__attrs_attrs__"}.isdisjoint(vars(cls))


def _adopt_shape(unit: Unit, old: type, new: type) -> bool:
    """Give the old class the metaclass and the bases of the new one, where CPython can."""
    slots = [{n for n, v in vars(cls).items() if isinstance(v, DESCRIPTORS)} for cls in (old, new)]
    if slots[0] != slots[1]:
        return False
    try:
        if type(old) is not type(new):
            unit.journal.set_attribute(old, "__class__", type(new))
        if old.__bases__ != new.__bases__:
            unit.journal.set_attribute(old, "__bases__", new.__bases__)
    except TypeError:
        return False
    return True


def _merge_attributes(unit: Unit, old: type, new: type, kept: set[str]) -> None:
    before, after = (each.body_of(old.__qualname__) for each in (unit.old, unit.new))
    texts_before, texts_after = (values_bound(body) for body in (before, after))
    former, every = (_names_bound(body, old) for body in (before, after))
    changed = bound = {*every}
    if after and not unit.full:
        step = unit.steps[unit.new.classes[old.__qualname__].index]
        names = changed_names(before, after, unit.bound_anew(step))
        changed = {mangle(name, old.__name__) for name in names} | step.forced
    skipped = _OF_THE_TYPE | kept | (bound - changed)
    for name, value in [*vars(new).items()]:
        if name not in skipped and not isinstance(value, DESCRIPTORS):
            was = vars(old).get(name, MISSING)
            texts = texts_before.get(name), texts_after.get(name)
            merged = merge(unit, was, value, every.count(name) < 2, texts)
            if merged is not was:
                unit.journal.set_attribute(old, name, merged)
                if hasattr(type(merged), "__set_name__"):
                    merged.__set_name__(old, name)
    if "__annotate_func__" in vars(new):  # from 3.14 on
        unit.journal.set_attribute(old, "__annotate__", cast(Any, new).__annotate__)
    for name in {*former} - bound - _OF_THE_TYPE if after else ():
        if name in vars(old) and not isinstance(vars(old)[name], DESCRIPTORS):
            unit.journal.set_attribute(old, name, MISSING)


def _names_bound(body: list[Any], cls: type) -> list[str]:
    return [mangle(name, cls.__name__) for part in body for name in binds(part)]


def _point_class_cells(unit: Unit, source: type, target: type) -> None:
    """Let what the functions of one class capture, as for `super()`, mean the other."""
    for value in [*vars(source).values()]:
        for function in functions_in(value):
            for _, cell in cells_of(function):
                if contents_of(cell) is source:
                    unit.journal.set_attribute(cell, "cell_contents", target)


def _replace(unit: Unit, old: type, new: type) -> type:
    """The old class cannot become the new one. Its instances can, where layouts agree."""
    owners: list[Any] = [each for each in instances_of({old}) if type(each) is old]
    stuck = 0
    for owner in [*owners, *type.__subclasses__(old)]:
        try:
            if type(owner) is old:
                unit.journal.set_attribute(owner, "__class__", new)
            else:
                bases = tuple(new if base is old else base for base in owner.__bases__)
                unit.journal.set_attribute(owner, "__bases__", bases)
        except TypeError:
            stuck += 1
    if not stuck or old.__bases__ == new.__bases__:
        _merge_attributes(unit, old, new, set())
    if not stuck:
        _point_class_cells(unit, old, new)
    else:
        reason = "CPython cannot give it the new slots, base or metaclass; methods were updated"
        unit.unreached(old, reason, "RL502", live=stuck)
    unit.batch.doubles.append((old, new))
    return new


def _merge_members(unit: Unit, old: Any, new: Any) -> set[str]:
    """Put the old members into the tables of the new class, which the old one is to take over.

    Returns which of them are attributes of the old class already.
    """
    members = dict(new._member_map_)
    data = old._member_type_ is not object  # members are numbers, texts: what they are is fixed
    for name, member in new._member_map_.items():
        former = old._member_map_.get(name)
        if former is not None and not (data and former._value_ != member._value_):
            members[name] = former
            for attribute, value in {"_inverted_": MISSING, **vars(member)}.items():
                unit.journal.set_item(vars(former), attribute, value)
            continue
        if former is not None:
            reason = f"the member {name} is a number or text whose value changed"
            unit.unreached(old, reason, "RL502")
        unit.journal.set_attribute(member, "__class__", old)
    for name in {*old._member_map_} - {*members}:
        unit.unreached(old, f"the member {name} is gone from the new version", "RL502", live=1)
    for value, member in new._value2member_map_.items():
        new._value2member_map_[value] = members.get(member._name_, member)
    for value, member in old._value2member_map_.items():
        if old._member_map_.get(member._name_) is not member:  # `A | B`
            new._value2member_map_.setdefault(value, member)
            unit.journal.set_item(vars(member), "_inverted_", MISSING)
    new._member_map_.update(members)
    return {name for name in members if members[name] is old._member_map_.get(name)}


def same_place(old: Any, new: Any) -> bool:
    """Whether two things say that they were defined at one place."""
    names = ("__module__", "__qualname__")
    return all(getattr(old, name) == getattr(new, name, None) for name in names)


def contents_of(cell: CellType) -> Any:
    """What a cell holds; MISSING for nothing yet."""
    try:
        return cell.cell_contents
    except ValueError:
        return MISSING


def functions_in(value: Any, depth: int = 4) -> Iterator[FunctionType]:
    """The functions in an attribute of a class, under whatever wraps them."""
    inner = [getattr(value, name) for name in _INSIDE if hasattr(value, name)]
    if isinstance(value, FunctionType):
        yield value
        inner += [contents_of(cell) for _, cell in cells_of(value)]
    for part in inner if depth else ():
        yield from functions_in(part, depth - 1)
