"""`reload`: several modules at once, in order of their imports, all or nothing."""

from __future__ import annotations

import contextlib
import gc
import importlib
import linecache
import logging
import re
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import CellType, FrameType, FunctionType, MappingProxyType, ModuleType
from typing import Any

from reloadlint.runtime import _live, _sources, _unreached
from reloadlint.runtime._instances import migrate_instances
from reloadlint.runtime._journal import CONTAINERS, MISSING, Journal
from reloadlint.runtime._keep import keep
from reloadlint.runtime._report import ReloadReport
from reloadlint.runtime._unit import Unit
from reloadlint.runtime._version import first_line

logger = logging.getLogger("reloadlint.runtime")
_lock: Any = keep("_lock", threading.RLock)
_SWITCH_INTERVAL = 0.2
_OWN_FROZEN = 10_000  # CPython 3.12 starts with fewer
# What refers to a class and belongs to it, or to those that run this.
_OF_CLASSES = (CellType, FunctionType, FrameType, *_live.DESCRIPTORS)
_TWICE = "there are two of it: what holds the other one cannot be made to hold this one"
_LARGE = 1000  # entries: no registry, but data


def reload(module: ModuleType | str, *more: ModuleType | str, full: bool = False) -> ReloadReport:
    """Bring loaded modules up to their files, and every object made by them where possible.

    Of the new text only those top-level statements are executed that changed, or that compute
    from a name which was bound anew. `full=True` executes all of them, and containers take over
    the new contents in place.

    Either all of it happens or nothing: where the text does not compile, a statement raises, or a
    hook does, everything is put back and the exception propagates. The report says what could not
    be reached, and why.

    A module may define `__before_reload__() -> state` (its old version is called, to let go of
    what the new one will take) and `__after_reload__(state)` (the new one). A class may define
    `__reload_instance__(self)`, called for each live instance after the class was changed.
    """
    modules = [_module(each) for each in (module, *more)]
    with _lock, _undisturbed():
        report = Batch(modules, full).run()
    logger.log(logging.INFO if report.complete else logging.WARNING, "%s", report)
    return report


def reload_changed(paths: list[Path] | None = None) -> ReloadReport:
    """Reload every first-party module whose file changed, in one batch: a safe point of yours."""
    _sources.start_recording()
    with _lock:
        changed = list(_sources.changed_modules(paths))
        return reload(*changed) if changed else ReloadReport()


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    enabled, interval = gc.isenabled(), sys.getswitchinterval()
    gc.disable()  # syntax trees are many objects: they would start collections of the heap
    # Other threads should see the old version or the new one, not a mixture: let them wait for
    # the few milliseconds, but not for ever if a statement blocks.
    sys.setswitchinterval(max(interval, _SWITCH_INTERVAL))
    try:
        yield
    finally:
        sys.setswitchinterval(interval)
        if enabled:
            gc.enable()


def _module(module: ModuleType | str) -> ModuleType:
    if isinstance(module, str) and module not in sys.modules:
        text = f"{module!r} is not loaded, so it cannot be reloaded"
        raise ModuleNotFoundError(text, name=module)
    found = sys.modules[module] if isinstance(module, str) else module
    if _sources.is_being_imported(found):
        name = found.__name__
        importlib.import_module(name)  # waits, unless it is this thread that imports it
        if _sources.is_being_imported(found):
            raise _sources.NotReloadable(f"{name} is still being imported", name=name)
    return found


