"""What the README says is so: its commands run, its settings are taken, its picture is true."""

from __future__ import annotations

import re
import shlex
import subprocess
import textwrap
from html import unescape
from pathlib import Path

import pytest

from reloadlint.config import read_config
from tests.command import run, write

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCUMENTS = ("README.md", "examples/chat_server/README.md", "rules/README.md")
# What stands for a file, a rule or a revision of the reader's own.
NEEDS = {
    "server": "an editor at the other end",
    "run": "a program that ends",
    "--watch": "somebody who saves a file",
}
APP = "from threading import Timer\n\n\ndef start():\n    Timer(1, lambda: work(1) + 2)\n"


def commands() -> list[str]:
    """The lines of indented blocks, and the code in sentences, that call us."""
    texts = [(ROOT / name).read_text(encoding="utf-8") for name in DOCUMENTS]
    text = "\n".join(texts)
    lines = re.findall(r"^    (?:- run: .*&& )?(reloadlint [^#\n]*)", text, re.MULTILINE)
    inline = re.findall(r"`((?:reloadlint )?(?:check|rule|config|doctor|clean)\b[^`]*)`", text)
    inline = [" ".join(text.split()) for text in inline]
    found = [f"reloadlint {text.removeprefix('reloadlint ')}".strip() for text in inline]
    return [*dict.fromkeys([*map(str.strip, lines), *found])]


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with the names that the documents use."""
    monkeypatch.chdir(tmp_path)
    write("src/app.py", APP)
    for folder in ("examples/chat_server", "reloadlint", "rules"):
        write(f"{folder}/app.py", APP)
    identity = ["git", "-c", "user.name=n", "-c", "user.email=e", "-c", "commit.gpgsign=false"]
    for args in (
        ["init", "-q"],
        ["add", "."],
        ["commit", "-qm", "x"],
        ["update-ref", "refs/remotes/origin/main", "HEAD"],
    ):
        subprocess.run([*identity, *args], check=True, capture_output=True)
    return tmp_path


def test_there_are_commands_to_run() -> None:
    assert len(commands()) > 10


@pytest.mark.parametrize("command", commands())
def test_a_command_of_the_readme_runs(command: str) -> None:
    words = shlex.split(command.replace("FILE:LINE", "src/app.py:5").replace("X", "RL101"))[1:]
    if needed := {NEEDS[word] for word in words if word in NEEDS}:
        pytest.skip(f"needs {needed.pop()}; its own tests run it")
    words = ["HEAD" if word == "REV" else "why" if word == "TEXT" else word for word in words]
    result = run(*words)
    assert "Usage:" not in result.stderr
    assert "error:" not in result.stderr
    assert result.exit_code in {0, 1}


def test_the_settings_of_the_readme_are_taken(project: Path) -> None:
    (block,) = re.findall(r"^    \[tool\.reloadlint\]\n(?:    .*\n|\n)+", README, re.MULTILINE)
    text = textwrap.dedent(block)
    assert "extend = " in text
    (project / "reloadlint.toml").write_text("min-body = 1\n")
    (project / "src/pyproject.toml").write_text(text)
    config = read_config("src/pyproject.toml")
    assert set(config.origins) >= {"extend", "overrides", "sinks", "per_file_ignores"}


def test_the_picture_is_of_what_is_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "examples/check.svg" in README
    svg = (ROOT / "examples/check.svg").read_text(encoding="utf-8")
    assert not re.search(r"(?:href|url\(|src)=?[\"'(]?https?:", svg)
    texts = re.findall(r"<text[^>]*>(.*?)</text>", svg, re.DOTALL)
    shown = re.sub(r"\s", "", "".join(map(unescape, texts)))
    monkeypatch.chdir(ROOT)
    printed = run("check", "--select", "RL1", "examples/chat_server").stdout
    assert re.sub(r"\s", "", printed) in shown
