"""Frozen dataclasses ↔ lists that JSON can hold, by the fields that they have."""

from __future__ import annotations

import enum
import types
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from functools import cache, partial
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

_T = TypeVar("_T")
_Reader = Callable[..., Any]


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
def _reader(kind: Any) -> _Reader:  # reloadlint: ignore[RL205]
    if is_dataclass(kind) and isinstance(kind, type):
        return _all_of(kind, [field.name for field in fields(kind)])
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return kind
    if isinstance(kind, type) and issubclass(kind, tuple) and hasattr(kind, "_fields"):
        return _all_of(kind, list(kind._fields))
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in {Union, types.UnionType}:
        (inner,) = (argument for argument in arguments if argument is not type(None))
        return partial(_read_optional, _reader(inner))
    if origin is tuple:
        return partial(_read_tuple, _reader(arguments[0]))
    return partial(_read_plain, kind)


def _all_of(kind: Any, names: list[str]) -> _Reader:
    hints = get_type_hints(kind)
    return partial(_read_fields, kind, [_reader(hints[name]) for name in names])


def _read_fields(kind: _Reader, readers: list[_Reader], data: Any) -> Any:
    return kind(*(reader(item) for reader, item in zip(readers, data, strict=True)))


def _read_optional(read: _Reader, data: Any) -> Any:
    return None if data is None else read(data)


def _read_tuple(read: _Reader, data: Any) -> Any:
    return tuple(map(read, data))


def _read_plain(kind: type, data: Any) -> Any:
    if not isinstance(data, kind):
        raise TypeError(f"{data!r} is no {kind}")
    return data
