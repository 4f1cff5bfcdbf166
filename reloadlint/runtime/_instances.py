"""Live instances of changed classes: the hook that migrates them, and what they lack."""

from __future__ import annotations

import ast
from collections import Counter
from typing import TYPE_CHECKING

from reloadlint.runtime import _live
from reloadlint.runtime._syntax import mangle, set_by_init

if TYPE_CHECKING:
    from reloadlint.runtime._reload import Batch
    from reloadlint.runtime._unit import Unit


def migrate(batch: Batch) -> None:
    """Call `__reload_instance__`, and report instances that lack what `__init__` now sets."""
    classes = {
        cls: attributes
        for unit in batch.units.values()
        for cls, attributes in _changed_classes(unit).items()
        if attributes or "__reload_instance__" in vars(cls)
    }
    lacking: Counter[tuple[type, str]] = Counter()
    for instance in _live.instances_of(set(classes)):
        for cls in type(instance).__mro__:
            if hook := cls in classes and vars(cls).get("__reload_instance__"):
                if hasattr(instance, "__dict__"):
                    batch.journal.guard_contents(vars(instance))
                hook(instance)
            lacking.update(
                (cls, name) for name in classes.get(cls, ()) if not hasattr(instance, name)
            )
    for (cls, name), count in lacking.items():
        reason = (
            f"the new __init__ sets `{name}`, which live instances lack;"
            " __reload_instance__ could set it"
        )
        batch.units[cls.__module__].add_unreached(cls.__qualname__, reason, 0, None, count)


def _changed_classes(unit: Unit) -> dict[type, set[str]]:
    """The changed classes, with what their `__init__` sets and formerly did not set."""
    found: dict[type, set[str]] = {}
    for old, new in unit.scopes.items():
        cls = _live.resolve(unit.namespace, new.qualname)
        if (
            isinstance(old.node, ast.ClassDef)
            and not unit.steps[new.index].same_text
            and isinstance(cls, type)
        ):
            names = set_by_init(new.node) - set_by_init(old.node)
            found[cls] = {mangle(name, cls.__name__) for name in names}
    return found
