"""The command line: options → library → text → exit code. No logic, and imports only when needed.

Exit codes: 0 clean, 1 findings, 2 could not do the job, 130 interrupted.
"""

from __future__ import annotations

import errno
import sys
from collections.abc import Callable
from typing import IO, TYPE_CHECKING, Any, TypeVar

import click

from reloadlint import __version__
from reloadlint.errors import ReloadlintError
from reloadlint.report import FORMATS

if TYPE_CHECKING:
    from reloadlint.check import Options, Outcome
    from reloadlint.config import Configs
    from reloadlint.finding import Finding
    from reloadlint.fix import Answer
    from reloadlint.source import SourceFile

_Command = TypeVar("_Command", bound=Callable[..., Any])
_FAILED, _INTERRUPTED = 2, 130


class _Group(click.Group):
    """Turns whatever goes wrong into one line and the right exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (click.exceptions.Exit, click.ClickException):
            raise
        except ReloadlintError as error:
            _say("error", str(error))
        except KeyboardInterrupt:
            ctx.exit(_INTERRUPTED)
        except Exception as error:
            if isinstance(error, OSError) and error.errno == errno.EPIPE:
                raise  # click knows what to do when nobody reads any more
            import traceback

            traceback.print_exc()
            _say("error", f"this is a bug in reloadlint {__version__}: {error!r}")
        ctx.exit(_FAILED)


def _comma_separated(
    _context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]
) -> list[str] | None:
    words = [word.strip() for value in values for word in value.split(",")]
    return [word for word in words if word] if values else None


def _selectors(name: str, text: str) -> Callable[[_Command], _Command]:
    return click.option(name, multiple=True, metavar="RULES", callback=_comma_separated, help=text)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="%(prog)s %(version)s", prog_name="reloadlint")
def main() -> None:
    """Find Python code that a hot reload cannot reach, and fix it."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal that lacks a character must not end the report.
        getattr(stream, "reconfigure", lambda **_: None)(errors="backslashreplace")


@main.command()
@click.argument("paths", nargs=-1, type=click.Path())
@click.option("--fix", is_flag=True, help="Apply safe fixes.")
@click.option("--interactive", is_flag=True, help="With --fix: show each fix, and ask (y/n/a/q).")
@click.option("--show-fixes", is_flag=True, help="With --fix: say what was fixed in which file.")
@click.option("--unsafe-fixes", is_flag=True, help="Apply unsafe fixes as well.")
@click.option("--diff", is_flag=True, help="Show what --fix would change, and write nothing.")
@_selectors("--select", "Turn on these rules only: codes, prefixes, names or ALL.")
@_selectors("--extend-select", "Turn on these rules as well.")
@_selectors("--ignore", "Turn off these rules.")
@click.option("--min-confidence", metavar="LEVEL", help="possible, likely (default) or certain.")
@click.option(
    "--reloader",
    metavar="NAME",
    help="portable (default), importlib, reimport, ipython, jurigged or reloadlint.",
)
@click.option(
    "--output-format",
    type=click.Choice(FORMATS),
    default="full",
    show_default=True,
    help="How findings are shown.",
)
@click.option("--statistics", is_flag=True, help="Show counts by rule instead of findings.")
@click.option("--exit-zero", is_flag=True, help="Exit with 0 even where there are findings.")
@click.option("--config", metavar="FILE", help="Use this configuration file for all paths.")
@click.option("--isolated", is_flag=True, help="Ignore all configuration files.")
@click.option("--stdin-filename", metavar="FILE", help="The name of what is read with `-`.")
@click.option("--force-exclude", is_flag=True, help="Exclude even what is named in PATHS.")
@click.option("--no-default-test-ignores", is_flag=True, help="Check closures in tests, too.")
@click.option("--explain", metavar="FILE:LINE", help="Say why the closures there are kept, or not.")
@click.option("--no-screen", is_flag=True, help="Walk every statement: slow, the same findings.")
@click.option("-q", "--quiet", is_flag=True, help="Show findings only.")
@click.pass_context
def check(context: click.Context, /, paths: tuple[str, ...], **given: Any) -> None:
    """Check files and folders (default: the working directory), or `-` for standard input."""
    from reloadlint.check import Options, Run

    from_stdin = "-" in paths
    _refuse_contradictions(paths, given)
    options = Options(
        fix=given["fix"] or given["diff"],
        write=not (given["diff"] or from_stdin),
        unsafe_fixes=given["unsafe_fixes"],
        screen=not given["no_screen"],
        force_exclude=given["force_exclude"],
        ask=_Asker() if given["interactive"] and given["fix"] else None,
    )
    run = Run(_configs(given), options)
    if given["explain"] is not None:
        for line in run.explain(given["explain"], paths or ["."]):
            click.echo(line)
        return
    if from_stdin:
        raw = sys.stdin.buffer.read()
        outcome = run.check_text(given["stdin_filename"] or "-", raw)
    else:
        outcome = run.check_paths(paths or ["."])
        if not outcome.files and not outcome.errors:
            _say("warning", "no Python files found under the given paths")
    if given["diff"]:
        _show_patch(outcome, options)
    elif from_stdin and given["fix"]:
        _show_fixed_text(outcome, raw)
        _show_report(outcome, options, given, sys.stderr)
    else:
        _show_report(outcome, options, given, sys.stdout)
    if given["show_fixes"]:
        for line in outcome.fixes():
            click.echo(line, err=from_stdin)
    _warn(outcome)
    code = outcome.exit_code(of_patch=given["diff"])
    context.exit(0 if code == 1 and given["exit_zero"] else code)


