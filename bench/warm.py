"""How fast is `reloadlint check` when little has changed, in several processes, and at its start?

    python bench/warm.py                               # the standard library and Django
    python bench/warm.py --peers ~/peers               # with ruff from another virtual environment
    python bench/warm.py --packages Django SQLAlchemy --runs 5

The files are the standard library of this Python, with its tests, and packages that pip downloads:
about a million lines. Everything is measured in turn, several times, so that a busy machine slows
all of it; medians are shown. "wall" is what one waits for, "CPU" user + system time of all
processes, "memory" the most that the largest process had.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

LINTER = Path(sys.executable).parent / "reloadlint"
NOT_COPIED = shutil.ignore_patterns("site-packages", "__pycache__", "*.so", "config-*")
SMALL = "import threading\n\n\ndef start(job, x):\n    threading.Timer({}, lambda: job(x) + 1)\n"


@dataclass
class Measured:
    """The seconds of each run, and the memory of the largest."""

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    memory: int = 0  # kB

    def row(self, name: str, beside: Measured | None = None) -> str:
        """A line of the table; `beside` is what the CPU time is compared with."""
        ratio = f"{median(self.cpu) / median(beside.cpu):9.2f}" if beside else ""
        times = f"{median(self.wall):9.3f}{median(self.cpu):9.3f}"
        return f"{name:32}{times}{self.memory / 1024:9.0f}{ratio}"


class Bench:
    """Runs commands in one folder, and keeps what they take."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self._folder = folder
        self._environment = environment
        self.measured: dict[str, Measured] = {}

    def prepare(self, *command: str | Path) -> None:
        """Run the command without measuring it, so that what is measured next finds a cache."""
        subprocess.run(
            command, cwd=self._folder, env=self._environment, capture_output=True, check=False
        )

    def run(self, name: str, *command: str | Path) -> None:
        """Run the command once; exit where it fails, which would look like speed."""
        start = time.perf_counter()
        process = subprocess.Popen(
            command,
            cwd=self._folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        # 2: the standard library's tests have files that are no text.
        if process.returncode not in {0, 1, 2}:
            sys.exit(f"{name} failed with exit code {process.returncode}")
        measured = self.measured.setdefault(name, Measured())
        measured.wall.append(wall)
        measured.cpu.append(usage.ru_utime + usage.ru_stime)
        kilobytes = usage.ru_maxrss // (1024 if sys.platform == "darwin" else 1)
        measured.memory = max(measured.memory, kilobytes)


def fill(folder: Path, packages: list[str]) -> None:
    """Copy the standard library, and what the wheels of the packages hold."""
    shutil.copytree(sysconfig.get_path("stdlib"), folder / "stdlib", ignore=NOT_COPIED)
    with tempfile.TemporaryDirectory() as wheels:
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", wheels]
        subprocess.run([*pip, "--only-binary=:all:", *packages], check=True)
        for wheel in Path(wheels).iterdir():
            with zipfile.ZipFile(wheel) as archive:
                archive.extractall(folder)


def line_count(folder: Path) -> tuple[int, int]:
    """Files and lines."""
    files = list(folder.rglob("*.py"))
    return len(files), sum(file.read_bytes().count(b"\n") for file in files)


def touch_up(file: Path, run: int) -> Callable[[], None]:
    """Change the file; what is returned puts back what was there."""
    content = file.read_bytes()
    file.write_bytes(content + b"\n# change %d\n" % run)

    def put_back() -> None:
        file.write_bytes(content)

    return put_back


def measure(bench: Bench, folder: Path, changed: Path, ruff: Path | None, run: int) -> None:
    """Everything once."""
    check: list[str | Path] = [LINTER, "check", "--output-format=concise"]
    bench.run("python -c pass", sys.executable, "-c", "pass")
    bench.run("--version", LINTER, "--version")
    bench.run("cold, 1 process", *check, "--no-cache", "--jobs=1", ".")
    bench.run("cold, 2 processes", *check, "--no-cache", "--jobs=2", ".")
    bench.prepare(*check, ".")
    bench.run("warm, nothing changed", *check, ".")
    put_back = touch_up(changed, run)
    bench.run("warm, one file changed", *check, ".")
    put_back()
    bench.prepare(*check, ".")
    small = [folder / f"small{number}.py" for number in range(3)]
    for file in small:
        file.write_text(SMALL.format(run))
    bench.run("three small changed files", *check, *small)
    bench.run("the same, unchanged", *check, *small)
    for file in small:
        file.unlink()
    if ruff is not None:
        bench.run("ruff, no cache", ruff, "check", "--isolated", "--no-cache", "--quiet", ".")


def show(measured: dict[str, Measured]) -> None:
    """The table, then what the README promises."""
    print(f"{'':32}{'wall s':>9}{'CPU s':>9}{'MB':>9}")
    for name, each in measured.items():
        print(each.row(name))
    start, version = (median(measured[name].cpu) for name in ("python -c pass", "--version"))
    one, two = (median(measured[f"cold, {n}"].wall) for n in ("1 process", "2 processes"))
    print(f"\n--version takes {version / start:.2f} times as long as python -c pass")
    print(f"two processes are {one / two:.2f} times faster than one")
    if "ruff, no cache" in measured:
        ruff, warm = measured["ruff, no cache"], measured["warm, nothing changed"]
        print(f"a warm run takes {median(warm.wall) / median(ruff.wall):.2f} times as long as ruff")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--packages", nargs="*", default=["Django"], help="from PyPI")
    parser.add_argument("--peers", type=Path, help="virtual environment with ruff")
    parser.add_argument("--runs", type=int, default=3, help="runs of each (default: 3)")
    parser.add_argument(
        "--changed", default="stdlib/typing.py", help="the file that changes (default: %(default)s)"
    )
    return parser.parse_args()


def main() -> None:
    options = arguments()
    found = shutil.which("ruff", path=options.peers / "bin" if options.peers else None)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name, "files")
        folder.mkdir()
        fill(folder, options.packages)
        print("{} files, {} lines".format(*line_count(folder)))
        bench = Bench(folder, {**os.environ, "XDG_CACHE_HOME": name})
        time.sleep(2.1)  # what was just written is not trusted
        for run in range(options.runs):
            print(f"run {run + 1}", file=sys.stderr)
            measure(bench, folder, folder / options.changed, Path(found) if found else None, run)
    show(bench.measured)


if __name__ == "__main__":
    main()
