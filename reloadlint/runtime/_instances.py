"""Live instances of changed classes: the hook that migrates them, and what they lack."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from reloadlint.runtime import _live
from reloadlint.runtime._statements import class_nodes, mangle, set_by_init

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
    for step in unit.steps:
        former = class_nodes(step.old.node) if step.old and not step.same_text else {}
        for qualname, node in class_nodes(step.new.node).items() if former else ():
            cls = _live.resolve(unit.namespace, qualname)
            if qualname in former and isinstance(cls, type):
                names = set_by_init(node) - set_by_init(former[qualname])
                found[cls] = {mangle(name, cls.__name__) for name in names}
    return found
