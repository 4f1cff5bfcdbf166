"""Recordings of which closures outlived their call × our findings → recall and precision.

    python bench/escapes.py RECORDING.jsonl SOURCE [PACKAGE ...]

A recording has one JSON object a line for each closure site that a project's own tests exercised:
`file` (relative to SOURCE), `line` and `col` of the closure as `ast` counts them, `escaped` and
`consumed` (how often it did, or did not, outlive the activation that made it), `trampoline` (null
unless it only forwards), and `level` (`local-class` for a method of a class inside of a function,
which is the class's matter and does not count). Findings are those of RL101 to RL103 with the
default settings, over the PACKAGE folders of SOURCE (default: all of it). Sites with less in them
than `min-body` asks for do not count.

Recall: of the sites that escaped and are no trampolines, those that are found. Precision: of the
findings on exercised sites, those that escaped at least once.
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import Any

from reloadlint import files, registry
from reloadlint.config import Config, Configs
from reloadlint.errors import ReloadlintError
from reloadlint.facts.project import Project
from reloadlint.lint import lint

CODES = ("RL101", "RL102", "RL103")
Site = tuple[str, int, int]


def main() -> None:
    """Parse the arguments and print one line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("recording", type=Path)
    parser.add_argument("source", type=Path)
    parser.add_argument("packages", nargs="*", default=["."])
    options = parser.parse_args()
    root = options.source.resolve()
    found, trivial = findings(root, [str(root / package) for package in options.packages])
    sites = recorded(options.recording, trivial)
    escaping = {site for site, entry in sites.items() if entry["escaped"]}
    wanted = {site for site in escaping if not sites[site]["trampoline"]}
    judged = found & sites.keys()
    print(
        f"{options.recording.stem:16} recall {share(len(wanted & found), len(wanted))}"
        f"   precision {share(len(judged & escaping), len(judged))}"
    )


def findings(root: Path, paths: list[str]) -> tuple[set[Site], set[Site]]:
    """The sites that are found, and those with too little in them to count."""
    config = Config(root=root)
    listing = files.find(paths, Configs(only=config))
    project = Project(config, files.read, listing.files)
    rules = [rule for rule in registry.load() if rule.code in CODES]
    found: set[Site] = set()
    trivial: set[Site] = set()
    for path in listing.files:
        name = os.path.relpath(path, root)
        try:
            source = files.read(path)
        except ReloadlintError:
            continue
        result = lint(source, rules, config, project=project)
        at = {(f.start.line, f.start.column - 1) for f in result.findings}
        facts = project.facts(path)
        for closure in facts.closures if facts is not None else ():
            site = (name, closure.node.lineno, closure.node.col_offset)
            if closure.weight < config.min_body:
                trivial.add(site)
            if site[1:] in at:
                found.add(site)
    return found, trivial


def recorded(path: Path, trivial: set[Site]) -> dict[Site, dict[str, Any]]:
    """The exercised sites of a recording."""
    entries = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    sites = {(entry["file"], entry["line"], entry["col"]): entry for entry in entries}
    return {
        site: entry
        for site, entry in sites.items()
        if entry["escaped"] or entry["consumed"]
        if entry["level"] != "local-class" and site not in trivial
    }


def share(part: int, whole: int) -> str:
    """`part` of `whole`, and the ratio."""
    return f"{part:3}/{whole:<3} {part / whole if whole else 1:.3f}"


if __name__ == "__main__":
    main()
