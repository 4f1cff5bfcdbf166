"""Path patterns of the configuration, with the meaning that ruff gives them; reads no disk."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from functools import lru_cache

_TOKEN = re.compile(
    r"""
      (?P<leading>\A(?:\*\*/)+)
    | (?P<between>/(?:\*\*/)+)
    | (?P<trailing>/\*\*\Z)
    | (?P<star>\*+)
    | (?P<any>\?)
    | \[(?P<negated>[!^]?)(?P<members>\]?[^\]]+|\])\]
    | (?P<open>\{)
    | (?P<close>\})
    | (?P<comma>,)
    | \\(?P<escaped>.)
    | (?P<literal>.)
    """,
    re.VERBOSE | re.DOTALL,
)
# As in ruff's globset, `*` and `?` cross folders: `tests/*.py` also matches `tests/a/b.py`.
_ALWAYS = {
    "leading": "(?:.*/)?",
    "between": "/(?:.*/)?",
    "trailing": "/.*",
    "star": ".*",
    "any": ".",
}
_IN_BRACES = {"open": "(?:", "close": ")", "comma": "|"}


def translate(pattern: str) -> str:
    """The regular expression for a whole path; ValueError for what is no pattern."""
    parts: list[str] = []
    depth = 0
    for token in _TOKEN.finditer(pattern):
        kind = token.lastgroup or ""
        depth += kind == "open"
        if kind in _ALWAYS:
            parts.append(_ALWAYS[kind])
        elif kind == "members":
            parts.append(_character_class(token["negated"], token["members"]))
        elif depth and kind in _IN_BRACES:
            parts.append(_IN_BRACES[kind])
            depth -= kind == "close"
        else:
            parts.append(re.escape(token["escaped"] or token.group()))
    if depth:
        raise ValueError(f"unclosed brace in pattern `{pattern}`")
    try:
        return re.compile("".join(parts)).pattern
    except re.error as error:
        raise ValueError(f"bad pattern `{pattern}`: {error}") from None


def _character_class(negated: str, members: str) -> str:
    safe = re.sub(r"([\\\[\]^&~|])", r"\\\1", members)
    return f"[{'^' if negated else ''}{safe}]"


@dataclass(frozen=True)
class PathPatterns:
    """Patterns relative to the folder `root`; one without a slash also matches any name."""

    patterns: tuple[str, ...]
    root: str
    _absolute: re.Pattern[str] = field(init=False, repr=False, compare=False)
    _relative: re.Pattern[str] = field(init=False, repr=False, compare=False)
    _start: str = field(init=False, repr=False, compare=False)
    _names: re.Pattern[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        clean = [_slashes(os.path.normpath(pattern)) for pattern in self.patterns if pattern]
        absolute = tuple(item for item in clean if os.path.isabs(item))
        relative = tuple(item for item in clean if not os.path.isabs(item))
        names = tuple(item for item in clean if "/" not in item)
        start = _slashes(os.path.abspath(self.root)).rstrip("/") + "/"
        object.__setattr__(self, "_start", start)
        object.__setattr__(self, "_absolute", _any_of(absolute))
        object.__setattr__(self, "_relative", _any_of(relative))
        object.__setattr__(self, "_names", _any_of(names))

    def match(self, path: str) -> bool:
        """True where the absolute `path` itself matches; the folders above it do not count."""
        path = _slashes(path)
        name = path[path.rfind("/") + 1 :]
        if self._names.fullmatch(name) or self._absolute.fullmatch(path):
            return True
        is_below = path.startswith(self._start)
        return is_below and self._relative.fullmatch(path, len(self._start)) is not None

    def match_at_or_above(self, path: str) -> bool:
        """True where the absolute `path`, or a folder above it up to the root, matches."""
        root = os.path.abspath(self.root)
        while not self.match(path):
            path = os.path.dirname(path)
            if not path.startswith(root + os.sep):
                return False
        return True


@lru_cache(maxsize=256)  # a tree may have a configuration in each folder, all much the same
def _any_of(patterns: tuple[str, ...]) -> re.Pattern[str]:  # reloadlint: ignore[RL205]
    # `(?!)` matches nothing, which is what no pattern at all should match.
    expressions = "|".join(f"(?:{translate(item)})" for item in patterns)
    return re.compile(expressions or "(?!)", re.DOTALL)


def _slashes(path: str) -> str:
    return path.replace(os.sep, "/")
