"""Configuration files and command line → a frozen `Config` for each folder. Loads no libcst."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from reloadlint import limits
from reloadlint.errors import ConfigError
from reloadlint.finding import Confidence
from reloadlint.globs import PathPatterns
from reloadlint.nearest import hint
from reloadlint.profile import on_by_default
from reloadlint.selection import R, Selection, choose, means, meant
from reloadlint.settings import SETTINGS, Override
from reloadlint.toml import load_toml, parse_toml

OWN_FILE = "reloadlint.toml"
SHARED_FILE = "pyproject.toml"
TEST_FILES = ("test_*.py", "*_test.py", "conftest.py", "tests", "test")
COMMAND_LINE = "command line"
_SELECTING = ("select", "extend_select", "ignore")


@dataclass(frozen=True)
class Config:
    """Every setting (see `settings.SETTINGS` for their meaning), checked and frozen.

    `root` is what relative paths are relative to: the folder of the file `origin` that the
    settings were read from, or the working directory. The layers `below` and `on_top` select before
    and after the file's own `select`, `extend_select` and `ignore`. `origins` says, by field, which
    file set what is no default.
    """

    select: tuple[str, ...] | None = SETTINGS["select"].initial
    extend_select: tuple[str, ...] = SETTINGS["extend-select"].initial
    ignore: tuple[str, ...] = SETTINGS["ignore"].initial
    per_file_ignores: tuple[tuple[str, tuple[str, ...]], ...] = SETTINGS["per-file-ignores"].initial
    exclude: tuple[str, ...] = SETTINGS["exclude"].initial
    extend_exclude: tuple[str, ...] = SETTINGS["extend-exclude"].initial
    respect_gitignore: bool = SETTINGS["respect-gitignore"].initial
    reloader: str = SETTINGS["reloader"].initial
    first_party: tuple[str, ...] = SETTINGS["first-party"].initial
    state_idiom: str | None = SETTINGS["state-idiom"].initial
    min_confidence: Confidence = SETTINGS["min-confidence"].initial
    min_body: int = SETTINGS["min-body"].initial
    default_test_ignores: bool = SETTINGS["default-test-ignores"].initial
    cache_dir: str = SETTINGS["cache-dir"].initial
    baseline: str = SETTINGS["baseline"].initial
    sinks: Mapping[str, object] = field(default_factory=dict, hash=False)
    extend: str | None = SETTINGS["extend"].initial
    overrides: tuple[Override, ...] = SETTINGS["overrides"].initial
    root: Path = field(default_factory=Path.cwd)
    origin: str = ""
    below: tuple[Selection, ...] = ()
    on_top: tuple[Selection, ...] = ()
    origins: Mapping[str, str] = field(default_factory=dict, hash=False, compare=False)

    @cached_property
    def key(self) -> str:
        """Tells this configuration from any that could give other results."""
        from hashlib import blake2b

        text = repr(replace(self, origins={}))
        return blake2b(text.encode("utf-8", "surrogateescape"), digest_size=16).hexdigest()

    @property
    def selections(self) -> tuple[Selection, ...]:
        """All layers that select rules, the last word last."""
        own = Selection(self.select, self.extend_select, self.ignore, self.origin)
        return (*self.below, own, *self.on_top)

    @cached_property
    def excluded(self) -> PathPatterns:
        """The paths that are left out."""
        return PathPatterns(self.exclude + self.extend_exclude, str(self.root))

    def in_file(self, path: str) -> Config:
        """The configuration for the file `path`: with all `overrides` whose patterns it matches."""
        absolute = os.path.abspath(path)
        config = self
        for override, patterns in self._override_patterns:
            if patterns.match_at_or_above(absolute):
                config = _overridden(config, override)
        return config

    @cached_property
    def _override_patterns(self) -> tuple[tuple[Override, PathPatterns], ...]:
        return tuple((o, PathPatterns(o.files, str(self.root))) for o in self.overrides)

    @cached_property
    def tests(self) -> PathPatterns:
        """The files of tests."""
        return PathPatterns(TEST_FILES, str(self.root))

    @cached_property
    def file_ignores(self) -> tuple[tuple[PathPatterns, bool, tuple[str, ...]], ...]:
        """Of `per_file_ignores`: pattern, whether it means the files that it matches, rules."""
        return tuple(
            (PathPatterns((key.removeprefix("!"),), str(self.root)), key[:1] != "!", rules)
            for key, rules in self.per_file_ignores
        )


def enabled(rules: Sequence[R], config: Config) -> tuple[R, ...]:
    """The rules that are on; ConfigError for a selector, wherever it stands, that means none."""
    for key, selectors in config.per_file_ignores:
        for selector in selectors:
            meant(selector, rules, f"{config.origin}: per-file-ignores: {key}")
    return choose(rules, config.selections, on_by_default(rules, config.reloader))


def enabled_in(path: str, on: Sequence[R], config: Config) -> tuple[R, ...]:
    """Those of the rules that are `on` which no per-file-ignores turn off in the file `path`."""
    absolute = os.path.abspath(path)
    ignored = [
        selector
        for patterns, means_matches, selectors in config.file_ignores
        if patterns.match(absolute) is means_matches
        for selector in selectors
    ]
    is_test = config.default_test_ignores and config.tests.match_at_or_above(absolute)
    return tuple(
        rule
        for rule in on
        if not (is_test and rule.skips_tests)
        and not any(means(selector, rule) for selector in ignored)
    )


def with_options(config: Config, given: Mapping[str, object]) -> Config:
    """`config` with settings of the command line, by their names, on top."""
    return _layered(config, _accepted(given, COMMAND_LINE), COMMAND_LINE)


def _layered(config: Config, values: Mapping[str, Any], origin: str) -> Config:
    """`config` with `values` by field; what selects becomes a layer of its own."""
    values = dict(values)
    selecting = {key: values.pop(key) for key in _SELECTING if key in values}
    if selecting:
        values["on_top"] = (*config.on_top, Selection(**selecting, origin=origin))
    origins = dict.fromkeys([*values, *selecting], origin)
    return replace(config, **values, origins={**config.origins, **origins})


def _overridden(config: Config, override: Override) -> Config:
    """`config` with an override, below what the command line says."""
    said = {name for name, origin in config.origins.items() if origin == COMMAND_LINE}
    values = {k: v for k, v in override.values.items() if k in _SELECTING or k not in said}
    place = f"{config.origin}: overrides"
    layers = [layer for layer in config.on_top if layer.origin == COMMAND_LINE]
    without = replace(config, on_top=config.on_top[: len(config.on_top) - len(layers)])
    layered = _layered(without, values, place)
    return replace(layered, on_top=(*layered.on_top, *layers))


def discover(path: str | Path) -> Config:
    """The configuration for the file or folder `path`: the nearest file's, or the defaults."""
    return Configs().of(str(path) if os.path.isdir(path) else os.path.dirname(path))


