"""Files such as hardly anybody writes: nothing breaks, and what CPython takes is checked and fixed.

`examine` checks all that bench/invariants.py says. What is told of a file that CPython refuses,
tests/test_bad_input.py shows.
"""

from __future__ import annotations

import codecs
import encodings
import pkgutil
import random
import sys
import warnings

import pytest

from bench.invariants import Settings, examine
from bench.mutations import MUTATIONS
from reloadlint.config import Config
from reloadlint.files import decode
from reloadlint.lint import LintResult, lint
from reloadlint.registry import load
from reloadlint.source import SourceFile
from tests.facts.corpus import LIBRARY

RULES = load()
STALE = """\
import threading


def start(bus):  # {word}
    # {word}
    threading.Timer(1, lambda: bus.send("{word}") + 2)
"""


def found(text: str) -> LintResult:
    return lint(SourceFile("m.py", text), RULES, Config())


def is_taken(raw: bytes) -> bool:
    """True where CPython compiles the file."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(raw, "m.py", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError, LookupError):
        return False
    return True


# How it is encoded.


def every_encoding() -> list[str]:
    """What the interpreter has a codec for, on this platform."""
    names = sorted(module.name for module in pkgutil.iter_modules(encodings.__path__))
    return [name for name in names if is_known(name)]


def is_known(encoding: str) -> bool:
    try:
        codecs.lookup(encoding)
    except LookupError:
        return False
    return True


def declared(encoding: str) -> bytes:
    """A stale closure in that encoding, with a word beyond ASCII if the encoding has one."""
    for word in ("naïve", "слово", "語", "word"):
        text = f"# coding: {encoding}\n{STALE.format(word=word)}"
        try:
            raw = text.encode(encoding)
        except (LookupError, UnicodeError):
            continue
        if isinstance(raw, bytes) and raw.startswith(b"# coding: "):
            return raw
    return f"# coding: {encoding}\n{STALE.format(word='word')}".encode()


def test_every_encoding_that_the_interpreter_knows() -> None:
    names = every_encoding()
    assert len(names) > 90
    fixed = {
        name
        for name in names
        if examine("m.py", declared(name), Settings(RULES, screen_too=False, one_by_one=False))
    }
    taken = {name for name in names if is_taken(declared(name))}
    assert taken <= fixed <= {*taken, "punycode"}  # which CPython decodes line by line
    assert {"latin_1", "cp1252", "shift_jis", "koi8_r", "gb18030", "utf_8_sig"} <= fixed


# What stands in it.


@pytest.mark.parametrize("mutate", MUTATIONS)
def test_any_mutation(mutate: object) -> None:
    rng = random.Random(0)
    for _ in range(3):
        examine("m.py", mutate(STALE.format(word="naïve").encode(), rng))  # type: ignore[operator]


@pytest.mark.parametrize(
    "word",
    [
        pytest.param("\u202e\u2066 desrever", id="bidirectional"),
        pytest.param("\ufeff", id="a mark inside"),
        pytest.param("\u2028\u2029\x85", id="line ends of Unicode"),
        pytest.param("\f\v\x1c\x1d", id="line ends of str.splitlines"),
        pytest.param("\U0001f40d" * 200, id="beyond the basic plane"),
        pytest.param("a\u0301\u0327", id="combining"),
        pytest.param("\x1b]0;x\x07\x7f", id="control characters"),
        pytest.param("\\ud800\\N{SNAKE}", id="escapes of surrogates"),
        pytest.param("x" * 1_000, id="long"),
    ],
)
def test_any_character_in_comments_and_strings(word: str) -> None:
    assert examine("m.py", STALE.format(word=word).encode())["RL101"] == 1


@pytest.mark.parametrize("ends", ["\n\r\n", "\r\n\n", "\r\n", "\n\r", "\r\r\n\n"])
def test_mixed_line_ends(ends: str) -> None:
    lines = STALE.format(word="why").split("\n")
    pairs = zip(lines, ends.replace("\r\n", "w") * len(lines), strict=False)
    text = "".join(line + end.replace("w", "\r\n") for line, end in pairs)
    assert examine("m.py", text.encode())["RL101"] == 1


# How deep, long and many.


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("def f(a): return " + "lambda: " * 20 + "g(a, 1)\n", id="lambdas"),
        pytest.param("def f(a): return " + "(" * 80 + "lambda: g(a, 1)" + ")" * 80, id="brackets"),
        pytest.param("def f(a): return " + "[g(" * 40 + "lambda: a(1)" + ")]" * 40, id="calls"),
        pytest.param("def f(a): return " + "not " * 200 + "g(lambda: a(1))\n", id="operators"),
        pytest.param(
            "".join(" " * depth + f"def f{depth}(a):\n" for depth in range(40))
            + " " * 40 + "return lambda: g(a, 1)\n",
            id="functions",
        ),
        pytest.param(
            "".join(" " * depth + "if a:\n" for depth in range(90))
            + " " * 90 + "on_x(lambda: g(a, 1))\n",
            id="blocks",
        ),
        pytest.param("if a: pass\n" + "elif b: on_x(lambda: g(1, 2))\n" * 150, id="elif"),
    ],
)  # fmt: skip
def test_deep_nesting_is_checked(text: str) -> None:
    result = found(text)
    assert not result.failures
    assert result.findings or "return g" not in text
    examine("m.py", text.encode(), Settings(RULES, screen_too=False, one_by_one=False))


def test_a_hundred_thousand_elements_beside_a_closure() -> None:
    text = (
        f"TABLE = [{'1, ' * 100_000}]\nimport threading\nthreading.Timer(1, lambda: work(1) + 2)\n"
    )
    assert [finding.start.line for finding in found(text).findings] == [3]


@pytest.mark.parametrize("filling", ["x", "é", "\U0001f40d"])
def test_a_line_of_a_million_characters(filling: str) -> None:
    head = f"import threading; threading.Timer('{filling * 500_000}', "
    text = f"{head}lambda: work(1) + 2); x = '{filling * 500_000}'\n"
    (finding,) = found(text).findings
    assert (finding.start.line, finding.start.column) == (1, len(head) + 1)


def test_thousands_of_closures_in_one_function() -> None:
    text = "def f(bus, a):\n" + "    bus.on_x(lambda x: print(x, a))\n" * 2_000
    assert len(found(text).findings) == 2_000


# What other versions write.


@pytest.mark.parametrize(
    ("since", "text"),
    [
        pytest.param((3, 14), "on_x(lambda: print(t'{a} {b}'))\n", id="template string"),
        pytest.param(
            (3, 14),
            "try:\n    pass\nexcept A, B:\n    on_x(lambda: print(1, 2))\n",
            id="exceptions without brackets",
        ),
        pytest.param((3, 13), "class C[T = int]:\n    x = T\n", id="default of a type parameter"),
        pytest.param((3, 12), "def f[T](a: T): return lambda: g(a, 1)\n", id="type parameter"),
        pytest.param((3, 12), "on_x(lambda: f'{'a' + \"b\"}' + c)\n", id="quotes in an f-string"),
        pytest.param(
            (3, 11),
            "try:\n    pass\nexcept* E:\n    on_x(lambda: print(1, 2))\n",
            id="exception groups",
        ),
    ],
)
def test_newer_syntax_is_checked_or_refused_as_cpython_does(
    since: tuple[int, int], text: str
) -> None:
    result = found(text)
    assert bool(result.failures) == (sys.version_info < since), result.failures
    examine("m.py", text.encode())


OLD_FILES = [
    *sorted(LIBRARY.glob("test/bad*.py")),
    *sorted(LIBRARY.glob("test/tokenizedata/*.py")),
    *sorted(LIBRARY.glob("lib2to3/tests/data/**/*.py")),
]


def test_bad_files_and_those_of_python_2_in_the_standard_library() -> None:
    for path in OLD_FILES:
        raw = path.read_bytes()
        examine(str(path), raw, Settings(RULES, screen_too=False, one_by_one=False))
        if is_taken(raw):
            source = decode(str(path), raw)
            assert not lint(source, RULES, Config()).failures, path
    assert any(not is_taken(path.read_bytes()) for path in OLD_FILES) or not OLD_FILES


# What libcst reads otherwise than CPython.


@pytest.mark.parametrize(
    ("backslash", "is_told"), [("\\\n", True), ("    \\\n", True), ("", False)]
)
def test_a_line_of_a_backslash_alone_is_told_rather_than_fixed(
    backslash: str, is_told: bool
) -> None:
    """libcst takes the assignment for a part of `send`."""
    text = STALE.format(word="").replace(
        "start(bus):", "start(bus):\n    def send(x):\n        bus(x)"
    )
    text = text.replace("    threading", f"{backslash}    threading")
    assert is_taken(text.encode())
    result = found(text)
    assert [str(failure)[:15] for failure in result.failures] == ["m.py:4: libcst:"] * is_told
    assert bool(result.findings) is not is_told
    examine("m.py", text.encode())


def test_one_within_a_statement_does_no_harm() -> None:
    text = STALE.format(word="").replace("1, lambda", "1 + \\\n\\\n 1, lambda")
    assert is_taken(text.encode())
    assert found(text).findings
    examine("m.py", text.encode())
