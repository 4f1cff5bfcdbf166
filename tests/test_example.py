"""The shipped example, run for real: stale as it is, fresh once `--fix` has been over it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "examples/chat_server"
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
SECONDS = 20  # more than any answer takes, so that a failure is no hang


class User:
    """Somebody in the chat, who reads line by line."""

    def __init__(self, port: int, name: str) -> None:
        self._connection = socket.create_connection(("127.0.0.1", port), timeout=SECONDS)
        self._lines = self._connection.makefile(encoding="utf-8")
        assert self.read() == "Your name?"
        self.say(name)

    def say(self, text: str) -> None:
        self._connection.sendall(f"{text}\n".encode())

    def read(self) -> str:
        return self._lines.readline().rstrip("\n")

    def __enter__(self) -> User:
        return self

    def __exit__(self, *_: object) -> None:
        self._lines.close()
        self._connection.close()


@contextmanager
def running_server(directory: Path) -> Iterator[int]:
    """The server in a process of its own, on a port that the system chose."""
    command = [sys.executable, "server.py", "--port", "0"]
    server = subprocess.Popen(
        command,
        cwd=directory,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with server:
        try:
            assert server.stdout is not None
            yield int(server.stdout.readline().rsplit(maxsplit=1)[-1])
        finally:
            server.kill()


def replace(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1
    file.write_text(text.replace(old, new), encoding="utf-8")


def check(directory: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "reloadlint", "check", *options, "."],
        cwd=directory,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def example(tmp_path: Path) -> Path:
    ignored = shutil.ignore_patterns("__pycache__", ".*")
    return shutil.copytree(EXAMPLE, tmp_path / "chat", ignore=ignored)


@pytest.fixture
def fixed_example(example: Path) -> Path:
    done = check(example, "--fix")
    assert done.returncode == 0, done.stdout + done.stderr
    return example


def edit_while_ann_is_there(directory: Path) -> tuple[str, bool]:
    """Return how Bob is greeted after the edit, and whether Ann then hears him."""
    with running_server(directory) as port, ExitStack() as users:
        ann = users.enter_context(User(port, "ann"))
        assert ann.read() == "Hello ann, you are visitor 1 of #lobby"
        assert ann.read() == "* ann joined"

        replace(directory / "lobby.py", "Hello {client.name}", "Good evening {client.name}")
        ann.say("/reload")
        assert ann.read() == "reloaded lobby.py"

        bob = users.enter_context(User(port, "bob"))
        greeting = bob.read()
        assert bob.read() == "* bob joined"
        bob.say("anybody here?")
        assert bob.read() == "<bob> anybody here?"
        # Sent by the server itself, so that Ann reads something even when she is in no room.
        ann.say("/reload")
        heard = [ann.read()]
        while heard[-1] != "reloaded lobby.py":
            heard.append(ann.read())
        return greeting, "<bob> anybody here?" in heard


def test_as_shipped_a_reload_reaches_nothing_and_empties_the_rooms(example: Path) -> None:
    greeting, ann_hears_bob = edit_while_ann_is_there(example)
    assert greeting == "Hello bob, you are visitor 2 of #lobby"
    assert not ann_hears_bob


def test_once_fixed_a_reload_reaches_the_greeting_and_keeps_the_rooms(fixed_example: Path) -> None:
    greeting, ann_hears_bob = edit_while_ann_is_there(fixed_example)
    assert greeting == "Good evening bob, you are visitor 2 of #lobby"
    assert ann_hears_bob


def test_every_closure_and_state_that_goes_stale_is_found(example: Path) -> None:
    done = check(example, "--output-format", "concise")
    assert done.returncode == 1, done.stderr
    found = {(line.split(":")[0], line.split()[1]) for line in done.stdout.splitlines()[:-1]}
    assert {("lobby.py", code) for code in ("RL101", "RL102", "RL202")} <= found
