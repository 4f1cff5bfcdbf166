"""Bytes of a Python file and a random generator → bytes that nobody would write."""

from __future__ import annotations

import io
import random
import tokenize
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final


def mutated(raw: bytes, rng: random.Random) -> bytes:
    """`raw` with one to three random mutations."""
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        raw = rng.choice(MUTATIONS)(raw, rng)
    return raw


def _flip_bytes(raw: bytes, rng: random.Random) -> bytes:
    content = bytearray(raw or b"x")
    for _ in range(rng.randint(1, 4)):
        content[rng.randrange(len(content))] = rng.randrange(256)
    return bytes(content)


def _on_lines(change: Callable[[list[bytes], random.Random], None]) -> _Mutation:
    def mutate(raw: bytes, rng: random.Random) -> bytes:
        lines = raw.splitlines(keepends=True) or [b"\n"]
        change(lines, rng)
        return b"".join(lines)

    return mutate


def _cut_lines(lines: list[bytes], rng: random.Random) -> None:
    start = rng.randrange(len(lines))
    del lines[start : start + rng.choice((1, 1, 2, 10, 100))]


def _double_lines(lines: list[bytes], rng: random.Random) -> None:
    start = rng.randrange(len(lines))
    lines[start:start] = lines[start : start + rng.choice((1, 1, 2, 10, 100))]


def _swap_lines(lines: list[bytes], rng: random.Random) -> None:
    one, other = rng.randrange(len(lines)), rng.randrange(len(lines))
    lines[one], lines[other] = lines[other], lines[one]


def _move_lines(lines: list[bytes], rng: random.Random) -> None:
    start, length = rng.randrange(len(lines)), rng.choice((1, 3, 20))
    moved = lines[start : start + length]
    del lines[start : start + length]
    place = rng.randint(0, len(lines))
    lines[place:place] = moved


def _indent(lines: list[bytes], rng: random.Random) -> None:
    start = rng.randrange(len(lines))
    for number in range(start, min(start + rng.choice((1, 1, 5, 500)), len(lines))):
        line = lines[number]
        lines[number] = rng.choice((b" " + line, b"    " + line, b"\t" + line, line.lstrip(b" ")))


def _wrap(lines: list[bytes], rng: random.Random) -> None:
    """Put some lines, or all, under a head of their own."""
    start = rng.choice((0, rng.randrange(len(lines))))
    end = rng.choice((len(lines), start + rng.randint(1, 40)))
    head = rng.choice((b"def wrap():", b"class Wrap:", b"if wrap:", b"async def wrap(a=1):"))
    lines[start:end] = [head + b"\n", *(b"    " + line for line in lines[start:end])]


def _mix_line_ends(lines: list[bytes], rng: random.Random) -> None:
    for number in range(len(lines)):
        if rng.random() < 0.3:
            lines[number] = lines[number].rstrip(b"\r\n") + rng.choice((b"\r\n", b"\r", b"\n"))


def _all_line_ends(lines: list[bytes], rng: random.Random) -> None:
    end = rng.choice((b"\r\n", b"\r"))
    lines[:] = [line.rstrip(b"\r\n") + end for line in lines]


def _form_feed(lines: list[bytes], rng: random.Random) -> None:
    lines.insert(rng.randint(0, len(lines)), rng.choice((b"\f\n", b"\\\n", b"  # \xe2\x80\xae\n")))


def _delete_token(raw: bytes, rng: random.Random) -> bytes:
    return _with_token(raw, rng, lambda words: "")


def _replace_token(raw: bytes, rng: random.Random) -> bytes:
    return _with_token(raw, rng, rng.choice)


def _with_token(raw: bytes, rng: random.Random, new: Callable[[list[str]], str]) -> bytes:
    text = raw.decode("utf-8", "surrogateescape")
    try:
        tokens = [t for t in tokenize.generate_tokens(io.StringIO(text).readline) if t.string]
    except (tokenize.TokenError, SyntaxError):
        return _flip_bytes(raw, rng)
    tokens = [token for token in tokens if token.string.strip()]
    if not tokens:
        return raw
    lines, token = text.splitlines(keepends=True), rng.choice(tokens)
    (line, column), (last, end) = token.start, token.end
    if line != last or line > len(lines):
        return raw
    words = [other.string for other in tokens if other.type == token.type]
    old = lines[line - 1]
    lines[line - 1] = old[:column] + new(words) + old[end:]
    return "".join(lines).encode("utf-8", "surrogateescape")


_SPECKS: Final = (
    *(b"\0", b"\xef\xbb\xbf", b"\xff", b"\xed\xa0\x80", b"\f", b"\v", b"\x1a", b"\x1b[31m"),
    *(b"\xe2\x80\xa8", b"\xc2\x85", b"\xe2\x80\xae", b"\xf0\x9f\x90\x8d", b"\\\n", b"\r", b"\t"),
    *(b" lambda: x(y) + 1 ", b" async ", b" await ", b" yield ", b"global x\n", b"*", b"(", b";"),
)


def _insert_speck(raw: bytes, rng: random.Random) -> bytes:
    place = rng.choice((0, len(raw), rng.randint(0, len(raw))))
    return raw[:place] + rng.choice(_SPECKS) + raw[place:]


_ENCODINGS: Final = (
    *("utf-8", "utf-8-sig", "latin-1", "cp1252", "ascii", "utf-16", "utf-7", "shift_jis", "hex"),
    *("rot13", "idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "nonesuch"),
    *("iso2022_jp", "euc_jp", "koi8-r", "cp037", "utf-32", "mbcs", "zip", "big5", "gb18030"),
)


def _cookie(raw: bytes, rng: random.Random) -> bytes:
    encoding = rng.choice(_ENCODINGS)
    if rng.random() < 0.3:
        with suppress(UnicodeError, LookupError):
            raw = raw.decode("utf-8").encode(encoding)
    return b"# coding: " + encoding.encode() + b"\n" + raw


_DIRECTIVES: Final = (
    *("# reloadlint: ignore", "# reloadlint: ignore[RL101]", "# noqa: RL102", "# noqa"),
    *(
        "# reloadlint: ignore[RL101,RL102,RL103,RL201,RL202] -- why",
        "# type: ignore",
        "# caf\u00e9",
    ),
)


def _comment(lines: list[bytes], rng: random.Random) -> None:
    number = rng.randrange(len(lines))
    body = lines[number].rstrip(b"\r\n")
    comment = rng.choice(_DIRECTIVES).encode()
    lines[number] = body + b"  " + comment + lines[number][len(body) :]


_Mutation = Callable[[bytes, random.Random], bytes]
_LINE_CHANGES: Final = (
    *(_cut_lines, _double_lines, _swap_lines, _move_lines, _indent, _wrap, _wrap),
    *(_mix_line_ends, _all_line_ends, _form_feed, _comment, _comment),
)
MUTATIONS: Final[Sequence[_Mutation]] = (
    *(_flip_bytes, _delete_token, _replace_token, _replace_token, _insert_speck, _cookie),
    *map(_on_lines, _LINE_CHANGES),
)
