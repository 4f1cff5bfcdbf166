"""Mutation testing: change one operator or constant at a time, and see whether a test fails.

    python bench/mutate.py hoist --sample 60
    python bench/mutate.py patching --seed 3 --minutes 20

A *mutant* that no test kills *survives*: a test is missing, or the change makes no difference. Its
line is printed. mutmut and cosmic-ray do not know that `rules/` is a package inside
of `reloadlint`; so this makes a layout as in the wheel, and forks for each mutant, which spares the
imports.
"""

from __future__ import annotations

import argparse
import ast
import os
import random
import resource
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
LIMIT = 60  # seconds of CPU time; a mutant that takes more counts as killed


# What is changed, and the tests that should notice, the quickest first.
_HOIST = ("rewrite/test_refusals", "rewrite/test_shapes")
_LOOP = ("rules/test_long_running_body", "test_every_rule")
_ROUTE = ("rewrite/test_route", "rules/test_star_import")
_PATCHING = ("matrix", "report", "sources", "rules", "load")
_OTHERWISE = {"_keep": ("keep",), "_watch": ("watch",)}
_RUNTIME = [file.stem for file in sorted(ROOT.glob("reloadlint/runtime/_[a-z]*.py"))]
TARGETS: dict[str, dict[str, tuple[str, ...]]] = {
    "hoist": {
        "rewrite/hoist": _HOIST,
        "rewrite/movable": _HOIST,
        "rewrite/trampoline": _HOIST,
        "rewrite/refusal": _HOIST,
        "rewrite/hoist_loop": _LOOP,
        "rewrite/route": _ROUTE,
    },
    "patching": {
        f"runtime/{file}": tuple(f"runtime/test_{name}" for name in _OTHERWISE.get(file, _PATCHING))
        for file in _RUNTIME
    },
}

_OPERATORS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Lt: ast.LtE, ast.LtE: ast.Lt,
    ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.And: ast.Or, ast.Or: ast.And,
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.BitOr: ast.BitAnd, ast.BitAnd: ast.BitOr,
}  # fmt: skip


@dataclass(frozen=True)
class Mutant:
    """One changed expression: where it is, and what stands there now."""

    file: str
    line: int
    start: int
    end: int
    text: str

    def applied(self, source: str) -> str:
        """The text of the file with the change; offsets are of bytes."""
        raw = source.encode()
        return (raw[: self.start] + self.text.encode() + raw[self.end :]).decode()

    def __str__(self) -> str:
        old = (ROOT / self.file).read_text(encoding="utf-8")
        new = self.applied(old)
        number = self.line - 1
        return f"{self.file}:{self.line}\n  - {old.split(chr(10))[number].strip()}\n  + " + (
            new.split("\n")[number].strip()
        )


def mutants(file: str) -> Iterator[Mutant]:
    """All mutants of a file of the project."""
    source = (ROOT / file).read_text(encoding="utf-8")
    starts = [0]
    for line in source.encode().splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    tree = ast.parse(source)
    types = {id(part) for each in _annotations(tree) for part in ast.walk(each)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.expr) or id(node) in types:
            continue
        start = starts[node.lineno - 1] + node.col_offset
        end = starts[(node.end_lineno or 0) - 1] + (node.end_col_offset or 0)
        for text in _changed(node):
            yield Mutant(file, node.lineno, start, end, f"({text})")


def _annotations(tree: ast.Module) -> Iterator[ast.expr]:
    """Nobody evaluates these."""
    for node in ast.walk(tree):
        for each in (getattr(node, "annotation", None), getattr(node, "returns", None)):
            if each is not None:
                yield each


