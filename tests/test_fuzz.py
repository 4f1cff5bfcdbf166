"""What bench/fuzz.py does at length, in short: nothing breaks what is sound, and nothing is broken.

That it would tell is shown with rules and fixes that do break.
"""

from __future__ import annotations

import random
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from bench import fuzz, invariants, mutations
from bench.invariants import Broken, Settings, examine
from reloadlint.lint import LintResult
from tests.facts import corpus

STALE = b"import threading\n\nthreading.Timer(1, lambda: work(1) + 2)  # why\n"
# A fix of `apply` makes of what RL102 says of `log` something for RL101.
SILENCED = b"""\
def make():
    def log(text):  # reloadlint: ignore
        print(text, 1)
        print(text)
    def apply(function):
        @tie(function)
        def wrapper(text):
            log(text)
    return apply
"""


@pytest.fixture(autouse=True)
def few_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fuzz, "PROGRAMS", 2)


class TestInputs:
    PATHS = corpus.sample(20)

    def test_follow_from_their_seed_and_number(self) -> None:
        first, again = (list(islice(fuzz.inputs(self.PATHS, 1), 50)) for _ in range(2))
        assert first == again
        assert list(islice(fuzz.inputs(self.PATHS, 1, 41), 10)) == first[40:]

    def test_hardly_repeat(self) -> None:
        assert len({raw for _, raw in islice(fuzz.inputs(self.PATHS, 2), 50)}) > 40

    def test_every_mutation_changes_something(self) -> None:
        for mutate in mutations.MUTATIONS:
            assert any(mutate(STALE, random.Random(seed)) != STALE for seed in range(20)), mutate


class TestAnExamination:
    def test_passes_what_is_sound(self) -> None:
        assert examine("input.py", STALE)

    def test_tells_of_a_crash(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def crash(*_: object, **__: object) -> LintResult:
            raise ZeroDivisionError("by a rule")

        monkeypatch.setattr(invariants, "lint", crash)
        with pytest.raises(Broken, match=r"ZeroDivisionError in .*: by a rule"):
            examine("input.py", STALE)

    def test_tells_of_what_takes_too_long(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def wait(*_: object, **__: object) -> LintResult:
            while True:
                pass

        monkeypatch.setattr(invariants, "lint", wait)
        monkeypatch.setattr(invariants, "LIMIT", 0.05)
        with pytest.raises(Broken, match=r"^hang:"):
            examine("input.py", STALE)

    @pytest.mark.parametrize(
        ("old", "new", "kind"),
        [
            pytest.param("# why", "", "comments", id="comment"),
            pytest.param("import", "impart", "compile", id="syntax"),
            pytest.param("def ", "x = lambda: f(1) + 2\ndef ", "twice", id="new finding"),
            pytest.param("\n", "\r\n", "newlines", id="line end"),
        ],
    )
    def test_tells_of_a_fix_that_breaks_a_promise(
        self, old: str, new: str, kind: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        right = invariants.fix

        def wrong(*args: object, **options: object) -> object:
            result = right(*args, **options)  # type: ignore[arg-type]
            assert old in result.text
            return type(result)(result.text.replace(old, new, 1), (), (), result.result)

        monkeypatch.setattr(invariants, "fix", wrong)
        with pytest.raises(Broken, match=f"^{kind}:"):
            examine("input.py", STALE)

    def test_lets_a_blanket_comment_silence_another_hazard_than_before(self) -> None:
        assert examine("input.py", SILENCED)["RL103"] == 1

    def test_tells_of_what_is_no_longer_silenced(self, monkeypatch: pytest.MonkeyPatch) -> None:
        right, moved = invariants.fix, "log(text):\n        pass "

        def wrong(source: invariants.SourceFile, *args: Any, **options: Any) -> object:
            result = right(source, *args, **options)
            is_second = moved in source.text
            text = source.text if is_second else result.text.replace("log(text):", moved, 1)
            return type(result)(text, (), (), result.result)

        monkeypatch.setattr(invariants, "fix", wrong)
        with pytest.raises(Broken, match=r"^suppressions:"):
            examine("input.py", SILENCED)

    def test_tells_of_a_change_outside_the_edits(self, monkeypatch: pytest.MonkeyPatch) -> None:
        right = invariants._only_edits

        def changed(finding: object, old: object, new: invariants.SourceFile) -> None:
            right(finding, old, type(new)(new.path, new.text + "\n", raw=b""))  # type: ignore

        monkeypatch.setattr(invariants, "_only_edits", changed)
        with pytest.raises(Broken, match=r"^outside:"):
            examine("input.py", STALE)


def test_lines_that_are_not_needed_are_taken_away(monkeypatch: pytest.MonkeyPatch) -> None:
    def both(path: str, raw: bytes, settings: Settings) -> None:
        if b"a\n" in raw and b"b\n" in raw:
            raise Broken("both", "")

    monkeypatch.setattr(fuzz, "examine", both)
    assert fuzz.minimised(b"1\na\n2\n3\n4\nb\n5\n", "both", Settings()) == b"a\nb\n"


def test_a_run_goes_on_where_the_one_before_stopped(tmp_path: Path) -> None:
    paths = corpus.sample(20)
    first = fuzz.run(paths, 60, fuzz.Tally(3, tmp_path), most=20)
    assert (first.inputs, first.failures) == (20, {})
    second = fuzz.run(paths, 60, fuzz.Tally(3, tmp_path), most=30)
    assert second.inputs == 30
    assert second.fixed >= first.fixed > 0


def test_what_jobs_did_is_counted_together(tmp_path: Path) -> None:
    total = fuzz.run_jobs(corpus.sample(20), 0, seed=3, folder=tmp_path, jobs=2)
    assert total.inputs == 2
    assert {path.name for path in tmp_path.iterdir()} == {"seed-3.json", "seed-4.json"}


@pytest.mark.slow
def test_nothing_breaks() -> None:
    tally = fuzz.run(list(corpus.files()), 12, fuzz.Tally(seed=0), most=600)
    assert tally.inputs >= 60  # some generated modules, at least
    assert tally.failures == {}
