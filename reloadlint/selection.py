"""Selectors (codes, prefixes of codes, names, ALL) → the rules that are on.

As in ruff, the more specific selector wins, and `ignore` wins among equals:
`select = ["RL101"]` with `ignore = ["RL1"]` leaves RL101 on.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol, TypeVar

from reloadlint.errors import ConfigError
from reloadlint.nearest import hint
from reloadlint.profile import Profiled

EVERY = "ALL"


class Selectable(Profiled, Protocol):
    """What selecting needs to know of a rule."""

    @property
    def name(self) -> str:
        """In kebab case: inline-callback."""

    @property
    def skips_tests(self) -> bool:
        """Off in test files, unless the configuration says otherwise."""


R = TypeVar("R", bound=Selectable)


@dataclass(frozen=True)
class Selection:
    """One layer: the configuration file's, or the command line's on top of it.

    Where `select` is given it replaces all that the layers below chose.
    """

    select: tuple[str, ...] | None = None
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    origin: str = ""


class _Switch(NamedTuple):
    """Sorts in the order in which switches are thrown."""

    specificity: int
    off: bool
    code: str
    reason: str


def choose(
    rules: Sequence[R], selections: Iterable[Selection], default: Mapping[str, str] | None = None
) -> tuple[R, ...]:
    """The rules that are on; ConfigError for a selector that means none of `rules`."""
    on = reasons(rules, selections, default)
    return tuple(rule for rule in rules if rule.code in on)


def reasons(
    rules: Sequence[R], selections: Iterable[Selection], default: Mapping[str, str] | None = None
) -> dict[str, str]:
    """The codes of the rules that are on, and why: the selector that had the last word.

    `default` says the same of the rules where nothing is selected; without it, they know it.
    """
    known = {rule.code: "default" for rule in rules if rule.default}
    on = dict(known if default is None else default)
    for selection in selections:
        if selection.select is not None:
            on.clear()
        for switch in sorted(_switches(rules, selection)):
            if switch.off:
                on.pop(switch.code, None)
            else:
                on[switch.code] = switch.reason
    return on


def _switches(rules: Sequence[R], selection: Selection) -> Iterator[_Switch]:
    for key, selectors in (
        ("select", selection.select or ()),
        ("extend-select", selection.extend_select),
        ("ignore", selection.ignore),
    ):
        for selector in selectors:
            place = f"{selection.origin}: {key}"
            for rule in meant(selector, rules, place):
                reason = f"{place}: {selector}"
                yield _Switch(_specificity(selector, rule), key == "ignore", rule.code, reason)


def meant(selector: str, rules: Sequence[R], place: str) -> list[R]:
    """The rules that `selector` means; ConfigError, which names `place`, where there is none."""
    found = [rule for rule in rules if means(selector, rule)]
    if not found and selector != EVERY:
        known = [word for rule in rules for word in (rule.code, rule.name)]
        raise ConfigError(
            f"{place.removeprefix(': ')}: unknown rule `{selector}`{hint(selector, known)}"
        )
    return found


def means(selector: str, rule: Selectable) -> bool:
    """True where the selector is the rule's code or name, a prefix of the code, or ALL."""
    return selector in {EVERY, rule.code, rule.name} or _is_prefix(selector, rule.code)


def _is_prefix(selector: str, code: str) -> bool:
    # `RL` means RL101 but not RLX101, which is of another pack.
    letters = re.match("[A-Z]+", code)
    return letters is not None and selector.startswith(letters[0]) and code.startswith(selector)


def _specificity(selector: str, rule: Selectable) -> int:
    if selector == EVERY:
        return 0
    return len(rule.code) if selector == rule.name else len(selector)
