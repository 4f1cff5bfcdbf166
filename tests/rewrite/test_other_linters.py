"""What ruff makes of fixed files: it undoes nothing, and finds nothing new."""

from __future__ import annotations

import ast
import json
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from reloadlint import registry
from reloadlint.config import Config
from reloadlint.fix import fix
from reloadlint.lint import lint
from reloadlint.source import SourceFile
from tests.rewrite.shapes import SHAPES

ruff = pytest.importorskip("ruff")  # of the extra `dev`
RULES = [rule for rule in registry.load() if rule.fixable == "hoist"]
# A line that is long, and how a moved body was laid out, are what they were; a name that was not
# defined stands in the moved annotations too.
NOT_NEW = "E402,E501,F821"
FIXED_DEFAULT = "a def with every kind of parameter"  # B006 writes code into the function


def run(folder: Path, *arguments: str) -> str:
    command = [ruff.find_ruff_bin(), *arguments, "--isolated", "--no-cache", str(folder)]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def write(folder: Path, texts: dict[str, str]) -> Path:
    folder.mkdir()
    for name, text in texts.items():
        (folder / f"{name.replace(' ', '_')}.py").write_text(text, encoding="utf-8", newline="")
    return folder


def read(folder: Path, name: str) -> str:
    return (folder / f"{name.replace(' ', '_')}.py").read_bytes().decode()


def findings(folder: Path) -> Counter[tuple[str, str]]:
    options = ("--select", "F,E,B", "--ignore", NOT_NEW, "--output-format", "json")
    found = json.loads(run(folder, "check", *options))
    return Counter((Path(item["filename"]).name, item["code"]) for item in found)


def hoisted(text: str) -> set[str]:
    """The functions that something calls by a module-level name with an underscore in front."""
    calls = {
        node.func.id
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    defined = {getattr(node, "name", "") for node in ast.parse(text).body}
    return {name for name in calls & defined if name.startswith("_")}


def test_no_fix_of_another_rule_undoes_a_trampoline(tmp_path: Path) -> None:
    folder = write(tmp_path / "after", {name: after for name, (_, after) in SHAPES.items()})
    run(folder, "check", "--select", "ALL", "--preview", "--fix", "--unsafe-fixes", "--exit-zero")
    for name, (_, after) in SHAPES.items():
        text = read(folder, name)
        assert hoisted(text) == hoisted(after), name
        if name != FIXED_DEFAULT:
            left = lint(SourceFile("module.py", text), RULES, Config()).findings
            assert len(left) == len(lint(SourceFile("m.py", after), RULES, Config()).findings), name


def test_nothing_new_is_found(tmp_path: Path) -> None:
    before = write(tmp_path / "before", {name: old for name, (old, _) in SHAPES.items()})
    after = write(tmp_path / "after", {name: new for name, (_, new) in SHAPES.items()})
    assert not findings(after) - findings(before)


def test_what_was_formatted_stays_so(tmp_path: Path) -> None:
    folder = write(tmp_path / "before", {name: old for name, (old, _) in SHAPES.items()})
    run(folder, "format", "--line-length", "120")
    formatted = {name: read(folder, name) for name in SHAPES}
    fixed = {
        name: fix(SourceFile("module.py", text), RULES, Config()).text
        for name, text in formatted.items()
    }
    after = write(tmp_path / "after", fixed)
    run(after, "format", "--line-length", "120")
    assert {name: read(after, name) for name in SHAPES} == fixed
