"""What is known of callables that take callables: sinks.toml, inspected.toml, the user's own."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from fnmatch import fnmatchcase
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import Any

from reloadlint.errors import ConfigError
from reloadlint.toml import load_toml

_FILE = Path(__file__).parent.parent / "sinks.toml"
_INSPECTED_FILE = Path(__file__).parent.parent / "inspected.toml"


class SinkTable:
    """Lookups by qualified name and parameter; a parameter is a position or a keyword."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self._passes: Mapping[str, list[int | str]] = data["passes"]
        self._lazy: Mapping[str, list[int | str]] = data["lazy"]
        self._iterates = frozenset(data["iterates"]["functions"])
        self._iterating_methods = frozenset(data["iterates"]["methods"])
        self._containers = frozenset(data["containers"]["made-by"])
        self._consumed: Mapping[str, list[int | str]] = data["consumed"]
        self._retained: Mapping[str, Mapping[str, list[int | str]]] = data["retained"]
        self._methods_consumed: Mapping[str, list[int | str]] = data["methods"]["consumed"]
        self._methods_retained: Mapping[str, list[int | str]] = data["methods"]["retained"]
        self._returns: Mapping[str, str] = data.get("returns", {})
        self._bases: Mapping[str, list[str]] = data.get("bases", {})
        self._same_as: Mapping[str, str] = data.get("same-as", {})
        self._field_stores = frozenset(data.get("fields", {}).get("stored-by", ()))
        self._known = frozenset(
            chain(self._passes, self._lazy, self._consumed, self._returns, *self._retained.values())
        )
        self._completing = frozenset(data["completed"]["made-by"])
        self._calling_back = frozenset(data["completed"]["methods"])
        self._removals: list[str] = data["taken-back"]["by"]
        self._ends = frozenset(data["taken-back"]["methods"])
        self._replacing = frozenset(data["taken-back"]["replaced-by"])
        self._inspected: Mapping[str, Mapping[str, list[int | str]]] = data.get("inspected", {})
        self._parameters: list[str] = data["names"]["parameters"]
        self._method_names: list[str] = data["names"]["methods"]

    def passes(self, qualified: str | None, parameter: int | str) -> bool:
        """True where the result of the call is, or holds, what was given as `parameter`."""
        return parameter in self._passes.get(qualified or "", ()) or self._is_lazy(
            qualified, parameter
        )

    def _is_lazy(self, qualified: str | None, parameter: int | str) -> bool:
        return parameter in self._lazy.get(qualified or "", ())

    def is_lazy(self, qualified: str | None) -> bool:
        """True for `map` and its like, whose result calls the argument while it is iterated."""
        return (qualified or "") in self._lazy

    def iterates(self, qualified: str | None, method: str) -> bool:
        """True for what uses up an iterator that it is given: `list`, `sum`, `"".join` …"""
        return qualified in self._iterates or (
            qualified is None and method in self._iterating_methods
        )

    def makes_container(self, qualified: str | None) -> bool:
        """True for `list`, `defaultdict`, `deque` …"""
        return qualified in self._containers

    def consumes(self, qualified: str | None, method: str, parameter: int | str) -> bool:
        """True where the callee is done with the parameter when it returns."""
        if qualified is not None and parameter in self._consumed.get(qualified, ()):
            return True
        return parameter in self._methods_consumed.get(method, ()) and not _is_ours(qualified)

    def retains(self, qualified: str | None, parameter: int | str) -> str | None:
        """How the callee keeps the parameter (`scheduled`, `registered` …); None if unknown."""
        for how, table in self._retained.items():
            if parameter in table.get(qualified or "", ()):
                return how
        return None

    def wraps(self, qualified: str | None, parameter: int | str) -> bool:
        """True where an object that stands for the parameter keeps it."""
        return parameter in self._retained["wrapped"].get(qualified or "", ())

    def retains_by_method(self, method: str, parameter: int | str) -> bool:
        """True for a method that keeps its argument on whatever has it, as `call_later` does."""
        return parameter in self._methods_retained.get(method, ())

    def canonical(self, qualified: str) -> str:
        """The name that the tables use for `qualified`, where several import paths lead to it."""
        head, tail = qualified, ""
        while head:
            if head in self._same_as:
                return self._same_as[head] + tail
            head, dot, last = head.rpartition(".")
            tail = f"{dot}{last}{tail}"
        return qualified

    def knows(self, qualified: str) -> bool:
        """True where a table has an entry for it, or for what a call of it returns."""
        return qualified in self._known or f"{qualified}()" in self._known

    def method(self, owner: str, name: str) -> str:
        """The qualified name of a method as the class, or the base that has an entry, has it.

        `__init__` goes by the name of the class, as a call of it does.
        """
        own = "" if name == "__init__" else f".{name}"
        classes = [owner]
        for current in classes:  # which grows
            if self.knows(current + own):
                return current + own
            classes += self._bases.get(current, ())
        return owner + own

    def returned_by(self, qualified: str) -> str | None:
        """The class of what the callable returns."""
        return self._returns.get(qualified)

    def takes_back(self, function: str) -> bool:
        """True for the name of a function that undoes a registration, given what was registered."""
        return any(fnmatchcase(function, pattern) for pattern in self._removals)

    def ends(self, method: str) -> bool:
        """True for the methods of what a registration returned that cancel it, or wait for it."""
        return method in self._ends

    def returns_former(self, qualified: str | None) -> bool:
        """True for what keeps one callback, and returns the one that it kept before."""
        return qualified in self._replacing

    def completes(self, qualified: str) -> bool:
        """True for what returns a future that is complete."""
        return self.canonical(qualified) in self._completing

    def calls_back_at_once(self, method: str) -> bool:
        """True for the methods by which a complete future calls what it is given, and returns."""
        return method in self._calling_back

    def stores_fields(self, names: AbstractSet[str | None]) -> bool:
        """True where one of the decorators or bases makes a constructor that stores its fields."""
        return not self._field_stores.isdisjoint(names)

    def inspects(self, qualified: str | None, parameter: int | str) -> str | None:
        """What the callee does with the function that it is given, beyond calling it.

        `compiled`, `pickled`, `introspected` or `compared`; None if nothing is known.
        """
        name = (qualified or "").removesuffix("()")
        for how, table in chain(self._inspected.items(), _inspected().items()):
            if parameter in table.get(name, ()):
                return how
        return None

    def sounds_like_callback(self, parameter: str) -> bool:
        """True for a parameter that is named as a callback."""
        return any(fnmatchcase(parameter.lower(), pattern) for pattern in self._parameters)

    def sounds_like_registration(self, method: str) -> bool:
        """True for a method that is named as one which registers callbacks."""
        return any(fnmatchcase(method, pattern) for pattern in self._method_names)


