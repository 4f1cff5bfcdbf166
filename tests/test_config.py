"""Where settings come from, and what is said of wrong ones."""

from __future__ import annotations

import dataclasses
import os
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from reloadlint.config import (
    Config,
    Configs,
    discover,
    enabled,
    enabled_in,
    read_config,
    with_options,
)
from reloadlint.errors import ConfigError
from reloadlint.finding import Confidence
from reloadlint.settings import SETTINGS


@dataclasses.dataclass(frozen=True)
class FakeRule:
    code: str
    name: str
    default: bool = True
    skips_tests: bool = False


RULES = (
    FakeRule("RL101", "inline-callback"),
    FakeRule("RL102", "stored-closure"),
    FakeRule("RL201", "captured-module-state"),
    FakeRule("RL301", "from-import-binding", default=False),
)


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def ours(text: str) -> str:
    return f"[tool.reloadlint]\n{text}\n"


def on(config: Config, path: str = "a.py") -> list[str]:
    return [rule.code for rule in enabled_in(path, enabled(RULES, config), config)]


# What may be set.


def test_every_setting_is_a_field_with_the_same_default() -> None:
    config = Config()
    own = {"root", "origin", "below", "on_top", "origins"}
    names = {field.name for field in dataclasses.fields(Config)} - own
    assert names == {setting.field for setting in SETTINGS.values()}
    for setting in SETTINGS.values():
        assert getattr(config, setting.field) == setting.initial


def test_every_setting_is_documented_in_one_line() -> None:
    for setting in SETTINGS.values():
        assert setting.doc.endswith(".")
        assert "\n" not in setting.doc


def test_every_setting_can_be_given(project: Path) -> None:
    write(
        project / "reloadlint.toml",
        """
        select = ["RL1"]
        extend-select = ["RL301"]
        ignore = ["stored-closure"]
        exclude = ["gen"]
        extend-exclude = ["old/*"]
        respect-gitignore = false
        reloader = "importlib"
        first-party = ["lib"]
        state-idiom = "globals"
        min-confidence = "possible"
        [per-file-ignores]
        "tests/*" = ["RL1"]
        [sinks]
        "my.register" = { retains = ["handler"] }
        """,
    )
    assert discover(project) == Config(
        select=("RL1",),
        extend_select=("RL301",),
        ignore=("stored-closure",),
        exclude=("gen",),
        extend_exclude=("old/*",),
        respect_gitignore=False,
        reloader="importlib",
        first_party=("lib",),
        state_idiom="globals",
        min_confidence=Confidence.POSSIBLE,
        per_file_ignores=(("tests/*", ("RL1",)),),
        sinks={"my.register": {"retains": ["handler"]}},
        root=project,
        origin="reloadlint.toml",
    )


def test_a_configuration_can_be_hashed_and_sent_to_another_process() -> None:
    config = Config(sinks={"f": {"retains": [0]}}, ignore=("RL1",))
    assert config.excluded.match("/x/.venv")
    assert pickle.loads(pickle.dumps(config)) == config
    assert hash(config) == hash(dataclasses.replace(config))


# What may not.


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("slect = []", "unknown setting `slect`; did you mean `select`?"),
        ("extend_select = []", "unknown setting `extend_select`; did you mean `extend-select`?"),
        ("colour = 1", "unknown setting `colour`"),
        ("select = 'RL101'", "select: expected a list of strings"),
        ("ignore = [101]", "ignore: expected a list of strings"),
        ("respect-gitignore = 1", "respect-gitignore: expected true or false"),
        (
            "reloader = 'importlb'",
            "reloader: expected one of portable, importlib, reimport, ipython, jurigged, "
            "reloadlint, debugpy, hmr, limeade, liveimport, marimo, pyflyby, superduperreload, "
            "xreload; did you mean `importlib`?",
        ),
        ("reloader = ['ipython']", "reloader: expected one of portable, "),
        (
            "state-idiom = 'kept'",
            "state-idiom: expected one of keep, globals; did you mean `keep`?",
        ),
        ("min-confidence = 2", "min-confidence: expected one of possible, likely, certain"),
        ("per-file-ignores = ['a']", "per-file-ignores: expected a table of path patterns with"),
        ("per-file-ignores = {'a' = 'RL1'}", "per-file-ignores: expected a table of path patterns"),
        ("sinks = []", "sinks: expected a table"),
        (
            "exclude = ['{a,b']",
            "exclude: expected a list of path patterns; unclosed brace in pattern `{a,b`",
        ),
    ],
)
def test_a_wrong_setting_is_named_with_its_file(project: Path, text: str, message: str) -> None:
    write(project / "pyproject.toml", ours(text))
    with pytest.raises(ConfigError) as error:
        discover(project)
    assert str(error.value).startswith(f"pyproject.toml: {message}")


