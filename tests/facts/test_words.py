"""Words that files are looked up by: what plain patterns find, found faster."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from reloadlint.facts.words import words
from tests.facts import corpus

PATTERNS = {
    "method": re.compile(r"^[ \t]+(?:async[ \t]+)?def[ \t]+(\w+)", re.MULTILINE),
    "decorator": re.compile(r"^[ \t]*@(?:\w+\.)*(\w+)", re.MULTILINE),
    "frame": re.compile(
        r"\b(?:stack_?level|_getframe(?:modulename)?|_current_frames|currentframe|getouterframes"
        r"|findCaller|(?:extract|format|print|walk)_stack|inspect(?:\.| import .*\b)stack)\b()"
    ),
}
TEXTS = {
    "methods": "class C:\n    def a(self): pass\n\tasync  def b(): pass\n  async def\tc(d): e\n",
    "no methods": "def a(): pass\nasync def b(): pass\n  undef c\n  asyncdef d\n  x; def e\n",
    "line ends": "class C:\r\n    def a(self): pass\r\n    @b\r\n    def c(self): pass\r",
    "decorators": "@a\n@b.c\n  @d.e(f)\n\t@ g\nh @i\n@j.\n",
    "no newline": "  def a",
    "nothing": "",
}


@pytest.mark.parametrize("kind", PATTERNS)
@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_words_of_small_texts(kind: str, text: str) -> None:
    assert words(kind, text) == set(PATTERNS[kind].findall(text))


@pytest.mark.parametrize("kind", PATTERNS)
def test_words_of_a_sample_of_the_standard_library(kind: str) -> None:
    for path in corpus.sample():
        text = corpus.read(Path(path))
        if text is not None:
            assert words(kind, text) == set(PATTERNS[kind].findall(text)), path


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("import a", {".a"}),
        ("import a.b.c, d as e", {"b.c", ".d"}),
        ("from a.b import c", {"b.c"}),
        ("from a import (\n    b,\n    c as d,\n)", {"a.b", "a.c"}),
        ("from . import a", {".a"}),
        ("from ..a.b import c # d", {"b.c"}),
        ("    from a import b\n", {"a.b"}),
        ("x = 'import a'\n# import b\nreimport c", set()),
        ("from a import *", set()),
    ],
)
def test_the_last_two_names_of_imports(text: str, found: set[str]) -> None:
    assert words("import", text) == found
