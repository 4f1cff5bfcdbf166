"""Closures of every shape: by name, what a file is before the hoist, and exactly what after it."""

from __future__ import annotations

from tests.rewrite.shapes.above import ABOVE
from tests.rewrite.shapes.captures import CAPTURES
from tests.rewrite.shapes.comments import COMMENTS
from tests.rewrite.shapes.kinds import KINDS
from tests.rewrite.shapes.lambdas import LAMBDAS
from tests.rewrite.shapes.layout import LAYOUT
from tests.rewrite.shapes.names import NAMES
from tests.rewrite.shapes.over_lines import OVER_LINES
from tests.rewrite.shapes.places import PLACES

SHAPES = {
    **LAMBDAS,
    **KINDS,
    **PLACES,
    **ABOVE,
    **CAPTURES,
    **LAYOUT,
    **OVER_LINES,
    **COMMENTS,
    **NAMES,
}
