"""Which rules a reloader turns on, and what a message says of it: all from what was measured."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import pytest

from reloadlint import registry
from reloadlint.config import Config, enabled, with_options
from reloadlint.errors import RegistryError
from reloadlint.evidence.measure import ALL
from reloadlint.lint import lint
from reloadlint.profile import consequence, harm, on_by_default, outcome
from reloadlint.rule import Rule
from reloadlint.settings import RELOADERS
from reloadlint.source import SourceFile
from reloadlint.verdicts import FILE, Measured, Measurements, Verdict, dump

NAMES = ("importlib", "ipython", "ipython-superreload")


class Pack:
    """Rules whose measurements are written down here."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.measured: dict[str, tuple[Measured, ...]] = {}

    def rule(
        self, code: str, *outcomes: str, fixable: str = "", default: bool = True
    ) -> type[Rule]:
        """`outcomes`: of each experiment, "before → after" or "before" by reloader, in one text."""
        experiments = []
        for number, text in enumerate(outcomes, 1):
            kind, _, words = text.rpartition(": ")
            pairs = [pair.split(" → ") for pair in words.split(", ")]
            befores = {n: Verdict(p[0]) for n, p in zip(NAMES, pairs, strict=False)}
            afters = {n: Verdict(p[1]) for n, p in zip(NAMES, pairs, strict=False) if p[1:]}
            experiments.append(Measured(1, number, kind or "body", "", befores, afters))
        if experiments:
            self.measured[code] = tuple(experiments)
            versions = {name: f"{name} 1.0" for name in NAMES}
            text = dump(Measurements("3.13", versions, self.measured))
            (self.folder / FILE).write_text(text, encoding="utf-8")
        names = {"code": code, "name": code.lower(), "fixable": fixable, "default": default}
        return type("Made", (Rule,), {**names, "__module__": "some_pack.rule"})


@pytest.fixture
def pack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pack:
    module = ModuleType("some_pack.rule")
    module.__file__ = str(tmp_path / "rule.py")
    monkeypatch.setitem(sys.modules, "some_pack.rule", module)
    return Pack(tmp_path)


def is_on(rule: type[Rule], reloader: str) -> bool:
    return rule.code in on_by_default([rule], reloader)


class TestARuleIsOn:
    def test_where_its_example_ends_badly(self, pack: Pack) -> None:
        assert is_on(pack.rule("A1", "stale"), "importlib")

    def test_not_where_its_example_is_fresh(self, pack: Pack) -> None:
        assert not is_on(pack.rule("A1", "fresh"), "importlib")

    def test_where_its_fix_helps(self, pack: Pack) -> None:
        assert is_on(pack.rule("A1", "stale → fresh", fixable="hoist"), "importlib")

    def test_not_where_its_fix_is_of_no_use(self, pack: Pack) -> None:
        assert not is_on(pack.rule("A1", "stale → stale", fixable="hoist"), "importlib")

    def test_where_a_person_would_have_to_do_more(self, pack: Pack) -> None:
        assert is_on(pack.rule("A1", "stale → stale"), "importlib")

    def test_where_one_of_several_experiments_says_so(self, pack: Pack) -> None:
        rule = pack.rule("A1", "fresh → fresh", "lost → kept", fixable="keep")
        assert is_on(rule, "importlib")

    def test_by_edits_of_bodies_where_there_are_any(self, pack: Pack) -> None:
        assert not is_on(pack.rule("A1", "fresh", "signature: stale"), "importlib")
        assert is_on(pack.rule("A2", "removed: error"), "importlib")

    def test_where_one_of_two_engines_says_so(self, pack: Pack) -> None:
        assert is_on(pack.rule("A1", "fresh, fresh, stale"), "ipython")

    def test_by_its_own_default_where_it_was_not_measured(self, pack: Pack) -> None:
        assert is_on(pack.rule("A1"), "importlib")
        assert is_on(pack.rule("A2", "stale"), "hmr")
        assert not is_on(pack.rule("A3", default=False), "importlib")

    def test_by_its_own_default_under_portable(self, pack: Pack) -> None:
        assert is_on(pack.rule("A1", "fresh"), "portable")
        assert not is_on(pack.rule("A2", "stale", default=False), "portable")

    def test_where_it_is_opt_in_otherwise(self, pack: Pack) -> None:
        assert is_on(pack.rule("A1", "stale", default=False), "importlib")

    def test_whatever_was_measured_where_it_is_selected(self, pack: Pack) -> None:
        rule = pack.rule("RL9", "fresh")
        config = with_options(Config(reloader="importlib"), {"select": ["RL9"]})
        assert enabled([rule], config) == (rule,)

    def test_not_where_it_is_ignored(self, pack: Pack) -> None:
        rule = pack.rule("RL9", "stale")
        config = with_options(Config(reloader="importlib"), {"ignore": ["RL9"]})
        assert enabled([rule], config) == ()


