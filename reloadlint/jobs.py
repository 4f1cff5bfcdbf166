"""Files → results, by worker processes: who checks what, and what becomes of workers that die.

Each worker has a `Checker`, hence a project, of its own. The files are cut, in the order of their
paths, into batches of about the same number of bytes; each worker starts in another place and goes
on from there, so that it parses the neighbours of a file, which import each other, once. Who has
nothing left takes from the far end of what another has.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from typing import Any, Final

from reloadlint import timing
from reloadlint.checker import Checker, Results
from reloadlint.errors import ReloadlintError, WalkError
from reloadlint.memory import collect_seldom

Batch = list[str]

_BATCHES: Final = 12  # for each worker, so that they end together
_SMALLEST: Final = 30_000  # bytes of a batch
_DEATHS: Final = 20  # of workers, before we think that it is not the files


def check(
    new_checker: Callable[[], Checker], sizes: dict[str, int], count: int
) -> Iterator[Results]:
    """Check the files of `sizes` (in bytes, by path) with `count` workers.

    Each makes its checker by `new_checker`. Results come as they are there. Where no process can
    be started, this one does the work.
    """
    pool = _Pool(new_checker, _shares(sizes, count))
    try:
        yield from pool.results()
    finally:
        pool.kill()


def _shares(sizes: dict[str, int], count: int) -> list[deque[Batch]]:
    """The batches that each worker starts with."""
    total = sum(sizes.values())
    limit = min(max(_SMALLEST, total // (count * _BATCHES)), max(1, total // count))
    batches: list[Batch] = []
    filled = 0
    for path in sorted(sizes):
        if not batches or filled + sizes[path] > limit:
            batches.append([])
            filled = 0
        batches[-1].append(path)
        filled += sizes[path]
    each = -(-len(batches) // count)
    return [deque(batches[start : start + each]) for start in range(0, len(batches), each)]


@dataclass(eq=False)
class _Worker:
    """A process, what it is at, and what it goes on with."""

    process: Any
    connection: Connection
    share: deque[Batch]
    batch: Batch = field(default_factory=list)


class _Pool:
    def __init__(self, new_checker: Callable[[], Checker], shares: list[deque[Batch]]) -> None:
        self._new_checker = new_checker
        self._is_timed = timing.is_on()
        self._shares = shares
        self._workers: list[_Worker] = []
        self._deaths = 0
        self._context = multiprocessing.get_context(_method())

    def results(self) -> Iterator[Results]:
        for share in self._shares:
            self._start(share)
        while busy := [worker for worker in self._workers if worker.batch]:
            with timing.spent("wait for workers"):
                ready = wait([worker.connection for worker in busy])
            for worker in busy:
                if worker.connection in ready:
                    yield self._received(worker)
        if any(self._shares):  # no worker could be started
            yield from self._by_myself()

    def kill(self) -> None:
        for worker in self._workers:
            worker.process.kill()
        for worker in self._workers:
            worker.process.join()
            worker.connection.close()
        self._workers.clear()

    def _start(self, share: deque[Batch]) -> None:
        """Start a worker; where that fails, its share is left to the others."""
        ours, theirs = self._context.Pipe()
        # What is open here must not stay open there: a worker ends when its pipe does.
        inherited = [worker.connection for worker in self._workers] + [ours]
        method = self._context.get_start_method()
        closed = inherited if method == "fork" else []
        process = self._context.Process(  # type: ignore[attr-defined]
            target=_work,
            args=(theirs, closed, os.getcwd(), self._is_timed, self._new_checker),
            daemon=True,
        )
        try:
            with _in_a_trusted_folder(method), _interrupts_held():
                process.start()
        except OSError:
            ours.close()
        else:
            worker = _Worker(process, ours, share)
            self._workers.append(worker)
            self._next(worker)
        finally:
            theirs.close()

    def _by_myself(self) -> Iterator[Results]:
        checker = self._new_checker()
        for share in self._shares:
            while share:
                yield checker.check_all(share.popleft())

    def _received(self, worker: _Worker) -> Results:
        try:
            results = worker.connection.recv()
        except (EOFError, OSError):
            return self._buried(worker)
        self._next(worker)
        if isinstance(results, BaseException):
            raise results
        return results  # type: ignore[no-any-return]

    def _next(self, worker: _Worker) -> None:
        """Give the worker its next batch, or one that another would come to last."""
        worker.batch = []
        longest = max(self._shares, key=len)
        if worker.share or longest:
            worker.batch = worker.share.popleft() if worker.share else longest.pop()
            with suppress(BrokenPipeError):  # it died, as will be seen when it is to answer
                worker.connection.send(worker.batch)

    def _buried(self, worker: _Worker) -> Results:
        """A native stack may overflow, and the system may kill: find out on which file."""
        worker.process.join()
        worker.connection.close()
        self._workers.remove(worker)
        self._deaths += 1
        if self._deaths > _DEATHS:
            raise ReloadlintError(f"processes die one after the other: {_death(worker)}")
        results = Results([], {}, {}, timing.take())
        if len(worker.batch) == 1:
            (path,) = worker.batch
            error = WalkError(path, 1, "reloadlint", _death(worker))
            results.by_path.append((path, error))
        else:
            worker.share.extendleft([path] for path in reversed(worker.batch))
        self._start(worker.share)
        return results


def _death(worker: _Worker) -> str:
    code = worker.process.exitcode
    if code >= 0:
        return f"the process that checked it ended with code {code}"
    return f"the process that checked it was killed by signal {-code}"


def _method() -> str | None:
    """How processes are started: by `fork` on Linux, where that is safe since no thread runs."""
    chosen = multiprocessing.get_start_method(allow_none=True)
    is_safe = sys.platform == "linux" and threading.active_count() == 1
    return "fork" if chosen is None and is_safe else chosen


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Ctrl-C while a process starts waits until it has: the new one would tell of it at length."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    if multiprocessing.get_start_method(allow_none=True) not in {None, "fork"}:
        from multiprocessing import resource_tracker

        resource_tracker.ensure_running()  # it would let signals through when it starts
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _in_a_trusted_folder(method: str) -> Iterator[None]:
    """Elsewhere than in the linted tree while an interpreter starts there (not by `fork`).

    It is started by `-c`, so that its first imports would find what shadows the standard library
    in the working directory. The work begins by going back there.
    """
    here = os.getcwd()
    if method != "fork":
        os.chdir(sys.prefix)
    try:
        yield
    finally:
        os.chdir(here)


def _work(
    connection: Connection,
    closed: Sequence[Connection],
    folder: str,
    is_timed: bool,
    new_checker: Callable[[], Checker],
) -> None:
    """The life of a worker: batches come, results go, until the other end is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who started us decides when we end
    os.chdir(folder)
    for other in closed:
        other.close()
    collect_seldom()
    if is_timed:
        timing.start()
    checker = new_checker()
    with suppress(EOFError, OSError):
        while True:
            batch = connection.recv()
            try:
                results: Results | BaseException = checker.check_all(batch)
            except Exception as error:
                results = error
            connection.send(results)