@main.command()
@click.argument("name", metavar="[RULE]", required=False)
@click.option("--all", "every", is_flag=True, help="Print the pages of all rules.")
def rule(name: str | None, every: bool) -> None:
    """Explain a rule, given by code or name; without one, list them all."""
    from reloadlint.registry import load
    from reloadlint.report.page import find_rule, index, page

    if every:
        click.echo("\n\n\n".join(map(page, load())))
    elif name is None:
        click.echo("\n".join(index(load())))
    else:
        click.echo(page(find_rule(name, load())))


@main.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.argument("script", type=click.Path(exists=True, dir_okay=False))
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def run(script: str, arguments: tuple[str, ...]) -> None:
    """Run SCRIPT with live reload: what is saved goes into the running program."""
    from reloadlint.runtime.__main__ import run_script

    run_script(script, list(arguments))


def _refuse_contradictions(paths: tuple[str, ...], given: dict[str, Any]) -> None:
    if given["interactive"] and not given["fix"]:
        raise click.UsageError("--interactive goes with --fix")
    if "-" in paths and len(paths) > 1:
        raise click.UsageError("`-` stands alone: no other path can be checked with it")
    if "-" in paths and given["interactive"]:
        raise click.UsageError("--interactive needs standard input for the answers")


def _configs(given: dict[str, Any]) -> Configs:
    from pathlib import Path

    from reloadlint.config import Config, Configs, read_config

    if given["config"] and given["isolated"]:
        raise click.UsageError("--config and --isolated exclude each other")
    only = Config() if given["isolated"] else None
    if given["config"]:
        # As in ruff: paths in a file that is shared between projects are those of the project.
        only = read_config(given["config"], root=Path.cwd())
    names = ("select", "extend-select", "ignore", "min-confidence", "reloader")
    values = {name: given[name.replace("-", "_")] for name in names}
    values["default-test-ignores"] = False if given["no_default_test_ignores"] else None
    return Configs({name: value for name, value in values.items() if value is not None}, only)


def _show_report(
    outcome: Outcome, options: Options, given: dict[str, Any], stream: IO[str]
) -> None:
    from reloadlint.report import render, render_statistics, render_summary
    from reloadlint.report.text import Style

    report, output_format, style = outcome.report(options), given["output_format"], Style.of(stream)
    shown = render_statistics if given["statistics"] else render
    lines = [*shown(report, output_format, style)]
    if not given["quiet"]:
        lines += render_summary(report, output_format, style)
    for line in lines:
        click.echo(line, stream, color=style.colour)


class _Asker:
    """Shows a fix and asks; after `a` or `q`, the answer for all that is left."""

    def __init__(self) -> None:
        self._rest: Answer | None = None

    def __call__(self, finding: Finding, before: SourceFile, after: SourceFile) -> Answer:
        from reloadlint.fix import Answer
        from reloadlint.report import concise
        from reloadlint.report.model import Report
        from reloadlint.report.patch import painted_patch
        from reloadlint.report.text import Style

        if self._rest is not None:
            return self._rest
        style = Style.of(sys.stdout)
        report = Report((finding,), {before.path: before})
        click.echo(concise.headline(report, finding, style), color=style.colour)
        for line in painted_patch(before, after.text, style):
            click.echo(line, color=style.colour)
        letter = click.prompt(
            "Apply this fix? (y)es, (n)o, (a)ll, (q)uit",
            type=click.Choice([answer.value for answer in Answer]),
            show_choices=False,
        )
        answer = Answer(letter)
        if answer in {Answer.ALL, Answer.QUIT}:
            self._rest = answer
        return answer


def _show_patch(outcome: Outcome, options: Options) -> None:
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


def _show_fixed_text(outcome: Outcome, raw: bytes) -> None:
    """Print the fixed text, or what was read: a filter must never swallow its input."""
    for file in outcome.checked:
        raw = file.after.encode(file.after.text)
    click.echo(raw, nl=False)


def _warn(outcome: Outcome) -> None:
    for error in outcome.errors:
        _say("error", str(error))
    for file in outcome.checked:
        if file.note is not None:
            _say("warning", file.note)


def _say(kind: str, text: str) -> None:
    from reloadlint.report.text import Style, visible

    style = Style.of(sys.stderr)
    label = style(kind, "red" if kind == "error" else "yellow", bold=True)
    click.echo(f"{label}: {visible(text)}", err=True, color=style.colour)
