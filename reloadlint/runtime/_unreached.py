"""What runs on in old form after a reload: what it still needs, and what is said of it."""

from __future__ import annotations

import ast
import gc
import itertools
import linecache
import weakref
from collections.abc import Collection, Iterator
from dataclasses import replace
from types import FunctionType
from typing import TYPE_CHECKING, Any

from reloadlint.runtime import _live
from reloadlint.runtime._keep import keep
from reloadlint.runtime._rules import rule_for_effect
from reloadlint.runtime._version import Statement, all_codes, does_the_same, split_lines

if TYPE_CHECKING:
    from reloadlint.runtime._reload import Batch
    from reloadlint.runtime._unit import Unit

_numbers: Iterator[int] = keep("_numbers", itertools.count)
_HELD_SHOWN = 5


def remove_names(unit: Unit) -> None:
    """Take away what the new text does not bind any more; report what stays in its place."""
    needed = _report_frames(unit)
    gone = {name for name in unit.old.binds - unit.new.binds if name in unit.namespace}
    for node in ast.walk(unit.new.tree) if gone else ():
        gone -= set(node.names) if isinstance(node, ast.Global) else set()
    if gone:
        needed |= _needed_by_functions(unit)
    for name in sorted(gone):
        if name in needed:
            unit.batch.report.kept.append(f"{unit.name}.{name}")
        elif name not in unit.attributes:
            del unit.namespace[name]
            unit.batch.bind_anew(unit.name, name)
            unit.batch.report.removed.append(f"{unit.name}.{name}")
    reason = "the statement is gone from the new version, its effect stays"
    report_effects(unit, unit.removed, reason)


def report_effects(unit: Unit, statements: list[Statement], reason: str) -> None:
    """Say which rule flags statements whose effects are not taken back."""
    if "__before_reload__" not in unit.old.binds:  # or else the module saw to what it had done
        for each in statements:
            if rule := rule_for_effect(each.node):
                unit.unreached(each.head, reason, rule, each.first)


def _report_frames(unit: Unit) -> set[str]:
    """Frames run on in the code that they began with; the names that they need."""
    now = [(code, unit.successors.get(code)) for code in unit.old.lineage]
    behind = {old: new or old for old, new in now if not (new and does_the_same(old, new))}
    frames = _live.running(behind)
    for code, count in frames.items():
        name = getattr(code, "co_qualname", code.co_name)
        reason = "a running frame keeps the code that it began with"
        unit.unreached(name, reason, "RL106", behind[code].co_firstlineno, count)
        unit.left.add(code)
    return _names_read(frames)


def _needed_by_functions(unit: Unit) -> set[str]:
    """The globals of functions that keep their code. Methods go with their classes."""
    things = [thing for found in unit.remnants.values() for thing in found]
    every = [thing for thing in things if isinstance(thing, FunctionType)]
    # A tuple, which from 3.13 on is found as a referrer: the arguments of the call that looks.
    functions = tuple(f for f in every if "." not in f.__qualname__ or "<" in f.__qualname__)
    ignored = [unit.live, things, every, functions, *unit.remnants.values()]
    held = _live.held(functions, unit.name, ignored)
    return _names_read([function.__code__ for function in held])


def _names_read(codes: Collection[Any]) -> set[str]:
    found: set[str] = set()
    for code in codes:
        names = {name for each in all_codes(code) for name in each.co_names}
        found |= names - {code.co_name}
    return found


def report_remnants(batch: Batch) -> None:
    """Add what anybody still holds to the report, when the reload can no longer fail."""
    found = [
        (unit, entry, [weakref.ref(thing) for thing in things])
        for unit in batch.units.values()
        for entry, things in unit.remnants.items()
        if not things or not batch.done.issuperset(map(id, things))
    ]
    for unit in batch.units.values():
        unit.forget()
    batch.doubles.clear()
    if any(ref() is not None for *_, refs in found for ref in refs):
        gc.collect()  # classes that are gone, and frames that were looked at, are cycles
    for number, (unit, entry, refs) in enumerate(found):
        every = [thing for ref in refs if (thing := ref()) is not None]
        things = [thing for thing in every if id(thing) not in batch.done]
        if things:
            paths = _live.holders(things[0], [every, things]) if number < _HELD_SHOWN else ()
            said = replace(entry, live=len(things), holders=tuple(paths))
            batch.report.not_updated.append(said)
        elif not refs:
            batch.report.not_updated.append(entry)
        for function in things:
            if isinstance(function, FunctionType):
                unit.left.add(function.__code__)
                _show_former_text(function, unit)


def _show_former_text(function: FunctionType, unit: Unit) -> None:
    """Let tracebacks of code that stays old show the old text, under a name that says so."""
    if function.__code__.co_filename == unit.old.filename:
        name, text = f"{unit.old.filename} (before reload {next(_numbers)})", unit.old.text
        linecache.cache[name] = (len(text), None, split_lines(text), name)
        function.__code__ = function.__code__.replace(co_filename=name)
        weakref.finalize(function, linecache.cache.pop, name, None)
