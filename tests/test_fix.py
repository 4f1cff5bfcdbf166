"""How fixes are applied: in rounds, without overlap, verified; what fails is dropped and said."""

from __future__ import annotations

import ast
import random
import subprocess
import sys
from typing import Any, ClassVar

import libcst as cst
import pytest

import reloadlint.fix as fix_module
from reloadlint import registry
from reloadlint.config import Config
from reloadlint.finding import Applicability, Edit, Fix, Move
from reloadlint.fix import FixResult, fix
from reloadlint.rule import Rule
from reloadlint.source import SourceFile

RULES = registry.load()


def fixed(text: str, *rules: type[Rule], unsafe: bool = False) -> FixResult:
    return fix(SourceFile("module.py", text), rules or RULES, Config(), unsafe=unsafe)


class Replacing(Rule):
    """Replaces a name by a text, whatever comes of it."""

    code = "RL901"
    name = "replacing"
    word: ClassVar[str]
    text: ClassVar[str]
    applicability: ClassVar[Applicability] = Applicability.SAFE
    moves: ClassVar[tuple[Move, ...]] = ()

    def visit_Call(self, node: object) -> None:
        """Report every call of a name that starts as `word` does."""
        call = self.context.node_of[node]  # type: ignore[index]
        assert isinstance(call, ast.Call)
        if not isinstance(call.func, ast.Name) or not call.func.id.startswith(self.word):
            return
        start, end = self.facts.span(call.func)
        edit = Edit(start, end, self.text)
        self.report(call, "a word", fix=Fix("replace it", (edit,), self.applicability, self.moves))


def replacing(word: str, text: str, **others: object) -> type[Rule]:
    return type("Some", (Replacing,), {"word": word, "text": text, **others})


class TestRounds:
    def test_a_closure_in_a_closure_has_its_turn_in_the_next_round(self) -> None:
        result = fixed("def f(a):\n    return lambda b: lambda c: a + b + c\n")
        assert result.converged
        assert [finding.start.line for finding in result.applied] == [2, 2]

    def test_thirty_closures_in_each_other_are_done(self) -> None:
        result = fixed(f"def f(a):\n    return {'lambda: ' * 30}a + 1\n")
        assert result.converged
        assert len(result.applied) == 30

    def test_what_comes_to_no_end_is_said(self) -> None:
        result = fixed("x = word()\n", replacing("word", "0 or word"))
        assert not result.converged

    def test_a_second_run_changes_nothing(self) -> None:
        text = fixed("def f(a):\n    return [lambda: a + 1, lambda: (lambda: a + 2)]\n").text
        assert fixed(text).text == text
        assert not fixed(text).applied


class TestTheOrderOfEdits:
    TEXT = "def f(bus):\n    bus.on(on_a=lambda: bus.go() + 1, on_b=lambda: bus.go() + 2)\n"

    def test_functions_stand_in_the_order_of_their_closures(self) -> None:
        text = fixed(self.TEXT).text
        assert text.index("def _f_on_a(") < text.index("def _f_on_b(")

    def test_it_is_the_same_in_every_process(self) -> None:
        script = "import sys, tests.test_fix as t; sys.stdout.write(t.fixed(sys.argv[1]).text)"
        seen = {
            subprocess.run(
                [sys.executable, "-c", script, self.TEXT],
                env={
                    "PYTHONHASHSEED": str(random.randrange(1000)),
                    "PYTHONPATH": ":".join(sys.path),
                },
                capture_output=True,
                text=True,
                check=True,
            ).stdout
            for _ in range(3)
        }
        assert seen == {fixed(self.TEXT).text}


class TestApplicability:
    TEXT = "def f(bus):\n    def go(n):\n        return n and go(n - 1) + bus.go()\n    return go\n"

    def test_an_unsafe_fix_waits_to_be_asked_for(self) -> None:
        assert fixed(self.TEXT).text == self.TEXT
        assert "_f_go(bus, go, n)" in fixed(self.TEXT, unsafe=True).text

    def test_what_is_for_display_is_never_applied(self) -> None:
        rule = replacing("word", "x", applicability=Applicability.DISPLAY)
        assert fixed("word()\n", rule, unsafe=True).text == "word()\n"


def counted(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """One entry for each text that is verified."""
    attempts: list[object] = []
    verify = fix_module.broken_promise

    def broken_promise(*args: Any) -> str | None:
        attempts.append(args)
        return verify(*args)

    monkeypatch.setattr(fix_module, "broken_promise", broken_promise)
    return attempts


class TestAFixThatBreaksAPromise:
    def test_is_dropped_where_the_text_would_not_compile(self) -> None:
        result = fixed("x = word()\n", replacing("word", "1 2"))
        ((finding, reason),) = result.dropped
        assert finding.code == "RL901"
        assert reason.startswith("the fixed text does not compile")
        assert result.text == "x = word()\n"

    def test_is_dropped_where_a_comment_would_be_lost_or_come_up(self) -> None:
        result = fixed("x = word()\n", replacing("word", "y  # new\\\n"))
        assert result.dropped

    def test_is_dropped_where_the_finding_stays(self) -> None:
        ((_, reason),) = fixed("x = word()\n", replacing("word", "word1")).dropped
        assert reason == "the finding is still there"

    def test_is_dropped_where_a_rule_fails_on_what_comes_of_it(self) -> None:
        class Failing(Replacing):
            word, text = "word", "other"

            def visit_Name(self, node: cst.Name) -> None:
                assert node.value != "other"

        ((_, reason),) = fixed("x = word()\n", Failing).dropped
        assert reason.startswith("the fixed text fails: ")

    def test_is_dropped_where_a_body_is_not_where_it_should_be(self) -> None:
        text = "def f(bus):\n    word(lambda: 1)\n"
        move = Move(text.index("lambda"), "_missing", ())
        ((_, reason),) = fixed(text, replacing("word", "x", moves=(move,))).dropped
        assert reason == "`_missing` is not at module level"

    def test_does_not_keep_others_from_being_applied(self) -> None:
        good, bad = replacing("good", "x"), replacing("bad", "1 2")
        text = "good(); " * 12 + "bad()\n" + "good()\n" * 12
        result = fixed(text, good, bad)
        assert result.converged
        assert len(result.applied) == 24
        assert [finding.start.line for finding, _ in result.dropped] == [1]

    def test_is_found_out_in_few_attempts(self, monkeypatch: pytest.MonkeyPatch) -> None:
        attempts = counted(monkeypatch)
        good, bad = replacing("good", "x"), replacing("bad", "1 2")
        result = fixed("good()\n" * 40 + "bad()\n" + "good()\n" * 23, good, bad)
        assert len(result.applied) == 63
        assert len(attempts) <= 2 * 6 + 2

    def test_is_given_up_with_others_once_too_much_was_tried(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        attempts = counted(monkeypatch)
        monkeypatch.setattr(fix_module, "MAX_TRIED", 0)
        text = "".join(f"bad{i}()\n" for i in range(64))
        result = fixed(text, replacing("bad", "1 2"))
        assert len(result.dropped) == 64
        assert len(attempts) < 20

    def test_is_not_half_applied(self) -> None:
        text = "def f(bus):\n    return lambda: bus.subscribe(lambda: 1 + bus.go())"
        text += "  # reloadlint: ignore[RL101]\n"
        result = fixed(text)
        assert result.text == text
        ((finding, reason),) = result.dropped
        assert finding.code == "RL103"
        assert reason == "a comment would no longer silence what it silences"
