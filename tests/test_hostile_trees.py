"""A repository cannot make the linter run its code, write elsewhere, or hang."""

from __future__ import annotations

import json
import os
import pty
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

import reloadlint

STALE = "import threading\n\nthreading.Timer(1, lambda: work(1) + 2)\n"
# Whatever runs of the tree leaves its name behind.
PWNED = "import os\nopen(os.environ['PWNED'], 'a').write(__name__ + '\\n')\nraise SystemExit(9)\n"
# What `python -m` and `python -c` import before any of our lines can run is out of our hands.
BEFORE_US = {"runpy", "pkgutil", "importlib", "io", "os", "types", "warnings", "zipimport"}
SHADOWS = sorted(
    {*sys.stdlib_module_names, "click", "libcst", "pathspec", "tomli", "pygls", "rules", "typing"}
    - {*sys.builtin_module_names, *BEFORE_US, "antigravity", "this"}
)
COMMAND = [str(Path(sys.executable).parent / "reloadlint")]
MODULE = [sys.executable, "-m", "reloadlint"]
STARTED_BY = """
import multiprocessing, sys
if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv.pop(1))
    from reloadlint.cli import main
    main()
"""


@pytest.fixture(autouse=True)
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    tree = tmp_path / "tree"
    tree.mkdir()
    monkeypatch.chdir(tree)
    return tree


@pytest.fixture
def pwned(tmp_path: Path) -> Iterator[Path]:
    """The file that exists as soon as any code of the tree has run."""
    path = tmp_path / "pwned"
    yield path
    assert not path.exists(), path.read_text()


