"""Recordings × the name patterns of sinks.toml → how often each pattern was right.

    python bench/name_figures.py RECORDING.jsonl=SOURCE [RECORDING.jsonl=SOURCE ...]
    python bench/name_figures.py --write …      # put the figures into the comments of sinks.toml

Recordings and sources are as in escapes.py. A site counts for each pattern that matches the name of
a parameter to which it is handed, or, for a positional argument, the name of what is called: right
where the closure outlived the call that made it at least once, wrong where it never did. Callables
that the other tables know of by their qualified names are left out, as nobody asks for their
names. In brackets: the projects that had such sites. The exit code is 1 where a pattern is wrong
more often than right: that has to go.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timezone
from fnmatch import fnmatchcase
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import reloadlint
from bench.escapes import recorded
from reloadlint import files
from reloadlint.config import Config, Configs
from reloadlint.facts.project import Project
from reloadlint.facts.sink import Sink, SinkKind
from reloadlint.facts.sink_table import SinkTable
from reloadlint.toml import load_toml

FILE = Path(reloadlint.__file__).parent / "sinks.toml"
NAMES: dict[str, list[str]] = load_toml(FILE)["names"]
LINE = re.compile(r'( +"(?P<pattern>[^"]+)",)(?: # \d+ / \d+ \(\d+\))?(?P<note>.*)')
DATE = re.compile(r"(?<=measured on )\d{4}-\d\d-\d\d")

Key = tuple[str, str]  # a table of NAMES, and a pattern in it


class Figures:
    """The sites of one pattern."""

    def __init__(self) -> None:
        self.right = self.wrong = 0
        self.projects: set[str] = set()

    def __str__(self) -> str:
        return f"{self.right} / {self.wrong} ({len(self.projects)})"


def main() -> int:
    """Parse the arguments; print the figures, or write them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true")
    parser.add_argument("recordings", nargs="+", metavar="RECORDING=SOURCE")
    options = parser.parse_args()
    figures = defaultdict[Key, Figures](Figures)
    for pair in options.recordings:
        recording, _, source = pair.partition("=")
        count(Path(recording), Path(source).resolve(), figures)
    for table, patterns in NAMES.items():
        for pattern in patterns:
            print(f"{table:10} {pattern:16} {figures[table, pattern]}")
    if options.write:
        FILE.write_text(with_figures(FILE.read_text(encoding="utf-8"), figures), encoding="utf-8")
    return 1 if any(each.wrong > each.right for each in figures.values()) else 0


def count(recording: Path, root: Path, figures: dict[Key, Figures]) -> None:
    """Add the sites of one project."""
    config = Config(root=root)
    listing = files.find([str(root)], Configs(only=config))
    project = Project(config, files.read, listing.files)
    by_file = defaultdict[str, dict[tuple[int, int], bool]](dict)
    for (name, line, column), entry in recorded(recording, set()).items():
        by_file[name][line, column] = bool(entry["escaped"])
    for name, sites in by_file.items():
        facts = project.facts(str(root / name))
        for closure in facts.closures if facts is not None else ():
            escaped = sites.get((closure.node.lineno, closure.node.col_offset))
            if facts is not None and escaped is not None:
                sinks = [s for s in facts.sinks(closure.node) if not is_known(s, facts.sink_table)]
                for key in {key for sink in sinks for key in matched(sink)}:
                    figures[key].projects.add(recording.stem)
                    figures[key].right += escaped
                    figures[key].wrong += not escaped


def is_known(sink: Sink, table: SinkTable) -> bool:
    """True where a table says what becomes of the argument, so that no name is asked."""
    callee, parameter = sink.callee, sink.parameter
    if callee is None or parameter is None:
        return True
    is_consumed = table.consumes(callee.qualified, callee.name, parameter)
    return is_consumed or table.retains(callee.qualified, parameter) is not None


def matched(sink: Sink) -> Iterator[Key]:
    """The patterns that would speak for the closure being kept by `sink`."""
    if sink.kind is not SinkKind.ARGUMENT or sink.callee is None:
        return
    parameter = sink.parameter_name
    for pattern in NAMES["parameters"]:
        if parameter is not None and fnmatchcase(parameter.lower(), pattern):
            yield "parameters", pattern
    is_builtin = (sink.callee.qualified or "").startswith("builtins.")
    for pattern in NAMES["methods"]:
        if isinstance(sink.parameter, int) and not is_builtin:
            if fnmatchcase(sink.callee.name, pattern):
                yield "methods", pattern


def with_figures(text: str, figures: dict[Key, Figures]) -> str:
    """The text of sinks.toml with the figures behind the patterns, and the date of today."""
    lines, table = [], ""
    head, names, tail = text.partition("[names]\n")
    for line in tail.splitlines():
        table = line.partition(" = ")[0] if " = [" in line else table
        found = LINE.fullmatch(line)
        if found:
            lines.append(f"{found[1]} # {figures[table, found['pattern']]}{found['note']}")
        else:
            lines.append(line)
    today = datetime.now(timezone.utc).date().isoformat()
    return DATE.sub(today, head) + names + "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
