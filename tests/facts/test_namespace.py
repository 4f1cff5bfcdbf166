"""What gives all names of a module at once, and what asks for one of them."""

from __future__ import annotations

import pytest

from tests.facts.facts_of import facts_of


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("dir()", "dir()"),
        ("for name in vars(): print(name)", "vars()"),
        ("names = locals()", "locals()"),
        ("def f(): return globals()", "globals()"),
        ("def f(): return globals", "globals()"),
        ("for name in globals().items(): print(name)", "globals()"),
        ("table[globals()]", "globals()"),
    ],
)
def test_what_lists_the_names(text: str, found: str) -> None:
    assert facts_of(text).lists_its_names == found


@pytest.mark.parametrize(
    "text",
    [
        "globals()['x']",
        "globals().get('x')",
        "globals()['x'] = 1",
        "'x' in globals()",
        "import m\ndir(m), vars(m)",
        "def f(): return dir(), vars(), locals()",
        "def dir(): return []\ndir()",
        "f(dir)",
    ],
)
def test_what_asks_for_one_name_or_for_others(text: str) -> None:
    assert facts_of(text).lists_its_names is None
