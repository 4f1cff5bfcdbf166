"""Every write of a reload goes through a `Journal`, so that a failed reload can take it back."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from types import FunctionType
from typing import Any

MISSING: Any = object()  # reloadlint: ignore[RL203] -- the reloader is not reloaded
IMMUTABLE = (int, float, complex, str, bytes, bool, type(None), frozenset, tuple)
CONTAINERS = (dict, list, set, deque, bytearray)


class Journal:
    """Writes with their inverses, undone in reverse order."""

    def __init__(self) -> None:
        self._undo: list[tuple[Callable[..., object], tuple[Any, ...]]] = []

    def on_rollback(self, action: Callable[..., object], *arguments: Any) -> None:
        """Have `action` called if the reload fails."""
        self._undo.append((action, arguments))

    def commit(self) -> None:
        """Let go of the old values: nothing can fail any more."""
        self._undo.clear()

    def rollback(self) -> None:
        """Take back everything, the latest first."""
        while self._undo:
            action, arguments = self._undo.pop()
            action(*arguments)

    # No write outlives its reload, and the reloader is not reloaded: hence `ignore[RL104]`.

    def set_item(self, mapping: Any, key: Any, value: Any) -> None:
        """Like `mapping[key] = value`; MISSING deletes."""
        self.on_rollback(_put, mapping, key, mapping.get(key, MISSING))  # reloadlint: ignore[RL104]
        _put(mapping, key, value)

    def set_attribute(self, owner: Any, name: str, value: Any) -> None:
        """Like `owner.name = value`, whatever hooks its class has; MISSING deletes."""
        of_class = isinstance(owner, type) and name not in ("__bases__", "__class__")
        old = vars(owner).get(name, MISSING) if of_class else getattr(owner, name, MISSING)
        _set(owner, name, value)
        self.on_rollback(_set, owner, name, old)  # reloadlint: ignore[RL104]

    def set_function(self, function: FunctionType, *call: Any) -> None:
        """Exchange what a call runs: code, defaults, keyword defaults. No thread sees half."""
        old = (function.__code__, function.__defaults__, function.__kwdefaults__)
        self.on_rollback(_set_function, function, *old)  # reloadlint: ignore[RL104]
        _set_function(function, *call)

    def set_contents(self, container: Any, contents: Any) -> None:
        """Make a container equal to `contents` without exchanging it."""
        self.guard_contents(container)
        _fill(container, _copy(contents))

    def guard_contents(self, container: Any) -> None:
        """Put the contents back on rollback: code that is about to run may change them."""
        self.on_rollback(_fill, container, _copy(container))  # reloadlint: ignore[RL104]


def _set_function(function: Any, code: Any, defaults: Any, kwdefaults: Any) -> None:
    # Three stores in a row: CPython switches threads at calls and backward jumps only.
    function.__code__ = code
    function.__defaults__ = defaults
    function.__kwdefaults__ = kwdefaults


def _put(mapping: Any, key: Any, value: Any) -> None:
    if value is MISSING:
        mapping.pop(key, None)
    else:
        mapping[key] = value


def _set(owner: Any, name: str, value: Any) -> None:
    kind: Any = type if isinstance(owner, type) else object
    if value is MISSING:
        kind.__delattr__(owner, name)
    else:
        kind.__setattr__(owner, name, value)


def _copy(container: Any) -> Any:
    # Not container.copy(): subclasses override it, and plain copies are enough to refill.
    kind = next((kind for kind in (dict, set, bytearray) if isinstance(container, kind)), list)
    return kind(container)


def _fill(container: Any, contents: Any) -> None:
    if identities(container) == identities(contents):
        return  # subclasses may watch what is done to them
    if isinstance(container, (dict, set)):
        # Added before anything is removed: another thread sees a key old or new, never neither.
        container.update(contents)
        for key in [key for key in container if key not in contents]:
            container.pop(key) if isinstance(container, dict) else container.discard(key)
    elif isinstance(container, deque):
        container.clear()
        container.extend(contents)
    else:
        container[:] = contents


def identities(contents: Any) -> list[int]:
    """By which a container is told from one that only compares equal: `[True]` from `[1]`."""
    values = contents.values() if isinstance(contents, dict) else ()
    return [*map(id, list(contents)), *map(id, list(values))]
