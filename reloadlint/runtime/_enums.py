"""Enumerations: members keep their identity."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from reloadlint.runtime._journal import MISSING, Journal

_OWN = frozenset(
    [
        "_member_names_",
        "_member_map_",
        "_value2member_map_",
        "_member_type_",
        "_value_repr_",
        "_use_args_",
        "_new_member_",
        "__new_member__",
        "__new__",
        "_generate_next_value_",
        "_unhashable_values_",
        "_unhashable_values_map_",
        "_hashable_values_",
        "_flag_mask_",
        "_singles_mask_",
        "_all_bits_",
        "_inverted_",
        "_boundary_",
        "__reduce_ex__",
    ]
)


def is_enum(cls: type) -> bool:
    """Whether it is an enumeration. Does not import `enum`."""
    enum = sys.modules.get("enum")
    return enum is not None and isinstance(cls, enum.EnumMeta)


def own_attributes(cls: type) -> frozenset[str]:
    """The attributes that `merge_enum` sees to."""
    return _OWN | frozenset(getattr(cls, "_member_map_", ())) if is_enum(cls) else frozenset()


def merge_enum(old: Any, new: Any, journal: Journal, unreached: Callable[..., None]) -> None:
    """Give the old class the members of the new one: each the old object where there is one."""
    members: dict[str, Any] = {}
    for name, member in new._member_map_.items():
        members[name] = _merge_member(old, old._member_map_.get(name), member, journal, unreached)
    for name in {*old._member_map_} - {*members}:
        if name in vars(old):
            journal.set_attribute(old, name, MISSING)
        unreached(old, f"the member {name} is gone from the new version", "RL502", live=1)
    for name, member in members.items():
        if old._member_map_.get(name) is not member:
            value = vars(new).get(name, member)
            stored = member if isinstance(value, new) or value is member else value
            if name in vars(new):
                journal.set_attribute(old, name, stored)
    journal.set_contents(old._member_map_, members)
    journal.set_contents(old._member_names_, new._member_names_)
    by_value = {value: members[member.name] for value, member in new._value2member_map_.items()}
    journal.set_contents(old._value2member_map_, by_value)
    for name in ("_flag_mask_", "_singles_mask_", "_all_bits_"):
        if name in vars(new):
            journal.set_attribute(old, name, vars(new)[name])


def _merge_member(
    cls: Any, old: Any, new: Any, journal: Journal, unreached: Callable[..., None]
) -> Any:
    if old is not None and _payload(cls, old) == _payload(cls, new):
        for name, value in list(vars(new).items()):
            if name not in ("__objclass__", "_inverted_"):
                journal.set_item(vars(old), name, value)
        return old
    if old is not None:
        unreached(cls, f"the member {old.name} is a number or text whose value changed", "RL502")
    # Before the new class loses it, the member becomes one of the old class.
    journal.on_rollback(object.__setattr__, new, "__class__", type(new))
    object.__setattr__(new, "__class__", cls)
    journal.set_item(vars(new), "__objclass__", cls)
    return new


def _payload(cls: Any, member: Any) -> Any:
    """What cannot be changed in place: the number that an IntEnum's member is."""
    return None if cls._member_type_ is object else cls._member_type_(member._value_)
