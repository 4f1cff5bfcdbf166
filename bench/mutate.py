"""Mutation testing: change one operator or constant at a time, and see whether a test fails.

    python bench/mutate.py hoist --file trampoline
    python bench/mutate.py hoist --sample 60 --seed 3 --minutes 20
    python bench/mutate.py hoist --function _place --tests tests/rewrite/test_shapes.py

A *mutant* that no test kills *survives*: a test is missing, or the change makes no difference. Then
say why in `bench/mutants.toml`: survivors are printed as entries for it, in which only the reason
is left to write. What has an entry is not tried; an entry that fits nothing any more is named.

First the tests run without a change, and are watched for which mutants they come by, in whatever
process: a mutant is shown to those tests only, the deadliest and then the quickest first. One that
no test is seen to come by is shown to all.

All mutants are in the files from the beginning, and a fork of the process in which the tests stand
ready brings one to life; one that matters when a file is imported gets a process from the start.
mutmut and cosmic-ray do not know that `rules/` is a package inside of `reloadlint`; so this makes a
layout as in the wheel.

Exit codes: 0 all are killed or explained; 1 some are not, or an entry fits nothing.
"""

from __future__ import annotations

import argparse
import gc
import importlib
import json
import os
import random
import resource
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn, TextIO

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import pytest

from bench.mutants import ROOT, Mutant, explained, unfit, with_mutants

SWITCH = '''\
"""Which mutant is alive, if any; and which of them were come by, told to a file."""

import os

alive = int(os.environ.get("RELOADLINT_MUTANT", -1))
file = os.environ.get("RELOADLINT_MUTANTS_MET")
met = set()


def is_alive(number):
    if number not in met:
        met.add(number)
        if file:
            with open(file, "a") as stream:
                stream.write(f"{number}\\n")
    return number == alive
'''
_SWITCH = "reloadlint.runtime.mutant_switch"  # where the runtime takes it for no program


@dataclass(frozen=True)
class Target:
    """Files to change, and the tests that may notice."""

    files: tuple[str, ...]
    tests: tuple[str, ...]


_HOIST = ("hoist", "movable", "trampoline", "refusal", "hoist_loop", "route")
_PATCHING = ("_merge", "_contents", "_closures", "_align", "_live", "_instances", "_journal")
_RUNTIME = sorted({file.stem for file in ROOT.glob("reloadlint/runtime/_[a-z]*.py")} - {*_PATCHING})
_OF_SIZE = ROOT / "tests/runtime/test_size.py"  # no matter of what the code does
_RUNTIME_TESTS = tuple(
    str(file.relative_to(ROOT))
    for file in sorted({*ROOT.glob("tests/runtime/test_*.py")} - {_OF_SIZE})
)
TARGETS = {
    "hoist": Target(
        tuple(f"reloadlint/rewrite/{name}.py" for name in _HOIST),
        ("tests/rewrite", "tests/rules", "tests/test_every_rule.py"),
    ),
    "patching": Target(
        tuple(f"reloadlint/runtime/{name}.py" for name in _PATCHING), _RUNTIME_TESTS
    ),
    "runtime": Target(tuple(f"reloadlint/runtime/{name}.py" for name in _RUNTIME), _RUNTIME_TESTS),
}


def layout(folder: Path, files: Sequence[str]) -> list[Mutant]:
    """The project as it is in the wheel, with its tests, and with all mutants of the files."""
    ignored = shutil.ignore_patterns("__pycache__")
    for name, target in {
        "reloadlint": "reloadlint",
        "rules": "reloadlint/rules",
        "tests": "tests",
        "bench": "bench",
        "examples": "examples",
    }.items():
        shutil.copytree(ROOT / name, folder / target, ignore=ignored)
    shutil.copytree(ROOT / "rules", folder / "rules", ignore=ignored)
    for file in ("pyproject.toml", "README.md", "CHANGELOG.md"):
        shutil.copy(ROOT / file, folder)
    (folder / f"{_SWITCH.replace('.', '/')}.py").write_text(SWITCH, encoding="utf-8")
    every: list[Mutant] = []
    for file in files:
        text = (ROOT / file).read_text(encoding="utf-8")
        changed, found = with_mutants(file, text, len(every), _SWITCH)
        (folder / file).write_text(changed, encoding="utf-8")
        every += found
    return every


