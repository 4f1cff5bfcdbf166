"""What is alive: functions of a module, instances of classes, running frames; who holds them."""

from __future__ import annotations

import gc
import sys
import types
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache
from itertools import islice
from types import CodeType, FunctionType
from typing import Any

_SUSPENDABLE = 0x20 | 0x80 | 0x200  # CO_GENERATOR, CO_COROUTINE, CO_ASYNC_GENERATOR
_SUSPENDED = {types.GeneratorType: "gi", types.CoroutineType: "cr", types.AsyncGeneratorType: "ag"}
LRU_CACHE = type(lru_cache(lambda: None))
# They belong to the layout of a class.
DESCRIPTORS = (types.MemberDescriptorType, types.GetSetDescriptorType)
_FOLDER = __file__.rpartition("_live")[0]
_DEPTH = 4
_SHOWN = 3


def functions_of(namespace: dict[str, Any]) -> tuple[list[FunctionType], list[Any]]:
    """The live functions whose globals are `namespace`, and every cache: one pass of gc."""
    found = gc.get_referrers(namespace, LRU_CACHE)
    functions = [each for each in found if type(each) is FunctionType]
    return functions, [each for each in found if type(each) is LRU_CACHE]


def instances_of(classes: Iterable[type]) -> list[Any]:
    """The live instances of the classes and of their subclasses."""
    every = {*classes}.union(*map(subclasses_of, classes))
    found = gc.get_referrers(*every) if every else ()
    return [referrer for referrer in found if type(referrer) in every]


def subclasses_of(cls: type) -> set[type]:
    """All subclasses, the indirect ones too."""
    found: set[type] = set()
    todo = [cls]
    while todo:
        new: set[type] = {*type.__subclasses__(todo.pop())} - found
        found |= new
        todo += new
    return found


def running(codes: Collection[CodeType]) -> Counter[CodeType]:
    """How many frames run each of the codes: on the stacks of threads, or suspended."""
    found = Counter(code for code in _codes_on_stacks() if code in codes)
    suspendable = any(code.co_flags & _SUSPENDABLE for code in codes)
    for each in gc.get_objects() if suspendable else ():
        kind = _SUSPENDED.get(type(each))
        if kind and getattr(each, f"{kind}_frame") and not getattr(each, f"{kind}_running"):
            code = getattr(each, f"{kind}_code")  # a running one stands on a stack
            found.update([code] if code in codes else [])
    return found


def _codes_on_stacks() -> Iterator[CodeType]:
    # No variable is left with a frame: this stack would keep itself alive, and what it refers to.
    tops: list[types.FrameType] = list(sys._current_frames().values())
    while tops:
        frame: types.FrameType | None = tops.pop()
        while frame is not None:
            yield frame.f_code
            frame = frame.f_back


def held(functions: tuple[Any, ...], module: str, ignored: list[Any]) -> list[Any]:
    """Those of the functions that something else holds than their module and what is ignored."""
    found = gc.get_referrers(*functions) if functions else []
    # Not the namespace, and the copy of it that a rollback would need.
    inside = [each for each in found if isinstance(each, dict) and each.get("__name__") == module]
    ours = {*map(id, [*ignored, *inside])}
    holding = [each for each in found if id(each) not in ours]
    referents = {*map(id, gc.get_referents(*holding))}
    return [function for function in functions if id(function) in referents]


def holders(thing: Any, ignored: Iterable[Any]) -> list[str]:
    """Who holds an object, each as a short path from a module, a class or a frame."""
    paths = _paths(thing, "", _DEPTH, {*map(id, ignored)})
    return [*dict.fromkeys(islice(paths, _SHOWN))]


def _paths(thing: Any, suffix: str, depth: int, skipped: set[int]) -> Iterator[str]:
    found = gc.get_referrers(thing)
    skipped |= {id(found), id(thing)}
    for referrer in found:
        if id(referrer) not in skipped and not _is_ours(referrer):
            skipped.add(id(referrer))
            step, ends = _describe(referrer, thing)
            if ends:
                yield step + suffix
            elif depth > 1:
                yield from _paths(referrer, step + suffix, depth - 1, skipped)


def _is_ours(referrer: Any) -> bool:
    code = getattr(referrer, "f_code", None) or getattr(referrer, "gi_code", None)
    of_us = code is not None and code.co_filename.startswith(_FOLDER)
    return of_us or isinstance(referrer, DESCRIPTORS)


def _describe(referrer: Any, thing: Any) -> tuple[str, bool]:
    """The step from the referrer to the thing, and whether a path can begin with it."""
    if isinstance(referrer, (types.CellType, types.MethodType)):
        return "", False
    if isinstance(referrer, (type, FunctionType)):
        return f"{referrer.__module__}.{referrer.__qualname__}", True
    if isinstance(referrer, types.FrameType):
        return f"a local of {referrer.f_code.co_name}()", True
    if isinstance(referrer, dict):
        key = next((key for key, value in [*referrer.items()] if value is thing), None)
        of_module = "__builtins__" in referrer and "__name__" in referrer
        return (f"{referrer['__name__']}.{key}" if of_module else f"[{key!r}]"), of_module
    if isinstance(referrer, (list, tuple, set, frozenset)):
        index = next((index for index, value in enumerate(referrer) if value is thing), 0)
        return f"[{index}]", False
    return f"<{type(referrer).__module__}.{type(referrer).__qualname__} object>", True


def resolve(namespace: dict[str, Any], qualname: str) -> Any:
    """What a qualified name means in a module; None for nothing."""
    first, *rest = qualname.split(".")
    value = namespace.get(first)
    for name in rest:
        value = vars(value).get(name) if isinstance(value, type) else None
    return value
