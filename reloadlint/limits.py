"""How much is too much: the size of a file, in bytes, and what is looked at in one.

What is larger than anybody writes would take all memory, or minutes.
"""

from __future__ import annotations

import errno
import os
from typing import Final

SOURCE: Final = 10_000_000  # bytes; the largest modules that are generated have about half of it
NOTEBOOK: Final = 200_000_000  # its outputs may be pictures
SETTINGS: Final = 1_000_000
BASELINE: Final = 50_000_000
NODES: Final = 50_000  # at a time for libcst, which takes 50 microseconds and 5 kB for each
PLACES: Final = 2_000  # in one file, where rules may fire; the most seen in a real one are 133


def content(path: str | os.PathLike[str], limit: int) -> bytes:
    """What is in the file `path`; OSError (EFBIG) where that is more than `limit` bytes."""
    with open(path, "rb") as stream:
        size = os.fstat(stream.fileno()).st_size
        # What has no size, as in /proc, may still have no end.
        raw = stream.read(limit + 1) if size <= limit else b""
    if size > limit or len(raw) > limit:
        reason = f"too large: {max(size, len(raw)):,} bytes, more than {limit:,}"
        raise OSError(errno.EFBIG, reason, os.fspath(path))
    return raw
