"""The patterns of tests/runtime/patterns under every reloader that is installed.

    python -m venv R && R/bin/pip install ipython jurigged superduperreload pyflyby plone.reload \
        debugpy limeade marimo liveimport
    R/bin/python bench/reloaders.py --write

Each pattern runs in a process of its own. An outcome is what the pattern wants, or not; where
CPython permits no update and a report is wanted, only a reloader that says so counts. What is
wrong and was neither raised nor said anywhere is counted as silent. `--write` puts the table into
bench/reloaders.md and every verdict into bench/reloaders.json; `--missing` adds to those.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.runtime.experiment import OURS, RELOADERS, observe
from tests.runtime.patterns import PATTERNS, Pattern

Verdicts = dict[str, dict[str, str]]  # by pattern, then by reloader
STORE = Path(__file__).with_suffix(".json")
KINDS = {
    "fresh": "code is fresh",
    "kept": "state is kept",
    "same": "identity stays",
    "whole": "all or nothing",
}


def outcome(pattern: Pattern, reloader: str, python: str) -> tuple[str, str]:
    """`best`, `reported` (wrong, and said so), `silent` or `crash`; and the error."""
    with tempfile.TemporaryDirectory() as folder:
        seen = observe(pattern, Path(folder), reloader, python, patience=60)
    said = f"{seen['said']} {seen.get('stderr', '')}"
    reached = seen["result"] == pattern.want and (
        seen["error"] == pattern.fails or bool(pattern.fails and seen["error"])
    )
    if reached and pattern.reported in said:
        return "best", ""
    if seen["error"].startswith("crash"):
        return "crash", seen["error"]
    loud = seen["error"] or "not updated" in seen["said"]
    return "reported" if loud and not pattern.fails else "silent", seen["error"]


def table(verdicts: Verdicts) -> str:
    """Verdicts by pattern and reloader as Markdown, the best reloader first."""
    kinds = {pattern.name: pattern.kind for pattern in PATTERNS}
    counts = Counter(kinds.values())
    heads = [f"{text} ({counts[kind]})" for kind, text in KINDS.items()]
    lines = [
        f"| reloader | best of {len(PATTERNS)} | {' | '.join(heads)} | wrong and silent |",
        "|---" * (len(heads) + 3) + "|",
    ]
    best: dict[str, Counter[str]] = {}
    silent: Counter[str] = Counter()
    for pattern, by_reloader in verdicts.items():
        for reloader, verdict in by_reloader.items():
            best.setdefault(reloader, Counter())[kinds[pattern]] += verdict == "best"
            silent[reloader] += verdict in ("silent", "crash")
    for reloader, figures in sorted(best.items(), key=lambda item: -item[1].total()):
        cells = [str(figures[kind]) for kind in KINDS]
        lines.append(
            f"| {reloader} | {figures.total()} | {' | '.join(cells)} | {silent[reloader]} |"
        )
    return "\n".join(lines) + f"\n\nPython {platform.python_version()}, {date.today()}.\n"


def save(verdicts: Verdicts) -> None:
    """A line for each pattern, so that a change of a verdict is a change of a line."""
    lines = [
        f"  {json.dumps(p.name)}: {json.dumps(verdicts[p.name])}"
        for p in PATTERNS
        if p.name in verdicts
    ]
    STORE.write_text("{\n" + ",\n".join(lines) + "\n}\n")
    STORE.with_suffix(".md").write_text(table(verdicts))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reloaders", nargs="*", choices=list(RELOADERS), default=list(RELOADERS))
    parser.add_argument("--python", default=sys.executable, help="has the reloaders installed")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--missing", action="store_true", help="only what has no verdict yet")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    probe = next(pattern for pattern in PATTERNS if pattern.name == "class attribute changed")
    known: Verdicts = json.loads(STORE.read_text()) if STORE.exists() else {}
    verdicts: Verdicts = {pattern.name: known.get(pattern.name, {}) for pattern in PATTERNS}
    with ThreadPoolExecutor(options.jobs) as pool:
        for reloader in options.reloaders:
            error = outcome(probe, reloader, options.python)[1]
            if "ModuleNotFoundError" in error or "ImportError" in error:
                print(f"{reloader}: not installed", file=sys.stderr)
                continue
            patterns = [
                pattern
                for pattern in PATTERNS
                if not (options.missing and reloader in verdicts[pattern.name])
            ]
            jobs = ((pattern, reloader, options.python) for pattern in patterns)
            for pattern, (verdict, error) in zip(
                patterns, pool.map(lambda job: outcome(*job), jobs), strict=True
            ):
                verdicts[pattern.name][reloader] = verdict
                if reloader == OURS and verdict != "best":
                    print(f"{pattern.name}: {verdict} {error}")
            print(reloader, Counter(v.get(reloader) for v in verdicts.values()), flush=True)
            if options.write:
                save(verdicts)
    print(table(verdicts))


if __name__ == "__main__":
    main()
