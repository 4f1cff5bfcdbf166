"""What all tests share: a key of caches of their own, and that Ctrl-C is heard."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile

import pytest


def pytest_configure(config: pytest.Config) -> None:
    folder = tempfile.mkdtemp(prefix="reloadlint-tests-")
    os.environ["XDG_CACHE_HOME"] = folder
    os.environ.pop("RELOADLINT_CACHE_DIR", None)
    config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
    # Ignored in what a shell starts in the background, and in all processes that come of it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
