"""How many of the closures that RL101 to RL103 find does `--fix` move, and why not the rest?

    python bench/fix_shares.py SOURCE [SOURCE ...]

Prints the safe fixes, the unsafe ones and the refusals, with their reasons, of each source folder.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter

COMMAND = [sys.executable, "-m", "reloadlint", "check", "--isolated", "--no-cache", "--quiet"]
OPTIONS = ["--select", "RL101,RL102,RL103", "--output-format", "json", "--exit-zero"]


def main() -> int:
    every: Counter[str] = Counter()
    for folder in sys.argv[1:]:
        found = outcomes(folder)
        every += found
        show(folder, found)
    show("all", every)
    return 0


def outcomes(folder: str) -> Counter[str]:
    """How often each thing became of a closure: `safe`, or why it was not fixed."""
    ran = subprocess.run([*COMMAND, *OPTIONS, folder], capture_output=True, text=True, check=True)
    return Counter(map(outcome, json.loads(ran.stdout)))


def outcome(finding: dict[str, dict[str, str] | str | None]) -> str:
    fix = finding["fix"]
    if isinstance(fix, dict):
        return "safe" if fix["applicability"] == "safe" else f"unsafe: {general(fix['caution'])}"
    return f"refused: {general(str(finding['refusal']))}"


def general(reason: str) -> str:
    """The reason without the names that it is about."""
    return re.sub(r"`(?!nonlocal`|super|__class__)[\w.()…]*`", "`…`", reason)


def show(title: str, found: Counter[str]) -> None:
    total = max(found.total(), 1)
    print(f"{title}: {found['safe']} of {found.total()} ({found['safe'] / total:.1%}) safely")
    for what, count in found.most_common():
        if what != "safe":
            print(f"  {count} {what}")


if __name__ == "__main__":
    sys.exit(main())
