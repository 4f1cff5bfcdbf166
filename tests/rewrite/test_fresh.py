"""New names are new to the text, and to each other, however many there are already."""

from __future__ import annotations

import pytest

from reloadlint.rewrite.fresh import FreshNames


@pytest.mark.parametrize("many", [0, 1_000])
def test_no_word_of_the_text_is_handed_out(many: int) -> None:
    fresh = FreshNames("_save = 1  # _save_2\n'_save_4', _load_all")
    for number in range(many):
        fresh.take(f"other{number}")
    assert [fresh.take("save") for _ in range(3)] == ["_save_3", "_save_5", "_save_6"]
    assert fresh.take("load") == "_load"
    assert fresh.imported("_load_all") == "_load_all_2"


def test_no_name_is_handed_out_twice() -> None:
    fresh = FreshNames("")
    assert len({fresh.take("save") for _ in range(1_000)}) == 1_000