def read_config(path: str, root: Path | None = None) -> Config:
    """The configuration in the file `path`; ConfigError where it has none, or a wrong one."""
    table = _table(path)
    if table is None:
        raise ConfigError(f"{path}: no [tool.reloadlint] in this file")
    return _config(table, path, root or Path(os.path.abspath(path)).parent)


def inline(text: str) -> dict[str, object]:
    """The settings in a line of TOML, `KEY = VALUE`; ConfigError where it is none."""
    try:
        return parse_toml(text)
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"--config {text!r}: not TOML: {error}") from None


class Configs:
    """The configuration for each folder: the nearest file's, unless `only` holds for all.

    Nothing is merged but the options `given` on the command line, which go on top of each.
    """

    def __init__(
        self, given: Mapping[str, object] | None = None, only: Config | None = None
    ) -> None:
        self._given = given or {}
        self._only = with_options(only, self._given) if only else None
        self._known: dict[str, Config] = {}

    def of(self, folder: str) -> Config:
        """The configuration for the files in `folder`; ConfigError each time for a wrong one."""
        return self._only or self._of(os.path.abspath(folder))

    def _of(self, folder: str) -> Config:
        below: list[str] = []
        config = None
        while config is None:
            below.append(folder)
            config = self._known.get(folder) or self._in(folder)
            folder, child = os.path.dirname(folder), folder
            if config is None and folder == child:
                config = with_options(Config(), self._given)
        self._known.update(dict.fromkeys(below, config))
        return config

    def _in(self, folder: str) -> Config | None:
        for name in (OWN_FILE, SHARED_FILE):
            path = os.path.join(folder, name)
            # Never a FIFO, which would wait for ever.
            if os.path.isfile(path) and (table := _table(shown(path))) is not None:
                return with_options(_config(table, shown(path), Path(folder)), self._given)
        return None


