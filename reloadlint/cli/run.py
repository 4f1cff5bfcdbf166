"""`reloadlint run`."""

from __future__ import annotations

import click


@click.command(
    "run", context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False}
)
@click.argument("script", type=click.Path(exists=True, dir_okay=False))
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def command(script: str, arguments: tuple[str, ...]) -> None:
    """Run SCRIPT with live reload: what is saved goes into the running program."""
    from reloadlint.runtime.__main__ import run_script

    run_script(script, list(arguments))
