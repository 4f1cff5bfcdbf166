"""Reloading what is saved, from a thread or between the iterations of a loop."""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from reloadlint.runtime import ReloadReport, Watcher, watch, watch_async
from tests.runtime.conftest import Project


def eventually(condition: Callable[[], bool]) -> None:
    for _ in range(400):
        if condition():
            return
        time.sleep(0.025)
    raise AssertionError("it did not happen")


def test_watch_reloads_what_is_saved(project: Project) -> None:
    module = project.start("def f(): return 'old'\n")
    held = module.f
    reports: list[ReloadReport] = []
    with watch([project.folder], interval=0.02, debounce=0.01, on_report=reports.append):
        project.write("def f(): return 'new'\n")
        eventually(lambda: held() == "new")
        eventually(lambda: len(reports) == 1)
    assert not any(isinstance(thread, Watcher) for thread in threading.enumerate())
    assert reports[0].updated == [f"{project.name}.f"]


def test_watch_is_told_by_watchfiles_where_it_is_installed(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    watchfiles = pytest.importorskip("watchfiles")
    module = project.start("def f(): return 'old'\n")
    watched, held = [], module.f
    real_watch = watchfiles.watch

    def watch_files(*paths: Path, **options: Any) -> Iterator[Any]:
        watched.append((paths, options["stop_event"]))
        for changes in real_watch(*paths, **options):
            if changes:  # so that nothing but a notification can have caused the reload
                yield changes
            elif options["stop_event"].is_set():
                return

    monkeypatch.setattr(watchfiles, "watch", watch_files)
    with watch([project.folder], interval=0.1, debounce=0.01):
        eventually(lambda: bool(watched))
        time.sleep(0.2)  # it begins to watch
        project.write("def f(): return 'new'\n")
        eventually(lambda: held() == "new")
    ((paths, stop),) = watched
    assert paths == (project.folder.resolve(),)
    assert stop.is_set()


def test_watch_finds_what_watchfiles_does_not_tell(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    watchfiles = pytest.importorskip("watchfiles")
    (tmp_path / "elsewhere").mkdir()
    real_watch = watchfiles.watch
    monkeypatch.setattr(
        watchfiles, "watch", lambda *_, **options: real_watch(tmp_path / "elsewhere", **options)
    )
    module = project.start("def f(): return 'old'\n")
    held = module.f
    with watch([project.folder], interval=0.1, debounce=0.01):
        project.write("def f(): return 'new'\n")
        eventually(lambda: held() == "new")


def test_watch_polls_without_watchfiles(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "watchfiles", None)
    module = project.start("def f(): return 'old'\n")
    held = module.f
    with watch([project.folder], interval=0.02, debounce=0.01):
        project.write("def f(): return 'new'\n")
        eventually(lambda: held() == "new")


def test_watch_survives_a_broken_version(
    project: Project, caplog: pytest.LogCaptureFixture
) -> None:
    module = project.start("def f(): return 'old'\n")
    held = module.f
    with watch([project.folder], interval=0.02, debounce=0.01), caplog.at_level(logging.ERROR):
        project.write("def f(: return 'broken'\n")
        eventually(lambda: "SyntaxError" in caplog.text)
        assert held() == "old"
        project.write("def f(): return 'new'\n")
        eventually(lambda: held() == "new")
    assert caplog.text.count("SyntaxError: ") == 1, "a broken version is tried once"


def test_a_broken_version_is_tried_once(project: Project, caplog: pytest.LogCaptureFixture) -> None:
    module = project.start("def f(): return 'old'\n")
    pauses = Watcher([project.folder], 5, 1, None).reloads()
    project.write("def f(: return 'broken'\n")
    assert [next(pauses) for _ in range(5)] == [5, 1, 5, 5, 5]
    assert caplog.text.count("SyntaxError: ") == 1
    project.write("def f(): return 'new'\n")
    assert [next(pauses) for _ in range(3)] == [1, 5, 5]
    assert module.f() == "new"


def test_a_report_may_end_the_watching(project: Project) -> None:
    module = project.start("def f(): return 'old'\n")
    reports: list[ReloadReport] = []

    def once(report: ReloadReport) -> None:
        watcher.stop()
        reports.append(report)

    watcher = watch([project.folder], interval=0.02, debounce=0.01, on_report=once)
    project.write("def f(): return 'new'\n")
    eventually(lambda: bool(reports))
    watcher.stop()
    project.write("def f(): return 'newest'\n")
    time.sleep(0.1)
    assert (module.f(), len(reports)) == ("new", 1)


def test_watch_ignores_other_folders(project: Project, tmp_path: Path) -> None:
    module = project.start("def f(): return 'old'\n")
    (tmp_path / "elsewhere").mkdir()
    with watch([tmp_path / "elsewhere"], interval=0.01, debounce=0.01):
        project.write("def f(): return 'new'\n")
        time.sleep(0.2)
        assert module.f() == "old"


def test_watch_async_reloads_between_iterations(project: Project) -> None:
    module = project.start("async def f(): return 'old'\n")

    async def program() -> tuple[list[str], list[ReloadReport]]:
        reports: list[ReloadReport] = []
        watching = asyncio.create_task(
            watch_async([project.folder], interval=0.02, debounce=0.01, on_report=reports.append)
        )
        seen = [await module.f()]
        project.write("async def f(): return 'new'\n")
        for _ in range(400):
            await asyncio.sleep(0.02)
            if reports:
                break
        seen.append(await module.f())
        watching.cancel()
        return seen, reports

    seen, reports = asyncio.run(program())
    assert seen == ["old", "new"]
    assert len(reports) == 1
