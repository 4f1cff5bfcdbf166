"""Options that several commands take: which rules, which configuration."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import click

from reloadlint.nearest import hint
from reloadlint.report import FORMATS
from reloadlint.settings import RELOADERS

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from reloadlint.config import Configs

_Command = TypeVar("_Command", bound=Callable[..., Any])


def _comma_separated(
    _context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]
) -> list[str] | None:
    words = [word.strip() for value in values for word in value.split(",")]
    return [word for word in words if word] if values else None


def outputs(
    _context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]
) -> list[tuple[str, str]]:
    """`FORMAT=FILE` as pairs."""
    return [_output(value) for value in values]


def _output(value: str) -> tuple[str, str]:
    output_format, equals, path = value.partition("=")
    if not (equals and path):
        raise click.BadParameter(f"expected FORMAT=FILE, not {value!r}")
    if output_format not in FORMATS:
        raise click.BadParameter(f"unknown format `{output_format}`{hint(output_format, FORMATS)}")
    return output_format, path


def complete_rules(
    _context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """The codes and names of rules, for the shell; of a list, the last one."""
    from click.shell_completion import CompletionItem

    from reloadlint.registry import load

    before, comma, word = incomplete.rpartition(",")
    known = [(w, rule) for rule in load() for w in (rule.code, rule.name)]
    return [
        CompletionItem(f"{before}{comma}{w}", help=(rule.__doc__ or "").split("\n")[0])
        for w, rule in known
        if w.startswith(word)
    ]


def complete_settings(
    _context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """The names of settings, for the shell."""
    from click.shell_completion import CompletionItem

    from reloadlint.settings import SETTINGS

    found = (setting for setting in SETTINGS.values() if setting.name.startswith(incomplete))
    return [CompletionItem(setting.name, help=setting.doc) for setting in found]


def _selectors(name: str, text: str) -> Callable[[_Command], _Command]:
    return click.option(
        name,
        multiple=True,
        metavar="RULES",
        callback=_comma_separated,  # reloadlint: ignore[RL104] -- once a run
        shell_complete=complete_rules,
        help=text,
    )


_CONFIGURATION = (
    _selectors("--select", "Turn on these rules only: codes, prefixes, names or ALL."),
    _selectors("--extend-select", "Turn on these rules as well."),
    _selectors("--ignore", "Turn off these rules."),
    click.option(
        "--min-confidence", metavar="LEVEL", help="possible, likely (default) or certain."
    ),
    click.option(
        "--reloader",
        metavar="NAME",
        help="Turn on what matters under this one: portable (any, the default), "
        f"{', '.join(RELOADERS[1:-1])} or {RELOADERS[-1]}.",
    ),
    click.option(
        "--config",
        multiple=True,
        metavar="FILE|KEY=VALUE",
        help="Use this configuration file for all paths, or this setting, in TOML.",
    ),
    click.option("--isolated", is_flag=True, help="Ignore all configuration files."),
    click.option("--no-default-test-ignores", is_flag=True, help="Check closures in tests, too."),
)


def configuration(command: _Command) -> _Command:
    """The options that `configs` reads."""
    for option in reversed(_CONFIGURATION):
        command = option(command)
    return command


def configs(given: Mapping[str, Any]) -> Configs:
    """The configuration of each folder, with the options of `configuration` on top."""
    from pathlib import Path

    from reloadlint.config import Config, Configs, inline, read_config

    lines = [text for text in given["config"] if "=" in text and not Path(text).exists()]
    files = [text for text in given["config"] if text not in lines]
    if files and given["isolated"]:
        raise click.UsageError("--config and --isolated exclude each other")
    if len(files) > 1:
        raise click.UsageError("--config takes one file")
    only = Config() if given["isolated"] else None
    if files:
        # As in ruff: paths in a file that is shared between projects are those of the project.
        only = read_config(files[0], root=Path.cwd())
    names = ("select", "extend-select", "ignore", "min-confidence", "reloader")
    values = {name: given[name.replace("-", "_")] for name in names}
    values["default-test-ignores"] = False if given["no_default_test_ignores"] else None
    settings = {name: value for line in lines for name, value in inline(line).items()}
    settings.update({name: value for name, value in values.items() if value is not None})
    return Configs(settings, only)
