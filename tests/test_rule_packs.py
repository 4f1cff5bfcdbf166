"""Rule packs of others: one that is really built and installed, and some that are broken."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

PACK = Path(__file__).parent / "data" / "pack"


def run(python: str | Path, *arguments: str, cwd: Path, **environment: str) -> tuple[int, str, str]:
    done = subprocess.run(
        [python, *arguments],
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def fill(pack: Path) -> None:
    """Begin a rule and its test as the author of a pack does, and write what is left to write."""
    (pack / "tests").mkdir()
    new = ("-m", "reloadlint", "rule", "--new", "constant-default", "--code", "GAME101")
    assert run(sys.executable, *new, "--in", "game_rules", cwd=pack)[0] == 0
    rule = pack / "game_rules" / "constant_default.py"
    rule.write_text(re.sub("TODO:?", "It says", rule.read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An interpreter of an environment with the pack installed, from its wheel."""
    folder = tmp_path_factory.mktemp("pack")
    shutil.copytree(PACK, folder / "pack")
    fill(folder / "pack")
    build = ("-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder))
    assert run(sys.executable, *build, cwd=folder / "pack")[0] == 0
    (wheel,) = folder.glob("*.whl")
    venv.create(folder / "venv", with_pip=False)
    python = folder / "venv/bin/python"
    install = ("-m", "pip", "--python", str(python), "install", "--no-deps", "--no-index")
    assert run(sys.executable, *install, str(wheel), cwd=folder)[0] == 0
    # reloadlint itself is there as it is here, be it editable or not.
    site = next((folder / "venv/lib").glob("python*/site-packages"))
    here = sysconfig.get_path("purelib")
    (site / "here.pth").write_text(f"import site; site.addsitedir({here!r})\n", encoding="utf-8")
    return python


@pytest.mark.slow
class TestAPackThatIsInstalled:
    def test_is_on(self, python: Path, tmp_path: Path) -> None:
        (tmp_path / "a.py").write_text("RATE = 1\n\n\ndef f(rate=RATE):\n    pass\n")
        code, out, _ = run(
            python, "-m", "reloadlint", "check", "--output-format", "json", "a.py", cwd=tmp_path
        )
        (finding,) = json.loads(out)
        assert code == 1
        assert (finding["code"], finding["name"]) == ("GAME101", "constant-default")

    def test_is_selected_by_its_own_prefix(self, python: Path, tmp_path: Path) -> None:
        (tmp_path / "a.py").write_text("RATE = 1\n\n\ndef f(rate=RATE):\n    pass\n")
        ignore = ("-m", "reloadlint", "check", "--ignore", "GAME", "a.py")
        assert run(python, *ignore, cwd=tmp_path)[0] == 0

    def test_has_pages(self, python: Path, tmp_path: Path) -> None:
        _, page, _ = run(python, "-m", "reloadlint", "rule", "constant-default", cwd=tmp_path)
        _, index, _ = run(python, "-m", "reloadlint", "rule", cwd=tmp_path)
        assert page.startswith("constant-default (GAME101)\n===")
        assert "GAME101" in index
        assert "RL101" in index

    def test_keeps_its_promises(self, python: Path, tmp_path: Path) -> None:
        tests = python.parents[2] / "pack" / "tests"
        code, out, _ = run(python, "-m", "pytest", "-q", str(tests), cwd=tmp_path)
        assert code == 0, out

    def test_is_measured_and_has_a_profile_then(self, python: Path, tmp_path: Path) -> None:
        evidence = ("-m", "reloadlint.evidence", "--pack", "game_rules")
        cheap = ("--reloader", "importlib", "--reloader", "reloadlint")
        code, out, _ = run(python, *evidence, *cheap, cwd=tmp_path)
        assert code == 1  # there is no file yet
        assert "GAME101, example 1, edit 1 (body): not measured" in out


BROKEN = {
    "fails to import": (
        "import nonesuch\n",
        "rule pack 'broken' failed to import broken_pack: ModuleNotFoundError: "
        "No module named 'nonesuch'",
    ),
    "is no Python": (
        "def f(:\n",
        "rule pack 'broken' failed to import broken_pack: SyntaxError: ",
    ),
    "ends the program": (
        "raise SystemExit('no\\nway')\n",
        "rule pack 'broken' failed to import broken_pack: SystemExit: no way",
    ),
    "reuses a code": (
        "from reloadlint.rule import Rule\n\n\nclass Mine(Rule):\n"
        "    code = 'RL101'\n    name = 'mine'\n",
        "RL101 is both broken_pack.Mine and reloadlint.rules.inline_callback.InlineCallback: "
        "codes and names are unique",
    ),
    "reuses a name": (
        "from reloadlint.rule import Rule\n\n\nclass Mine(Rule):\n"
        "    code = 'GAME1'\n    name = 'inline-callback'\n",
        "inline-callback is both broken_pack.Mine and "
        "reloadlint.rules.inline_callback.InlineCallback: codes and names are unique",
    ),
    "has no name": (
        "from reloadlint.rule import Rule\n\n\nclass Mine(Rule):\n    code = 'GAME1'\n",
        "broken_pack.Mine: name None is not of the form some-words",
    ),
    "has a code of another form": (
        "from reloadlint.rule import Rule\n\n\nclass Mine(Rule):\n"
        "    code = 'game-1'\n    name = 'mine'\n",
        "broken_pack.Mine: code 'game-1' is not of the form ABC123",
    ),
}


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """Where the distribution `broken` is installed, with nothing in its module yet."""
    info = tmp_path / "broken-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: broken\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[reloadlint.rules]\nbroken = broken_pack\n")
    return tmp_path


@pytest.mark.parametrize(("text", "message"), BROKEN.values(), ids=BROKEN)
def test_a_broken_pack_is_one_clear_line_and_exit_2(
    text: str, message: str, broken: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    (broken / "broken_pack.py").write_text(text)
    work = tmp_path_factory.mktemp("work")
    check = ("-m", "reloadlint", "check")
    code, out, err = run(sys.executable, *check, cwd=work, PYTHONPATH=str(broken))
    assert code == 2
    assert out == ""
    (line,) = err.splitlines()
    assert line.startswith(f"error: {message}")


@pytest.mark.parametrize(
    ("parent", "message"),
    [
        (None, "ModuleNotFoundError: No module named 'company'"),
        ("raise OSError('no disk')\n", "OSError: no disk"),
    ],
)
def test_so_is_one_whose_parent_is_broken(
    parent: str | None, message: str, broken: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    points = "[reloadlint.rules]\nbroken = company.rules:Rules\n"
    (broken / "broken-1.0.dist-info" / "entry_points.txt").write_text(points)
    if parent is not None:
        (broken / "company").mkdir()
        (broken / "company" / "__init__.py").write_text(parent)
    work = tmp_path_factory.mktemp("work")
    (work / "a.py").touch()
    check = ("-m", "reloadlint", "check")
    code, _, err = run(sys.executable, *check, cwd=work, PYTHONPATH=str(broken))
    assert code == 2
    line = f"error: rule pack 'broken' failed to import company.rules: {message}"
    assert err.splitlines() == [line]


def test_the_pages_tell_of_a_broken_pack_too(
    broken: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    work = tmp_path_factory.mktemp("work")
    rule = ("-m", "reloadlint", "rule")
    code, _, err = run(sys.executable, *rule, cwd=work, PYTHONPATH=str(broken))
    assert code == 2
    assert err.startswith("error: rule pack 'broken' failed to import broken_pack: ModuleNotFound")
