"""`reloadlint check --watch`: check again whenever a file is saved."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence

import click

from reloadlint.cli.say import say
from reloadlint.config import OWN_FILE, SHARED_FILE
from reloadlint.errors import ConfigError, ReloadlintError
from reloadlint.files import SUFFIXES


def watch(paths: Sequence[str], check: Callable[[], object]) -> None:
    """Call `check` now and after every change, until the user interrupts.

    Raises ConfigError where watchfiles is not installed.
    """
    try:
        from watchfiles import watch as changes
    except ImportError:
        raise ConfigError("--watch needs watchfiles: pip install 'reloadlint[watch]'") from None
    _round(paths, check)
    for _ in changes(*paths, watch_filter=_matters, raise_interrupt=True):
        if sys.stdout.isatty():
            click.clear()
        _round(paths, check)


def _round(paths: Sequence[str], check: Callable[[], object]) -> None:
    try:
        check()
    except ReloadlintError as error:  # a broken configuration, which the next save may mend
        say("error", str(error))
    say("note", f"watching {', '.join(paths)} (Ctrl-C ends)")


def _matters(_change: object, path: str) -> bool:
    return path.endswith(SUFFIXES) or os.path.basename(path) in {OWN_FILE, SHARED_FILE}
