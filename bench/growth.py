"""How the time and the memory for one file grow with it, for each kind of thing that it is full of.

    python bench/growth.py [--bytes N] [--fix] [--seconds S] [SHAPE ...]

A shape (bench/shapes.py; a part of its name will do) is made with N/8, N/4, N/2 and N bytes, a
million if not said otherwise, and checked by all rules, or fixed with all fixes. Printed are the
CPU seconds for each, the exponent of the last step (1: twice the text is twice the work; 2: four
times), the megabytes at most for the last, and how many times as long it takes as code of that
length from the standard library. What takes more than S seconds of CPU is given up. Two shapes take
CPython itself that long: its parser, up to 3.11, "an f-string", and its symbol table "captured
variables".
"""

from __future__ import annotations

import argparse
import math
import os
import resource
import sys
import sysconfig
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.shapes import SHAPES, Shape
from reloadlint.config import Config
from reloadlint.facts.project import Project
from reloadlint.fix import fix
from reloadlint.lint import LintResult, lint
from reloadlint.memory import collect_seldom
from reloadlint.registry import load
from reloadlint.source import SourceFile

STEPS: Final = (8, 4, 2, 1)
REFERENCE: Final = "the standard library"


def ordinary(size: int) -> str:
    """About as many characters of code from the standard library."""
    texts, length = [], 0
    for path in sorted(Path(sysconfig.get_path("stdlib")).glob("*.py")):
        text = path.read_text(encoding="utf-8", errors="replace")
        if "__future__" not in text and length < size:
            texts.append(text)
            length += len(text)
    return "".join(texts)


def sized(shape: Shape, size: int) -> str:
    """The shape with about as many characters."""
    few, many = len(shape(1_000)), len(shape(2_000))
    return shape(max(1, 1_000 + (size - few) * 1_000 // (many - few)))


@dataclass(frozen=True)
class Cost:
    """What one file took; without seconds it was given up."""

    seconds: float | None
    megabytes: int = 0
    findings: int = 0
    failure: str = ""


def cost(text: str, *, fixing: bool, limit: int) -> Cost:
    """Check or fix the text in a process of its own."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        resource.setrlimit(resource.RLIMIT_CPU, (limit, limit))
        with os.fdopen(writing, "w") as stream:
            stream.write(_measured(text, fixing))
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as stream:
        told = stream.read().split("\t")
    _, status, usage = os.wait4(child, 0)
    if status != 0:
        return Cost(None)
    return Cost(float(told[0]), usage.ru_maxrss // 1024, int(told[1]), told[2])


def _measured(text: str, fixing: bool) -> str:
    collect_seldom()
    source, rules, config = SourceFile("m.py", text), load(), Config()
    project = Project(config)
    start = time.process_time()
    with project.looked_up(source):
        result: LintResult = (
            fix(source, rules, config, unsafe=True, project=project).result
            if fixing
            else lint(source, rules, config, project=project)
        )
    spent = time.process_time() - start
    failure = str(result.failures[0]) if result.failures else ""
    return f"{spent}\t{len(result.findings)}\t{failure}"


def told(name: str, costs: Sequence[Cost], usual: float | None) -> str:
    """One line on a shape."""
    seconds = [each.seconds for each in costs]
    times = " ".join("      -" if each is None else f"{each:7.2f}" for each in seconds)
    last = costs[-1]
    done = [each for each in seconds if each is not None]
    exponent = f"{math.log2(done[-1] / done[-2]):6.2f}" if len(done) > 1 and done[-2] else "     -"
    ratio = f"{last.seconds / usual:6.1f}" if usual and last.seconds is not None else "     -"
    return (
        f"{name:45} {times} {exponent} {ratio} {last.megabytes:6} {last.findings:6} {last.failure}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("shapes", nargs="*", metavar="SHAPE")
    parser.add_argument("--bytes", type=int, default=1_000_000)
    parser.add_argument("--fix", action="store_true")
    parser.add_argument("--seconds", type=int, default=60)
    options = parser.parse_args()
    sizes = [options.bytes // step for step in STEPS]
    heads = " ".join(f"{size // 1000:4} kB" for size in sizes)
    print(f"{'':45} {heads}    exp  times     MB  found")

    def measured(shape: Shape | None) -> list[Cost]:
        costs: list[Cost] = []
        for size in sizes:
            if costs and costs[-1].seconds is None:
                costs.append(Cost(None))
                continue
            text = ordinary(size) if shape is None else sized(shape, size)
            costs.append(cost(text, fixing=options.fix, limit=options.seconds))
        return costs

    load()
    usual = measured(None)
    print(told(REFERENCE, usual, usual[-1].seconds), flush=True)
    for name, shape in SHAPES.items():
        if not options.shapes or any(part in name for part in options.shapes):
            print(told(name, measured(shape), usual[-1].seconds), flush=True)


if __name__ == "__main__":
    main()
