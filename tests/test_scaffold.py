"""A rule that was just begun: it works, and its test says what is missing."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from reloadlint.errors import ConfigError, SourceError
from reloadlint.rule import Rule
from reloadlint.scaffold import new_rule
from reloadlint.testing import BrokenPromise, promises


def load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


def broken(rule: type[Rule]) -> list[str]:
    found = []
    for promise in promises(rule):
        try:
            promise.check()
        except BrokenPromise:
            found.append(promise.text)
    return found


class TestTheRule:
    def test_works_and_only_wants_its_page_written(self, tmp_path: Path) -> None:
        path, _ = new_rule("sleepy-lambda", "NEW001", None, tmp_path)
        assert broken(load(path).SleepyLambda) == ["the page is written"]

    def test_keeps_all_promises_once_it_is(self, tmp_path: Path) -> None:
        path, _ = new_rule("sleepy-lambda", "GAME7", None, tmp_path)
        text = re.sub("TODO:?", "It says", path.read_text(encoding="utf-8"))
        path.write_text(text, encoding="utf-8")
        rule = load(path).SleepyLambda
        assert broken(rule) == []
        assert (rule.code, rule.name) == ("GAME7", "sleepy-lambda")

    def test_is_written_as_ruff_would_have_it(self, tmp_path: Path) -> None:
        new = new_rule("sleepy-lambda", "NEW001", None, tmp_path)
        command = [sys.executable, "-m", "ruff", "format", "--check", "--isolated"]
        command += ["--line-length", "100", *map(str, new)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout


class TestItsPlace:
    def test_is_the_folder_of_rules_and_tests_if_they_are_a_package(self, tmp_path: Path) -> None:
        for folder in ("rules", "tests/rules"):
            (tmp_path / folder).mkdir(parents=True)
        (tmp_path / "rules" / "__init__.py").touch()
        rule, test = new_rule("two-words", "NEW001", None, tmp_path)
        assert rule == tmp_path / "rules" / "two_words.py"
        assert test == tmp_path / "tests" / "rules" / "test_two_words.py"
        assert "\nfrom rules.two_words import TwoWords\n" in test.read_text(encoding="utf-8")

    def test_of_a_lone_module_has_the_test_beside_it(self, tmp_path: Path) -> None:
        (tmp_path / "tests").mkdir()
        rule, test = new_rule("one", "NEW001", None, tmp_path)
        assert (rule, test) == (tmp_path / "one.py", tmp_path / "test_one.py")
        assert "\nfrom one import One\n" in test.read_text(encoding="utf-8")

    def test_may_be_chosen(self, tmp_path: Path) -> None:
        folder = tmp_path / "src" / "game"
        folder.mkdir(parents=True)
        (folder / "__init__.py").touch()
        rule, test = new_rule("one", "NEW001", folder, tmp_path)
        assert rule == folder / "one.py"
        assert "\nfrom game.one import One\n" in test.read_text(encoding="utf-8")

    def test_in_a_pack_that_is_installed_is_known_by_the_name_of_the_pack(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        pack = ModuleType("company.rules")
        pack.__path__ = [str(tmp_path)]
        monkeypatch.setattr("reloadlint.registry.packs", lambda: [pack])
        monkeypatch.setattr("reloadlint.registry.load", lambda: ())
        _, test = new_rule("one", "NEW001", tmp_path, tmp_path)
        assert "\nfrom company.rules.one import One\n" in test.read_text(encoding="utf-8")


class TestItIsRefused:
    @pytest.mark.parametrize("name", ["Sleepy", "sleepy_lambda", "../x", "", "a--b"])
    def test_by_a_name_that_is_none(self, name: str, tmp_path: Path) -> None:
        with pytest.raises(ConfigError, match="no name for a rule"):
            list(new_rule(name, "NEW001", None, tmp_path))

    def test_by_a_code_that_is_none(self, tmp_path: Path) -> None:
        with pytest.raises(ConfigError, match="no code for a rule"):
            list(new_rule("sleepy", "new-1", None, tmp_path))

    @pytest.mark.parametrize(("name", "code"), [("inline-callback", "NEW001"), ("new", "RL101")])
    def test_where_that_is_taken(self, name: str, code: str, tmp_path: Path) -> None:
        with pytest.raises(ConfigError, match="RL101 inline-callback is there already"):
            list(new_rule(name, code, None, tmp_path))

    def test_where_a_file_is_in_the_way_and_nothing_is_written(self, tmp_path: Path) -> None:
        (tmp_path / "test_sleepy.py").write_text("mine")
        with pytest.raises(SourceError, match="is there already"):
            list(new_rule("sleepy", "NEW001", None, tmp_path))
        assert [path.name for path in tmp_path.iterdir()] == ["test_sleepy.py"]


def test_the_command_line_says_what_it_wrote(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "reloadlint", "rule", "--new", "sleepy", "--code", "NEW7"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[:2] == ["wrote sleepy.py", "wrote test_sleepy.py"]
    again = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert again.returncode == 2
    assert again.stderr == "error: sleepy.py: is there already\n"