def _changed(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Compare) and type(node.ops[0]) in _OPERATORS:
        operators = [_OPERATORS[type(node.ops[0])](), *node.ops[1:]]
        yield ast.unparse(ast.Compare(node.left, operators, node.comparators))  # type: ignore[arg-type]
    elif isinstance(node, ast.BoolOp):
        yield ast.unparse(ast.BoolOp(_OPERATORS[type(node.op)](), node.values))  # type: ignore[arg-type]
        yield from (ast.unparse(value) for value in node.values)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield ast.unparse(node.operand)
    elif isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        changed = _OPERATORS[type(node.op)]()
        yield ast.unparse(ast.BinOp(node.left, changed, node.right))  # type: ignore[arg-type]
    elif isinstance(node, ast.IfExp):
        yield ast.unparse(node.body)
        yield ast.unparse(node.orelse)
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield str(not node.value)
    elif isinstance(node, ast.Constant) and type(node.value) is int:
        yield str(node.value + 1)


def layout(folder: Path) -> None:
    """The project as it is in the wheel, with its tests."""
    ignored = shutil.ignore_patterns("__pycache__")
    for name, target in {
        "reloadlint": "reloadlint",
        "rules": "reloadlint/rules",
        "tests": "tests",
        "examples": "examples",
    }.items():
        shutil.copytree(ROOT / name, folder / target, ignore=ignored)
    shutil.copytree(ROOT / "rules", folder / "rules", ignore=ignored)
    for file in ("pyproject.toml", "README.md", "CHANGELOG.md"):
        shutil.copy(ROOT / file, folder)


def outcome(tests: tuple[str, ...]) -> str:
    """`killed`, `timeout` or `survived`, by a process of its own."""
    pid = os.fork()
    if pid:
        status = os.waitpid(pid, 0)[1]
        return "timeout" if os.WIFSIGNALED(status) else "killed" if status else "survived"
    resource.setrlimit(resource.RLIMIT_CPU, (LIMIT, LIMIT))
    signal.alarm(10 * LIMIT)  # what waits for ever takes no time of the processor
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    import pytest

    code = 1
    try:
        files = [f"tests/{name}.py" for name in tests]
        code = int(pytest.main(["-x", "-p", "no:cacheprovider", "-p", "no:xdist", *files]))
    finally:
        os._exit(code)


def run(chosen: list[Mutant], tests: dict[str, tuple[str, ...]], end: float) -> Counter[str]:
    """How many came to what, until time is up; survivors are printed."""
    found = Counter(killed=0, timeout=0, survived=0)
    for mutant in chosen:
        if time.monotonic() > end:
            break
        source = (ROOT / mutant.file).read_text(encoding="utf-8")
        Path(mutant.file).write_text(mutant.applied(source), encoding="utf-8")
        what = outcome(tests[mutant.file])
        Path(mutant.file).write_text(source, encoding="utf-8")
        found[what] += 1
        if what == "survived":
            print(mutant, flush=True)
    return found


def main() -> None:
    """Run what the command line asks for, and print the survivors and the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("target", choices=TARGETS)
    parser.add_argument("--file", default="", help="only files with this in their names")
    parser.add_argument("--sample", type=int, help="how many mutants; all of them by default")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--minutes", type=float, default=60)
    options = parser.parse_args()
    end = time.monotonic() + options.minutes * 60
    targets = {f"reloadlint/{name}.py": tests for name, tests in TARGETS[options.target].items()}
    every = [mutant for file in targets if options.file in file for mutant in mutants(file)]
    random.Random(options.seed).shuffle(every)
    with tempfile.TemporaryDirectory() as name:
        layout(Path(name))
        os.chdir(name)
        sys.path.insert(0, name)
        sys.dont_write_bytecode = True
        os.environ["PYTHONPATH"], os.environ["PYTHONDONTWRITEBYTECODE"] = name, "1"
        __import__("libcst.metadata")  # what no mutant changes is imported once
        for tests in {targets[mutant.file] for mutant in every}:
            start = time.monotonic()
            if outcome(tests) != "survived":
                sys.exit(f"fails without any change: {' '.join(tests)}")
            print(f"{time.monotonic() - start:.1f} s: {' '.join(tests)}", flush=True)
        found = run(every[: options.sample], targets, end)
        os.chdir(ROOT)
    figures = ", ".join(f"{count} {what}" for what, count in found.items())
    print(f"{options.target}: {found.total()} of {len(every)} mutants tried: {figures}")


if __name__ == "__main__":
    main()
