"""Which rule packs are installed: the same as `importlib.metadata` says."""

from __future__ import annotations

import sys
import zipfile
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from reloadlint.packs import GROUP, packs


def install(site: Path, name: str, points: str) -> None:
    info = site / name
    info.mkdir(parents=True)
    project, _, version = info.stem.partition("-")
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project}\nVersion: {version}\n")
    (info / "entry_points.txt").write_text(points)


def expected() -> dict[str, str]:
    found = {point.module: point.name for point in entry_points(group=GROUP)}
    return dict(sorted({GROUP: "reloadlint", **found}.items()))


def test_packs_are_what_the_metadata_of_distributions_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert packs() == expected()
    install(
        tmp_path, "one-1.0.dist-info", f"[console_scripts]\na = b:c\n\n[{GROUP}]\nx = one.rules\n"
    )
    install(
        tmp_path,
        "Two_Words-1.0.dist-info",
        f"[{GROUP}]\n# y = no\ny=two\nz  =  three:Rules [extra]\n",
    )
    install(tmp_path, "other-1.0.dist-info", "[something]\nreloadlint.rules = no\n")
    install(tmp_path / "later", "one-2.0.dist-info", f"[{GROUP}]\nx = shadowed\n")
    monkeypatch.syspath_prepend(tmp_path / "later")
    monkeypatch.syspath_prepend(tmp_path)
    found = packs()
    assert found.items() >= {"one.rules": "x", "two": "y", "three": "z"}.items()
    assert "shadowed" not in found
    assert found == expected()
    monkeypatch.syspath_prepend(tmp_path / "gone")
    assert packs() == found


def test_so_they_are_in_an_archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path, "one-1.0.dist-info", f"[{GROUP}]\nx = one.rules\n")
    with zipfile.ZipFile(tmp_path / "packed.zip", "w") as archive:
        for file in tmp_path.rglob("one-1.0.dist-info/*"):
            archive.write(file, file.relative_to(tmp_path))
    monkeypatch.setattr(sys, "path", [str(tmp_path / "packed.zip"), *sys.path])
    assert packs() == expected()
    assert "one.rules" in packs()
