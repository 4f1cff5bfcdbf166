"""Whether files are as they were."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from reloadlint.cache import stamps
from reloadlint.cache.stamps import Stamped, digest_of_file, stamp
from reloadlint.files import read


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a.py"
    path.write_text("x = 1\n")
    return path


def later(monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.time_ns()
    monkeypatch.setattr(stamps.time, "time_ns", lambda: now + 3_000_000_000)


def test_a_digest_is_that_of_what_is_checked(file: Path) -> None:
    assert digest_of_file(str(file)) == read(str(file)).digest


def test_what_was_just_modified_has_no_stamp(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert stamp(str(file)) is None
    later(monkeypatch)
    assert stamp(str(file)) is not None


@pytest.mark.parametrize("change", ["x = 2\n", "x = 12\n"])
def test_a_stamp_tells_of_each_change(
    file: Path, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    later(monkeypatch)
    before = stamp(str(file))
    time.sleep(0.02)
    file.write_text(change)
    assert stamp(str(file)) != before
    before, status = stamp(str(file)), file.stat()
    time.sleep(0.02)
    file.with_name("new").write_text(change)
    os.replace(file.with_name("new"), file)
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert stamp(str(file)) != before


def test_a_file_with_its_stamp_is_not_read(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    later(monkeypatch)
    known = Stamped({str(file): [stamp(str(file)), digest_of_file(str(file))]})
    monkeypatch.setattr(stamps, "digest_of_file", lambda _: pytest.fail("read"))
    assert known.still(str(file), stamp(str(file)))
    assert not known.is_renewed


def test_without_it_the_content_decides(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = str(file)
    known = Stamped({path: [None, digest_of_file(path)]})
    assert known.still(path, None)
    later(monkeypatch)
    assert known.still(path, stamp(path))
    assert known.is_renewed
    assert known.data[path][0] == stamp(path)
    file.write_text("x = 2\n")
    assert not known.still(path, stamp(path))


def test_what_cannot_be_read_is_not_as_it_was(tmp_path: Path) -> None:
    known = Stamped({str(tmp_path): [None, "0"]})
    assert not known.still(str(tmp_path), stamp(str(tmp_path)))
    assert not known.still(str(tmp_path / "gone"), None)
