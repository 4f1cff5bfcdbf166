"""Which rules a selection turns on."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from reloadlint.errors import ConfigError
from reloadlint.selection import Selection, choose


@dataclass(frozen=True)
class FakeRule:
    code: str
    name: str
    default: bool = True
    skips_tests: bool = False


RULES = (
    FakeRule("RL101", "inline-callback"),
    FakeRule("RL102", "stored-closure"),
    FakeRule("RL201", "captured-module-state"),
    FakeRule("RL301", "from-import-binding", default=False),
    FakeRule("RLX101", "of-another-pack", default=False),
)
DEFAULT = ["RL101", "RL102", "RL201"]


def codes(*selections: Selection) -> list[str]:
    return [rule.code for rule in choose(RULES, selections)]


@pytest.mark.parametrize(
    ("selection", "on"),
    [
        pytest.param(Selection(), DEFAULT, id="the default ones"),
        pytest.param(Selection(select=()), [], id="none"),
        pytest.param(Selection(select=("RL101",)), ["RL101"], id="a code"),
        pytest.param(Selection(select=("stored-closure",)), ["RL102"], id="a name"),
        pytest.param(Selection(select=("RL1",)), ["RL101", "RL102"], id="a prefix"),
        pytest.param(Selection(select=("RL3",)), ["RL301"], id="a prefix of a rule that is off"),
        pytest.param(Selection(select=("RL",)), [*DEFAULT, "RL301"], id="letters: one pack"),
        pytest.param(Selection(select=("ALL",)), [rule.code for rule in RULES], id="all"),
        pytest.param(Selection(extend_select=("RL301",)), [*DEFAULT, "RL301"], id="more"),
        pytest.param(Selection(ignore=("RL1",)), ["RL201"], id="fewer"),
        pytest.param(Selection(select=("RL1",), ignore=("RL101",)), ["RL102"], id="but one"),
        pytest.param(Selection(select=("RL101",), ignore=("RL1",)), ["RL101"], id="but this"),
        pytest.param(
            Selection(select=("inline-callback",), ignore=("RL10",)),
            ["RL101"],
            id="name over prefix",
        ),
        pytest.param(Selection(select=("RL101",), ignore=("RL101",)), [], id="ignore wins"),
        pytest.param(Selection(ignore=("ALL",)), [], id="nothing left"),
    ],
)
def test_one_layer(selection: Selection, on: list[str]) -> None:
    assert codes(selection) == on


@pytest.mark.parametrize(
    ("second", "on"),
    [
        pytest.param(Selection(select=("RL1",)), ["RL101", "RL102"], id="select replaces all"),
        pytest.param(
            Selection(extend_select=("RL2",)), ["RL102", "RL201"], id="extend-select adds"
        ),
        pytest.param(Selection(ignore=("RL1",)), [], id="ignore takes away"),
        pytest.param(Selection(extend_select=("RL101",)), ["RL101", "RL102"], id="the later wins"),
    ],
)
def test_a_second_layer(second: Selection, on: list[str]) -> None:
    assert codes(Selection(select=("RL1",), ignore=("RL101",)), second) == on


@pytest.mark.parametrize("key", ["select", "extend_select", "ignore"])
@pytest.mark.parametrize(
    ("selector", "hint"),
    [
        ("inline-calback", "; did you mean `inline-callback`?"),
        ("RL111", "; did you mean `RL101`?"),
        ("rl101", "; did you mean `RL101`?"),
        ("", ""),
        ("R", ""),
        ("something-else-entirely", ""),
    ],
)
def test_an_unknown_rule_is_an_error(key: str, selector: str, hint: str) -> None:
    with pytest.raises(ConfigError) as error:
        codes(Selection(**{key: (selector,)}, origin="p.toml"))  # type: ignore[arg-type]
    place = key.replace("_", "-")
    assert str(error.value) == f"p.toml: {place}: unknown rule `{selector}`{hint}"
