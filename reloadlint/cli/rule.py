"""`reloadlint rule`."""

from __future__ import annotations

import click


@click.command("rule")
@click.argument("name", metavar="[RULE]", required=False)
@click.option("--all", "every", is_flag=True, help="Print the pages of all rules.")
@click.option("--evidence", is_flag=True, help="Print what was measured, rules by reloaders.")
def command(name: str | None, every: bool, evidence: bool) -> None:
    """Explain a rule, given by code or name; without one, list them all."""
    from reloadlint.registry import load
    from reloadlint.report.evidence import of_rules
    from reloadlint.report.page import find_rule, index, page

    if evidence:
        click.echo("\n".join(of_rules(load())))
    elif every:
        click.echo("\n\n\n".join(map(page, load())))
    elif name is None:
        click.echo("\n".join(index(load())))
    else:
        click.echo(page(find_rule(name, load())))
