"""Every write of a reload goes through a `Journal`, so that a failed reload can take it back."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from types import CodeType, FunctionType
from typing import Any

MISSING: Any = object()  # reloadlint: ignore[RL203] -- the reloader is not reloaded
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

    def set_item(self, mapping: Any, key: Any, value: Any) -> None:
        """Like `mapping[key] = value`; MISSING deletes."""
        old = mapping.get(key, MISSING)
        if old is not value:
            self.on_rollback(_put, mapping, key, old)
            _put(mapping, key, value)

    def set_attribute(self, owner: Any, name: str, value: Any) -> None:
        """Like `owner.name = value`, whatever hooks its class has; MISSING deletes."""
        if isinstance(owner, type):
            old = vars(owner).get(name, MISSING)
        else:
            old = getattr(owner, name, MISSING)
        setter = type.__setattr__ if isinstance(owner, type) else object.__setattr__
        deleter = type.__delattr__ if isinstance(owner, type) else object.__delattr__
        if value is MISSING:
            deleter(owner, name)
        else:
            setter(owner, name, value)
        if old is MISSING:
            self.on_rollback(deleter, owner, name)
        else:
            self.on_rollback(setter, owner, name, old)

    def set_type_slot(self, owner: type, name: str, value: Any) -> None:
        """Exchange what a class stores outside its dictionary: `__bases__`, `__class__`."""
        old = getattr(owner, name)
        setattr(owner, name, value)
        self.on_rollback(setattr, owner, name, old)

    def set_function(
        self,
        function: FunctionType,
        code: CodeType,
        defaults: tuple[Any, ...] | None,
        kwdefaults: dict[str, Any] | None,
    ) -> None:
        """Exchange what a call runs. No thread can see half of it."""
        old = (function.__code__, function.__defaults__, function.__kwdefaults__)
        _set_function(function, code, defaults, kwdefaults)
        self.on_rollback(_set_function, function, *old)

    def set_contents(self, container: Any, contents: Any) -> None:
        """Make a container equal to `contents` without exchanging it."""
        self.on_rollback(_fill, container, _copy(container))
        _fill(container, _copy(contents))

    def guard_contents(self, container: Any) -> None:
        """Put the contents back on rollback: code that is about to run may change them."""
        self.on_rollback(_restore, container, _copy(container))


def _set_function(
    function: FunctionType,
    code: CodeType,
    defaults: tuple[Any, ...] | None,
    kwdefaults: dict[str, Any] | None,
) -> None:
    # Three stores in a row: CPython switches threads at calls and backward jumps only.
    function.__code__ = code
    function.__defaults__ = defaults
    function.__kwdefaults__ = kwdefaults  # None is allowed


def _put(mapping: Any, key: Any, value: Any) -> None:
    if value is MISSING:
        mapping.pop(key, None)
    else:
        mapping[key] = value


def _copy(container: Any) -> Any:
    # Not container.copy(): subclasses override it, and plain copies are enough to refill.
    if isinstance(container, dict):
        return dict(container)
    if isinstance(container, set):
        return set(container)
    return bytearray(container) if isinstance(container, bytearray) else list(container)


def _fill(container: Any, contents: Any) -> None:
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


def _restore(container: Any, contents: Any) -> None:
    now = _copy(container)
    same = len(now) == len(contents)
    if isinstance(now, dict):
        same = same and all(contents.get(key, MISSING) is now[key] for key in now)
    elif isinstance(now, list):
        same = same and all(map(lambda one, other: one is other, now, contents))
    else:
        same = same and now == contents
    if not same:
        _fill(container, contents)
