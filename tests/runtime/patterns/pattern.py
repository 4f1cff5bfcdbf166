"""What one pattern consists of, and texts that many of them share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Pattern:
    name: str
    text: str
    edit: tuple[str, str] | str  # what is replaced by what, or the whole new text
    hold: str
    probe: str
    want: Any = "new"
    kind: str = "fresh"  # fresh: the new code, kept: state, same: identity, whole: all or nothing
    other: str = ""
    other_edit: tuple[str, str] | str = ("", "")
    third: str = ""  # a third text of m, reloaded after the second
    reported: str = ""
    rule: str = ""
    fails: str = ""  # the exception that the reload must raise
    files: dict[str, str] = field(default_factory=dict)

    def texts(self) -> tuple[dict[str, str], dict[str, str]]:
        """The files before and after the edit."""
        before = {**self.files, "m.py": self.text}
        after = {"m.py": _edited(self.text, self.edit)}
        if self.other:
            before["other.py"] = self.other
            if self.other_edit != ("", ""):
                after["other.py"] = _edited(self.other, self.other_edit)
        return before, after


def _edited(text: str, edit: tuple[str, str] | str) -> str:
    if isinstance(edit, str):
        return edit
    assert text.count(edit[0]) == 1, f"the edit {edit[0]!r} is not to be typed at one place"
    return text.replace(*edit)


BUS = "HANDLERS = []\ndef on(f):\n    HANDLERS.append(f)\n    return f\n"
O_N = ("'old'", "'new'")