def run(
    *command: str, pwned: Path, timeout: float = 60, **more: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PWNED": str(pwned), **more},
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


ROOT = Path(reloadlint.__file__).parent.parent


def snapshot(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


# Its code.


def shadow_everything() -> None:
    for name in SHADOWS:
        Path(f"{name}.py").write_text(PWNED)
    for name in ("conftest", "sitecustomize", "usercustomize", "setup", "noxfile"):
        Path(f"{name}.py").write_text(PWNED)
    Path("evil.pth").write_text("import conftest\n")
    Path("a.py").write_text(STALE)
    Path("b.py").write_text(STALE)


@pytest.mark.parametrize("start", [COMMAND, MODULE], ids=["command", "module"])
@pytest.mark.parametrize("jobs", [1, 2])
def test_modules_that_shadow_others_are_not_imported(
    start: list[str], jobs: int, pwned: Path
) -> None:
    shadow_everything()
    done = run(*start, "check", f"--jobs={jobs}", "--diff", "a.py", "b.py", pwned=pwned)
    assert done.returncode == 1, done.stderr
    assert done.stdout.count("+++ ") == 2


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_nor_are_they_by_workers(method: str, pwned: Path, tmp_path: Path) -> None:
    shadow_everything()
    (tmp_path / "start").write_text(STARTED_BY)
    start = [sys.executable, str(tmp_path / "start"), method, "check", "--jobs=2", "-q"]
    done = run(*start, "--output-format=concise", "a.py", "b.py", pwned=pwned)
    assert (done.returncode, done.stderr) == (1, "")
    assert [line[:4] for line in done.stdout.splitlines()] == ["a.py", "b.py"]


@pytest.mark.parametrize("command", ["rule RL101", "config", "doctor", "clean", "check --help"])
def test_nor_by_the_other_commands(command: str, pwned: Path) -> None:
    shadow_everything()
    done = run(*MODULE, *command.split(), pwned=pwned)
    assert done.returncode in {0, 1}, done.stderr


def test_nor_by_the_language_server(pwned: Path, tree: Path) -> None:
    pytest.importorskip("pygls")
    shadow_everything()
    message = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "initialize",
        "params": {"processId": None, "rootUri": tree.as_uri(), "capabilities": {}},
    }
    text = "".join(
        f"Content-Length: {len(body)}\r\n\r\n{body}"
        for body in map(json.dumps, [message, {"jsonrpc": "2.0", "method": "exit"}])
    )
    done = subprocess.run(
        [*MODULE, "server"],
        input=text.encode(),
        env={**os.environ, "PYTHONPATH": str(ROOT), "PWNED": str(pwned)},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert b'"capabilities"' in done.stdout, done.stderr


def test_a_rule_pack_that_lies_in_the_tree_is_not_loaded(pwned: Path) -> None:
    Path("evil_rules.py").write_text(PWNED)
    Path("evil-1.0.dist-info").mkdir()
    Path("evil-1.0.dist-info/METADATA").write_text("Name: evil\nVersion: 1.0\n")
    Path("evil-1.0.dist-info/entry_points.txt").write_text("[reloadlint.rules]\nx = evil_rules\n")
    Path("a.py").write_text(STALE)
    assert run(*MODULE, "check", "-q", pwned=pwned).returncode == 1


@pytest.mark.parametrize(
    "setting", ["plugins = ['evil']", "select = ['evil:Rule']", "rules = ['evil.py']"]
)
def test_no_setting_names_code(setting: str, pwned: Path) -> None:
    Path("evil.py").write_text(PWNED)
    Path("reloadlint.toml").write_text(setting)
    done = run(*MODULE, "check", pwned=pwned)
    assert done.returncode == 2
    assert done.stderr.startswith("error: reloadlint.toml: ")


def test_a_sink_of_the_settings_is_a_name_only(pwned: Path) -> None:
    Path("evil.py").write_text(PWNED)
    Path("reloadlint.toml").write_text("[sinks]\n'evil.on' = { 0 = 'registered' }\n")
    Path("a.py").write_text("import evil\nevil.on(lambda: work(1) + 2)\n")
    done = run(*MODULE, "check", "--output-format=concise", "a.py", pwned=pwned)
    assert (done.returncode, done.stderr) == (1, "")
    assert "a.py:2:9: RL101" in done.stdout


def test_a_cache_that_comes_with_the_tree_is_data(pwned: Path) -> None:
    """Pickled code in each file that a cache of ours has, and under our own names."""
    Path("a.py").write_text(STALE)
    check = [*MODULE, "check", "--output-format=concise", "a.py"]
    before = run(*check, pwned=pwned)
    evil = b"cos\nsystem\n(S'touch \"$PWNED\"'\ntR."
    for path in Path(".reloadlint_cache").glob("*.cache"):
        path.write_bytes(evil)
    after = run(*check, pwned=pwned)
    assert (after.returncode, after.stdout) == (1, before.stdout)


EVIL_SETTINGS = (
    *("core.fsmonitor", "core.pager", "core.sshCommand", "diff.external", "gpg.program"),
    *("diff.x.textconv", "diff.x.command", "filter.x.clean", "filter.a=b.process"),
)


def git(*args: str) -> None:
    identity = ["-c", "user.name=a", "-c", "user.email=a@b"]
    subprocess.run(["git", *identity, *args], check=True, capture_output=True)


def test_git_runs_nothing_that_the_repository_names(pwned: Path, tree: Path) -> None:
    Path("a.py").write_text("import threading\n")
    for args in ("init -q", "add .", "commit -qm1"):
        git(*args.split())
    Path("evil.sh").write_text(f"#!/bin/sh\necho $0 $* >> {pwned}\ncat\n")
    Path("evil.sh").chmod(0o755)
    shutil.copy("evil.sh", ".git/hooks/post-index-change")
    for setting in EVIL_SETTINGS:
        git("config", setting, str(tree / "evil.sh"))
    git("config", "filter.x.required", "true")
    Path(".gitattributes").write_text("*.py diff=x filter=x\n*.sh filter=a=b\n")
    Path("a.py").write_text(STALE)
    check = ["check", "--diff-base=HEAD", "--output-format=concise"]
    done = run(*MODULE, *check, pwned=pwned)
    assert (done.returncode, done.stderr) == (1, "")
    assert "a.py:3:20: RL101" in done.stdout


def test_git_does_not_take_a_folder_for_a_repository(pwned: Path, tree: Path) -> None:
    """A bare repository may lie in any folder of another, with settings of its own."""
    git("init", "-q", "--bare", "sub")
    git("-C", "sub", "config", "core.fsmonitor", f"touch {pwned}")
    git("-C", "sub", "config", "core.bare", "false")
    git("-C", "sub", "config", "core.worktree", str(tree / "sub"))
    os.chdir("sub")
    Path("a.py").write_text(STALE)
    done = run(*MODULE, "check", "--diff-base=HEAD", pwned=pwned)
    assert done.returncode == 2
    assert done.stderr.startswith("error: git: ")


# Writing elsewhere.


def test_nothing_is_written_outside_of_the_given_paths(pwned: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "a.py").write_text(STALE)
    Path("pkg").mkdir()
    Path("pkg/a.py").write_text(STALE)
    Path("other.py").write_text(STALE)
    os.symlink(outside, "pkg/folder")
    os.symlink(outside / "a.py", "pkg/b.py")
    os.symlink("../other.py", "pkg/c.py")
    os.symlink(outside, ".reloadlint_cache")
    before = snapshot(outside), Path("other.py").read_bytes()
    refused = run(*MODULE, "check", "--fix", "pkg", pwned=pwned)
    assert refused.returncode == 2
    assert ".reloadlint_cache is outside of the project" in refused.stderr
    done = run(*MODULE, "check", "--fix", "--no-cache", "pkg", pwned=pwned)
    assert done.returncode == 2, done.stdout
    assert done.stderr == "".join(
        f"error: pkg/{name}.py: a link out of the given paths: not written\n" for name in "bc"
    )
    assert "_timer_callback" in Path("pkg/a.py").read_text()
    assert (snapshot(outside), Path("other.py").read_bytes()) == before
    done = run(*MODULE, "check", "--fix", "--no-cache", "pkg", "other.py", pwned=pwned)
    assert "_timer_callback" in Path("other.py").read_text(), "it is one of the given paths now"


@pytest.mark.parametrize("setting", ["cache-dir = '../out'", "baseline = '../out'"])
def test_a_setting_leads_nowhere_else(setting: str, pwned: Path) -> None:
    Path("reloadlint.toml").write_text(setting)
    Path("a.py").write_text(STALE)
    done = run(*MODULE, "check", "--write-baseline", pwned=pwned)
    assert done.returncode == 2
    assert "outside of the project" in done.stderr
    assert not Path("../out").exists()


# The network, other programs, and writing as CPython itself sees them.

AUDITED = """
import os, sys
allowed = tuple(os.environ["WRITABLE"].split(os.pathsep))
network = {"socket.connect", "socket.bind", "socket.getaddrinfo", "socket.sendto", "socket.listen",
           "socket.gethostbyname", "urllib.Request", "http.client.connect", "ftplib.connect"}
programs = {"os.system", "os.exec", "os.posix_spawn", "os.spawn", "subprocess.Popen", "pty.spawn"}
changing = {"os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.chmod"}

def hook(event, args):
    if event in network or event in programs:
        os.write(2, f"AUDIT {event} {args}\\n".encode())
    writes = event == "open" and (args[2] or 0) & (os.O_WRONLY | os.O_RDWR)
    if writes or event in changing:
        path = args[0]
        if not isinstance(path, int) and not os.path.abspath(path).startswith(allowed):
            os.write(2, f"AUDIT {event} {args}\\n".encode())

sys.addaudithook(hook)
from reloadlint.cli import main
main()
"""


@pytest.mark.parametrize(
    "command",
    [
        "check --fix --unsafe-fixes --select=ALL",
        "check --jobs=2 --diff",
        "check --output-format=html",
        "rule --all",
        "doctor",
        "server",
    ],
)
def test_nothing_is_sent_or_started_and_only_the_tree_and_the_cache_are_written(
    command: str, tree: Path, tmp_path: Path
) -> None:
    for name in ("a.py", "b.py"):
        Path(name).write_text(STALE)
    Path("pyproject.toml").write_text("[project]\nname = 'x'\ndependencies = ['jurigged']\n")
    writable = [str(tree), str(Path(os.environ["XDG_CACHE_HOME"])), os.devnull]
    done = subprocess.run(
        [sys.executable, "-c", AUDITED, *command.split()],
        stdin=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(ROOT), "WRITABLE": os.pathsep.join(writable)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode in {0, 1}, done.stderr
    assert "AUDIT" not in done.stderr, done.stderr


def test_the_hook_would_tell(tmp_path: Path) -> None:
    """The control of the test above."""
    program = AUDITED.rpartition("from reloadlint")[0] + (
        "import socket, subprocess; subprocess.run(['true']); open('../out', 'w').close()\n"
        "try: socket.create_connection(('127.0.0.1', 9))\n"
        "except OSError: pass\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "WRITABLE": os.getcwd()},
        capture_output=True,
        text=True,
        check=False,
    )
    events = re.findall("AUDIT ([a-zA-Z._]+)", done.stderr)
    assert {"socket.connect", "subprocess.Popen", "open"} <= set(events), done.stderr


# Hanging.


def test_fifos_devices_and_loops_are_no_files(pwned: Path) -> None:
    for name in ("a.py", "reloadlint.toml", ".gitignore", "pyproject.toml", "n.ipynb"):
        os.mkfifo(name)
    Path("sub").mkdir()
    for name in ("z.py", "reloadlint.toml", "pyproject.toml", ".gitignore"):
        os.symlink("/dev/zero", f"sub/{name}")
    os.symlink("loop.py", "loop.py")
    os.symlink("..", "sub/up")
    Path("good.py").write_text(STALE)
    done = run(*MODULE, "check", "--output-format=concise", "-q", pwned=pwned, timeout=20)
    assert done.returncode == 2
    assert [line.split(":")[1].strip() for line in done.stderr.splitlines()] == [
        "a.py", "loop.py", "n.ipynb", "sub/z.py",
    ]  # fmt: skip
    assert [line[:9] for line in done.stdout.splitlines()] == ["good.py:3"]


@pytest.mark.parametrize("name", ["a.py", "n.ipynb", "reloadlint.toml", "pyproject.toml"])
def test_a_huge_file_is_not_read(name: str, pwned: Path) -> None:
    Path("good.py").write_text(STALE)
    with open(name, "wb") as file:
        file.truncate(20_000_000_000)  # sparse: it takes no room
    start = time.monotonic()
    done = run(*MODULE, "check", "--output-format=concise", pwned=pwned, timeout=20)
    assert time.monotonic() - start < 10
    assert done.returncode == 2, done.stderr
    assert f"error: {name}: too large: " in done.stderr


def test_a_huge_gitignore_is_not_read(pwned: Path) -> None:
    Path("good.py").write_text(STALE)
    with open(".gitignore", "wb") as file:
        file.truncate(20_000_000_000)
    done = run(*MODULE, "check", "--output-format=concise", pwned=pwned, timeout=20)
    assert done.returncode == 2
    assert "error: .gitignore: too large: " in done.stderr


def test_thousands_of_configuration_files_take_no_time(pwned: Path) -> None:
    for number in range(1_000):
        Path(f"d{number}").mkdir()
        Path(f"d{number}/reloadlint.toml").write_text("min-body = 1\n")
        Path(f"d{number}/a.py").write_text("x = 1\n")
    done = run(*MODULE, "check", "--no-cache", pwned=pwned, timeout=30)
    assert (done.returncode, done.stderr) == (0, "")


def test_nor_does_a_long_chain_of_them(pwned: Path) -> None:
    for number in range(1_000):
        Path(f"{number}.toml").write_text(f"extend = '{number + 1}.toml'\nignore = ['RL1']\n")
    Path("1000.toml").write_text("")
    Path("reloadlint.toml").write_text("extend = '0.toml'\n")
    Path("a.py").write_text(STALE)
    done = run(*MODULE, "check", pwned=pwned, timeout=30)
    assert done.returncode in {0, 2}, done.stderr
    assert "Traceback" not in done.stderr


# Escape sequences.

ESCAPE = "\x1b]0;pwned\x07\x1b[2J\x9b31m\u202e"
PAINT = re.compile(r"\x1b\[\d+(;\d+)?m")  # what the report itself is painted with
FORMATS = (
    "full concise grouped json json-lines junit github gitlab pylint rdjson azure sarif html"
).split()


def write_escapes() -> None:
    Path(f"{ESCAPE}.py").write_text(
        f"import threading\n\ndef f(s):\n    s.on_x = lambda: work('{ESCAPE[:-1]}') + 2\n"
        f"threading.Timer(1, lambda: work('{ESCAPE}') + 2)\n",
        encoding="utf-8",
    )
    Path(f"bad{ESCAPE}.py").write_text(f"x = '{ESCAPE}\n", encoding="utf-8")
    os.symlink(f"gone{ESCAPE}", "link.py")


def assert_shown_escaped(text: str) -> None:
    assert "pwned" in text
    assert not set(PAINT.sub("", text)) & set("\x1b\x07\x9b\u202e")


def test_no_escape_sequence_gets_through_in_any_format(pwned: Path) -> None:
    write_escapes()
    outputs = [f"--output={name}=report.{name}" for name in FORMATS]
    done = run(*MODULE, "check", *outputs, pwned=pwned)
    assert done.returncode == 2
    assert_shown_escaped(done.stdout + done.stderr)
    for name in FORMATS:
        assert_shown_escaped(Path(f"report.{name}").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "option", ["--diff", "--statistics", "--show-files", "--show-fixes --fix", "--explain"]
)
def test_nor_does_one_on_a_terminal(option: str, pwned: Path) -> None:
    write_escapes()
    master, slave = pty.openpty()
    line = [f"{ESCAPE}.py:4"] if option == "--explain" else []
    command = [*MODULE, "check", *option.split(), *line]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PWNED": str(pwned), "CI": "true"}
    process = subprocess.Popen(command, stdout=slave, stderr=slave, env=environment)
    os.close(slave)
    shown = b""
    with suppress(OSError):  # what Linux says at the end
        while data := os.read(master, 4096):
            shown += data
    os.close(master)
    process.wait()
    assert_shown_escaped(shown.decode())
