"""After any edit a module is as a new import of it would be, or the report says what is not."""

from __future__ import annotations

import enum
import random
import sys
import types
from collections.abc import Callable
from typing import Any

import pytest

from reloadlint.runtime import ReloadReport, reload
from reloadlint.runtime._sources import remembered
from tests.runtime.conftest import Project
from tests.runtime.random_modules import PREAMBLE, Author


def seen(value: Any, depth: int = 3) -> Any:
    """What can be seen of a value: results of calls, contents, attributes."""
    if isinstance(value, (int, str, type(None))):
        return value
    if not depth:
        return type(value).__name__
    if isinstance(value, enum.EnumMeta):
        return [(member.name, member.value) for member in value]
    if isinstance(value, (tuple, list)):
        return [type(value).__name__, *(seen(each, depth - 1) for each in value)]
    if isinstance(value, dict):
        return {key: seen(each, depth - 1) for key, each in value.items()}
    if isinstance(value, type):
        instance = result_of(value)
        fields = repr(instance) if hasattr(value, "__dataclass_fields__") else ""
        names = [name for name in dir(value) if name[0] in "ampqrt" and name[1:] in "012"]
        parts = [(name, seen(result_of(getattr, instance, name), depth - 1)) for name in names]
        return [value.__name__, [each.__name__ for each in value.__mro__], fields, parts]
    return (
        ["result", seen(result_of(value), depth - 1)] if callable(value) else type(value).__name__
    )


def result_of(function: Callable[..., Any], *arguments: Any) -> Any:
    try:
        return function(*arguments)
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def names_of(module: types.ModuleType) -> dict[str, Any]:
    library = ("dataclass", "enum", "functools")
    names = {k: v for k, v in vars(module).items() if k[0] != "_" and k not in library}
    return {name: seen(value) for name, value in names.items()}


def imported(text: str) -> types.ModuleType | None:
    """A new module of a text; None if it cannot be imported."""
    module = types.ModuleType("fresh")
    sys.modules["fresh"] = module  # dataclasses look there
    try:
        exec(compile(text, "fresh.py", "exec", dont_inherit=True), vars(module))
    except Exception:
        return None
    finally:
        del sys.modules["fresh"]
    return module


def told_by(report: ReloadReport) -> set[str]:
    """The names of the module of which a report says that they are not as in a new import."""
    listed = [name for each in report.not_updated for name in each.name.split(", ")]
    return {name.split(".", 1)[-1].split(".")[0] for name in [*listed, *report.kept]}


def check(project: Project, seed: int) -> None:
    author = Author(random.Random(seed))
    statements = author.module()
    before, after = (
        PREAMBLE + "\n".join(text) + "\n" for text in (statements, author.edited(statements))
    )
    fresh = imported(after)
    if imported(before) is None or fresh is None:
        return
    module = project.start(before)
    project.write(after)
    report = reload(module)
    want, got, told = names_of(fresh), names_of(module), told_by(report)
    wrong = {name for name in want.keys() | got.keys() if want.get(name) != got.get(name)} - told
    values = [f"{name}: {got.get(name)}, not {want.get(name)}" for name in sorted(wrong)]
    assert not wrong, "\n".join([f"seed {seed}", before, "->", after, str(report), *values])
    del sys.modules[project.name], remembered[project.name]


@pytest.mark.parametrize("seed", range(0, 150, 30))
def test_a_random_edit(project: Project, seed: int) -> None:
    for number in range(seed, seed + 30):
        check(project.another(), number)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1000, 2500, 250))
def test_a_random_edit_of_many(project: Project, seed: int) -> None:
    for number in range(seed, seed + 250):
        check(project.another(), number)
