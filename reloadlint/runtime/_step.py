"""A statement in a reload."""

from __future__ import annotations

from reloadlint.runtime._version import Statement


class Step:
    """A statement of the new text, the one it succeeds, and what becomes of it."""

    def __init__(
        self, index: int, old: Statement | None, new: Statement, package: str, full: bool
    ) -> None:
        self.index, self.old, self.new = index, old, new
        self.end = index  # of the last statement that goes with it
        self.imports = new.imports(package)
        self.same_text = old is not None and old.text == new.text
        # Nothing to execute where what happens at import is unchanged, whatever the bodies do.
        changed = not self.same_text and (old is None or old.imprint != new.imprint)
        self.execute, self.executed = changed or full, False
        self.seen = 0  # how many names had been bound anew when it was last looked at
        self.forced: set[str] = set()  # names in it that only a new run can supply
