"""What was measured, as it is shown."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from reloadlint import registry
from reloadlint.cli.group import group
from reloadlint.profile import PORTABLE
from reloadlint.report.evidence import OTHERS, SHOWN, of_rule, of_rules
from reloadlint.report.page import page
from reloadlint.rule import Rule
from reloadlint.settings import RELOADERS

ROOT = Path(__file__).parents[2]
RULES = registry.load()
MEASURED = [rule for rule in RULES if of_rule(rule)]


def test_the_readme_has_the_matrix_as_it_is() -> None:
    assert "\n".join(of_rules(RULES)) in (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_matrices_show_all_reloaders_that_can_be_chosen() -> None:
    assert sorted((*SHOWN, *OTHERS)) == sorted(set(RELOADERS) - {PORTABLE})


def test_the_command_prints_both_matrices() -> None:
    printed = CliRunner().invoke(group, ["rule", "--evidence"]).output
    both = ("\n".join(of_rules(RULES, reloaders)) for reloaders in (SHOWN, OTHERS))
    assert printed == "\n\n".join(both) + "\n"
    assert all(f" {reloader} |" in printed for reloader in (*SHOWN, *OTHERS))


def test_the_matrix_has_a_row_for_each_rule_that_was_measured() -> None:
    _, _, *rows = of_rules(RULES)
    assert [row.split(" | ")[0] for row in rows] == [f"| `{rule.code}`" for rule in MEASURED]


@pytest.mark.parametrize("rule", MEASURED, ids=lambda rule: rule.code)
def test_the_page_of_a_rule_shows_all_experiments(rule: type[Rule]) -> None:
    table = of_rule(rule)
    assert "\n".join(table) in page(rule)
    count = sum(len(e.evidence.edits) for e in rule.examples if e.evidence)
    assert all(line.count(" | ") == count for line in table if "---" not in line)


def test_the_page_says_what_was_typed_and_what_was_not() -> None:
    (rule,) = [rule for rule in RULES if rule.code == "RL104"]
    shown = page(rule)
    assert '- 1.1: `"hello "` → `"welcome "`\n' in shown
    assert '- 1.3: `"hello "` → `"welcome "`, and other names for `greet`\n' in shown
    assert "- no edit of the kind `captures`: a function of a module captures nothing\n" in shown


def test_a_rule_that_was_not_measured_has_no_table() -> None:
    class Unknown(Rule):
        code = "RL999"

    assert of_rule(Unknown) == []
