"""Path patterns of the configuration, with the meaning that ruff gives them; reads no disk."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

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
    _paths: re.Pattern[str] = field(init=False, repr=False, compare=False)
    _names: re.Pattern[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        clean = [_slashes(os.path.normpath(pattern)) for pattern in self.patterns if pattern]
        names = (translate(pattern) for pattern in clean if "/" not in pattern)
        root = re.escape(_slashes(os.path.abspath(self.root)).rstrip("/") + "/")
        paths = (("" if os.path.isabs(item) else root) + translate(item) for item in clean)
        object.__setattr__(self, "_names", _any_of(names))
        object.__setattr__(self, "_paths", _any_of(paths))

    def match(self, path: str) -> bool:
        """True where the absolute `path` itself matches; the folders above it do not count."""
        path = _slashes(path)
        name = path[path.rfind("/") + 1 :]
        return bool(self._names.fullmatch(name) or self._paths.fullmatch(path))

    def match_at_or_above(self, path: str) -> bool:
        """True where the absolute `path`, or a folder above it up to the root, matches."""
        root = os.path.abspath(self.root)
        while not self.match(path):
            path = os.path.dirname(path)
            if not path.startswith(root + os.sep):
                return False
        return True


def _any_of(expressions: Iterable[str]) -> re.Pattern[str]:
    # `(?!)` matches nothing, which is what no pattern at all should match.
    return re.compile("|".join(f"(?:{item})" for item in expressions) or "(?!)", re.DOTALL)


def _slashes(path: str) -> str:
    return path.replace(os.sep, "/")
