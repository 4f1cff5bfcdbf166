"""`reloadlint check --watch`."""

from __future__ import annotations

import select
import signal
import subprocess
import sys

import pytest

from tests.command import ENVIRONMENT, STALE, run, write


def test_watching_checks_again_when_a_file_is_saved() -> None:
    file = write("a.py", "x = 1\n")
    command = [sys.executable, "-m", "reloadlint", "check", "--watch", "--output-format=concise"]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=ENVIRONMENT
    )
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == "No findings in 1 file.\n"
        assert process.stdout.readline() == "note: watching . (Ctrl-C ends)\n"
        for _ in range(100):  # the watching itself begins a moment after the note
            file.write_text(STALE)
            if select.select([process.stdout], [], [], 0.5)[0]:
                break
        assert process.stdout.readline().startswith("a.py:3:20: RL101")
        write("reloadlint.toml", "min-bodi = 1\n")
        lines = iter(process.stdout.readline, "")
        assert any("unknown setting `min-bodi`" in line for line in lines)
        assert process.poll() is None
        process.send_signal(signal.SIGINT)
        rest = process.stdout.read()
        assert process.wait() == 130
        assert "Traceback" not in rest
    finally:
        process.kill()
        process.stdout.close()
        process.wait()


@pytest.mark.parametrize("args", [("-",), ("--fix", "--interactive"), ("--explain", "a.py:1")])
def test_watching_wants_files_and_no_answers(args: tuple[str, ...]) -> None:
    assert run("check", "--watch", *args).exit_code == 2
