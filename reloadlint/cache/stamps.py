"""Whether files and folders are as they were: by what the system says of them, else by content."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any, Final

from reloadlint import limits

Stamp = list[int]  # time of modification and of change, size, inode

# What was modified as lately as this may be modified again at what the system takes for the same
# time: two seconds is as coarse as file systems are.
_RACY: Final = 2_000_000_000


def stamp(path: str) -> Stamp | None:
    """What tells that a file was not touched; None where that is not sure, or there is none."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    latest = max(status.st_mtime_ns, status.st_ctime_ns)
    if abs(time.time_ns() - latest) < _RACY:
        return None
    return [status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino]


def stamp_of_before(path: str, began: int) -> Stamp | None:
    """A stamp of a file or folder that was not modified since a time in nanoseconds."""
    found = stamp(path)
    return None if found is None or max(found[:2]) > began - _RACY else found


def digest_of_bytes(raw: bytes) -> str:
    """As `SourceFile.digest`."""
    return blake2b(raw, digest_size=16).hexdigest()


def digest_of_file(path: str) -> str | None:
    """Of the content; None where it cannot be read, or is no regular file."""
    if not os.path.isfile(path):
        return None
    try:
        return digest_of_bytes(limits.content(path, limits.NOTEBOOK))
    except OSError:
        return None


class Stamped:
    """Paths with a stamp and a digest each: `{path: [stamp, digest]}` as data."""

    def __init__(self, data: Mapping[str, list[Any]] | None = None) -> None:
        self.data = dict(data or {})
        self.is_renewed = False

    def digest(self, path: str) -> str | None:
        """What the path had when it was recorded."""
        entry = self.data.get(path)
        return None if entry is None else entry[1]

    def still(self, path: str, now: Stamp | None) -> bool:
        """True for a file that has the recorded content; its stamp is renewed."""
        entry = self.data.get(path)
        if entry is None:
            return False
        if now is not None and entry[0] == now:
            return True
        if digest_of_file(path) != entry[1]:
            return False
        if now is not None:
            self.data[path] = [now, entry[1]]
            self.is_renewed = True
        return True
