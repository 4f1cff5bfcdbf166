"""Settings → what the user is shown of them: pages, values with their origins, a JSON schema."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from reloadlint.config import Config, enabled, enabled_in
from reloadlint.errors import ConfigError
from reloadlint.finding import Confidence
from reloadlint.nearest import hint
from reloadlint.profile import on_by_default
from reloadlint.rule import Rule
from reloadlint.selection import Selection, reasons
from reloadlint.settings import SETTINGS, Override, Setting


def find_setting(name: str) -> Setting:
    """The setting of that name; ConfigError for an unknown one."""
    if name not in SETTINGS:
        raise ConfigError(f"unknown setting `{name}`{hint(name, SETTINGS)}")
    return SETTINGS[name]


def index() -> Iterator[str]:
    """One line a setting: name, documentation."""
    margin = max(map(len, SETTINGS))
    for setting in SETTINGS.values():
        yield f"{setting.name:<{margin}}  {setting.doc}"


def page(setting: Setting) -> Iterator[str]:
    """All that is known of a setting."""
    yield setting.name
    yield ""
    yield setting.doc
    yield ""
    yield f"Takes: {setting.kind.expected}"
    yield f"Default: {'not set' if setting.default is None else _toml(setting.default)}"
    yield f"In [[overrides]]: {'yes' if setting.per_file else 'no'}"


def schema() -> dict[str, Any]:
    """What may stand in reloadlint.toml, or under [tool.reloadlint], as JSON Schema."""
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "reloadlint",
        "description": "Settings of reloadlint: reloadlint.toml, or [tool.reloadlint].",
        "type": "object",
        "properties": {setting.name: setting.schema for setting in SETTINGS.values()},
        "additionalProperties": False,
    }


def values(config: Config) -> Iterator[str]:
    """Every setting as it holds, in TOML, and who says so; what selects rules in all its layers."""
    for setting in SETTINGS.values():
        if setting.field not in Selection.__dataclass_fields__:
            origin = config.origins.get(setting.field, "default")
            yield _line(setting.name, getattr(config, setting.field), origin, setting.default)
    for layer in config.selections:
        for name in ("select", "extend-select", "ignore"):
            value = getattr(layer, name.replace("-", "_"))
            if value:
                yield _line(name, value, layer.origin, None)


def rules_on(config: Config, path: str, rules: Sequence[type[Rule]]) -> Iterator[str]:
    """The rules that are on for the file `path`, and which selector says so."""
    on = {rule.code for rule in enabled_in(path, enabled(rules, config), config)}
    why = reasons(rules, config.selections, on_by_default(rules, config.reloader))
    for rule in rules:
        if rule.code in on:
            yield f"# on: {rule.code} {rule.name}  # {why[rule.code]}"
        elif rule.code in why:
            yield f"# off in this file: {rule.code} {rule.name}"


def _line(name: str, value: object, origin: str, default: object) -> str:
    if value is None:
        return f"# {name} is not set  # {origin}"
    return f"{name} = {'{}' if not value and default == {} else _toml(value)}  # {origin}"


def _toml(value: object) -> str:
    """A value as it would be written, on one line."""
    if isinstance(value, Confidence):
        return _toml(value.label)
    if isinstance(value, Override):
        return _toml({"files": value.files, **{_key(k): v for k, v in value.values.items()}})
    if isinstance(value, Mapping):
        value = tuple(value.items())
        if not value:
            return "{}"
    if isinstance(value, (tuple, list)):
        if value and all(isinstance(v, tuple) and len(v) == 2 for v in value):
            pairs = ", ".join(f"{_quoted(k)} = {_toml(v)}" for k, v in value)
            return f"{{ {pairs} }}"
        return f"[{', '.join(map(_toml, value))}]"
    return json.dumps(value)


def _key(field: str) -> str:
    return field.replace("_", "-")


def _quoted(key: object) -> str:
    word = str(key)
    return word if word.replace("-", "").isalnum() and word.isascii() else json.dumps(word)
