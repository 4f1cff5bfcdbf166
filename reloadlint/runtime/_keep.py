"""`keep`: module state that is made once and found again by every later run of the module."""

# No dataclasses here: they load inspect and ast, half the cost of importing the runtime.
from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import TypeVar

T = TypeVar("T")
# By module and name: the value as `keep` last returned it, the namespace of the run that got it,
# and a lock, so that a slow factory, or one that imports, blocks nobody else; reentrant, since a
# factory may call `keep`, and so may a finalizer. On `sys`, which no reloader replaces: a second
# registry would know nothing of the first. Data only: it outlives a reload of this file.
_kept: dict[tuple[str, str], SimpleNamespace] = sys.__dict__.setdefault("_reloadlint_kept", {})


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
    kept = _kept.setdefault((module, name), SimpleNamespace(lock=threading.RLock()))
    with kept.lock:
        made = hasattr(kept, "value")
        value: T = kept.namespace.get(name, kept.value) if made else factory()
        kept.value, kept.namespace = value, namespace
    return value
