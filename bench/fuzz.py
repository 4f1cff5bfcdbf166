"""Feeds reloadlint what nobody writes: nothing may break it, and it may break nothing.

    python bench/fuzz.py [FOLDER ...] [--seconds N] [--seed S]

Inputs are the Python files below the folders (default: the standard library), each with a few
random mutations, and modules from hypothesmith. Each is decoded, checked by all rules, and fixed
with all fixes. An input and its number follow from the seed. For each failure its kind, number and
an input from which lines were taken as long as it still fails so are printed; the exit code is 1
if there is any.
"""

from __future__ import annotations

import argparse
import io
import random
import signal
import sys
import sysconfig
import time
import tokenize
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Final

from reloadlint import files
from reloadlint.config import Config
from reloadlint.errors import ReloadlintError, SyntaxFailure
from reloadlint.facts.project import Project
from reloadlint.finding import Confidence
from reloadlint.fix import fix
from reloadlint.lint import LintResult, lint
from reloadlint.registry import load
from reloadlint.source import SourceFile
from reloadlint.suppression import without_directives

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

EVERYTHING: Final = Config(min_body=0, min_confidence=Confidence.POSSIBLE)
LIMIT: Final = 10.0  # CPU seconds for one input
HANG: Final = 60.0  # seconds until one is given up
MINIMISING: Final = 20.0  # seconds to take lines away from one input
SCREEN_EVERY: Final = 5
BATCH: Final = 40  # modules from hypothesmith at a time


class Broken(Exception):
    """A promise that was not kept: its kind, and the details."""

    def __init__(self, kind: str, details: str) -> None:
        super().__init__(f"{kind}: {details}")
        self.kind = kind


# ------------------------------------------------------------------------------- what must hold


def examine(path: str, raw: bytes, *, screen_too: bool = True) -> None:
    """Decode, check and fix `raw` as the file `path`; Broken where a promise is not kept."""
    start = time.process_time()
    try:
        with _alarm():
            _examine(path, raw, screen_too)
    except Broken:
        raise
    except TimeoutError:
        raise Broken("hang", f"more than {HANG:.0f} s") from None
    except Exception as error:
        raise Broken(f"{type(error).__name__} in {_origin(error)}", str(error)) from error
    spent = time.process_time() - start
    if spent > LIMIT * (1 + screen_too):
        raise Broken("slow", f"{spent:.1f} CPU seconds")


def _examine(path: str, raw: bytes, screen_too: bool) -> None:
    try:
        source = files.decode(path, raw)
    except ReloadlintError as error:
        return _one_line(error)
    rules, project = load(), Project(EVERYTHING, files.read, [])
    with project.looked_up(source):
        found = _sound(lint(source, rules, EVERYTHING, project=project))
        if screen_too:
            plain = lint(source, rules, EVERYTHING, project=project, screen=False)
            # Without the screen libcst sees more, and may refuse what CPython takes.
            if plain.findings != found.findings and not plain.failures:
                raise Broken("screen", f"{len(found.findings)} of {len(plain.findings)} findings")
        if found.failures or not _compiles(source.text):
            return None
        result = fix(source, rules, EVERYTHING, unsafe=True, project=project)
        _sound(result.result)
    if not result.converged:
        raise Broken("endless", "the fixes do not come to an end")
    if result.text == source.text:
        return None
    if not _compiles(result.text):
        raise Broken("compile", "the fixed text does not compile")
    if _comments(source.text) != _comments(result.text):
        raise Broken("comments", "a comment was lost or doubled")
    _fixed_once(source, result.text)
    return None


def _fixed_once(source: SourceFile, text: str) -> None:
    project = Project(EVERYTHING, files.read, [])
    fixed = SourceFile(source.path, text, source.encoding, source.bom)
    with project.looked_up(fixed):
        again = fix(fixed, load(), EVERYTHING, unsafe=True, project=project)
    if again.text != text:
        raise Broken("twice", "a second fix changes more")


def _sound(result: LintResult) -> LintResult:
    for failure in result.failures:
        _one_line(failure)
        if not isinstance(failure, SyntaxFailure):
            *_, who, reason = str(failure).split(": ", 2)
            raise Broken(f"failure of {who}", f"{reason}\n{failure.details}".rstrip())
    return result


def _one_line(error: ReloadlintError) -> None:
    if len(str(error).split("\n")) != 1:
        raise Broken("error of several lines", repr(str(error)))


