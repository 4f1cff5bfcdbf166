"""`reloadlint check`."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING, Any

import click

from reloadlint import timing
from reloadlint.cli.options import configs, configuration, outputs
from reloadlint.cli.progress import is_wanted, show_times, with_bar
from reloadlint.cli.say import say
from reloadlint.cli.show import (
    show_files,
    show_fixed_text,
    show_patch,
    show_report,
    show_settings,
    warn,
)
from reloadlint.report import FORMATS
from reloadlint.report.text import visible

if TYPE_CHECKING:
    from reloadlint.check import Options, Outcome, Run
    from reloadlint.known import Use


@click.command("check")
@click.argument("paths", nargs=-1, type=click.Path())
@click.option("--fix", is_flag=True, help="Apply safe fixes.")
@click.option("--interactive", is_flag=True, help="With --fix: show each fix, and ask (y/n/a/q).")
@click.option("--show-fixes", is_flag=True, help="With --fix: say what was fixed in which file.")
@click.option("--unsafe-fixes", is_flag=True, help="Apply unsafe fixes as well.")
@click.option("--diff", is_flag=True, help="Show what --fix would change, and write nothing.")
@click.option("--add-ignore", is_flag=True, help="Silence each finding with a comment.")
@click.option("--reason", metavar="TEXT", help="With --add-ignore: what the comments give as why.")
@click.option("--write-baseline", is_flag=True, help="Take all findings for known from now on.")
@click.option("--prune-baseline", is_flag=True, help="Forget known findings that are gone.")
@click.option("--no-baseline", is_flag=True, help="Show known findings as well.")
@click.option("--diff-base", metavar="REV", help="Report only what is new since a git revision.")
@configuration
@click.option(
    "--output-format",
    type=click.Choice(FORMATS),
    default="full",
    show_default=True,
    help="How findings are shown.",
)
@click.option("-o", "--output-file", metavar="FILE", help="Write the report into this file.")
@click.option(
    "--output",
    multiple=True,
    metavar="FORMAT=FILE",
    callback=outputs,
    help="Write a report of that format into a file as well; may be given several times.",
)
@click.option("--statistics", is_flag=True, help="Show counts by rule instead of findings.")
@click.option("--exit-zero", is_flag=True, help="Exit with 0 even where there are findings.")
@click.option("--stdin-filename", metavar="FILE", help="The name of what is read with `-`.")
@click.option("--force-exclude", is_flag=True, help="Exclude even what is named in PATHS.")
@click.option("--explain", metavar="FILE:LINE", help="Say why the closures there are kept, or not.")
@click.option("--show-settings", is_flag=True, help="Show the settings, and where each is from.")
@click.option("--show-files", is_flag=True, help="Show which files would be checked.")
@click.option("--no-screen", is_flag=True, help="Walk every statement: slow, the same findings.")
@click.option(
    "-j",
    "--jobs",
    type=click.IntRange(min=1),
    metavar="N",
    help="Check files in N processes (default: as many as there are cores, if worth it).",
)
@click.option("--watch", is_flag=True, help="Check again whenever a file is saved.")
@click.option("--no-cache", is_flag=True, help="Use no results of earlier runs, and keep none.")
@click.option(
    "--cache-dir",
    metavar="FOLDER",
    envvar="RELOADLINT_CACHE_DIR",
    help="Keep results in this folder instead of that of the project.",
)
@click.option("--timing", is_flag=True, help="Show where the time went: by phase and by rule.")
@click.option("--debug", is_flag=True, help="Show the traceback of what went wrong inside.")
@click.option("-q", "--quiet", is_flag=True, help="Show findings only.")
@click.pass_context
def command(context: click.Context, /, paths: tuple[str, ...], **given: Any) -> None:
    """Check files and folders (default: the working directory), or `-` for standard input.

    \b
    Examples:
      reloadlint check src/                        report what a reload cannot reach
      reloadlint check --diff src/                 show what --fix would change
      reloadlint check --fix src/                  change it
      reloadlint check --explain src/app.py:12     why a closure is held to be kept
      reloadlint check --output sarif=out.sarif    report, and write a file for a code host

    \b
    Exit codes:
      0    nothing is found (or all of it is fixed, or known)
      1    something is found, or the baseline lists what is there no longer
      2    something could not be done: bad options or settings, a file that cannot be
           read, a rule that fails
      130  interrupted

    Settings come from the nearest reloadlint.toml or pyproject.toml: see `reloadlint config`.
    """
    from reloadlint.memory import collect_seldom

    _refuse_contradictions(paths, given)
    paths = paths or (".",)
    if given["show_settings"] or given["show_files"]:
        show = show_settings if given["show_settings"] else show_files
        show(configs(given), paths, force_exclude=given["force_exclude"])
        return
    collect_seldom()
    if given["watch"]:
        from reloadlint.cli.watch import watch

        watch(paths, partial(_check, paths, given))
    else:
        context.exit(_check(paths, given))


def _check(paths: tuple[str, ...], given: Mapping[str, Any]) -> int:
    """Check once, show what is found, and return the exit code."""
    start = perf_counter()
    if given["timing"]:
        timing.start()
    from reloadlint.cache.folder import place
    from reloadlint.check import Run

    options = _options(paths, given)
    found = configs(given)
    cache = None if given["no_cache"] else place(found.of(os.curdir), given["cache_dir"])
    bar = with_bar if is_wanted(quiet=given["quiet"]) and options.ask is None else None
    run = Run(found, options, given["jobs"], cache, bar)
    if given["explain"] is not None:
        for line in run.explain(given["explain"], paths):
            click.echo("\n".join(map(visible, line.split("\n"))))
        return 0
    outcome = _outcome(run, options, paths, given)
    if given["show_fixes"]:
        for line in outcome.fixes():
            click.echo(visible(line), err="-" in paths)
    warn(outcome, debug=given["debug"])
    if given["timing"]:
        run.times += timing.take()
        show_times(run.times, perf_counter() - start)
    code = outcome.exit_code(of_patch=given["diff"])
    return 0 if code == 1 and given["exit_zero"] else code


def _refuse_contradictions(paths: tuple[str, ...], given: Mapping[str, Any]) -> None:
    if given["interactive"] and not given["fix"]:
        raise click.UsageError("--interactive goes with --fix")
    if given["reason"] and not given["add_ignore"]:
        raise click.UsageError("--reason goes with --add-ignore")
    if given["add_ignore"] and (given["fix"] or given["write_baseline"]):
        raise click.UsageError("--add-ignore excludes --fix and --write-baseline")
    if sum(given[f"{verb}_baseline"] for verb in ("write", "prune", "no")) > 1:
        raise click.UsageError("only one of --write-, --prune- and --no-baseline can be given")
    if given["write_baseline"] and given["diff_base"]:
        raise click.UsageError("--write-baseline and --diff-base exclude each other")
    if "-" in paths and len(paths) > 1:
        raise click.UsageError("`-` stands alone: no other path can be checked with it")
    if "-" in paths and given["interactive"]:
        raise click.UsageError("--interactive needs standard input for the answers")
    if given["watch"] and ("-" in paths or given["interactive"] or given["explain"]):
        raise click.UsageError("--watch goes neither with `-` nor with --interactive or --explain")


def _options(paths: tuple[str, ...], given: Mapping[str, Any]) -> Options:
    from reloadlint.check import Options
    from reloadlint.revision import Revision

    ask = None
    if given["interactive"]:
        from reloadlint.cli.ask import Asker

        ask = Asker()
    return Options(
        fix=given["fix"] or given["diff"],
        write=not (given["diff"] or "-" in paths),
        unsafe_fixes=given["unsafe_fixes"],
        screen=not given["no_screen"],
        force_exclude=given["force_exclude"],
        ask=ask,
        add_ignore=(given["reason"] or "") if given["add_ignore"] else None,
        baseline=_baseline_use(given),
        diff_base=Revision.of(given["diff_base"]) if given["diff_base"] else None,
    )


def _baseline_use(given: Mapping[str, Any]) -> Use:
    from reloadlint.known import Use

    if given["write_baseline"]:
        return Use.WRITE
    if given["prune_baseline"]:
        return Use.PRUNE
    return Use.NONE if given["no_baseline"] or given["isolated"] else Use.READ


def _outcome(
    run: Run, options: Options, paths: tuple[str, ...], given: Mapping[str, Any]
) -> Outcome:
    """Check, and show what came out."""
    raw = b""
    if "-" in paths:
        raw = sys.stdin.buffer.read()
        outcome = run.check_text(given["stdin_filename"] or "-", raw)
    else:
        outcome = run.check_paths(paths)
        if not outcome.files and not outcome.errors:
            say("warning", "no Python files found under the given paths")
    with timing.spent("report"):
        _show(outcome, options, paths, given, raw)
    return outcome


def _show(
    outcome: Outcome,
    options: Options,
    paths: tuple[str, ...],
    given: Mapping[str, Any],
    raw: bytes,
) -> None:
    if given["diff"]:
        show_patch(outcome, options)
    elif "-" in paths and given["fix"]:
        show_fixed_text(outcome, raw)
        show_report(outcome, options, given, sys.stderr)
    else:
        show_report(outcome, options, given, sys.stdout)
