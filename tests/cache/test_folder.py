"""The folder of the cache: nothing is believed that another has written, nothing else removed."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from reloadlint.cache import folder as caching
from reloadlint.cache.folder import Folder, place, user_folder
from reloadlint.config import Config
from reloadlint.errors import ConfigError


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "cache")


def names(folder: Folder) -> set[str]:
    return set(os.listdir(folder.path))


def test_what_is_written_can_be_read(folder: Folder) -> None:
    assert folder.read("a") is None
    assert folder.write("a", b"one")
    assert folder.write("a", b"two")
    assert folder.read("a") == b"two"
    assert Folder(folder.path).read("a") == b"two"


def test_the_folder_is_marked_for_git_and_for_backups(folder: Folder) -> None:
    folder.write("a", b"")
    assert names(folder) == {"a.cache", ".gitignore", "CACHEDIR.TAG"}
    tag = (folder.path / "CACHEDIR.TAG").read_text()
    assert tag.startswith("Signature: 8a477f597d28d172789f06886806bc55\n")
    subprocess.run(["git", "init", "-q"], cwd=folder.path.parent, check=True)
    status = ["git", "status", "--porcelain"]
    assert subprocess.check_output(status, cwd=folder.path.parent) == b""


@pytest.mark.parametrize("index", [0, 31, 32, -1])
def test_a_changed_byte_makes_a_file_worthless(folder: Folder, index: int) -> None:
    folder.write("a", b"content")
    path = folder.path / "a.cache"
    raw = bytearray(path.read_bytes())
    raw[index] ^= 1
    path.write_bytes(raw)
    assert folder.read("a") is None


@pytest.mark.parametrize("length", [0, 5, 32, 35])
def test_so_does_a_cut(folder: Folder, length: int) -> None:
    folder.write("a", b"content")
    path = folder.path / "a.cache"
    path.write_bytes(path.read_bytes()[:length])
    assert folder.read("a") is None


def test_a_file_is_good_under_its_own_name_only(folder: Folder) -> None:
    folder.write("a", b"content")
    os.rename(folder.path / "a.cache", folder.path / "b.cache")
    assert folder.read("b") is None


def test_what_another_user_has_sealed_is_not_believed(
    folder: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.write("a", b"nothing to see here")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "victim"))
    assert folder.read("a") is None
    folder.write("b", b"own")
    assert folder.read("b") == b"own"
    assert folder.read("a") is None


@pytest.mark.skipif(sys.platform == "win32", reason="needs modes")
def test_the_key_is_for_its_user_alone(folder: Folder) -> None:
    folder.write("a", b"")
    assert (user_folder() / "key").stat().st_mode & 0o077 == 0


def test_without_a_place_for_the_key_nothing_is_kept(
    folder: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert not folder.write("a", b"")
    assert not folder.path.exists()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs FIFOs")
def test_a_link_or_a_fifo_is_not_read(folder: Folder, tmp_path: Path) -> None:
    folder.write("a", b"content")
    (tmp_path / "elsewhere").write_bytes((folder.path / "a.cache").read_bytes())
    (folder.path / "a.cache").unlink()
    (folder.path / "a.cache").symlink_to(tmp_path / "elsewhere")
    assert folder.read("a") is None
    os.mkfifo(folder.path / "b.cache")
    assert folder.read("b") is None


def test_a_link_in_place_of_the_folder_leads_nowhere(tmp_path: Path) -> None:
    (tmp_path / "precious").mkdir()
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "precious")
    assert not Folder(link).write("a", b"")
    assert not Folder(link).clean()
    assert os.listdir(tmp_path / "precious") == []


def test_a_folder_with_files_of_others_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("precious")
    folder = Folder(tmp_path)
    assert not folder.write("a", b"")
    assert not folder.clean()
    assert names(folder) == {"notes.txt"}


def test_cleaning_removes_what_is_ours_only(folder: Folder) -> None:
    folder.write("a", b"")
    (folder.path / "notes.txt").write_text("put here by mistake")
    assert folder.clean()
    assert names(folder) == {"notes.txt"}
    assert not Folder(folder.path / "gone").clean()


def test_the_least_used_goes_when_there_is_too_much(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(caching, "_LARGEST", 250)
    for age, name in enumerate("dcba"):
        folder.write(name, b"x" * 60)
        then = time.time() - 3600 + age
        os.utime(folder.path / f"{name}.cache", (then, then))
    assert {name for name in "abcd" if folder.read(name)} == {"a", "b"}


def test_what_is_old_goes_and_what_a_killed_run_left(folder: Folder) -> None:
    folder.write("a", b"")
    (folder.path / "b.cache.x7f").write_bytes(b"half")
    (folder.path / "c.cache.new").write_bytes(b"being written")
    os.utime(folder.path / "a.cache", (0, 0))
    os.utime(folder.path / "b.cache.x7f", (time.time() - 7200,) * 2)
    folder.write("d", b"")
    assert names(folder) == {"d.cache", "c.cache.new", ".gitignore", "CACHEDIR.TAG"}


@pytest.mark.parametrize("left", [".gitignore.x7f", ".gitignore", "CACHEDIR.TAG.x7f"])
def test_a_run_that_is_killed_while_it_makes_the_folder_leaves_one_of_use(
    folder: Folder, left: str
) -> None:
    folder.write("a", b"")
    made = names(folder)
    folder.clean()
    folder.path.mkdir()
    (folder.path / left).write_bytes(b"# Made by reloadlint.\n*\n")
    assert folder.write("a", b"")
    assert made <= names(folder)
    assert folder.clean()
    assert not folder.path.exists()


def test_a_setting_stays_in_the_project(tmp_path: Path) -> None:
    config = Config(root=tmp_path, origin="pyproject.toml", cache_dir="build/cache")
    assert place(config, None) == tmp_path / "build/cache"
    assert place(config, "/elsewhere") == Path("/elsewhere")
    (tmp_path / "out").symlink_to(tmp_path.parent)
    for outside in ("../cache", "/elsewhere", "out/cache"):
        with pytest.raises(ConfigError, match="outside of the project"):
            place(Config(root=tmp_path, cache_dir=outside), None)


KILLED = """
import sys
from pathlib import Path
from reloadlint.cache.folder import Folder
folder = Folder(Path(sys.argv[1]))
print("go", flush=True)
while True:
    for letter in b"xy":
        folder.write("a", bytes([letter]) * 500_000)
"""


def test_a_run_that_is_killed_leaves_the_old_or_the_new(folder: Folder) -> None:
    """Two write at the same time, too; who reads sees one of the two, whole."""
    for _ in range(4):
        running = [
            subprocess.Popen([sys.executable, "-c", KILLED, folder.path], stdout=subprocess.PIPE)
            for _ in range(2)
        ]
        for process in running:
            assert process.stdout is not None
            process.stdout.readline()
        end = time.monotonic() + 0.3
        while time.monotonic() < end:
            found = folder.read("a")
            assert found is None or found in {b"x" * 500_000, b"y" * 500_000}
        for process in running:
            process.kill()
            process.communicate()
        assert folder.read("a") is not None
