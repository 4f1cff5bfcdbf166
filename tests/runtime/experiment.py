"""One pattern under one reloader in a fresh process, which reads JSON on stdin and prints JSON.

    {"reloader": NAME, "before": FILES, "after": FILES, "third": TEXT, "hold": …, "probe": …}

No reloader is imported before it is asked for, so that this runs where only one is installed.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
Reload = Callable[[list[str]], str]  # reloads the modules; returns what it reports


def by_reloadlint() -> Reload:
    from reloadlint.runtime import reload

    def run(names: list[str]) -> str:
        return str(reload(*names))

    return run


def by_importlib() -> Reload:
    def run(names: list[str]) -> str:
        for name in names:
            importlib.reload(sys.modules[name])
        return ""

    return run


def by_reimport() -> Reload:
    def run(names: list[str]) -> str:
        for name in names:
            sys.modules.pop(name)
        for name in names:
            importlib.import_module(name)
        return ""

    return run


def by_ipython_deduperreload() -> Reload:
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.extensions.autoreload import ModuleReloader

    reloader = ModuleReloader(InteractiveShell.instance())
    return _checking(reloader, check_all=True)


def by_ipython_superreload() -> Reload:
    from IPython.extensions.autoreload import superreload

    held: dict[Any, Any] = {}
    from IPython.extensions.autoreload import append_obj

    def run(names: list[str]) -> str:
        for name in names:
            superreload(sys.modules[name], importlib.reload, held)
        return ""

    def remember(name: str) -> None:
        module = sys.modules[name]
        for key, value in list(vars(module).items()):
            append_obj(module, held, key, value)

    run.remember = remember  # type: ignore[attr-defined]
    return run


def _checking(reloader: Any, **options: bool) -> Reload:
    """For reloaders that find out what changed by themselves."""

    def run(names: list[str]) -> str:
        reloader.check(**options)
        lists = (getattr(reloader, key, ()) for key in ("failed", "failed_modules"))
        failed = [name for failures in lists for name in names if name in failures]
        if failed:
            raise RuntimeError(f"failed: {failed}")
        return ""

    run.remember = lambda name: reloader.check(**options)  # type: ignore[attr-defined]
    return run


def by_superduperreload() -> Reload:
    from superduperreload.superduperreload import ModuleReloader

    return _checking(ModuleReloader())


def by_jurigged() -> Reload:
    from jurigged.register import registry

    def run(names: list[str]) -> str:
        for name in names:
            registry.get(sys.modules[name].__file__).refresh()
        return ""

    def remember(name: str) -> None:
        registry.prepare(name, sys.modules[name].__file__)

    run.remember = remember  # type: ignore[attr-defined]
    return run


def by_pyflyby() -> Reload:
    from pyflyby._livepatch import xreload

    def run(names: list[str]) -> str:
        for name in names:
            xreload(sys.modules[name])
        return ""

    return run


def by_plone_reload() -> Reload:
    from plone.reload.xreload import Reloader

    def run(names: list[str]) -> str:
        for name in names:
            Reloader(sys.modules[name]).reload()
        return ""

    return run


def by_debugpy() -> Reload:
    import debugpy._vendored.force_pydevd  # noqa: F401
    from _pydevd_bundle.pydevd_reload import xreload

    def run(names: list[str]) -> str:
        for name in names:
            xreload(sys.modules[name])
        return ""

    return run


def by_limeade() -> Reload:
    import limeade

    def run(names: list[str]) -> str:
        limeade.refresh()
        return ""

    return run


def by_marimo() -> Reload:
    from marimo._runtime.reload.autoreload import ModuleReloader

    reloader = ModuleReloader()

    def run(names: list[str]) -> str:
        reloader.check(sys.modules, reload=True)
        if any(name in reloader.failed for name in names):
            raise RuntimeError("failed")
        return ""

    run.remember = lambda name: reloader.check(sys.modules, reload=False)  # type: ignore[attr-defined]
    return run


def by_liveimport() -> Reload:
    import liveimport

    def run(names: list[str]) -> str:
        liveimport.sync()
        return ""

    def remember(name: str) -> None:
        liveimport.register({name: sys.modules[name]}, f"import {name}")

    run.remember = remember  # type: ignore[attr-defined]
    return run


def by_nothing() -> Reload:
    return lambda names: ""


RELOADERS: dict[str, Callable[[], Reload]] = {
    "nothing": by_nothing,
    "reloadlint": by_reloadlint,
    "importlib.reload": by_importlib,
    "import again": by_reimport,
    "IPython deduperreload": by_ipython_deduperreload,
    "IPython superreload": by_ipython_superreload,
    "jurigged": by_jurigged,
    "superduperreload": by_superduperreload,
    "pyflyby xreload": by_pyflyby,
    "plone.reload": by_plone_reload,
    "debugpy": by_debugpy,
    "limeade": by_limeade,
    "marimo": by_marimo,
    "liveimport": by_liveimport,
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
        if len(names) > 1 or self.job["reloader"] == "reloadlint":
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
        if self.job["reloader"] == "reloadlint":
            from reloadlint.runtime import reload

            self.reload = lambda names: str(reload(*names, full=True))


def observe(
    pattern: Any,
    folder: Path,
    reloader: str = "reloadlint",
    python: str = sys.executable,
    patience: float = 120,
) -> dict[str, Any]:
    before, after = pattern.texts()
    job = {
        "reloader": reloader,
        "before": before,
        "after": after,
        "third": pattern.third,
        "hold": pattern.hold,
        "probe": pattern.probe,
    }
    command = [python, __file__]
    try:
        return _run(command, job, folder, patience)
    except subprocess.TimeoutExpired:
        return {"result": None, "said": "", "error": "crash: it hangs"}


def _run(command: list[str], job: dict[str, Any], folder: Path, patience: float) -> dict[str, Any]:
    done = subprocess.run(
        command,
        input=json.dumps(job),
        cwd=folder,
        # Some reloaders look at the compiled files.
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": ""},
        capture_output=True,
        text=True,
        timeout=patience,
        check=False,
    )
    if done.returncode or not done.stdout:
        return {"result": None, "said": "", "error": f"crash {done.returncode}: {done.stderr}"}
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return {**answer, "stderr": done.stderr}


def main() -> None:
    with contextlib.suppress(ImportError):  # not on Windows
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))  # some reloaders run away
    job = json.load(sys.stdin)
    out = sys.stdout
    sys.stdout = sys.stderr  # whatever a reloader prints
    answer = Experiment(job).run()
    out.write(json.dumps(answer, default=repr) + "\n")
    out.flush()
    os._exit(0)  # threads of the patterns may still wait


if __name__ == "__main__":
    main()