class Batch:
    """The modules of one reload, and what they share."""

    def __init__(self, modules: list[ModuleType], full: bool) -> None:
        self.started, self.full = time.perf_counter(), full
        self.report, self.journal = ReloadReport(), Journal()
        # What was bound anew, or is gone, as (module, name), with the moment.
        self.anew: dict[tuple[str, str], int] = {}
        self.moment = 0
        self.done: set[int] = set()  # functions that need no other code
        self.merging: set[tuple[int, int]] = set()
        self.known: set[int] = set()  # what was there before, and takes nobody's place
        self.changed_code: set[int] = set()  # functions
        self.changed_contents: set[int] = set()  # containers
        # What was made anew and is not needed, with what stands for it.
        self.doubles: list[tuple[Any, Any]] = []
        self.outdated: list[type] = []  # classes with methods that know the fields of a base
        self._guarded = False
        if gc.get_freeze_count() > _OWN_FROZEN:
            logger.warning("objects frozen with gc.freeze() were unfrozen to be found")
        gc.unfreeze()
        units = [Unit(self, each, *_sources.current_source(each)) for each in modules]
        self.units = in_import_order({unit.name: unit for unit in units})

    def run(self) -> ReloadReport:
        """Do it, or undo it."""
        modules = {*sys.modules}
        try:
            self._run()
        except BaseException:
            self.journal.rollback()
            for name in ({*sys.modules} - modules) & {*_sources.remembered}:
                del sys.modules[name], _sources.remembered[name]
            raise
        else:
            self.journal.commit()
            _unreached.report_remnants(self)
            for unit in self.units.values():
                unit.remember()
            for name in ("updated", "added", "removed", "kept"):
                setattr(self.report, name, [*dict.fromkeys(getattr(self.report, name))])
            self.report.seconds = time.perf_counter() - self.started
            return self.report
        finally:
            self.units.clear()  # no cycles: the trees go at once, not with the next collection

    def _run(self) -> None:
        changed = list(self.units.values())
        self.report.modules = [unit.name for unit in changed]
        for unit in changed:
            self.journal.guard_contents(unit.namespace)
        states = [self._call_hook(unit, "__before_reload__") for unit in changed]
        for unit in changed:
            bound = unit.new.binds  # as `__path__`, which a text may extend
            unit.namespace.update({k: v for k, v in unit.attributes.items() if k not in bound})
            unit.run()
            _unreached.remove_names(unit)
        self._follow()
        for unit in self.units.values():
            unit.finish()
        self._redirect_doubles()
        for unit in self.units.values():
            migrate_instances(unit)
        for unit, state in zip(changed, states, strict=True):
            self._call_hook(unit, "__after_reload__", state)
        for unit in changed:
            self._update_places(unit)

    def _call_hook(self, unit: Unit, name: str, *arguments: Any) -> Any:
        hook = unit.namespace.get(name)
        if hook is None:
            return None
        self.guard_registries()
        return hook(*arguments)

    def bind_anew(self, module: str, name: str) -> None:
        """Take note that the name means another object, or nothing, from now on."""
        self.moment += 1
        self.anew[module, name] = self.anew[module, "*"] = self.moment

    def _follow(self) -> None:
        """Have other modules, and those of a cycle, recompute what derives from new bindings."""
        last = 0
        for _ in range(10 + len(_sources.remembered)):  # a cycle may feed itself
            outdated, self.outdated = self.outdated, []
            if last == self.moment and not outdated:
                break
            last = self.moment
            names = _readers({module for module, _ in self.anew})
            names |= {cls.__module__ for cls in outdated} & {*_sources.remembered}
            for name in names - {*self.units}:
                unit = Unit(self, sys.modules[name], _sources.remembered[name])
                self.journal.guard_contents(unit.namespace)
                self.units[name] = unit
            for cls in outdated:
                if cls.__module__ in self.units:
                    self.units[cls.__module__].decorate_again(cls)
            self.units = in_import_order(self.units)
            for unit in self.units.values():
                unit.run()

    def guard_registries(self) -> None:
        """Before the first statement with effects: registries may be changed by any of them."""
        for name in [] if self._guarded else [*_sources.remembered]:
            for value in [*vars(sys.modules.get(name, self)).values()]:
                self._guard(value, 3)
        self._guarded = True

    def _guard(self, value: Any, depth: int) -> None:
        self.known.add(id(value))
        owner = value if isinstance(value, type) else type(value)
        is_own = owner.__module__ in _sources.remembered
        for contents in (value, getattr(value, "__dict__", None) if is_own else None):
            if isinstance(contents, CONTAINERS):  # the attributes of a class are read only
                self.journal.guard_contents(contents)
            if depth and isinstance(contents, (dict, MappingProxyType)) and len(contents) < _LARGE:
                for part in [*contents.values()]:
                    self._guard(part, depth - 1)

    def _redirect_doubles(self) -> None:
        """Registries that were given a new function or class get the one it was merged into."""
        originals = {id(new): old for new, old in self.doubles}
        # A tuple: from 3.13 on, the arguments of the call that looks are found, too.
        news = tuple(new for new, _ in self.doubles)
        contents: Any
        ours = {*map(id, [*self.doubles, news, *(c.__mro__ for c in news if isinstance(c, type))])}
        others: list[Any] = []
        for referrer in gc.get_referrers(*news) if news else ():
            if isinstance(original := originals.get(id(type(referrer))), type):
                with contextlib.suppress(TypeError):  # which is reported
                    self.journal.set_attribute(referrer, "__class__", original)
            # From 3.13 on, the dictionary of an object is no object of its own.
            inside = type(referrer).__dictoffset__ and not isinstance(referrer, CONTAINERS)
            holder = referrer.__dict__ if inside else referrer
            if not isinstance(holder, CONTAINERS) or _is_of_class(holder):
                others += [] if id(holder) in ours or isinstance(holder, _OF_CLASSES) else [holder]
                continue
            if isinstance(holder, dict):
                items = holder.items()
                contents = {originals.get(id(k), k): originals.get(id(v), v) for k, v in items}
            else:
                # Registered a second time by the same statement: once is what is meant.
                present = {*map(id, holder)}
                pairs = [(value, originals.get(id(value), value)) for value in holder]
                contents = [old for new, old in pairs if old is new or id(old) not in present]
            self.journal.set_contents(holder, contents)
        if others:
            self._report_second_classes(others)

    def _report_second_classes(self, holders: list[Any]) -> None:
        """Of a class that was merged, the other one may be in what cannot be changed."""
        caches = [cache for unit in self.units.values() for cache in unit.caches]
        tables = [each for each in gc.get_referents(*caches) if isinstance(each, dict)]
        keys = {id(key) for table in tables for key in table}  # which do no harm
        held = {*map(id, gc.get_referents(*(each for each in holders if id(each) not in keys)))}
        said = {(each.name, each.rule) for unit in self.units.values() for each in unit.remnants}
        for second, cls in self.doubles:
            name = f"{cls.__module__}.{cls.__qualname__}"
            if isinstance(second, type) and id(second) in held and (name, "RL502") not in said:
                self.units[cls.__module__].unreached(second, _TWICE, "RL502").append(second)

    def _update_places(self, unit: Unit) -> None:
        """Let tracebacks, `inspect` and pdb find the lines of the new text."""
        self.journal.set_item(linecache.cache, unit.new.filename, MISSING)
        for name, scope in unit.new.classes.items():
            cls, line = _live.resolve(unit.namespace, name), first_line(scope.node)
            if isinstance(cls, type) and vars(cls).get("__firstlineno__", line) != line:  # 3.13
                self.journal.set_attribute(cls, "__firstlineno__", line)


