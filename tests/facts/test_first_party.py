"""Which modules are the project's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from reloadlint.facts.first_party import FirstParty


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name in (
        "module.py",
        "stub.pyi",
        "package/__init__.py",
        "namespace/module.py",
        "namespace/inner/module.py",
        "deep/inner/module.py",
        "not-a-name/module.py",
        "empty/readme.txt",
        "src/installed/__init__.py",
        "data.json",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("raise AssertionError('linting imports nothing')")
    return tmp_path


@pytest.mark.parametrize(
    ("module", "is_own"),
    [
        ("module", True),
        ("stub", True),
        ("package", True),
        ("package.anything.below", True),
        ("namespace.module", True),
        ("deep.inner.module", True),
        ("installed", True),
        (".", True),
        (".sibling", True),
        ("..uncle", True),
        ("threading", False),
        ("not-a-name", False),
        ("empty", False),
        ("data", False),
        ("inner", False),
    ],
)
def test_modules_in_the_roots(project: Path, module: str, is_own: bool) -> None:
    assert FirstParty(project, (".", "src")).owns(module) is is_own


def test_only_the_roots_count(project: Path) -> None:
    assert not FirstParty(project, ("src",)).owns("module")
    assert not FirstParty(project, (".",)).owns("installed")
    assert not FirstParty(project, ()).owns("module")


def test_a_root_that_does_not_exist_holds_nothing(project: Path) -> None:
    assert not FirstParty(project, ("gone",)).owns("module")


def test_a_root_that_is_absolute(project: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    assert FirstParty(elsewhere, (str(project),)).owns("module")
