"""What bench/fuzz.py does at length, in short: mutated files and generated modules break nothing.

That it would tell is shown with rules that do break.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from bench import fuzz
from reloadlint.lint import LintResult
from tests.facts import corpus

STALE = b"import threading\n\nthreading.Timer(1, lambda: work(1) + 2)  # why\n"


def test_an_input_follows_from_its_seed() -> None:
    inputs = [fuzz.mutated(STALE, random.Random(seed)) for seed in range(50)]
    assert inputs == [fuzz.mutated(STALE, random.Random(seed)) for seed in range(50)]
    assert len({*inputs}) > 25


def test_every_mutation_changes_something() -> None:
    for mutate in fuzz.MUTATIONS:
        assert any(mutate(STALE, random.Random(seed)) != STALE for seed in range(20)), mutate


def test_what_is_sound_passes() -> None:
    fuzz.examine("input.py", STALE)


def crash(*_: object, **__: object) -> LintResult:
    raise ZeroDivisionError("by a rule")


def test_a_crash_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fuzz, "lint", crash)
    with pytest.raises(fuzz.Broken, match=r"ZeroDivisionError in .*: by a rule"):
        fuzz.examine("input.py", STALE)


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        pytest.param("# why", "", "comments", id="comment"),
        pytest.param("import", "impart", "compile", id="syntax"),
        pytest.param("def ", "x = lambda: f(1) + 2\ndef ", "twice", id="new finding"),
    ],
)
def test_a_fix_that_breaks_a_promise_is_told(
    old: str, new: str, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = fuzz.fix

    def wrong(*args: object, **options: object) -> object:
        result = right(*args, **options)  # type: ignore[arg-type]
        assert old in result.text
        return type(result)(result.text.replace(old, new, 1), (), (), result.result)

    monkeypatch.setattr(fuzz, "fix", wrong)
    with pytest.raises(fuzz.Broken, match=f"^{kind}:"):
        fuzz.examine("input.py", STALE)


def test_lines_that_are_not_needed_are_taken_away(monkeypatch: pytest.MonkeyPatch) -> None:
    def examine(path: str, raw: bytes) -> None:
        if b"a\n" in raw and b"b\n" in raw:
            raise fuzz.Broken("both", "")

    monkeypatch.setattr(fuzz, "examine", examine)
    assert fuzz.minimised("input.py", b"1\na\n2\n3\n4\nb\n5\n", "both") == b"a\nb\n"


@pytest.mark.slow
def test_nothing_breaks() -> None:
    paths: list[Path] = [p for p in corpus.files() if p.stat().st_size < 8_000]
    number, failures = fuzz.run(paths, seconds=12, seed=0, most=150)
    assert number > 4  # one generated module, at least
    assert failures == {}
