"""The measurements that are shipped are those of the rules as they stand."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest

from reloadlint.evidence import differences, packs
from reloadlint.evidence.measure import ALL, CHEAP, measure
from reloadlint.verdicts import Verdict, dump, load

PATH, TRIALS = packs.trials_of("reloadlint.rules")
RECORDED = load(PATH)
HOW = "run `python -m reloadlint.evidence --write` where all reloaders are installed"


def test_it_has_exactly_the_experiments_that_the_rules_declare() -> None:
    declared = {(trial.code, trial.example, trial.edit): trial.digest for trial in TRIALS}
    recorded = {
        (code, found.example, found.edit): found.digest
        for code, experiments in RECORDED.rules.items()
        for found in experiments
    }
    assert recorded == declared, HOW


def test_each_was_measured_under_every_reloader_before_and_after() -> None:
    texts = {(trial.code, trial.example, trial.edit): trial.texts for trial in TRIALS}
    assert set(RECORDED.versions) == set(ALL)
    for code, experiments in RECORDED.rules.items():
        for found in experiments:
            assert set(found.before) == set(ALL)
            expected = set(ALL) if "after" in texts[code, found.example, found.edit] else set()
            assert set(found.after) == expected


@pytest.mark.skipif(not hasattr(os, "fork"), reason="experiments fork")
def test_it_says_what_comes_out_now() -> None:
    """Under the reloaders that need no installation; `.ci/run` asks all."""
    assert list(differences.between(RECORDED, measure(TRIALS, CHEAP))) == [], HOW


class TestTheFormat:
    def test_reads_what_it_writes(self) -> None:
        text = dump(RECORDED)
        assert text == PATH.read_text(encoding="utf-8")

    def test_a_verdict_that_is_other_now_is_told(self) -> None:
        code = next(iter(RECORDED.rules))
        found = RECORDED.of(code)[0]
        word = next(word for word in Verdict if word is not found.before["importlib"])
        changed = replace(found, before={**found.before, "importlib": word})
        other = replace(RECORDED, rules={code: (changed,)})
        (line,) = differences.between(RECORDED, other)
        assert line.startswith(f"{code}, example {found.example}, edit {found.edit}")
        assert line.endswith(f"before, importlib: {found.before['importlib'].value} → {word.value}")

    def test_an_experiment_that_was_changed_is_told(self) -> None:
        code = next(iter(RECORDED.rules))
        found = RECORDED.of(code)[0]
        other = replace(RECORDED, rules={code: (replace(found, digest="0"),)})
        (line,) = differences.between(RECORDED, other)
        assert "changed since measured; now importlib " in line
