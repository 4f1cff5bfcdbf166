"""What can be configured, as data: validation, documentation and editors use this one table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

from reloadlint.finding import Confidence
from reloadlint.globs import translate
from reloadlint.nearest import hint


class Kind(Protocol):
    """The type of a setting: what may be written, and what it becomes."""

    @property
    def expected(self) -> str:
        """What may be written, in words that follow "expected"."""

    @property
    def schema(self) -> dict[str, Any]:
        """What may be written, as JSON Schema."""

    def accept(self, value: object) -> Any:
        """The frozen value; ValueError, with a hint or nothing, for what may not be written."""


@dataclass(frozen=True)
class Flag:
    """True or false."""

    expected = "true or false"
    schema: ClassVar[dict[str, Any]] = {"type": "boolean"}

    def accept(self, value: object) -> bool:
        """The flag as it is."""
        if not isinstance(value, bool):
            raise ValueError
        return value


@dataclass(frozen=True)
class Text:
    """A string."""

    expected = "a string"
    schema: ClassVar[dict[str, Any]] = {"type": "string"}

    def accept(self, value: object) -> str:
        """The string as it is."""
        if not isinstance(value, str):
            raise ValueError
        return value


@dataclass(frozen=True)
class Count:
    """A number of things."""

    expected = "a number, 0 or more"
    schema: ClassVar[dict[str, Any]] = {"type": "integer", "minimum": 0}

    def accept(self, value: object) -> int:
        """The number as it is."""
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            raise ValueError
        return value


@dataclass(frozen=True)
class Choice:
    """One of a few words."""

    words: tuple[str, ...]

    @property
    def expected(self) -> str:
        """The words themselves."""
        return f"one of {', '.join(self.words)}"

    @property
    def schema(self) -> dict[str, Any]:
        """The words themselves."""
        return {"enum": list(self.words)}

    def accept(self, value: object) -> str:
        """The word as it is."""
        if value not in self.words:
            raise ValueError(hint(str(value), self.words))
        return str(value)


@dataclass(frozen=True)
class Level(Choice):
    """A confidence."""

    words: tuple[str, ...] = tuple(level.label for level in Confidence)

    def accept(self, value: object) -> Any:
        """The confidence of that name."""
        return Confidence[super().accept(value).upper()]


@dataclass(frozen=True)
class Strings:
    """A list of strings: rules, folders."""

    expected = "a list of strings"
    schema: ClassVar[dict[str, Any]] = {"type": "array", "items": {"type": "string"}}

    def accept(self, value: object) -> tuple[str, ...]:
        """The list as a tuple."""
        if not isinstance(value, (list, tuple)) or not all(isinstance(v, str) for v in value):
            raise ValueError
        return tuple(value)


@dataclass(frozen=True)
class Patterns(Strings):
    """A list of path patterns."""

    expected = "a list of path patterns"

    def accept(self, value: object) -> tuple[str, ...]:
        """The patterns as they are, each proved to be one."""
        for pattern in (patterns := super().accept(value)):
            _check_pattern(pattern)
        return patterns


@dataclass(frozen=True)
class PatternTable:
    """A table from path patterns to lists of rules."""

    expected = "a table of path patterns with lists of rules"
    schema: ClassVar[dict[str, Any]] = {
        "type": "object",
        "additionalProperties": Strings.schema,
    }

    def accept(self, value: object) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """The table as pairs, in the order written."""
        if not isinstance(value, Mapping):
            raise ValueError
        for pattern in value:
            _check_pattern(pattern)
        return tuple((pattern, Strings().accept(rules)) for pattern, rules in value.items())


@dataclass(frozen=True)
class Table:
    """A table whose meaning is not known here."""

    expected = "a table"
    schema: ClassVar[dict[str, Any]] = {"type": "object"}

    def accept(self, value: object) -> Mapping[str, object]:
        """The table as it is."""
        if not isinstance(value, Mapping):
            raise ValueError
        return value


@dataclass(frozen=True)
class Override:
    """Settings for the files that match the patterns `files`; `values` are by field."""

    files: tuple[str, ...]
    values: Mapping[str, Any] = field(hash=False)


@dataclass(frozen=True)
class Overrides:
    """A list of tables, each with path patterns and the settings for what they match."""

    expected = "a list of tables, each with `files` and settings"

    @property
    def schema(self) -> dict[str, Any]:
        """A list of objects; only what can differ from file to file may stand in them."""
        properties = {s.name: s.schema for s in SETTINGS.values() if s.per_file}
        return {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"files": Patterns.schema, **properties},
                "required": ["files"],
                "additionalProperties": False,
            },
        }

    def accept(self, value: object) -> tuple[Override, ...]:
        """The tables in their order."""
        if not isinstance(value, (list, tuple)):
            raise ValueError
        return tuple(self._override(table) for table in value)

    def _override(self, table: object) -> Override:
        if not isinstance(table, Mapping) or "files" not in table:
            raise ValueError
        values = {}
        for name, value in table.items():
            if name == "files":
                continue
            known = [setting.name for setting in SETTINGS.values() if setting.per_file]
            if name not in known:
                raise ValueError(f"; `{name}` is none of those{hint(name, known)}")
            kind = SETTINGS[name].kind
            try:
                values[SETTINGS[name].field] = kind.accept(value)
            except ValueError as error:
                raise ValueError(f"; {name}: expected {kind.expected}{error}") from None
        return Override(Patterns().accept(table["files"]), values)


def _check_pattern(pattern: str) -> None:
    try:
        translate(pattern)
    except ValueError as error:
        raise ValueError(f"; {error}") from None


@dataclass(frozen=True)
class Setting:
    """One key: its `default` as it would be written (None: not given), `doc` in one line."""

    name: str
    kind: Kind
    default: object
    doc: str

    @property
    def per_file(self) -> bool:
        """True where it can differ from file to file, and may stand in `[[overrides]]`."""
        return self.name in _PER_FILE

    @property
    def field(self) -> str:
        """The attribute of `Config`."""
        return self.name.replace("-", "_")

    @property
    def schema(self) -> dict[str, Any]:
        """The key as JSON Schema."""
        default = {} if self.default is None else {"default": self.default}
        return {"description": self.doc, **self.kind.schema, **default}

    @property
    def initial(self) -> Any:
        """What `Config` holds where the key is not given."""
        return None if self.default is None else self.kind.accept(self.default)


_EXCLUDE = (  # ruff's
    *(".bzr", ".direnv", ".eggs", ".git", ".git-rewrite", ".hg", ".ipynb_checkpoints"),
    *(".mypy_cache", ".nox", ".pants.d", ".pyenv", ".pytest_cache", ".pytype", ".ruff_cache"),
    *(".svn", ".tox", ".venv", ".vscode", "__pypackages__", "_build", "buck-out", "dist"),
    *("node_modules", "site-packages", "venv"),
)
RELOADERS = (  # portable, and those that were measured
    *("portable", "importlib", "reimport", "ipython", "jurigged", "reloadlint"),
    *("debugpy", "hmr", "limeade", "liveimport", "marimo", "pyflyby", "superduperreload"),
    "xreload",
)
_PER_FILE = frozenset(
    {
        *("select", "extend-select", "ignore", "reloader", "state-idiom"),
        *("min-confidence", "min-body", "default-test-ignores", "sinks"),
    }
)

SETTINGS: Mapping[str, Setting] = {
    setting.name: setting
    for setting in (
        Setting("extend", Text(), None, "A configuration file to start from."),
        Setting(
            "select",
            Strings(),
            None,
            "Rules to turn on instead of the default ones: codes, prefixes, names or ALL.",
        ),
        Setting("extend-select", Strings(), (), "Rules to turn on besides those selected."),
        Setting("ignore", Strings(), (), "Rules to turn off."),
        Setting(
            "per-file-ignores", PatternTable(), {}, "Rules to turn off in the files of a pattern."
        ),
        Setting("overrides", Overrides(), (), "Settings for the files of some patterns."),
        Setting("exclude", Patterns(), _EXCLUDE, "Files and folders to leave out."),
        Setting("extend-exclude", Patterns(), (), "Files and folders to leave out as well."),
        Setting("respect-gitignore", Flag(), True, "Leave out what .gitignore files leave out."),
        Setting(
            "reloader",
            Choice(RELOADERS),
            "portable",
            "What reloads the code: turns on the rules that matter under it. portable: anything.",
        ),
        Setting("first-party", Strings(), (".", "src"), "Folders that the project imports from."),
        Setting(
            "state-idiom",
            Choice(("keep", "globals")),
            None,
            "How fixes keep module state: by reloadlint.runtime.keep, or by globals() alone.",
        ),
        Setting("min-confidence", Level(), "likely", "How sure a finding must be to be shown."),
        Setting(
            "min-body",
            Count(),
            1,
            "Operations and statements that a closure must have to be worth a finding.",
        ),
        Setting(
            "default-test-ignores",
            Flag(),
            True,
            "Turn the rules on closures off in test files, which nobody reloads.",
        ),
        Setting(
            "baseline",
            Text(),
            "reloadlint-baseline.json",
            "The file of known findings, which are not shown; there need not be one.",
        ),
        Setting(
            "cache-dir",
            Text(),
            ".reloadlint_cache",
            "The folder for results of earlier runs, which must be in the project.",
        ),
        Setting("sinks", Table(), {}, "What callables do with the callables that they are given."),
    )
}