class TestAMessage:
    def test_names_the_consequence(self, pack: Pack) -> None:
        rule = pack.rule("A1", "lost")
        said = " (under importlib 1.0: lost, what was collected is lost)"
        assert consequence(rule, "importlib") == said

    def test_names_the_engine_under_which_it_ends_badly(self, pack: Pack) -> None:
        rule = pack.rule("A1", "fresh, fresh, stale")
        assert consequence(rule, "ipython").startswith(" (under ipython-superreload 1.0: stale, ")

    def test_says_where_a_rule_that_was_selected_is_not_needed(self, pack: Pack) -> None:
        said = " (under importlib 1.0: fresh, the new code is reached)"
        assert consequence(pack.rule("A1", "fresh"), "importlib") == said

    def test_says_nothing_where_nothing_is_known(self, pack: Pack) -> None:
        assert consequence(pack.rule("A1"), "importlib") == ""
        assert consequence(pack.rule("A2", "stale"), "portable") == ""

    def test_of_a_built_in_rule_has_it(self) -> None:
        source = SourceFile(
            "game.py", "class A:\n    def f(self):\n        self.x = lambda: a() + 1\n"
        )
        rules = [rule for rule in registry.load() if rule.code == "RL102"]
        (finding,) = lint(source, rules, Config(reloader="importlib")).findings
        assert "under importlib.reload of Python 3." in finding.message
        assert finding.message.endswith(": stale, what is held runs the old code)")


class TestTheFile:
    def test_that_is_broken_is_an_error(self, pack: Pack) -> None:
        rule = pack.rule("A1", "stale")
        (pack.folder / FILE).write_text("{}", encoding="utf-8")
        with pytest.raises(RegistryError, match=FILE):
            outcome(rule, "importlib")

    def test_is_not_needed(self, pack: Pack) -> None:
        assert outcome(pack.rule("A1"), "importlib") is None


def test_every_profile_was_measured_and_nothing_else() -> None:
    engines = {"ipython-superreload"}
    assert set(RELOADERS) - {"portable"} == set(ALL) - engines


def test_a_fix_that_was_seen_to_make_things_worse_is_not_for_that_reloader(pack: Pack) -> None:
    rule = pack.rule(
        "X1", "stale → fresh, fresh → error", "stale → fresh, stale → stale", fixable="x"
    )
    assert harm(rule, "importlib") is None
    assert harm(rule, "ipython") == (
        "under ipython 1.0 it makes an edit of the kind `body` worse: fresh → error"
    )
    assert harm(rule, "portable") is None
    assert harm(rule, "jurigged") is None


def test_whatever_the_kind_of_edit_that_it_made_worse(pack: Pack) -> None:
    rule = pack.rule("X1", "stale → fresh", "removed: kept → lost", fixable="x")
    assert is_on(rule, "importlib")
    assert harm(rule, "importlib") == (
        "under importlib 1.0 it makes an edit of the kind `removed` worse: kept → lost"
    )
