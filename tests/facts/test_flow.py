"""What the flow promises holds when the code runs.

A hoist reads captures when the closure is called, so its safety stands on two promises: a name is
bound, and it is not bound again. Both are put to the test by running made-up functions and watching
the cells of every closure that they make; see `running.py`.
"""

from __future__ import annotations

import ast

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from reloadlint.facts import FileFacts
from reloadlint.facts.index import ClosureNode
from tests.extent import many
from tests.facts.compiled import compiles
from tests.facts.facts_of import capture, facts_of
from tests.facts.programs import programs
from tests.facts.running import Run

RUNS = 4
HYPOTHESIS = {
    "deadline": None,
    "suppress_health_check": list(HealthCheck),
    "database": None,
    "derandomize": True,
}


def numbered(facts: FileFacts) -> dict[int, ClosureNode]:
    """The closures by the number that `mk` is given with them."""
    found: dict[int, ClosureNode] = {}
    for node in ast.walk(facts.tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "mk" and len(node.args) == 2:
            found[ast.literal_eval(node.args[0])] = node.args[1]  # type: ignore[assignment]
        elif isinstance(node, ast.FunctionDef) and node.decorator_list:
            (decorator,) = node.decorator_list
            assert isinstance(decorator, ast.Call)
            found[ast.literal_eval(decorator.args[0])] = node
    return found


def assert_promises_hold(text: str, first_seed: int = 0, runs: int = RUNS) -> None:
    facts = facts_of(text)
    closures = numbered(facts)
    for seed in range(first_seed, first_seed + runs):
        for (number, name), events in Run(text, seed).go("f").items():
            found = capture(facts, closures[number], name)
            is_written_under_nonlocal = found.is_written_inside or found.is_written_elsewhere
            where = f"closure {number}, {name}, run {seed}: {events}\n{text}"
            if "unbound" in events:
                assert not found.is_surely_bound, where
            if "rebound" in events:
                assert found.is_rebound or is_written_under_nonlocal, where
            if "deleted" in events:
                assert found.is_deleted, where


@given(programs(), st.integers(0, 10_000))
@settings(max_examples=50, **HYPOTHESIS)
def test_promises_hold(text: str, seed: int) -> None:
    assume(compiles(text))
    assert_promises_hold(text, seed)


@pytest.mark.slow
@given(programs(), st.integers(0, 1_000_000))
@settings(max_examples=many(120), **HYPOTHESIS)
def test_promises_hold_in_many_functions(text: str, seed: int) -> None:
    assume(compiles(text))
    assert_promises_hold(text, seed)


def test_the_oracle_sees_what_happens() -> None:
    text = """\
def f(z):
    mk(1, lambda: a)
    a = v()
    mk(2, lambda: a)
    del a
    a = v()
    mk(3, lambda: a)
"""
    seen = Run(text, seed=1).go("f")
    assert seen == {
        (1, "a"): {"unbound", "rebound"},
        (2, "a"): {"rebound", "deleted"},
    }
