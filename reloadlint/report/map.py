"""Sizes → boxes that fill an area, each as large as its size and as square as can be.

Bruls, Huizing, van Wijk: Squarified Treemaps (2000).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple


class Box(NamedTuple):
    """An area: its corner at the top left, and how far it reaches from there."""

    x: float
    y: float
    width: float
    height: float

    def shrunk(self, margin: float, top: float) -> Box:
        """What is left inside of a margin; `top` is that of the upper side."""
        width, height = self.width - 2 * margin, self.height - margin - top
        return Box(self.x + margin, self.y + top, max(width, 0), max(height, 0))


def squarified(sizes: Sequence[tuple[str, float]], area: Box) -> Iterator[tuple[str, Box]]:
    """A box for each name, the largest first; sizes are more than 0."""
    left = sorted(sizes, key=lambda item: -item[1])
    total = sum(size for _, size in left)
    while left:
        scale = area.width * area.height / total if total else 0
        side = min(area.width, area.height)
        count = 1
        while count < len(left) and _worst(left[: count + 1], side, scale) <= _worst(
            left[:count], side, scale
        ):
            count += 1
        row, left = left[:count], left[count:]
        share = sum(size for _, size in row)
        yield from _laid(row, area, share / total if total else 0)
        area = _rest(area, share / total if total else 0)
        total -= share


def _worst(row: Sequence[tuple[str, float]], side: float, scale: float) -> float:
    """How far the least square box of a row is from being one."""
    areas = [size * scale for _, size in row]
    whole = sum(areas)
    if not whole or not side:
        return float("inf")
    return max(side**2 * max(areas) / whole**2, whole**2 / (side**2 * min(areas)))


def _laid(row: Sequence[tuple[str, float]], area: Box, share: float) -> Iterator[tuple[str, Box]]:
    whole = sum(size for _, size in row)
    x, y = area.x, area.y
    for name, size in row:
        part = size / whole if whole else 0
        if area.width >= area.height:
            box = Box(x, y, area.width * share, area.height * part)
            y += box.height
        else:
            box = Box(x, y, area.width * part, area.height * share)
            x += box.width
        yield name, box


def _rest(area: Box, share: float) -> Box:
    if area.width >= area.height:
        taken = area.width * share
        return Box(area.x + taken, area.y, area.width - taken, area.height)
    taken = area.height * share
    return Box(area.x, area.y + taken, area.width, area.height - taken)
