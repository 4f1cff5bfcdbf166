"""Bytes → a file, all or nothing. The one place that writes into files of the user's."""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from typing import IO, Final

from reloadlint.errors import SourceError

_TEMPORARY: Final = ".reloadlint-"
_TEMPORARY_NAME: Final = re.compile(re.escape(_TEMPORARY) + "[0-9a-f]{12}")
_ASIDE: Final = ".reloadlint-old"
STALE: Final = 3600.0  # seconds


def write(path: str, content: bytes, before: bytes | None) -> bool:
    """Make `content` all that is in the file `path`; tell whether that has other names, too.

    `before` is what was in it when the caller looked, None where there was no such file. Mode and
    owner are kept, and so are links, symbolic or hard. Raises SourceError, and leaves the file
    alone, where there is something else in it now, or it may not or cannot be written.
    """
    target = os.path.realpath(path)
    try:
        if before is None:
            _replace(path, target, content, before)
            return False
        if not os.stat(target).st_mode & 0o222 or not os.access(target, os.W_OK):
            raise SourceError(path, "read-only: not written")
        with _locked(path, target):
            has_other_names = os.stat(target).st_nlink > 1
            put = _overwrite if has_other_names else _replace
            put(path, target, content, before)
    except OSError as error:
        raise SourceError(path, f"not written: {_reason(error)}") from None
    return has_other_names


def write_output(path: str, text: str) -> None:
    """Write what the user wants to have in `path`, a file or a pipe, as UTF-8.

    Raises SourceError where that fails.
    """
    raw = text.encode("utf-8", "backslashreplace")
    try:
        if os.path.exists(path) and not os.path.isfile(path):
            with open(path, "wb") as stream:
                stream.write(raw)
            return
        before = content(path)
    except OSError as error:
        raise SourceError(path, f"not written: {_reason(error)}") from None
    write(path, raw, before)


def content(path: str) -> bytes | None:
    """What is in the file `path`, None where there is none; OSError where that cannot be told."""
    try:
        with open(path, "rb") as stream:
            return stream.read()
    except FileNotFoundError:
        return None


def kept_aside(path: str) -> str | None:
    """Where the old text of the file `path` is, if a write was cut short that could tear it."""
    aside = os.path.realpath(path) + _ASIDE
    return aside if os.path.lexists(aside) else None


@contextmanager
def _locked(path: str, target: str) -> Iterator[None]:
    """Keep another run of ours from writing the file between our last look at it and our write."""
    if sys.platform == "win32":
        yield
        return
    import fcntl

    with open(target, "rb") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SourceError(path, "being written by another process: not written") from None
        except OSError:  # not every file system has locks
            pass
        yield


def _replace(path: str, target: str, new: bytes, before: bytes | None) -> None:
    temporary = _written_beside(target, new, like=None if before is None else target)
    try:
        _check_unchanged(path, target, before)
        os.replace(temporary, target)
    finally:
        with suppress(FileNotFoundError):
            os.unlink(temporary)


def _overwrite(path: str, target: str, new: bytes, before: bytes) -> None:
    """Write into a file with other names, which would keep the old text if it were replaced.

    Nothing can do that at one stroke. So the old text is put aside before, whole; there it stays if
    we are killed or the disk fails, and whoever reads the file is told.
    """
    aside = target + _ASIDE
    _put_aside(path, target, aside, before)
    is_touched = False
    try:
        with open(target, "r+b") as stream:
            _check_unchanged(path, target, before)
            is_touched = True
            _fill(stream, new)
    except BaseException:
        if is_touched:
            with open(target, "r+b") as stream:
                _fill(stream, before)
        os.unlink(aside)
        raise
    os.unlink(aside)


def _put_aside(path: str, target: str, aside: str, before: bytes) -> None:
    temporary = _written_beside(target, before, like=target)
    try:
        os.link(temporary, aside)
    except FileExistsError:
        raise SourceError(path, f"not written: {cut_short(aside)}") from None
    finally:
        os.unlink(temporary)


def cut_short(aside: str) -> str:
    """What there is to say of the text that is kept in `aside`."""
    was = "is what the file was before a write that was cut short: put it back or delete it"
    return f"{os.path.basename(aside)} {was}"


def _written_beside(target: str, data: bytes, like: str | None) -> str:
    """A new file in the same folder, for `os.replace`; with the mode and owner of the file `like`.

    Nobody else may read it before it has the mode of a file that perhaps nobody else may read.
    """
    folder = os.path.dirname(target)
    _sweep(folder)
    name = os.path.join(folder, f"{_TEMPORARY}{os.urandom(6).hex()}")
    flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0)
    handle = os.open(name, flags, 0o666 if like is None else 0o600)
    try:
        with open(handle, "wb") as stream:
            _fill(stream, data)
        if like is not None:
            _become_like(name, like)
    except BaseException:
        os.unlink(name)
        raise
    return name


@cache
def _sweep(folder: str) -> None:  # reloadlint: ignore[RL205] -- once in a process
    """Delete what runs have left in the folder that were killed while they wrote.

    No run writes one file for an hour. One that does can no longer, says so, and the file stays.
    """
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if _TEMPORARY_NAME.fullmatch(entry.name) and entry.is_file(follow_symlinks=False):
                # When it was last changed by anything: nobody can set that back.
                if time.time() - entry.stat(follow_symlinks=False).st_ctime > STALE:
                    os.unlink(entry)


def _become_like(name: str, like: str) -> None:
    from shutil import copystat

    old, new = os.stat(like), os.stat(name)
    if (old.st_uid, old.st_gid) != (new.st_uid, new.st_gid):
        # Only root may give files away; for others the writer becomes the owner.
        with suppress(PermissionError):
            os.chown(name, old.st_uid, old.st_gid)
    copystat(like, name)
    os.utime(name)


def _fill(stream: IO[bytes], data: bytes) -> None:
    """Make `data` all that is in the file, and wait until it is there."""
    stream.seek(0)
    stream.write(data)
    stream.flush()
    stream.truncate()
    os.fsync(stream.fileno())


def _check_unchanged(path: str, target: str, before: bytes | None) -> None:
    # What is no file now may never end, or wait for ever to be opened.
    is_odd = os.path.exists(target) and not os.path.isfile(target)
    if is_odd or content(target) != before:
        raise SourceError(path, "changed since it was read: not written")


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
