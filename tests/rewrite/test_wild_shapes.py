"""Shapes that real projects have: what becomes of each closure, and that the module does as before.

Each is told anew, as short as it can be; `main` runs it.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from reloadlint import registry
from reloadlint.config import Config
from reloadlint.finding import Applicability
from reloadlint.fix import fix
from reloadlint.lint import lint
from reloadlint.source import SourceFile
from tests.rewrite.wild import MOVED, Outcome
from tests.rewrite.wild_callbacks import CALLBACKS
from tests.rewrite.wild_wrappers import WRAPPERS

RULES = [rule for rule in registry.load() if rule.fixable == "hoist"]
CONFIG = Config(min_body=0)
WILD = {**CALLBACKS, **WRAPPERS}


def outcome(text: str) -> dict[str, set[str]]:
    """By name of the closure: what becomes of each that is found."""
    found: dict[str, set[str]] = {}
    for finding in lint(SourceFile("module.py", text), RULES, CONFIG).findings:
        name = "lambda"
        if "`" in finding.message.partition(" is ")[0]:
            name = finding.message.split("`")[1]
        if finding.fix is None:
            how = finding.refusal or ""
        elif finding.fix.applicability is Applicability.SAFE:
            how = MOVED
        else:
            how = finding.fix.caution
        found.setdefault(name, set()).add(how)
    return found


def run(text: str) -> str:
    """What `main` returns, as text."""
    module: dict[str, Any] = {"__name__": "module"}
    exec(compile(text, "module.py", "exec", dont_inherit=True), module)
    return json.dumps(module["main"](), default=repr)


@pytest.mark.parametrize(("expected", "text"), WILD.values(), ids=WILD)
class TestAWildShape:
    def test_comes_out_like_this(self, expected: dict[str, Outcome], text: str) -> None:
        found = outcome(text)
        for name, how in expected.items():
            assert len(found[name]) == 1, found
            assert_is(how, *found.pop(name))
        assert not found

    def test_and_does_as_before(self, expected: dict[str, Outcome], text: str) -> None:
        fixed = fix(SourceFile("module.py", text), RULES, CONFIG, unsafe=True)
        assert not fixed.dropped
        assert run(fixed.text) == run(text)


def assert_is(expected: Outcome, found: str) -> None:
    template = expected if isinstance(expected, str) else expected.value
    before, _, after = template.partition("{name}")
    assert found.startswith(before)
    assert found.endswith(after)
