"""Where rule packs come from: what is installed under an entry-point group."""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import Final

GROUP: Final = "reloadlint.rules"


def packs() -> dict[str, str]:
    """Names of packs by the packages that they are, sorted; the built-in one is among them."""
    found = {point.module: point.name for point in entry_points(group=GROUP)}
    found.setdefault(GROUP, "reloadlint")
    return dict(sorted(found.items()))
