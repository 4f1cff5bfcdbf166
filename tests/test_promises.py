"""What a user may rely on, in terms of what was measured: `rules/evidence.json`."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest

from reloadlint import registry
from reloadlint.config import Config, enabled
from reloadlint.evidence import packs
from reloadlint.finding import Finding
from reloadlint.report.page import page
from reloadlint.rule import Rule
from reloadlint.settings import RELOADERS
from reloadlint.testing import Stage
from reloadlint.verdicts import Verdict, load

PATH, _ = packs.trials_of("reloadlint.rules")
RECORDED = load(PATH)
# Rules about comments do not touch what a program does.
RULES = [rule for rule in registry.load() if not rule.on_comments]
GOOD = {Verdict.FRESH, Verdict.KEPT}
BAD = set(Verdict) - GOOD

ENGINES = {"ipython-superreload": "ipython"}  # a part of what is chosen by one name


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


def findings(rule: type[Rule], reloader: str) -> Iterator[Finding]:
    """What the rule says of its examples under a reloader."""
    for example in rule.examples:
        with tempfile.TemporaryDirectory() as folder:
            stage = Stage(rule, example, Path(folder))
            stage.config = replace(stage.config, reloader=reloader)
            yield from stage.findings()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
class TestARule:
    def test_has_no_fix_that_turns_good_into_bad(self, rule: type[Rule]) -> None:
        """What was seen to do that under some reloader is neither a fix nor advice there."""
        worse = [pair for pair in pairs(rule) if pair.before in GOOD and pair.after in BAD]
        for reloader in {ENGINES.get(pair.reloader, pair.reloader) for pair in worse}:
            found = list(findings(rule, reloader))
            assert found
            assert [finding.fix for finding in found] == [None] * len(found)
            assert f'`reloader = "{reloader}"`: under {reloader}' in page(rule)

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


@pytest.mark.parametrize(("reloader", "is_offered"), [("importlib", True), ("limeade", False)])
def test_a_fix_is_there_where_it_was_not_seen_to_make_things_worse(
    reloader: str, is_offered: bool
) -> None:
    (rule,) = [rule for rule in RULES if rule.code == "RL501"]
    found = list(findings(rule, reloader))
    assert [finding.fix is not None for finding in found] == [is_offered] * len(found)


class TestTheProfiles:
    def test_turn_copies_of_names_on_where_these_are_the_main_hazard(self) -> None:
        copies = {rule for rule in RULES if rule.code.startswith("RL3")}
        assert not copies & set(enabled(RULES, Config()))
        for reloader in ("importlib", "reimport"):
            assert copies <= set(enabled(RULES, Config(reloader=reloader))), reloader

    def test_leave_little_to_do_under_the_own_runtime(self) -> None:
        on = {rule.code for rule in enabled(RULES, Config(reloader="reloadlint"))}
        assert not on & {"RL101", "RL102", "RL103", "RL201", "RL202", "RL301"}
