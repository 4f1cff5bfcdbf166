"""Feeds reloadlint what nobody writes: nothing may break it, and it may break nothing.

    python bench/fuzz.py [FOLDER ...] [--seconds N] [--seed S] [--jobs J] [--keep DIR]
    python bench/fuzz.py --real FOLDER ... [--unsafe-fixes]

What must hold is in bench/invariants.py. Inputs are statements and functions out of the Python
files below the folders (default: the standard library), out of the examples of the rules and out of
programs that the tests make up, alone or joined, most of them with a few random mutations; and
modules from hypothesmith. An input follows from the seed and its number. For each failure its kind,
number and an input from which lines were taken as long as it still fails so are printed; the exit
code is 1 if there is any. With `--jobs`, as many processes run at once, each with a seed of its
own: S, S + 1 and so on. With `--keep`, failures are written to the folder DIR, and a later run goes
on where the one before stopped.

With `--real` each file is an input as it is, in the project that its folder is, by all rules and
their safe fixes. Nothing is written to the files.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import random
import sys
import sysconfig
import textwrap
import time
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from itertools import accumulate, count
from pathlib import Path
from typing import TYPE_CHECKING, Final

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.invariants import EVERYTHING, Broken, Settings, examine, parse_once
from bench.mutations import mutated
from reloadlint import files
from reloadlint.facts.project import Project
from reloadlint.memory import collect_seldom
from reloadlint.registry import load
from tests.rewrite.programs import program

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

MINIMISING: Final = 20.0  # seconds to take lines away from one input
SCREEN_EVERY: Final = 5
ALONE_EVERY: Final = 7
GENERATED_EVERY: Final = 60
BATCH: Final = 40  # modules from hypothesmith at a time
NODES_EVERY: Final = 5  # batches; most modules out of nodes are empty, and take ten times as long
POOL: Final = 20_000  # inputs from one choice of files
FILES: Final = 250  # in one choice
LARGEST: Final = 100_000  # bytes of a file to cut from
SIZES: Final = range(30, 1_500)  # characters of what is cut out
PROGRAMS: Final = 150


# ---------------------------------------------------------------------------------------- inputs


@cache
def _modules(from_nodes: bool) -> SearchStrategy[str]:
    import hypothesmith

    return hypothesmith.from_node() if from_nodes else hypothesmith.from_grammar()


@lru_cache(maxsize=1)
def generated(seed: int, batch: int) -> list[str]:
    """Up to BATCH different modules from hypothesmith."""
    from hypothesis import HealthCheck, Phase, given, settings
    from hypothesis import seed as seeded

    found: list[str] = []

    @seeded(seed * 1_000_003 + batch)
    @settings(
        max_examples=BATCH,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(_modules(batch % NODES_EVERY == 0))
    def collect(text: str) -> None:
        found.append(text)

    collect()
    return list(dict.fromkeys(found))


def pieces(text: str) -> list[str]:
    """The statements of a module, and the functions and classes at any depth, that are small."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return [text[: SIZES.stop]]
    lines, found = text.split("\n"), []
    offsets = [*accumulate((len(line) + 1 for line in lines), initial=0)]
    inner = [node for node in ast.walk(tree) if isinstance(node, _HEADED)]
    for node in dict.fromkeys([*tree.body, *inner]):
        decorators = getattr(node, "decorator_list", [])
        first = min([node.lineno, *(decorator.lineno for decorator in decorators)])
        last = node.end_lineno or first
        if offsets[last] - offsets[first - 1] in SIZES:
            found.append(textwrap.dedent("\n".join(lines[first - 1 : last])) + "\n")
    return found


_HEADED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


@dataclass(frozen=True)
class Pool:
    """Pieces to make inputs of; `telling` ones hold closures or are about reloading."""

    plain: Sequence[str]
    telling: Sequence[str]

    @classmethod
    def of(cls, paths: Sequence[Path], rng: random.Random) -> Pool:
        """Cut up some of the files, the examples of all rules, and some programs."""
        texts = []
        for path in rng.sample(paths, min(FILES, len(paths))):
            raw = path.read_bytes()
            if len(raw) <= LARGEST:
                texts.append(raw.decode("utf-8", "replace").replace("\r\n", "\n"))
        plain = [piece for text in texts for piece in pieces(text)]
        examples = [example.before for rule in load() for example in rule.examples]
        made = [piece for _ in range(PROGRAMS) for piece in pieces(program(rng))]
        telling = [piece for piece in plain if "lambda" in piece or piece.count("def ") > 1]
        return cls(plain or examples, [*telling, *made, *examples * 10])

    def text(self, rng: random.Random) -> str:
        """One to three pieces; some stand in a function."""
        chosen = [
            rng.choice(self.telling if rng.random() < 0.4 else self.plain)
            for _ in range(rng.choice((1, 1, 1, 2, 3)))
        ]
        text = "\n".join(chosen)
        return text if rng.random() < 0.9 else "def wrap(bus):\n" + textwrap.indent(text, "    ")


