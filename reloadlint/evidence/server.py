"""Starts the process of a reloader and hands it jobs."""

from __future__ import annotations

import json
import subprocess
import sys

from reloadlint.evidence.experiment import Answer, Job


class NotInstalled(Exception):
    """The reloader cannot be imported here."""


class Server:
    """One reloader, warm, until `close`. `version` is the reloader's.

    Raises NotInstalled where it cannot be imported.
    """

    def __init__(self, name: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "reloadlint.evidence.experiment", name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            encoding="utf-8",
        )
        hello = self._read()
        if "missing" in hello:
            self.close()
            raise NotInstalled(hello["missing"])
        self.version: str = hello["version"]

    def run(self, job: Job) -> Answer:
        """What came out of one experiment."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(job) + "\n")
        self._process.stdin.flush()
        return self._read()

    def _read(self) -> Answer:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"no answer from {self._process.args!r}")
        return dict(json.loads(line))

    def close(self) -> None:
        """End the process."""
        self._process.communicate()
