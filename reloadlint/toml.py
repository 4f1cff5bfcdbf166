"""The one place that knows which TOML parser there is: the standard one since Python 3.11."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any


def load_toml(path: Path) -> dict[str, Any]:
    """Parse the file at `path`.

    Raises OSError, UnicodeDecodeError or ValueError (with the parser's own message).
    """
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    with path.open("rb") as stream:
        return tomllib.load(stream)