def inputs(paths: Sequence[Path], seed: int, start: int = 1) -> Iterator[tuple[int, bytes]]:
    """Contents by number, without end."""
    pool, pool_number = Pool([], []), -1
    for number in count(start):
        if number // POOL != pool_number:
            pool_number = number // POOL
            pool = Pool.of(paths, random.Random(f"{seed}:pool:{pool_number}"))
        rng = random.Random(f"{seed}:{number}")
        if number % GENERATED_EVERY == 0:
            batch, place = divmod(number // GENERATED_EVERY, BATCH)
            modules = generated(seed, batch)
            text, is_new = modules[place % len(modules)], place < len(modules)
        else:
            text, is_new = pool.text(rng), rng.random() < 0.15
        raw = text.encode("utf-8", "surrogatepass")
        yield number, raw if is_new else mutated(raw, rng)


# --------------------------------------------------------------------------------------- running


def minimised(raw: bytes, kind: str, settings: Settings) -> bytes:
    """`raw` without lines that are not needed to fail so."""
    lines, size = raw.splitlines(keepends=True), max(raw.count(b"\n") // 2, 1)
    end = time.monotonic() + MINIMISING
    while size and time.monotonic() < end:
        start = 0
        while start < len(lines) and time.monotonic() < end:
            fewer = lines[:start] + lines[start + size :]
            if _kind(b"".join(fewer), settings) == kind:
                lines = fewer
            else:
                start += size
        size //= 2
    return b"".join(lines)


def _kind(raw: bytes, settings: Settings) -> str:
    try:
        examine("input.py", raw, settings)
    except Broken as broken:
        return broken.kind
    return ""


@dataclass
class Tally:
    """What was done so far, kept in a folder from run to run if there is one."""

    seed: int
    folder: Path | None = None
    inputs: int = 0
    fixed: int = 0
    seconds: float = 0.0

    def __post_init__(self) -> None:
        self.failures: Counter[str] = Counter()
        self.fixes: Counter[str] = Counter()
        if self.folder is not None and self._file.exists():
            state = json.loads(self._file.read_text())
            self.inputs, self.fixed, self.seconds = state["inputs"], state["fixed"], state["cpu"]
            self.failures.update(state["failures"])
            self.fixes.update(state["fixes"])

    @property
    def _file(self) -> Path:
        assert self.folder is not None
        return self.folder / f"seed-{self.seed}.json"

    def save(self) -> None:
        """Write down how far this run came."""
        if self.folder is not None:
            self.folder.mkdir(parents=True, exist_ok=True)
            state: dict[str, object] = {"inputs": self.inputs, "fixed": self.fixed}
            state["cpu"] = round(self.seconds, 1)
            state |= {"failures": self.failures, "fixes": self.fixes}
            self._file.write_text(json.dumps(state))

    def note(self, applied: Counter[str]) -> None:
        """Count an input, and the fixes that were applied to it."""
        self.fixed += bool(applied)
        self.fixes += applied

    def add(self, other: Tally) -> None:
        """Count what another process did, too."""
        self.inputs, self.fixed = self.inputs + other.inputs, self.fixed + other.fixed
        self.seconds += other.seconds
        self.failures += other.failures
        self.fixes += other.fixes

    def fail(self, number: int, raw: bytes, broken: Broken, settings: Settings) -> None:
        """Tell of a failure, and keep its input."""
        self.failures[broken.kind] += 1
        print(f"seed {self.seed}, input {number}: {broken}", flush=True)
        if self.failures[broken.kind] <= 2 and broken.kind != "hang":
            raw = minimised(raw, broken.kind, settings)
            print(raw, flush=True)
        if self.folder is not None:
            self.folder.mkdir(parents=True, exist_ok=True)
            (self.folder / f"{self.seed}-{number}.py").write_bytes(raw)


def run(paths: Sequence[Path], seconds: float, tally: Tally, most: int = sys.maxsize) -> Tally:
    """Examine inputs for so long, and so many at most."""
    end, parent = time.monotonic() + seconds, os.getppid()
    rules, before = tuple(load()), time.process_time()
    for number, raw in inputs(paths, tally.seed, tally.inputs + 1):
        settings = Settings(
            rules, screen_too=number % SCREEN_EVERY == 0, one_by_one=number % ALONE_EVERY == 0
        )
        try:
            tally.note(examine("input.py", raw, settings))
        except Broken as broken:
            tally.fail(number, raw, broken, settings)
        tally.inputs = number
        if time.monotonic() > end or number >= most:
            break
        if os.getppid() != parent:  # whoever waited for this was killed
            tally.save()
            os._exit(1)
        if number % 1000 == 0:
            tally.seconds += time.process_time() - before
            before = time.process_time()
            tally.save()
    tally.seconds += time.process_time() - before
    tally.save()
    return tally


def run_jobs(
    paths: Sequence[Path], seconds: float, seed: int, folder: Path | None, jobs: int
) -> Tally:
    """Run as many processes at once, each with its own seed; what all of them did."""
    total = Tally(seed)
    with ProcessPoolExecutor(jobs, initializer=_start) as pool:
        tallies = [Tally(seed + job, folder) for job in range(jobs)]
        for tally in pool.map(partial(run, paths, seconds), tallies):
            total.add(tally)
    return total


def _start() -> None:
    collect_seldom()
    parse_once()


def run_on_trees(folders: Sequence[Path], *, unsafe: bool) -> tuple[int, int, Counter[str]]:
    """Examine each file below each folder as it is; files, lines, and the failures by kind."""
    number, lines, failures = 0, 0, Counter[str]()
    for folder in folders:
        paths = python_files([folder])
        project = Project(EVERYTHING, files.read, [str(path) for path in paths])
        settings = Settings(
            tuple(load()), unsafe=unsafe, screen_too=False, one_by_one=False, project=project
        )
        start, fixed, longest = time.process_time(), 0, (0.0, folder)
        fixes = Counter[str]()
        for path in paths:
            began, raw = time.process_time(), path.read_bytes()
            number, lines = number + 1, lines + raw.count(b"\n")
            try:
                applied = examine(str(path), raw, settings)
                fixed, fixes = fixed + bool(applied), fixes + applied
            except Broken as broken:
                failures[broken.kind] += 1
                print(f"{path}: {broken}", flush=True)
            longest = max(longest, (time.process_time() - began, path))
        spent = time.process_time() - start
        print(
            f"{folder}: {len(paths)} files, {fixed} changed, by {_told(fixes)}; "
            f"{spent:.0f} CPU seconds, "
            f"{longest[0]:.1f} for {longest[1]}",
            flush=True,
        )
    return number, lines, failures


def _told(fixes: Counter[str]) -> str:
    return ", ".join(f"{times} {code}" for code, times in sorted(fixes.items())) or "no fix"


def python_files(folders: Sequence[Path]) -> list[Path]:
    """The Python files below the folders."""
    found = [path for folder in folders for path in sorted(folder.rglob("*.py"))]
    return [path for path in found if path.is_file()]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folders", nargs="*", type=Path, help="default: the standard library")
    parser.add_argument("--seconds", type=float, default=60, help="how long (default: 60)")
    parser.add_argument("--seed", type=int, default=0, help="another seed, other inputs")
    parser.add_argument("--jobs", type=int, default=1, help="processes at once (default: 1)")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="for failures and the tally")
    parser.add_argument("--real", action="store_true", help="take the files as they are")
    parser.add_argument("--unsafe-fixes", action="store_true", help="with --real")
    options = parser.parse_args()
    folders = options.folders or [Path(sysconfig.get_path("stdlib"))]
    if options.real:
        number, lines, failures = run_on_trees(folders, unsafe=options.unsafe_fixes)
        print(f"{number} files, {lines} lines, {failures.total()} failures")
    else:
        paths = python_files(folders)
        tally = run_jobs(paths, options.seconds, options.seed, options.keep, options.jobs)
        failures = tally.failures
        print(
            f"{tally.inputs} inputs, {tally.fixed} of them changed by {_told(tally.fixes)}; "
            f"{tally.seconds:.0f} CPU seconds, {failures.total()} failures"
        )
    for kind, times in failures.most_common():
        print(f"{times:6} {kind}")
    sys.exit(bool(failures))


if __name__ == "__main__":
    main()