@pytest.mark.parametrize(
    "text",
    ["tool.reloadlint = 3", "[tool]\nreloadlint = ['select']"],
)
def test_our_table_must_be_one(project: Path, text: str) -> None:
    write(project / "pyproject.toml", text)
    with pytest.raises(ConfigError, match=r"pyproject.toml: tool.reloadlint: expected a table"):
        discover(project)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"reloadlint = [", id="broken"),
        pytest.param(b"# reloadlint \xff", id="not UTF-8"),
        pytest.param(b"reloadlint = " + b"[" * 100_000, id="nested too deep"),
    ],
)
def test_what_is_not_toml_is_refused_in_one_line(project: Path, content: bytes) -> None:
    (project / "pyproject.toml").write_bytes(content)
    with pytest.raises(ConfigError, match=r"^pyproject\.toml: not TOML: .+$"):
        discover(project)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ignore = ['RL777']", "ignore: unknown rule `RL777`"),
        (
            "per-file-ignores = {'t/*' = ['inlinecallback']}",
            "per-file-ignores: t/*: unknown rule `inlinecallback`; did you mean `inline-callback`?",
        ),
    ],
)
def test_an_unknown_rule_is_named_with_its_file(project: Path, text: str, message: str) -> None:
    config = discover(write(project / "pyproject.toml", ours(text)))
    with pytest.raises(ConfigError) as error:
        enabled(RULES, config)
    assert str(error.value).startswith(f"pyproject.toml: {message}")


# Where it is looked for.


def test_the_nearest_file_counts_and_nothing_is_merged(project: Path) -> None:
    write(project / "pyproject.toml", ours("ignore = ['RL101']"))
    write(project / "a/reloadlint.toml", "reloader = 'importlib'")
    below = discover(project / "a/b/c")
    assert (below.ignore, below.reloader, below.root) == ((), "importlib", project / "a")
    assert discover(project / "other").ignore == ("RL101",)


def test_our_own_file_comes_before_pyproject(project: Path) -> None:
    write(project / "pyproject.toml", ours("ignore = ['RL101']"))
    write(project / "reloadlint.toml", "")
    assert discover(project).ignore == ()


@pytest.mark.parametrize(
    "other",
    [
        pytest.param("[project]\nname = 'x'", id="another project"),
        pytest.param("dependencies = ['reloadlint']", id="our name alone"),
        pytest.param("[[[ broken", id="broken, and without our name"),
        pytest.param("[tool]\nruff = 1", id="other tools"),
    ],
)
def test_a_pyproject_without_our_table_is_passed_by(project: Path, other: str) -> None:
    write(project / "pyproject.toml", ours("ignore = ['RL101']"))
    write(project / "a/pyproject.toml", other)
    assert discover(project / "a").root == project


def test_the_configuration_of_a_file_is_that_of_its_folder(project: Path) -> None:
    write(project / "a/reloadlint.toml", "ignore = ['RL1']")
    assert discover(write(project / "a/b.py", "")).ignore == ("RL1",)


def test_without_a_file_the_defaults_count_from_the_working_directory(project: Path) -> None:
    assert discover(project) == Config(root=project)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs FIFOs")
def test_a_fifo_is_not_opened(project: Path) -> None:
    os.mkfifo(project / "pyproject.toml")
    assert discover(project) == Config()


def test_a_file_named_outright_counts_from_the_given_folder(project: Path) -> None:
    path = write(project / "cfg/shared.toml", "ignore = ['RL1']")
    assert read_config(str(path), root=project) == Config(
        ignore=("RL1",), root=project, origin=str(path)
    )


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("missing.toml", "missing.toml: no such file or directory"),
        ("pyproject.toml", r"pyproject.toml: no \[tool.reloadlint\] in this file"),
        (".", "is a directory"),
    ],
)
def test_a_file_named_outright_must_be_one(project: Path, name: str, message: str) -> None:
    write(project / "pyproject.toml", "")
    with pytest.raises(ConfigError, match=message):
        read_config(name)


# What the command line changes.


