"""`python -m reloadlint.evidence`, on one rule and under the reloaders that are always there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import reloadlint.evidence.__main__ as command
from reloadlint.evidence import packs
from reloadlint.evidence.measure import CHEAP

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="experiments fork")


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the pack of RL107 alone keeps what was measured."""
    path = tmp_path / "evidence.json"
    _, trials = packs.trials_of("reloadlint.rules", ["RL107"])
    monkeypatch.setattr(command.packs, "trials_of", lambda *_: (path, trials))
    monkeypatch.setattr(command, "ALL", CHEAP)
    return path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(command.main, arguments)


def test_what_it_writes_it_finds_again(file: Path) -> None:
    written = run("--write")
    assert written.exit_code == 0
    assert written.output.splitlines()[-1] == f"wrote {file}"
    again = run()
    assert again.exit_code == 0
    assert "importlib.reload of Python 3." in again.output


def test_what_is_other_than_written_is_told(file: Path) -> None:
    run("--write")
    file.write_text(file.read_text(encoding="utf-8").replace('"stale"', '"fresh"'))
    result = run("--reloader", "importlib")
    assert result.exit_code == 1
    assert "RL107, example 1, edit 1 (removed), before, importlib: fresh → stale" in result.output


def test_a_reloader_that_is_not_installed_is_told(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "ALL", ("importlib", "debugpy"))
    monkeypatch.setenv("PYTHONPATH", str(file.parent))
    (file.parent / "debugpy.py").write_text("raise ImportError('not here')\n")
    assert "not installed: debugpy" in run().output
    for option in ("--every", "--write"):
        result = run(option)
        assert result.exit_code == 1
        assert "not installed: debugpy: pip install 'reloadlint[evidence]'" in result.output
    assert not file.exists()


@pytest.mark.parametrize("partly", [("RL107",), ("--reloader", "importlib")])
def test_a_part_is_not_written(file: Path, partly: tuple[str, ...]) -> None:
    assert run("--write", *partly).exit_code == 2
    assert not file.exists()


def test_a_pack_that_is_not_installed_is_an_error() -> None:
    result = run("--pack", "nonesuch")
    assert result.exit_code == 1
    assert "no package `nonesuch` is installed as a rule pack" in result.output
