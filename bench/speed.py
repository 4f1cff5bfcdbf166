"""How fast is `reloadlint check`, cold and in one process, beside linters that do similar work?

    python bench/speed.py                            # the standard library without its tests
    python bench/speed.py --peers ~/peers            # peers from another virtual environment
    python bench/speed.py --runs 5 src/ more/files.py
    python bench/speed.py --curve src/ more/          # time and memory against lines
    python bench/speed.py --summaries src/            # what it costs to look into functions

The peers are Fixit with its own rules, flake8 with only flake8-bugbear selected, bugbear's checker
without flake8 (which runs pycodestyle and pyflakes whatever is selected), and bare `ast.parse`:

    python -m venv ~/peers && ~/peers/bin/pip install fixit flake8 flake8-bugbear

What is measured: user + system time of one child process with its own children, start-up included,
no cache, output thrown away. Each run measures every tool once, in turn, so that a busy machine
slows all of them; the table shows medians and how many times longer than reloadlint a tool took.
Fixit is slow: it gets a random sample of the files, the same in every run, and is compared with
reloadlint on that sample; `--sample-lines 1000000` gives it all of them. Files that this Python
cannot parse are left out.

With `--summaries`, reloadlint is compared with itself when nobody asks what the project's own
functions and methods do with their parameters, in this file or in others; and when nobody looks
into another file at all.

With `--curve`, tests count too, and the first 10,000, 30,000 … lines of all files are measured. The
exponent is that of a power law fitted to the time, less what a run over one empty file takes.
"""

from __future__ import annotations

import argparse
import ast
import math
import os
import random
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from statistics import linear_regression, median

TESTS = {"test", "tests", "idle_test"}
FOREIGN = {"site-packages", "__pycache__"}
ALONE = ("--isolated", "--jobs=1", "--no-cache")
# The first run may have to write bytecode, which an installed tool has.
ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
CURVE = (10_000, 30_000, 100_000, 300_000, 1_000_000)

PARSE = "import ast, sys\nfor name in sys.argv[1:]: ast.parse(open(name, 'rb').read())"
BUGBEAR = """
import ast, sys, tokenize
from bugbear import BugBearChecker
for name in sys.argv[1:]:
    with tokenize.open(name) as file:
        lines = file.readlines()
    list(BugBearChecker(ast.parse("".join(lines)), name, lines).run())
"""

WITHOUT_SUMMARIES = """
from reloadlint.cli import main
from reloadlint.facts import parameters
parameters.argument_fate = parameters.method_fate = lambda *asked: None
main()
"""
WITHOUT_OTHER_FILES = """
from reloadlint.cli import main
from reloadlint.facts.project import Project
Project.module = lambda *asked: None
Project.files_with_method = lambda *asked: []
main()
"""


@dataclass
class Tool:
    """A command that takes file names, and what it says when it did the job."""

    name: str
    command: list[str]
    sampled: bool = False  # measured on the sample only
    needs: str | None = None  # a module that the peers' interpreter must have
    exit_codes: tuple[int, ...] = (0, 1)
    seconds: dict[str, list[float]] = field(default_factory=dict)  # by corpus


def tools(peers: str) -> list[Tool]:
    flake8 = ["-m", "flake8", "--isolated", "--jobs=1", "--select=B"]
    return [
        Tool("reloadlint", [sys.executable, "-m", "reloadlint", "check", *ALONE]),
        Tool("ast.parse", [sys.executable, "-c", PARSE], exit_codes=(0,)),
        Tool("bugbear alone", [peers, "-c", BUGBEAR], needs="bugbear", exit_codes=(0,)),
        Tool("flake8-bugbear", [peers, *flake8], needs="bugbear"),
        Tool(  # 3: some file was beyond one of its rules, and the others went on
            "fixit",
            [peers, "-m", "fixit", "--quiet", "lint"],
            sampled=True,
            needs="fixit",
            exit_codes=(0, 1, 3),
        ),
    ]


def ourselves() -> list[Tool]:
    ours = tools(sys.executable)[0]
    options = ours.command[3:]
    return [
        ours,
        Tool("no summaries", [sys.executable, "-c", WITHOUT_SUMMARIES, *options]),
        Tool("no other files", [sys.executable, "-c", WITHOUT_OTHER_FILES, *options]),
    ]


def available(tool: Tool) -> bool:
    """Whether `tool` can run; says so where it cannot."""
    if tool.needs is None:
        return True
    probe = [tool.command[0], "-c", f"import {tool.needs}"]
    if subprocess.run(probe, capture_output=True, check=False).returncode == 0:
        return True
    print(
        f"{tool.name}: left out, since {tool.command[0]} cannot import {tool.needs} (see --peers)"
    )
    return False


def python_files(paths: list[Path], left_out: set[str]) -> list[Path]:
    """The files to measure; of a directory, without the folders that are left out."""
    found: list[Path] = []
    for path in paths:
        if path.is_file():
            found.append(path)
            continue
        files = sorted(path.rglob("*.py"))
        found += [file for file in files if not left_out & set(file.relative_to(path).parts)]
    return [file for file in found if parses(file)]


def parses(file: Path) -> bool:
    try:
        ast.parse(file.read_bytes())
    except (SyntaxError, ValueError, OSError):
        return False
    return True


def copy_to(directory: Path, files: list[Path]) -> list[Path]:
    """Copy the files to where no .gitignore, configuration or hidden directory hides any."""
    top = Path(os.path.commonpath([file.resolve().parent for file in files]))
    copies = [directory / file.resolve().relative_to(top) for file in files]
    for file, copy in zip(files, copies, strict=True):
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, copy)
    return copies


