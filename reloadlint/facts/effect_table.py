"""What is known of the effects of calls: effects.toml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path
from typing import Any

from reloadlint.toml import load_toml

_FILE = Path(__file__).parent.parent / "effects.toml"


@dataclass(frozen=True)
class Starter:
    """What a call starts or opens: `does` completes "it …", `harm` says what a reload does.

    `is_kept`: that is so only where something keeps the result.
    """

    does: str
    harm: str
    is_kept: bool = False


class EffectTable:
    """Lookups by qualified name."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self._harm = {
            name: kind["harm"] for kind in data["identity"].values() for name in kind["made-by"]
        }
        kinds = {
            kind: Starter(found["does"], found["harm"], found.get("kept", False))
            for kind, found in data["starts"].items()
        }
        self._starters = {
            name: kinds[kind] for kind, found in data["starts"].items() for name in found["by"]
        }
        self._starting_methods = {
            name: kinds[kind] for kind, names in data["starting-methods"].items() for name in names
        }
        found = data["registering"]
        self._adds = frozenset(found["adds"])
        self._replaces = frozenset(found["replaces"])
        self._keyed = frozenset(found["keyed"])
        self._lasting = frozenset(found["lasting"])
        self._decorators: list[str] = found["decorators"]
        self._adders: list[str] = found["methods"]
        self._soon = frozenset(data["soon"]["by"])
        self._soon_methods = frozenset(data["soon"]["methods"])
        self._second = {
            **dict.fromkeys(data["soon"]["seconds"], 1.0),
            **dict.fromkeys(data["soon"]["milliseconds"], 1000.0),
        }
        self._caches = frozenset(data["caching"]["decorators"])

    def caches(self, qualified: str) -> bool:
        """True for a decorator whose functions remember their results."""
        return qualified in self._caches

    def calls_soon(self, qualified: str | None, name: str) -> bool:
        """True for what calls a function that it is given at once or soon, and only once."""
        return qualified in self._soon or name in self._soon_methods

    def second_of(self, name: str) -> float | None:
        """What a second is for something that calls a function once, later; None for others."""
        return self._second.get(name)

    def adds(self, qualified: str) -> bool:
        """True for what adds to a registry, whatever it is given."""
        return qualified in self._adds

    def replaces(self, qualified: str) -> bool:
        """True for what has one place, which the newest takes."""
        return qualified in self._replaces

    def is_keyed(self, qualified: str) -> bool:
        """True for what may be registered again, since that is no more than once."""
        head = qualified.partition(".")[0]
        while head not in (qualified, ""):
            if f"{head}.*" in self._keyed:
                return True
            rest = qualified[len(head) + 1 :]
            head = f"{head}.{rest.partition('.')[0]}"
        return qualified in self._keyed

    def is_lasting(self, qualified: str) -> bool:
        """True for what gives the same object each time that it is called."""
        return qualified in self._lasting

    def sounds_like_decorator(self, name: str) -> bool:
        """True for a decorator that is named as one which registers."""
        return any(fnmatchcase(name, pattern) for pattern in self._decorators)

    def sounds_like_adder(self, name: str) -> bool:
        """True for a method that is named as one which registers."""
        return any(fnmatchcase(name, pattern) for pattern in self._adders)

    def starter(self, qualified: str) -> Starter | None:
        """What a call of `qualified` starts."""
        return self._starters.get(qualified)

    def starting_method(self, name: str) -> Starter | None:
        """What a call of any method of that name starts."""
        return self._starting_methods.get(name)

    def harm_of_another(self, qualified: str) -> str | None:
        """What a second object made by `qualified` does to the program; None where that is nothing.

        `{name}` in it stands for the name of the object.
        """
        return self._harm.get(qualified)


@lru_cache(maxsize=1)
def effect_table() -> EffectTable:  # reloadlint: ignore[RL205]
    """The table of effects.toml, read when it is first asked for."""
    return EffectTable(load_toml(_FILE))
