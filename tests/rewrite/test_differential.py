"""A fixed program does what it did: random closures, run before and after the safe fixes."""

from __future__ import annotations

import random
import warnings

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reloadlint import registry
from reloadlint.config import Config
from reloadlint.finding import Confidence
from reloadlint.fix import FixResult, fix
from reloadlint.source import SourceFile
from tests.extent import many
from tests.rewrite.programs import program, run

RULES = [rule for rule in registry.load() if rule.fixable == "hoist"]
EVERYTHING = Config(min_confidence=Confidence.POSSIBLE)
FAST_SEEDS = range(16)


def fixed(text: str) -> FixResult:
    result = fix(SourceFile("subject.py", text), RULES, EVERYTHING)
    assert result.converged
    assert not result.dropped
    return result


def check(text: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # coroutines that are never awaited, among others
        if not _compiles(text):
            return
        result = fixed(text)
        if result.applied:
            before, after = run(text), run(result.text)
            if before is not None and after is not None:
                assert after == before


@pytest.mark.parametrize("seed", FAST_SEEDS)
def test_a_program_does_the_same_after_the_fix(seed: int) -> None:
    check(program(random.Random(seed)))


def test_the_programs_are_worth_it() -> None:
    """Most have closures that are fixed, and log a good deal."""
    texts = [program(random.Random(seed)) for seed in FAST_SEEDS]
    valid = [text for text in texts if _compiles(text)]
    assert len(valid) > len(texts) * 0.8
    assert sum(bool(fixed(text).applied) for text in valid) > len(valid) * 0.7


def _compiles(text: str) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            compile(text, "subject.py", "exec", dont_inherit=True)
        except SyntaxError:
            return False
    return True


@pytest.mark.slow
@settings(max_examples=many(100), deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(min_value=0))
def test_any_program_does_the_same_after_the_fix(seed: int) -> None:
    # By seed: to draw every choice through hypothesis takes ten times as long as all the rest.
    check(program(random.Random(seed)))
