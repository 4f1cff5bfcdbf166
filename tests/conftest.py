"""What all tests share: the key of caches is not that of the user who runs them."""

from __future__ import annotations

import os
import shutil
import tempfile

import pytest


def pytest_configure(config: pytest.Config) -> None:
    folder = tempfile.mkdtemp(prefix="reloadlint-tests-")
    os.environ["XDG_CACHE_HOME"] = folder
    os.environ.pop("RELOADLINT_CACHE_DIR", None)
    config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