def shown(path: str) -> str:
    """A path as a user would type it: relative to the working directory where it is below that."""
    relative = os.path.relpath(path)
    return path if relative.startswith(os.pardir) else relative


def _table(path: str) -> Mapping[str, object] | None:
    """The settings as written; None for a pyproject.toml that does not mention us."""
    shared = os.path.basename(path) == SHARED_FILE
    try:
        # Another tool's broken file is no business of ours, nor is it worth a parser.
        if shared and b"reloadlint" not in limits.content(path, limits.SETTINGS):
            return None
        document = load_toml(Path(path))
    except OSError as error:
        raise ConfigError(f"{path}: {(error.strerror or str(error)).lower()}") from None
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{path}: not TOML: {error}") from None
    table: Mapping[str, object] | None = document
    if shared:
        table = _subtable(_subtable(document, "tool"), "reloadlint")
    return table


def _subtable(table: object, key: str) -> Any:
    return table.get(key) if isinstance(table, Mapping) else None


def _config(table: Mapping[str, object], path: str, root: Path) -> Config:
    """The configuration of a file, on top of those that it extends."""
    config = Config(root=root, origin=path)
    for layer, origin in reversed(_chain(table, path)):
        values = _accepted(layer, origin)
        below = config.selections if config.origins else ()
        fields = {name: SETTINGS[name.replace("_", "-")].initial for name in _SELECTING}
        origins = {**config.origins, **dict.fromkeys(values, origin)}
        config = replace(
            config, **{**fields, **values}, origin=origin, below=below, origins=origins
        )
    return config


def _chain(table: Mapping[str, object], path: str) -> list[tuple[Mapping[str, object], str]]:
    """The settings of a file, and of those that it extends, the nearest first."""
    chain: list[tuple[Mapping[str, object], str]] = []
    seen: set[str] = set()
    while True:
        if not isinstance(table, Mapping):
            raise ConfigError(f"{path}: tool.reloadlint: expected a table")
        chain.append((table, path))
        seen.add(os.path.realpath(path))
        base = table.get("extend")
        if not isinstance(base, str):  # a wrong one is told with the other settings
            return chain
        base = shown(os.path.join(os.path.dirname(path), os.path.expanduser(base)))
        if os.path.realpath(base) in seen:
            raise ConfigError(f"{path}: extend: {base} extends this file")
        found = _table(base) if os.path.isfile(base) else None
        if found is None:
            reason = "no [tool.reloadlint] in it" if os.path.isfile(base) else "no such file"
            raise ConfigError(f"{path}: extend: {base}: {reason}")
        table, path = found, base


def _accepted(table: Mapping[str, object], origin: str) -> dict[str, Any]:
    """Checked values by field; ConfigError for the first wrong key or value."""
    values = {}
    for name, value in table.items():
        if name not in SETTINGS:
            raise ConfigError(f"{origin}: unknown setting `{name}`{hint(name, SETTINGS)}")
        setting = SETTINGS[name]
        try:
            values[setting.field] = setting.kind.accept(value)
        except ValueError as error:
            raise ConfigError(
                f"{origin}: {name}: expected {setting.kind.expected}{error}"
            ) from None
    return values
