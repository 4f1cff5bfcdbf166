"""The folder of the cache: sealed files in it, and its upkeep.

It stands in the project, which may come from anywhere. So nothing in it is believed unless it
carries the seal of this user: a digest with a key that lies outside of all projects. A cache that
comes with a repository, hiding findings or worse, is as good as none. What carries the seal was
written here, and is still only data.
"""

from __future__ import annotations

import hmac
import os
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Final

from reloadlint.errors import ConfigError

if TYPE_CHECKING:
    from reloadlint.config import Config

_TAG: Final = "CACHEDIR.TAG"
_TAG_TEXT: Final = (
    b"Signature: 8a477f597d28d172789f06886806bc55\n"  # https://bford.info/cachedir/
    b"# This folder was made by reloadlint; `reloadlint clean` removes it.\n"
)
_IGNORE: Final = ".gitignore"
_IGNORE_TEXT: Final = b"# Made by reloadlint.\n*\n"
_SUFFIX: Final = ".cache"
_SEAL: Final = 32  # bytes
_LARGEST: Final = 200_000_000  # bytes of all files together
_OLDEST: Final = 30 * 24 * 3600  # seconds since a file was last of use


def place(config: Config, given: str | None) -> Path:
    """The folder of the cache: that which is `given`, or that of the project.

    Raises ConfigError for a setting that leads out of the project: only users may say so, since
    projects come from anywhere.
    """
    if given:
        return Path(given)
    path = config.root / config.cache_dir
    if not path.resolve().is_relative_to(config.root.resolve()):
        raise ConfigError(
            f"{config.origin}: cache-dir: {config.cache_dir} is outside of the project; "
            "name such a folder with --cache-dir or RELOADLINT_CACHE_DIR"
        )
    return path


class Folder:
    """A folder in which results are kept; nothing is raised where that is not possible."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self, name: str) -> bytes | None:
        """What was written under `name`, if anybody else has not changed it."""
        key = _key(create=False)
        if key is None or self._is_foreign():
            return None
        raw = _content(self._file(name))
        if raw is None or len(raw) < _SEAL:
            return None
        seal, data = raw[:_SEAL], raw[_SEAL:]
        return data if hmac.compare_digest(seal, _sealed(key, name, data)) else None

    def prepare(self) -> None:
        """Make the folder before there is anything to write.

        So the folder that it stands in is not modified at the end of a run, which would be seen as
        a change by the next one.
        """
        if not self._is_foreign():
            with suppress(OSError):
                self._prepare()

    def write(self, name: str, data: bytes) -> bool:
        """Replace what is under `name`, all or nothing; False where that is not possible."""
        key = _key(create=True)
        if key is None or self._is_foreign():
            return False
        try:
            self._prepare()
            _replace(self._file(name), _sealed(key, name, data) + data)
            self._evict(keep=self._file(name))
        except OSError:
            return False
        return True

    def used(self, name: str) -> None:
        """Take note that what is under `name` was of use: it is evicted later than the rest."""
        path = self._file(name)
        with suppress(OSError):
            if time.time() - os.stat(path).st_mtime > 24 * 3600:
                os.utime(path)

    def clean(self) -> bool:
        """Remove all files that are ours, then the folder if it is empty; False if none is ours."""
        if self._is_foreign() or not (self.path / _TAG).is_file():
            return False
        with suppress(OSError):
            for path in self._files():
                path.unlink(missing_ok=True)
            for name in (_IGNORE, _TAG):
                (self.path / name).unlink(missing_ok=True)
            self.path.rmdir()
        return True

    def _file(self, name: str) -> Path:
        return self.path / f"{name}{_SUFFIX}"

    def _files(self) -> Iterator[Path]:
        return (path for path in self.path.iterdir() if _SUFFIX in path.name or _is_left(path))

    def _is_foreign(self) -> bool:
        """True for a link, which leads out of the project, and for what others keep files in."""
        if self.path.is_symlink() or (self.path.exists() and not self.path.is_dir()):
            return True
        with suppress(OSError):
            is_tagged = _content(self.path / _TAG) == _TAG_TEXT
            return not is_tagged and not all(map(_is_left, self.path.iterdir()))
        return self.path.exists()

    def _prepare(self) -> None:
        if not (self.path / _TAG).exists():
            self.path.mkdir(parents=True, exist_ok=True)
            _replace(self.path / _IGNORE, _IGNORE_TEXT)
            _replace(self.path / _TAG, _TAG_TEXT)  # the last: all is there where this is

    def _evict(self, keep: Path) -> None:
        """Remove what is old, or left behind by a run that was killed; then what is used least."""
        files = []
        for path in self._files():
            with suppress(OSError):
                status = path.stat()
                files.append((status.st_mtime, status.st_size, path))
        total, now = sum(size for _, size, _ in files), time.time()
        for used, size, path in sorted(files):
            is_left_behind = path.suffix != _SUFFIX and now - used > 3600
            if path != keep and (total > _LARGEST or now - used > _OLDEST or is_left_behind):
                with suppress(OSError):
                    path.unlink()
                    total -= size


def _is_left(path: Path) -> bool:
    """True for what a run leaves that is killed while it makes the folder."""
    if path.name == _IGNORE:
        return _content(path) == _IGNORE_TEXT
    return path.name.startswith((f"{_TAG}.", f"{_IGNORE}."))


def _sealed(key: bytes, name: str, data: bytes) -> bytes:
    return blake2b(name.encode() + b"\0" + data, key=key, digest_size=_SEAL).digest()


def _content(path: Path) -> bytes | None:
    """Of a regular file; a link could lead anywhere, and a FIFO would never end."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        if not path.is_file() or path.stat().st_size > _LARGEST:
            return None
        handle = os.open(path, flags | getattr(os, "O_BINARY", 0))
        with open(handle, "rb") as stream:
            return stream.read()
    except OSError:
        return None


def _replace(path: Path, content: bytes) -> None:
    from tempfile import mkstemp

    handle, temporary = mkstemp(prefix=f"{path.name}.", dir=path.parent)
    try:
        with open(handle, "wb") as stream:
            stream.write(content)
        os.replace(temporary, path)
    finally:
        with suppress(FileNotFoundError):
            os.unlink(temporary)


def _key(*, create: bool) -> bytes | None:
    """The key of this user; None where there is none, or nowhere to keep it."""
    with suppress(OSError, RuntimeError):  # the latter: there is no home directory
        path = user_folder() / "key"
        if create and not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            _replace(path, os.urandom(32))  # readable for this user alone, as `mkstemp` makes files
        key = _content(path)
        return key if key is not None and len(key) == 32 else None
    return None


def user_folder() -> Path:
    """Where this user's caches are, by the conventions of the system."""
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData/Local") / "reloadlint"
    if sys.platform == "darwin":
        return Path.home() / "Library/Caches/reloadlint"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "reloadlint"
