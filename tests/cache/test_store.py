"""Warm runs find what cold ones do, and check no more than they must."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import reloadlint
from reloadlint import packs
from reloadlint.cache import stamps
from reloadlint.check import Options, Outcome, Run
from reloadlint.checker import Checker
from reloadlint.config import Config, Configs
from reloadlint.facts.project import Project
from tests.facts.tangle import tangle

STALE = "import threading\n\nthreading.Timer(1, lambda: work(1) + 2)\n"
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(reloadlint.__file__).parent.parent)}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths that were really checked, in this process."""
    seen: list[str] = []
    check = Checker.check

    def spy(self: Checker, path: str) -> object:
        seen.append(path)
        return check(self, path)

    monkeypatch.setattr(Checker, "check", spy)
    return seen


def write(texts: dict[str, str]) -> None:
    for name, text in texts.items():
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def run(
    *paths: str,
    cache: bool = True,
    jobs: int = 1,
    options: Options | None = None,
    **settings: object,
) -> Outcome:
    configs = Configs(only=Config(**settings)) if settings else Configs()  # type: ignore[arg-type]
    kept = Path(".reloadlint_cache") if cache else None
    return Run(configs, options or Options(), jobs, kept).check_paths(paths or ["."])


def told(outcome: Outcome) -> object:
    findings = [file.findings for file in outcome.checked]
    fixes = [finding.fix for file in findings for finding in file]
    return findings, fixes, list(map(str, outcome.errors)), outcome.files


# What is checked again


def test_nothing_is_checked_twice(checked: list[str]) -> None:
    write({"a.py": STALE, "b.py": "x = 1\n", "c.py": "def f(:\n"})
    cold = run()
    assert sorted(checked) == ["a.py", "b.py", "c.py"]
    checked.clear()
    assert told(run()) == told(cold)
    assert checked == []


def test_what_is_touched_only_is_not_checked_again(checked: list[str]) -> None:
    write({"a.py": STALE})
    run()
    os.utime("a.py", (0, 0))
    checked.clear()
    run()
    assert checked == []


def test_a_change_that_leaves_size_and_time_is_seen(checked: list[str]) -> None:
    write({"a.py": STALE})
    run()
    status = os.stat("a.py")
    write({"a.py": STALE.replace("Timer", "Tamer")})
    os.utime("a.py", ns=(status.st_atime_ns, status.st_mtime_ns))
    checked.clear()
    run()
    assert checked == ["a.py"]


CHAIN = {
    "keeper.py": "KEPT = []\n\n\ndef keep(job):\n    KEPT.append(job)\n",
    "middle.py": "import keeper\n\n\ndef hand(job):\n    keeper.keep(job)\n",
    "user.py": "import middle\n\n\ndef use(x):\n    middle.hand(lambda: print(x) or x + 1)\n",
    "other.py": "import middle\n\n\ndef use(x):\n    middle.unknown(lambda: print(x) or x + 1)\n",
    "alone.py": STALE,
}


@pytest.mark.parametrize(
    ("changed", "again"),
    [
        ("alone.py", {"alone.py"}),
        ("user.py", {"user.py"}),
        ("keeper.py", {"keeper.py", "user.py"}),
        ("middle.py", {"middle.py", "user.py", "other.py"}),
    ],
)
def test_a_change_re_checks_the_file_and_its_dependents(
    checked: list[str], changed: str, again: set[str]
) -> None:
    write(CHAIN)
    run()
    checked.clear()
    write({changed: CHAIN[changed] + "# new\n"})
    run()
    assert set(checked) == again


def test_a_module_that_appears_or_goes_re_checks_who_looked_for_it(checked: list[str]) -> None:
    write({name: CHAIN[name] for name in ("middle.py", "user.py", "alone.py")})
    assert not any("user.py" in file.path for file in run().checked)
    checked.clear()
    write({"keeper.py": CHAIN["keeper.py"]})
    assert any("user.py" in file.path for file in run().checked)
    assert set(checked) == {"keeper.py", "user.py"}
    checked.clear()
    os.unlink("keeper.py")
    assert not any("user.py" in file.path for file in run().checked)
    assert set(checked) == {"user.py"}


def test_so_does_one_that_is_no_part_of_the_run(checked: list[str]) -> None:
    write(CHAIN)
    write({"keeper.py": CHAIN["keeper.py"].replace("KEPT.append(job)", "job()")})
    assert run("user.py").checked == []
    write(CHAIN)
    assert len(run("user.py").checked) == 1
    os.unlink("middle.py")
    assert run("user.py").checked == []


