"""The text that each module last ran, remembered at import, since files change on disk."""

from __future__ import annotations

import ast
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


class Source:
    """A text with the state of its file when it was read."""

    __slots__ = ("filename", "stat", "text")

    def __init__(self, filename: str, text: str, stat: tuple[int, int] | None) -> None:
        self.filename = filename
        self.text = text
        self.stat = stat


# Both survive a reload of the runtime itself.
_remembered: dict[str, Source] = keep("_remembered", dict)
_libraries = tuple(
    os.path.realpath(path) + os.sep
    for path in (*map(sysconfig.get_path, ("stdlib", "platstdlib")), os.path.dirname(__file__))
)


class NotReloadable(ImportError):
    """A module has no source in Python that could be executed again."""


class Recorder:
    """A finder that finds what the other finders find, and remembers the text on the way."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        """As `importlib.abc.MetaPathFinder.find_spec`."""
        spec = find_spec(name, path, target)
        if spec is not None and spec.origin and is_first_party(spec.origin):
            try:
                _remembered[name] = read_source(name, spec.loader, spec.origin)
            except (ImportError, OSError, SyntaxError):
                _remembered.pop(name, None)  # the import itself will say what is wrong
        return spec

    def invalidate_caches(self) -> None:
        """Nothing is cached here."""


def find_spec(name: str, path: Any, target: Any) -> ModuleSpec | None:
    """Ask all finders but our own."""
    for finder in sys.meta_path:
        # By name, so that a reloaded runtime knows the recorder of its former self.
        if type(finder).__name__ != "Recorder" and hasattr(finder, "find_spec"):
            spec = finder.find_spec(name, path, target)
            if spec is not None:
                return spec
    return None


def start_recording() -> None:
    """Remember the text of every first-party module, loaded or yet to be imported."""
    if not any(type(finder).__name__ == "Recorder" for finder in sys.meta_path):
        sys.meta_path.insert(0, Recorder())
    for name, module in list(sys.modules.items()):
        filename = getattr(module, "__file__", None)
        if name not in _remembered and filename and is_first_party(filename):
            lines = linecache.getlines(filename, vars(module))
            if lines or os.path.isfile(filename):
                _remembered[name] = Source(filename, "".join(lines), stat_of(filename))


def is_first_party(filename: str) -> bool:
    """Whether a file is the user's own: Python source, in no library, and not of the runtime."""
    if filename.endswith(tuple(EXTENSION_SUFFIXES)) or not filename.endswith((".py", ".pyw")):
        return False
    path = os.path.realpath(filename)
    if "site-packages" in path or "dist-packages" in path:
        return False
    return not path.startswith(_libraries)


def stat_of(filename: str) -> tuple[int, int] | None:
    """What changes when the file is written."""
    try:
        status = os.stat(filename)
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size


def read_source(name: str, loader: Any, filename: str) -> Source:
    """The text on disk or in an archive now."""
    stat = stat_of(filename)
    if stat is not None:
        with tokenize.open(filename) as file:
            return Source(filename, file.read(), stat)
    text = loader.get_source(name) if hasattr(loader, "get_source") else None
    if text is None:
        raise NotReloadable(f"{name} has no Python source", name=name)
    return Source(filename, text, None)


def remembered(name: str) -> Source | None:
    """The text that the module last ran."""
    return _remembered.get(name)


def remember(name: str, source: Source | None) -> None:
    """Take note that the module has run this text."""
    if source is None:
        _remembered.pop(name, None)
    else:
        _remembered[name] = source


def current_spec(module: ModuleType) -> ModuleSpec | None:
    """Where the module would be imported from now, which need not be where it was."""
    name = module.__name__
    parent = name.rpartition(".")[0]
    path = getattr(sys.modules.get(parent), "__path__", None) if parent else None
    importlib.invalidate_caches()
    return find_spec(name, path, module) if name != "__main__" else None


def current_source(module: ModuleType) -> tuple[Source, ModuleSpec | None]:
    """The text that a reload would run."""
    name = module.__name__
    spec = current_spec(module)
    filename = spec.origin if spec else getattr(module, "__file__", None)
    if spec is None and name != "__main__":
        raise ModuleNotFoundError(f"no module named {name!r} any more", name=name)
    if not filename and spec is not None and spec.submodule_search_locations is not None:
        raise NotReloadable(f"{name} is a namespace package: it has no code", name=name)
    if not filename or filename in ("built-in", "frozen"):
        raise NotReloadable(f"{name} is built into the interpreter", name=name)
    if filename.endswith(tuple(EXTENSION_SUFFIXES)):
        raise NotReloadable(
            f"{name} is a C extension: CPython cannot load it a second time", name=name
        )
    return read_source(name, spec.loader if spec else None, filename), spec


def is_being_imported(module: Any) -> bool:
    """Whether the first run of a module is not over."""
    return bool(getattr(getattr(module, "__spec__", None), "_initializing", False))


def loaded_first_party() -> list[str]:
    """The names of all loaded modules whose text is known."""
    return [name for name in list(_remembered) if name in sys.modules]


def changed_modules(paths: list[Path] | None = None) -> Iterator[ModuleType]:
    """The loaded modules (below `paths`, if given) whose file is no longer what they ran."""
    for name, source in list(_remembered.items()):
        module = sys.modules.get(name)
        stat = stat_of(source.filename)
        if module is None or is_being_imported(module):
            continue
        if stat is None and source.stat and _has_moved(module, source, paths):
            yield module
        if stat in (None, source.stat):
            continue
        if not _is_below(source.filename, paths):
            continue
        try:
            text = read_source(name, None, source.filename).text
        except (OSError, SyntaxError, UnicodeDecodeError):
            text = None  # let the reload say what is wrong
        if text == source.text:
            source.stat = stat
        else:
            yield module


def _has_moved(module: ModuleType, source: Source, paths: list[Path] | None) -> bool:
    spec = current_spec(module)
    origin = spec.origin if spec else None
    if not origin or origin == source.filename or not is_first_party(origin):
        return False
    return os.path.isfile(origin) and _is_below(origin, paths)


def _is_below(filename: str, paths: list[Path] | None) -> bool:
    if paths is None:
        return True
    path = Path(filename).resolve()
    return any(path == each or each in path.parents for each in paths)


def absolute_name(node: ast.ImportFrom, module: ModuleType) -> str:
    """The module that `from … import` names."""
    package = module.__name__ if hasattr(module, "__path__") else module.__name__.rpartition(".")[0]
    parts = package.split(".")
    base = parts[: len(parts) - node.level + 1] if node.level else []
    return ".".join([*base, *filter(None, [node.module])])


def imported_modules(tree: ast.AST, module: ModuleType) -> set[str]:
    """The names of all modules that a module imports at its top level."""
    found: set[str] = set()
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            origin = absolute_name(node, module)
            found.update([origin, *(f"{origin}.{alias.name}" for alias in node.names)])
        elif not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.expr)):
            found |= imported_modules(node, module)
    return found
