"""The command line as tests call it."""

from __future__ import annotations

import os
from inspect import signature
from pathlib import Path

from click.testing import CliRunner, Result

import reloadlint
from reloadlint.cli.group import group

STALE = "import threading\n\nthreading.Timer(1, lambda: work(1) + 2)\n"
STATE = "CACHE = {}\n\n\ndef put(k, v):\n    CACHE[k] = v\n"
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(reloadlint.__file__).parent.parent)}


def write(name: str, text: str = STALE) -> Path:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def runner() -> CliRunner:
    # Before click 8.2 the two streams are mixed unless one says otherwise; since then one cannot.
    apart = {"mix_stderr": False} if "mix_stderr" in signature(CliRunner).parameters else {}
    return CliRunner(**apart)


def run(*args: str, stdin: bytes = b"") -> Result:
    return runner().invoke(group, args, input=stdin)
