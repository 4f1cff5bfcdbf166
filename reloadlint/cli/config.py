"""`reloadlint config`."""

from __future__ import annotations

import click


@click.command("config")
@click.argument("key", required=False)
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
