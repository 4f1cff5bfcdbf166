"""Writing for real: killed at any moment, on a full disk, where it is forbidden, twice at once."""

from __future__ import annotations

import os
import re
import resource
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import reloadlint
from reloadlint import writing
from reloadlint.baseline import DEFAULT
from reloadlint.errors import SourceError
from reloadlint.files import read, write
from tests.command import run

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs processes that fork")

OLD = "x = 'old'\n" + "# much text\n" * 3_000
NEW = "x = 'new'\n" + "# other text\n" * 4_000
SHORT = "x = 'new'\n"
STALE = """import threading

def start(it, name):
    threading.Timer(1, lambda: print(name) or 2)
    it.on_reply = lambda reply: print(name, reply) or 3
"""
ASIDE = Path("a.py.reloadlint-old")
ROOT = Path(reloadlint.__file__).parent.parent
as_root = hasattr(os, "geteuid") and os.geteuid() == 0


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def in_a_child(action: Callable[[], str]) -> tuple[str, int]:
    """What `action` returns in a process of its own, and the signal that ended it, if any."""
    ours, theirs = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.write(theirs, action().encode())
        except BaseException as error:
            os.write(theirs, f"{type(error).__name__}: {error}".encode())
        finally:
            os._exit(0)
    os.close(theirs)
    with open(ours, encoding="utf-8") as stream:
        said = stream.read()
    return said, os.waitpid(pid, 0)[1]


def rewritten(new: str) -> str:
    """Rewrite `a.py`: the refusal, or nothing."""
    try:
        write("a.py", read("a.py"), new)
    except SourceError as error:
        return str(error)
    return ""


def killed_at(event: int, new: str) -> str:
    """Rewrite `a.py`, but die at the given step: any call or return, be it of Python or of C."""
    seen = 0

    def count(*_: object) -> None:
        nonlocal seen
        seen += 1
        if seen == event:
            os.kill(os.getpid(), signal.SIGKILL)

    source = read("a.py")
    sys.setprofile(count)
    write("a.py", source, new)
    return "done"


# Killed.


@pytest.mark.parametrize("new", [NEW, SHORT], ids=["longer", "shorter"])
@pytest.mark.parametrize("links", [1, 2])
def test_a_process_that_is_killed_leaves_the_old_or_the_new(new: str, links: int) -> None:
    """With hard links, the old text is beside the file where the file is torn, and one is told."""
    seen = set()
    # All steps, as RELOADLINT_TEST_STRIDE=1 tries them, would take half a minute.
    for event in range(links, 10_000, int(os.environ.get("RELOADLINT_TEST_STRIDE", "7"))):
        Path("a.py").write_text(OLD)
        if links == 2:
            os.link("a.py", "linked.py")
        said, status = in_a_child(lambda event=event: killed_at(event, new))  # type: ignore[misc]
        now = Path("a.py").read_text()
        seen.add(now)
        if status == 0:
            assert (said, now) == ("done", new)
            break
        assert status == signal.SIGKILL
        if ASIDE.exists():
            assert links == 2
            assert ASIDE.read_text() == OLD
            assert "a write that was cut short: put it back" in rewritten(new)
        else:
            assert now in {OLD, new}
        for name in os.listdir():
            os.unlink(name)
    assert event > 100
    assert {OLD, new} <= seen


LOOP = """
import sys
from reloadlint.files import read, write
texts = [open(name).read() for name in sys.argv[1:]]
print("go", flush=True)
while True:
    for text in texts:
        write("a.py", read("a.py"), text)
"""


