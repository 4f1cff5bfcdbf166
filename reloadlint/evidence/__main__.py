"""`python -m reloadlint.evidence`: runs the experiments, and writes or checks `evidence.json`.

Exit codes: 0 done, and nothing differs; 1 something differs from the file, or could not run.
"""

from __future__ import annotations

import os

import click

from reloadlint.errors import ReloadlintError
from reloadlint.evidence import differences, packs
from reloadlint.evidence.measure import ALL, measure
from reloadlint.verdicts import FILE, dump, load
from reloadlint.writing import write_output

_HOW = "pip install 'reloadlint[evidence]', with Python 3.12 or newer"


@click.command()
@click.argument("codes", nargs=-1)
@click.option("--pack", default="reloadlint.rules", help="The package whose rules are measured.")
@click.option("--reloader", "names", multiple=True, type=click.Choice(ALL), help="Only under this.")
@click.option("--write", is_flag=True, help=f"Write what comes out into the pack's {FILE}.")
@click.option("--every", is_flag=True, help="Fail where a reloader is not installed.")
@click.option("--jobs", default=min(2, os.cpu_count() or 1), help="Reloaders at a time.")
def main(
    codes: tuple[str, ...], pack: str, names: tuple[str, ...], write: bool, every: bool, jobs: int
) -> None:
    """Run the experiments of the rules CODES (default: all of the pack) under every reloader.

    Without --write, compare what comes out with the file, for what was run.
    """
    if write and (codes or names):
        raise click.UsageError("--write measures everything, or the file would be partial")
    try:
        path, trials = packs.trials_of(pack, codes)
        found = measure(trials, names or ALL, jobs)
    except (ReloadlintError, ValueError) as error:
        raise click.ClickException(str(error)) from error
    click.echo("\n".join(found.versions.values()))
    missing = [name for name in names or ALL if name not in found.versions]
    if missing:
        text = f"not installed: {', '.join(missing)}"
        if write or every:
            raise click.ClickException(f"{text}: {_HOW}")
        click.echo(text)
    if write:
        write_output(str(path), dump(found))
        click.echo(f"wrote {path}")
        return
    lines = list(differences.between(load(path), found))
    for line in lines:
        click.echo(line)
    raise SystemExit(1 if lines else 0)


if __name__ == "__main__":
    main()
