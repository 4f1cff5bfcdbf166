"""What libcst is shown of a statement: all that is asked about, and little else."""

from __future__ import annotations

import ast
import random
from collections.abc import Iterator
from pathlib import Path

import libcst as cst
import pytest

from reloadlint.facts import FileFacts
from reloadlint.facts.excerpts import Excerpt, excerpt, whole_chunk
from tests.facts import corpus
from tests.facts.facts_of import facts_of


def excerpt_of(text: str, mark: str = "HERE") -> str:
    """The excerpt of the only statement that shows the smallest expressions with `mark` in them."""
    facts = facts_of(text)
    (chunk,) = facts.chunks
    wanted = [n for n in ast.walk(facts.tree) if isinstance(n, ast.Name) and n.id == mark]
    return excerpt(facts.source, facts.index, chunk, wanted).text


CASES = {
    "a simple statement stays whole": ("f(a, HERE)\n", "f(a, HERE)\n"),
    "other statements of the block go": (
        "def f():\n    a\n    b\n    HERE\n    c\n",
        "def f():\n    pass\n    HERE\n    pass\n",
    ),
    "so do whole functions, with their decorators": (
        "class C:\n    @a\n    # why\n    @b\n    def f(self):\n        c\n\n    x = HERE\n",
        "class C:\n    pass\n\n    x = HERE\n",
    ),
    "heads stay": (
        "async def f(a=1) -> int:\n    with b as c:\n        d\n        HERE\n    e\n",
        "async def f(a=1) -> int:\n    with b as c:\n        pass\n        HERE\n    pass\n",
    ),
    "a mark in a head": ("@HERE\ndef f():\n    a\n    b\n", "@HERE\ndef f():\n    pass\n"),
    "comments near what stays": (
        "def f():\n    # above a\n    a\n    # above\n    HERE  # behind\n    # below\n"
        "    b  # b\n",
        "def f():\n    # above a\n    pass\n    # above\n    HERE  # behind\n    # below\n"
        "    pass  # b\n",
    ),
    "statements on one line": ("if a: b; c; HERE; d;\n", "if a: pass; HERE; pass;\n"),
    "branches": (
        "if a:\n    b\nelif c:\n    d\nelif HERE:\n    e\nelse:\n    f\n",
        "if a:\n    pass\nelif c:\n    pass\nelif HERE:\n    pass\nelse:\n    pass\n",
    ),
    "branches below": (
        "if HERE:\n    a\nelif b:\n    c\nelif d:\n    if e: f\n",
        "if HERE:\n    pass\nelif b:\n    pass\nelif d:\n    pass\n",
    ),
    "an if in an else": (
        "if HERE:\n    a\nelse:\n    if b:\n        c\n",
        "if HERE:\n    pass\nelse:\n    pass\n",
    ),
    "handlers": (
        "try:\n    a\nexcept b as c:\n    d\nexcept HERE:\n    e\nelse:\n    f\nfinally:\n    g\n",
        "try:\n    pass\nexcept b as c:\n    pass\nexcept HERE:\n    pass\nelse:\n    pass\n"
        "finally:\n    pass\n",
    ),
    "cases": (
        "match a:\n    case 1:\n        b\n    case c if d:\n        HERE\n",
        "match a:\n    case 1:\n        pass\n    case c if d:\n        HERE\n",
    ),
    "parentheses, strings over lines and characters of several bytes": (
        'def f():\n    (a\n    ).b = "ä\\\nö"; ("ü")\n    "ß"; HERE\n',
        "def f():\n    pass; HERE\n",
    ),
    "two places": (
        "class C:\n    def f(self):\n        a; HERE\n    def g(self): b\n    def h(self):\n"
        "        HERE\n        c\n",
        "class C:\n    def f(self):\n        pass; HERE\n    pass\n    def h(self):\n"
        "        HERE\n        pass\n",
    ),
}


@pytest.mark.parametrize(("text", "expected"), CASES.values(), ids=CASES)
def test_what_is_shown(text: str, expected: str) -> None:
    assert excerpt_of(text) == expected


def test_a_wanted_function_is_whole() -> None:
    facts = facts_of("def f():\n    a\n    def g():\n        b\n        c\n    d\n")
    (chunk,) = facts.chunks
    found = excerpt(facts.source, facts.index, chunk, [facts.index.functions[1]])
    assert found.text == "def f():\n    pass\n    def g():\n        b\n        c\n    pass\n"
    assert found.heads == [facts.index.functions[0]]
    assert facts.index.functions[1] in found.whole


# ---------------------------------------------------------------------------------- real code


def shown(part: Excerpt) -> Iterator[ast.AST]:
    yield from part.heads
    for node in part.whole:
        yield from ast.walk(node)


def assert_shows(facts: FileFacts, wanted: list[ast.AST]) -> None:
    """CPython and libcst take the excerpt, and see in it what it says that it has."""
    for chunk in facts.chunks:
        inside = {n for statement in chunk.statements for n in ast.walk(statement)}
        here = [node for node in wanted if node in inside]
        if not here:
            continue
        part = excerpt(facts.source, facts.index, chunk, here)
        assert len(part.text) <= len(whole_chunk(facts.source, chunk).text) + 10
        tree = ast.parse(part.text)
        calls = [node for node in shown(part) if isinstance(node, ast.Call)]
        found = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
        assert sorted(map(ast.dump, found)) == sorted(map(ast.dump, calls))
        missing = {n for node in here for n in ast.walk(node)}.difference(shown(part))
        assert not [node for node in missing if hasattr(node, "lineno")]
        cst.parse_module(part.text)


@pytest.mark.parametrize("path", corpus.sample(30), ids=corpus.name)
def test_excerpts_of_a_sample_of_the_standard_library(path: Path) -> None:
    text = corpus.read(path)
    if text is not None:
        facts = facts_of(text, str(path))
        nodes = [node for node in ast.walk(facts.tree) if isinstance(node, (ast.expr, ast.stmt))]
        assert_shows(facts, random.Random(0).sample(nodes, min(len(nodes), 40)))
