"""Which text a module ran and which it is to run: archives, moved files, refusals."""

from __future__ import annotations

import importlib
import inspect
import linecache
import py_compile
import sys
import threading
import time
import zipfile
from importlib.machinery import PathFinder
from types import ModuleType, SimpleNamespace

import pytest

from reloadlint.runtime import (
    NotReloadable,
    reload,
    reload_changed,
)
from reloadlint.runtime._sources import changed_modules, remembered, start_recording
from tests.runtime.conftest import Project


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
    del remembered[project.name]
    reload(module)
    assert held() == "new"
    assert held is module.f
    assert instance.x == "new"
    assert isinstance(instance, module.C)


def test_a_text_that_did_not_run_is_not_believed(project: Project) -> None:
    module = project.start("def f(): return 'old'\n")
    held = module.f
    remembered[project.name].text = "\n\ndef f(): return 'other'\n"
    project.write("def f(): return 'new'\n")
    reload(module)
    assert held() == "new"


def test_a_module_may_be_given_that_is_registered_no_more(project: Project) -> None:
    module = project.start("def f(): return 'old'\n")
    del sys.modules[project.name]
    project.write("def f(): return 'new'\n")
    reload(module)
    assert module.f() == "new"


def test_what_has_no_source_is_refused() -> None:
    for name in ("math", "_ctypes", "sys"):
        importlib.import_module(name)
        with pytest.raises(NotReloadable):
            reload(name)
    with pytest.raises(NotReloadable, match="sys is built into the interpreter"):
        reload("sys")
    with pytest.raises(ModuleNotFoundError):
        reload("not_loaded_at_all")


def test_a_module_of_which_only_the_bytecode_is_there_is_refused(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.write("X = 1\n")
    compiled = project.folder / f"{project.name}.pyc"
    py_compile.compile(str(project.file), str(compiled))
    project.file.unlink()
    module = importlib.import_module(project.name)
    with pytest.raises(NotReloadable, match=f"{project.name} has no Python source"):
        reload(module)
    del sys.modules[project.name]
    with zipfile.ZipFile(project.folder / "code.zip", "w") as file:
        file.write(compiled, compiled.name)
    compiled.unlink()
    monkeypatch.syspath_prepend(str(project.folder / "code.zip"))
    module = importlib.import_module(project.name)
    with pytest.raises(NotReloadable, match=f"{project.name} has no Python source"):
        reload(module)


def test_a_file_that_was_only_touched_has_not_changed(project: Project) -> None:
    text = "STATE = []\ndef f(): return 'old'\n"
    module = project.start(text)
    reload(module)
    project.write(text)
    assert not reload_changed([project.folder]).modules
    project.write(text.replace("old", "new"))
    assert reload_changed([project.folder]).modules == [project.name]


def test_a_module_that_another_finder_found_is_seen(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    reload_changed()
    monkeypatch.setattr(sys, "meta_path", [PathFinder, *sys.meta_path])
    module = project.start("def f(): return 'old'\n")
    held = module.f
    assert project.name not in remembered
    reload_changed()
    project.write("def f(): return 'new'\n")
    assert reload_changed().modules == [project.name]
    assert held() == "new"


def test_a_file_that_cannot_be_decoded_has_changed(project: Project) -> None:
    project.start("def f(): return 'old'\n")
    project.file.write_bytes(b"\n\nX = '\xff'\n")
    assert [each.__name__ for each in changed_modules()] == [project.name]
    with pytest.raises(UnicodeDecodeError):
        reload_changed()


def test_a_file_that_is_gone_before_anybody_looked_is_no_change(project: Project) -> None:
    module = project.start("def f(): return 'old'\n")
    del remembered[project.name]
    project.file.unlink()
    linecache.clearcache()
    start_recording()
    assert project.name not in remembered
    assert not reload_changed([project.folder]).modules
    assert module.f() == "old"


def test_a_program_whose_file_is_gone_is_refused(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = ModuleType("__main__")
    program.__file__ = str(project.file)
    monkeypatch.setitem(sys.modules, "__main__", program)
    with pytest.raises(NotReloadable, match="__main__ has no Python source"):
        reload(program)
    del program.__file__
    with pytest.raises(NotReloadable, match="or typed in: it has no file"):
        reload(program)


def test_a_file_that_is_gone_is_no_change(project: Project) -> None:
    module = project.start("def f(): return 'old'\n")
    project.file.unlink()
    assert not reload_changed([project.folder]).modules
    assert module.f() == "old"


@pytest.mark.parametrize("folder", ["site-packages", "dist-packages"])
def test_what_is_installed_is_not_looked_at(
    folder: str, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.file = project.folder / folder / project.file.name
    project.file.parent.mkdir()
    monkeypatch.syspath_prepend(str(project.file.parent))
    module = project.start("def f(): return 'old'\n")
    project.write("def f(): return 'new'\n")
    assert not reload_changed([project.folder]).modules
    reload(module)
    assert module.f() == "new"


def test_a_finder_of_the_old_kind_is_passed_over(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = project.start("def f(): return 'old'\n")
    monkeypatch.setattr(sys, "meta_path", [SimpleNamespace(), *sys.meta_path])
    project.write("def f(): return 'new'\n")
    reload(module)
    assert module.f() == "new"


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
    del remembered[project.name]
    project.write("STATE = []\nLIMIT = 2\ndef f(): return 'new'\n")
    start_recording()
    report = reload(module)
    assert (held(), module.LIMIT) == ("new", 2)
    assert module.STATE is state
    assert report.executed == [f"{project.file}:2"]


def test_a_file_that_moved_is_seen_as_a_change(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = project.start("STATE = []\ndef f(): return 'old'\n")
    held, state = module.f, module.STATE
    package = project.folder / project.name
    package.mkdir()
    project.file = project.file.rename(package / "__init__.py")
    project.write("STATE = []\ndef f(): return 'new'\n")
    assert not reload_changed([project.folder / "elsewhere"]).modules
    assert reload_changed([project.folder]).modules == [project.name]
    assert (held(), module.STATE) == ("new", state)
    assert module.__file__ == str(project.file)
    assert not reload_changed([project.folder]).modules


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
            time.sleep(0)  # a thread that never waits slows down whoever reads files

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
