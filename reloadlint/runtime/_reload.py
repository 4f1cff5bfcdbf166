"""`reload`: several modules at once, in order of their imports, all or nothing."""

from __future__ import annotations

import ast
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
from types import ModuleType
from typing import Any

from reloadlint.runtime import _live, _sources, _unreached
from reloadlint.runtime._instances import migrate_instances
from reloadlint.runtime._journal import CONTAINERS, Journal
from reloadlint.runtime._keep import keep
from reloadlint.runtime._report import ReloadReport
from reloadlint.runtime._unit import Unit
from reloadlint.runtime._version import split_lines

logger = logging.getLogger("reloadlint.runtime")
_lock: Any = keep("_lock", threading.RLock)
_SWITCH_INTERVAL = 0.2
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
    name = module if isinstance(module, str) else module.__name__
    if isinstance(module, str) and name not in sys.modules:
        text = f"{name!r} is not loaded, so it cannot be reloaded"
        raise ModuleNotFoundError(text, name=name)
    found = sys.modules[module] if isinstance(module, str) else module
    if _sources.is_being_imported(found):
        importlib.import_module(name)  # waits, unless it is this thread that imports it
        if _sources.is_being_imported(found):
            raise _sources.NotReloadable(f"{name} is still being imported", name=name)
    return found


class Batch:
    """The modules of one reload."""

    def __init__(self, modules: list[ModuleType], full: bool) -> None:
        self.started, self.full = time.perf_counter(), full
        self.report, self.journal = ReloadReport(), Journal()
        # What was bound anew, as (module, name), with the moment; and which of them are gone.
        self.anew: dict[tuple[str, str], int] = {}
        self.moment = 0
        self.removed: set[tuple[str, str]] = set()
        self.done: set[int] = set()  # functions that need no other code
        self._guarded = False
        if _live.unfreeze():
            self.report.notes.append("objects frozen with gc.freeze() were unfrozen to be found")
        units = [Unit(self, each, *_sources.current_source(each)) for each in modules]
        self.units = in_import_order({unit.name: unit for unit in units})

    def run(self) -> ReloadReport:
        """Do it, or undo it."""
        modules = set(sys.modules)
        try:
            self._run()
        except BaseException:
            self.journal.rollback()
            for name in (set(sys.modules) - modules) & {*_sources.remembered}:
                del sys.modules[name], _sources.remembered[name]
            raise
        else:
            self._finish()
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
            self._adopt_module_attributes(unit)
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

    def _finish(self) -> None:
        self.journal.commit()
        _unreached.report_remnants(self.units.values())
        for unit in self.units.values():
            unit.remember()
        for name in ("updated", "added", "removed", "kept"):
            setattr(self.report, name, list(dict.fromkeys(getattr(self.report, name))))
        self.report.seconds = time.perf_counter() - self.started

    def _call_hook(self, unit: Unit, name: str, *arguments: Any) -> Any:
        hook = unit.namespace.get(name)
        if hook is not None:
            self.guard_registries()
        return hook(*arguments) if hook is not None else None

    def bind_anew(self, module: str, name: str) -> None:
        """Take note that the name means another object, or nothing, from now on."""
        self.moment += 1
        self.anew[module, name] = self.anew[module, "*"] = self.moment

    def _follow(self) -> None:
        """Have other modules, and those of a cycle, recompute what derives from new bindings."""
        last = 0
        for _ in range(10):  # a cycle may feed itself
            if last == self.moment:
                break
            last = self.moment
            for name in _readers({module for module, _ in self.anew}) - {*self.units}:
                unit = Unit(self, sys.modules[name], _sources.remembered[name])
                self.journal.guard_contents(unit.namespace)
                self.units[name] = unit
            self.units = in_import_order(self.units)
            for unit in self.units.values():
                unit.run()

    def _adopt_module_attributes(self, unit: Unit) -> None:
        attributes: dict[str, Any] = {"__doc__": ast.get_docstring(unit.new.tree, clean=False)}
        if (spec := unit.spec) is not None:
            attributes |= {"__spec__": spec, "__loader__": spec.loader, "__file__": spec.origin}
            attributes |= {"__cached__": spec.cached, "__path__": spec.submodule_search_locations}
        for name, value in attributes.items():
            if name in unit.namespace and (value is not None or name == "__doc__"):
                unit.namespace[name] = value

    def guard_registries(self) -> None:
        """Before the first statement with effects: registries may be changed by any of them."""
        for name in [] if self._guarded else [*_sources.remembered]:
            for value in [*vars(sys.modules.get(name, self)).values()]:
                self._guard(value, 3)
        self._guarded = True

    def _guard(self, value: Any, depth: int) -> None:
        contents: Any = None
        if isinstance(value, CONTAINERS):
            self.journal.guard_contents(value)
            contents = value if isinstance(value, dict) and len(value) < _LARGE else None
        elif isinstance(value, type) and value.__module__ in _sources.remembered:
            contents = vars(value)
        elif type(value).__module__ in _sources.remembered and hasattr(value, "__dict__"):
            contents = vars(value)
            self.journal.guard_contents(contents)
        for part in [*contents.values()] if contents and depth else ():
            self._guard(part, depth - 1)

    def _redirect_doubles(self) -> None:
        """Registries that were given a new function or class get the one it was merged into."""
        doubles = [pair for unit in self.units.values() for pair in unit.doubles]
        originals, news = {id(new): old for new, old in doubles}, [new for new, _ in doubles]
        for holder in gc.get_referrers(*news) if news else ():
            if holder is not news and isinstance(holder, CONTAINERS):
                # The dictionary of a class must not be written to directly.
                if not ("__module__" in holder and "__name__" not in holder):
                    self._redirect(holder, originals)

    def _redirect(self, holder: Any, originals: dict[int, Any]) -> None:
        contents: Any
        if isinstance(holder, dict):
            items = holder.items()
            contents = {originals.get(id(k), k): originals.get(id(v), v) for k, v in items}
        else:
            # Registered a second time by the same statement: once is what is meant.
            present = {id(value) for value in holder}
            new = [value for value in holder if id(originals.get(id(value))) not in present]
            contents = [originals.get(id(value), value) for value in new]
        self.journal.set_contents(holder, contents)

    def _update_places(self, unit: Unit) -> None:
        """Let tracebacks, `inspect` and pdb find the lines of the new text."""
        filename, stat, text = unit.new.filename, unit.new.stat, unit.new.text
        size, mtime = (stat[1], stat[0] / 1e9) if stat else (len(text), None)
        self.journal.set_item(linecache.cache, filename, (size, mtime, split_lines(text), filename))
        for name in unit.new.classes:
            cls, line = _live.resolve(unit.namespace, name), unit.new.line_of(name)
            if isinstance(cls, type) and vars(cls).get("__firstlineno__", line) != line:  # 3.13
                self.journal.set_attribute(cls, "__firstlineno__", line)


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
    pattern = rf"^[^#\n]*\b(from|import)\b.*(\b({words})\b|\bfrom\s+\.+\s)"
    objects = {id(sys.modules.get(name)) for name in modules}
    return {
        name
        for name, source in [*_sources.remembered.items()]
        if name in sys.modules and "import" in source.text
        if re.search(pattern, source.text, re.MULTILINE)
        or not objects.isdisjoint(map(id, [*vars(sys.modules[name]).values()]))
    } - modules
