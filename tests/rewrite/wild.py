"""What may become of a closure in the shapes of `wild_callbacks.py` and `wild_wrappers.py`."""

from __future__ import annotations

from typing import Final, TypeAlias

from reloadlint.rewrite.refusal import Caution, Reason

Outcome: TypeAlias = "str | Reason | Caution"
MOVED: Final = "moved"
NOT_FOUND: Final[dict[str, Outcome]] = {}
