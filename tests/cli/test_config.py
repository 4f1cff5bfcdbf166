"""`reloadlint config`, and what is configured."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

import reloadlint
from reloadlint.settings import SETTINGS
from reloadlint.toml import parse_toml
from tests.command import ENVIRONMENT, run, write


def test_settings_are_listed_and_explained() -> None:
    listed = run("config").stdout
    assert [line.split()[0] for line in listed.splitlines()] == list(SETTINGS)
    assert run("config", "min-body").stdout.splitlines() == [
        "min-body",
        "",
        SETTINGS["min-body"].doc,
        "",
        "Takes: a number, 0 or more",
        "Default: 1",
        "In [[overrides]]: yes",
    ]
    result = run("config", "min-bodi")
    assert (result.exit_code, result.stderr) == (
        2,
        "error: unknown setting `min-bodi`; did you mean `min-body`?\n",
    )


def test_the_schema_for_editors_is_up_to_date() -> None:
    published = Path(reloadlint.__file__).with_name("schema.json").read_text(encoding="utf-8")
    assert run("config", "--schema").stdout == published


@pytest.mark.parametrize(
    ("settings", "fits"),
    [
        ("", True),
        ('select = ["RL1"]\nper-file-ignores = { "a/*" = ["RL101"] }', True),
        ('[[overrides]]\nfiles = ["a"]\nmin-confidence = "certain"', True),
        ('[sinks]\n"a.b" = { 0 = "consumed" }', True),
        ("min-bodi = 1", False),
        ("min-body = -1", False),
        ('reloader = "hupper"', False),
        ("[[overrides]]\nmin-body = 1", False),
        ('[[overrides]]\nfiles = ["a"]\nexclude = ["b"]', False),
    ],
)
def test_the_schema_takes_what_the_program_takes(settings: str, fits: bool) -> None:
    schema = json.loads(run("config", "--schema").stdout)
    data = parse_toml(settings)
    assert jsonschema.Draft7Validator(schema).is_valid(data) is fits
    write("reloadlint.toml", settings)
    assert (run("check").exit_code == 0) is fits


def test_where_each_setting_comes_from_is_shown() -> None:
    write("base.toml", "min-body = 3\nignore = ['RL102']\n")
    write("reloadlint.toml", "extend = 'base.toml'\nextend-select = ['RL002']\n")
    write("a.py", "x = 1\n")
    lines = run("check", "--show-settings", "--config", "min-confidence='certain'").stdout
    for line in (
        "# a.py: reloadlint.toml",
        "min-body = 3  # base.toml",
        'extend = "base.toml"  # reloadlint.toml',
        'min-confidence = "certain"  # command line',
        'reloader = "portable"  # default',
        "sinks = {}  # default",
        'ignore = ["RL102"]  # base.toml',
        "# on: RL101 inline-callback  # default",
        "# on: RL002 blanket-ignore  # reloadlint.toml: extend-select: RL002",
    ):
        assert line in lines.splitlines()
    assert "RL102 " not in lines


def test_rules_that_are_off_in_the_file_are_shown_as_such() -> None:
    write("tests/test_a.py", "x = 1\n")
    lines = run("check", "--show-settings", "tests").stdout.splitlines()
    assert "# off in this file: RL101 inline-callback" in lines


def test_the_files_that_would_be_checked_are_shown() -> None:
    for name in ("b/x.py", "a.py", "dist/y.py", "z.txt"):
        write(name, "(")
    assert run("check", "--show-files").stdout == "a.py\nb/x.py\n"


def test_a_setting_on_the_command_line() -> None:
    write("a.py")
    assert run("check", "--config", "min-body=99").exit_code == 0
    assert run("check", "--config", "min-body=99", "--config", "min-body=1").exit_code == 1
    result = run("check", "--config", "min-body=")
    assert (result.exit_code, result.stderr[:39]) == (2, "error: --config 'min-body=': not TOML: ")


def test_overrides_hold_where_they_match() -> None:
    write("reloadlint.toml", "[[overrides]]\nfiles = ['old']\nignore = ['RL1']\n")
    write("old/a.py")
    write("new/a.py")
    lines = run("check", "--output-format=concise", "-q").stdout.splitlines()
    assert [line.split(":")[0] for line in lines] == ["new/a.py"]


def test_the_report_does_not_depend_on_the_order_of_sets() -> None:
    names = [f"name_{letter}" for letter in "abcdefghijklmnop"]
    write("limits.py", "".join(f"{name} = 1\n" for name in names))
    reads = "".join(f"    {name}(1, 2)\n" for name in reversed(names))
    write("game.py", f"from limits import *\n\n\ndef play():\n{reads}")
    command = [sys.executable, "-m", "reloadlint", "check", "--select=ALL", "--no-cache"]
    command.append("--output-format=json")
    reports = {
        subprocess.run(
            command,
            capture_output=True,
            check=False,
            env={**ENVIRONMENT, "PYTHONHASHSEED": str(seed)},
        ).stdout
        for seed in range(3)
    }
    (report,) = reports
    assert b"`name_p`, `name_o`, `name_n` and 13 more" in report
