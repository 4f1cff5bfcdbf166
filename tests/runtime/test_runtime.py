"""The runtime as a program uses it: watching, running a script, threads, what it refuses."""

from __future__ import annotations

import asyncio
import importlib
import inspect
import json
import linecache
import logging
import os
import re
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import reloadlint.runtime
from reloadlint.runtime import (
    NotReloadable,
    ReloadReport,
    reload,
    reload_changed,
    watch,
    watch_async,
)
from reloadlint.runtime._sources import _remembered, start_recording
from tests.runtime.conftest import Project


def eventually(condition: Callable[[], bool]) -> None:
    for _ in range(400):
        if condition():
            return
        time.sleep(0.025)
    raise AssertionError("it did not happen")


def test_the_report_says_what_was_done(project: Project) -> None:
    project.start("import os\nX = 1\ndef f(): return 1\ndef g(): return 1\ndef h(): return 1\n")
    project.write("import os\nX = 2\ndef f(): return 2\ndef g(): return 1\nY = 3\n")
    report = reload(project.name)
    name = project.name
    assert report.modules == [name]
    assert set(report.updated) == {f"{name}.X", f"{name}.f"}
    assert report.added == [f"{name}.Y"]
    assert report.removed == [f"{name}.h"]
    assert report.executed == [f"{project.file}:2", f"{project.file}:5"]
    assert report.complete
    assert f"reloaded {name}" in str(report)


def test_the_report_says_who_holds_what_is_stale(project: Project) -> None:
    module = project.start("def make(a, b): return lambda: a\nHELD = {}\n")
    module.HELD["k"] = [module.make(1, 2), module.make(3, 4)]
    project.write("def make(a, b): return lambda: (a, b)\nHELD = {}\n")
    (entry,) = reload(module).not_updated
    assert entry.live == 2
    assert entry.rule == "RL103"
    assert (entry.file, entry.line) == (str(project.file), 1)
    assert any(f"{project.name}.HELD['k'][0]" in holder for holder in entry.holders)


def test_the_report_names_no_holder_of_its_own(project: Project) -> None:
    other = project.another()
    module = project.start("def wrap(f):\n    def inner(): return f()\n    return inner\n")
    user = other.start(f"from {project.name} import wrap\n@wrap\ndef g(): return 1\n")
    project.write("def wrap_2(f): return f\nwrap = wrap_2\n")
    other.write(f"from {project.name} import wrap\n@wrap\ndef g(): return 2\n")
    vars(user)["HELD"] = [user.g]
    entries = reload(module, user).not_updated
    assert {holder for each in entries for holder in each.holders} == {f"{other.name}.HELD[0]"}
    del sys.modules[other.name]


def test_stale_code_shows_its_own_lines_in_tracebacks(project: Project) -> None:
    module = project.start("def make(a, b): return lambda: a.stale\n")
    held = module.make(1, 2)
    project.write("# one line more\ndef make(a, b): return lambda: (a, b)\n")
    reload(module)
    file = held.__code__.co_filename
    assert "before reload" in file
    linecache.checkcache(file)
    assert "a.stale" in linecache.getline(file, 1)


def test_an_unchanged_text_does_nothing(project: Project) -> None:
    module = project.start("X = []\ndef f(): pass\n")
    code = module.f.__code__
    report = reload(module)
    assert [report.updated, report.executed, report.not_updated] == [[], [], []]
    assert module.f.__code__ is code


def test_a_failure_leaves_the_report_and_the_next_version_alone(project: Project) -> None:
    module = project.start("X = 1\n")
    project.write("X = 2\nraise KeyError('no')\n")
    with pytest.raises(KeyError):
        reload(module)
    assert module.X == 1
    project.write("X = 3\n")
    assert reload(module).updated == [f"{project.name}.X"]


def test_a_module_imported_before_anybody_looked_is_executed_as_a_whole(project: Project) -> None:
    module = project.start("STATE = []\ndef f(): return 'old'\nclass C:\n    x = 'old'\n")
    held, instance = module.f, module.C()
    project.write("\n\nSTATE = []\ndef f(): return 'new'\nclass C:\n    x = 'new'\n")
    del _remembered[project.name]
    reload(module)
    assert held() == "new"
    assert held is module.f
    assert instance.x == "new"
    assert isinstance(instance, module.C)


def test_a_text_that_did_not_run_is_not_believed(project: Project) -> None:
    module = project.start("def f(): return 'old'\n")
    held = module.f
    _remembered[project.name].text = "\n\ndef f(): return 'other'\n"
    project.write("def f(): return 'new'\n")
    reload(module)
    assert held() == "new"


def test_what_has_no_source_is_refused() -> None:
    for name in ("math", "_ctypes", "sys"):
        importlib.import_module(name)
        with pytest.raises(NotReloadable):
            reload(name)
    with pytest.raises(ModuleNotFoundError):
        reload("not_loaded_at_all")