def test_nor_does_a_kill_from_outside_tear_it() -> None:
    for name, text in {"a.py": OLD, "new.txt": NEW, "old.txt": OLD}.items():
        Path(name).write_text(text)
    for round_ in range(10):
        process = subprocess.Popen(
            [sys.executable, "-c", LOOP, "new.txt", "old.txt"],
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        assert process.stdout is not None
        process.stdout.readline()
        for _ in range(20 + 7 * round_):
            assert Path("a.py").read_text() in {OLD, NEW}
        process.kill()
        process.communicate()
        assert Path("a.py").read_text() in {OLD, NEW}


def test_what_killed_runs_have_left_is_deleted_when_it_is_old(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Path("a.py").write_text(OLD)
    for event in range(2, 10_000):
        in_a_child(lambda event=event: killed_at(event, NEW))  # type: ignore[misc]
        if Path("a.py").read_text() != OLD or len(os.listdir()) > 1:
            break
    (left,) = set(os.listdir()) - {"a.py"}
    assert left.startswith(".reloadlint-")
    like_it = Path(left + "0"), Path(".reloadlint-old"), Path(".reloadlint-" + "0" * 12)
    for path in like_it[:2]:
        path.touch()
    like_it[2].mkdir()

    said, _ = in_a_child(lambda: rewritten(SHORT))
    assert said == ""
    assert Path(left).exists(), "it may be in use"

    monkeypatch.setattr(writing, "STALE", -1.0)
    assert rewritten(NEW) == ""
    assert not Path(left).exists()
    assert all(path.exists() for path in like_it)


# A full disk.


@pytest.fixture
def small_disk(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    disk = folder / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=128k", "tmpfs", str(disk)]
    try:
        subprocess.run(mount, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("may not mount a disk")
    monkeypatch.chdir(disk)
    yield disk
    monkeypatch.chdir(folder)
    subprocess.run(["umount", str(disk)], check=True)


@pytest.mark.parametrize("links", [1, 2])
def test_a_full_disk_leaves_the_old_file(small_disk: Path, links: int) -> None:
    Path("a.py").write_text(OLD)
    if links == 2:
        os.link("a.py", "linked.py")
    names = sorted(os.listdir())
    said = rewritten(OLD + NEW * 2)
    assert said == "a.py: not written: no space left on device"
    assert Path("a.py").read_text() == OLD
    assert sorted(os.listdir()) == names


@pytest.mark.parametrize("links", [1, 2])
def test_so_does_a_limit_on_what_may_be_written(links: int) -> None:
    Path("a.py").write_text(OLD)
    if links == 2:
        os.link("a.py", "linked.py")
    names = sorted(os.listdir())

    def limited() -> str:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (len(OLD) + 100, len(OLD) + 100))
        return rewritten(NEW)

    assert in_a_child(limited) == ("a.py: not written: file too large", 0)
    assert Path("a.py").read_text() == OLD
    assert sorted(os.listdir()) == names


TABLE = "[tool.ruff.lint]\nselect = ['ALL']\n"


@pytest.mark.parametrize(
    ("arguments", "path", "old"),
    [
        pytest.param("check --no-cache -o found.txt .", "found.txt", SHORT, id="-o"),
        pytest.param(
            "check --no-cache --output json=found.txt .", "found.txt", SHORT, id="--output"
        ),
        pytest.param("check --no-cache --write-baseline .", DEFAULT, "{}\n", id="baseline"),
        pytest.param("doctor --write", "pyproject.toml", TABLE, id="doctor"),
    ],
)
@pytest.mark.parametrize("link", [os.symlink, os.link])
def test_and_so_it_is_with_whatever_a_command_writes(
    arguments: str, path: str, old: str, link: Callable[[str, str], None]
) -> None:
    Path("m.py").write_text(STALE)
    Path("real.txt").write_text(old)
    link("real.txt", path)
    names = sorted(os.listdir())

    def limited() -> str:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        sys.dont_write_bytecode = True  # the limit would cut off what is imported here, for good
        resource.setrlimit(resource.RLIMIT_FSIZE, (len(old) - 1, len(old) - 1))
        result = run(*arguments.split())
        return f"{result.exit_code} {result.stderr}"

    told = f"2 error: {path}: not written: file too large\n"
    assert in_a_child(limited)[0].endswith(told)
    assert Path("real.txt").read_text() == old
    assert sorted(os.listdir()) == names

    assert run(*arguments.split()).exit_code in {0, 1}
    assert Path("real.txt").read_text() != old
    assert os.path.samefile("real.txt", path)
    assert sorted(os.listdir()) == names


def test_a_report_may_go_into_a_pipe() -> None:
    Path("m.py").write_text(STALE)
    os.mkfifo("found.txt")
    writing = threading.Thread(target=lambda: run("check", "--no-cache", "-o", "found.txt", "m.py"))
    writing.start()
    assert "RL101" in Path("found.txt").read_text()
    writing.join()


# Where it is forbidden.


@pytest.fixture
def public(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder in which another user than root may do what its mode says."""
    with tempfile.TemporaryDirectory() as name:
        os.chmod(name, 0o777)
        monkeypatch.chdir(name)
        yield Path(name)
        os.chmod(name, 0o777)
        monkeypatch.undo()


def as_nobody(action: Callable[[], str]) -> str:
    def lowered() -> str:
        if as_root:
            os.setgid(65534)
            os.setuid(65534)
        return action()

    return in_a_child(lowered)[0]


@pytest.mark.parametrize(
    ("of_file", "of_folder", "refusal"),
    [
        (0o444, 0o777, "a.py: read-only: not written"),
        (0o644, 0o555, "a.py: not written: permission denied"),
        (0o666, 0o777, ""),
    ],
)
def test_modes_are_heeded(public: Path, of_file: int, of_folder: int, refusal: str) -> None:
    Path("a.py").write_text(OLD)
    if as_root:
        os.chown("a.py", 65534, 65534)
    os.chmod("a.py", of_file)
    os.chmod(".", of_folder)
    assert as_nobody(lambda: rewritten(NEW)) == refusal
    assert Path("a.py").read_text() == (OLD if refusal else NEW)
    assert os.listdir() == ["a.py"]


@pytest.mark.skipif(not as_root, reason="needs a file of somebody else")
def test_the_file_of_another_user_is_left_alone(public: Path) -> None:
    Path("a.py").write_text(OLD)
    assert as_nobody(lambda: rewritten(NEW)) == "a.py: read-only: not written"
    assert Path("a.py").read_text() == OLD


def test_a_read_only_disk_is_left_alone(small_disk: Path) -> None:
    Path("a.py").write_text(SHORT)
    remount = ["mount", "-o", "remount,ro", str(small_disk)]
    subprocess.run(remount, check=True, capture_output=True)
    assert rewritten(NEW) in {
        "a.py: read-only: not written",
        "a.py: not written: read-only file system",
    }
    assert Path("a.py").read_text() == SHORT


# Two at once.

COMMAND = [sys.executable, "-m", "reloadlint", "check", "--no-cache", "--jobs=1"]


def fix(rule: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*COMMAND, "--fix", "--show-fixes", "--quiet", f"--select={rule}", "."],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        text=True,
    )


def test_of_two_runs_at_once_none_undoes_what_the_other_says_that_it_has_done() -> None:
    names = [f"m{number}.py" for number in range(20)]
    marks = {"RL101": "_start_timer", "RL102": "_start_on_reply"}
    for name in names:
        Path(name).write_text(STALE)
    for running, rule in [(fix(rule), rule) for rule in marks]:
        out, errors = running.communicate()
        said = set(re.findall(r"^(m\d+\.py):$", out, re.MULTILINE))
        failed = {line.split(": ")[1] for line in errors.splitlines()}
        assert said | failed == set(names), out + errors
        for name in said:
            assert marks[rule] in Path(name).read_text(), name
        assert all("not written" in line for line in errors.splitlines()), errors
    for name in names:
        compile(Path(name).read_text(), name, "exec")
    assert sorted(os.listdir()) == sorted(names)


def test_a_file_that_another_run_is_writing_is_left_alone() -> None:
    import fcntl

    Path("a.py").write_text(OLD)
    with open("a.py", "rb") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        assert rewritten(NEW) == "a.py: being written by another process: not written"
    assert Path("a.py").read_text() == OLD
    assert rewritten(NEW) == ""
