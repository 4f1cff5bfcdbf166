"""What in a project's configuration works against reloadlint, and how it is mended."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from click.testing import Result

from reloadlint.doctor import diagnose
from reloadlint.toml import parse_toml
from tests.command import run


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def project(text: str, name: str = "pyproject.toml") -> None:
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_text(textwrap.dedent(text), encoding="utf-8")


def remedies() -> list[str]:
    return [advice.remedy for advice in diagnose()]


def doctor(*args: str) -> Result:
    return run("doctor", *args)


def test_a_project_with_nothing_to_mend() -> None:
    project("[tool.ruff.lint]\nselect = ['E', 'F']\n")
    result = doctor()
    assert (result.exit_code, result.stdout) == (0, "")


RUFF = 'ignore = ["PLW0108"] in [tool.ruff.lint]'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[tool.ruff.lint]\nselect = ['ALL']", [RUFF]),
        ("[tool.ruff.lint]\nselect = ['E', 'PL']", [RUFF]),
        ("[tool.ruff.lint]\nextend-select = ['PLW0108']", [RUFF]),
        ("[tool.ruff.lint]\nselect = ['PLW']\nignore = ['PLW01']", []),
        ("[tool.ruff.lint]\nselect = ['PLR']", []),
        ("[tool.ruff]\nselect = ['PL']", [RUFF]),
    ],
)
def test_ruff(text: str, expected: list[str]) -> None:
    project(text)
    assert remedies() == expected


def test_ruff_in_a_file_of_its_own() -> None:
    project("[lint]\nselect = ['ALL']", "ruff.toml")
    assert remedies() == ['ignore = ["PLW0108"] in [lint]']


PYLINT = 'disable = ["unnecessary-lambda"] in [tool.pylint.messages_control]'


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("pyproject.toml", "[tool.pylint.messages_control]\ndisable = ['C0114']", [PYLINT]),
        ("pyproject.toml", "[tool.pylint.messages_control]\ndisable = ['W0108']", []),
        ("pyproject.toml", "[tool.pylint.messages_control]\ndisable = 'a, unnecessary-lambda'", []),
        (".pylintrc", "[MAIN]\ndisable=a,\n  b\n", ["add unnecessary-lambda to `disable`"]),
        (".pylintrc", "[MAIN]\ndisable=a,\n  unnecessary-lambda\n", []),
        (".pre-commit-config.yaml", "repos:\n- repo: x\n  hooks:\n  - id: pylint\n", [PYLINT]),
    ],
)
def test_pylint(name: str, text: str, expected: list[str]) -> None:
    project(text, name)
    assert remedies() == expected


def test_refurb_and_fixit() -> None:
    project("[tool.refurb]\nignore = ['FURB101']\n[tool.fixit]\nenable = ['x']\n")
    assert remedies() == [
        'ignore = ["FURB111"] in [tool.refurb]',
        'disable = ["fixit.rules:NoRedundantLambda"] in [tool.fixit]',
    ]
    project(
        "[tool.refurb]\nignore = ['FURB111']\n"
        "[tool.fixit]\ndisable = ['fixit.rules:NoRedundantLambda']\n"
    )
    assert remedies() == []


HOOKS = "repos:\n  - repo: a\n    hooks:\n      - id: {}\n  - repo: b\n    hooks:\n      - id: {}\n"


def test_hooks_that_run_behind_ours() -> None:
    project(HOOKS.format("reloadlint-fix", "ruff-check"), ".pre-commit-config.yaml")
    assert remedies() == ["move reloadlint-fix behind ruff"]
    project(HOOKS.format("ruff-check", "reloadlint-fix"), ".pre-commit-config.yaml")
    assert remedies() == []


@pytest.mark.parametrize(
    ("name", "text", "reloader"),
    [
        ("pyproject.toml", "[project]\ndependencies = ['Jurigged>=0.6']", "jurigged"),
        ("pyproject.toml", "[project.optional-dependencies]\ndev = ['jurigged']", "jurigged"),
        ("pyproject.toml", "[dependency-groups]\ndev = ['jurigged[develoop]']", "jurigged"),
        ("pyproject.toml", "[tool.poetry.dependencies]\njurigged = '^0.6'", "jurigged"),
        ("pyproject.toml", "[dependency-groups]\ndev = ['hmr~=0.7']", "hmr"),
        ("dev-requirements.txt", "# tools\njurigged==0.6\n", "jurigged"),
        ("ipython_config.py", "c.InteractiveShellApp.extensions = ['autoreload']\n", "ipython"),
        ("profile_x/startup/00.ipy", "%load_ext autoreload\n", "ipython"),
        ("nb.ipynb", '{"cells": [{"source": ["%load_ext autoreload"]}]}', "ipython"),
    ],
)
def test_the_reloader_that_the_settings_should_name(name: str, text: str, reloader: str) -> None:
    project(text, name)
    assert remedies() == [f'reloader = "{reloader}"']
    project("reloader = 'importlib'", "reloadlint.toml")
    assert remedies() == []


def test_what_is_broken_is_other_tools_business() -> None:
    project("x = = 1")
    project("\0", ".pre-commit-config.yaml")
    assert remedies() == []


def test_the_lines_are_added_and_nothing_else_changes() -> None:
    text = textwrap.dedent(
        """\
        # ours
        [project]
        dependencies = ["jurigged"]

        [tool.ruff.lint]  # strict
        select = ["ALL"]
        ignore = [
            "D",  # documentation
        ]

        [tool.refurb]
        enable_all = true

        [tool.fixit]
        disable = []

        [tool.reloadlint]
        min-body = 2
        """
    )
    project(text)
    result = doctor("--write")
    assert result.exit_code == 0
    assert result.stdout.count("  added: ") == 4
    after = Path("pyproject.toml").read_text()
    assert [line for line in text.splitlines() if line not in after.splitlines()] == [
        "ignore = [",
        "disable = []",
    ]
    data = parse_toml(after)["tool"]
    assert data["ruff"]["lint"]["ignore"] == ["PLW0108", "D"]
    assert data["refurb"] == {"enable_all": True, "ignore": ["FURB111"]}
    assert data["fixit"]["disable"] == ["fixit.rules:NoRedundantLambda"]
    assert data["reloadlint"] == {"min-body": 2, "reloader": "jurigged"}
    assert doctor().exit_code == 0


def test_a_table_that_is_missing_is_added() -> None:
    project("[tool.fixit.x]\ny = 1\n")
    doctor("--write")
    assert parse_toml(Path("pyproject.toml").read_text())["tool"]["fixit"] == {
        "x": {"y": 1},
        "disable": ["fixit.rules:NoRedundantLambda"],
    }


def test_what_cannot_be_changed_safely_is_left_alone() -> None:
    text = "tool = { ruff = { lint = { select = ['ALL'] } } }\n"
    project(text)
    result = doctor("--write")
    assert result.exit_code == 2
    assert "cannot be changed safely; please add: ignore" in result.stderr
    assert Path("pyproject.toml").read_text() == text


def test_what_only_people_can_do_is_left_to_them() -> None:
    project(HOOKS.format("reloadlint-fix", "fixit-fix"), ".pre-commit-config.yaml")
    result = doctor("--write")
    assert result.exit_code == 1
    assert "  do: move reloadlint-fix behind Fixit" in result.stdout


def test_ruff_takes_what_was_added() -> None:
    project("[tool.ruff.lint]\nselect = ['PLW0108']\n")
    project("import atexit\n\n\ndef f(a):\n    return a\n\n\nx = [lambda e: f(e)]\n", "a.py")
    ruff = [sys.executable, "-m", "ruff", "check", "--no-cache", "-q", "a.py"]
    assert subprocess.run(ruff, check=False, capture_output=True).returncode == 1
    doctor("--write")
    assert subprocess.run(ruff, check=False, capture_output=True).returncode == 0


def test_nor_is_what_would_change_elsewhere() -> None:
    raw = b"[tool.ruff.lint]\r\nselect = ['ALL']\n# both kinds of line ends\r\n"
    Path("pyproject.toml").write_bytes(raw)
    result = doctor("--write")
    assert result.exit_code == 2
    assert "cannot be changed safely" in result.stderr
    assert Path("pyproject.toml").read_bytes() == raw


def test_line_ends_are_kept() -> None:
    Path("pyproject.toml").write_bytes(b"[tool.ruff.lint]\r\nselect = ['ALL']\r\n# end\r\n")
    doctor("--write")
    assert Path("pyproject.toml").read_bytes() == (
        b"[tool.ruff.lint]\r\nignore = [\"PLW0108\"]\r\nselect = ['ALL']\r\n# end\r\n"
    )