def test_a_namespace_package_is_refused(project: Project) -> None:
    (project.folder / "space").mkdir()
    module = importlib.import_module("space")
    with pytest.raises(NotReloadable, match="namespace package"):
        reload(module)
    del sys.modules["space"]


def test_a_module_in_an_archive(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = project.folder / "code.zip"

    def pack(text: str) -> None:
        with zipfile.ZipFile(archive, "w") as file:
            file.writestr(f"{project.name}.py", text)

    pack("def f(): return 'old'\nSTATE = []\n")
    monkeypatch.syspath_prepend(str(archive))
    module = importlib.import_module(project.name)
    held, state = module.f, module.STATE
    pack("# longer\ndef f(): return 'new'\nSTATE = []\n")
    reload(module)
    assert held() == "new"
    assert module.STATE is state


def test_a_module_whose_file_moved_to_another_folder(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = project.start("STATE = []\ndef f(): return 'old'\n")
    held, state = module.f, module.STATE
    folder = project.folder / "moved"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    project.file = project.file.rename(folder / project.file.name)
    project.write("STATE = []\n\ndef f(): return 'new'\n")
    report = reload(module)
    assert held() == "new"
    assert module.STATE is state
    assert report.executed == []
    assert module.__file__ == str(project.file)
    assert module.__spec__ is not None
    assert module.__spec__.origin == str(project.file)
    assert inspect.getsourcefile(held) == str(project.file)
    assert inspect.getsource(held) == "def f(): return 'new'\n"
    project.write("STATE = []\n\ndef f(): return 'newer'\n")
    assert reload_changed([folder]).modules == [project.name]
    assert held() == "newer"


def test_a_module_that_is_nowhere_any_more_stays_as_it_is(project: Project) -> None:
    module = project.start("def f(): return 'old'\n")
    project.file.unlink()
    with pytest.raises(ModuleNotFoundError, match=project.name):
        reload(module)
    assert module.f() == "old"
    assert sys.modules[project.name] is module


def test_the_text_of_an_earlier_import_comes_from_linecache(project: Project) -> None:
    module = project.start("STATE = []\nLIMIT = 1\ndef f(): return 'old'\n")
    held, state = module.f, module.STATE
    linecache.getlines(str(project.file))  # as a traceback does
    del _remembered[project.name]
    project.write("STATE = []\nLIMIT = 2\ndef f(): return 'new'\n")
    start_recording()
    report = reload(module)
    assert (held(), module.LIMIT) == ("new", 2)
    assert module.STATE is state
    assert report.executed == [f"{project.file}:2"]


def test_threads_see_the_old_version_or_the_new_one(project: Project) -> None:
    template = "def helper_{0}(x, y={0}): return x, y\ndef f(x): return helper_{0}(x)\n"
    module = project.start(template.format(0))
    held, seen, errors, stop = module.f, set(), [], threading.Event()

    def call() -> None:
        while not stop.is_set():
            try:
                seen.add(held(1))
            except Exception as error:
                errors.append(error)

    threads = [threading.Thread(target=call) for _ in range(3)]
    for thread in threads:
        thread.start()
    for version in range(1, 15):
        project.write(template.format(version))
        reload(module)
    stop.set()
    for thread in threads:
        thread.join()
    assert not errors
    assert held(1) == (1, 14)


def test_watch_reloads_what_is_saved(project: Project) -> None:
    module = project.start("def f(): return 'old'\n")
    held = module.f
    reports: list[ReloadReport] = []
    with watch([project.folder], interval=0.02, debounce=0.01, on_report=reports.append):
        project.write("def f(): return 'new'\n")
        eventually(lambda: held() == "new")
        eventually(lambda: len(reports) == 1)
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


PROGRAM = """
import sys, time, part
STARTED = []

def line(): return "old"

def main():
    STARTED.append(1)
    print("started", sys.argv[1:], __name__, flush=True)
    for _ in range(1000):
        time.sleep(0.02)
        if (line(), part.line()) == ("new", "new"):
            print("fresh", len(STARTED), flush=True)
            return

if __name__ == "__main__":
    main()
"""


@pytest.mark.parametrize("command", [["reloadlint.runtime"], ["reloadlint", "run"]])
def test_a_script_runs_with_live_reload(command: list[str], tmp_path: Path) -> None:
    if command[0] == "reloadlint":
        pytest.importorskip("click")
    script = tmp_path / "program.py"
    script.write_text(PROGRAM)
    (tmp_path / "part.py").write_text("def line(): return 'old'\n")
    root = Path(reloadlint.runtime.__file__).parents[2]
    with subprocess.Popen(
        [sys.executable, "-m", *command, script, "--flag", "x"],
        env={**os.environ, "PYTHONPATH": str(root)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == "started ['--flag', 'x'] __main__\n"
        script.write_text(PROGRAM.replace('return "old"', 'return "new"  # edited'))
        (tmp_path / "part.py").write_text("def line(): return 'new'  # edited\n")
        assert process.stdout.readline() == "fresh 1\n"
        process.wait(20)
        said = process.stderr.read()
    assert "reloaded" in said
    assert "__main__.line" in said


def test_a_cell_of_ipython_runs_with_what_was_saved(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    from reloadlint.runtime.ipython import load_ipython_extension, unload_ipython_extension

    class Events:
        def __init__(self) -> None:
            self.callbacks: list[Callable[..., None]] = []

        def register(self, event: str, callback: Callable[..., None]) -> None:
            assert event == "pre_run_cell"
            self.callbacks.append(callback)

        def unregister(self, event: str, callback: Callable[..., None]) -> None:
            self.callbacks.remove(callback)

    class Shell:
        events = Events()

    load_ipython_extension(Shell)
    module = project.start("def f(): return 'old'\n")
    held = module.f
    project.write("def f(): return 'new'\n")
    for callback in Shell.events.callbacks:
        callback(None)
    assert held() == "new"
    assert project.name in capsys.readouterr().out
    project.write("def f(: return 'broken'\n")
    for callback in Shell.events.callbacks:
        callback(None)
    assert "SyntaxError" in capsys.readouterr().err
    assert held() == "new"
    unload_ipython_extension(Shell)
    assert not Shell.events.callbacks


IPYTHON = """
import json, os, sys
from IPython.core.interactiveshell import InteractiveShell

shell = InteractiveShell.instance()

def cell(text):
    shell.run_cell(text).raise_error()
    return shell.user_ns.get("seen")

def write(text, moment):
    with open("part.py", "w") as file:
        file.write(text)
    os.utime("part.py", (moment, moment))

sys.dont_write_bytecode = True
sys.path.insert(0, os.getcwd())
how, result = sys.argv[1], []
cell({"extension": "%load_ext reloadlint.runtime.ipython",
      "plain": "from reloadlint.runtime import reload_changed"}[how])
write("STATE = []\\ndef f(): return 'old'\\n", 1_000)
result.append(cell("from part import STATE, f; STATE.append(1); seen = f()"))
write("STATE = []\\ndef f(): return 'new'\\n", 2_000)
if how == "plain":
    cell("report = reload_changed()")
result.append(cell("seen = f()"))
result.append(cell("seen = list(STATE)"))
if how == "extension":
    cell("%unload_ext reloadlint.runtime.ipython")
write("STATE = []\\ndef f(): return 'newest'\\n", 3_000)
result.append(cell("seen = f()"))
print(json.dumps(result))
"""


@pytest.mark.parametrize("how", ["plain", "extension"])
def test_a_shell_of_ipython(how: str, tmp_path: Path) -> None:
    pytest.importorskip("IPython")
    done = subprocess.run(
        [sys.executable, "-c", IPYTHON, how],
        cwd=tmp_path,
        env={
            **os.environ,
            "PYTHONPATH": str(Path(reloadlint.runtime.__file__).parents[2]),
            "IPYTHONDIR": str(tmp_path / "profile"),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == ["old", "new", [1], "new"]
    assert ("reloaded part" in done.stdout) == (how == "extension")


LOADED = """
import json, sys
before = set(sys.modules)
import reloadlint.runtime
reloadlint.runtime.{0}
print(json.dumps(sorted(set(sys.modules) - before)))
"""


@pytest.mark.parametrize(
    ("use", "modules"), [("keep", 4), ("reload", 25), ("watch", 25), ("__doc__", 4)]
)
def test_only_the_runtime_and_the_standard_library_are_loaded(use: str, modules: int) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOADED.format(use)],
        env={**os.environ, "PYTHONPATH": str(Path(reloadlint.runtime.__file__).parents[2])},
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = json.loads(done.stdout)
    ours = [name for name in loaded if name.partition(".")[0] == "reloadlint"]
    tops = {name.partition(".")[0] for name in loaded if name not in ours}
    foreign = tops - sys.stdlib_module_names
    assert all("sysconfigdata" in name for name in foreign), foreign
    assert not tops & {"asyncio", "click", "libcst", "socket", "subprocess", "watchfiles"}
    assert [name for name in ours if not name.startswith("reloadlint.runtime")] == ["reloadlint"]
    assert len(ours) <= modules


def test_objects_frozen_by_gc_are_found(project: Project) -> None:
    import gc

    module = project.start("def make(): return lambda: 'old'\n")
    held = module.make()
    gc.freeze()
    try:
        project.write("def make(): return lambda: 'new'\n")
        report = reload(module)
    finally:
        gc.unfreeze()
    assert held() == "new"
    assert any("frozen" in note for note in report.notes)


def test_every_code_in_a_report_is_a_rule_of_the_linter() -> None:
    pytest.importorskip("libcst")
    from reloadlint.registry import load
    from reloadlint.runtime._rules import CODES

    folder = Path(reloadlint.runtime.__file__).parent
    named = {
        code for file in folder.glob("*.py") for code in re.findall(r'"(RL\d+)"', file.read_text())
    }
    assert named <= CODES
    unwritten = {"RL106", "RL502"}  # in the catalogue, no rule yet
    written = {rule.code for rule in load()}
    assert CODES - written == unwritten
