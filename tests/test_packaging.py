"""What `pip install` gives: the wheel, the sdist and an editable install, really built."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROJECT_FILES = ["pyproject.toml", "MANIFEST.in", "README.md", "LICENSE", "CHANGELOG.md"]
LEFTOVERS = shutil.ignore_patterns("__pycache__", "*.egg-info", ".*")

SHOW_ORIGINS = """
import importlib, pkgutil
import reloadlint.rules
for name in ["reloadlint", "reloadlint.rules", "reloadlint.runtime"]:
    print(importlib.import_module(name).__file__)
print(*sorted(module.name for module in pkgutil.iter_modules(reloadlint.rules.__path__)))
"""


def run(*arguments: str | Path, cwd: Path, **environment: str) -> str:
    done = subprocess.run(
        arguments,
        cwd=cwd,
        env={"PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def copy_project(target: Path) -> Path:
    """A copy, so that the checkout gets no build/, from which later wheels would be filled."""
    for directory in ("reloadlint", "rules"):
        shutil.copytree(ROOT / directory, target / directory, ignore=LEFTOVERS)
    for file in PROJECT_FILES:
        shutil.copy(ROOT / file, target / file)
    return target


def build(project: Path, kind: str, out: Path) -> Path:
    command = [sys.executable, "-m", "build", "--no-isolation", f"--{kind}", "-o", str(out)]
    run(*command, cwd=project, SOURCE_DATE_EPOCH="1700000000")
    (archive,) = out.iterdir()
    return archive


def files_in_wheel(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def payload(wheel: Path) -> dict[str, bytes]:
    return {name: data for name, data in files_in_wheel(wheel).items() if ".dist-info/" not in name}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_project(tmp_path_factory.mktemp("project"))


@pytest.fixture(scope="module")
def wheel(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(project, "wheel", tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    # From a copy of its own: setuptools reads the file list that an earlier build left behind.
    project = copy_project(tmp_path_factory.mktemp("project"))
    return build(project, "sdist", tmp_path_factory.mktemp("sdist"))


def test_the_wheel_carries_every_source_file_and_nothing_else(wheel: Path) -> None:
    expected = {
        str(Path(package, file.relative_to(ROOT / directory)))
        for directory, package in [("reloadlint", "reloadlint"), ("rules", "reloadlint/rules")]
        for pattern in ("*.py", "*.toml", "*.json", "py.typed")
        for file in (ROOT / directory).rglob(pattern)
    }
    assert {"reloadlint/py.typed", "reloadlint/rules/__init__.py"} < expected
    assert set(payload(wheel)) == expected


def test_the_wheel_puts_only_reloadlint_at_the_top_level(wheel: Path) -> None:
    top_level = {name.split("/")[0] for name in files_in_wheel(wheel)}
    assert {name for name in top_level if not name.endswith(".dist-info")} == {"reloadlint"}


def test_the_wheel_has_licence_command_and_rule_entry_point(wheel: Path) -> None:
    info = {Path(name).name: data.decode() for name, data in files_in_wheel(wheel).items()}
    assert "MIT" in info["LICENSE"]
    assert "License-Expression: MIT" in info["METADATA"]
    assert "reloadlint = reloadlint.cli:main" in info["entry_points.txt"]
    assert "[reloadlint.rules]" in info["entry_points.txt"]


def test_the_sdist_builds_the_same_wheel(sdist: Path, wheel: Path, tmp_path: Path) -> None:
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path)
    (unpacked,) = tmp_path.iterdir()
    rebuilt = build(unpacked, "wheel", tmp_path / "wheel")
    assert payload(rebuilt) == payload(wheel)


def test_the_wheel_is_reproducible(wheel: Path, tmp_path: Path) -> None:
    """Byte for byte, wherever and whenever it is built from the same files."""
    project = copy_project(tmp_path / "elsewhere")
    for path in project.rglob("*"):
        os.utime(path, (1_600_000_000,) * 2)
    assert build(project, "wheel", tmp_path / "out").read_bytes() == wheel.read_bytes()


def test_an_installed_wheel_finds_its_rules(wheel: Path, tmp_path: Path) -> None:
    target = tmp_path / "site"
    install = [sys.executable, "-m", "pip", "install", "--no-deps", "--no-index"]
    run(*install, "--target", target, wheel, cwd=tmp_path)
    assert_origins(sys.executable, target / "reloadlint", target / "reloadlint/rules", target)


def test_an_editable_install_finds_the_rules_of_the_checkout(project: Path, tmp_path: Path) -> None:
    venv.create(tmp_path / "venv", with_pip=False)
    python = tmp_path / "venv/bin/python"
    install: list[str | Path] = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        python,
        "install",
        "--no-deps",
    ]
    # The build backend is taken from our own site-packages, for this one command only.
    site_packages = sysconfig.get_path("purelib")
    options: list[str | Path] = ["--no-index", "--no-build-isolation", "--editable", project]
    run(*install, *options, cwd=tmp_path, PYTHONPATH=site_packages)
    assert_origins(python, project / "reloadlint", project / "rules", None)


def assert_origins(
    python: str | Path, package: Path, rules: Path, python_path: Path | None
) -> None:
    environment = {"PYTHONPATH": str(python_path)} if python_path else {}
    *origins, names = run(
        python, "-c", SHOW_ORIGINS, cwd=Path(package.anchor), **environment
    ).splitlines()
    expected = [package / "__init__.py", rules / "__init__.py", package / "runtime/__init__.py"]
    assert list(map(Path, origins)) == expected
    assert names.split() == sorted(file.stem for file in rules.glob("[!_]*.py"))
