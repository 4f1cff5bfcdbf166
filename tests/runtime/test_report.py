"""What a reload says: what was done, who holds what is stale, what was frozen."""

from __future__ import annotations

import linecache
import re
import sys
from pathlib import Path

import pytest

import reloadlint.runtime
from reloadlint.runtime import ReloadReport, Unreached, reload
from tests.runtime.conftest import Project


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


DEFINITIONS = {
    "def f(x=1): pass\n": "def f(x=2): pass\n",
    "def f(): return 1\n": "def f(): return 2\n",
    "class f:\n    x = 1\n": "class f:\n    x = 2\n",
}


@pytest.mark.parametrize("before", DEFINITIONS)
def test_a_definition_that_says_something_else_was_updated(project: Project, before: str) -> None:
    module = project.start(before)
    project.write(DEFINITIONS[before])
    assert reload(module).updated == [f"{project.name}.f"]


def test_a_report_as_text() -> None:
    assert str(ReloadReport()) == "reloaded nothing in 0 ms"
    plain = Unreached("m.f", "it is gone", "m.py", 1)
    held = Unreached("m.g", "it is old", "m.py", 2, "RL101", 3, ("m.A", "m.B"))
    report = ReloadReport(["m", "n"], ["m.f"], kept=["m.X"], not_updated=[plain, held], seconds=2)
    assert str(report).splitlines() == [
        "reloaded m, n in 2000 ms",
        "  updated: m.f",
        "  kept: m.X",
        "  not updated:",
        "    m.py:1: m.f: it is gone",
        "    m.py:2: m.g: it is old (3 alive); held by m.A, m.B [RL101]",
    ]


def test_only_what_stays_old_is_a_warning(
    project: Project, caplog: pytest.LogCaptureFixture
) -> None:
    module = project.start("def f(): return 1\n")
    with caplog.at_level("INFO", "reloadlint.runtime"):
        project.write("def f(): return 2\n")
        reload(module)
        held = module.f
        project.write("")
        reload(module)
    assert held() == 2
    assert [record.levelname for record in caplog.records] == ["INFO", "WARNING"]


def test_a_lambda_that_is_gone_is_told_by_what_took_it(project: Project) -> None:
    text = "H = []\ndef on(f): H.append(f)\n"
    module = project.start(f"{text}on(lambda: 1)\n")
    project.write(text)
    found = {entry.name: entry.rule for entry in reload(module).not_updated}
    assert found == {f"{project.name}.<lambda>": "RL101", f"{project.name}.on(lambda: 1)": "RL401"}


def test_a_closure_that_is_gone_is_told_by_where_it_went(project: Project) -> None:
    text = "def make(a):\n    def inner(): return 1\n    if a: pass\n    return inner\n"
    module = project.start(text)
    held = module.make(1)
    project.write("def make(a): return 2\n")
    (entry,) = reload(module).not_updated
    assert (entry.name, entry.rule) == (f"{project.name}.make.<locals>.inner", "RL103")
    assert held() == 1


def test_the_report_says_who_holds_what_is_stale(project: Project) -> None:
    module = project.start("def make(a, b): return lambda: a\nHELD = {}\n")
    module.HELD["k"] = [module.make(1, 2), module.make(3, 4)]
    project.write("def make(a, b): return lambda: (a, b)\nHELD = {}\n")
    (entry,) = reload(module).not_updated
    assert entry.live == 2
    assert entry.rule == "RL103"
    assert (entry.file, entry.line) == (str(project.file), 1)
    assert any(f"{project.name}.HELD['k'][0]" in holder for holder in entry.holders)


