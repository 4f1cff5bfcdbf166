"""What a run gave → the terminal or a pipe."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import IO, TYPE_CHECKING, Any

import click

from reloadlint.cli.say import say

if TYPE_CHECKING:
    from reloadlint.check import Options, Outcome


def show_report(
    outcome: Outcome, options: Options, given: Mapping[str, Any], stream: IO[str]
) -> None:
    """Print the findings, or their statistics, and what there is to sum up."""
    from reloadlint.report import render, render_statistics, render_summary
    from reloadlint.report.text import Style

    report, output_format, style = outcome.report(options), given["output_format"], Style.of(stream)
    shown = render_statistics if given["statistics"] else render
    lines = [*shown(report, output_format, style)]
    if not given["quiet"]:
        lines += render_summary(report, output_format, style)
    for line in lines:
        click.echo(line, stream, color=style.colour)


def show_patch(outcome: Outcome, options: Options) -> None:
    """Print what `--diff` shows."""
    from reloadlint.report import patch, summary
    from reloadlint.report.text import Style

    for file in outcome.checked:
        if not sys.stdout.isatty():
            click.echo(patch.patch(file.before, file.after.text), nl=False)
            continue
        for line in patch.painted_patch(file.before, file.after.text, Style.of(sys.stdout)):
            click.echo(line)
    for line in summary.of_patch(outcome.report(options), Style.of(sys.stderr)):
        click.echo(line, err=True)


def show_fixed_text(outcome: Outcome, raw: bytes) -> None:
    """Print the fixed text, or what was read: a filter must never swallow its input."""
    for file in outcome.checked:
        raw = file.after.encode(file.after.text)
    click.echo(raw, nl=False)


def warn(outcome: Outcome) -> None:
    """Say what went wrong, and what the user should know of what did not."""
    for error in outcome.errors:
        say("error", str(error))
    for file in outcome.checked:
        if file.note is not None:
            say("warning", file.note)
