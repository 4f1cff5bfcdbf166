"""`reloadlint config`."""

from __future__ import annotations

import click

from reloadlint.cli.options import complete_settings


@click.command("config")
@click.argument("key", required=False, shell_complete=complete_settings)
@click.option("--schema", "as_schema", is_flag=True, help="Print the JSON schema for editors.")
def command(key: str | None, as_schema: bool) -> None:
    """Explain a setting; without KEY, list them all."""
    from reloadlint.report.settings import find_setting, index, page, schema

    if as_schema:
        import json

        click.echo(json.dumps(schema(), indent=2))
    elif key is None:
        click.echo("\n".join(index()))
    else:
        click.echo("\n".join(page(find_setting(key))))
