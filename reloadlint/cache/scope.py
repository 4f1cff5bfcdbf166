"""What one cache file depends on as a whole: who checks, by which rules, and what."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from importlib.util import find_spec
from pathlib import Path

from reloadlint import __version__
from reloadlint.packs import packs


def scope(paths: Sequence[str], settings: Iterable[str]) -> str:
    """A name for the results of checking `paths`, `settings` being what else decides about them.

    Two runs that share it differ in nothing but the content of files and their configuration.
    """
    digest = blake2b(digest_size=16)
    for part in (__version__, sys.version, os.getcwd(), *paths, "", *settings, "", *_sources()):
        digest.update(part.encode("utf-8", "surrogateescape") + b"\0")
    return digest.hexdigest()


def _sources() -> Iterator[str]:
    """The sources of the linter and of all rule packs, and which libcst there is."""
    for name in ("reloadlint", *packs()):
        yield name
        for root in _folders(name):
            for path in sorted(root.rglob("*")) if root.is_dir() else [root]:
                if path.suffix in {".json", ".py", ".toml"}:
                    yield str(path.relative_to(root))
                    yield path.read_text(encoding="utf-8", errors="surrogateescape")
    libcst = find_spec("libcst")
    if libcst is not None and libcst.origin:
        yield (Path(libcst.origin).parent / "_version.py").read_text(encoding="utf-8")


def _folders(package: str) -> list[Path]:
    """Where a package or module is, without running it, though not without its parents."""
    try:
        spec = find_spec(package)
    except (Exception, SystemExit):
        spec = None  # loading the rules will say what is wrong with the parents
    if spec is None:
        return []
    if spec.submodule_search_locations is not None:
        return [Path(folder) for folder in spec.submodule_search_locations]
    return [Path(spec.origin)] if spec.origin else []
