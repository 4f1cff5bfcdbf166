"""`reloadlint rule`."""

from __future__ import annotations

from reloadlint import registry
from tests.command import run


def test_rule_explains_one() -> None:
    by_code, by_name = run("rule", "RL101"), run("rule", "inline-callback")
    assert by_code.exit_code == 0
    assert by_code.stdout == by_name.stdout
    assert by_code.stdout.startswith("inline-callback (RL101)\n=====")


def test_rule_lists_and_prints_all() -> None:
    rules = registry.load()
    assert [line.split()[0] for line in run("rule").stdout.splitlines()] == [r.code for r in rules]
    pages = run("rule", "--all").stdout
    assert all(f"{rule.name} ({rule.code})\n" in pages for rule in rules)


def test_rule_knows_the_nearest() -> None:
    result = run("rule", "inline-calback")
    assert result.exit_code == 2
    assert (
        result.stderr == "error: unknown rule `inline-calback`; did you mean `inline-callback`?\n"
    )
