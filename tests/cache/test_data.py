"""Findings ↔ data: whatever fields findings have."""

from __future__ import annotations

import json
from dataclasses import fields

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reloadlint.cache.data import from_data, to_data
from reloadlint.finding import Finding, Position

# Two kinds of unions would need rules of their own: hypothesis shows when a field has one.
FINDINGS = st.builds(Finding)
FOUND = Finding("a.py", "RL101", "a-rule", "text", Position(1, 2), Position(1, 3), 1)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(FINDINGS)
def test_a_finding_comes_back_as_it_was(finding: Finding) -> None:
    text = json.dumps(to_data(finding))
    again = from_data(Finding, json.loads(text))
    for field in fields(Finding):  # `==` leaves some out
        assert getattr(again, field.name) == getattr(finding, field.name)


@pytest.mark.parametrize(
    "spoil", [list.pop, lambda data: data.append(1), lambda data: data.clear()]
)
def test_other_data_are_no_finding(spoil: object) -> None:
    data = to_data(FOUND)
    spoil(data)  # type: ignore[operator]
    with pytest.raises(ValueError, match="zip"):
        from_data(Finding, data)


def test_a_wrong_type_is_no_finding() -> None:
    data = to_data(FOUND)
    data[0] = 7
    with pytest.raises(TypeError):
        from_data(Finding, data)
