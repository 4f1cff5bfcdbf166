"""The runtime under load: threads, many reloads, reloads at awkward moments, failures anywhere."""

from __future__ import annotations

import ast
import asyncio
import contextlib
import gc
import importlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import FunctionType
from typing import Any

import pytest

import reloadlint
from reloadlint.runtime import NotReloadable, reload, reload_changed
from tests.extent import many
from tests.runtime.conftest import Project

ROOT = Path(reloadlint.__file__).parents[1]

# Every part of a version says which one it is of, so that a mixture can be seen.
VERSION = """
VERSION = {0}
TWICE = VERSION * 2
STATE = []
TABLE = {{"f": lambda x, v={0}: (v, {0})}}

def helper_{0}(x, y={0}):
    return x, y, {0}

def f(x, y={0}):
    return helper_{0}(x), y, {0}

def make(a):
    def inner(b):
        return a, b, {0}
    return inner

def numbers():
    for n in range(10 ** 9):
        yield n, late()

def late():
    return {0}

async def work(y={0}):
    return y, {0}

class C:
    value = {0}

    def method(self, y={0}):
        return y, {0}

    @property
    def prop(self):
        return {0}
"""


def is_of_one_version(module: Any, f: Any, inner: Any, instance: Any) -> bool:
    (x, y, z), default, version = f(1)
    table = module.TABLE["f"](1)
    method = instance.method()
    return (
        x == 1
        and y == z == default == version
        and table[0] == table[1]
        and method[0] == method[1]
        and inner(2)[:2] == ("a", 2)
        and instance.prop >= 0
    )


class Callers:
    """Threads that call something over and over, and what went wrong in them."""

    def __init__(self, number: int, call: Callable[[], bool]) -> None:
        self.call = call
        self.calls = 0
        self.wrong: list[Any] = []
        self.stop = threading.Event()
        self.threads = [threading.Thread(target=self.run) for _ in range(number)]

    def run(self) -> None:
        while not self.stop.is_set():
            try:
                if not self.call():
                    self.wrong.append("a mixture of versions")
            except Exception as error:
                self.wrong.append(error)
            self.calls += 1
            time.sleep(0)  # a thread that never waits slows down whoever reads files

    def __enter__(self) -> Callers:
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        for thread in self.threads:
            thread.join()


@pytest.mark.parametrize("reloads", [40, pytest.param(many(150), marks=pytest.mark.slow)])
def test_threads_call_all_through_many_reloads(project: Project, reloads: int) -> None:
    module = project.start(VERSION.format(0))
    state = module.STATE
    f, inner, instance = module.f, module.make("a"), module.C()
    with Callers(3, lambda: is_of_one_version(module, f, inner, instance)) as callers:
        for version in range(1, reloads + 1):
            project.write(VERSION.format(version))
            reload(module)
    assert not callers.wrong, callers.wrong[:3]
    assert callers.calls > reloads
    assert f(1) == ((1, reloads, reloads), reloads, reloads)
    assert inner(2) == ("a", 2, reloads)
    assert (module.VERSION, module.TWICE, module.C.value) == (reloads, 2 * reloads, reloads)
    assert module.STATE is state


def test_several_threads_reload_at_once(project: Project, tmp_path: Path) -> None:
    module = project.start(VERSION.format(0))
    other = project.another()
    second = other.start(f"from {project.name} import VERSION\ndef g(): return VERSION\n")
    held, errors = second.g, []
    versions = iter(range(1, 21))
    writing = threading.Lock()

    def work() -> None:
        for _ in range(5):
            try:
                with writing:
                    project.write(VERSION.format(next(versions)))
                reload(module, second)
                reload_changed([tmp_path])
            except Exception as error:
                errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    reload(module)
    assert not errors
    assert module.VERSION == held() == 20
    assert module.f(1) == ((1, 20, 20), 20, 20)
    del sys.modules[other.name]


FAILING = """
import registry_of_{1}
NAME = {0}
registry_of_{1}.SEEN.append(NAME)
TABLE = {{"a": {0}, "b": [{0}]}}
def f(x={0}): return x, {0}
@registry_of_{1}.on
def handler(): return {0}
class C:
    value = {0}
    def m(self): return {0}
class D(C):
    items = [{0}]
if NAME >= 0:
    PICKED = {0}
import enum
class E(enum.Enum):
    A = {0}
LAMBDA = lambda: {0}
import collections, functools
QUEUE = collections.deque([{0}])
ITEMS = [{0}]
ITEMS += ["more"]
@functools.lru_cache
def cached(): return {0}
PARTIAL = functools.partial(f, {0})
del NAME
NAME = {0}
"""


