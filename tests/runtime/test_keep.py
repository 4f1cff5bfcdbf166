"""`keep` under every way in which a module can run again, on real files."""

from __future__ import annotations

import gc
import importlib
import importlib.util
import itertools
import os
import subprocess
import sys
import threading
import types
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import reloadlint.runtime
from reloadlint.runtime import _keep, keep

Reload = Callable[[types.ModuleType], types.ModuleType]

_names = (f"kept_module_{number}" for number in itertools.count())


class Project:
    """A directory on `sys.path` with one module, whose name no other test has used."""

    def __init__(self, directory: Path) -> None:
        self.name = next(_names)
        self.file = directory / f"{self.name}.py"

    def write(self, body: str) -> None:
        self.file.write_text("from reloadlint.runtime import keep\n" + body, encoding="utf-8")

    def start(self, body: str) -> types.ModuleType:
        self.write(body)
        importlib.invalidate_caches()
        return importlib.import_module(self.name)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    monkeypatch.syspath_prepend(str(tmp_path))
    # A second text of the same length within one second would be taken for the first one.
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    project = Project(tmp_path)
    yield project
    sys.modules.pop(project.name, None)


def by_importlib(module: types.ModuleType) -> types.ModuleType:
    return importlib.reload(module)


def by_import_again(module: types.ModuleType) -> types.ModuleType:
    del sys.modules[module.__name__]
    return importlib.import_module(module.__name__)


def by_clearing_the_namespace(module: types.ModuleType) -> types.ModuleType:
    """As IPython's superreload does it."""
    name, loader = module.__name__, module.__loader__
    module.__dict__.clear()
    module.__dict__.update(__name__=name, __loader__=loader)
    return importlib.reload(module)


def by_exec_in_the_namespace(module: types.ModuleType) -> types.ModuleType:
    assert module.__file__ is not None
    text = Path(module.__file__).read_text(encoding="utf-8")
    exec(compile(text, module.__file__, "exec"), module.__dict__)
    return module


def by_exec_in_a_new_namespace(module: types.ModuleType) -> types.ModuleType:
    spec = module.__spec__
    assert spec is not None
    assert spec.loader is not None
    new = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(new)
    return new


RELOADS = [
    by_importlib,
    by_import_again,
    by_clearing_the_namespace,
    by_exec_in_the_namespace,
    by_exec_in_a_new_namespace,
]
NOT_CLEARING = [reload for reload in RELOADS if reload is not by_clearing_the_namespace]


@pytest.mark.parametrize("reload", RELOADS)
def test_a_container_is_the_same_object_after_each_reload(reload: Reload, project: Project) -> None:
    module = project.start("CACHE: dict[str, int] = keep('CACHE', dict)\nversion = 1\n")
    cache = module.CACHE
    cache["answer"] = 42
    for version in (2, 3):
        project.write(f"CACHE: dict[str, int] = keep('CACHE', dict)\nversion = {version}\n")
        module = reload(module)
        assert module.version == version
        assert module.CACHE is cache
    assert cache == {"answer": 42}


COUNTERS = """
HITS = keep('HITS', int)
MISSES = keep('MISSES', lambda: 100)

def count():
    global HITS, MISSES
    HITS += 1
    MISSES -= 1
"""


def counts(module: types.ModuleType) -> tuple[int, int]:
    return module.HITS, module.MISSES


@pytest.mark.parametrize("reload", NOT_CLEARING)
def test_counters_go_on_counting(reload: Reload, project: Project) -> None:
    module = project.start(COUNTERS)
    for run in (1, 2, 3):
        module.count()
        module.count()
        module = reload(module)
        assert counts(module) == (2 * run, 100 - 2 * run)


def test_a_cleared_namespace_sets_a_counter_back_to_its_value_at_the_last_run(
    project: Project,
) -> None:
    module = project.start(COUNTERS)
    module.count()
    module = by_importlib(module)
    module.count()
    module = by_clearing_the_namespace(module)
    assert counts(module) == (1, 99)


