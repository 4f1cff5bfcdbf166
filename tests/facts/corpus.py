"""Files of this interpreter's standard library, its own test suite included."""

from __future__ import annotations

import os
import sysconfig
import tokenize
from functools import lru_cache
from pathlib import Path

LIBRARY = Path(sysconfig.get_paths()["stdlib"])
# Chosen for what is in them; the others are taken at even distances.
_TELLING = (
    "test/test_cmd_line.py", "test/test_generators.py", "test/test_genexps.py",
    "test/test_grammar.py", "test/test_itertools.py", "test/test_listcomps.py",
    "test/test_named_expressions.py", "test/test_patma.py", "test/test_scope.py",
    "test/test_super.py", "test/test_syntax.py", "test/test_type_params.py",
    "test/test_with.py", "asyncio/base_events.py", "dataclasses.py", "functools.py", "typing.py",
)  # fmt: skip


@lru_cache
def files() -> tuple[Path, ...]:
    found = [path for path in LIBRARY.rglob("*.py") if "site-packages" not in path.parts]
    return tuple(sorted(found))


def some(stride: int) -> tuple[Path, ...]:
    """A part of all files, even in all folders; RELOADLINT_TEST_STRIDE=1 makes it all of them."""
    return files()[:: int(os.environ.get("RELOADLINT_TEST_STRIDE", stride))]


def sample(size: int = 60) -> list[Path]:
    """A fixed choice: files that are known to be telling, and some at even distances."""
    telling = [LIBRARY / name for name in _TELLING if (LIBRARY / name).exists()]
    others = [path for path in files() if path not in telling]
    rest = size - len(telling)
    return sorted(telling + others[:: max(1, len(others) // rest)][:rest])


def read(path: Path) -> str | None:
    """The text of a file as CPython decodes it; None where it cannot."""
    try:
        with tokenize.open(path) as file:
            return file.read()
    except (SyntaxError, UnicodeDecodeError):
        return None


def name(path: Path) -> str:
    """The path within the library, as the id of a test."""
    return path.relative_to(LIBRARY).as_posix()