def test_methods_are_found_by_name_in_new_files(checked: list[str]) -> None:
    write(
        {"a.py": "def use(x, box):\n    box.put_it(lambda: print(x) or x + 1)\n", "b.py": "y = 1\n"}
    )
    assert run().checked == []
    checked.clear()
    box = "class Box:\n    def put_it(self, job):\n        self.job = job\n"
    write({"b.py": box})
    assert [file.path for file in run().checked] == ["a.py"]
    assert set(checked) == {"a.py", "b.py"}
    checked.clear()
    write({"b.py": box + "\n    def another(self): ...\n"})
    run()
    assert set(checked) == {"a.py", "b.py"}  # a.py has looked into b.py


@pytest.mark.parametrize("jobs", [1, 2])
def test_what_names_the_other_files_have_is_not_found_out_again(
    checked: list[str], monkeypatch: pytest.MonkeyPatch, jobs: int
) -> None:
    asker = "def use(x, box):\n    box.put_it(lambda: print(x) or x + 1)\n"
    box = "class Box:\n    def put_it(self, job):\n        self.job = job\n"
    write({"a.py": asker, "b.py": asker, "box.py": box})
    run()
    write({"a.py": asker + "# new\n", "b.py": asker + "# new\n"})
    monkeypatch.setattr(Project, "_index", None)  # inherited by workers that are forked
    outcome = run(jobs=jobs)
    assert (outcome.errors, len(outcome.checked)) == ([], 2)


def test_settings_and_paths_count(checked: list[str]) -> None:
    write({"a.py": STALE})
    for settings in ({}, {"ignore": ("RL101",)}, {"min_body": 99}):
        checked.clear()
        run(**settings)  # type: ignore[arg-type]
        assert checked == ["a.py"]
    write({"pyproject.toml": '[tool.reloadlint]\nignore = ["RL1"]\n'})
    assert run().checked == []
    write({"pyproject.toml": ""})
    assert len(run().checked) == 1


def test_rule_packs_count(
    checked: list[str], tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = tmp_path_factory.mktemp("site")
    (site / "some_pack.py").write_text('"""A pack."""\n')
    monkeypatch.syspath_prepend(site)
    installed = {packs.GROUP: "reloadlint", "some_pack": "some"}
    monkeypatch.setattr("reloadlint.cache.scope.packs", lambda: installed)
    write({"a.py": STALE})
    run()
    run()
    assert checked == ["a.py"]
    (site / "some_pack.py").write_text('"""The same pack, improved."""\n')
    run()
    assert checked == ["a.py"] * 2


def test_what_failed_is_tried_again(checked: list[str]) -> None:
    Path("a.py").write_bytes(b"x = '\xe9'\n")
    assert told(run()) == told(run())
    assert checked == ["a.py"] * 2


def test_what_fails_as_before_makes_nobody_ask_again(
    checked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write({"m.py": "class A:\n    def f(self):\n        return super(A, self).f()\n"})
    Path("bad.py").write_bytes(b"x = '\xe9'\n")
    monkeypatch.setattr(stamps, "_RACY", -1)  # changed long ago, as far as stamps can tell
    asked: list[str] = []
    is_still = Project.is_still

    def spy(self: Project, key: str, *more: Any) -> bool:
        asked.append(key)
        return is_still(self, key, *more)

    monkeypatch.setattr(Project, "is_still", spy)
    run()
    assert told(run()) == told(run())
    assert (checked, asked) == (["bad.py", "m.py", "bad.py", "bad.py"], [])
    write({"bad.py": "import m\n"})
    run()
    assert any(key.startswith("rebound:") for key in asked)


def test_who_asked_about_all_files_is_checked_again_where_the_answer_is_another(
    checked: list[str],
) -> None:
    write({"m.py": "class A:\n    def f(self):\n        return super(A, self).f()\n"})
    write({"a.py": "import m\n"})
    run()
    checked.clear()
    write({"a.py": "import m\n\nx = 1\n"})
    run()
    assert checked == ["a.py"]
    checked.clear()
    write({"a.py": "import m\n\nm.A = 1\n"})
    findings = [finding for file in run().checked for finding in file.findings]
    (found,) = (finding for finding in findings if finding.code == "RL501")
    assert sorted(checked) == ["a.py", "m.py"]
    assert found.fix is not None
    assert found.fix.caution.endswith("a.py:3")


def test_without_the_cache_all_is_checked(checked: list[str]) -> None:
    write({"a.py": STALE})
    run(cache=False)
    assert not Path(".reloadlint_cache").exists()
    run()
    run(cache=False)
    run(options=Options(screen=False))
    assert checked == ["a.py"] * 4


# The same findings


@pytest.mark.parametrize("spoil", ["", "not json", '{"files": 3}\n{}\n{}', "{}\n{}\n{}"])
def test_a_sealed_file_that_makes_no_sense_is_passed_over(spoil: str) -> None:
    from reloadlint.cache.folder import Folder

    write(CHAIN)
    cold = run()
    (file,) = Path(".reloadlint_cache").glob("*.cache")
    assert Folder(file.parent).write(file.stem, spoil.encode())
    assert told(run()) == told(cold)
    assert told(run()) == told(cold)


def test_a_cache_that_comes_with_a_repository_hides_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    write({"a.py": "x = 1\n"})
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("attacker")))
    run()
    write({"a.py": STALE})
    (file,) = Path(".reloadlint_cache").glob("*.cache")
    raw = file.read_bytes().replace(*(d.encode() for d in digests("x = 1\n", STALE)))
    file.write_bytes(raw)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("victim")))
    assert len(run().checked) == 1


