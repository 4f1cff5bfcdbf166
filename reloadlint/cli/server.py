"""`reloadlint server`."""

from __future__ import annotations

import click


@click.command("server")
def command() -> None:
    """Serve an editor (LSP) on standard input and output; needs `reloadlint[lsp]`."""
    from reloadlint.server import serve

    serve()
