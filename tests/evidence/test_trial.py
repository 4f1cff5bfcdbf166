"""Each word that an experiment may end with, by programs for which it is the right one."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import NamedTuple

import pytest

from reloadlint.evidence.measure import measure
from reloadlint.evidence.trial import Trial
from reloadlint.rule import Evidence, Example, Look, Renamed, TypedEdit

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="experiments fork")

OLD_NEW = TypedEdit("'old'", "'new'")
FUNCTION = "def f():\n    return 'old'\n"
CALLER = "def f():\n    return 1\n\n\ndef held():\n    return f()\n"
GONE = TypedEdit("def f", "def g", "removed")
TWICE = "import sys\nN = 1\nif sys.modules.get('seen'):\n    raise OSError\n"
SEEN = "SEEN = []\n\n\ndef see():\n    SEEN.append('x')\n    return 'old', SEEN\n"
KEPT = "from reloadlint.runtime import keep\n" + SEEN.replace("[]", "keep('SEEN', list)")
LOCK = "WORD = 'old'\nLOCK = object()\n"
BUS = (("bus.py", "HANDLERS = []\n"),)
HANDLER = "import bus\n\n\n" + FUNCTION
HANDLERS = "[handler() for handler in __import__('bus').HANDLERS]"
HELPER = (("helper.py", FUNCTION),)
IN_HELPER = TypedEdit("'old'", "'new'", file="helper.py")


class Program(NamedTuple):
    text: str
    hold: str
    probe: str
    edit: TypedEdit = OLD_NEW
    looks_at: Look = "code"
    helpers: tuple[tuple[str, str], ...] = ()
    backwards: bool = False

    @property
    def trial(self) -> Trial:
        evidence = Evidence((self.edit,), self.hold, self.probe, self.looks_at, self.backwards)
        example = Example(self.text, evidence=evidence, helpers=self.helpers)
        return Trial(repr(self), 1, 1, example, self.edit)


BY_IMPORTLIB = {
    "the old code runs: stale": Program(FUNCTION, "f = m.f", "f()"),
    "the new code runs: fresh": Program(FUNCTION, "", "m.f()"),
    "both run: split": Program(FUNCTION, "f = m.f", "(f(), m.f())"),
    "the new text raises: error": Program(
        TWICE, "import sys; sys.modules['seen'] = m", "m.N", TypedEdit("N = 1", "N = 2")
    ),
    "the process ends: crash": Program(
        FUNCTION,
        "import os; f = m.f; end = os._exit",
        "m.f() if f() == m.f() else end(3)",
    ),
    "state is made anew: lost": Program(SEEN, "m.see()", "m.see()", looks_at="state"),
    "state is found again: kept": Program(KEPT, "m.see()", "m.see()", looks_at="state"),
    "state has its former first value: kept": Program(
        KEPT,
        "m.see()",
        "m.SEEN",
        TypedEdit("list)", "lambda: ['first'])", "state"),
        "state",
    ),
    "state is there, the code is old: stale": Program(
        KEPT, "m.see(); see = m.see", "see()", looks_at="state"
    ),
    "there are two locks: split": Program(
        LOCK, "lock = m.LOCK", "lock is m.LOCK", looks_at="identity"
    ),
    "there is one more handler: dup": Program(
        HANDLER + "bus.HANDLERS.append(f)\n", "", HANDLERS, helpers=BUS, looks_at="count"
    ),
    "there is one handler less: lost": Program(
        HANDLER + "bus.HANDLERS.clear()\n",
        "import bus; bus.HANDLERS.append(m.f)",
        HANDLERS,
        helpers=BUS,
        looks_at="count",
    ),
    "the one handler is the old one: stale": Program(
        HANDLER + "if not bus.HANDLERS:\n    bus.HANDLERS.append(f)\n",
        "",
        HANDLERS,
        helpers=BUS,
        looks_at="count",
    ),
    "a helper is edited, and was copied from: stale": Program(
        "from helper import f\n\n\ndef g():\n    return f()\n",
        "g = m.g",
        "g()",
        IN_HELPER,
        helpers=HELPER,
    ),
    "a helper is edited, and is looked up: fresh": Program(
        "import helper\n\n\ndef g():\n    return helper.f()\n",
        "g = m.g",
        "g()",
        IN_HELPER,
        helpers=HELPER,
    ),
    "a name is gone, and still answers: stale": Program(CALLER, "held = m.held", "held()", GONE),
    "the text is what the edit leads to: split": Program(
        FUNCTION.replace("old", "new"), "f = m.f", "f(), m.f()", backwards=True
    ),
}
BY_RELOADLINT = {
    "a name is gone, and is missed as from the start: fresh": Program(
        CALLER, "held = m.held", "held()", GONE
    ),
    "a name is gone, and what is held has the function: stale": Program(
        CALLER, "f = m.f", "f()", GONE
    ),
    "a name is gone, and is missed where its successor should be: error": Program(
        FUNCTION,
        "name = next(name for name in vars(m) if name.startswith('f'))",
        "getattr(m, name)()",
        Renamed("'old'", "'new'", names=("f",)),
    ),
    "a name is gone from what is flagged, which fails by that: error": Program(
        CALLER.replace("def f", "def g"), "held = m.held", "held()", GONE, backwards=True
    ),
    "there is one lock: kept": Program(
        LOCK, "lock = m.LOCK", "lock is m.LOCK", looks_at="identity"
    ),
}


def outcomes(programs: Mapping[str, Program], reloader: str) -> dict[str, str]:
    found = measure([program.trial for program in programs.values()], [reloader])
    return {
        case: found.of(program.trial.code)[0].before[reloader].value
        for case, program in programs.items()
    }


def expected(programs: Mapping[str, Program]) -> dict[str, str]:
    return {case: case.rpartition(": ")[2] for case in programs}


def test_each_program_gets_its_word_under_importlib() -> None:
    assert outcomes(BY_IMPORTLIB, "importlib") == expected(BY_IMPORTLIB)


def test_each_program_gets_its_word_under_the_runtime() -> None:
    assert outcomes(BY_RELOADLINT, "reloadlint") == expected(BY_RELOADLINT)


def test_what_is_renamed_is_renamed_wherever_it_stands() -> None:
    edit = Renamed("return 1", "return 2", names=("f", "elsewhere"))
    edited = Program(CALLER, "", "", edit).trial.jobs("before").reload["edited"]
    text = "def f_anew():\n    return 2\n\n\ndef held():\n    return f_anew()\n"
    assert edited == {"example.py": text}


class TestEvidenceThatProvesNothing:
    def test_is_refused_where_the_edit_cannot_be_typed(self) -> None:
        with pytest.raises(ValueError, match="not to be typed at one place"):
            Program(FUNCTION, "", "m.f()", TypedEdit("none such", "x")).trial.jobs("before")

    def test_is_refused_where_the_probe_cannot_tell(self) -> None:
        with pytest.raises(ValueError, match="cannot tell the two texts apart"):
            measure([Program(FUNCTION, "f = m.f", "f is m.f").trial], ["importlib"])

    def test_is_refused_where_a_control_run_fails(self) -> None:
        with pytest.raises(ValueError, match=r"control run failed.*NameError"):
            measure([Program(FUNCTION, "", "nothing()").trial], ["importlib"])

    def test_is_refused_where_a_name_that_is_gone_is_not_what_fails(self) -> None:
        edit = TypedEdit("return 1", "return 1 / 0", "removed")
        with pytest.raises(ValueError, match=r"control run failed.*ZeroDivisionError"):
            measure([Program(CALLER, "", "m.held()", edit).trial], ["importlib"])
