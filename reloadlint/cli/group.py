"""The group of commands: each is imported when it is called, and its failures end in one line."""

from __future__ import annotations

import errno
import sys
from importlib import import_module
from typing import Any, Final

import click

from reloadlint import __version__
from reloadlint.cli.say import say
from reloadlint.errors import ReloadlintError
from reloadlint.nearest import hint

# In the order of the help. Each is a module of this package with a click command `command`.
COMMANDS: Final = (
    "check",
    "clean",
    "rule",
    "config",
    "run",
    "server",
    "doctor",
)
_FAILED, _INTERRUPTED = 2, 130


class _Group(click.Group):
    """Turns whatever goes wrong into one line and the right exit code."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"reloadlint.cli.{cmd_name}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            ctx.fail(f"no such command `{args[0]}`{hint(args[0], COMMANDS)}")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (click.exceptions.Exit, click.ClickException):
            raise
        except ReloadlintError as error:
            say("error", str(error))
        except KeyboardInterrupt:
            ctx.exit(_INTERRUPTED)
        except Exception as error:
            if isinstance(error, OSError) and error.errno == errno.EPIPE:
                raise  # click knows what to do when nobody reads any more
            import traceback

            traceback.print_exc()
            say("error", f"this is a bug in reloadlint {__version__}: {error!r}")
        ctx.exit(_FAILED)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="%(prog)s %(version)s", prog_name="reloadlint")
def group() -> None:
    """Find Python code that a hot reload cannot reach, and fix it."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal that lacks a character must not end the report.
        getattr(stream, "reconfigure", lambda **_: None)(errors="backslashreplace")
