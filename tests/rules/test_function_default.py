"""RL105: functions that something has from the time that it is made."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.rules.checking import findings, findings_in, flagged

DEF = "def shout(text):\n    return text.upper()\n\n\n"


@pytest.mark.parametrize(
    "use",
    [
        "def show(render=shout): pass",
        "def show(*, render=shout): pass",
        "async def show(render=shout): pass",
        "show = lambda render=shout: render",
        "class C:\n    def show(self, render=shout): pass",
        "def make():\n    def show(render=shout): pass\n    return show",
        "class C:\n    render = shout",
        "class C:\n    render: object = shout",
        "class C:\n    render = staticmethod(shout)",
        "import registry\ndef start():\n    registry.TABLE['x'] = shout",
        "from registry import TABLE\ndef start():\n    TABLE['x'] = shout",
    ],
)
def test_what_is_flagged(use: str) -> None:
    (found,) = findings("RL105", f"{DEF}{use}\n")
    assert found.message.startswith("`shout` is ")
    assert found.message.endswith("what holds it over a reload goes on with the function of now")


@pytest.mark.parametrize(
    "text",
    [
        "def show(render=str): pass",
        "import json\ndef show(render=json.dumps): pass",
        "def same(text): return text\ndef show(render=same): pass",
        f"{DEF}TABLE = {{'shout': shout}}",
        f"{DEF}def show(render=shout('x')): pass",
        f"{DEF}import registry\nregistry.TABLE['x'] = shout",
        f"{DEF}def start(table):\n    table['x'] = shout",
        "class C:\n    def a(self): return self.b + 1\n    b = a\n    def c(self, f=a): pass",
        "def make():\n    def shout(t): return t.upper()\n    def show(f=shout): pass",
        "class Shout:\n    x = 1 + 1\ndef show(render=Shout): pass",
        f"{DEF}def show(text, shout=shout): pass",
        f"{DEF}def show(text, _shout=shout): pass",
        f"{DEF}class C:\n    def __del__(self, show=shout): pass",
        "class B:\n    def a(self): return 1 + 1\nclass C:\n    b = B.a",
    ],
)
def test_what_is_left_alone(text: str) -> None:
    assert flagged("RL105", text + "\n") == []


def test_a_function_of_another_module_is_told_apart(tmp_path: Path) -> None:
    (found,) = findings_in(
        "RL105",
        tmp_path,
        {"texts.py": DEF, "app.py": "import texts\n\n\ndef show(render=texts.shout): pass\n"},
    )
    assert found.message == (
        "`texts.shout` is a default argument of `show`: "
        "a reload of its module makes another one, which does not get there"
    )


def test_a_method_of_a_base_goes_with_the_class(tmp_path: Path) -> None:
    base = "class Base:\n    def draw(self):\n        return 1 + 1\n"
    app = "from base import Base\n\n\nclass Sign({}):\n    paint = Base.draw\n"
    texts = {"base.py": base, "app.py": app.format("Base")}
    assert findings_in("RL105", tmp_path, texts) == []
    assert len(findings_in("RL105", tmp_path, {**texts, "app.py": app.format("")})) == 1


def test_what_another_module_gives_a_default_of_its_own_name_is_flagged(tmp_path: Path) -> None:
    texts = {"texts.py": DEF, "app.py": "from texts import shout\ndef show(shout=shout): pass\n"}
    assert len(findings_in("RL105", tmp_path, texts)) == 1


def test_the_advice_is_for_a_person() -> None:
    (found,) = findings("RL105", f"{DEF}def show(render=shout): pass\n")
    assert found.fix is not None
    assert (found.fix.applicability.value, found.fix.edits) == ("display-only", ())
