"""What holds for every built-in rule, whoever wrote it: its declaration is its test.

The experiments are in `tests/evidence`, which runs those of all rules at once.
"""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from reloadlint import registry
from reloadlint.rule import EditKind, Rule
from reloadlint.testing import Promise, promises

RULES = registry.load()
ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize(
    "promise",
    [promise for rule in RULES for promise in promises(rule, experiments=False)],
    ids=str,
)
def test_every_rule(promise: Promise) -> None:
    promise.check()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
class TestABuiltInRule:
    def test_has_a_code_of_ours(self, rule: type[Rule]) -> None:
        assert rule.code[:2] == "RL"
        assert len(rule.code) == 5

    def test_is_in_the_table_of_the_readme(self, rule: type[Rule]) -> None:
        readme = (ROOT / "README.md").read_text(encoding="utf-8")
        (row,) = [line for line in readme.splitlines() if line.startswith(f"| {rule.code} ")]
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        assert cells[1] == rule.name
        assert cells[3] == rule.fixable

    def test_stands_in_a_file_of_its_name(self, rule: type[Rule]) -> None:
        assert rule.__module__ == f"reloadlint.rules.{rule.name.replace('-', '_')}"

    def test_tries_every_kind_of_edit_or_says_why_not(self, rule: type[Rule]) -> None:
        proofs = [example.evidence for example in rule.examples if example.evidence]
        tried = {edit.kind for proof in proofs for edit in proof.edits}
        untried = {kind for kind, _ in rule.untried}
        assert not tried & untried
        assert rule.on_comments or tried | untried == set(get_args(EditKind))

    def test_has_evidence_if_it_is_on_by_default(self, rule: type[Rule]) -> None:
        is_proven = any(example.evidence for example in rule.examples)
        assert is_proven or rule.on_comments or not rule.default
