"""`reloadlint clean`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import click


@click.command("clean")
@click.argument("paths", nargs=-1, type=click.Path(exists=True, file_okay=False))
@click.option("--cache-dir", metavar="FOLDER", envvar="RELOADLINT_CACHE_DIR", help="This one, too.")
def command(paths: tuple[str, ...], cache_dir: str | None) -> None:
    """Remove the caches of the projects in PATHS (default: the working directory)."""
    from reloadlint.cache.folder import Folder
    from reloadlint.report.text import visible

    removed = 0
    for path in dict.fromkeys(_caches(paths or (os.curdir,), cache_dir)):
        if Folder(path).clean():
            removed += 1
            click.echo(f"Removed {visible(str(path))}")
    if not removed:
        click.echo("Nothing to remove.")


def _caches(paths: tuple[str, ...], given: str | None) -> Iterator[Path]:
    """The folders in which a run in one of the paths, or below, keeps its results."""
    from reloadlint.cache.folder import place
    from reloadlint.config import Configs
    from reloadlint.settings import SETTINGS

    if given:
        yield place(Configs().of(os.curdir), given)
    default = SETTINGS["cache-dir"].initial
    configs = Configs()
    for path in paths:
        yield _shown(place(configs.of(path), None))
        for folder, below, _ in os.walk(path):
            if default in below:
                yield Path(folder, default)
            below[:] = [name for name in below if name not in {default, ".git", "node_modules"}]


def _shown(path: Path) -> Path:
    relative = os.path.relpath(path)
    return path if relative.startswith(os.pardir) else Path(relative)