# ------------------------------------------------------------------------------------ processes


def fork() -> tuple[int, TextIO]:
    """The child and what it tells; or 0, in the child, and what it tells to."""
    reading, writing = os.pipe()
    child = os.fork()
    if child:
        os.close(writing)
        return child, os.fdopen(reading, encoding="utf-8")
    os.close(reading)
    return 0, os.fdopen(writing, "w", encoding="utf-8")


def ended(child: int, stream: TextIO) -> tuple[int | None, list[Any]]:
    """The exit code of a child, None where it was ended, and the values that it told."""
    with stream:
        lines = stream.readlines()
    status = os.waitpid(child, 0)[1]
    code = os.WEXITSTATUS(status) if os.WIFEXITED(status) else None
    return code, [json.loads(line) for line in lines if line.endswith("\n")]


def limit(seconds: float) -> None:
    """End this process when what takes `seconds` has worked, or waited, for far longer."""
    most = int(time.process_time() + 5 + 5 * seconds)
    resource.setrlimit(resource.RLIMIT_CPU, (most, resource.RLIM_INFINITY))
    signal.alarm(int(120 + 50 * seconds))


def run_tests(plugin: Tests, tests: Sequence[str]) -> NoReturn:
    """Run pytest as all that is left to do in this process."""
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    options = ["-x", "-p", "no:cacheprovider", "-p", "no:xdist", "--basetemp", "../temporary"]
    try:
        pytest.main([*options, *tests], plugins=[plugin])
    finally:
        os._exit(1)


@dataclass
class Seen:
    """What tests do without a change: how long they take, and which mutants they come by."""

    seconds: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    tests: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    kills: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, told: Iterable[tuple[str, float, list[int]]]) -> Seen:
        """What the parts of tests have told."""
        seen = cls()
        for name, seconds, met in told:
            seen.seconds[name] += seconds
            for number in met:
                seen.tests[number].add(name)
        return seen

    def tests_of(self, number: int) -> list[str]:
        """The tests to show a mutant to, in their order."""
        found = self.tests.get(number) or self.seconds
        return sorted(found, key=lambda test: (-self.kills[test], self.seconds[test], test))


