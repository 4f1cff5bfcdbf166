"""What other programs may build on."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest

from reloadlint import api, registry
from reloadlint.api import Config, ReloadlintError, check_source, discover, fix_source

STALE = "from threading import Timer\n\n\nTimer(1, lambda: work(1) + 2)\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_example_in_its_documentation_runs() -> None:
    assert doctest.testmod(api).attempted
    assert not doctest.testmod(api).failed


def test_only_what_is_listed_is_public() -> None:
    assert set(api.__all__) >= {"Config", "Finding", "check_source", "fix_source"}
    assert all(hasattr(api, name) for name in api.__all__)


def test_text_that_does_not_parse_is_a_finding() -> None:
    (finding,) = check_source("x = (\n", "a.py")
    assert (finding.code, finding.path) == ("syntax-error", "a.py")
    assert fix_source("x = (\n").findings[0].code == "syntax-error"


def test_the_configuration_is_that_of_the_path_unless_given(folder: Path) -> None:
    (folder / "reloadlint.toml").write_text("[[overrides]]\nfiles = ['old']\nignore = ['RL1']\n")
    assert check_source(STALE, "a.py")
    assert not check_source(STALE, "old/a.py")
    assert check_source(STALE, "old/a.py", Config())
    assert not check_source(STALE, "a.py", Config(ignore=("RL101",)))
    assert discover("old").in_file("old/a.py").origins["ignore"] == "reloadlint.toml: overrides"


def test_what_is_imported_is_looked_for_beside_the_path(folder: Path) -> None:
    (folder / "bus.py").write_text("ALL = []\n\n\ndef give(f):\n    ALL.append(f)\n")
    text = "import bus\n\n\ndef start(x):\n    bus.give(lambda: x.work(1) + 2)\n"
    (folder / "a.py").write_text(text)
    assert [finding.code for finding in check_source(text, "a.py")] == ["RL101"]


def test_fixing_gives_text_and_writes_nothing(folder: Path) -> None:
    (folder / "a.py").write_text(STALE)
    fixed = fix_source(STALE, "a.py")
    assert [finding.code for finding in fixed.fixed] == ["RL101"]
    assert fixed.findings == ()
    compile(fixed.text, "a.py", "exec")
    assert (folder / "a.py").read_text() == STALE


def test_unsafe_fixes_are_made_on_request() -> None:
    text = "CACHE = {}\n\n\ndef put(k):\n    CACHE[k] = 1\n"
    assert fix_source(text).text == text
    assert "keep(" in fix_source(text, unsafe_fixes=True).text


def test_a_rule_that_fails_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: object) -> None:
        raise ValueError("no")

    (rule,) = (rule for rule in registry.load() if rule.code == "RL101")
    monkeypatch.setattr(rule, "visit_Lambda", crash)
    with pytest.raises(ReloadlintError, match="RL101: ValueError: no"):
        check_source(STALE)


def test_a_wrong_configuration_is_an_error(folder: Path) -> None:
    (folder / "reloadlint.toml").write_text("min-bodi = 3\n")
    with pytest.raises(ReloadlintError, match="min-bodi"):
        check_source(STALE)
