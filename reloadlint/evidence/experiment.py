"""A process that imports a reloader once, and forks for each experiment: JSON lines in and out.

    python -m reloadlint.evidence.experiment NAME

It is told {"files": …, "edited": …, "module": …, "hold": …, "probe": …} and answers with what the
probe gave: {"value": …, "size": …}, {"failed": …} or {"crash": …}. NAME may be `nothing`: then
files are not edited. The standard library and the reloader are all that is imported.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import selectors
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path
from types import ModuleType
from typing import Any

from reloadlint.evidence.reloaders import BY_NAME, Reloader

Job = dict[str, Any]
Answer = dict[str, Any]
PATIENCE = 60.0  # seconds for one experiment, on a machine that is busy with others
_MEMORY = 4 << 30  # bytes; some reloaders run away
_LONG_AGO = 1_600_000_000  # when the first text was written; the edit is typed now


def serve(name: str) -> None:
    """Answer the jobs of standard input, one a line, after a line that says hello."""
    reloader = BY_NAME.get(name)
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever a reloader prints
    with contextlib.suppress(ImportError):  # not on Windows
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    print(json.dumps(_hello(reloader)), file=answers, flush=True)
    with tempfile.TemporaryDirectory() as base:
        for number, line in enumerate(sys.stdin):
            folder = Path(base, str(number))
            folder.mkdir()
            print(json.dumps(_fork(json.loads(line), reloader, folder)), file=answers, flush=True)
            shutil.rmtree(folder, ignore_errors=True)


def _hello(reloader: type[Reloader] | None) -> Answer:
    """The version of the reloader, or why there is none."""
    if reloader is None:
        return {"version": ""}
    try:
        importlib.import_module(reloader.module or "importlib")
    except ImportError as error:
        return {"missing": str(error)}
    return {"version": reloader.version()}


def _fork(job: Job, reloader: type[Reloader] | None, folder: Path) -> Answer:
    read, write = os.pipe()
    child = os.fork()
    if not child:
        # Whatever happens here, the server's own code must not run on in this process.
        with contextlib.suppress(BaseException):
            os.close(read)
            _silence(folder)
            os.write(write, json.dumps(_run(job, reloader, folder)).encode())
        os._exit(0)  # threads of the example may still wait
    os.close(write)
    answer = _answer_of(read, time.monotonic() + PATIENCE)
    if answer is None:
        os.kill(child, signal.SIGKILL)
    os.close(read)
    _, status = os.waitpid(child, 0)
    if answer:
        return dict(json.loads(answer))
    return {"crash": "it hangs" if answer is None else f"status {status}"}


def _answer_of(pipe: int, deadline: float) -> bytes | None:
    """All that comes through the pipe until it is closed; None where that takes too long."""
    found = b""
    with selectors.DefaultSelector() as selector:
        selector.register(pipe, selectors.EVENT_READ)
        while selector.select(max(0.0, deadline - time.monotonic())):
            part = os.read(pipe, 65536)
            if not part:
                return found
            found += part
    return None


def _silence(folder: Path) -> None:
    log = os.open(folder / "output", os.O_WRONLY | os.O_CREAT)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)


def _run(job: Job, reloader: type[Reloader] | None, folder: Path) -> Answer:
    sys.dont_write_bytecode = False  # some reloaders look at the compiled files
    root = folder / "root"
    root.mkdir()
    os.chdir(root)
    sys.path.insert(0, str(root))
    try:
        value = Experiment(job, reloader).run()
    except BaseException as error:
        return {"failed": f"{type(error).__name__}: {error}"}
    size = len(value) if hasattr(value, "__len__") else value
    return {"value": ascii(value), "size": size if isinstance(size, int) else 0}


class Experiment:
    """Import, hold, edit, reload, look."""

    def __init__(self, job: Job, reloader: type[Reloader] | None) -> None:
        self.job = job
        self.reloader = None if reloader is None else reloader()
        self.remembered: set[str] = set()

    def run(self) -> Any:
        """What the probe gives."""
        for file, text in self.job["files"].items():
            _write(file, text, _LONG_AGO)
        names: dict[str, Any] = {"m": importlib.import_module(self.job["module"])}
        self._remember()
        exec(self.job["hold"], names)
        self._remember()
        if self.reloader is not None:
            for file, text in self.job["edited"].items():
                _write(file, text, time.time())
            importlib.invalidate_caches()
            self.reloader([_module_name(file) for file in self.job["edited"]])
            names["m"] = self._module()
        return eval(self.job["probe"], names)

    def _module(self) -> ModuleType:
        return sys.modules[self.job["module"]]

    def _remember(self) -> None:
        for name in map(_module_name, self.job["files"]):
            if self.reloader and name in sys.modules and name not in self.remembered:
                self.remembered.add(name)
                self.reloader.remember(name)


def _write(file: str, text: str, moment: float) -> None:
    path = Path(file)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    os.utime(path, (moment, moment))


def _module_name(file: str) -> str:
    return file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


if __name__ == "__main__":
    serve(sys.argv[1])
