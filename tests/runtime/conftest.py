"""A module on disk that tests write, import and reload."""

from __future__ import annotations

import importlib
import itertools
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from reloadlint.runtime import _sources

_ROOT = f"{Path(__file__).parents[2]}{os.sep}"
_names = (f"live_module_{number}" for number in itertools.count())
_moments = itertools.count(1_700_000_000, 10)


class Project:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.name = next(_names)
        self.file = folder / f"{self.name}.py"

    def another(self) -> Project:
        """A second module in the same folder."""
        return Project(self.folder)

    def write(self, text: str) -> None:
        self.file.write_text(text, encoding="utf-8")
        moment = next(_moments)  # whatever the clock's resolution is
        os.utime(self.file, (moment, moment))

    def start(self, text: str) -> ModuleType:
        self.write(text)
        importlib.invalidate_caches()
        return importlib.import_module(self.name)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    # Our own files are no part of the program, and to look through them all takes seconds.
    is_own = _sources.is_first_party
    monkeypatch.setattr(
        _sources, "is_first_party", lambda file: is_own(file) and not file.startswith(_ROOT)
    )
    others = {name: _sources.remembered.pop(name) for name in [*_sources.remembered]}
    project = Project(tmp_path)
    yield project
    for name, module in [*sys.modules.items()]:
        if str(getattr(module, "__file__", "")).startswith(str(tmp_path)):
            del sys.modules[name]
    _sources.remembered.clear()
    _sources.remembered.update(others)
