"""`reload`: several modules at once, in order of their imports, all or nothing."""

from __future__ import annotations

import ast
import contextlib
import gc
import linecache
import logging
import sys
import threading
import time
import weakref
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

from reloadlint.runtime import _live, _sources
from reloadlint.runtime._closures import is_forwarder
from reloadlint.runtime._journal import CONTAINERS, MISSING, Journal
from reloadlint.runtime._keep import keep
from reloadlint.runtime._report import ReloadReport, Unreached
from reloadlint.runtime._statements import mangle
from reloadlint.runtime._unit import Unit, remember_lineage, same_instructions
from reloadlint.runtime._version import Version, split_lines

logger = logging.getLogger("reloadlint.runtime")
_lock: Any = keep("_lock", threading.RLock)
_generation: list[int] = keep("_generation", lambda: [0])
_SWITCH_INTERVAL = 0.2
_HELD_SHOWN = 5


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
    with _lock, _without_gc():
        sources = [(each, *_sources.current_source(each)) for each in modules]
        report = Batch([Unit(*each) for each in sources], full).run()
    logger.info("%s", report)
    for entry in report.not_updated:
        logger.warning("not updated: %s", entry)
    return report


@contextlib.contextmanager
def _without_gc() -> Iterator[None]:
    """Syntax trees are many objects: making them would start collections of the whole heap."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def reload_changed(paths: list[Path] | None = None) -> ReloadReport:
    """Reload every first-party module whose file changed, in one batch: a safe point of yours."""
    _sources.start_recording()
    with _lock:
        changed = list(_sources.changed_modules(paths))
        if not changed:
            return ReloadReport()
        return reload(*changed)


def _module(module: ModuleType | str) -> ModuleType:
    if isinstance(module, ModuleType):
        return module
    if module not in sys.modules:
        raise ModuleNotFoundError(
            f"{module!r} is not loaded, so it cannot be reloaded", name=module
        )
    return sys.modules[module]


class Batch:
    """The modules of one reload."""

    def __init__(self, units: list[Unit], full: bool) -> None:
        self.units = {unit.name: unit for unit in units}
        self.full = full
        self.report = ReloadReport()
        self.journal = Journal()
        self._guarded = False

    def run(self) -> ReloadReport:
        """Do it, or undo it."""
        started = time.perf_counter()
        if _live.unfreeze():
            self.report.notes.append("objects frozen with gc.freeze() were unfrozen to be found")
        for unit in self.units.values():
            unit.plan(self.full)
        units = in_import_order(list(self.units.values()))
        interval = sys.getswitchinterval()
        modules = set(sys.modules)
        try:
            # Other threads should see the old version or the new one, not a mixture: let them
            # wait for the few milliseconds, but not for ever if a statement blocks.
            sys.setswitchinterval(max(interval, _SWITCH_INTERVAL))
            self._run(units)
        except BaseException:
            self.journal.rollback()
            for name in set(sys.modules) - modules:
                if _sources.remembered(name) is not None:
                    del sys.modules[name]
                    _sources.remember(name, None)
            raise
        finally:
            sys.setswitchinterval(interval)
        self._finish(units)
        self.report.seconds = time.perf_counter() - started
        return self.report

    def _run(self, units: list[Unit]) -> None:
        for unit in units:
            unit.start(self.journal, self.report, self._guard_registries)
        states = [(unit, self._call_hook(unit, "__before_reload__")) for unit in units]
        for unit in units:
            self.report.modules.append(unit.name)
            unit.run()
            self._follow(unit)
        for unit in units:
            unit.adopt_strays()
            unit.update_local_classes()
            unit.clear_caches()
        self._redirect_doubles()
        self._migrate_instances()
        for unit, state in states:
            self._call_hook(unit, "__after_reload__", state)
        for unit in units:
            self._update_places(unit)

    def _call_hook(self, unit: Unit, name: str, *arguments: Any) -> Any:
        hook = unit.namespace.get(name)
        if hook is None:
            return None
        self._guard_registries()
        return hook(*arguments)

    # what other modules copied

    def _follow(self, unit: Unit) -> None:
        """Give importers what was bound anew, and have them recompute what they derive from it."""
        todo = [unit]
        seen: dict[str, set[str]] = {}
        while todo:
            source = todo.pop(0)
            rebound, source.rebound = source.rebound, {}
            for module, every in importers_of(source, rebound) if rebound else ():
                names = every - seen.setdefault(module.__name__, set())
                seen[module.__name__] |= names
                if names and (follower := self._follower(module)) is not None:
                    self._copy_bindings(follower, source, rebound)
                    follower.follow(names)
                    todo.append(follower)

    def _follower(self, module: ModuleType) -> Unit | None:
        unit = self.units.get(module.__name__)
        if unit is None:
            source = _sources.remembered(module.__name__)
            if source is None:
                return None
            unit = Unit(module, source, None)
            unit.plan_nothing()
            unit.start(self.journal, self.report, self._guard_registries)
            self.units[module.__name__] = unit
        return unit

    def _copy_bindings(self, follower: Unit, source: Unit, rebound: dict[str, Any]) -> None:
        for target, name in copied_names(follower.new, follower.module, source.module):
            before, after = rebound.get(name, (MISSING, MISSING))
            mine = follower.namespace.get(target, MISSING)
            if after is MISSING and before is not MISSING and mine is before:
                reason = f"`{name}` is gone from {source.name}; the copy stays"
                follower._add_unreached(f"{follower.name}.{target}", reason, 1, "RL301")
            elif after is not MISSING and mine is not after and mine is not MISSING:
                follower.namespace[target] = after
                follower.rebound[target] = (mine, after)
                follower.anew.add(target)
                self.report.updated.append(f"{follower.name}.{target}")

    # rollback of what statements do beyond the module

    def _guard_registries(self) -> None:
        """Before the first statement with effects: registries may be changed by any of them."""
        if self._guarded:
            return
        self._guarded = True
        for name in list(_sources.loaded_first_party()):
            for value in list(vars(sys.modules[name]).values()):
                self._guard(value, name, 2)

    def _guard(self, value: Any, module: str, depth: int) -> None:
        if isinstance(value, CONTAINERS):
            self.journal.guard_contents(value)
            parts = value.values() if isinstance(value, dict) else ()
            for part in list(parts) if depth and len(parts) < 1000 else ():
                if isinstance(part, CONTAINERS):
                    self._guard(part, module, 0)
        elif depth and isinstance(value, type) and value.__module__ == module:
            for part in list(vars(value).values()):
                self._guard(part, module, depth - 1)
        elif depth and _sources.remembered(type(value).__module__) and hasattr(value, "__dict__"):
            self.journal.guard_contents(vars(value))
            for part in list(vars(value).values()):
                self._guard(part, module, depth - 1)

    # duplicates

    def _redirect_doubles(self) -> None:
        """Registries that were given a new function or class get the one it was merged into."""
        doubles = [pair for unit in self.units.values() for pair in unit.merger.doubles]
        originals = {id(new): old for new, old in doubles if not _forwards(old)}
        if not originals:
            return
        news = [new for new, _ in doubles]
        own = {id(news), id(doubles), id(originals)}
        for holder in gc.get_referrers(*news):
            if (
                id(holder) not in own
                and isinstance(holder, CONTAINERS)
                and not _is_of_class(holder)
            ):
                self._redirect(holder, originals)

    def _redirect(self, holder: Any, originals: dict[int, Any]) -> None:
        if isinstance(holder, dict):
            contents: Any = {
                originals.get(id(key), key): originals.get(id(value), value)
                for key, value in holder.items()
            }
        elif isinstance(holder, set):
            contents = {originals.get(id(value), value) for value in holder}
        else:
            contents, present = [], {id(value) for value in holder}
            for value in holder:
                original = originals.get(id(value), value)
                # Registered a second time by the same statement: once is what is meant.
                if original is value or id(original) not in present:
                    contents.append(original)
        if len(contents) != len(holder) or any(id(value) in originals for value in _values(holder)):
            self.journal.set_contents(holder, contents)

    # instances

    def _migrate_instances(self) -> None:
        """Call `__reload_instance__`, and report instances that lack what `__init__` now sets."""
        classes: dict[type, set[str]] = {}
        for unit in self.units.values():
            for qualname, attributes in unit.new_attributes():
                cls = _resolve(unit.namespace, qualname)
                if isinstance(cls, type) and (attributes or hasattr(cls, "__reload_instance__")):
                    classes[cls] = attributes
        lacking: dict[tuple[type, str], int] = {}
        for instance in _live.instances_of(set(classes)) if classes else ():
            for cls in type(instance).__mro__:
                if cls in classes:
                    self._migrate(instance, cls, classes[cls], lacking)
        for (cls, attribute), count in lacking.items():
            reason = (
                f"the new __init__ sets `{attribute}`, which live instances lack;"
                " __reload_instance__ could set it"
            )
            unit = self.units[cls.__module__]
            unit._add_unreached(f"{cls.__module__}.{cls.__qualname__}", reason, 0, None, count)

    def _migrate(
        self, instance: Any, cls: type, attributes: set[str], lacking: dict[tuple[type, str], int]
    ) -> None:
        if "__reload_instance__" in vars(cls):
            if hasattr(instance, "__dict__"):
                self.journal.guard_contents(vars(instance))
            vars(cls)["__reload_instance__"](instance)
        for attribute in attributes:
            if not hasattr(instance, mangle(attribute, cls.__name__)):
                lacking[cls, attribute] = lacking.get((cls, attribute), 0) + 1

    # source lines

    def _update_places(self, unit: Unit) -> None:
        """Let tracebacks, `inspect` and pdb find the lines of the new text."""
        filename = unit.new.filename
        stat = unit.source.stat
        lines = split_lines(unit.source.text)
        mtime = stat[0] / 1e9 if stat else None
        size = stat[1] if stat else len(unit.source.text)
        self.journal.set_item(linecache.cache, filename, (size, mtime, lines, filename))
        if sys.version_info >= (3, 13):
            for qualname, line in unit.class_lines():
                cls = _resolve(unit.namespace, qualname)
                if isinstance(cls, type) and vars(cls).get("__firstlineno__", line) != line:
                    self.journal.set_attribute(cls, "__firstlineno__", line)

    # after it can no longer fail

    def _finish(self, units: list[Unit]) -> None:
        _generation[0] += 1
        self.journal.commit()
        for unit in units:
            remember_lineage(unit)
            _sources.remember(unit.name, unit.source)
            self._report_frames(unit)
            self._report_stale(unit)
            self.report.not_updated += unit.removed_effects()
        for name in ("updated", "added", "removed", "kept", "not_updated"):
            setattr(self.report, name, list(dict.fromkeys(getattr(self.report, name))))

    def _report_frames(self, unit: Unit) -> None:
        """Frames run on in the code that they began with."""
        behind = {
            old: new for old, new in unit.successors.items() if not same_instructions(old, new)
        }
        for code, count in _live.running(set(behind)).items() if behind else ():
            name = f"{unit.name}.{getattr(code, 'co_qualname', code.co_name)}"
            reason = "a running frame keeps the code that it began with"
            line = behind[code].co_firstlineno
            unit._add_unreached(name, reason, line, "RL106", count)

    def _report_stale(self, unit: Unit) -> None:
        groups: dict[Unreached, list[FunctionType]] = {}
        for function, entry in unit.stale:
            if id(function) not in unit.merger.done:
                groups.setdefault(entry, []).append(function)
        for function, entry in _survivors(unit):
            groups.setdefault(entry, []).append(function)
        shown = 0
        for entry, functions in groups.items():
            held: tuple[str, ...] = ()
            if shown < _HELD_SHOWN:
                shown += 1
                held = tuple(_live.holders(functions[0], [functions, groups, unit.live]))
            fields = (entry.name, entry.reason, entry.file, entry.line, entry.rule)
            self.report.not_updated.append(Unreached(*fields, len(functions), held))
            for function in functions:
                _show_former_text(function, unit)


def _survivors(unit: Unit) -> list[tuple[FunctionType, Unreached]]:
    """The functions that are gone from the text and that somebody still holds."""
    reason = "a closure from another module, and the name means another function now"
    unit.gone += [(function, reason, "RL103") for function in unit.merger.replaced]
    unit.merger.replaced = []
    named = [
        (weakref.ref(function), f"{unit.name}.{function.__qualname__}", reason, rule)
        for function, reason, rule in unit.gone
        if id(function) not in unit.merger.done
    ]
    done = unit.merger.done
    unit.gone = []
    unit.live = [function for function in unit.live if id(function) in done]
    unit.rebound = {}
    unit.merger.doubles = []
    if any(reference() is not None for reference, *_ in named):
        gc.collect()  # classes that are gone, and frames that were looked at, are cycles
    found = []
    for reference, name, reason, rule in named:
        function = reference()
        if function is not None:
            line = function.__code__.co_firstlineno
            found.append((function, Unreached(name, reason, unit.new.filename, line, rule)))
    return found


def _show_former_text(function: FunctionType, unit: Unit) -> None:
    """Let tracebacks of code that stays old show the old text, under a name that says so."""
    if unit.old is None or function.__code__.co_filename != unit.old.filename:
        return
    filename = f"{unit.old.filename} (before reload {_generation[0]})"
    lines = split_lines(unit.old.text)
    linecache.cache[filename] = (len(unit.old.text), None, lines, filename)
    function.__code__ = function.__code__.replace(co_filename=filename)


def _forwards(old: Any) -> bool:
    return isinstance(old, FunctionType) and is_forwarder(old)


def _is_of_class(holder: Any) -> bool:
    """Whether this is the dictionary of a class, which must not be written to directly."""
    return isinstance(holder, dict) and "__module__" in holder and "__name__" not in holder


def _values(holder: Any) -> list[Any]:
    return [*holder, *holder.values()] if isinstance(holder, dict) else list(holder)


def _resolve(namespace: dict[str, Any], qualname: str) -> Any:
    first, *rest = qualname.split(".")
    value = namespace.get(first)
    for name in rest:
        value = vars(value).get(name) if isinstance(value, type) else None
    return value


def in_import_order(units: list[Unit]) -> list[Unit]:
    """Imported modules before those that import them; in a cycle, as they were given."""
    names = {unit.name for unit in units}
    imports = {unit.name: imported_modules(unit.new.tree, unit.module) & names for unit in units}
    by_name = {unit.name: unit for unit in units}
    ordered: dict[str, Unit] = {}

    def visit(name: str, path: frozenset[str]) -> None:
        if name in ordered or name in path:
            return
        for dependency in sorted(imports[name]):
            visit(dependency, path | {name})
        ordered[name] = by_name[name]

    for unit in units:
        visit(unit.name, frozenset())
    return list(ordered.values())


def imported_modules(tree: ast.Module, module: ModuleType) -> set[str]:
    """The names of all modules that a module imports at its top level."""
    found: set[str] = set()
    for node in _import_time_nodes(tree):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            origin = absolute_name(node, module)
            found.add(origin)
            found.update(f"{origin}.{alias.name}" for alias in node.names)
    return found


def _import_time_nodes(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.expr)):
            yield child
            yield from _import_time_nodes(child)


def absolute_name(node: ast.ImportFrom, module: ModuleType) -> str:
    """The module that `from … import` names."""
    name = node.module or ""
    if not node.level:
        return name
    package = module.__name__ if hasattr(module, "__path__") else module.__name__.rpartition(".")[0]
    parts = package.split(".")
    return ".".join([*parts[: len(parts) - node.level + 1], *([name] if name else [])])


def importers_of(
    source: Unit, rebound: dict[str, tuple[Any, Any]]
) -> Iterable[tuple[ModuleType, set[str]]]:
    """The modules that copied one of the names, or read it through the module, and as what."""
    last = source.name.rpartition(".")[2]
    for name in list(_sources.loaded_first_party()):
        text = _sources.remembered(name)
        module = sys.modules.get(name)
        if text is None or module is None or name == source.name:
            continue
        aliases = {
            f"{alias}.{attribute}"
            for alias, value in list(vars(module).items())
            if value is source.module
            for attribute in rebound
        }
        copies: set[str] = set()
        if last in text.text or "import *" in text.text or "from ." in text.text:
            with contextlib.suppress(SyntaxError):
                version = Version(text.text, text.filename)
                pairs = copied_names(version, module, source.module)
                copies = {target for target, origin in pairs if origin in rebound}
        if aliases or copies:
            yield module, aliases | copies


def copied_names(
    version: Version, module: ModuleType, source: ModuleType
) -> Iterator[tuple[str, str]]:
    """The names that `from source import …` binds in a module, with their names in the source."""
    for node in _import_time_nodes(version.tree):
        if isinstance(node, ast.ImportFrom) and absolute_name(node, module) == source.__name__:
            for alias in node.names:
                if alias.name == "*":
                    yield from ((name, name) for name in list(vars(source)))
                else:
                    yield alias.asname or alias.name, alias.name
