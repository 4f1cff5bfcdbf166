"""What a reload did, as data and as text."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Unreached:
    """Something that the reload could not bring up to date."""

    name: str
    reason: str
    file: str
    line: int
    rule: str | None = None  # of reloadlint: the rule that flags the code which led here
    live: int = 0  # how many live objects, or frames, are concerned
    holders: tuple[str, ...] = ()

    def __str__(self) -> str:
        rule = f" [{self.rule}]" if self.rule else ""
        count = f" ({self.live} alive)" if self.live else ""
        held = f"; held by {', '.join(self.holders)}" if self.holders else ""
        return f"{self.file}:{self.line}: {self.name}: {self.reason}{count}{held}{rule}"


@dataclass
class ReloadReport:
    """What a reload did. Names are qualified; what runs on in old form is in `not_updated`."""

    modules: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    added: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)  # state that stays though its origin was read
    executed: list[str] = field(default_factory=list)  # statements, as `file:line`
    not_updated: list[Unreached] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def complete(self) -> bool:
        """Whether nothing runs on in old form."""
        return not self.not_updated

    def __str__(self) -> str:
        names = ("updated", "added", "removed", "kept")
        lines = [f"reloaded {', '.join(self.modules) or 'nothing'} in {self.seconds * 1000:.0f} ms"]
        lines += [f"  {n}: {', '.join(getattr(self, n))}" for n in names if getattr(self, n)]
        lines += ["  not updated:"] * bool(self.not_updated)
        lines += [f"    {each}" for each in self.not_updated]
        return "\n".join(lines)