def _is_ours(qualified: str | None) -> bool:
    return qualified is not None and qualified.startswith(":")


@lru_cache(maxsize=1)
def _inspected() -> Mapping[str, Mapping[str, list[int | str]]]:
    """The tables of inspected.toml, read when a fix first asks for them."""
    return load_toml(_INSPECTED_FILE)


SinkEntry = tuple[str, "int | str", str]
_RETAINED = ("registered", "scheduled", "stored", "wrapped")
_INSPECTED = ("compiled", "pickled", "introspected", "compared")
_VERDICTS = ("consumed", *_RETAINED, *_INSPECTED)


@lru_cache(maxsize=8)
def sink_table(extra: tuple[SinkEntry, ...] = ()) -> SinkTable:  # reloadlint: ignore[RL205]
    """The table of sinks.toml with the user's entries (callable, parameter, verdict) on top."""
    data = load_toml(_FILE)
    for qualified, parameter, verdict in extra:
        if verdict in _INSPECTED:
            looks = data.setdefault("inspected", {}).setdefault(verdict, {})
            looks.setdefault(qualified, []).append(parameter)
            continue
        for table in (data["consumed"], *data["retained"].values()):
            if parameter in table.get(qualified, ()):
                table[qualified].remove(parameter)
        section = data["consumed"] if verdict == "consumed" else data["retained"][verdict]
        section.setdefault(qualified, []).append(parameter)
    return SinkTable(data)


def sink_entries(setting: Mapping[str, object]) -> tuple[SinkEntry, ...]:
    """The table `[tool.reloadlint.sinks]` as entries.

    It maps a callable to its parameters (keyword, or position in quotes) and these to a verdict:
    `"bus.subscribe" = { handler = "registered", 1 = "registered" }`. Raises ConfigError.
    """
    entries: list[SinkEntry] = []
    for qualified, parameters in setting.items():
        if not isinstance(parameters, Mapping):
            raise ConfigError(f"sinks: {qualified}: expected a table of parameters and verdicts")
        for parameter, verdict in parameters.items():
            if verdict not in _VERDICTS:
                allowed = ", ".join(_VERDICTS)
                raise ConfigError(f"sinks: {qualified}: {verdict!r} is none of {allowed}")
            key = int(parameter) if str(parameter).isdigit() else str(parameter)
            entries.append((qualified, key, verdict))
    return tuple(entries)