def snapshot(module: Any, registry: Any) -> Any:
    """All that a reload may change, down to the identity of objects."""

    def of(value: Any) -> Any:
        if isinstance(value, FunctionType):
            return id(value), value.__code__, value.__defaults__, dict(vars(value))
        if isinstance(value, type):
            parts = {k: of(v) for k, v in vars(value).items() if k not in ("__dict__", "__doc__")}
            return id(value), value.__bases__, list(parts.items())
        return id(value), repr(value)

    return [{k: of(v) for k, v in vars(each).items()} for each in (module, registry)]


def test_a_failure_at_any_statement_leaves_everything_as_it_was(project: Project) -> None:
    registry_name = f"registry_of_{project.name}"
    (project.folder / f"{registry_name}.py").write_text(
        "SEEN = []\nHANDLERS = {}\ndef on(f):\n    HANDLERS[f.__name__] = f\n    return f\n"
    )
    module = project.start(FAILING.format(0, project.name))
    registry = sys.modules[registry_name]
    del module.__builtins__["__doc__"]  # a dictionary of this size is no part of what is compared
    lines = FAILING.format(1, project.name).splitlines(keepends=True)
    starts = [
        min(part.lineno for part in [node, *getattr(node, "decorator_list", [])])
        for node in ast.parse("".join(lines)).body
    ]
    skipped = {"__builtins__", "__spec__", "__loader__"}
    before = snapshot(module, registry)
    for line in [*starts, len(lines) + 1]:
        text = [*lines[: line - 1], "raise KeyError('half-way')\n", *lines[line - 1 :]]
        project.write("".join(text))
        with pytest.raises(KeyError):
            reload(module)
        for now, then in zip(snapshot(module, registry), before, strict=True):
            assert {k: v for k, v in now.items() if k not in skipped} == {
                k: v for k, v in then.items() if k not in skipped
            }, f"the statement at line {line}"
    project.write("".join(lines))
    (entry,) = reload(module).not_updated
    assert (entry.rule, entry.line) == ("RL401", 4), "what it reads was bound anew"
    assert (module.f(), module.E.A.value, module.LAMBDA()) == ((1, 1), 1, 1)
    assert (module.cached(), module.PARTIAL(), module.ITEMS) == (1, (1, 1), [1, "more"])
    assert registry.HANDLERS["handler"]() == 1
    assert registry.SEEN == [0]
    del sys.modules[registry_name]


def test_a_reload_waits_for_an_import_under_way(project: Project) -> None:
    gate = project.another()
    gate.start("import threading\nREACHED, GO = threading.Event(), threading.Event()\n")
    opened = sys.modules[gate.name]
    project.write(
        f"import {gate.name} as g\ndef f(): return 'old'\ng.REACHED.set()\ng.GO.wait(20)\nX = 1\n"
    )
    importlib.invalidate_caches()
    importing = threading.Thread(target=importlib.import_module, args=[project.name])
    importing.start()
    assert opened.REACHED.wait(20)
    project.write(
        f"import {gate.name} as g\ndef f(): return 'new'\ng.REACHED.set()\ng.GO.wait(20)\nX = 2\n"
    )
    assert not reload_changed([project.folder]).modules, "it is not finished yet"
    reports: list[Any] = []
    reloading = threading.Thread(target=lambda: reports.append(reload(project.name)))
    reloading.start()
    time.sleep(0.1)
    assert not reports
    opened.GO.set()
    importing.join(20)
    reloading.join(20)
    module = sys.modules[project.name]
    assert (module.f(), module.X) == ("new", 2)
    del sys.modules[gate.name]


def test_a_module_cannot_reload_itself_while_it_is_imported(project: Project) -> None:
    with pytest.raises(NotReloadable, match="still being imported"):
        project.start("from reloadlint.runtime import reload\nreload(__name__)\n")


def test_a_module_reloads_another_one_while_it_is_imported(project: Project) -> None:
    module = project.start("def f(): return 'old'\n")
    held = module.f
    project.write("def f(): return 'new'\n")
    importer = project.another()
    importer.start(f"from reloadlint.runtime import reload\nreload({project.name!r})\n")
    assert held() == "new"
    del sys.modules[importer.name]


