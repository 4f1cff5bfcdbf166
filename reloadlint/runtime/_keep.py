"""`keep`: module state that is made once and found again by every later run of the module."""

# No dataclasses here: they load inspect and ast, half the cost of importing the runtime.
from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from typing import Any, TypeVar, cast

T = TypeVar("T")
_MISSING = object()  # reloadlint: ignore[RL203] -- the reloader is not reloaded


class _Module:
    """What one module keeps. Data only: an instance outlives a reload of this file."""

    def __init__(self, namespace: dict[str, Any]) -> None:
        self.namespace = namespace  # of the module's latest run
        self.values: dict[str, Any] = {}  # as `keep` last returned or found them


class _Registry:
    """All that is kept in this process. Data only, as above."""

    def __init__(self) -> None:
        self.guard = threading.RLock()  # of `modules`; never held while a factory runs
        self.modules: dict[str, _Module] = {}
        self.locks: dict[tuple[str, str], threading.RLock] = {}


# On `sys`, which no reloader replaces: a second registry would know nothing of the first.
_registry: _Registry = sys.__dict__.setdefault("_reloadlint_kept", _Registry())


def keep(name: str, factory: Callable[[], T]) -> T:
    """Return `factory()` when the calling module first runs, and the same state ever after.

        CACHE: dict[str, int] = keep("CACHE", dict)

    When the module runs again (`importlib.reload`, a new import after `del sys.modules[...]`, a
    reloader that clears the namespace first, `exec`), the value is the one that the module-level
    variable `name` had last. So a counter under `global` goes on counting. A `name` which is no
    variable, as `"Pool.free"` for a class attribute, yields the object made first.

    Threads may call it at once: one of them calls `factory`. If that raises, nothing is kept.

    What it cannot do:

    - Cross processes. A spawned worker starts with nothing kept.
    - Tell modules of one name apart, or see that two names are one file: a script run as
      `__main__` and imported elsewhere by its own name is two modules with two states.
    - See a rebinding that a reloader erased: where the namespace was cleared, a rebound name goes
      back to what it was when the module last ran. Objects changed in place lose nothing.
    - Convert. When `factory` comes to make another type, the old object stays; use a new name.
    - Survive another module-level assignment to `name` above the call: that one counts as last.
    """
    namespace = sys._getframe(1).f_globals
    module = namespace.get("__name__")
    if not isinstance(module, str):
        raise RuntimeError("keep() was called outside a module: its namespace has no __name__")
    # A lock for each name, so that a slow factory, or one that imports, blocks nobody else; and
    # reentrant, since a factory may call `keep`, and so may a finalizer run while we hold it.
    with _registry.locks.setdefault((module, name), threading.RLock()):
        value = _find(module, name, namespace)
        if value is _MISSING:
            value = factory()
            _store(module, name, value, namespace)
    return cast(T, value)


def _find(module: str, name: str, namespace: dict[str, Any]) -> object:
    """The current value of a kept name, or _MISSING."""
    with _registry.guard:
        kept = _registry.modules.get(module)
        if kept is None or name not in kept.values:
            return _MISSING
        _follow(kept, namespace)
        return kept.values[name]


def _store(module: str, name: str, value: object, namespace: dict[str, Any]) -> None:
    with _registry.guard:
        kept = _registry.modules.setdefault(module, _Module(namespace))
        _follow(kept, namespace)
        kept.values[name] = value


def _follow(kept: _Module, namespace: dict[str, Any]) -> None:
    """Take over what all the variables hold by now, so that the former namespace can go."""
    for name in tuple(kept.values):
        kept.values[name] = kept.namespace.get(name, kept.values[name])
    kept.namespace = namespace
