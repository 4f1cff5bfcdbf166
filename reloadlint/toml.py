"""The one place that knows which TOML parser there is: the standard one since Python 3.11."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from reloadlint.limits import SETTINGS, content


def load_toml(path: Path) -> dict[str, Any]:
    """Parse the file at `path`.

    Raises OSError, UnicodeDecodeError or ValueError (with the parser's own message).
    """
    return parse_toml(content(path, SETTINGS).decode())


def parse_toml(text: str) -> dict[str, Any]:
    """Parse `text`; ValueError, with the parser's own message, where it is no TOML."""
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    return tomllib.loads(text)
