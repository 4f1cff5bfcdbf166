"""Top-level statements by the lines that they share with no other."""

from __future__ import annotations

import ast
import warnings
from pathlib import Path

import pytest

from reloadlint.facts import FileFacts
from reloadlint.source import SourceFile
from tests.facts import corpus
from tests.facts.compiled import compiles
from tests.facts.facts_of import facts_of

CHUNKS = {
    "": [],
    "# nothing\n\n": [],
    "a = 1\n": ["a = 1\n"],
    "a = 1": ["a = 1"],
    "a = 1\nb = 2\n": ["a = 1\n", "b = 2\n"],
    "a = 1; b = 2\nc = 3\n": ["a = 1; b = 2\n", "c = 3\n"],
    "a = '''\n'''; b = [\n]; c = 3\nd = 4\n": ["a = '''\n'''; b = [\n]; c = 3\n", "d = 4\n"],
    "a = 1 \\\n    + 2\nb = 3\n": ["a = 1 \\\n    + 2\n", "b = 3\n"],
    "# a\na = 1  # b\n# c\n\nb = 2\n": ["a = 1  # b\n", "b = 2\n"],
    "@a\n@b(\n    1\n)\ndef f():\n    pass\n\n\nc\n": [
        "@a\n@b(\n    1\n)\ndef f():\n    pass\n",
        "c\n",
    ],
    "if a:\n    b\nelif c:\n    d\nelse:\n    e\nf\n": [
        "if a:\n    b\nelif c:\n    d\nelse:\n    e\n",
        "f\n",
    ],
    "def f():\n    a\n    # of f\n# of the module\nb\n": ["def f():\n    a\n", "b\n"],
    "a = 1\r\nb = 2\r\n": ["a = 1\r\n", "b = 2\r\n"],
    "a = 1\rb = 2\r": ["a = 1\r", "b = 2\r"],
    "a = '\x0c'\n\x0cb = 2\n": ["a = '\x0c'\n", "\x0cb = 2\n"],
    "a = 'é\u2028ü'\nb = 2\n": ["a = 'é\u2028ü'\n", "b = 2\n"],
}


@pytest.mark.parametrize(("text", "expected"), CHUNKS.items())
def test_chunks(text: str, expected: list[str]) -> None:
    facts = facts_with(text)
    assert texts(facts) == expected
    assert_chunks_hold(facts)


def test_numbers_and_lines() -> None:
    first, second = facts_with("a\n\n@b\ndef f():\n    c\n").chunks
    assert (first.index, first.first_line, first.last_line) == (0, 1, 1)
    assert (second.index, second.first_line, second.last_line) == (1, 3, 5)


@pytest.mark.parametrize("path", corpus.sample(), ids=corpus.name)
def test_each_chunk_is_a_text_of_its_own(path: Path) -> None:
    text = corpus.read(path)
    if text is not None and compiles(text):
        assert_chunks_hold(facts_with(text))


@pytest.mark.slow
def test_each_chunk_is_a_text_of_its_own_all_over_the_standard_library() -> None:
    for path in corpus.some(8):
        test_each_chunk_is_a_text_of_its_own(path)


def facts_with(text: str) -> FileFacts:
    facts = facts_of("")
    return type(facts)(SourceFile("module.py", text), ast.parse(text), facts.config, facts.project)


def texts(facts: FileFacts) -> list[str]:
    return [facts.source.text[chunk.start : chunk.end] for chunk in facts.chunks]


def assert_chunks_hold(facts: FileFacts) -> None:
    """Chunks share no line, leave no statement out, and parse to what they stand for."""
    last = 0
    for chunk, text in zip(facts.chunks, texts(facts), strict=True):
        assert chunk.first_line > last
        last = chunk.last_line
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            parsed = ast.parse(text).body
        assert list(map(ast.dump, parsed)) == list(map(ast.dump, chunk.statements))
    statements = [statement for chunk in facts.chunks for statement in chunk.statements]
    assert statements == facts.tree.body
