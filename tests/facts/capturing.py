"""What the tests of captures share: cases by name, and what is said of one capture in each.

The closure in question is the one that contains `HERE`; the capture is named `x`, where a case has
no other name for it. The words are the properties that are true of it; `bound` stands for
`is_surely_bound`, the others for themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tests.facts.facts_of import capture, closure_at, facts_of


def params(cases: Mapping[str, Any]) -> list[object]:
    return [
        pytest.param(
            *(values := getattr(case, "values", case)),
            *([] if len(values) == 3 else ["x"]),
            id=name,
            marks=getattr(case, "marks", ()),
        )
        for name, case in cases.items()
    ]


def what_is_true(text: str, name: str) -> list[str]:
    facts = facts_of(text)
    found = capture(facts, closure_at(facts, "HERE"), name)
    properties = {
        "bound": found.is_surely_bound,
        "rebound": found.is_rebound,
        "deleted": found.is_deleted,
        "written_inside": found.is_written_inside,
        "written_elsewhere": found.is_written_elsewhere,
    }
    return [word for word, is_true in properties.items() if is_true]