def digests(*texts: str) -> Iterator[str]:
    from reloadlint.cache.stamps import digest_of_bytes

    return (digest_of_bytes(text.encode()) for text in texts)


def test_fixes_are_made_by_warm_runs_too(checked: list[str]) -> None:
    write({"a.py": STALE, "b.py": "x = 1\n"})
    run()
    checked.clear()
    fix = Options(fix=True, write=True)
    assert [file.path for file in run(options=fix).checked if file.is_changed] == ["a.py"]
    assert checked == ["a.py"]
    assert run().checked == []
    assert run(options=fix).checked == []


@pytest.mark.parametrize(("seed", "jobs"), [(1, 1), (2, 1), (3, 1), (4, 2)])
def test_after_any_change_warm_runs_find_what_cold_ones_do(seed: int, jobs: int) -> None:
    choose = random.Random(seed)
    for step in range(12):
        texts = tangle(1000 * seed + step)
        for name in choose.sample(sorted(texts), choose.randint(1, 2)):
            place = Path(choose.choice(["", "pkg", "pkg/sub"]), name)
            if choose.random() < 0.25 and place.exists():
                place.unlink()
            else:
                write({str(place): texts[name]})
        if choose.random() < 0.2:
            Path("pkg").mkdir(exist_ok=True)
            Path("pkg/__init__.py").write_text("")
        if choose.random() < 0.1:
            shutil.rmtree("pkg/sub", ignore_errors=True)
        assert told(run(jobs=jobs)) == told(run(cache=False)), step


# What a warm run loads

ALLOWED = {"", "__main__", "cache", "check", "checker", "cli", "config", "cores", "errors"}
ALLOWED |= {"files", "finding", "fingerprint", "gitignore", "globs", "known", "baseline"}
ALLOWED |= {"memory", "nearest", "notebook", "outcome", "packs", "profile", "report", "repository"}
ALLOWED |= {"folders", "limits", "timing", "revision", "selection", "settings", "source", "toml"}
ALLOWED |= {"verdicts"}
UNWANTED = {"libcst", "symtable", "multiprocessing", "concurrent", "asyncio", "hypothesis"}


def test_a_warm_run_loads_no_more_than_it_needs() -> None:
    write({"a.py": STALE, "b.py": "x = 1\n"})
    code = (
        "import sys, atexit; atexit.register(lambda: print(*sys.modules, file=sys.stderr)); "
        "from reloadlint.cli import main; main()"
    )
    command = [sys.executable, "-c", code, "check", "--output-format=concise"]
    for _ in range(2):
        done = subprocess.run(command, capture_output=True, text=True, env=ENVIRONMENT, check=False)
    assert "a.py:3:20: RL101" in done.stdout
    loaded = done.stderr.split()
    ours = {f"{name}..".split(".")[1] for name in loaded if name.split(".")[0] == "reloadlint"}
    assert ours <= ALLOWED
    assert {name.split(".")[0] for name in loaded}.isdisjoint(UNWANTED)


@pytest.mark.slow
@pytest.mark.parametrize("package", ["asyncio", "logging"])
def test_after_edits_of_real_code_warm_runs_find_what_cold_ones_do(package: str) -> None:
    shutil.copytree(Path(sysconfig.get_path("stdlib"), package), package)
    choose = random.Random(package)
    files = sorted(Path(package).rglob("*.py"))
    for step in range(10):
        path = choose.choice(files)
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        place = choose.randrange(len(lines) + 1)
        edits = [[], ["\n"], ["import threading\n"], lines[place : place + 1] * 2]
        lines[place : place + 1] = choose.choice(edits)
        path.write_text("".join(lines), encoding="utf-8")
        assert told(run()) == told(run(cache=False)), (step, path)
