"""How many processes are worth starting: cores that we may use, and work for them."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from contextlib import suppress
from typing import Final

_WORTH: Final = 400_000  # bytes of source: a worker is there after as long as these take


def worth(sizes: Collection[int], wanted: int | None) -> int:
    """How many workers to start for files of these sizes in bytes; 1 means none.

    `wanted` is what the user says; None leaves it to the number of cores and the amount of work.
    """
    if wanted is not None:
        return max(1, min(wanted, len(sizes)))
    return max(1, min(usable_cores(), len(sizes), sum(sizes) // _WORTH))


def usable_cores() -> int:
    """The cores that this process may use, as its affinity and the limits of containers say."""
    if hasattr(os, "sched_getaffinity"):
        cores = len(os.sched_getaffinity(0))
    else:
        cores = os.cpu_count() or 1
    return max(1, min([cores, *_cgroup_limits()]))


def _cgroup_limits(root: str = "/sys/fs/cgroup", own: str = "/proc/self/cgroup") -> Iterator[int]:
    """Limits of CPU time of the control groups around us, in whole cores, of both versions."""
    folders = [root]
    for line in _text(own).splitlines():
        if line.startswith("0::"):
            parts = line[3:].strip("/").split("/")
            folders += [os.path.join(root, *parts[:end]) for end in range(1, len(parts) + 1)]
    limits = [_text(f"{folder}/cpu.max") for folder in folders]
    limits.append(" ".join(_text(f"{root}/cpu/cpu.cfs_{name}_us") for name in ("quota", "period")))
    for limit in limits:
        with suppress(ValueError, ZeroDivisionError):  # `max 100000`, `-1`, nothing at all
            quota, period = map(int, limit.split())
            if quota > 0:
                yield -(-quota // period)


def _text(path: str) -> str:
    try:
        with open(path, encoding="ascii", errors="replace") as stream:
            return stream.read()
    except OSError:
        return ""
