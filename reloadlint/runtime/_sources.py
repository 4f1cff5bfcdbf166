"""The text that each module last ran, remembered at import, since files change on disk."""

from __future__ import annotations

import contextlib
import importlib
import linecache
import os
import sys
import sysconfig
import tokenize
from collections.abc import Iterator
from importlib.machinery import EXTENSION_SUFFIXES, ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

from reloadlint.runtime._keep import keep
from reloadlint.runtime._version import Version

# By module. Survives a reload of the runtime itself.
remembered: dict[str, Version] = keep("remembered", dict)
_libraries = tuple(
    os.path.realpath(path) + os.sep
    # The standard library may be in an archive, which sysconfig does not know of.
    for path in (*map(os.path.dirname, (os.__file__, __file__)), sysconfig.get_path("platstdlib"))
)


class NotReloadable(ImportError):
    """A module has no source in Python that could be executed again."""


class Recorder:
    """A finder that finds what the other finders find, and remembers the text on the way."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        """As `importlib.abc.MetaPathFinder.find_spec`."""
        spec = find_spec(name, path, target)
        if spec is not None and spec.origin and is_first_party(spec.origin):
            # If it cannot be read, the import itself will say what is wrong.
            with contextlib.suppress(ImportError, OSError, SyntaxError):
                remembered[name] = read_source(name, spec.loader, spec.origin)
        return spec


def find_spec(name: str, path: Any, target: Any) -> ModuleSpec | None:
    """Ask all finders but our own."""
    # By name, so that a reloaded runtime knows the recorder of its former self.
    finders: list[Any] = [each for each in sys.meta_path if type(each).__name__ != "Recorder"]
    found = (each.find_spec(name, path, target) for each in finders if hasattr(each, "find_spec"))
    return next(filter(None, found), None)


def start_recording() -> None:
    """Remember the text of every first-party module, loaded or yet to be imported."""
    if not any(type(finder).__name__ == "Recorder" for finder in sys.meta_path):
        sys.meta_path.insert(0, Recorder())
    for name, module in list(sys.modules.items()):
        filename = getattr(module, "__file__", None)
        if name not in remembered and filename and is_first_party(filename):
            lines = linecache.getlines(filename, vars(module))
            if lines or os.path.isfile(filename):
                remembered[name] = Version(filename, "".join(lines), stat_of(filename))


def is_first_party(filename: str) -> bool:
    """Whether a file is the user's own: Python source, in no library, and not of the runtime."""
    path = os.path.realpath(filename)
    library = "site-packages" in path or "dist-packages" in path or path.startswith(_libraries)
    return filename.endswith((".py", ".pyw")) and not library


def stat_of(filename: str) -> tuple[int, int] | None:
    """What changes when the file is written."""
    try:
        status = os.stat(filename)
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size


def read_source(name: str, loader: Any, filename: str) -> Version:
    """The text on disk or in an archive now."""
    stat = stat_of(filename)
    if stat is not None and not filename.endswith(".pyc"):
        with tokenize.open(filename) as file:
            return Version(filename, file.read(), stat)
    text = loader.get_source(name) if hasattr(loader, "get_source") else None
    if text is None:
        raise NotReloadable(f"{name} has no Python source", name=name)
    return Version(filename, text, None)


def current_spec(module: ModuleType) -> ModuleSpec | None:
    """Where the module would be imported from now, which need not be where it was."""
    if module.__name__ == "__main__":
        return None
    parent = sys.modules.get(module.__name__.rpartition(".")[0])
    importlib.invalidate_caches()
    return find_spec(module.__name__, getattr(parent, "__path__", None), module)


def current_source(module: ModuleType) -> tuple[Version, ModuleSpec | None]:
    """The text that a reload would run."""
    name, spec = module.__name__, current_spec(module)
    filename = spec.origin if spec else getattr(module, "__file__", None)
    if spec is None and name != "__main__":
        raise ModuleNotFoundError(f"no module named {name!r} any more", name=name)
    if not filename:
        what = "a namespace package, or typed in: it has no file"
    elif filename in ("built-in", "frozen"):
        what = "built into the interpreter"
    elif filename.endswith(tuple(EXTENSION_SUFFIXES)):
        what = "a C extension: CPython cannot load it a second time"
    else:
        return read_source(name, spec.loader if spec else None, filename), spec
    raise NotReloadable(f"{name} is {what}", name=name)


def is_being_imported(module: Any) -> bool:
    """Whether the first run of a module is not over."""
    return bool(getattr(getattr(module, "__spec__", None), "_initializing", False))


def changed_modules(paths: list[Path] | None = None) -> Iterator[ModuleType]:
    """The loaded modules (below `paths`, if given) whose file is no longer what they ran."""
    for name, known in list(remembered.items()):
        module = sys.modules.get(name)
        if module is None or is_being_imported(module):
            continue
        filename, stat = known.filename, stat_of(known.filename)
        if stat is None and known.stat and (spec := current_spec(module)):
            filename = spec.origin or ""
            stat = stat_of(filename) if is_first_party(filename) else None
        if stat is None or (filename, stat) == (known.filename, known.stat):
            continue
        path = Path(filename).resolve()
        if paths is not None and not any(path.is_relative_to(each) for each in paths):
            continue
        # If it cannot be read, let the reload say what is wrong.
        with contextlib.suppress(OSError, SyntaxError, UnicodeDecodeError):
            text = read_source(name, None, filename).text
            if (filename, text) == (known.filename, known.text):
                known.stat = stat
                continue
        yield module
