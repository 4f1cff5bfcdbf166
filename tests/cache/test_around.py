"""What texts around a run tell of it, in warm runs: the same as in cold ones, read only anew."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from reloadlint.cache import stamps
from reloadlint.check import Options, Outcome, Run
from reloadlint.checker import Checker
from reloadlint.config import Config, Configs
from reloadlint.facts.project import Project

MODULE = "class A:\n    def f(self):\n        return super(A, self).f()\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository whose files were all changed long ago, as far as stamps can tell."""
    monkeypatch.setattr(stamps, "_RACY", -1)
    monkeypatch.chdir(tmp_path)
    write({".git/config": "", "src/m.py": MODULE, "src/b.py": "import m\n"})
    return tmp_path


def spied(monkeypatch: pytest.MonkeyPatch, owner: type, method: str) -> list[str]:
    """The first arguments of the calls of a method."""
    seen: list[str] = []
    original: Callable[..., object] = getattr(owner, method)

    def spy(self: object, first: str, *more: object) -> object:
        seen.append(first)
        return original(self, first, *more)

    monkeypatch.setattr(owner, method, spy)
    return seen


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths that were really checked."""
    return spied(monkeypatch, Checker, "check")


def write(texts: dict[str, str]) -> None:
    for name, text in texts.items():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(text, encoding="utf-8")


def run(*paths: str, cache: bool = True, select: tuple[str, ...] = ("RL501",)) -> Outcome:
    configs = Configs(only=Config(root=Path.cwd(), select=select))
    kept = Path(".reloadlint_cache") if cache else None
    return Run(configs, Options(), 1, kept).check_paths(paths or ["src"])


def caution(outcome: Outcome) -> str:
    """What speaks against the fix of the one finding."""
    ((finding,),) = (file.findings for file in outcome.checked)
    return finding.fix.caution if finding.fix is not None else finding.refusal


TELLING = {
    "tests/t.py": "import m\n\nm.A = 1\n",
    "docs/usage.md": "Set `m.A = B`.\n",
    "src/b.py": "import m\n\nm.A = 1\n",
}


@pytest.mark.parametrize("name", TELLING)
def test_a_text_that_tells_of_a_module_has_it_checked_again(checked: list[str], name: str) -> None:
    assert caution(run()) == ""
    write({name: "nothing\n"})
    run()
    checked.clear()
    write({name: TELLING[name]})
    line = TELLING[name].count("\n")
    assert caution(run()).endswith(f"{name}:{line}")
    assert "src/m.py" in checked
    write({name: "\n" + TELLING[name]})
    assert caution(run()).endswith(f"{name}:{line + 1}")
    Path(name).unlink()
    assert caution(run()) == ""


def test_what_comes_to_be_above_the_repository_is_no_change(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("repository").mkdir()
    monkeypatch.chdir("repository")
    write({".git/config": "", "m.py": MODULE})
    run("m.py")
    asked = spied(monkeypatch, Project, "is_still")
    write({str(folder / "another/__init__.py"): "", str(folder / "m.py"): ""})
    run("m.py")
    assert asked == []


def test_a_text_that_does_not_has_nothing_checked_again(checked: list[str]) -> None:
    write({"docs/usage.md": "Hello.\n"})
    run()
    checked.clear()
    for name in ("docs/usage.md", "docs/another.md"):
        write({name: "Hello, world.\n"})
        run()
    assert checked == []


def test_where_one_text_has_changed_no_other_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    write({f"docs/{number}.md": "Hello.\n" for number in range(9)})
    run()
    read = spied(monkeypatch, Project, "_text")
    run()
    assert read == []
    write({"docs/3.md": "See `m.A`.\n"})
    run()
    write({"src/m.py": MODULE + "\n\nx = 1\n"})
    run()
    assert {os.path.relpath(path) for path in read} == {"docs/3.md"}
    write({"src/m.py": MODULE.replace("A", "C")})
    run()
    assert len({path for path in read if path.endswith(".md")}) == 9  # another question


def test_a_package_that_comes_to_be_has_all_texts_read_anew() -> None:
    write({"src/x.py": "B = 1\n", "src/p/c.py": "from .m import B\n"})
    write({"src/m.py": "from x import B\n\n\ndef f():\n    return B\n"})
    assert caution(run("src/m.py", select=("RL301",))).endswith("src/p/c.py:1")
    write({"src/p/__init__.py": ""})  # now it is `p.m` that c.py takes it from
    assert caution(run("src/m.py", select=("RL301",))) == ""


LINES = [
    "import m",
    "import p.n as n",
    "from m import A",
    "from p.n import A, B",
    "from p.n import *",
    "from .n import B",
    "m.A = 1",
    "n.B = 2",
    "print(n.B)",
    "x = {'A': 1}",
    "def f(y):\n    return A, B, isinstance(y, B)",
    "patch('p.n.A')",
    "class B:\n    def f(self):\n        return super(B, self).f()",
]
NAMES = ["src/a.py", "src/p/n.py", "src/p/a.py", "src/p/__init__.py", "t/a.py", "docs/a.md"]


@pytest.mark.parametrize("seed", range(4))
def test_after_any_change_warm_runs_tell_what_cold_ones_do(seed: int) -> None:
    choose, told = random.Random(seed), set()
    for step in range(25):
        name = choose.choice(NAMES)
        if choose.random() < 0.2:
            Path(name).unlink(missing_ok=True)
        else:
            write({name: "\n".join(choose.sample(LINES, choose.randint(1, 5))) + "\n"})
        warm, cold = (run(cache=cache, select=("RL3", "RL5")) for cache in (True, False))
        findings = [[(f, f.fix) for f in file.findings] for file in cold.checked]
        assert [[(f, f.fix) for f in file.findings] for file in warm.checked] == findings, step
        told |= {fix.caution for file in findings for _, fix in file if fix is not None}
    assert len(told) > 3