def test_options_go_on_top_of_every_file(project: Path) -> None:
    write(project / "a/reloadlint.toml", "ignore = ['RL101']\nmin-confidence = 'certain'")
    configs = Configs({"extend-select": ["RL301"], "min-confidence": "possible"})
    assert on(configs.of("a")) == ["RL102", "RL201", "RL301"]
    assert on(configs.of("b")) == ["RL101", "RL102", "RL201", "RL301"]
    assert configs.of("a").min_confidence is Confidence.POSSIBLE


def test_one_configuration_for_all(project: Path) -> None:
    write(project / "a/reloadlint.toml", "ignore = ['RL101']")
    configs = Configs({"ignore": ["RL2"]}, only=Config())
    assert on(configs.of("a")) == ["RL101", "RL102"]


def test_options_are_checked_as_settings_are() -> None:
    with pytest.raises(ConfigError, match="command line: reloader: expected one of"):
        with_options(Config(), {"reloader": "hupper"})
    with pytest.raises(ConfigError, match="command line: ignore: unknown rule `RL9`"):
        enabled(RULES, with_options(Config(), {"ignore": ["RL9"]}))


# Files with rules of their own.


@pytest.mark.parametrize(
    ("pattern", "path", "codes"),
    [
        ("tests/*", "tests/test_a.py", ["RL201"]),
        ("tests/*", "src/a.py", ["RL101", "RL102", "RL201"]),
        ("test_*.py", "deep/down/test_a.py", ["RL201"]),
        ("!src/*", "tests/test_a.py", ["RL201"]),
        ("!src/*", "src/a.py", ["RL101", "RL102", "RL201"]),
    ],
)
def test_per_file_ignores(pattern: str, path: str, codes: list[str]) -> None:
    assert on(Config(per_file_ignores=((pattern, ("RL1",)),)), path) == codes


def test_per_file_ignores_count_from_the_file_that_has_them(project: Path) -> None:
    write(project / "a/reloadlint.toml", "per-file-ignores = {'t/*' = ['ALL']}")
    config = discover("a")
    assert on(config, "a/t/x.py") == []
    assert on(config, "t/x.py") == ["RL101", "RL102", "RL201"]


def test_rules_selected_outright_can_be_ignored_in_a_file() -> None:
    config = Config(select=("RL301", "RL101"), per_file_ignores=(("a.py", ("RL301",)),))
    assert on(config) == ["RL101"]
    assert on(config, "b.py") == ["RL101", "RL301"]


def test_importing_is_cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(Path(__file__).parent.parent)
    code = "import sys, reloadlint.config; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert {"libcst", "tomllib", "tomli", "pathspec"}.isdisjoint(done.stdout.split())


def test_rules_on_closures_are_off_in_test_files_unless_asked_for(tmp_path: Path) -> None:
    rules = (FakeRule("RL101", "inline-callback", skips_tests=True), FakeRule("RL202", "reset"))
    for path in ("test_a.py", "a_test.py", "deep/conftest.py", "tests/a.py", "deep/test/a.py"):
        on = enabled_in(str(tmp_path / path), rules, Config(root=tmp_path))
        assert [rule.code for rule in on] == ["RL202"]
        everywhere = Config(root=tmp_path, default_test_ignores=False)
        assert enabled_in(str(tmp_path / path), rules, everywhere) == rules
    assert enabled_in(str(tmp_path / "src/contest.py"), rules, Config(root=tmp_path)) == rules


@pytest.mark.parametrize("value", [-1, True, "1", 1.5])
def test_a_number_of_things_is_a_whole_number(tmp_path: Path, value: object) -> None:
    with pytest.raises(ConfigError, match="min-body: expected a number, 0 or more"):
        with_options(Config(root=tmp_path), {"min-body": value})


# Extending another file


def test_a_file_may_extend_another(project: Path) -> None:
    write(project / "base.toml", 'min-body = 3\nselect = ["RL1"]\nignore = ["RL102"]\n')
    write(project / "app/reloadlint.toml", 'extend = "../base.toml"\nextend-select = ["RL2"]\n')
    config = discover(project / "app")
    assert (config.min_body, config.root) == (3, project / "app")
    assert on(config) == ["RL101", "RL201"]


