"""How a function comes to call itself again; what looks at frames: `rewrite/test_frames.py`."""

from __future__ import annotations

import pytest

from reloadlint.facts.frames import leads_back
from tests.facts.facts_of import closure_at, facts_of


@pytest.mark.parametrize(
    ("text", "call"),
    [
        ("def f():\n    def g(): HERE(); again()\n    again = g\n    return g", "again"),
        ("def f():\n    return lambda: HERE() or f()\n", None),
        ("def f():\n    def g(): HERE(); h()\n    def h(): g()\n    return g", "h"),
        ("def f():\n    def g(): HERE(); h()\n    def h(): k(g)\n    return g", None),
        ("def f():\n    def g(): HERE(); h()\n    def h(): pass\n    return g", None),
    ],
)
def test_the_call_that_leads_back(text: str, call: str | None) -> None:
    facts = facts_of(text)
    assert leads_back(facts, closure_at(facts, "HERE")) == call
