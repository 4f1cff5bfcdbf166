"""The specification of the runtime: what a program holds, what is edited, what it must see then.

Each pattern is a module `m` (and, where `other` is given, a second one) that is imported, then
`hold` runs, the edit is typed, everything changed is reloaded, and `probe` must give `want`. Where
CPython permits no update at all, `reported` is a part of what the report says instead.
"""

from __future__ import annotations

from tests.runtime.patterns.batches import BATCHES, BROKEN, RUNNING
from tests.runtime.patterns.classes import CLASSES
from tests.runtime.patterns.closures import CLOSURES
from tests.runtime.patterns.derived import DERIVED
from tests.runtime.patterns.effects import IMPORT_TIME
from tests.runtime.patterns.factories import FACTORIES
from tests.runtime.patterns.functions import FUNCTIONS
from tests.runtime.patterns.lambdas import LAMBDAS
from tests.runtime.patterns.layouts import LAYOUTS
from tests.runtime.patterns.merging import MERGING
from tests.runtime.patterns.pattern import Pattern
from tests.runtime.patterns.state import IDENTITY, STATE
from tests.runtime.patterns.wrappers import WRAPPERS

__all__ = ["PATTERNS", "Pattern"]

PATTERNS = [
    *FUNCTIONS,
    *LAMBDAS,
    *CLOSURES,
    *WRAPPERS,
    *CLASSES,
    *FACTORIES,
    *LAYOUTS,
    *MERGING,
    *IDENTITY,
    *STATE,
    *DERIVED,
    *IMPORT_TIME,
    *RUNNING,
    *BROKEN,
    *BATCHES,
]
