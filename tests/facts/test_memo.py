"""Remembered answers: what they need, and what a recursion may leave behind."""

from __future__ import annotations

import random
from collections.abc import Mapping

import pytest

from reloadlint.facts.memo import Answers, Memo

Graph = Mapping[str, list[str]]


class Reach:
    """Which nodes can be reached from a node: a recursion that has a right answer."""

    def __init__(self, graph: Graph) -> None:
        self.memo = Memo()
        self.answers: Answers = {}
        self.asked = 0
        self._graph = graph

    def ask(self, node: str) -> frozenset[str]:
        return self.memo.ask(self.answers, node, lambda: self._find(node), frozenset({node}))

    def _find(self, node: str) -> frozenset[str]:
        self.asked += 1
        self.memo.note(f"edges of {node}")
        return frozenset({node}).union(*map(self.ask, self._graph[node]))


def reachable(graph: Graph, start: str) -> set[str]:
    found, pending = {start}, [start]
    while pending:
        new = set(graph[pending.pop()]) - found
        found |= new
        pending += new
    return found


@pytest.mark.parametrize("seed", range(150))
def test_a_recursion_gives_the_same_whatever_was_asked_before(seed: int) -> None:
    choose = random.Random(seed)
    nodes = "abcdefgh"[: choose.randint(2, 8)]
    graph = {node: [n for n in nodes if choose.random() < 0.3] for node in nodes}
    reach = Reach(graph)
    for node in choose.choices(nodes, k=12):
        with reach.memo.noting() as needs:
            assert reach.ask(node) == reachable(graph, node)
        assert needs == {f"edges of {n}" for n in reachable(graph, node)}


def test_answers_outside_of_recursions_are_found_once() -> None:
    reach = Reach({"a": ["b", "c"], "b": ["d"], "c": ["d"], "d": []})
    for _ in range(3):
        reach.ask("a")
        reach.ask("d")
    assert reach.asked == 4


def test_a_dense_recursion_takes_no_more_than_a_step_for_each_node() -> None:
    nodes = [str(number) for number in range(60)]
    reach = Reach(dict.fromkeys(nodes, nodes))
    reach.ask("0")
    assert reach.asked == 60


def test_half_an_answer_is_not_kept() -> None:
    """Of a → b → a, what b gives while a is open lacks what a gives."""
    reach = Reach({"a": ["b", "c"], "b": ["a"], "c": []})
    assert reach.ask("a") == {"a", "b", "c"}
    assert reach.ask("b") == {"a", "b", "c"}


def test_what_depends_on_a_change_is_asked_anew_and_not_kept() -> None:
    memo, answers = Memo(), {}
    value = {"x": 1, "y": 10}

    def ask(name: str) -> int:
        def find() -> int:
            memo.note(name)
            return value[name]

        return memo.ask(answers, name, find)

    with memo.noting():
        assert (ask("x"), ask("y")) == (1, 10)
        memo.change("x")
        value.update(x=2, y=20)
        assert (ask("x"), ask("y")) == (2, 10)
        memo.change("x")
        value.update(x=3)
        assert ask("x") == 3
    assert (ask("x"), ask("y")) == (1, 10)


def test_a_failure_leaves_nothing_open_and_its_needs_with_who_asked() -> None:
    memo, answers = Memo(), {}

    def fail() -> int:
        memo.note("x")
        raise ValueError

    def outer() -> int:
        try:
            return memo.ask(answers, "inner", fail, 0)
        except ValueError:
            return 7

    with memo.noting() as needs:
        assert memo.ask(answers, "outer", outer) == 7
    assert needs == {"x"}
    assert memo.ask(answers, "inner", lambda: 8, 0) == 8
