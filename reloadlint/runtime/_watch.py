"""`watch`: reload what is saved, from a thread or between the iterations of an asyncio loop."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType
from typing import Any

from reloadlint.runtime import _sources
from reloadlint.runtime._reload import reload_changed
from reloadlint.runtime._report import ReloadReport

logger = logging.getLogger("reloadlint.runtime")
OnReport = Callable[[ReloadReport], object]
Paths = Iterable[str | os.PathLike[str]]


class Watcher:
    """A thread that reloads. A failed reload is logged, and the next good version is loaded."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="reloadlint watch", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop watching; returns when no reload is under way."""
        self._stop.set()
        if self._thread is not threading.current_thread():
            self._thread.join()

    def __enter__(self) -> Watcher:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def _run(self) -> None:
        settings = self._settings
        notify = settings.notifications(self._stop)
        while not self._stop.is_set():
            if notify is not None:
                next(notify, None)  # returns when files changed, or after a while
            else:
                self._stop.wait(settings.interval)
            if not self._stop.is_set():
                settings.reload_if_changed()


class Settings:
    """What is watched, how often, and who is told."""

    def __init__(
        self, paths: Paths | None, interval: float, debounce: float, on_report: OnReport | None
    ) -> None:
        self.paths = None if paths is None else [Path(path).resolve() for path in paths]
        self.interval = interval
        self.debounce = debounce
        self.on_report = on_report
        self._failed: dict[str, Any] = {}  # files as they were when a reload of them failed

    def changed(self) -> dict[str, Any]:
        """The changed files with their state, without those that failed and are as they were."""
        found = {}
        for module in _sources.changed_modules(self.paths):
            source = _sources.remembered(module.__name__)
            if source is not None:
                found[source.filename] = _sources.stat_of(source.filename)
        return found if found != self._failed else {}

    def is_settled(self, seen: dict[str, Any]) -> bool:
        """Whether nothing was written since; editors write a file in several steps."""
        return seen == self.changed()

    def reload_if_changed(self) -> None:
        """Reload what changed as soon as it stays as it is."""
        seen = self.changed()
        while seen:
            time.sleep(self.debounce)
            if self.is_settled(seen):
                self.reload(seen)
                return
            seen = self.changed()

    def reload(self, seen: dict[str, Any]) -> None:
        """Reload; log whatever is raised."""
        try:
            report = reload_changed(self.paths)
        except Exception:
            self._failed = seen
            logger.exception("the reload failed, and everything is as before")
            return
        self._failed = {}
        if self.on_report is not None:
            self.on_report(report)

    def notifications(self, stop: threading.Event) -> Any:
        """An iterator that waits for changes, if `watchfiles` is there and paths are named."""
        if self.paths is None:
            return None  # modules may be imported from anywhere later on
        try:
            from watchfiles import watch as watch_files
        except ImportError:
            return None
        milliseconds = max(int(self.interval * 1000), 50)
        return watch_files(
            *self.paths,
            stop_event=stop,
            debounce=max(int(self.debounce * 1000), 50),
            rust_timeout=milliseconds,
            yield_on_timeout=True,
            raise_interrupt=False,
        )


def watch(
    paths: Paths | None = None,
    *,
    interval: float = 0.5,
    debounce: float = 0.05,
    on_report: OnReport | None = None,
) -> Watcher:
    """Reload first-party modules (those below `paths`, if given) when their files change.

    Returns at once; the work is done by a daemon thread until `.stop()`, or the end of a `with`.
    Files are polled every `interval` seconds, or watched by `watchfiles` where that is installed
    and `paths` are given. Reports go to `on_report` and to the logger `reloadlint.runtime`.
    """
    _sources.start_recording()
    return Watcher(Settings(paths, interval, debounce, on_report))


async def watch_async(
    paths: Paths | None = None,
    *,
    interval: float = 0.5,
    debounce: float = 0.05,
    on_report: OnReport | None = None,
) -> None:
    """Like `watch`, to be run as a task: reloads happen between two iterations of the loop."""
    import asyncio

    _sources.start_recording()
    settings = Settings(paths, interval, debounce, on_report)
    while True:
        await asyncio.sleep(interval)
        seen = settings.changed()
        if seen:
            await asyncio.sleep(debounce)
            if settings.is_settled(seen):
                settings.reload(seen)