def test_the_nearer_value_wins(project: Path) -> None:
    write(project / "base.toml", 'min-body = 3\nexclude = ["a"]\nselect = ["RL1"]\n')
    write(project / "reloadlint.toml", 'extend = "base.toml"\nexclude = ["b"]\nselect = ["RL2"]\n')
    config = discover(project)
    assert (config.min_body, config.exclude) == (3, ("b",))
    assert on(config) == ["RL201"]
    assert config.origins == {
        "min_body": "base.toml",
        **dict.fromkeys(["extend", "exclude", "select"], "reloadlint.toml"),
    }


def test_a_chain_of_files(project: Path) -> None:
    write(project / "a.toml", "min-body = 1\nrespect-gitignore = false\n")
    write(project / "sub/b.toml", 'extend = "../a.toml"\nmin-body = 2\n')
    write(project / "pyproject.toml", ours('extend = "sub/b.toml"'))
    config = discover(project)
    assert (config.min_body, config.respect_gitignore) == (2, False)


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"reloadlint.toml": 'extend = "x.toml"'}, "reloadlint.toml: extend: x.toml: no such file"),
        ({"reloadlint.toml": "extend = 3"}, "reloadlint.toml: extend: expected a string"),
        (
            {"reloadlint.toml": 'extend = "reloadlint.toml"'},
            "reloadlint.toml: extend: reloadlint.toml extends this file",
        ),
        (
            {"reloadlint.toml": 'extend = "a.toml"', "a.toml": 'extend = "reloadlint.toml"'},
            "a.toml: extend: reloadlint.toml extends this file",
        ),
        (
            {"reloadlint.toml": 'extend = "a/pyproject.toml"', "a/pyproject.toml": "[tool.x]"},
            "reloadlint.toml: extend: a/pyproject.toml: no [tool.reloadlint] in it",
        ),
        (
            {"reloadlint.toml": 'extend = "a.toml"', "a.toml": "min-bodi = 1"},
            "a.toml: unknown setting `min-bodi`; did you mean `min-body`?",
        ),
    ],
)
def test_what_is_wrong_with_what_is_extended(
    files: dict[str, str], reason: str, project: Path
) -> None:
    for name, text in files.items():
        write(project / name, text + "\n")
    with pytest.raises(ConfigError) as error:
        discover(project)
    assert str(error.value) == reason


# Overrides

OVERRIDES = """\
min-body = 2
select = ["RL1"]

[[overrides]]
files = ["plugins"]
extend-select = ["RL2"]
min-body = 5

[[overrides]]
files = ["plugins/old*.py"]
ignore = ["RL102"]
reloader = "jurigged"
"""


def test_overrides_apply_in_their_order_where_the_path_matches(project: Path) -> None:
    write(project / "reloadlint.toml", OVERRIDES)
    config = discover(project)
    plain, plugin, old = (
        config.in_file(path) for path in ("a.py", "plugins/x.py", "plugins/old_1.py")
    )
    assert plain == config
    assert [(c.min_body, c.reloader) for c in (plain, plugin, old)] == [
        (2, "portable"),
        (5, "portable"),
        (5, "jurigged"),
    ]
    assert [on(c) for c in (plain, plugin, old)] == [
        ["RL101", "RL102"],
        ["RL101", "RL102", "RL201"],
        ["RL101", "RL201"],
    ]
    assert old.origins["reloader"] == "reloadlint.toml: overrides"


def test_the_command_line_wins_over_overrides(project: Path) -> None:
    write(project / "reloadlint.toml", OVERRIDES)
    config = Configs({"min-body": 9, "ignore": ["RL2"]}).of(".").in_file("plugins/old.py")
    assert (config.min_body, config.reloader) == (9, "jurigged")
    assert on(config) == ["RL101"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("overrides = 3", ""),
        ("[[overrides]]\nmin-body = 3", ""),
        (
            '[[overrides]]\nfiles = ["a"]\nmin-bodi = 3',
            "; `min-bodi` is none of those; did you mean `min-body`?",
        ),
        ('[[overrides]]\nfiles = ["a"]\nexclude = ["b"]', "; `exclude` is none of those"),
        (
            '[[overrides]]\nfiles = ["a"]\nmin-body = "3"',
            "; min-body: expected a number, 0 or more",
        ),
    ],
)
def test_wrong_overrides(text: str, reason: str, project: Path) -> None:
    write(project / "reloadlint.toml", text + "\n")
    with pytest.raises(ConfigError) as error:
        discover(project)
    expected = "expected a list of tables, each with `files` and settings"
    assert str(error.value) == f"reloadlint.toml: overrides: {expected}{reason}"
