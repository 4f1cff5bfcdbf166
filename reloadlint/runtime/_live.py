"""What is alive: functions of a module, instances of classes, running frames; who holds them."""

from __future__ import annotations

import gc
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from types import (
    AsyncGeneratorType,
    CellType,
    CodeType,
    CoroutineType,
    FrameType,
    FunctionType,
    GeneratorType,
    MethodType,
    ModuleType,
)
from typing import Any

_SUSPENDABLE = 0x20 | 0x80 | 0x200  # CO_GENERATOR, CO_COROUTINE, CO_ASYNC_GENERATOR
_SUSPENDED = {GeneratorType: "gi", CoroutineType: "cr", AsyncGeneratorType: "ag"}
_DEPTH = 4


def unfreeze() -> bool:
    """Let gc see objects that were frozen; whether there were more than CPython's own."""
    # 3.12 starts with some frozen. They cannot be frozen again without all the others.
    frozen = gc.get_freeze_count()
    if frozen:
        gc.unfreeze()
    return frozen > 10_000


def functions_of(namespace: dict[str, Any]) -> list[FunctionType]:
    """Every live function whose globals are `namespace`: one pass of gc over the heap."""
    return [
        referrer
        for referrer in gc.get_referrers(namespace)
        if type(referrer) is FunctionType and referrer.__globals__ is namespace
    ]


def instances_of(classes: set[type]) -> list[Any]:
    """The live instances of the classes and of their subclasses."""
    every = set(classes)
    for cls in classes:
        every.update(subclasses_of(cls))
    found = gc.get_referrers(*every) if every else ()
    return [referrer for referrer in found if type(referrer) in every]


def subclasses_of(cls: type) -> Iterator[type]:
    """All subclasses, the indirect ones too."""
    seen: set[type] = set()
    todo: list[type] = list(type.__subclasses__(cls))
    while todo:
        subclass = todo.pop()
        if subclass not in seen:
            seen.add(subclass)
            yield subclass
            todo += type.__subclasses__(subclass)


def classes_of(module: str) -> list[type]:
    """Every live class that says that it is of the module; a walk over classes only."""
    return [cls for cls in subclasses_of(object) if cls.__dict__.get("__module__") == module]


def running(codes: set[CodeType], objects: Iterable[CodeType]) -> Counter[CodeType]:
    """How many frames run each of the codes: on the stacks of threads, or suspended.

    `objects`: the code objects that may be meant. Equal ones are several: the module imported one,
    and comparing its text made another.
    """
    found = Counter(code for code in _codes_on_stacks() if code in codes)
    suspendable = [code for code in objects if code.co_flags & _SUSPENDABLE and code in codes]
    for referrer in gc.get_referrers(*suspendable) if suspendable else ():
        prefix = _SUSPENDED.get(type(referrer))
        if prefix and getattr(referrer, f"{prefix}_frame") is not None:
            if not getattr(referrer, f"{prefix}_running"):  # or else it stands on a stack
                found[getattr(referrer, f"{prefix}_code")] += 1
    return found


def _codes_on_stacks() -> Iterator[CodeType]:
    # No variable is left with a frame: this stack would keep itself alive, and what it refers to.
    tops: list[FrameType] = list(sys._current_frames().values())
    while tops:
        frame: FrameType | None = tops.pop()
        while frame is not None:
            yield frame.f_code
            frame = frame.f_back


def held(functions: list[FunctionType], ignored: list[Any]) -> list[FunctionType]:
    """Those of the functions that something else holds than what is ignored."""
    skipped = {id(each) for each in ignored}
    found: set[int] = set()
    for referrer in gc.get_referrers(*functions) if functions else ():
        if id(referrer) not in skipped and not _is_ours(referrer):
            found.update(map(id, gc.get_referents(referrer)))
    return [function for function in functions if id(function) in found]


def holders(thing: Any, ignored: Iterable[Any], limit: int = 3) -> list[str]:
    """Who holds an object, each as a short path from a module, a class or a frame."""
    skipped = {id(each) for each in ignored}
    paths: list[str] = []
    for path in _paths(thing, "", _DEPTH, skipped):
        if path not in paths:
            paths.append(path)
        if len(paths) == limit:
            break
    return paths


def _paths(thing: Any, suffix: str, depth: int, skipped: set[int]) -> Iterator[str]:
    found = gc.get_referrers(thing)
    skipped.add(id(found))
    for referrer in found:
        if id(referrer) in skipped or _is_ours(referrer):
            continue
        skipped.add(id(referrer))
        name, step = _describe(referrer, thing)
        if name is not None:
            yield name + step + suffix
        elif depth > 1:
            yield from _paths(referrer, step + suffix, depth - 1, skipped)


def _is_ours(referrer: Any) -> bool:
    if type(referrer).__module__.startswith(f"{__package__}."):
        return True
    code = getattr(referrer, "f_code", None) or getattr(referrer, "gi_code", None)
    return code is not None and code.co_filename.startswith(__file__.rpartition("_live")[0])


def _describe(referrer: Any, thing: Any) -> tuple[str | None, str]:
    """A name where the path can end, and the step from the referrer to the thing."""
    if isinstance(referrer, ModuleType):
        return referrer.__name__, ""
    if isinstance(referrer, type):
        return f"{referrer.__module__}.{referrer.__qualname__}", ""
    if isinstance(referrer, FrameType):
        names = [name for name, value in referrer.f_locals.items() if value is thing]
        return f"local {names[0] if names else 'value'} of {referrer.f_code.co_name}()", ""
    if isinstance(referrer, FunctionType):
        return f"{referrer.__module__}.{referrer.__qualname__}", ".<closure or default>"
    if isinstance(referrer, MethodType):
        return None, ".__func__"
    if isinstance(referrer, CellType):
        return None, ""
    if isinstance(referrer, dict):
        key = next((key for key, value in list(referrer.items()) if value is thing), None)
        if "__name__" in referrer and "__builtins__" in referrer:
            return f"{referrer['__name__']}.{key}", ""
        return None, f"[{key!r}]"
    if isinstance(referrer, (list, tuple)):
        index = next((i for i, value in enumerate(referrer) if value is thing), 0)
        return None, f"[{index}]"
    if isinstance(referrer, (set, frozenset)):
        return None, "{…}"
    return f"<{type(referrer).__module__}.{type(referrer).__qualname__} object>", ""


def resolve(namespace: dict[str, Any], qualname: str) -> Any:
    """What a qualified name means in a module; None for nothing."""
    first, *rest = qualname.split(".")
    value = namespace.get(first)
    for name in rest:
        value = vars(value).get(name) if isinstance(value, type) else None
    return value
