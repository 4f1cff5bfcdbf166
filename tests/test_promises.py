"""What a user may rely on, in terms of what was measured: `rules/evidence.json`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pytest

from reloadlint import registry
from reloadlint.config import Config, enabled
from reloadlint.evidence import packs
from reloadlint.lint import lint
from reloadlint.rule import Rule
from reloadlint.settings import RELOADERS
from reloadlint.source import SourceFile
from reloadlint.verdicts import Verdict, load

PATH, _ = packs.trials_of("reloadlint.rules")
RECORDED = load(PATH)
# Rules about comments do not touch what a program does.
RULES = [rule for rule in registry.load() if not rule.on_comments]
GOOD = {Verdict.FRESH, Verdict.KEPT}

# Where a fix makes things worse after all, as its page says; under that reloader there is none.
WORSE = {("RL501", "limeade"): "leaves the cell empty in which `super()` finds its class"}


class Pair(NamedTuple):
    """One experiment under one reloader."""

    place: str
    reloader: str
    before: Verdict
    after: Verdict | None


def pairs(rule: type[Rule], profile: str = "") -> Iterator[Pair]:
    for found in RECORDED.of(rule.code):
        for reloader, before in found.before.items():
            if not profile or reloader == profile or reloader.startswith(profile + "-"):
                place = f"example {found.example}, edit {found.edit} ({found.kind})"
                yield Pair(place, reloader, before, found.after.get(reloader))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
class TestARule:
    def test_has_no_fix_that_turns_good_into_bad(self, rule: type[Rule]) -> None:
        assert {
            (rule.code, pair.reloader)
            for pair in pairs(rule)
            if pair.before in GOOD and pair.after is not None and pair.after not in GOOD
        } <= WORSE.keys()

    def test_that_is_on_by_default_ends_badly_somewhere(self, rule: type[Rule]) -> None:
        assert not rule.default or any(pair.before not in GOOD for pair in pairs(rule))

    def test_that_can_fix_helps_under_each_reloader_for_which_it_is_on(
        self, rule: type[Rule]
    ) -> None:
        for reloader in RELOADERS[1:]:
            if rule.is_fixable() and rule in enabled(RULES, Config(reloader=reloader)):
                assert any(
                    pair.before not in GOOD and pair.after in GOOD for pair in pairs(rule, reloader)
                ), reloader

    def test_that_can_fix_helps_under_most_reloaders_that_are_widely_used(
        self, rule: type[Rule]
    ) -> None:
        """Otherwise the profiles would hide that a fix is good for nothing."""
        if rule.is_fixable():
            helped = {
                pair.reloader
                for pair in pairs(rule)
                if pair.before not in GOOD and pair.after in GOOD
            }
            hit = {pair.reloader for pair in pairs(rule) if pair.before not in GOOD}
            assert len(helped) >= len(hit) / 2

    def test_is_off_where_its_bad_example_is_fresh(self, rule: type[Rule]) -> None:
        for reloader in RELOADERS[1:]:
            found = [pair for pair in pairs(rule, reloader) if "body" in pair.place]
            if found and all(pair.before in GOOD for pair in found):
                assert rule not in enabled(RULES, Config(reloader=reloader)), reloader


@pytest.mark.parametrize(("code", "reloader"), WORSE)
def test_a_fix_that_makes_things_worse_is_not_offered_there(code: str, reloader: str) -> None:
    (rule,) = [rule for rule in RULES if rule.code == code]
    source = SourceFile("example.py", rule.examples[0].before)
    (found,) = lint(source, [rule], Config(reloader=reloader)).findings
    assert found.fix is None
    assert "makes things worse: fresh → error" in (found.refusal or "")


class TestTheProfiles:
    def test_turn_copies_of_names_on_where_these_are_the_main_hazard(self) -> None:
        copies = {rule for rule in RULES if rule.code.startswith("RL3")}
        assert not copies & set(enabled(RULES, Config()))
        for reloader in ("importlib", "reimport"):
            assert copies <= set(enabled(RULES, Config(reloader=reloader))), reloader

    def test_leave_little_to_do_under_the_own_runtime(self) -> None:
        on = {rule.code for rule in enabled(RULES, Config(reloader="reloadlint"))}
        assert not on & {"RL101", "RL102", "RL103", "RL201", "RL202", "RL301"}
