"""bench/mutate.py: which mutants a file has, and that what is said of them is still so."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bench.mutants import ROOT, Change, Mutant, explained, unfit, with_mutants
from bench.mutate import TARGETS

TEXT = """\
\'\'\'Doc.\'\'\'
from __future__ import annotations


class C:
    def f(self, a: Literal[1], b) -> Literal[2]:
        c: Literal[3] = a == 1
        zip(strict=True)
        match b:
            case 5:
                return not (a and b)
        return c
"""
CHANGES = [
    ("m.C.f", "c: Literal[3] = a == 1", "c: Literal[3] = a == (2)"),
    ("m.C.f", "c: Literal[3] = a == 1", "c: Literal[3] = (a != 1)"),
    ("m.C.f", "return not (a and b)", "return (a and b)"),
    ("m.C.f", "return not (a and b)", "return not ((a or b))"),
    ("m.C.f", "return not (a and b)", "return not ((a))"),
    ("m.C.f", "return not (a and b)", "return not ((b))"),
]


def changed() -> tuple[str, list[Mutant]]:
    return with_mutants("reloadlint/m.py", TEXT, 10, "switch")


def test_each_operator_and_each_constant_that_is_evaluated_is_changed() -> None:
    _, found = changed()
    assert sorted((m.change.at, m.change.was, m.change.now) for m in found) == sorted(CHANGES)
    assert [mutant.number for mutant in found] == [*range(10, 16)]


@pytest.mark.parametrize("alive", [None, *range(10, 16)])
def test_one_of_them_is_alive_at_a_time(alive: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
    text, found = changed()
    switch = SimpleNamespace(is_alive=lambda number: number == alive)
    monkeypatch.setitem(sys.modules, "switch", switch)
    change = next((mutant.change for mutant in found if mutant.number == alive), None)
    written = TEXT if change is None else TEXT.replace(change.was, change.now)
    assert results(text) == results(written)


def results(text: str) -> list[object]:
    names: dict[str, Any] = {}
    exec(compile(text, "m", "exec", dont_inherit=True), names)
    return [names["C"]().f(a, b) for a in (0, 1, 2) for b in (0, 1, 5)]


def test_what_is_explained_is_in_the_code() -> None:
    files = {file for target in TARGETS.values() for file in target.files}
    texts = {file: (ROOT / file).read_text(encoding="utf-8") for file in files}
    mutants = [m for file, text in texts.items() for m in with_mutants(file, text, 0, "switch")[1]]
    assert unfit(explained(), mutants) == []
    assert all(explained().values())


def test_an_explanation_of_what_is_no_more_is_told() -> None:
    _, found = changed()
    gone = Change("m.C.f", "return a", "return b")
    elsewhere = Change("other.f", "return a", "return b")
    assert unfit([found[0].change, gone, elsewhere], found) == [gone]


def test_each_target_has_files_and_tests() -> None:
    for target in TARGETS.values():
        assert all((ROOT / name).exists() for name in (*target.files, *target.tests))
        assert all(Path(file).suffix == ".py" for file in target.files)


def test_each_file_of_the_runtime_that_can_be_changed_belongs_to_one_target() -> None:
    files = [*TARGETS["patching"].files, *TARGETS["runtime"].files]
    there = [f"reloadlint/runtime/{file.name}" for file in ROOT.glob("reloadlint/runtime/_[a-z]*")]
    assert sorted(files) == sorted(there)