def _compiles(text: str) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(text, "input.py", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _comments(text: str) -> Counter[str]:
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    found: Counter[str] = Counter()
    try:
        for token in tokens:
            if token.type == tokenize.COMMENT:
                found[without_directives(token.string.rstrip())] += 1
    except (tokenize.TokenError, SyntaxError):
        return Counter()  # tokenize.py takes less than CPython does
    del found[""]
    return found


def _origin(error: BaseException) -> str:
    """Where in reloadlint an exception comes from."""
    place, trace = "?", error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        if "reloadlint" in code.co_filename or "rules" in code.co_filename:
            place = f"{Path(code.co_filename).name}, {code.co_name}"
        trace = trace.tb_next
    return place


@contextmanager
def _alarm() -> Iterator[None]:
    if not hasattr(signal, "setitimer"):
        yield
        return

    def ring(*_: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, HANG)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


# ---------------------------------------------------------------------------------------- inputs


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


_Mutation = Callable[[bytes, random.Random], bytes]
_LINE_CHANGES: Final = (
    *(_cut_lines, _double_lines, _swap_lines, _move_lines, _indent, _wrap, _wrap),
    *(_mix_line_ends, _all_line_ends, _form_feed),
)
MUTATIONS: Final[Sequence[_Mutation]] = (
    *(_flip_bytes, _delete_token, _replace_token, _replace_token, _insert_speck, _cookie),
    *map(_on_lines, _LINE_CHANGES),
)


@cache
def _modules() -> SearchStrategy[str]:
    import hypothesmith

    return hypothesmith.from_grammar() | hypothesmith.from_node()


def generated(seed: int, number: int) -> list[str]:
    """As many modules from hypothesmith, about."""
    from hypothesis import HealthCheck, Phase, given, settings
    from hypothesis import seed as seeded

    found: list[str] = []

    @seeded(seed)
    @settings(
        max_examples=number,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(_modules())
    def collect(text: str) -> None:
        found.append(text)

    collect()
    return found


def inputs(paths: Sequence[Path], seed: int) -> Iterator[tuple[str, bytes]]:
    """Paths and contents without end: three mutated files, a generated module, and so on."""
    modules: list[str] = []
    for number in count():
        rng = random.Random(f"{seed}:{number}")
        if number % 4 == 3:
            modules = modules or generated(seed * 1_000_003 + number, BATCH)
            yield "generated.py", modules.pop().encode("utf-8", "surrogatepass")
        else:
            path = rng.choice(paths)
            yield str(path), mutated(path.read_bytes(), rng)


# --------------------------------------------------------------------------------------- running


def minimised(path: str, raw: bytes, kind: str) -> bytes:
    """`raw` without lines that are not needed to fail so."""
    lines, size = raw.splitlines(keepends=True), max(raw.count(b"\n") // 2, 1)
    end = time.monotonic() + MINIMISING
    while size and time.monotonic() < end:
        start = 0
        while start < len(lines) and time.monotonic() < end:
            fewer = lines[:start] + lines[start + size :]
            if _kind(path, b"".join(fewer)) == kind:
                lines = fewer
            else:
                start += size
        size //= 2
    return b"".join(lines)


def _kind(path: str, raw: bytes) -> str:
    try:
        examine(path, raw)
    except Broken as broken:
        return broken.kind
    return ""


def run(
    paths: Sequence[Path], seconds: float, seed: int, most: int = sys.maxsize
) -> tuple[int, Counter[str]]:
    """Examine inputs for so long, and so many at most; their number, and the failures by kind."""
    failures: Counter[str] = Counter()
    end, number = time.monotonic() + seconds, 0
    for number, (path, raw) in enumerate(inputs(paths, seed), 1):
        try:
            examine(path, raw, screen_too=number % SCREEN_EVERY == 0)
        except Broken as broken:
            failures[broken.kind] += 1
            print(f"seed {seed}, input {number}, {path}: {broken}", flush=True)
            if failures[broken.kind] <= 2:
                print(minimised(path, raw, broken.kind), flush=True)
        if time.monotonic() > end or number >= most:
            break
    return number, failures


def python_files(folders: Sequence[Path], largest: int) -> list[Path]:
    """The Python files below the folders, none above so many bytes."""
    found = [path for folder in folders for path in sorted(folder.rglob("*.py"))]
    return [path for path in found if path.is_file() and path.stat().st_size <= largest]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folders", nargs="*", type=Path, help="default: the standard library")
    parser.add_argument("--seconds", type=float, default=60, help="how long (default: 60)")
    parser.add_argument("--seed", type=int, default=0, help="another seed, other inputs")
    parser.add_argument(
        "--largest", type=int, default=30_000, help="bytes of a file to mutate (default: 30000)"
    )
    options = parser.parse_args()
    folders = options.folders or [Path(sysconfig.get_path("stdlib"))]
    number, failures = run(python_files(folders, options.largest), options.seconds, options.seed)
    print(f"{number} inputs, {failures.total()} failures")
    for kind, times in failures.most_common():
        print(f"{times:6} {kind}")
    sys.exit(bool(failures))


if __name__ == "__main__":
    main()
