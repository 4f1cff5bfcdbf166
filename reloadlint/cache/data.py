"""Frozen dataclasses ↔ lists that JSON can hold, by the fields that they have."""

from __future__ import annotations

import enum
import types
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

_T = TypeVar("_T")


def to_data(value: Any) -> Any:
    """Lists in place of dataclasses and tuples, values in place of enum members."""
    if is_dataclass(value):
        return [to_data(getattr(value, field.name)) for field in fields(value)]
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, (tuple, list)):
        return [to_data(item) for item in value]
    return value


def from_data(kind: type[_T], data: Any) -> _T:
    """The inverse of `to_data`; ValueError, TypeError or KeyError for what is no such data."""
    return _reader(kind)(data)  # type: ignore[arg-type, no-any-return]


@cache
def _reader(kind: Any) -> Callable[[Any], Any]:
    if is_dataclass(kind) and isinstance(kind, type):
        return _all_of(kind, [field.name for field in fields(kind)])
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return kind
    if isinstance(kind, type) and issubclass(kind, tuple) and hasattr(kind, "_fields"):
        return _all_of(kind, list(kind._fields))
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in {Union, types.UnionType}:
        (inner,) = (argument for argument in arguments if argument is not type(None))
        read = _reader(inner)
        return lambda data: None if data is None else read(data)
    if origin is tuple:
        read = _reader(arguments[0])
        return lambda data: tuple(map(read, data))
    return lambda data: _checked(kind, data)


def _all_of(kind: Any, names: list[str]) -> Callable[[Any], Any]:
    hints = get_type_hints(kind)
    readers = [_reader(hints[name]) for name in names]

    def read(data: Any) -> Any:
        values = (reader(item) for reader, item in zip(readers, data, strict=True))
        return kind(*values)

    return read


def _checked(kind: type, data: Any) -> Any:
    if not isinstance(data, kind):
        raise TypeError(f"{data!r} is no {kind}")
    return data
