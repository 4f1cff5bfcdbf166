"""Paths → the files to check; a file ↔ a SourceFile. The one place that reads and writes code."""

from __future__ import annotations

import errno
import io
import os
import stat
import tokenize
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from reloadlint import gitignore, limits, notebook
from reloadlint.config import Configs, shown
from reloadlint.errors import ConfigError, ReloadlintError, SourceError
from reloadlint.gitignore import GitIgnore
from reloadlint.source import SourceFile

SUFFIXES: Final = (".py", ".pyi", notebook.SUFFIX)
# Emacs marks a file as being edited by a dangling link of such a name.
_LOCK_PREFIX: Final = ".#"


@dataclass(frozen=True)
class Listing:
    """The files to check, each once and in a stable order, and what could not be looked at.

    `leading_out` are links, found in a folder, to files that are not below it: to look at only.
    """

    files: tuple[str, ...]
    errors: tuple[ReloadlintError, ...]
    leading_out: frozenset[str] = frozenset()


def find(paths: Iterable[str], configs: Configs, *, force_exclude: bool = False) -> Listing:
    """List the files that `paths` name, and the Python files in the folders that they name.

    What is named outright is taken even if it is excluded, unless `force_exclude` is set. Links
    to folders are not followed below a folder, so that no loop of links is walked.
    """
    finder = _Finder(configs)
    for path in paths:
        finder.add(_tidy(path), force_exclude)
    errors = tuple(finder.errors.values())
    return Listing(_each_once(finder.files), errors, frozenset(finder.leading_out))


def is_excluded(path: str, configs: Configs) -> bool:
    """True where the configuration leaves out the path itself, or a folder that it is in."""
    config = configs.of(os.path.dirname(path))
    return config.excluded.match_at_or_above(os.path.abspath(path))


class _Finder:
    def __init__(self, configs: Configs) -> None:
        self.files: list[str] = []
        self.errors: dict[str, ReloadlintError] = {}
        self.leading_out: set[str] = set()
        self._configs = configs
        self._pending: list[tuple[str, GitIgnore | None]] = []

    def add(self, path: str, force_exclude: bool) -> None:
        try:
            excluded = is_excluded(path, self._configs)
        except ConfigError as error:
            self._note(error)
            return
        if excluded and force_exclude:
            return
        if os.path.isdir(path):
            self._walk(path)
        else:
            self.files.append(path)

    def _walk(self, top: str) -> None:
        # A list instead of recursion: a path may have more levels than Python's stack.
        try:
            self._pending = [(top, gitignore.start(os.path.abspath(top)))]
        except OSError as error:
            self._note_failure(error, top)
        real_top = os.path.join(os.path.realpath(top), "")
        while self._pending:
            folder, ignore = self._pending.pop()
            try:
                self._look_into(folder, ignore, real_top)
            except ConfigError as error:
                self._note(error)
            except OSError as error:
                self._note_failure(error, folder)

    def _look_into(self, folder: str, ignore: GitIgnore | None, real_top: str) -> None:
        config = self._configs.of(folder)
        asked = ignore if config.respect_gitignore else None
        below = []
        for entry in _sorted_entries(folder):
            is_folder = entry.is_dir(follow_symlinks=False)
            path = entry.name if folder == os.curdir else os.path.join(folder, entry.name)
            absolute = os.path.abspath(path)
            if not (is_folder or _is_python(entry)) or config.excluded.match(absolute):
                continue
            if asked is not None and asked.ignores(absolute, is_folder=is_folder):
                continue
            if is_folder:
                below.append((path, gitignore.enter(absolute, ignore)))
            else:
                self.files.append(path)
                if entry.is_symlink() and not os.path.realpath(path).startswith(real_top):
                    self.leading_out.add(path)
        self._pending += reversed(below)

    def _note_failure(self, error: OSError, folder: str) -> None:
        path = shown(error.filename) if isinstance(error.filename, str) else folder
        self._note(SourceError(path, _reason(error, path)))

    def _note(self, error: ReloadlintError) -> None:
        # A configuration that is wrong is so for each folder below it, but is told once.
        self.errors.setdefault(str(error), error)