def _is_of_class(mapping: Any) -> bool:
    """Whether this is the dictionary of a class, which must not be written to directly."""
    return isinstance(mapping, dict) and "__module__" in mapping and "__name__" not in mapping


def in_import_order(units: dict[str, Unit]) -> dict[str, Unit]:
    """Imported modules before those that import them; in a cycle, as they were given."""
    ordered: dict[str, Unit] = {}
    for name in units:
        _visit(name, units, ordered, frozenset())
    return ordered


def _visit(name: str, units: dict[str, Unit], ordered: dict[str, Unit], path: Any) -> None:
    if name not in ordered and name not in path:
        for imported in sorted(units[name].imported & {*units}):
            _visit(imported, units, ordered, path | {name})
        ordered[name] = units[name]


def _readers(modules: set[str]) -> set[str]:
    """The loaded modules that import one of those, or from one, as far as their texts tell."""
    words = "|".join(re.escape(name.rpartition(".")[2]) for name in modules)
    imports = rf"^[^#\n]*\b(from|import)\b.*(\b({words})\b|\bfrom\s+\.+\s)"
    found = set()
    for name in {*_sources.remembered} & {*sys.modules}:
        values = [*vars(sys.modules[name]).values()]
        held = any(isinstance(each, ModuleType) and each.__name__ in modules for each in values)
        if held or re.search(imports, _sources.remembered[name].text, re.MULTILINE):
            found.add(name)
    return found - modules