HOLDERS = {
    "x = [(0, f)]": ("user.x[0][1]",),
    "x = [[[f]]]": ("user.x[0][0][0]",),
    "x = [[[[f]]]]": (),  # a longer path says nothing
    "x = [f]; x.append(x)": ("user.x[0]",),
    "def g(f=f): pass": ("user.g[0]",),
    "class C: g = f": ("user.C['g']",),
    "x = types.MethodType(f, 1)": ("user.x",),
    "x = functools.partial(f)": ("<functools.partial object>",),
    "x = types.ModuleType('hand_made'); x.g = f": ("<builtins.module object>['g']",),
    "def fail(g): raise KeyError\ntry: fail(f)\nexcept KeyError as e: x = e": (
        "a local of fail()",
    ),
}


@pytest.mark.parametrize("hold", HOLDERS)
def test_a_holder_is_named_by_a_short_path(project: Project, hold: str) -> None:
    module = project.start("def make(a, b): return lambda: a\n")
    program = f"import functools, types\n{hold}\ndel f\n"
    namespace = {"__name__": "user", "f": module.make(1, 2)}
    exec(program, namespace)
    project.write("def make(a, b): return lambda: (a, b)\n")
    (entry,) = reload(module).not_updated
    assert (entry.live, entry.holders) == (1, HOLDERS[hold])


def test_holders_are_looked_for_of_the_first_five(project: Project) -> None:
    makers = "".join(f"def make_{n}(a, b): return lambda: a\n" for n in range(6))
    module = project.start(makers)
    module.HELD = [getattr(module, f"make_{n}")(1, 2) for n in range(6)]
    project.write(makers.replace("lambda: a", "lambda: (a, b)"))
    entries = reload(module).not_updated
    assert [bool(entry.holders) for entry in entries] == [True] * 5 + [False]


def test_a_decorated_function_that_turned_class_is_reported_once(project: Project) -> None:
    decorator = "def plain(f):\n    def w(): return f()\n    return w\n"
    module = project.start(f"{decorator}@plain\ndef f(): return 1\n")
    held = module.f
    project.write(f"{decorator}class f: pass\n")
    (entry,) = reload(module).not_updated
    assert entry.reason == "gone from the new version"
    assert held() == 1


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


def test_a_running_frame_is_reported_where_its_function_stands_now(project: Project) -> None:
    module = project.start("def g():\n    yield 1\n    yield 2\n")
    running = module.g()
    assert next(running) == 1
    project.write("\n\ndef g():\n    yield 3\n")
    (entry,) = reload(module).not_updated
    assert (entry.rule, entry.line) == ("RL106", 3)


def test_objects_frozen_by_gc_are_found(project: Project, caplog: pytest.LogCaptureFixture) -> None:
    import gc

    module = project.start("def make(): return lambda: 'old'\n")
    held = module.make()
    gc.freeze()
    try:
        project.write("def make(): return lambda: 'new'\n")
        reload(module)
    finally:
        gc.unfreeze()
    assert held() == "new"
    assert "objects frozen with gc.freeze() were unfrozen" in caplog.text


@pytest.mark.skipif(sys.version_info < (3, 12), reason="syntax of 3.12")
def test_functions_that_cpython_makes_of_types_are_no_remnants(project: Project) -> None:
    text = "type A = list[int]\nclass C[T: int]:\n    x: T = 1\n\ndef f(): return {}\n"
    module = project.start(text.format(1))
    held = module.A, module.C, module.C.__annotations__, module.C.__type_params__[0].__bound__
    for number in (2, 3):
        project.write(text.format(number))
        report = reload(module)
        assert report.updated == [f"{project.name}.f"]
        assert report.complete, report
    assert held[0].__value__ == list[int]


def test_every_code_in_a_report_is_a_rule_of_the_linter() -> None:
    pytest.importorskip("libcst")
    from reloadlint.registry import load
    from reloadlint.runtime._rules import CODES

    folder = Path(reloadlint.runtime.__file__).parent
    named = {
        code for file in folder.glob("*.py") for code in re.findall(r'"(RL\d+)"', file.read_text())
    }
    assert named <= CODES
    written = {rule.code for rule in load()}
    assert written >= CODES