def _sorted_entries(folder: str) -> list[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        return sorted(entries, key=lambda entry: entry.name)


def _is_python(entry: os.DirEntry[str]) -> bool:
    if not entry.name.endswith(SUFFIXES) or entry.name.startswith(_LOCK_PREFIX):
        return False
    return not (entry.is_symlink() and os.path.isdir(entry.path))


def _tidy(path: str) -> str:
    # Behind a link to a folder, `..` is not what the text says.
    return path if os.pardir in path.split(os.sep) else os.path.normpath(path)


def _each_once(files: list[str]) -> tuple[str, ...]:
    """Leave out repetitions, and links to files that are listed under their own names."""
    shown: dict[str, str] = {}
    for path in sorted(files, key=os.path.islink):
        shown.setdefault(os.path.realpath(path), path)
    kept = set(shown.values())
    return tuple(path for path in dict.fromkeys(files) if path in kept)


def read(path: str) -> SourceFile:
    """The file at `path`; SourceError with the reason where there is no text to be had."""
    return decode(path, _content(path))


def _content(path: str) -> bytes:
    try:
        status = os.stat(path)
        # Opening a FIFO waits for ever, and opening a device may do anything.
        if not stat.S_ISREG(status.st_mode):
            raise SourceError(path, f"{_kind(status.st_mode)}, not a file")
        if status.st_nlink > 1:
            from reloadlint import writing

            if aside := writing.kept_aside(path):
                raise SourceError(path, writing.cut_short(aside))
        is_notebook = path.endswith(notebook.SUFFIX)
        return limits.content(path, limits.NOTEBOOK if is_notebook else limits.SOURCE)
    except OSError as error:
        raise SourceError(path, _reason(error, path)) from None


def _kind(mode: int) -> str:
    kinds = {stat.S_IFDIR: "a directory", stat.S_IFIFO: "a FIFO", stat.S_IFSOCK: "a socket"}
    return kinds.get(stat.S_IFMT(mode), "a device")


def _reason(error: OSError, path: str) -> str:
    if error.errno == errno.ELOOP:
        return "a loop of symbolic links"
    if error.errno == errno.ENOENT and os.path.islink(path):
        return f"a dangling symbolic link to {os.readlink(path)}"
    return (error.strerror or str(error)).lower()


def decode(path: str, raw: bytes) -> SourceFile:
    """The text that CPython would see in `raw`; SourceError where it would not see any."""
    if path.endswith(notebook.SUFFIX):
        return notebook.parse(path, raw)
    encoding = _encoding(path, raw)
    bom = encoding == "utf-8-sig"
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        reason = f"not {encoding}: byte 0x{raw[error.start]:02x} on line {line}"
        raise SourceError(path, reason) from None
    except (LookupError, ValueError) as error:
        raise SourceError(path, f"not {encoding}: {_one_line(error)}") from None
    return SourceFile(path, text, "utf-8" if bom else encoding, bom, raw)


def _encoding(path: str, raw: bytes) -> str:
    try:
        return tokenize.detect_encoding(io.BytesIO(raw).readline)[0]
    except SyntaxError as error:
        reason = str(error)
    # This is how bytes on the first lines are refused, which decoding them tells more about.
    if "invalid or missing" in reason:
        return "utf-8"
    raise SourceError(path, reason)


def write(path: str, source: SourceFile, text: str) -> str | None:
    """Replace the content of the file that `source` was read from by `text`, all or nothing.

    Mode, owner, encoding and byte-order mark are kept, and so are links, symbolic or hard. Raises
    SourceError, and leaves the file alone, where it has changed since it was read, may not be
    written, or cannot hold the text. Returns what the user should know of a success, if anything.
    """
    from reloadlint import writing

    if writing.write(path, _encoded(path, source, text), source.raw or b""):
        return f"{path}: is a hard link: its other names have the new text, too"
    return None


def _one_line(error: Exception) -> str:
    """The message of a codec, which may quote the text that it was given."""
    return " ".join(str(error).split())


def _encoded(path: str, source: SourceFile, text: str) -> bytes:
    try:
        # Some encodings write one text in many ways; then bytes would change that nobody edited.
        if source.encode(source.text) == source.raw:
            return source.encode(text)
        reason = f"{source.encoding} does not give the same bytes again"
    except UnicodeEncodeError as error:
        reason = f"{source.encoding} has no {error.object[error.start : error.end]!a}"
    except UnicodeError as error:  # IDNA has rules for whole names
        reason = f"{source.encoding}: {_one_line(error)}"
    raise SourceError(path, f"not written: {reason}")
