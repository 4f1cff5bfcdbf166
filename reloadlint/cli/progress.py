"""A bar on the terminal for runs that take a while, and where the time went."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from time import time
from typing import TYPE_CHECKING, Any, Final

import click

if TYPE_CHECKING:
    from reloadlint.checker import Results
    from reloadlint.timing import Times

_PATIENCE: Final = 1.0  # seconds without a bar
_SHOWN: Final = 0.001  # seconds that are worth a line


def is_wanted(*, quiet: bool) -> bool:
    """True on a terminal where somebody looks; CI services have none, or say that they are one."""
    return sys.stderr.isatty() and not quiet and not os.environ.get("CI")


def with_bar(results: Iterator[Results], total: int) -> Iterator[Results]:
    """Pass `results` on, and show how many of `total` files they are."""
    start, done, findings = time(), 0, 0
    bar: Any = None
    try:
        for batch in results:
            done += len(batch.by_path)
            findings += sum(
                len(result.checked.findings)
                for _, result in batch.by_path
                if not isinstance(result, Exception)
            )
            if bar is None and time() - start > _PATIENCE:
                bar = _bar(total, start)
            if bar is not None:
                bar.update(done - bar.pos, findings)
            yield batch
    finally:
        if bar is not None:
            bar.render_finish()


def _bar(total: int, start: float) -> Any:
    bar: Any = click.progressbar(
        length=total,
        label="Checking",
        file=sys.stderr,
        show_pos=True,
        item_show_func=lambda found: None if found is None else f"{found} found so far",
    )
    bar.start = bar.last_eta = start  # it estimates from what was done without it, too
    return bar


def show_times(times: Times, wall: float) -> None:
    """Print where the time went, the longest first."""
    rules = {name: seconds for name, seconds in times.items() if name[-1:].isdigit()}
    phases = {name: seconds for name, seconds in times.items() if name not in rules}
    for title, part in (("phase", phases), ("rule", rules)):
        click.echo(f"\n{title:24}seconds", err=True)
        for name, seconds in sorted(part.items(), key=lambda item: -item[1]):
            if seconds >= _SHOWN:
                click.echo(f"{name:24}{seconds:7.3f}", err=True)
    click.echo(f"\n{wall:.3f} seconds in all; those of several processes add up", err=True)
