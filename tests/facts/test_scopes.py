"""Captures are what CPython's compiler makes them: compared with the code objects of real files,

of generated ones, and of texts that are hard to get right. `compiled.py` is the oracle.
"""

from __future__ import annotations

import textwrap
from pathlib import Path

import hypothesmith
import pytest
from hypothesis import HealthCheck, assume, given, settings

from reloadlint.errors import SyntaxFailure
from reloadlint.facts import FileFacts
from tests.extent import many
from tests.facts import corpus
from tests.facts.compiled import HAS_POSITIONS, compiles, free_variables
from tests.facts.facts_of import facts_of
from tests.facts.hard_scopes import CASES

GENERATED = {
    "deadline": None,
    "suppress_health_check": list(HealthCheck),
    "database": None,
    "derandomize": True,
}


def assert_captures_as_compiled(facts: FileFacts) -> int:
    """Compare every closure that is compiled to something; return how many."""
    compiled = free_variables(facts.source.text, facts.tree)
    count = 0
    for closure in facts.closures:
        if closure.node in compiled:
            captures = facts.captures(closure.node)
            names = None if captures is None else tuple(capture.name for capture in captures)
            where = f"{facts.source.path}:{closure.node.lineno}: {closure.name}"
            assert names in compiled[closure.node], where
            count += 1
    return count


def read(path: Path) -> FileFacts | None:
    text = corpus.read(path)
    if text is None or not compiles(text):
        return None
    return facts_of(text, str(path))


# ---------------------------------------------------------------------------- the standard library


@pytest.mark.parametrize("path", corpus.sample(), ids=corpus.name)
def test_captures_in_a_sample_of_the_standard_library(path: Path) -> None:
    facts = read(path)
    if facts is not None:
        assert_captures_as_compiled(facts)


@pytest.mark.slow
def test_captures_all_over_the_standard_library() -> None:
    count = checked = 0
    for path in corpus.some(6):
        facts = read(path)
        if facts is not None:
            checked += 1
            count += assert_captures_as_compiled(facts)
    print(f"{checked} files, {count} closures")
    assert checked > 250
    assert count > 1000


# ---------------------------------------------------------------------------------- generated code


@given(hypothesmith.from_grammar())
@settings(max_examples=100, **GENERATED)
def test_captures_in_generated_code(text: str) -> None:
    assume(compiles(text))
    assert_captures_as_compiled(facts_of(text))


@pytest.mark.slow
@given(hypothesmith.from_grammar())
@settings(max_examples=many(150), **GENERATED)
def test_captures_in_much_generated_code(text: str) -> None:
    assume(compiles(text))
    assert_captures_as_compiled(facts_of(text))


@pytest.mark.slow
@given(hypothesmith.from_node())
@settings(max_examples=many(40), **GENERATED)
def test_captures_in_code_generated_from_libcst_nodes(text: str) -> None:
    assume(compiles(text))
    assert_captures_as_compiled(facts_of(text))


# ------------------------------------------------------------------------------------- by hand


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(*getattr(case, "values", case), id=name, marks=getattr(case, "marks", ()))
        for name, case in CASES.items()
    ],
)
def test_captures_of_each_closure(text: str, expected: list[str | None]) -> None:
    facts = facts_of(text)
    # A closure that is not compiled has no captures, or those that it would have.
    found = []
    for closure, names in zip(facts.closures, expected, strict=True):
        captures = facts.captures(closure.node)
        found.append(captures and " ".join(capture.name for capture in captures))
        assert names is None or (found[-1] or "") == names, closure.name
    assert_captures_as_compiled(facts)
    compiled = free_variables(textwrap.dedent(text), facts.tree)
    for closure, names in zip(facts.closures, expected, strict=True):
        if HAS_POSITIONS:
            assert (closure.node in compiled) is (names is not None), closure.name


def test_text_that_parses_and_does_not_compile() -> None:
    facts = facts_of("a = 1\n\n\ndef f():\n    x = lambda: 1\n    nonlocal x\n    return x\n")
    with pytest.raises(SyntaxFailure, match=r"module\.py:6:5: .*nonlocal"):
        facts.captures(facts.closures[0].node)


def test_reading_symbol_tables_warns_of_nothing(recwarn: pytest.WarningsRecorder) -> None:
    facts = facts_of("def f(a): return lambda: (a, '\\d', a is 1)\n")
    assert facts.captures(facts.closures[0].node)
    assert not recwarn.list