def test_generators_live_through_reloads(project: Project) -> None:
    module = project.start(VERSION.format(0))
    running = [module.numbers() for _ in range(3)]
    for version in range(1, 13):
        seen = [next(each) for each in running]
        assert seen == [(version - 1, version - 1)] * 3
        project.write(
            VERSION.format(version).replace("yield n, late()", f"yield n, late(), {version}")
        )
        report = reload(module)
    (entry,) = [each for each in report.not_updated if each.rule == "RL106"]
    assert entry.live == 3
    assert next(module.numbers()) == (0, 12, 12)


def test_reloads_with_asyncio_running(project: Project) -> None:
    module = project.start(VERSION.format(0))
    held = module.work

    async def call_often(stop: asyncio.Event) -> set[tuple[int, int]]:
        seen = set()
        while not stop.is_set():
            seen.add(await held())
            await asyncio.sleep(0.001)
        return seen

    async def program() -> list[set[tuple[int, int]]]:
        stop = asyncio.Event()
        tasks = [asyncio.create_task(call_often(stop)) for _ in range(5)]
        for version in range(1, 41):
            project.write(VERSION.format(version))
            if version % 2:
                reload(module)  # between two iterations of the loop
            else:
                await asyncio.to_thread(reload, module)  # at any moment
            await asyncio.sleep(0)
        stop.set()
        return await asyncio.gather(*tasks)

    for seen in asyncio.run(program()):
        assert all(default == body for default, body in seen)
        assert (40, 40) in seen or (39, 39) in seen


def trees_alive() -> int:
    return sum(type(each) is ast.Module for each in gc.get_objects())


@pytest.mark.parametrize("ending", ["", "1 / 0\n"])
def test_what_a_reload_needed_does_not_wait_for_the_garbage_collector(
    project: Project, ending: str
) -> None:
    module = project.start(VERSION.format(0))
    gc.unfreeze()  # as a reload does: what other tests froze is counted before and after
    gc.collect()
    gc.disable()
    before = trees_alive()
    try:
        for version in range(1, 6):
            project.write(VERSION.format(version) + "def g(): return lambda: 1\n" + ending)
            with contextlib.suppress(ZeroDivisionError):
                reload(module)
        after = trees_alive()
    finally:
        gc.enable()
    assert after <= before + 1, "the version that runs; what failed is gone with its exception"


# In a process of its own: the fewer objects are alive, the less a reload costs.
MANY_RELOADS = """
import gc, json, linecache, os, sys, time
sys.dont_write_bytecode = True
sys.path.insert(0, os.getcwd())
from reloadlint.runtime import reload

kind, count, template = sys.argv[1], int(sys.argv[2]), sys.argv[3]

def write(text, moment):
    with open("many.py", "w") as file:
        file.write(text)
    os.utime("many.py", (moment, moment))

write(template.format(0), 1)
import many
leaving = []

def step(version):
    text = template.format(version % 7 + 1)
    if kind == "a closure stays behind":
        leaving[:] = [many.make("a")]
        name = "bc"[version % 2]
        text = f"def make(a):\\n    {name} = '{name}'\\n    return lambda: (a, {name})\\n"
    elif kind == "each of them fails":
        text += "1 / 0\\n"
    write(text, 1000 + version)
    try:
        report = reload(many)
        assert (kind == "a closure stays behind") == bool(report.not_updated) or version < 2
    except ZeroDivisionError:
        assert kind == "each of them fails"

def size():
    gc.collect()
    pages = int(open("/proc/self/statm").read().split()[1]) if os.path.exists("/proc") else 0
    return [len(gc.get_objects()), len(sys.modules), len(linecache.cache), pages * 4]

sizes = []
for version in range(count + 1):
    step(version)
    if version in (count // 5, count):
        sizes.append(size())
print(json.dumps([*sizes, time.process_time()]))
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "count"),
    [
        ("everything changes", int(os.environ.get("RELOADS", "1000"))),
        ("a closure stays behind", many(500)),
        ("each of them fails", many(500)),
    ],
)
def test_thousands_of_reloads_leave_nothing_behind(kind: str, count: int, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", MANY_RELOADS, kind, str(count), VERSION],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout, done.stderr
    print(kind, done.stdout)
    (objects, modules, lines, memory), after, _ = json.loads(done.stdout)
    assert after[0] <= objects + 200
    assert after[1:3] == [modules, lines]
    assert after[3] <= memory + 2000, "kilobytes"
