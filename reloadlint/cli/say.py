"""Errors and warnings → standard error, one line each."""

from __future__ import annotations

import sys

import click


def say(kind: str, text: str) -> None:
    """Print `text`, with its `kind` ("error" or "warning") in front."""
    from reloadlint.report.text import Style, visible

    style = Style.of(sys.stderr)
    label = style(kind, "red" if kind == "error" else "yellow", bold=True)
    click.echo(f"{label}: {visible(text)}", err=True, color=style.colour)
