"""A program under the runtime: a script, IPython, a notebook; what is loaded for it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import reloadlint.runtime
from tests.runtime.conftest import Project

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


@pytest.mark.parametrize(
    ("arguments", "said"),
    [([], "usage: python -m reloadlint.runtime"), (["nowhere.py"], "there is no file nowhere.py")],
)
def test_a_script_that_is_not_there_is_an_error(arguments: list[str], said: str) -> None:
    done = python("-m", "reloadlint.runtime", *arguments)
    assert done.returncode == 1
    assert said in done.stderr


def test_a_program_that_logs_already_keeps_its_handlers(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text("print(logging.getLogger('reloadlint.runtime').handlers)")
    start = (
        "import builtins, logging; from reloadlint.runtime.__main__ import run_script\n"
        "logging.getLogger('reloadlint.runtime').addHandler(logging.NullHandler())\n"
        "builtins.logging = logging; run_script('program.py', [])\n"
    )
    done = python("-c", start, folder=tmp_path)
    assert done.stdout == "[<NullHandler (NOTSET)>]\n", done.stderr


def python(*arguments: str, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(Path(reloadlint.runtime.__file__).parents[2])},
        capture_output=True,
        text=True,
        check=False,
    )


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
    for callback in Shell.events.callbacks:
        callback(None)
    assert not capsys.readouterr().out, "nothing was saved"
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
