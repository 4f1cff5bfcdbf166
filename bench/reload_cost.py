"""What a reload costs: a module of 500 functions, with a million other objects alive.

    python bench/reload_cost.py --python VENV/bin/python    # where jurigged is installed

Measured in one process each, medians of several edits, `ratio` against the first line:

- `importlib.reload` and one `gc.collect()`;
- our reload: of one function's body, of all 500, of 500 functions that moved by a line;
- jurigged's refresh for the edit of one function.
"""

from __future__ import annotations

import argparse
import gc
import importlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
FUNCTION = """
def function_{n}(a, b={n}, *rest, key=None):
    '''Do something with a and b.'''
    total = a + b + {value}
    for item in rest:
        if item is not key:
            total += len(str(item))
    return [total, {{"n": {n}, "key": key}}]
"""


def text(value: int = 0, every: int = 0, moved: bool = False) -> str:
    functions = (FUNCTION.format(n=n, value=every if n else value + every) for n in range(500))
    return "# moved\n" * moved + "".join(functions)


class Edits:
    """Writes versions of the module, each later than the one before."""

    def __init__(self) -> None:
        self.count = 0

    def write(self, content: str) -> None:
        """A new version."""
        Path("many.py").write_text(content)
        self.count += 1
        moment = time.time() + 10 * self.count
        os.utime("many.py", (moment, moment))


def timed(edits: Edits, contents: list[str], act: Callable[[], object]) -> float:
    seconds = []
    for content in contents:
        edits.write(content)
        start = time.perf_counter()
        act()
        seconds.append(time.perf_counter() - start)
    return median(seconds)


def measure(what: str, runs: int) -> float:
    """In the child: the median of one kind of reload."""
    sys.dont_write_bytecode = True
    sys.path.insert(0, os.getcwd())
    edits = Edits()
    edits.write(text())
    act = ACTS[what]()
    module: Any = sys.modules.get("many") or importlib.import_module("many")
    others = [{"number": [n]} for n in range(500_000)]
    held = list(vars(module).values())
    gc.collect()
    versions = {
        "one": [text(value=n) for n in range(1, runs + 1)],
        "all": [text(every=n) for n in range(1, runs + 1)],
        "moved": [text(moved=n % 2 == 0) for n in range(runs)],
    }
    contents = versions[what.rpartition(" ")[2]]
    act_on = timed(edits, contents, lambda: act(module))
    assert len(others) * 2 + len(held) > 1_000_000
    return act_on


def by_importlib() -> Callable[[Any], object]:
    def act(module: Any) -> None:
        importlib.reload(module)
        gc.collect()

    return act


def by_reloadlint() -> Callable[[Any], object]:
    sys.path.append(str(ROOT))
    from reloadlint.runtime import reload

    return reload


def by_jurigged() -> Callable[[Any], object]:
    from jurigged.register import registry

    module = importlib.import_module("many")
    registry.prepare("many", module.__file__)
    return lambda module: registry.get(module.__file__).refresh()


ACTS: dict[str, Callable[[], Callable[[Any], object]]] = {
    "importlib.reload and gc.collect, one": by_importlib,
    "reloadlint, one": by_reloadlint,
    "reloadlint, all": by_reloadlint,
    "reloadlint, moved": by_reloadlint,
    "jurigged, one": by_jurigged,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--child", choices=list(ACTS))
    options = parser.parse_args()
    if options.child:
        print(measure(options.child, options.runs))
        return
    base = 0.0
    print(f"{'':40} {'ms':>8} {'ratio':>7}")
    for what in ACTS:
        with tempfile.TemporaryDirectory() as place:
            command = [options.python, __file__, "--child", what, "--runs", str(options.runs)]
            done = subprocess.run(command, cwd=place, capture_output=True, text=True, check=False)
        if done.returncode:
            print(f"{what:40} not measured: {done.stderr.strip().splitlines()[-1]}")
            continue
        seconds = float(done.stdout)
        base = base or seconds
        print(f"{what:40} {seconds * 1000:8.1f} {seconds / base:7.2f}")


if __name__ == "__main__":
    main()