def line_count(files: list[Path]) -> int:
    return sum(file.read_bytes().count(b"\n") for file in files)


def sample(files: list[Path], lines: int) -> list[Path]:
    """A random choice of files with about `lines` lines, the same for the same files."""
    shuffled = random.Random(0).sample(files, len(files))
    chosen: list[Path] = []
    for file in shuffled:
        if line_count(chosen) >= lines:
            break
        chosen.append(file)
    return chosen


def first_lines(files: list[Path], lines: int) -> list[Path]:
    """As many files, from the first on, as have about `lines` lines."""
    chosen: list[Path] = []
    for file in files:
        if lines <= 0:
            break
        chosen.append(file)
        lines -= line_count([file])
    return chosen


def cpu_seconds(tool: Tool, files: list[Path], directory: Path) -> float:
    """The user and system time of a run."""
    return run(tool, files, directory)[0]


def run(tool: Tool, files: list[Path], directory: Path) -> tuple[float, float]:
    """Run `tool` once; exit where it did not do its job, which would look like speed.

    Returns CPU seconds and the peak of memory in megabytes.
    """
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            [*tool.command, *map(str, files)],
            cwd=directory,
            env=ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in tool.exit_codes:
            errors.seek(0)
            said = errors.read().decode(errors="replace")[-2000:]
            sys.exit(f"{tool.name} failed with exit code {process.returncode}:\n{said}")
    unit = 1 if sys.platform == "darwin" else 1024
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss * unit / 1e6


def print_curve(files: list[Path], directory: Path, runs: int) -> None:
    """Time and memory for more and more of the files, and the exponent of the growth."""
    ours, parse = tools(sys.executable)[:2]
    empty = directory / "empty.py"
    empty.touch()
    start = median(cpu_seconds(ours, [empty], directory) for _ in range(runs))
    points: list[tuple[float, float]] = []
    print(f"{'lines':>10}{'CPU s':>9}{'1000 lines/s':>14}{'times ast.parse':>17}{'peak MB':>9}")
    for size in CURVE:
        chosen = first_lines(files, size)
        lines = line_count(chosen)
        if points and lines < 1.2 * points[-1][0]:
            break
        results = [run(ours, chosen, directory) for _ in range(runs)]
        seconds, peak = (median(values) for values in zip(*results, strict=True))
        parsed = median(cpu_seconds(parse, chosen, directory) for _ in range(runs))
        points.append((lines, seconds - start))
        print(
            f"{lines:10}{seconds:9.2f}{lines / seconds / 1000:14.1f}{seconds / parsed:17.2f}"
            f"{peak:9.0f}"
        )
    logarithms = [[math.log(value) for value in values] for values in zip(*points, strict=True)]
    print(f"time grows with lines to the power of {linear_regression(*logarithms).slope:.2f}")


def print_table(title: str, corpus: str, measured: list[Tool], lines: int) -> None:
    print(f"\n{title}: {lines} lines")
    print(f"{'tool':16}{'CPU s':>9}{'1000 lines/s':>14}{'times reloadlint':>18}")
    ours = median(measured[0].seconds[corpus])
    for tool in measured:
        if corpus in tool.seconds:
            seconds = median(tool.seconds[corpus])
            print(
                f"{tool.name:16}{seconds:9.2f}{lines / seconds / 1000:14.2f}{seconds / ours:18.2f}"
            )


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("paths", nargs="*", type=Path, help="files or directories")
    parser.add_argument("--runs", type=int, default=3, help="runs of each tool (default: 3)")
    parser.add_argument("--curve", action="store_true", help="time and memory against lines")
    parser.add_argument("--summaries", action="store_true", help="what cross-file facts cost")
    parser.add_argument("--peers", type=Path, help="virtual environment with the peers")
    parser.add_argument(
        "--sample-lines", type=int, default=40_000, help="size of Fixit's sample (default: 40000)"
    )
    return parser.parse_args()


def main() -> None:
    options = arguments()
    left_out = FOREIGN if options.curve else FOREIGN | TESTS
    files = python_files(options.paths or [Path(sysconfig.get_path("stdlib"))], left_out)
    if not files:
        sys.exit("no Python files there")
    with tempfile.TemporaryDirectory() as name:
        copies = copy_to(Path(name) / "files", files)
        if options.curve:
            print_curve(copies, Path(name), options.runs)
        else:
            compare(copies, Path(name), options)


def compare(files: list[Path], directory: Path, options: argparse.Namespace) -> None:
    """reloadlint beside the others."""
    peers = str(options.peers.absolute() / "bin/python") if options.peers else sys.executable
    corpora = {"all": files}
    if options.summaries:
        measured = ourselves()
    else:
        measured = [tool for tool in tools(peers) if available(tool)]
        corpora["sample"] = sample(files, options.sample_lines)
    for number in range(options.runs):
        for corpus, chosen in corpora.items():
            for tool in measured:
                if corpus == "sample" or not tool.sampled:
                    print(f"run {number + 1}: {tool.name}, {corpus}", file=sys.stderr)
                    seconds = cpu_seconds(tool, chosen, directory)
                    tool.seconds.setdefault(corpus, []).append(seconds)
    for corpus, chosen in corpora.items():
        print_table(f"{corpus}, {len(chosen)} files", corpus, measured, line_count(chosen))


if __name__ == "__main__":
    main()
