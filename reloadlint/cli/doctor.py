"""`reloadlint doctor`."""

from __future__ import annotations

import click


@click.command("doctor")
@click.argument("folder", type=click.Path(exists=True, file_okay=False), default=".")
@click.option("--write", "wants_writing", is_flag=True, help="Add the lines to the files.")
@click.pass_context
def command(context: click.Context, folder: str, wants_writing: bool) -> None:
    """Find settings of other tools that undo trampolines, and a reloader that ours should name.

    Exit codes: 0 there is nothing to do, or all of it is done; 1 there is something to do.
    """
    from reloadlint.doctor import diagnose, write
    from reloadlint.report.text import visible

    is_left = False
    for advice in diagnose(folder):
        does_write = wants_writing and advice.can_be_written
        verb = "added" if does_write else "add" if advice.can_be_written else "do"
        click.echo(visible(f"{advice.path}: {advice.why}"))
        click.echo(visible(f"  {verb}: {advice.remedy}"))
        if does_write:
            write(advice)
        is_left = is_left or not does_write
    context.exit(int(is_left))
