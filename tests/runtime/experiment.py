"""One pattern under one reloader in a process of its own.

`python experiment.py RELOADER` loads the reloader, then forks for each job that it reads, as a line
of JSON, and prints what was seen as another one:

    {"reloader": NAME, "before": FILES, "after": FILES, "third": TEXT, "hold": …, "probe": …}
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from reloadlint.evidence.reloaders import RELOADERS as INSTALLED

ROOT = Path(__file__).resolve().parents[2]
OURS = "reloadlint.runtime"
Reload = Callable[[list[str]], str]  # reloads the modules; returns what it reports
RELOADERS: dict[str, Callable[[], Reload]] = {
    "nothing": lambda: lambda names: "",
    **{reloader.label: reloader for reloader in INSTALLED},
}


def catch(function: Callable[[], object]) -> BaseException | None:
    """What a call raises."""
    try:
        function()
    except BaseException as error:
        return error
    return None


def stops_at(function: Callable[[], object], file: str, line: int) -> bool:
    """Whether a breakpoint set in the file now stops the function."""
    import bdb

    class Debugger(bdb.Bdb):
        stopped = False

        def user_line(self, frame: Any) -> None:
            if self.break_here(frame):
                self.stopped = True
            self.set_continue()

    debugger = Debugger()
    assert debugger.set_break(file, line) is None
    debugger.runcall(function)
    return debugger.stopped


class Experiment:
    def __init__(self, job: dict[str, Any]) -> None:
        self.job = job
        self.tick = 0
        self.edited = False
        self.said: list[str] = []
        self.error = ""

    def write(self, name: str, text: str) -> None:
        path = Path(name)
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        self.tick += 1
        # Never the same twice, whatever the clock does; and later than the import of the module.
        moment = (time.time() if self.edited else 1_600_000_000) + 10 * self.tick
        os.utime(path, (moment, moment))

    def reload_modules(self, *names: str) -> None:
        if len(names) > 1 or self.job["reloader"] == OURS:
            names = tuple(sorted(names, key=lambda name: name != "other"))
        try:
            self.said.append(self.reload(list(names)))
        except BaseException as error:
            self.error = type(error).__name__

    def run(self) -> dict[str, Any]:
        sys.path.insert(0, os.getcwd())
        for name, text in self.job["before"].items():
            self.write(name, text)
        self.edited = True
        self.reload = RELOADERS[self.job["reloader"]]()
        namespace: dict[str, Any] = {
            "m": importlib.import_module("m"),
            "catch": catch,
            "stops_at": stops_at,
            "threading_count": threading.active_count,
            "write": self.write,
            "remove": os.remove,
            "full": self.full,
            "reload_modules": self.reload_modules,
        }
        loaded = [name[:-3] for name in self.job["before"] if name[:-3] in sys.modules]
        remember = getattr(self.reload, "remember", lambda name: None)
        for name in ("other", "m"):
            if name in sys.modules:
                remember(name)
        exec(self.job["hold"], namespace)
        if "other" in sys.modules and "other" not in loaded:
            remember("other")
        versions = [self.job["after"]]
        if self.job["third"]:
            versions.append({"m.py": self.job["third"]})
        for version in versions:
            for name, text in version.items():
                self.write(name, text)
            changed = [name[:-3] for name in version if name[:-3] in sys.modules]
            self.reload_modules(*changed)
        module: ModuleType = sys.modules.get("m", namespace["m"])
        namespace["m"] = module
        try:
            result = eval(self.job["probe"], namespace)
        except BaseException as error:
            result = f"{type(error).__name__}: {error}"
        return {"result": result, "said": "\n".join(self.said), "error": self.error}

    def full(self) -> None:
        """Ask for a full reload of the reloaders that know one."""
        if self.job["reloader"] == OURS:
            from reloadlint.runtime import reload

            self.reload = lambda names: str(reload(*names, full=True))


def observe(
    pattern: Any,
    folder: Path,
    reloader: str = OURS,
    python: str = sys.executable,
    patience: int = 120,
) -> dict[str, Any]:
    """Run one experiment in a process of its own."""
    before, after = pattern.texts()
    job = {
        "reloader": reloader,
        "before": before,
        "after": after,
        "third": pattern.third,
        "hold": pattern.hold,
        "probe": pattern.probe,
        "folder": str(folder),
        "patience": patience,
    }
    with _starting:
        server = _server(reloader, python)
    with server.lock:
        return server.ask(job)


class Server:
    """A process that has loaded the reloader, and forks for each experiment."""

    def __init__(self, reloader: str, python: str) -> None:
        self.lock = threading.Lock()
        self.process = subprocess.Popen(
            [python, __file__, reloader],
            # Some reloaders look at the compiled files.
            env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": ""},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def ask(self, job: dict[str, Any]) -> dict[str, Any]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(job) + "\n")
        self.process.stdin.flush()
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        return answer


_starting = threading.Lock()
_server = functools.cache(Server)


def _answer(job: dict[str, Any]) -> dict[str, Any]:
    """Fork, and wait for what the child finds."""
    with tempfile.TemporaryDirectory() as place:
        output, errors = Path(place, "output"), Path(place, "errors")
        output.touch()
        pid = os.fork()
        if not pid:
            _child(job, output, errors)
        status = os.waitpid(pid, 0)[1]
        said = errors.read_text(errors="replace") if errors.exists() else ""
        if os.WIFSIGNALED(status) or not output.read_text():
            hangs = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGALRM
            error = "it hangs" if hangs else f"{status}: {said[-500:]}"
            return {"result": None, "said": "", "error": f"crash: {error}", "stderr": said}
        return {**json.loads(output.read_text()), "stderr": said}


def _child(job: dict[str, Any], output: Path, errors: Path) -> None:
    try:
        signal.alarm(job["patience"])
        # Whatever a reloader prints.
        target = os.open(errors, os.O_CREAT | os.O_WRONLY)
        for stream in (1, 2):
            os.dup2(target, stream)
        os.chdir(job["folder"])
        output.write_text(json.dumps(Experiment(job).run(), default=repr))
        sys.stderr.flush()
        sys.stdout.flush()
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
    finally:
        os._exit(0)  # threads of the patterns may still wait


PRELOADED = {
    OURS: "reloadlint.runtime._reload",
    "IPython deduperreload": "IPython.extensions.autoreload",
    "IPython superreload": "IPython.extensions.autoreload",
    "jurigged": "jurigged.register",
    "superduperreload": "superduperreload.superduperreload",
    "pyflyby xreload": "pyflyby._livepatch",
    "plone.reload": "plone.reload.xreload",
    "marimo": "marimo._runtime.reload.autoreload",
}


def main() -> None:
    with contextlib.suppress(ImportError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))  # some reloaders run away
    with contextlib.suppress(ImportError):  # the experiment will say so
        for name in ("asyncio", "concurrent.futures", PRELOADED.get(sys.argv[1], "json")):
            importlib.import_module(name)
    for line in sys.stdin:
        print(json.dumps(_answer(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
