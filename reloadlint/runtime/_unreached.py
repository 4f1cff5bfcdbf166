"""What runs on in old form after a reload: what it still needs, and what is said of it."""

from __future__ import annotations

import ast
import gc
import linecache
from collections.abc import Collection
from dataclasses import replace
from types import FunctionType
from typing import Any

from reloadlint.runtime import _live
from reloadlint.runtime._keep import keep
from reloadlint.runtime._rules import rule_for_effect
from reloadlint.runtime._unit import Unit
from reloadlint.runtime._version import all_codes, does_the_same, split_lines

_generation: list[int] = keep("_generation", lambda: [0])
_FORMER = " (before reload "
_HELD_SHOWN = 5


def remove_names(unit: Unit) -> None:
    """Take away what the new text does not bind any more; report what stays in its place."""
    needed = _report_frames(unit)
    former, now = (
        {name for each in version.statements for name in each.binds} if version else set()
        for version in (unit.old, unit.new)
    )
    gone = {name for name in former - now if name in unit.namespace}
    for node in ast.walk(unit.new.tree) if gone else ():
        gone -= set(node.names) if isinstance(node, ast.Global) else set()
    if gone:
        needed |= _needed_by_functions(unit)
    for name in sorted(gone):
        if name in needed:
            unit.batch.report.kept.append(f"{unit.name}.{name}")
        elif not (name.startswith("__") and name.endswith("__")):
            del unit.namespace[name]
            unit.batch.bind_anew(unit.name, name)
            unit.batch.removed.add((unit.name, name))
            unit.batch.report.removed.append(f"{unit.name}.{name}")
    if "__before_reload__" not in former:  # or else the module saw to what it had done
        for each in unit.removed:
            if rule := rule_for_effect(each.node):
                reason = "the statement is gone from the new version, its effect stays"
                unit.unreached(each.head, reason, rule, each.first)


def _report_frames(unit: Unit) -> set[str]:
    """Frames run on in the code that they began with; the names that they need."""
    behind = {old: new for old, new in unit.successors.items() if not does_the_same(old, new)}
    frames = _live.running(behind)
    for code, count in frames.items():
        name = getattr(code, "co_qualname", code.co_name)
        reason = "a running frame keeps the code that it began with"
        unit.unreached(name, reason, "RL106", behind[code].co_firstlineno, count)
        unit.left.add(code)
    return _names_read(frames)


def _needed_by_functions(unit: Unit) -> set[str]:
    """The globals of functions that keep their code. Methods go with their classes."""
    things = [ref() for refs in unit.remnants.values() for ref in refs]
    functions = [
        each
        for each in things
        if isinstance(each, FunctionType)
        if "." not in each.__qualname__ or "<" in each.__qualname__
    ]
    held = _live.held(functions, [unit.namespace, unit.live, things, functions])
    return _names_read([function.__code__ for function in held])


def _names_read(codes: Collection[Any]) -> set[str]:
    return {
        name
        for code in codes
        for each in (code, *all_codes(code))
        for name in each.co_names
        if name != code.co_name
    }


def report_remnants(units: Collection[Unit]) -> None:
    """Add what anybody still holds to the report, when the reload can no longer fail."""
    _generation[0] += 1
    found: list[tuple[Unit, Any, list[Any]]] = []
    for unit in units:
        for entry, refs in unit.remnants.items():
            waiting = [ref for ref in refs if id(ref()) not in unit.done]
            if waiting or not refs:
                found.append((unit, entry, waiting))
        unit.live, unit.doubles, unit.heirs, unit.pending = [], [], {}, {}
    if any(ref() is not None for *_, refs in found for ref in refs):
        gc.collect()  # classes that are gone, and frames that were looked at, are cycles
    shown = set()
    for number, (unit, entry, refs) in enumerate(found):
        things = [thing for ref in refs if (thing := ref()) is not None]
        if refs and not things:
            continue
        said = entry
        if things:
            paths = _live.holders(things[0], [things]) if number < _HELD_SHOWN else ()
            said = replace(entry, live=len(things), holders=tuple(paths))
        unit.batch.report.not_updated.append(said)
        for function in things:
            if isinstance(function, FunctionType):
                unit.left.add(function.__code__)
                shown.add(_show_former_text(function, unit))
    for unit in units:
        for filename in list(linecache.cache):
            if filename.startswith(unit.new.filename + _FORMER) and filename not in shown:
                del linecache.cache[filename]


def _show_former_text(function: FunctionType, unit: Unit) -> str:
    """Let tracebacks of code that stays old show the old text, under a name that says so."""
    filename, old = function.__code__.co_filename, unit.old
    if old is not None and filename == old.filename:
        filename += f"{_FORMER}{_generation[0]})"
        linecache.cache[filename] = (len(old.text), None, split_lines(old.text), filename)
        function.__code__ = function.__code__.replace(co_filename=filename)
    return filename
