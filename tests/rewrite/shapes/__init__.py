"""Closures of every shape: by name, what a file is before the hoist, and exactly what after it."""

from __future__ import annotations

from tests.rewrite.shapes.captures import CAPTURES
from tests.rewrite.shapes.kinds import KINDS
from tests.rewrite.shapes.layout import LAYOUT
from tests.rewrite.shapes.places import PLACES

SHAPES = {**KINDS, **PLACES, **CAPTURES, **LAYOUT}
