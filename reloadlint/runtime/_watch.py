"""`watch`: reload what is saved, from a thread or between the iterations of an asyncio loop."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from reloadlint.runtime import _sources
from reloadlint.runtime._reload import logger, reload_changed
from reloadlint.runtime._report import ReloadReport

Hook = Callable[[ReloadReport], object] | None
Paths = Iterable[str | os.PathLike[str]] | None


class Watcher(threading.Thread):
    """A thread that reloads. A failed reload is logged, and the next good version is loaded."""

    def __init__(self, paths: Paths, interval: float, debounce: float, on_report: Hook) -> None:
        super().__init__(name="reloadlint watch", daemon=True)
        _sources.start_recording()
        self.paths = None if paths is None else [Path(path).resolve() for path in paths]
        self.interval, self.debounce, self.on_report = interval, debounce, on_report
        self._stopping = threading.Event()

    def __enter__(self) -> Watcher:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Stop watching; returns when no reload is under way."""
        self._stopping.set()
        if self is not threading.current_thread():
            self.join()

    def run(self) -> None:
        """Called in the thread."""
        notifications = self._notifications()
        for pause in self.reloads():
            if notifications is not None and pause == self.interval:
                next(notifications, None)  # returns when files changed, or after a while
            else:
                self._stopping.wait(pause)
            if self._stopping.is_set():
                return

    def reloads(self) -> Iterator[float]:
        """Reload what changed as soon as it stays as it is; yields how long to wait."""
        tried: Any = None  # the files as they were at the last reload, which may have failed
        while True:  # reloadlint: ignore[RL106] -- the reloader is not reloaded
            yield self.interval
            before, seen = None, self._changed()
            while seen and seen not in (before, tried):
                yield self.debounce  # editors write a file in several steps
                before, seen = seen, self._changed()
            if seen == before:
                tried = seen
                self._reload()

    def _changed(self) -> dict[str, Any]:
        """The changed files with their state."""
        names = [module.__name__ for module in _sources.changed_modules(self.paths)]
        files = [_sources.remembered[name].filename for name in names]
        return {file: _sources.stat_of(file) for file in files}

    def _reload(self) -> None:
        try:
            report = reload_changed(self.paths)
        except Exception:
            logger.exception("the reload failed, and everything is as before")
        else:
            if self.on_report is not None:
                self.on_report(report)

    def _notifications(self) -> Any:
        """An iterator that waits for changes, if `watchfiles` is there and paths are named."""
        if self.paths is None:
            return None  # modules may be imported from anywhere later on
        try:
            from watchfiles import watch as watch_files
        except ImportError:
            return None
        debounce, timeout = (max(int(x * 1000), 50) for x in (self.debounce, self.interval))
        when: Any = {"debounce": debounce, "rust_timeout": timeout, "stop_event": self._stopping}
        return watch_files(*self.paths, yield_on_timeout=True, **when)


def watch(
    paths: Paths = None, *, interval: float = 0.5, debounce: float = 0.05, on_report: Hook = None
) -> Watcher:
    """Reload first-party modules (those below `paths`, if given) when their files change.

    Returns at once; the work is done by a daemon thread until `.stop()`, or the end of a `with`.
    Files are polled every `interval` seconds, or watched by `watchfiles` where that is installed
    and `paths` are given. Reports go to `on_report` and to the logger `reloadlint.runtime`.
    """
    watcher = Watcher(paths, interval, debounce, on_report)
    watcher.start()
    return watcher


async def watch_async(
    paths: Paths = None, *, interval: float = 0.5, debounce: float = 0.05, on_report: Hook = None
) -> None:
    """Like `watch`, to be run as a task: reloads happen between two iterations of the loop."""
    import asyncio

    for pause in Watcher(paths, interval, debounce, on_report).reloads():
        await asyncio.sleep(pause)
