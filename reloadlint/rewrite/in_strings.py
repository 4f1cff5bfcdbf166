"""Names that stand in strings: quoted annotations and doctests, where text can be rewritten."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import takewhile

from reloadlint.facts import FileFacts
from reloadlint.facts.from_imports import is_annotation
from reloadlint.facts.index import is_binding

Span = tuple[int, int]

_OPENING = re.compile(r"[rRuU]?(\"\"\"|'''|\"|')")
_PROMPT = re.compile(r"^([ \t]*)(>>>|\.\.\.)( |$)(.*)$", re.MULTILINE)
_LITERAL = frozenset({"typing.Literal", "typing_extensions.Literal"})


class NotPlainError(Exception):
    """A string names the thing where its text cannot be rewritten."""


def spans_in_strings(facts: FileFacts, name: str) -> list[Span]:
    """Where quoted annotations and doctests name the global `name`.

    Raises NotPlainError for a string whose value does not stand in the text as it is.
    """
    found: list[Span] = []
    for string in strings_with(facts, name):
        if _is_quoted_annotation(facts, string):
            found += _in_annotation(facts, string, name)
        elif is_text_block(facts, string) and ">>>" in text_of(string):
            found += _in_doctest(facts, string, name)
    return found


def strings_with(facts: FileFacts, name: str) -> Iterator[ast.Constant]:
    """The strings that contain the word `name`."""
    word = re.compile(rf"\b{name}\b")
    for string in facts.index.strings:
        if name in text_of(string) and word.search(text_of(string)):
            yield string


def text_of(string: ast.Constant) -> str:
    """The value of a string."""
    assert isinstance(string.value, str)
    return string.value


def is_text_block(facts: FileFacts, string: ast.Constant) -> bool:
    """True for a docstring, and any other string that is a statement."""
    return isinstance(facts.index.parent.get(string), ast.Expr)


def names_it(string: ast.Constant, name: str) -> bool:
    """True where the whole string is an expression with the name in it, such as a forward type."""
    try:
        tree = ast.parse(text_of(string).strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return any(isinstance(node, ast.Name) and node.id == name for node in ast.walk(tree))


def _is_quoted_annotation(facts: FileFacts, string: ast.Constant) -> bool:
    if not is_annotation(facts, string):
        return False
    around = takewhile(lambda up: not isinstance(up, ast.stmt), facts.index.ancestors(string))
    return not any(
        isinstance(up, ast.Subscript) and facts.names.qualified(up.value) in _LITERAL
        for up in around
    )


def _in_annotation(facts: FileFacts, string: ast.Constant, name: str) -> Iterator[Span]:
    start = _start_of_value(facts, string)
    text = text_of(string)
    lead = len(text) - len(text.lstrip())
    if "\n" in text or not text.isascii():
        raise NotPlainError
    try:
        tree = ast.parse(text_of(string).strip(), mode="eval")
    except (SyntaxError, ValueError):
        raise NotPlainError from None
    if facts.index.scope_at(string).resolve(name) is not None:
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id == name:
            offset = start + lead + node.col_offset
            yield offset, offset + len(name)


def _start_of_value(facts: FileFacts, string: ast.Constant) -> int:
    """Offset of the first character of the value, where the text holds it as it is."""
    start, end = facts.span(string)
    opening = _OPENING.match(facts.source.text, start, end)
    if opening is None:
        raise NotPlainError
    inner = opening.end()
    closing = end - len(opening[1])
    if facts.source.text[inner:closing].replace("\r\n", "\n") != string.value:
        raise NotPlainError
    if "\r" in facts.source.text[inner:closing]:
        raise NotPlainError
    return inner


def _in_doctest(facts: FileFacts, string: ast.Constant, name: str) -> Iterator[Span]:
    examples = list(_examples(text_of(string)))
    if not any(re.search(rf"\b{name}\b", source) for source, _ in examples):
        return
    start = _start_of_value(facts, string)
    for source, places in examples:
        try:
            tree = ast.parse(source)
        except (SyntaxError, ValueError):
            raise NotPlainError from None
        for node in ast.walk(tree):
            if isinstance(node, ast.Name) and node.id == name:
                if is_binding(node) or not source.isascii():
                    raise NotPlainError  # from here on it is the doctest's own name
                offset = start + places[node.lineno - 1] + node.col_offset
                yield offset, offset + len(name)
            elif _binds(node, name):
                raise NotPlainError


def _binds(node: ast.AST, name: str) -> bool:
    if isinstance(node, ast.alias):
        return (node.asname or node.name) == name
    return getattr(node, "name", getattr(node, "arg", None)) == name and not isinstance(
        node, ast.keyword
    )


def _examples(text: str) -> Iterator[tuple[str, list[int]]]:
    """The source of each example, with the offset in `text` at which each of its lines starts."""
    lines: list[str] = []
    places: list[int] = []
    end = -1
    for match in _PROMPT.finditer(text):
        if lines and (match[2] == ">>>" or match.start() != end + 1):
            yield "\n".join(lines), places
            lines, places = [], []
        if match[2] == ">>>" or lines:
            lines.append(match[4])
            places.append(match.start(4))
            end = match.end()
    if lines:
        yield "\n".join(lines), places
