"""What can go wrong, as a tree; every message is one line that names the place and the reason.

ReloadlintError
├── ConfigError      bad option, key, value or rule name
├── SourceError      a path that could not be read or decoded
├── SyntaxFailure    CPython does not parse the text
├── RegistryError    a rule pack that fails to import, or reuses a code
└── WalkError        libcst could not parse, or a rule crashed on, one statement
"""

from __future__ import annotations


class ReloadlintError(Exception):
    """Base of all errors that are reported in one line.

    `details` is what helps to find a bug of ours: a traceback.
    """

    details: str = ""

    def __reduce__(self) -> tuple[object, ...]:
        """What a worker sends: `Exception` would pass the message where `__init__` has a path."""
        return _restored, (type(self), self.args, self.__dict__)


def _restored(
    kind: type[ReloadlintError], args: tuple[object, ...], attributes: dict[str, object]
) -> ReloadlintError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(attributes)
    return error


class ConfigError(ReloadlintError):
    """A setting, option or rule name that does not exist or has a wrong value."""


class RegistryError(ReloadlintError):
    """A rule pack that cannot be imported, or two rules with one code or name."""


class SourceError(ReloadlintError):
    """A file that cannot be read: `path` as shown to the user, `reason` in a few words."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


class SyntaxFailure(ReloadlintError):
    """Text that CPython refuses: 1-based `line` and `column`, and CPython's own message."""

    def __init__(self, path: str, line: int, column: int, reason: str) -> None:
        super().__init__(f"{path}:{line}:{column}: {reason}")
        self.path = path
        self.line = line
        self.column = column
        self.reason = reason


class WalkError(ReloadlintError):
    """A statement that was not checked: `who` (libcst or a rule's code) failed on it."""

    def __init__(self, path: str, line: int, who: str, reason: str) -> None:
        super().__init__(f"{path}:{line}: {who}: {reason}")
        self.path = path
        self.line = line
        self.who = who
        self.reason = reason

    @classmethod
    def by(cls, who: str, path: str, line: int, error: Exception) -> WalkError:
        """The failure that an unexpected `error` is, with its traceback."""
        import traceback

        failure = cls(path, line, who, f"{type(error).__name__}: {error}")
        failure.details = "".join(traceback.format_exception(error))
        return failure
