"""The hoist, shape by shape: what a file is before, and exactly what it is after."""

from __future__ import annotations

import pytest

from reloadlint import registry
from reloadlint.config import Config
from reloadlint.fix import fix
from reloadlint.lint import lint
from reloadlint.source import SourceFile
from tests.rewrite.shapes import SHAPES
from tests.rewrite.shapes.over_lines import UNFORMATTED

RULES = registry.load()


EVERY = {**SHAPES, **UNFORMATTED}


@pytest.mark.parametrize(("before", "after"), EVERY.values(), ids=EVERY)
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


def over_lines(newline: str) -> SourceFile:
    text = (
        "def f(bus):\n    bus.subscribe(\n        lambda x: (\n            bus.go(x) +\n"
        "                1\n        )\n    )\n"
        "    def send(x: dict[A,\n        B], y: '''list[A,\n B]'''):\n        bus.x = x\n"
        "        return bus.go(x) + 1\n    bus.subscribe(send)\n"
    )
    return SourceFile("module.py", text.replace("\n", newline))


@pytest.mark.parametrize("newline", ["\r", "\r\n"])
def test_whatever_ends_the_lines_the_same_becomes_of_them(newline: str) -> None:
    expected = fix(over_lines("\n"), RULES, Config()).text
    assert fix(over_lines(newline), RULES, Config()).text == expected.replace("\n", newline)
