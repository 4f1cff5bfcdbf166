"""Which files are checked, how they are read, and how carefully they are written."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from reloadlint import files
from reloadlint.config import Config, Configs
from reloadlint.errors import SourceError
from reloadlint.files import decode, find, read, write

as_root = hasattr(os, "geteuid") and os.geteuid() == 0


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def touch(*names: str) -> None:
    for name in names:
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def found(*paths: str, force_exclude: bool = False, **settings: Any) -> list[str]:
    configs = Configs(only=Config(**settings)) if settings else Configs()
    listing = find(paths or ["."], configs, force_exclude=force_exclude)
    assert listing.errors == ()
    return list(listing.files)


def refusal(action: Callable[[], object]) -> str:
    with pytest.raises(SourceError) as error:
        action()
    assert "\n" not in str(error.value)
    return str(error.value)


# Which files.


def test_a_folder_gives_its_python_files_in_a_stable_order() -> None:
    touch("b.py", "a.pyi", "pkg/z.py", "pkg/__init__.py", "pkg/x.txt", "README", "pkg/sub/m.py")
    assert found() == ["a.pyi", "b.py", "pkg/__init__.py", "pkg/z.py", "pkg/sub/m.py"]


def test_paths_are_shown_as_they_were_given() -> None:
    touch("pkg/a.py")
    assert found("./pkg/") == ["pkg/a.py"]
    assert found(os.path.abspath("pkg")) == [os.path.abspath("pkg/a.py")]
    Path("other").mkdir()
    assert found("other/../pkg") == ["other/../pkg/a.py"]


def test_a_file_that_is_named_is_taken_whatever_its_name() -> None:
    touch("script", "venv/a.py")
    assert found("script", "venv/a.py") == ["script", "venv/a.py"]


def test_each_file_is_listed_once() -> None:
    touch("pkg/a.py")
    assert found("pkg", "pkg/a.py", "./pkg/a.py", ".") == ["pkg/a.py"]


def test_a_link_is_left_out_where_its_target_is_listed_itself() -> None:
    touch("pkg/real.py", "elsewhere/other.py")
    os.symlink("real.py", "pkg/alias.py")
    os.symlink("../elsewhere/other.py", "pkg/linked.py")
    assert found("pkg") == ["pkg/linked.py", "pkg/real.py"]


def test_defaults_leave_out_what_is_not_the_projects() -> None:
    touch("a.py", ".venv/a.py", "node_modules/x/a.py", "pkg/dist/a.py", ".hidden/a.py", ".#a.py")
    assert found() == ["a.py", ".hidden/a.py"]


def test_excluded_files_and_folders() -> None:
    touch("a.py", "gen/a.py", "old_1.py", "deep/gen/a.py", "pb/deep/a_pb2.py")
    patterns = ("gen", "old_*", "pb/*.py")
    assert found(exclude=patterns) == ["a.py"]
    assert found(extend_exclude=patterns) == ["a.py"]


def test_what_is_named_is_excluded_by_force_only() -> None:
    touch("venv/lib/a.py", "venv/lib/gen/b.py", "a.py")
    assert found("venv", "a.py") == ["venv/lib/a.py", "venv/lib/gen/b.py", "a.py"]
    assert found("venv/lib", "venv/lib/a.py", "a.py", force_exclude=True) == ["a.py"]


def test_gitignored_files_can_be_asked_for() -> None:
    touch("a.py", "gen.py")
    Path(".gitignore").write_text("gen.py\n", encoding="utf-8")
    assert found() == ["a.py"]
    assert found(respect_gitignore=False) == ["a.py", "gen.py"]


def test_each_folder_has_the_exclusions_of_its_own_configuration() -> None:
    touch("one/gen/a.py", "one/a.py", "two/gen/a.py")
    Path("one/reloadlint.toml").write_text("exclude = ['gen']", encoding="utf-8")
    assert found() == ["one/a.py", "two/gen/a.py"]


def test_a_wrong_configuration_is_told_once_and_the_rest_is_listed() -> None:
    touch("one/a.py", "one/deep/b.py", "two/a.py")
    Path("one/reloadlint.toml").write_text("excluded = []", encoding="utf-8")
    listing = find([".", "one/a.py"], Configs())
    assert listing.files == ("two/a.py",)
    assert list(map(str, listing.errors)) == [
        "one/reloadlint.toml: unknown setting `excluded`; did you mean `exclude`?"
    ]


def test_links_to_folders_are_not_followed_below_a_folder() -> None:
    touch("pkg/a.py", "elsewhere/b.py")
    os.symlink("..", "pkg/loop")
    os.symlink("../elsewhere", "pkg/linked.py")
    assert found("pkg") == ["pkg/a.py"]
    assert found("pkg/linked.py") == ["pkg/linked.py/b.py"]


def test_a_tree_deeper_than_the_stack_is_walked(folder: Path) -> None:
    for _ in range(1500):
        os.mkdir("d")
        os.chdir("d")
    Path("a.py").touch()
    os.chdir(folder)
    assert found() == [os.path.join(*["d"] * 1500, "a.py")]
    os.rename("d", "top")  # pytest's own clean-up recurses
    while True:
        os.chdir(folder / "top")
        try:
            os.rename("d", folder / "rest")
        except FileNotFoundError:
            break
        os.chdir(folder)
        os.rmdir("top")
        os.rename("rest", "top")


def test_odd_names_are_listed() -> None:
    names = ["new\nline.py", "esc\x1b.py", "日本.py", "\udcff.py"]
    touch(*names)
    assert sorted(found()) == sorted(names)


# Reading.


@pytest.mark.parametrize(
    ("raw", "text", "encoding", "bom"),
    [
        pytest.param(b"", "", "utf-8", False, id="empty"),
        pytest.param("é = 1\n".encode(), "é = 1\n", "utf-8", False, id="UTF-8"),
        pytest.param(b"\xef\xbb\xbfx\n", "x\n", "utf-8", True, id="byte-order mark"),
        pytest.param(
            b"# coding: latin-1\n'\xe9'\n",
            "# coding: latin-1\n'é'\n",
            "iso-8859-1",
            False,
            id="cookie",
        ),
        pytest.param(b"a\r\nb\rc\x0cd\n", "a\r\nb\rc\x0cd\n", "utf-8", False, id="line ends"),
        pytest.param(b"x = '\x00'", "x = '\x00'", "utf-8", False, id="NUL, which is for CPython"),
    ],
)
def test_reads_and_gives_back_the_same_bytes(
    raw: bytes, text: str, encoding: str, bom: bool
) -> None:
    Path("a.py").write_bytes(raw)
    source = read("a.py")
    assert (source.text, source.encoding, source.bom) == (text, encoding, bom)
    assert source.encode(source.text) == source.raw == raw


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        pytest.param(b"\n\n'\xe9'\n", "not utf-8: byte 0xe9 on line 3", id="not UTF-8"),
        pytest.param(b"'\xe9'\n", "not utf-8: byte 0xe9 on line 1", id="on the first line"),
        pytest.param(b"'\xed\xa0\x80'\n", "not utf-8: byte 0xed on line 1", id="a surrogate"),
        pytest.param(b"# coding: ascii\n\n'\xe9'", "not ascii: byte 0xe9 on line 3", id="ASCII"),
        pytest.param(b"# coding: klingon\n", "unknown encoding: klingon", id="unknown"),
        pytest.param(b"# coding: rot13\n", "not rot13: 'rot13' is not a text", id="no text"),
        pytest.param(b"# coding: undefined\n", "not undefined: ", id="an encoding that fails"),
        pytest.param(
            b"\xef\xbb\xbf# coding: latin-1\n",
            "encoding problem: utf-8",
            id="mark and cookie differ",
        ),
    ],
)
def test_what_has_no_text_is_refused(raw: bytes, reason: str) -> None:
    assert refusal(lambda: decode("a.py", raw)).startswith(f"a.py: {reason}")


def make_socket() -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("a.py")


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda: None, "no such file or directory"),
        (lambda: os.mkdir("a.py"), "a directory, not a file"),
        (lambda: os.mkfifo("a.py"), "a FIFO, not a file"),
        (make_socket, "a socket, not a file"),
        (lambda: os.symlink("/dev/zero", "a.py"), "a device, not a file"),
        (lambda: os.symlink("gone.py", "a.py"), "a dangling symbolic link to gone.py"),
        (lambda: os.symlink("a.py", "a.py"), "a loop of symbolic links"),
    ],
)
def test_what_is_no_file_is_refused_unopened(make: Callable[[], object], reason: str) -> None:
    make()
    assert refusal(lambda: read("a.py")) == f"a.py: {reason}"


def test_no_file_in_a_folder_is_dropped_silently() -> None:
    os.symlink("gone.py", "dangling.py")
    os.symlink("loop.py", "loop.py")
    os.mkfifo("fifo.py")
    assert found() == ["dangling.py", "fifo.py", "loop.py"]


@pytest.mark.skipif(as_root, reason="root may read anything")
def test_what_may_not_be_read_is_refused() -> None:
    touch("a.py", "pkg/b.py")
    os.chmod("a.py", 0)
    os.chmod("pkg", 0)
    try:
        assert refusal(lambda: read("a.py")) == "a.py: permission denied"
        assert list(map(str, find(["."], Configs()).errors)) == ["pkg: permission denied"]
    finally:
        os.chmod("pkg", 0o700)


def test_errors_of_the_disk_are_refusals(monkeypatch: pytest.MonkeyPatch) -> None:
    touch("a.py", "pkg/b.py")

    def fail(path: str, *_: object) -> None:
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr("builtins.open", fail)
    assert refusal(lambda: read("a.py")) == "a.py: permission denied"
    monkeypatch.setattr(os, "scandir", fail)
    assert list(map(str, find(["pkg"], Configs()).errors)) == ["pkg: permission denied"]


# Writing.


def rewrite(path: str, old: str, new: str) -> str | None:
    source = read(path)
    return write(path, source, source.text.replace(old, new))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("é = 1\n".encode(), "é = 2\n".encode(), id="UTF-8"),
        pytest.param(b"\xef\xbb\xbfx = 1", b"\xef\xbb\xbfx = 2", id="byte-order mark"),
        pytest.param(
            b"# coding: latin-1\n\xe9 = 1\n",
            b"# coding: latin-1\n\xe9 = 2\n",
            id="another encoding",
        ),
        pytest.param(b"a = 0\r\nb = 1\rc\n", b"a = 0\r\nb = 2\rc\n", id="line ends"),
    ],
)
def test_bytes_that_are_not_edited_stay(before: bytes, after: bytes) -> None:
    Path("a.py").write_bytes(before)
    assert rewrite("a.py", "= 1", "= 2") is None
    assert Path("a.py").read_bytes() == after
    assert os.listdir() == ["a.py"]


@pytest.mark.parametrize("mode", [0o755, 0o600, 0o664])
def test_the_mode_is_kept_and_the_time_is_not(mode: int) -> None:
    Path("a.py").write_bytes(b"x = 1\n")
    os.chmod("a.py", mode)
    os.utime("a.py", (0, 0))
    rewrite("a.py", "1", "2")
    status = os.stat("a.py")
    assert status.st_mode & 0o7777 == mode
    assert status.st_mtime > 1_000_000_000, "an old time would let Python use stale bytecode"


@pytest.mark.skipif(not as_root, reason="only root may give files away")
def test_the_owner_is_kept() -> None:
    Path("a.py").write_bytes(b"x = 1\n")
    os.chown("a.py", 12345, 54321)
    rewrite("a.py", "1", "2")
    status = os.stat("a.py")
    assert (status.st_uid, status.st_gid) == (12345, 54321)


def test_a_symbolic_link_stays_one_and_its_target_is_replaced() -> None:
    Path("pkg").mkdir()
    Path("pkg/real.py").write_bytes(b"x = 1\n")
    os.symlink("pkg/real.py", "a.py")
    rewrite("a.py", "1", "2")
    assert os.readlink("a.py") == "pkg/real.py"
    assert Path("pkg/real.py").read_bytes() == b"x = 2\n"


def test_a_hard_link_stays_one_and_all_its_names_have_the_new_text() -> None:
    Path("a.py").write_bytes(b"x = 1; y = 1000\n")
    os.link("a.py", "linked.py")
    note = rewrite("a.py", "; y = 1000", "")
    assert note == "a.py: is a hard link: its other names have the new text, too"
    assert os.path.samefile("a.py", "linked.py")
    assert Path("linked.py").read_bytes() == b"x = 1\n"
    assert sorted(os.listdir()) == ["a.py", "linked.py"]


@pytest.mark.parametrize("name", ["a.py", "named_otherwise.py"])
def test_a_write_that_was_cut_short_is_told_of(name: str) -> None:
    Path("a.py").write_bytes(b"x = 1\n")
    os.link("a.py", "linked.py")
    os.symlink("a.py", "named_otherwise.py")
    Path("a.py.reloadlint-old").write_bytes(b"x = 0\n")
    assert find(["."], Configs()).files == ("a.py", "linked.py")
    reason = "what the file was before a write that was cut short: put it back or delete it"
    assert refusal(lambda: read(name)) == f"{name}: a.py.reloadlint-old is {reason}"


def test_text_that_is_kept_aside_is_not_lost_by_another_write() -> None:
    Path("a.py").write_bytes(b"x = 1\n")
    os.link("a.py", "linked.py")
    source = read("a.py")
    Path("a.py.reloadlint-old").write_bytes(b"x = 0\n")
    refused = refusal(lambda: write("a.py", source, "x = 2\n"))
    assert refused is not None
    assert refused.startswith("a.py: not written: a.py.reloadlint-old is what the file was")
    assert Path("a.py").read_bytes() == b"x = 1\n"
    assert Path("a.py.reloadlint-old").read_bytes() == b"x = 0\n"


def refused_write(path: str = "a.py") -> str:
    before = Path(path).read_bytes()
    reason = refusal(lambda: rewrite(path, "1", "2"))
    assert Path(path).read_bytes() == before
    assert [name for name in os.listdir() if "reloadlint" in name] == []
    return reason


def test_a_read_only_file_is_left_alone() -> None:
    Path("a.py").write_bytes(b"x = 1\n")
    os.chmod("a.py", 0o444)
    assert refused_write() == "a.py: read-only: not written"


def test_a_file_that_changed_since_it_was_read_is_left_alone() -> None:
    Path("a.py").write_bytes(b"x = 1\n")
    source = read("a.py")
    Path("a.py").write_bytes(b"x = 3\n")
    reason = refusal(lambda: write("a.py", source, "x = 2\n"))
    assert reason == "a.py: changed since it was read: not written"
    assert Path("a.py").read_bytes() == b"x = 3\n"
    assert os.listdir() == ["a.py"]


def test_a_file_that_vanished_is_not_made_again() -> None:
    Path("a.py").write_bytes(b"x = 1\n")
    source = read("a.py")
    os.unlink("a.py")
    reason = refusal(lambda: write("a.py", source, "x = 2\n"))
    assert reason == "a.py: not written: no such file or directory"
    assert os.listdir() == []


def test_text_that_the_encoding_lacks_is_refused() -> None:
    Path("a.py").write_bytes(b"# coding: latin-1\nx = 1\n")
    source = read("a.py")
    reason = refusal(lambda: write("a.py", source, "x = '→'"))
    assert reason == r"a.py: not written: iso-8859-1 has no '\u2192'"


def test_what_a_codec_quotes_stays_on_one_line() -> None:
    Path("a.py").write_bytes(b"# coding: punycode\n-\n")
    assert refusal(lambda: read("a.py")).startswith("a.py: not punycode: ")


def test_text_that_breaks_the_rules_of_the_encoding_is_refused() -> None:
    Path("a.py").write_bytes(b"# coding: idna\nx = 1\n")
    source = read("a.py")
    reason = refusal(lambda: write("a.py", source, source.text + "é" * 70))
    assert reason is not None
    assert reason.startswith("a.py: not written: idna")


def test_an_encoding_that_would_change_other_bytes_is_refused() -> None:
    # In ISO 2022 the shift back to ASCII may be left out or repeated.
    Path("a.py").write_bytes(b"# coding: iso-2022-jp\n\x1b(B\x1b(Bx = 1\n")
    assert refused_write() == "a.py: not written: iso-2022-jp does not give the same bytes again"


@pytest.mark.parametrize("step", ["fsync", "replace", "utime"])
def test_a_failing_disk_leaves_the_old_file(step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("a.py").write_bytes(b"x = 1\n")

    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.os, step, fail)
    assert refused_write() == "a.py: not written: no space left on device"


def test_an_interrupt_leaves_the_old_file(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("a.py").write_bytes(b"x = 1\n")

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(files.os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        rewrite("a.py", "1", "2")
    assert Path("a.py").read_bytes() == b"x = 1\n"
    assert os.listdir() == ["a.py"]
