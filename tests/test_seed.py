"""The seed's example in Python, end to end: flagged, fixed, and proven by `importlib.reload`.

A callback with three statements goes stale; so does its body as one expression, whatever it
captures and wherever it stands. After the fix, one that was registered before the reload does the
new thing.
"""

from __future__ import annotations

import pytest

from reloadlint import registry
from reloadlint.config import Config
from reloadlint.evidence.measure import measure
from reloadlint.evidence.trial import Trial
from reloadlint.fix import fix
from reloadlint.lint import lint
from reloadlint.rule import Evidence, Example, TypedEdit
from reloadlint.source import SourceFile

RPC = """\
PENDING = globals().get("PENDING", [])
LOG = globals().get("LOG", [])


def rpc_request(args, callback):
    PENDING.append((args, callback))


"""

THREE_STATEMENTS = (
    RPC
    + """\
def ask():
    def on_reply(reply):
        LOG.append("first")
        LOG.append("work " + reply)
        LOG.append("last")

    rpc_request("name", on_reply)
"""
)
COMPOUND_EXPRESSION = (
    RPC
    + """\
def ask():
    rpc_request("name", lambda reply: (LOG.append("work " + reply), LOG.append("last"))[0])
"""
)
CAPTURING_LOCALS = (
    RPC
    + """\
def ask(greeting="hello", marks=2):
    end = "!" * marks

    def on_reply(reply):
        text = greeting + " " + reply
        LOG.append("work " + text + end)
        return text

    rpc_request("name", on_reply)
"""
)
CAPTURING_SELF = (
    RPC
    + """\
class Player:
    def __init__(self, name):
        self.name = name

    def ask(self):
        def on_reply(reply):
            self.name = self.name + reply
            LOG.append("work " + self.name)

        rpc_request("name", on_reply)


def ask():
    Player("Ann").ask()
"""
)
MODULE_LEVEL = (
    RPC
    + """\
if not PENDING:
    rpc_request("name", lambda reply: (LOG.append("work " + reply), LOG.append("last")))


def ask():
    pass
"""
)

CASES = {
    "three statements": THREE_STATEMENTS,
    "a compound expression": COMPOUND_EXPRESSION,
    "capturing locals": CAPTURING_LOCALS,
    "in a method, capturing self": CAPTURING_SELF,
    "at module level": MODULE_LEVEL,
}
REGISTERED_BEFORE = Evidence(
    edits=(TypedEdit('"work "', '"new work "'),),
    hold="m.ask(); callback = m.PENDING[0][1]",
    probe="(callback('reply'), m.LOG)[1]",
)


def fixed(text: str) -> str:
    rules = [rule for rule in registry.load() if rule.fixable == "hoist"]
    result = fix(SourceFile("game.py", text), rules, Config())
    assert result.converged
    assert not result.result.findings
    return result.text


@pytest.mark.parametrize("text", CASES.values(), ids=CASES)
class TestTheSeed:
    def test_is_flagged(self, text: str) -> None:
        findings = lint(SourceFile("game.py", text), registry.load(), Config()).findings
        assert "RL101" in {finding.code for finding in findings}

    def test_is_stale_as_it_is_and_fresh_once_it_is_fixed(self, text: str) -> None:
        example = Example(text, fixed(text), evidence=REGISTERED_BEFORE)
        trial = Trial("seed", 1, 1, example, REGISTERED_BEFORE.edits[0])
        (found,) = measure([trial], ["importlib"]).of("seed")
        assert found.before["importlib"].value == "stale"
        assert found.after["importlib"].value == "fresh"

    def test_does_the_same_once_it_is_fixed(self, text: str) -> None:
        assert _log_of(fixed(text)) == _log_of(text)


def _log_of(text: str) -> object:
    namespace: dict[str, object] = {}
    exec(compile(text, "game.py", "exec"), namespace)
    namespace["ask"]()  # type: ignore[operator]
    for _, callback in namespace["PENDING"]:  # type: ignore[attr-defined]
        callback("reply")
    return namespace["LOG"]
