"""The walk: rules see the nodes of libcst in the order of the text, as libcst itself would."""

from __future__ import annotations

import inspect
from pathlib import Path

import libcst as cst
import pytest

from reloadlint.config import Config
from reloadlint.lint import lint
from reloadlint.rule import Rule
from tests.facts import corpus
from tests.facts.facts_of import facts_of

KINDS = tuple(
    kind
    for kind in vars(cst).values()
    if isinstance(kind, type)
    and issubclass(kind, cst.CSTNode)
    and not inspect.isabstract(kind)
    and kind is not cst.Module
)
MEANINGFUL = (
    cst.Arg, cst.BaseCompoundStatement, cst.BaseExpression, cst.BaseSmallStatement,
    cst.BaseSuite, cst.CompFor, cst.ExceptHandler, cst.MatchCase, cst.MatchPattern, cst.Param,
)  # fmt: skip
MEANINGFUL_KINDS = tuple(kind for kind in KINDS if issubclass(kind, MEANINGFUL))
CLOSED = (cst.FormattedString, cst.Import, cst.ImportFrom)  # nothing is told of what is in them


class Recorder(cst.CSTVisitor):
    """What libcst's own visit comes to."""

    def __init__(self, kinds: tuple[type[cst.CSTNode], ...]) -> None:
        super().__init__()
        self.kinds = kinds
        self.events: list[str] = []

    def on_visit(self, node: cst.CSTNode) -> bool:
        if isinstance(node, self.kinds):
            self.events.append(f"visit_{type(node).__name__}")
        return not isinstance(node, CLOSED)

    def on_leave(self, original_node: cst.CSTNode) -> None:
        if isinstance(original_node, self.kinds):
            self.events.append(f"leave_{type(original_node).__name__}")


def rule_for(kinds: tuple[type[cst.CSTNode], ...], events: list[str]) -> type[Rule]:
    """A rule that visits and leaves all nodes of the given kinds."""
    names = [f"{prefix}_{kind.__name__}" for kind in kinds for prefix in ("visit", "leave")]
    methods = {name: lambda self, node, name=name: events.append(name) for name in names}
    return type("Recording", (Rule,), {"code": "RL999", "name": "recording", **methods})


@pytest.mark.parametrize("kinds", [KINDS, MEANINGFUL_KINDS], ids=["all kinds", "without marks"])
@pytest.mark.parametrize("path", corpus.sample(24)[::4], ids=corpus.name)
def test_the_order_is_that_of_libcst(path: Path, kinds: tuple[type[cst.CSTNode], ...]) -> None:
    text = corpus.read(path)
    if text is None or len(text) > 40_000:
        return
    events: list[str] = []
    recorder = Recorder(kinds)
    facts = facts_of(text, str(path))
    for chunk in facts.chunks:
        cst.parse_module(text[chunk.start : chunk.end]).visit(recorder)
    result = lint(facts.source, [rule_for(kinds, events)], Config(), screen=False)
    assert not result.failures
    assert events == recorder.events
