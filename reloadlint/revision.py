"""What git knows of another revision of the files: which have changed since, and their old text."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass

from reloadlint.errors import ConfigError


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
        changed = _git("diff", "--name-status", "-z", "-M", "--no-ext-diff", commit_name).split(
            b"\0"
        )
        words = iter(map(os.fsdecode, changed))
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


def _git(*args: str) -> bytes:
    command = ["git", "-c", "core.quotepath=off", *args]
    try:
        done = subprocess.run(command, capture_output=True, check=False, stdin=subprocess.DEVNULL)
    except OSError as error:
        raise ConfigError(f"git cannot be run: {error.strerror}") from None
    if done.returncode and "--quiet" not in args:
        reason = os.fsdecode(done.stderr).strip().splitlines() or [f"exit code {done.returncode}"]
        raise ConfigError(f"git: {reason[0]}")
    return done.stdout
