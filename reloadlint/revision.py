"""What git knows of another revision of the files: which have changed since, and their old text."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from reloadlint.errors import ConfigError

# A repository that came as an archive brings its own settings along, and one may lie bare in any
# folder: of the commands that they name, git must run none.
_HARMLESS: Final = (
    ("core.quotepath", "off"),
    ("core.fsmonitor", "false"),
    ("core.hooksPath", os.devnull),
    ("safe.bareRepository", "explicit"),
)
_FILTER: Final = re.compile(r"filter\..*\.(clean|process|required)", re.DOTALL)
_DIFF: Final = "diff --name-status -z -M --no-ext-diff --no-textconv --ignore-submodules=all"


@dataclass(frozen=True)
class Revision:
    """A revision of the repository around the working directory.

    `before` maps each file that differs from it, by absolute path, to the name that it had there;
    None for a file that is new.
    """

    name: str
    before: dict[str, str | None]

    @classmethod
    def of(cls, name: str) -> Revision:
        """Ask git; ConfigError, with git's reason, where it has no answer."""
        top = os.fsdecode(_git("rev-parse", "--show-toplevel").rstrip(b"\n"))
        # A name that starts with a dash is no option.
        commit = _git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
        if not commit:
            raise ConfigError(f"--diff-base: git knows no revision `{name}`")
        commit_name = commit.decode().strip()
        before: dict[str, str | None] = {}
        changed = _git(*_DIFF.split(), commit_name, settings=_without_filters())
        words = iter(map(os.fsdecode, changed.split(b"\0")))
        for status in words:
            if not status:
                break
            old = next(words)
            new = next(words) if status[0] in "RC" else old
            before[os.path.join(top, new)] = None if status[0] == "A" else old
        listed = _git("ls-files", "--others", "--exclude-standard", "-z", "--full-name", top)
        for path in filter(None, listed.split(b"\0")):
            before[os.path.join(top, os.fsdecode(path))] = None
        return cls(commit_name, before)

    def text(self, path: str) -> bytes | None:
        """The content of the changed file `path` in this revision; None for a file that is new."""
        old = self.before[os.path.abspath(path)]
        return None if old is None else _git("cat-file", "blob", f"{self.name}:{old}")


def _without_filters() -> tuple[tuple[str, str], ...]:
    """Settings with which git compares files as they are, whatever filters it is told of."""
    listed = map(os.fsdecode, _git("config", "--list", "--name-only", "-z").split(b"\0"))
    keys = dict.fromkeys(filter(_FILTER.fullmatch, listed))
    return tuple((key, "false" if key.endswith(".required") else "") for key in keys)


def _git(*args: str, settings: Sequence[tuple[str, str]] = ()) -> bytes:
    environment = {**os.environ, **dict(_environment(settings))}
    try:
        done = subprocess.run(
            ["git", *args],
            env=environment,
            capture_output=True,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except OSError as error:
        raise ConfigError(f"git cannot be run: {error.strerror}") from None
    if done.returncode and "--quiet" not in args:
        reason = os.fsdecode(done.stderr).strip().splitlines() or [f"exit code {done.returncode}"]
        raise ConfigError(f"git: {reason[0]}")
    return done.stdout


def _environment(settings: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Without network, and with settings behind those that the user has in the environment."""
    yield from {"GIT_NO_LAZY_FETCH": "1", "GIT_ALLOW_PROTOCOL": "none"}.items()
    given = os.environ.get("GIT_CONFIG_COUNT", "")
    first = int(given) if given.isdecimal() else 0
    for number, (key, value) in enumerate((*_HARMLESS, *settings), first):
        yield f"GIT_CONFIG_KEY_{number}", key
        yield f"GIT_CONFIG_VALUE_{number}", value
    yield "GIT_CONFIG_COUNT", str(first + len(_HARMLESS) + len(settings))
