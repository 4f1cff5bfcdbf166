"""Every pattern in a fresh process. What could not be updated must be in the report."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.runtime.experiment import observe
from tests.runtime.patterns import PATTERNS, Pattern


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda pattern: pattern.name)
def test_pattern(pattern: Pattern, tmp_path: Path) -> None:
    seen = observe(pattern, tmp_path)
    assert seen["result"] == pattern.want, seen
    assert seen["error"] == pattern.fails, seen
    said = seen["said"]
    if pattern.reported:
        assert pattern.reported in said
        assert pattern.rule in said
    else:
        assert "not updated" not in said
