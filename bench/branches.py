"""Branch coverage by package, of all that tests run: forks and other processes count as well.

    python bench/branches.py                       # the default tests, two processes
    python bench/branches.py tests/rewrite         # what these tests reach
    python bench/branches.py --missing rewrite     # and which lines and branches they do not

Exit codes: 0 the tests pass; 1 they do not.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PACKAGES = ("facts", "rules", "rewrite", "fix", "runtime")


def measured(tests: list[str]) -> tuple[int, dict[str, Any]]:
    """The exit code of pytest, and what coverage.py says of each file."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["COVERAGE_FILE"] = os.path.join(folder, "data")
        code = _coverage("run", "-m", "pytest", "-n", "2", *tests)
        report = os.path.join(folder, "report.json")
        _coverage("combine", "--quiet")
        _coverage("json", "--quiet", "-o", report)
        with open(report, encoding="utf-8") as stream:
            files: dict[str, Any] = json.load(stream)["files"]
    return code, files


def _coverage(*arguments: str) -> int:
    command = [sys.executable, "-m", "coverage", *arguments]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


def package(file: str) -> str:
    """Of the parts that are listed: `reloadlint/fix.py` is one of its own."""
    *_, folder, name = ("", *Path(file).parts)
    return folder if folder in PACKAGES else name.removesuffix(".py")


def main() -> None:
    """Run tests, and print a line for each package."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tests", nargs="*")
    parser.add_argument("--missing", choices=PACKAGES, help="list what is not reached of this")
    options = parser.parse_args()
    code, files = measured(options.tests)
    totals: dict[str, Counter[str]] = {name: Counter() for name in PACKAGES}
    for file, found in sorted(files.items()):
        if (name := package(file)) in totals:
            totals[name].update(
                {key: found["summary"][key] for key in ("covered_branches", "num_branches")}
            )
            if name == options.missing:
                print(file, found["missing_lines"], found["missing_branches"])
    for name, total in totals.items():
        reached, number = total["covered_branches"], total["num_branches"]
        print(f"{name:8} {reached:5} of {number:5} branches: {100 * reached / number:.1f} %")
    sys.exit(code)


if __name__ == "__main__":
    main()
