"""Finds the rules: the one place that knows where rule packs come from."""

from __future__ import annotations

import pkgutil
import re
from collections.abc import Iterator
from functools import lru_cache
from importlib import import_module
from types import ModuleType

from reloadlint.errors import RegistryError
from reloadlint.packs import packs as installed
from reloadlint.rule import Rule

_CODE = re.compile("[A-Z]+[0-9]+")
_NAME = re.compile("[a-z0-9]+(-[a-z0-9]+)*")


@lru_cache(maxsize=1)
def load() -> tuple[type[Rule], ...]:  # reloadlint: ignore[RL205]
    """All rules of all installed packs, sorted by code.

    Raises RegistryError where a pack fails to import, a code or name has another form than it
    should have, or stands for two rules.
    """
    rules: dict[str, type[Rule]] = {}
    for pack in packs():
        for rule in _rules_of(pack):
            _check_form(rule)
            for key in (rule.code, rule.name):
                other = rules.setdefault(key, rule)
                if other is not rule:
                    raise RegistryError(
                        f"{key} is both {_where(other)} and {_where(rule)}: "
                        "codes and names are unique"
                    )
    return tuple(sorted(set(rules.values()), key=lambda rule: rule.code))


def packs() -> Iterator[ModuleType]:
    """The packages of all packs, the built-in one among them."""
    for value, name in installed().items():
        yield _import(value, name)


def _rules_of(pack: ModuleType) -> Iterator[type[Rule]]:
    """The rule classes that the modules of a pack define."""
    modules = [pack]
    for info in pkgutil.iter_modules(getattr(pack, "__path__", []), pack.__name__ + "."):
        modules.append(_import(info.name, pack.__name__))
    for module in modules:
        for value in vars(module).values():
            if isinstance(value, type) and issubclass(value, Rule) and value is not Rule:
                if value.__module__ == module.__name__ and hasattr(value, "code"):
                    yield value


def _import(name: str, pack: str) -> ModuleType:
    try:
        return import_module(name)
    except (Exception, SystemExit) as error:
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        raise RegistryError(f"rule pack {pack!r} failed to import {name}: {reason}") from error


def _check_form(rule: type[Rule]) -> None:
    code, name = rule.code, getattr(rule, "name", None)
    if not (isinstance(code, str) and _CODE.fullmatch(code)):
        raise RegistryError(f"{_where(rule)}: code {code!r} is not of the form ABC123")
    if not (isinstance(name, str) and _NAME.fullmatch(name)):
        raise RegistryError(f"{_where(rule)}: name {name!r} is not of the form some-words")


def _where(rule: type[Rule]) -> str:
    return f"{rule.__module__}.{rule.__qualname__}"
