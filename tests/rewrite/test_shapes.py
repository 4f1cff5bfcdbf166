"""The hoist, shape by shape: what a file is before, and exactly what it is after."""

from __future__ import annotations

import pytest

from reloadlint import registry
from reloadlint.config import Config
from reloadlint.fix import fix
from reloadlint.lint import lint
from reloadlint.source import SourceFile
from tests.rewrite.shapes import SHAPES

RULES = registry.load()


@pytest.mark.parametrize(("before", "after"), SHAPES.values(), ids=SHAPES)
class TestAShape:
    def test_becomes_exactly_this(self, before: str, after: str) -> None:
        result = fix(SourceFile("module.py", before), RULES, Config())
        assert result.text == after
        assert result.converged
        assert not result.dropped

    def test_and_stays_so(self, before: str, after: str) -> None:
        result = fix(SourceFile("module.py", after), RULES, Config())
        assert result.text == after
        assert not lint(SourceFile("module.py", after), RULES, Config()).failures
