"""Work in several processes: the same results, however they are started, and no process left."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import select
import shutil
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import reloadlint
from reloadlint import cores
from reloadlint.check import Options, Outcome, Run
from reloadlint.config import Configs
from tests.facts.tangle import tangle

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(reloadlint.__file__).parent.parent)}
STARTED_BY = """
import multiprocessing, sys
if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv.pop(1))
    from reloadlint.cli import main
    main()
"""
STALE = "import threading\nthreading.Timer(1, lambda: print(1) or 2)\n"
ASLEEP = re.compile(r"asleep (\d+)\s")
# A rule pack whose one rule does what the linted text says.
PACK = '''
"""A rule that misbehaves."""
import os, signal, time
from reloadlint.rule import Rule

class Odd(Rule):
    """Odd."""
    code, name = "XX1", "odd"

    @classmethod
    def screen(cls, facts):
        text = facts.source.text
        if "die" in text: os.kill(os.getpid(), signal.SIGKILL)
        if "sleep" in text: os.write(1, b"asleep %d\\n" % os.getpid()); time.sleep(60)
        if "crash" in text: raise ZeroDivisionError("screened")
        return facts.tree.body

    def visit_Pass(self, node):
        raise ZeroDivisionError("visited")
'''


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    site = tmp_path_factory.mktemp("site")
    (site / "odd_pack.py").write_text(PACK)
    info = site / "odd_pack-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: odd-pack\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[reloadlint.rules]\nodd = odd_pack\n")
    return site


def command(*arguments: str, method: str = "", site: Path | None = None) -> list[str]:
    start = ["-m", "reloadlint"]
    if method:
        Path("start.txt").write_text(STARTED_BY)
        start = ["start.txt", method]
    return [sys.executable, *start, "check", *arguments]


def environment(site: Path | None = None) -> dict[str, str]:
    return {**ENVIRONMENT, "PYTHONPATH": f"{site}{os.pathsep}{ENVIRONMENT['PYTHONPATH']}"}


def write_tangles(count: int = 6) -> list[str]:
    for seed in range(count):
        for name, text in tangle(seed).items():
            Path(f"p{seed}").mkdir(exist_ok=True)
            Path(f"p{seed}", name).write_text(text)
    return [f"p{seed}" for seed in range(count)]


def check(paths: list[str], jobs: int, options: Options | None = None) -> Outcome:
    return Run(Configs(), options or Options(), jobs).check_paths(paths)


# The same results


def test_workers_find_what_one_process_finds_in_the_same_order() -> None:
    paths = write_tangles()
    Path("bad.py").write_text("def f(:\n")
    Path("latin.py").write_bytes(b"x = '\xe9'\n")
    Path("_empty.py").write_bytes(b"")
    one, *others = (check([".", *paths], jobs) for jobs in (1, 2, 5))
    assert len(one.checked) > 5
    for other in others:
        assert other.checked == one.checked
        assert list(map(str, other.errors)) == list(map(str, one.errors))
        assert other.files == one.files


def test_results_do_not_depend_on_the_order_of_paths() -> None:
    paths = write_tangles(3)
    files = sorted(str(path) for folder in paths for path in Path(folder).glob("*.py"))
    forward, backward = check(files, 1), check(files[::-1], 1)
    assert [file.path for file in backward.checked] == [f.path for f in forward.checked][::-1]
    assert sorted(backward.checked, key=lambda file: file.path) == forward.checked


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_workers_can_be_started_in_every_way(method: str) -> None:
    write_tangles(2)
    arguments = ["--output-format=json", "p0", "p1"]
    one, several = (
        subprocess.run(
            command(*arguments, f"--jobs={jobs}", method=method),
            capture_output=True,
            env=ENVIRONMENT,
            check=False,
        )
        for jobs in (1, 2)
    )
    assert (one.returncode, one.stderr) == (several.returncode, several.stderr) == (1, b"")
    assert json.loads(one.stdout) == json.loads(several.stdout) != []


def test_fixes_are_made_from_what_the_files_were_before_the_run() -> None:
    results = []
    for jobs in (1, 2, 3):
        paths = write_tangles(3)
        outcome = check(paths, jobs, Options(fix=True, write=True, unsafe_fixes=True))
        texts = {str(path): path.read_text() for path in sorted(Path().glob("*/*.py"))}
        assert any(file.is_changed for file in outcome.checked)
        results.append((outcome.checked, texts))
    assert results[0] == results[1] == results[2]


# What is told on the way


@pytest.mark.parametrize("jobs", [1, 2])
def test_timing_tells_of_phases_and_rules_in_all_processes(jobs: int) -> None:
    write_tangles(4)
    done = subprocess.run(
        command("--timing", "--no-cache", f"--jobs={jobs}", "-q"),
        capture_output=True,
        text=True,
        env=ENVIRONMENT,
        check=False,
    )
    phases, rules, whole = done.stderr.strip().split("\n\n")
    seconds = {line.split()[0]: float(line.split()[-1]) for line in phases.splitlines()[1:]}
    assert {"parse", "index", "libcst"} <= seconds.keys()
    assert re.findall(r"^(RL101) +\d+\.\d{3}$", rules, re.MULTILINE)
    assert ("wait" in seconds) is (jobs > 1)
    if jobs == 1:
        assert sum(seconds.values()) <= float(whole.split()[0])


def shown_on_a_terminal(*more: str, **variables: str) -> str:
    """What `check` shows on a terminal, where a rule takes its time with each file."""
    master, slave = pty.openpty()
    process = subprocess.Popen(
        command("--no-cache", "--jobs=1", *more),
        stdout=slave,
        stderr=slave,
        env={**environment(Path("site").absolute()), **variables},
    )
    os.close(slave)
    shown = "".join(everything(master))
    process.wait()
    os.close(master)
    return shown


def test_a_bar_shows_how_far_a_long_run_is(pack: Path) -> None:
    shutil.copytree(pack, "site")
    Path("site/odd_pack.py").write_text(PACK.replace("time.sleep(60)", "time.sleep(0.7)"))
    for name in "abcd":
        Path(f"{name}.py").write_text("# sleep\n" + STALE)
    environment = {"CI": "", "TERM": "xterm"}
    shown = shown_on_a_terminal("a.py", "b.py", "c.py", "d.py", **environment)
    assert re.search(r"Checking .* 3/4  00:00:0\d  3 found so far", shown)
    for quiet in ({"more": ("-q",)}, {"CI": "true"}):
        more = quiet.pop("more", ())
        assert "Checking" not in shown_on_a_terminal("a.py", "b.py", *more, **environment | quiet)


# How many


def test_one_process_is_enough_for_little_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cores, "usable_cores", lambda: 8)
    assert cores.worth([1000] * 50, None) == 1
    assert cores.worth([10_000_000], None) == 1
    assert 1 < cores.worth([500_000] * 4, None) <= 4
    assert cores.worth([1_000_000] * 100, None) == 8
    assert cores.worth([1000] * 50, 3) == 3
    assert cores.worth([], 3) == 1


@pytest.mark.parametrize(
    ("files", "limits"),
    [
        ({}, []),
        ({"cpu.max": "max 100000"}, []),
        ({"cpu.max": "150000 100000"}, [2]),
        ({"a/cpu.max": "50000 100000", "a/b/cpu.max": "max 100000"}, [1]),
        ({"cpu/cpu.cfs_quota_us": "300000", "cpu/cpu.cfs_period_us": "100000"}, [3]),
        ({"cpu/cpu.cfs_quota_us": "-1", "cpu/cpu.cfs_period_us": "100000"}, []),
        ({"cpu.max": "no number"}, []),
    ],
)
def test_a_container_may_allow_fewer_cores(
    tmp_path: Path, files: dict[str, str], limits: list[int]
) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text + "\n")
    own = tmp_path / "own"
    own.write_text("0::/a/b\n")
    assert list(cores._cgroup_limits(str(tmp_path), str(own))) == limits


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="needs affinity")
def test_affinity_counts() -> None:
    allowed = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {min(allowed)})
        assert cores.usable_cores() == 1
    finally:
        os.sched_setaffinity(0, allowed)


# What goes wrong


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_rule_that_crashes_is_named_with_the_file_and_others_go_on(pack: Path, jobs: int) -> None:
    for name, text in {"a.py": "# crash\n", "b.py": "pass\n", "c.py": ""}.items():
        Path(name).write_text(text + STALE)
    run = ["--output-format=concise", f"--jobs={jobs}", "a.py", "b.py", "c.py"]
    done, debugged = (
        subprocess.run(
            command(*run, *more), capture_output=True, text=True, env=environment(pack), check=False
        )
        for more in ([], ["--debug"])
    )
    assert done.returncode == debugged.returncode == 2
    found = [line.split(":")[0] for line in done.stdout.splitlines() if "RL101" in line]
    assert found == ["a.py", "b.py", "c.py"]
    assert done.stderr.splitlines() == [
        "error: a.py:1: XX1: ZeroDivisionError: screened",
        "error: b.py:1: XX1: ZeroDivisionError: visited",
    ]
    assert debugged.stderr.count("Traceback") == 2
    assert "odd_pack.py" in debugged.stderr


def test_a_worker_that_dies_is_told_of_with_the_file_and_others_go_on(pack: Path) -> None:
    for name in "abcdef":
        Path(f"{name}.py").write_text("# die\n" if name in "be" else f"{name} = 1\n")
    done = subprocess.run(
        command("--jobs=2", "-q"),
        capture_output=True,
        text=True,
        env=environment(pack),
        check=False,
    )
    assert done.returncode == 2
    told = sorted(done.stderr.splitlines())
    assert [re.sub(r": the process.*", "", line) for line in told] == [
        "error: b.py:1: reloadlint",
        "error: e.py:1: reloadlint",
    ]
    assert "killed by signal 9" in told[0]


def children_of(pid: int) -> set[int]:
    listed = subprocess.check_output(["ps", "-A", "-o", "pid=,ppid="], text=True)
    pairs = [tuple(map(int, line.split())) for line in listed.splitlines()]
    return {child for child, parent in pairs if parent == pid}


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    return not stat.exists() or ") Z" not in stat.read_text()


def read_until(master: int, wanted: int, deadline: float) -> str:
    """What the terminal shows, up to that many workers being asleep."""
    shown = ""
    while len(ASLEEP.findall(shown)) < wanted and time.monotonic() < deadline:
        if select.select([master], [], [], 0.2)[0]:
            shown += os.read(master, 4096).decode()
    return shown


def everything(master: int) -> Iterator[str]:
    try:
        while data := os.read(master, 4096):
            yield data.decode()
    except OSError:  # what Linux says where BSD gives nothing
        return


def own_the_terminal() -> None:
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


@pytest.mark.skipif(sys.platform == "win32", reason="needs a terminal and signals")
@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
@pytest.mark.parametrize("is_key", [True, False], ids=["a key", "a signal to one process"])
def test_ctrl_c_ends_all_processes_at_once(pack: Path, method: str, is_key: bool) -> None:
    for name in "ab":
        Path(f"{name}.py").write_text("# sleep\n")
    master, slave = pty.openpty()
    process = subprocess.Popen(
        command("--jobs=2", method=method),
        stdin=slave,
        stdout=slave,
        stderr=slave,
        env=environment(pack),
        start_new_session=True,
        preexec_fn=own_the_terminal,  # noqa: PLW1509 -- no thread runs here
    )
    os.close(slave)
    try:
        shown = read_until(master, 2, time.monotonic() + 30)
        workers = {int(pid) for pid in ASLEEP.findall(shown)}
        assert len(workers) == 2
        start = time.monotonic()
        if is_key:
            os.write(master, b"\x03")
        else:
            process.send_signal(signal.SIGINT)
        assert process.wait(20) == 130
        assert time.monotonic() - start < 5
        shown += "".join(everything(master))
        assert not any(map(is_alive, workers))
        assert "Traceback" not in shown
        assert "KeyboardInterrupt" not in shown
    finally:
        process.kill()
        os.close(master)


@pytest.mark.skipif(sys.platform == "win32", reason="needs signals")
def test_workers_end_when_who_started_them_is_killed(pack: Path) -> None:
    for name in "abcd":
        Path(f"{name}.py").write_text("x = 1\n")
    Path("e.py").write_text("# sleep\n")
    process = subprocess.Popen(
        command("--jobs=2"), stdout=subprocess.PIPE, text=True, env=environment(pack)
    )
    assert process.stdout is not None
    asleep = int(process.stdout.readline().split()[1])
    others = children_of(process.pid) - {asleep}
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    deadline = time.monotonic() + 10
    while any(map(is_alive, others)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(map(is_alive, others))
    os.kill(asleep, signal.SIGKILL)
