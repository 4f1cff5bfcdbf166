"""What is known of the effects of calls: effects.toml."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from reloadlint.toml import load_toml

_FILE = Path(__file__).parent.parent / "effects.toml"


class EffectTable:
    """Lookups by qualified name."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self._harm = {
            name: kind["harm"] for kind in data["identity"].values() for name in kind["made-by"]
        }

    def harm_of_another(self, qualified: str) -> str | None:
        """What a second object made by `qualified` does to the program; None where that is nothing.

        `{name}` in it stands for the name of the object.
        """
        return self._harm.get(qualified)


@lru_cache(maxsize=1)
def effect_table() -> EffectTable:
    """The table of effects.toml, read when it is first asked for."""
    return EffectTable(load_toml(_FILE))