class Tests:
    """Plugin of pytest: lets forks of its process run the tests once they are collected."""

    def __init__(
        self,
        stream: TextIO,
        chosen: Sequence[Mutant] = (),
        order: Sequence[str] = (),
        seconds: Mapping[str, float] | None = None,
    ) -> None:
        self._stream, self._chosen, self._order = stream, chosen, order
        self._seconds: Mapping[str, float] = seconds or {}
        self._is_watching, self._met = False, Path("../met")

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        """Where it gives None, pytest goes on: in a fork, or if there is an order already."""
        if self._order:
            _choose(session, self._order)
            return None
        for name in {mutant.module for mutant in self._chosen}:
            importlib.import_module(f"reloadlint.{name}")  # tests may do so as late as they can
        on_import = set(_switch().met)
        gc.freeze()
        child, stream = fork()
        if not child:
            self._stream, self._is_watching = stream, True
            _switch().file = os.environ["RELOADLINT_MUTANTS_MET"] = str(self._met.resolve())
            return None
        code, told = ended(child, stream)
        self._tell([code, told, sorted(on_import)])
        seen = Seen.of(told)
        for number in (m.number for m in self._chosen if m.number not in on_import):
            tests = seen.tests_of(number)
            child, stream = fork()
            if not child:
                self._stream = stream
                self._seconds = seen.seconds
                _switch().alive = number
                os.environ["RELOADLINT_MUTANT"] = str(number)
                _choose(session, tests)
                return None
            code, told = ended(child, stream)
            seen.kills.update(told)
            self._tell([number, code])
        return True

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """A test begins."""
        if nodeid in self._seconds:
            limit(self._seconds[nodeid])
        _switch().met.clear()
        self._met.write_text("", encoding="utf-8")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A part of it is done: if it failed, pytest ends."""
        if self._is_watching:
            met = {int(number) for number in self._met.read_text(encoding="utf-8").split()}
            self._tell([report.nodeid, report.duration, sorted(met)])
        elif report.failed:
            self._tell(report.nodeid)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, exitstatus: int) -> None:
        """End here: what comes behind it would clean up for the others, too."""
        self._stream.close()
        os._exit(int(exitstatus))

    def _tell(self, what: object) -> None:
        self._stream.write(json.dumps(what) + "\n")
        self._stream.flush()


def _switch() -> Any:
    return sys.modules[_SWITCH]


def _choose(session: pytest.Session, tests: Sequence[str]) -> None:
    items = {item.nodeid: item for item in session.items}
    session.items[:] = [items[name] for name in tests]


def trials(chosen: Sequence[Mutant], tests: Sequence[str]) -> Iterator[tuple[Mutant, str]]:
    """What becomes of each mutant, as soon as it is known."""
    start = time.monotonic()
    by_number = {mutant.number: mutant for mutant in chosen}
    child, stream = fork()
    if not child:
        run_tests(Tests(stream, chosen), tests)
    try:
        code, told, on_import = json.loads(stream.readline() or "[1, [], []]")
        if code != 0:
            sys.exit(f"fails without any change: {[name for name, *_ in told[-1:]]}")
        seen = Seen.of(told)
        spent = time.monotonic() - start
        print(f"{spent:.0f} s: {len(seen.seconds)} tests, in {' '.join(tests)}", flush=True)
        for line in stream:
            number, code = json.loads(line)
            yield by_number[number], _outcome(code)
    finally:
        os.kill(child, signal.SIGTERM)
        ended(child, stream)
    seen.tests.clear()  # any test may notice what matters when a file is imported
    for number in sorted(by_number.keys() & set(on_import)):
        order = seen.tests_of(number)
        child, stream = fork()
        if not child:
            os.environ["RELOADLINT_MUTANT"] = str(number)
            run_tests(Tests(stream, order=order, seconds=seen.seconds), tests)
        yield by_number[number], _outcome(ended(child, stream)[0])


def _outcome(code: int | None) -> str:
    return "timeout" if code is None else "killed" if code else "survived"


def main() -> None:
    """Try what the command line asks for, and print the survivors and the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("target", choices=TARGETS)
    parser.add_argument("--file", nargs="+", help="only files of these names, without `.py`")
    parser.add_argument("--function", nargs="+", help="only functions and classes of these names")
    parser.add_argument("--tests", nargs="+", help="other tests than all that belong to it")
    parser.add_argument("--sample", type=int, help="how many mutants; all of them by default")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--minutes", type=float, default=60)
    options = parser.parse_args()
    end = time.monotonic() + options.minutes * 60
    target, known = TARGETS[options.target], explained()
    files = [
        file for file in target.files if Path(file).stem in (options.file or [Path(file).stem])
    ]
    found: dict[str, Counter[str]] = defaultdict(Counter)  # by file
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = os.path.join(name, "project")
        every = layout(Path(folder), files)
        inside = [m for m in every if not options.function or m.function in options.function]
        left = [mutant for mutant in inside if mutant.change not in known]
        random.Random(options.seed).shuffle(left)
        os.chdir(folder)
        os.environ["PYTHONPATH"] = folder
        sys.path[:] = [folder, *(path for path in sys.path if path != str(ROOT))]
        for module in [m for m in sys.modules if m.partition(".")[0] in ("bench", "reloadlint")]:
            del sys.modules[module]
        for mutant, what in trials(left[: options.sample], options.tests or target.tests):
            found[mutant.file][what] += 1
            if what == "survived":
                print(f"\n# {mutant.file}:{mutant.line}\n{mutant.change}", flush=True)
            if time.monotonic() > end:
                break
        os.chdir(ROOT)
    for file, count in [*found.items(), ("all", sum(found.values(), Counter()))]:
        mine = [mutant for mutant in inside if file in (mutant.file, "all")]
        rest = len({*left}.intersection(mine))
        figures = ", ".join(f"{count[what]} {what}" for what in ("killed", "timeout", "survived"))
        print(
            f"{file}: {len(mine)} mutants, {len(mine) - rest} explained; "
            f"{count.total()} of the others tried: {figures}"
        )
    unfitting = unfit(known, every)
    for change in unfitting:
        print(f"fits nothing any more:\n{change}")
    survived = any(count["survived"] for count in found.values())
    sys.exit(1 if survived or unfitting else 0)


if __name__ == "__main__":
    main()
