"""How a value is travelling: through how many names, and where in which containers."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from typing import Final

Slot = int | str
ANY: Final = "any"  # an element of a list, a set or an iterator
KEY: Final = "key"
VALUE: Final = "value"
SOMEWHERE: Final = "somewhere"  # in a container of unknown shape


@dataclass(frozen=True)
class Way:
    """`slots` say where the value is in the containers around it, the outermost container first.

    The slot in a tuple or list display is a position. `is_lazy`: in an iterator that has not run,
    or a coroutine. `is_suspendable`: a call of the value makes one of these.
    """

    depth: int = 0
    slots: tuple[Slot, ...] = ()
    is_lazy: bool = False
    is_suspendable: bool = False

    @property
    def is_contained(self) -> bool:
        """True where what travels is not the value itself, but has it."""
        return bool(self.slots)

    def into(self, slot: Slot) -> Way:
        """The value, or what has it, is put into a container."""
        return replace(self, slots=(slot, *self.slots))

    def somewhere(self) -> Way:
        """What has it is made into something of another shape."""
        return replace(self, slots=(SOMEWHERE,))

    def out(self) -> Way:
        """What is in the outermost container is taken out of it."""
        if self.slots[:1] == (SOMEWHERE,):
            return self
        return replace(self, slots=self.slots[1:])

    def reordered(self) -> Way:
        """The elements go into another container, where any may be anywhere."""
        if self.slots[:1] == (SOMEWHERE,):
            return self
        return replace(self, slots=(ANY, *self.slots[1:]))

    def iterated(self, target: ast.expr) -> Way | None:
        """A `for` with this target goes over the container; None where it does not give the value.

        What runs over an iterator that `map` has made gets results of the value, for instance.
        """
        if not self.slots or self.is_lazy or self.slots[0] == VALUE:
            return None
        if self.slots[0] == SOMEWHERE and not isinstance(target, ast.Name):
            return None
        return self.out()

    def unpacked(self, position: int, *, is_sure: bool) -> Way | None:
        """The container is unpacked: what comes at this position; surely, if no star is before."""
        slot = self.slots[0] if self.slots else SOMEWHERE
        if slot == VALUE or (isinstance(slot, int) and is_sure and slot != position):
            return None
        return self.out()

    def by_method(self, name: str) -> Way | None:
        """What a method of the container returns; None where that does not have the value."""
        slot = self.slots[0] if self.slots else SOMEWHERE
        if slot in (KEY, VALUE):
            if name == "items":
                return self.out().into(0 if slot == KEY else 1).into(ANY)
            if name == ("keys" if slot == KEY else "values"):
                return self.reordered()
            return self.out() if slot == VALUE and name in {"get", "pop"} else None
        return self.out() if slot != SOMEWHERE and name == "pop" else None


def slots_in(display: ast.AST) -> dict[ast.AST, Slot]:
    """Where each element of a display or comprehension is in what it makes."""
    if isinstance(display, ast.Dict):
        values: dict[ast.AST, Slot] = dict.fromkeys(display.values, VALUE)
        return values | {key: KEY for key in display.keys if key is not None}
    if isinstance(display, ast.DictComp):
        return {display.key: KEY, display.value: VALUE}
    elements = getattr(display, "elts", ())
    if any(isinstance(element, ast.Starred) for element in elements):
        return {}
    return {element: i for i, element in enumerate(elements)}
