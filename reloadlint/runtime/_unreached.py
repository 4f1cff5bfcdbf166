"""What runs on in old form after a reload, said when the reload can no longer fail."""

from __future__ import annotations

import gc
import linecache
import weakref
from types import FunctionType
from typing import Any

from reloadlint.runtime import _live
from reloadlint.runtime._keep import keep
from reloadlint.runtime._rules import rule_for_effect
from reloadlint.runtime._syntax import binds
from reloadlint.runtime._unit import Remnant, Unit, same_instructions
from reloadlint.runtime._version import split_lines

_generation: list[int] = keep("_generation", lambda: [0])
_FORMER = " (before reload "
_HELD_SHOWN = 5


def report_unreached(unit: Unit) -> None:
    """Add it to the report."""
    _generation[0] += 1
    _forget_former_texts(unit)
    _report_frames(unit)
    _report_functions(unit)
    former = unit.old.statements if unit.old else []
    if any("__before_reload__" in binds(each.node) for each in former):
        return  # the module saw to what it had done
    for statement in unit.removed:
        if rule := rule_for_effect(statement.node):
            reason = "the statement is gone from the new version, its effect stays"
            unit.add_unreached(statement.head, reason, statement.first, rule)


def _report_frames(unit: Unit) -> None:
    """Frames run on in the code that they began with."""
    behind = {old: new for old, new in unit.successors.items() if not same_instructions(old, new)}
    for code, count in _live.running(set(behind), unit.codes).items() if behind else ():
        name = getattr(code, "co_qualname", code.co_name)
        reason = "a running frame keeps the code that it began with"
        unit.add_unreached(name, reason, behind[code].co_firstlineno, "RL106", count)
        unit.left.add(code)


def _report_functions(unit: Unit) -> None:
    groups: dict[Any, list[FunctionType]] = {}
    for each in [*unit.stale, *_survivors(unit)]:
        if id(each.function) not in unit.merger.done:
            entry = (each.function.__qualname__, each.reason, each.line, each.rule)
            groups.setdefault(entry, []).append(each.function)
    for number, (entry, functions) in enumerate(groups.items()):
        ignored = [functions, groups, unit.live, unit.stale]
        holders = _live.holders(functions[0], ignored) if number < _HELD_SHOWN else ()
        name, reason, line, rule = entry
        unit.add_unreached(name, reason, line, rule, len(functions), holders)
        for function in functions:
            unit.left.add(function.__code__)
            _show_former_text(function, unit)


def _survivors(unit: Unit) -> list[Remnant]:
    """The functions that are gone from the text and that somebody else than us still holds."""
    gone = [(weakref.ref(each.function), each[1:]) for each in unit.gone]
    unit.gone, unit.heirs, unit.merger.doubles = [], {}, []
    unit.live = [function for function in unit.live if id(function) in unit.merger.done]
    if any(reference() is not None for reference, _ in gone):
        gc.collect()  # classes that are gone, and frames that were looked at, are cycles
    functions = [(reference(), rest) for reference, rest in gone]
    return [Remnant(function, *rest) for function, rest in functions if function is not None]


def _show_former_text(function: FunctionType, unit: Unit) -> None:
    """Let tracebacks of code that stays old show the old text, under a name that says so."""
    if unit.old is None or function.__code__.co_filename != unit.old.filename:
        return
    filename = f"{unit.old.filename}{_FORMER}{_generation[0]})"
    linecache.cache[filename] = (len(unit.old.text), None, split_lines(unit.old.text), filename)
    function.__code__ = function.__code__.replace(co_filename=filename)


def _forget_former_texts(unit: Unit) -> None:
    """Those that no live function shows any more."""
    shown = {function.__code__.co_filename for function in unit.live}
    for filename in list(linecache.cache):
        if filename.startswith(unit.new.filename + _FORMER) and filename not in shown:
            del linecache.cache[filename]
