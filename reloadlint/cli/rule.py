"""`reloadlint rule`."""

from __future__ import annotations

from pathlib import Path

import click

from reloadlint.cli.options import complete_rules


@click.command("rule")
@click.argument("name", metavar="[RULE]", required=False, shell_complete=complete_rules)
@click.option("--all", "every", is_flag=True, help="Print the pages of all rules.")
@click.option("--evidence", is_flag=True, help="Print what was measured, rules by reloaders.")
@click.option("--new", is_flag=True, help="Write a rule of that name, and its test, to fill in.")
@click.option("--code", default="NEW001", show_default=True, help="With --new: its code.")
@click.option(
    "--in",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="With --new: its folder; default: `rules`, if there is one.",
)
def command(
    name: str | None, every: bool, evidence: bool, new: bool, code: str, folder: Path | None
) -> None:
    """Explain a rule, given by code or name; without one, list them all."""
    from reloadlint.registry import load
    from reloadlint.report.evidence import OTHERS, SHOWN, of_rules
    from reloadlint.report.page import find_rule, index, page

    if new:
        _write(name, code, folder)
    elif evidence:
        tables = ("\n".join(of_rules(load(), reloaders)) for reloaders in (SHOWN, OTHERS))
        click.echo("\n\n".join(tables))
    elif every:
        click.echo("\n\n\n".join(map(page, load())))
    elif name is None:
        click.echo("\n".join(index(load())))
    else:
        click.echo(page(find_rule(name, load())))


def _write(name: str | None, code: str, folder: Path | None) -> None:
    from reloadlint.scaffold import new_rule

    if name is None:
        raise click.UsageError("--new needs the name of the rule")
    for path in new_rule(name, code, folder, Path()):
        click.echo(f"wrote {path}")
    click.echo("fill in what is marked TODO; the test tells what is missing")
