"""How long the slow tests go on: RELOADLINT_TEST_TIMES=10 makes it ten times as long."""

from __future__ import annotations

import os


def many(count: int) -> int:
    return count * int(os.environ.get("RELOADLINT_TEST_TIMES", "1"))
