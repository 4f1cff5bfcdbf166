"""What a run gave → the terminal or a pipe."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import IO, TYPE_CHECKING, Any

import click

from reloadlint.cli.say import say

if TYPE_CHECKING:
    from reloadlint.check import Options, Outcome
    from reloadlint.config import Configs
    from reloadlint.report.model import Report
    from reloadlint.report.text import Style


def show_report(
    outcome: Outcome, options: Options, given: Mapping[str, Any], stream: IO[str]
) -> None:
    """Print the findings, or their statistics, and what there is to sum up; fill `--output`."""
    from reloadlint.report.text import Style

    report = outcome.report(options)
    output_format, output_file = given["output_format"], given["output_file"]
    if output_file is not None:
        _write(output_file, _lines(report, output_format, given, Style()))
    else:
        style = Style.of(stream)
        for line in _lines(report, output_format, given, style):
            click.echo(line, stream, color=style.colour)
    for output_format, path in given["output"]:
        _write(path, _lines(report, output_format, given, Style()))


def _lines(
    report: Report, output_format: str, given: Mapping[str, Any], style: Style
) -> Iterator[str]:
    from reloadlint.report import render, render_statistics, render_summary

    shown = render_statistics if given["statistics"] else render
    yield from shown(report, output_format, style)
    if not given["quiet"]:
        yield from render_summary(report, output_format, style)


def _write(path: str, lines: Iterator[str]) -> None:
    """Write the lines into the file `path`, as UTF-8; SourceError where that fails."""
    from reloadlint.writing import write_output

    write_output(path, "".join(f"{line}\n" for line in lines))


def show_settings(configs: Configs, paths: Sequence[str], *, force_exclude: bool) -> None:
    """Print the settings for the first of the files, or folders, that are given."""
    from reloadlint import files
    from reloadlint.registry import load
    from reloadlint.report.settings import rules_on, values
    from reloadlint.report.text import visible

    listed = files.find(paths, configs, force_exclude=force_exclude).files
    path = next(iter(listed), paths[0])
    config = configs.of(os.path.dirname(path)).in_file(path)
    click.echo(f"# {visible(path)}: {visible(config.origin) or 'no configuration file'}")
    for line in (*values(config), *rules_on(config, path, load())):
        click.echo(visible(line))


def show_files(configs: Configs, paths: Sequence[str], *, force_exclude: bool) -> None:
    """Print which files would be checked, one a line."""
    from reloadlint import files
    from reloadlint.report.text import visible

    listing = files.find(paths, configs, force_exclude=force_exclude)
    for path in listing.files:
        click.echo(visible(path))
    for error in listing.errors:
        say("error", str(error))


def show_patch(outcome: Outcome, options: Options) -> None:
    """Print what `--diff` shows."""
    from reloadlint.report import patch, summary
    from reloadlint.report.text import Style

    for file in outcome.checked:
        if not file.is_changed:
            continue
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


def warn(outcome: Outcome, *, debug: bool) -> None:
    """Say what went wrong, with tracebacks to `debug`; and what else the user should know."""
    from reloadlint.report.summary import plural
    from reloadlint.report.text import visible

    for path, stale in outcome.stale.items():
        for known, count in sorted(stale.items()):
            where = f"{known.path}: {known.code} in `{known.scope or 'the module'}`"
            times = f" ({count} times)" if count > 1 else ""
            say("stale", f"{path}: no longer found: {where}: {known.snippet}{times}")
    if outcome.stale:
        say("error", "the baseline lists what is not there: run with --prune-baseline")
    for path, count in outcome.known.items():
        say("note", f"{path}: {plural(count, 'finding')} known")
    for error in outcome.errors:
        if debug:
            for line in error.details.split("\n")[:-1]:
                click.echo(visible(line), err=True)
        say("error", str(error))
    for file in outcome.checked:
        if file.note is not None:
            say("warning", file.note)