@pytest.mark.parametrize("reload", RELOADS)
def test_the_factory_is_called_once(reload: Reload, project: Project) -> None:
    module = project.start("LOCK = keep('LOCK', object)\n")
    first = module.LOCK
    project.write("def broken(): raise AssertionError\nLOCK = keep('LOCK', broken)\n")
    assert reload(module).LOCK is first


@pytest.mark.parametrize("reload", RELOADS)
@pytest.mark.parametrize("value", ["None", "False", "0", "()"])
def test_an_empty_value_is_kept_as_well(reload: Reload, value: str, project: Project) -> None:
    body = f"MADE = keep('MADE', list)\nSTATE = keep('STATE', lambda: MADE.append(1) or {value})\n"
    module = reload(project.start(body))
    assert module.MADE == [1]
    assert module.STATE is eval(f"None or {value}")


@pytest.mark.parametrize("reload", RELOADS)
def test_a_name_added_later_starts_fresh(reload: Reload, project: Project) -> None:
    module = project.start("OLD = keep('OLD', list)\n")
    old = module.OLD
    project.write("OLD = keep('OLD', list)\nNEW = keep('NEW', lambda: [len(OLD)])\n")
    module = reload(module)
    assert module.OLD is old
    assert module.NEW == [0]


@pytest.mark.parametrize("reload", RELOADS)
def test_state_survives_a_version_that_does_not_ask_for_it(
    reload: Reload, project: Project
) -> None:
    module = project.start("CACHE = keep('CACHE', dict)\n")
    cache = module.CACHE
    project.write("# being edited\n")
    module = reload(module)
    project.write("CACHE = keep('CACHE', dict)\n")
    assert reload(module).CACHE is cache


@pytest.mark.parametrize("reload", RELOADS)
def test_class_level_state_is_kept_under_a_dotted_name(reload: Reload, project: Project) -> None:
    module = project.start("class Pool:\n    free = keep('Pool.free', list)\n")
    first = module.Pool
    module = reload(module)
    assert module.Pool is not first
    assert module.Pool.free is first.free


@pytest.mark.parametrize("reload", NOT_CLEARING)
def test_a_run_that_fails_half_way_loses_nothing(reload: Reload, project: Project) -> None:
    module = project.start(COUNTERS)
    module.count()
    project.write("HITS = keep('HITS', int)\nraise ValueError('half way')\n")
    with pytest.raises(ValueError, match="half way"):
        reload(module)
    sys.modules[project.name] = module
    project.write(COUNTERS)
    module = reload(module)
    assert counts(module) == (1, 99)


def test_modules_keep_their_state_apart(tmp_path: Path, project: Project) -> None:
    other = Project(tmp_path)
    module, others = (each.start("CACHE = keep('CACHE', dict)\n") for each in (project, other))
    assert module.CACHE is not others.CACHE
    del sys.modules[other.name]


@pytest.mark.parametrize("reload", RELOADS)
def test_a_failing_factory_leaves_nothing(reload: Reload, project: Project) -> None:
    module = project.start("")
    project.write("STATE = keep('STATE', lambda: 1 / 0)\n")
    with pytest.raises(ZeroDivisionError):
        reload(module)
    sys.modules[project.name] = module
    project.write("STATE = keep('STATE', lambda: 'made at last')\n")
    assert reload(module).STATE == "made at last"


def test_a_factory_may_keep_another_name(project: Project) -> None:
    body = "OUTER = keep('OUTER', lambda: [keep('INNER', dict)])\n"
    module = project.start(body)
    outer = module.OUTER
    module = by_import_again(module)
    assert module.OUTER is outer
    assert keep_as(project.name, "INNER", list) is outer[0]


def keep_as(module: str, name: str, factory: Callable[[], Any]) -> Any:
    """Call `keep` as another run of `module` would."""
    namespace = {"__name__": module, "keep": keep, "factory": factory}
    return eval(f"keep({name!r}, factory)", namespace)


def test_threads_that_run_a_module_at_once_share_one_object() -> None:
    module, made, results = next(_names), [], []
    barrier = threading.Barrier(8)
    first_is_in = threading.Event()

    def factory() -> object:
        first_is_in.set()
        made.append(object())
        # Long enough for the other threads to arrive while the first is still making it.
        threading.Event().wait(0.05)
        return made[-1]

    def run() -> None:
        barrier.wait(10)
        results.append(keep_as(module, "STATE", factory))

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(made) == 1
    assert results == made * 8


