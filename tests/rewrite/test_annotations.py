"""The hoist: which annotations of parameters go along, and how they are written then."""

from __future__ import annotations

import ast

import pytest

from reloadlint import registry
from reloadlint.config import Config
from reloadlint.fix import fix
from reloadlint.source import SourceFile

RULES = [rule for rule in registry.load() if rule.fixable == "hoist"]
HEAD = "from m import A, B\n"


def annotation(written: str, head: str = HEAD) -> str | None:
    """How the annotation of `x` is written at the function that has the body now."""
    text = (
        f"{head}def f(bus, local):\n    def send(x: {written}):\n"
        "        return bus.go(x) + 1\n    bus.subscribe(send)\n"
    )
    result = fix(SourceFile("module.py", text), RULES, Config(), unsafe=True)
    (moved,) = (
        node
        for node in ast.parse(result.text).body
        if isinstance(node, ast.FunctionDef) and node.name != "f"
    )
    (found,) = (arg for arg in moved.args.args if arg.arg == "x")
    node = found.annotation
    return None if node is None else ast.get_source_segment(result.text, node)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("int", "int"),
        ("A", '"A"'),
        ("dict[A,B]", '"dict[A,B]"'),
        ("dict[A,\n        B]", '"dict[A, B]"'),
        ("'A'", "'A'"),
        ("'''list[A,\n B]'''", "'list[A,\\n B]'"),
        ("local", None),
        ("'local'", None),
        ("'dict[A, local]'", None),
        ("list['A']", None),
        ("f'{1}'", None),
        ("'A['", None),
    ],
)
def test_annotations(written: str, expected: str | None) -> None:
    assert annotation(written) == expected


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("from __future__ import annotations\n", "A"),
        ("from __future__ import division\n", '"A"'),
        ("from others import annotations\n", '"A"'),
    ],
)
def test_where_nobody_evaluates_them(head: str, expected: str) -> None:
    assert annotation("A", head + HEAD) == expected
