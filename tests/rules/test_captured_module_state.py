"""RL201: what holds on to the state of today, and what finds that of tomorrow by its name."""

from __future__ import annotations

import pytest

from tests.rules.checking import findings, fixed, flagged

STATE = "CACHE = {}\n\n\ndef put(k):\n    CACHE[k] = 1\n\n\n"


@pytest.mark.parametrize(
    ("text", "how"),
    [
        ("def f(bus):\n    bus.subscribe(lambda: CACHE.get(1) + 1)", "uses `CACHE`"),
        ("def f(bus):\n    bus.subscribe(CACHE.get)", "is bound to the `CACHE` of now"),
        (
            "def f(bus):\n    held = CACHE\n    bus.subscribe(lambda: held.get(1) + 1)",
            "captures `CACHE` as `held`",
        ),
        ("def f(held=CACHE):\n    held.clear()", "has `CACHE` as a default argument"),
        ("def f(*, held=CACHE):\n    held.clear()", "has `CACHE` as a default argument"),
        ("f = lambda held=CACHE: held.clear()", "has `CACHE` as a default argument"),
        ("put.more = CACHE.get", "is bound to the `CACHE` of now"),
    ],
)
def test_what_holds_on_to_it(text: str, how: str) -> None:
    (found,) = findings("RL201", f"{STATE}{text}\n")
    assert f" {how}" in found.message


@pytest.mark.parametrize(
    "text",
    [
        "def f():\n    return sorted('ab', key=CACHE.get)",
        "def f(bus):\n    bus.subscribe(put)",
        "def f(bus, CACHE):\n    bus.subscribe(CACHE.get)",
        "def f(bus, CACHE):\n    bus.subscribe(lambda: CACHE.get(1) + 1)",
        "def f(CACHE):\n    def g(held=CACHE):\n        held.clear()\n    return g",
        "def f(bus):\n    held = CACHE\n    held = {}\n    bus.subscribe(lambda: held.get(1) + 1)",
        "def f(bus, CACHE):\n    held = CACHE\n    bus.subscribe(lambda: held.get(1) + 1)",
        "def f(bus):\n    held = put\n    bus.subscribe(lambda: held(1) + 1)",
        "def f():\n    CACHE.get(1)\n    CACHE.more = 1",
        "def f(CACHE=CACHE):\n    CACHE.clear()",
    ],
)
def test_what_finds_the_state_by_its_name(text: str) -> None:
    assert flagged("RL201", f"{STATE}{text}\n") == []


def test_the_state_is_kept_where_the_closure_cannot_be_moved() -> None:
    closure = "lambda: CACHE.get(str(locals())) + 1"
    text = fixed("RL201", f"{STATE}def f(bus):\n    bus.subscribe({closure})\n").text
    assert 'CACHE = keep("CACHE", dict)' in text
    assert closure in text