def test_a_slow_factory_does_not_block_other_names() -> None:
    module, entered, release = next(_names), threading.Event(), threading.Event()

    def slow() -> str:
        entered.set()
        assert release.wait(10)
        return "slow"

    thread = threading.Thread(target=keep_as, args=(module, "SLOW", slow))
    thread.start()
    assert entered.wait(10)
    assert keep_as(module, "FAST", lambda: "fast") == "fast"
    release.set()
    thread.join(10)
    assert keep_as(module, "SLOW", list) == "slow"


def test_threads_that_import_at_once_share_one_object(project: Project) -> None:
    project.write("import time\nSTATE = keep('STATE', lambda: time.sleep(0.05) or object())\n")
    importlib.invalidate_caches()
    results = []
    threads = [
        threading.Thread(target=lambda: results.append(importlib.import_module(project.name).STATE))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(results) == 4
    assert len(set(map(id, results))) == 1


def test_at_most_the_latest_namespace_stays_alive(project: Project) -> None:
    module = project.start("class Marker: pass\nMARKER = Marker()\nSTATE = keep('STATE', dict)\n")
    markers = [weakref.ref(module.MARKER)]
    for _ in range(3):
        module = by_import_again(module)
        markers.append(weakref.ref(module.MARKER))
    del sys.modules[project.name], module
    gc.collect()
    assert [marker() is not None for marker in markers] == [False, False, False, True]


@pytest.mark.parametrize("module", [_keep, reloadlint.runtime])
@pytest.mark.parametrize("reload", RELOADS)
def test_state_survives_a_reload_of_the_runtime_itself(
    reload: Reload, module: types.ModuleType, project: Project
) -> None:
    client = project.start(COUNTERS + "CACHE = keep('CACHE', dict)\n")
    client.count()
    cache = client.CACHE
    saved = {name: sys.modules[name] for name in sys.modules if name.startswith("reloadlint")}
    try:
        reload(module)
        client = by_import_again(client)
    finally:
        sys.modules.update(saved)
        reloadlint.runtime.keep = _keep.keep
    assert client.CACHE is cache
    assert client.HITS == 1


def test_a_namespace_without_a_name_is_refused() -> None:
    with pytest.raises(RuntimeError, match="outside a module"):
        eval("keep('STATE', dict)", {"keep": keep})


SCRIPT = """
import importlib, sys
before = set(sys.modules)
import reloadlint.runtime
loaded = {name.partition(".")[0] for name in set(sys.modules) - before}
assert not loaded & {"click", "libcst", "ast", "inspect", "dataclasses", "symtable"}, loaded
ours = {name for name in sys.modules if name.startswith("reloadlint.")}
assert all(name.startswith("reloadlint.runtime") for name in ours), ours

# Everything anew, the runtime included, as host programs do that drop all modules but their own.
import counting
counting.count()
for name in set(sys.modules) - before:
    del sys.modules[name]
import counting as again
assert again is not counting
assert again.HITS == 1, again.HITS
"""


def run_python(*arguments: str | Path, path: Path) -> None:
    root = Path(reloadlint.runtime.__file__).parents[2]
    done = subprocess.run(
        [sys.executable, *arguments],
        env={**os.environ, "PYTHONPATH": f"{root}{os.pathsep}{path}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_the_runtime_loads_little_and_survives_a_purge_of_all_modules(tmp_path: Path) -> None:
    (tmp_path / "counting.py").write_text("from reloadlint.runtime import keep\n" + COUNTERS)
    run_python("-c", SCRIPT, path=tmp_path)


def test_a_script_and_the_same_file_imported_are_two_modules(tmp_path: Path) -> None:
    script = tmp_path / "twice.py"
    script.write_text(
        "from reloadlint.runtime import keep\n"
        "STATE = keep('STATE', list)\n"
        "if __name__ == '__main__':\n"
        "    import twice\n"
        "    assert twice.STATE is not STATE\n"
    )
    run_python(script, path=tmp_path)
