"""How often Python looks for garbage in cycles, in a process that does nothing but check files."""

from __future__ import annotations

import atexit
import gc
from typing import Final

# More objects than there are in the facts that are held at once, which are let go of by hand.
_MANY: Final = 2_000_000


def collect_seldom() -> None:
    """Look for cycles only once there are a great many new objects, and not at the end.

    Trees consist of thousands of objects that live for a while, so that the collector, as it is set
    by default, goes through all of them again and again: it takes half of the time of a run.
    """
    gc.freeze()
    gc.set_threshold(_MANY, 10, 10)
    atexit.register(gc.freeze)
