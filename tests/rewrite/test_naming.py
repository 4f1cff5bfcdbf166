"""What moved functions are called: names that tell, and that stay from run to run."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from reloadlint import files, registry
from reloadlint.config import Config
from reloadlint.facts.project import Project
from reloadlint.fix import fix
from reloadlint.source import SourceFile

RULES = [rule for rule in registry.load() if rule.fixable == "hoist"]

NAMES = {
    "keys of a dict": (
        "self.on = {'join': lambda: x.go() + 1, 'on-leave': lambda: x.go() + 2}",
        ["_m_on_join", "_m_on_on_leave"],
    ),
    "numbers as keys": ("self.on = {404: lambda: x.go() + 1}", ["_m_on_404"]),
    "members of an enum as keys": ("self.on = {Event.JOIN: lambda: x.go() + 1}", ["_m_on_join"]),
    "constants as keys": ("self.on = {JOIN: lambda: x.go() + 1}", ["_m_on_join"]),
    "a key that may be anything": ("self.on = {x: lambda: x.go() + 1}", ["_m_on"]),
    "a key that is a text": (
        "self.on = {'when somebody comes to the party': lambda: x.go() + 1}",
        ["_m_on"],
    ),
    "an item": ("self.on['join'] = lambda: x.go() + 1", ["_m_on_join"]),
    "what is subscribed to": ("x.subscribe('join', lambda: x.go() + 1)", ["_m_subscribe_join"]),
    "a parameter, and what is subscribed to": (
        "x.subscribe('join', callback=lambda: x.go() + 1)",
        ["_m_callback_join"],
    ),
    "two of a name": (
        "self.on = [lambda: x.go() + 1, lambda: x.go() + 2]",
        ["_m_on", "_m_on_2"],
    ),
    "an attribute": ("self.on_join = lambda: x.go() + 1", ["_m_on_join"]),
    "a result": ("return lambda: x.go() + 1", ["_m_result"]),
    "a def": ("def on_join(): return x.go() + 1\n        return on_join", ["_m_on_join"]),
}
TAKEN = (
    ("a function", "def _m_result(): pass"),
    ("a name in the body of a class", "class D:\n    _m_result = 1"),
    ("a name in `__all__`", "__all__ = ['_m_result']"),
    ("a name that only a string has", "getattr(JOIN, '_m_result')"),
    ("a local name", "def g(_m_result): pass"),
)


def moved(text: str) -> list[str]:
    result = fix(SourceFile("module.py", text), RULES, Config())
    before = {getattr(node, "name", "") for node in ast.parse(text).body}
    after = [getattr(node, "name", "") for node in ast.parse(result.text).body]
    return [name for name in after if name not in before]


@pytest.mark.parametrize(("line", "names"), NAMES.values(), ids=NAMES)
def test_a_name_tells_what_the_function_is_for(line: str, names: list[str]) -> None:
    assert moved(f"class C:\n    def m(self, x):\n        {line}\n") == names


@pytest.mark.parametrize(
    ("parameters", "name"),
    [("call_me", "_m_call_me"), ("*those", "_m_keep_callback"), ("x, *those", "_m_x")],
)
def test_a_function_of_the_project_tells_by_its_parameter(parameters: str, name: str) -> None:
    keep = f"KEPT = []\n\n\ndef keep({parameters}):\n    KEPT.append([{parameters}])\n\n\n"
    assert moved(f"{keep}def m(x):\n    keep(lambda: x.go() + 1)\n") == [name]


@pytest.mark.parametrize("line", [line for _, line in TAKEN], ids=[name for name, _ in TAKEN])
def test_a_name_that_the_file_has_is_not_taken(line: str) -> None:
    assert moved(f"{line}\n\n\ndef m(x):\n    return lambda: x.go() + 1\n") == ["_m_result_2"]


def test_a_name_that_a_star_import_brings_is_not_taken(tmp_path: Path) -> None:
    (tmp_path / "names.py").write_text("__all__ = ['_m_result']\n_m_result = 1\n")
    path = tmp_path / "user.py"
    path.write_text("from names import *\n\n\ndef m(x):\n    return lambda: x.go() + 1\n")
    config = Config(root=tmp_path)
    project = Project(config, files.read, [str(found) for found in tmp_path.glob("*.py")])
    result = fix(files.read(str(path)), RULES, config, project=project)
    assert "def _m_result_2(x):" in result.text


def test_names_stay_from_run_to_run() -> None:
    text = "def m(x):\n    x.on_a = lambda: x.go() + 1\n    x.on_b = lambda: x.go() + 2\n"
    once = fix(SourceFile("module.py", text), RULES, Config()).text
    assert moved(text) == ["_m_on_a", "_m_on_b"]
    assert fix(SourceFile("module.py", text), RULES, Config()).text == once
    assert fix(SourceFile("module.py", once), RULES, Config()).text == once
