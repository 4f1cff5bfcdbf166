"""The full format, line by line."""

from __future__ import annotations

import textwrap
from dataclasses import replace

import pytest

from reloadlint.errors import SyntaxFailure
from reloadlint.finding import Applicability, Edit, Finding, Fix, Position
from reloadlint.report.full import render
from reloadlint.report.model import Report, syntax_error
from reloadlint.report.text import Style
from reloadlint.source import SourceFile

TEXT = """\
def start(world, log):
    timer = Timer(
        60,
        lambda: save(world, log),
    )
    return timer
"""


def found(
    text: str, start: int, end: int, *, statement: int | None = None, path: str = "app.py"
) -> tuple[Finding, SourceFile]:
    source = SourceFile(path, text)
    finding = Finding(
        path=path,
        code="RL101",
        name="inline-callback",
        message="`Timer` keeps this lambda",
        start=source.position(start),
        end=source.position(end),
        statement_line=statement or source.position(start).line,
    )
    return finding, source


def shown(finding: Finding, source: SourceFile, *, unsafe: bool = False) -> str:
    report = Report((finding,), {source.path: source}, unsafe_fixes=unsafe)
    return "".join(line + "\n" for line in render(report, Style()))


def fix(applicability: Applicability) -> Fix:
    return Fix("hoist the body into `_start_save`", (Edit(0, 0, ""),), applicability)


def at(text: str, part: str, statement: int | None = None) -> tuple[Finding, SourceFile]:
    start = text.index(part)
    return found(text, start, start + len(part), statement=statement)


def test_where_what_and_what_to_do() -> None:
    finding, source = at(TEXT, "lambda: save(world, log)", statement=2)
    assert shown(replace(finding, fix=fix(Applicability.SAFE)), source) == textwrap.dedent(
        """\
        app.py:4:9: RL101 [*] `Timer` keeps this lambda
          |
        2 |     timer = Timer(
        3 |         60,
        4 |         lambda: save(world, log),
          |         ^^^^^^^^^^^^^^^^^^^^^^^^
          |
        help: hoist the body into `_start_save` (fixable with `--fix`)

        """
    )


@pytest.mark.parametrize(
    ("applicability", "unsafe", "mark", "how"),
    [
        (Applicability.SAFE, False, "[*] ", "fixable with `--fix`"),
        (Applicability.UNSAFE, False, "", "fixable with `--fix --unsafe-fixes`"),
        (Applicability.UNSAFE, True, "[*] ", "fixable with `--fix --unsafe-fixes`"),
        (Applicability.DISPLAY, True, "", "to be done by hand"),
    ],
)
def test_how_far_a_fix_may_be_trusted(
    applicability: Applicability, unsafe: bool, mark: str, how: str
) -> None:
    finding, source = at("f(lambda: 1 + x)\n", "lambda: 1 + x")
    lines = shown(replace(finding, fix=fix(applicability)), source, unsafe=unsafe).splitlines()
    assert lines[0] == f"app.py:1:3: RL101 {mark}`Timer` keeps this lambda"
    assert lines[-2] == f"help: hoist the body into `_start_save` ({how})"


def test_why_a_fix_is_unsafe() -> None:
    finding, source = at("f(lambda: 1 + x)\n", "lambda: 1 + x")
    cautious = replace(fix(Applicability.UNSAFE), caution="`jit` compiles it")
    text = shown(replace(finding, fix=cautious), source)
    assert text.splitlines()[-2] == "unsafe: `jit` compiles it"


def test_why_there_is_no_fix() -> None:
    finding, source = at("f(lambda: 1 + x)\n", "lambda: 1 + x")
    text = shown(replace(finding, refusal="the body uses `nonlocal`"), source)
    assert text.splitlines()[-2] == "no fix: the body uses `nonlocal`"


def test_nothing_is_said_where_there_is_nothing_to_say() -> None:
    finding, source = at("f(lambda: 1 + x)\n", "lambda: 1 + x")
    assert shown(finding, source).splitlines()[-2] == "  |"


def test_of_a_long_closure_the_first_lines_are_shown() -> None:
    text = "def start():\n    def callback():\n" + "        work()\n" * 12 + "    on(callback)\n"
    part = text[text.index("def callback") : text.index("    on(")].rstrip()
    finding, source = at(text, part)
    assert shown(finding, source) == textwrap.dedent(
        """\
        app.py:2:5: RL101 `Timer` keeps this lambda
          |
        2 |     def callback():
          |     ^^^^^^^^^^^^^^^
        3 |         work()
        4 |         work()
        ...
          |

        """
    )


def test_no_gap_takes_the_place_of_a_single_line() -> None:
    text = "on(lambda: (\n    1,\n    2,\n    x,\n))\n"
    finding, source = at(text, text[3:-6])
    rows = shown(finding, source).splitlines()[2:-2]
    assert rows[-3:] == ["2 |     1,", "3 |     2,", "4 |     x,"]


def test_numbers_are_aligned() -> None:
    text = "on(\n" + "    1,\n" * 8 + "    lambda: a + b,\n)\n"
    finding, source = at(text, "lambda: a + b", statement=1)
    assert shown(finding, source).splitlines()[1:6] == [
        "   |",
        " 1 | on(",
        "...",
        "10 |     lambda: a + b,",
        "   |     ^^^^^^^^^^^^^",
    ]


@pytest.mark.parametrize(
    ("before", "as_shown"),
    [
        pytest.param("f('日本', ", "f('日本', ", id="wide characters"),
        pytest.param("f('e\u0301', ", "f('e\u0301', ", id="combining characters"),
        pytest.param("\tf('a\t', ", "    f('a    ', ", id="tabs go to the next stop"),
        pytest.param("f('\x1b[31m\x07', ", r"f('\x1b[31m\x07', ", id="terminal escapes"),
        pytest.param("f('\u202e\u200b', ", r"f('\u202e\u200b', ", id="what turns or hides text"),
        pytest.param("f('\U0001f600', ", "f('\U0001f600', ", id="emoji"),
    ],
)
def test_carets_stand_under_what_is_found(before: str, as_shown: str) -> None:
    closure = "lambda: '日' + x"
    finding, source = at(f"{before}{closure})\n", closure)
    line, carets = shown(finding, source).splitlines()[2:4]
    assert line == f"1 | {as_shown}{closure})"
    columns = {"日本": 2, "e\u0301": -1, "\U0001f600": 1}
    extra = sum(more for text, more in columns.items() if text in as_shown)
    assert carets == "  | " + " " * (len(as_shown) + extra) + "^" * (len(closure) + 1)


def test_of_a_long_line_the_part_around_the_finding_is_shown() -> None:
    text = "x = [" + "1, " * 400_000 + "lambda: y + 1, " + "2, " * 1000 + "]\n"
    finding, source = at(text, "lambda: y + 1")
    line, carets = shown(finding, source).splitlines()[2:4]
    assert len(line) < 200
    start = carets.index("^")
    assert line[start : start + carets.count("^")] == "lambda: y + 1"
    assert line.startswith("1 | ...1, 1, ")
    assert line.endswith("...")


def test_control_characters_in_names_and_messages_are_escaped() -> None:
    source = SourceFile("a\x1b]0;b\n\udcff.py", "f(g)\n")
    finding = replace(at("f(g)\n", "g")[0], path=source.path, message="keeps `\x9bJ`")
    assert shown(finding, source).startswith(
        r"a\x1b]0;b\x0a\xff.py:1:3: RL101 keeps `\x9bJ`" + "\n"
    )


@pytest.mark.parametrize(
    ("text", "line", "column", "rows"),
    [
        ("x = (\n", 1, 5, ["1 | x = (", "  |     ^"]),
        ("x = (\n", 2, 1, ["2 |", "  | ^"]),
        ("", 1, 1, ["1 |", "  | ^"]),
        ("x", 7, 90, ["1 | x", "  |  ^"]),
        ("x", 0, 0, ["1 | x", "  | ^"]),
    ],
)
def test_a_syntax_error_may_be_anywhere(text: str, line: int, column: int, rows: list[str]) -> None:
    finding = syntax_error(SyntaxFailure("app.py", line, column, "never closed"))
    lines = shown(finding, SourceFile("app.py", text)).splitlines()
    assert lines[0] == f"app.py:{max(line, 1)}:{max(column, 1)}: syntax-error: never closed"
    assert lines[2:4] == rows


def test_without_the_text_the_finding_is_still_told() -> None:
    finding, _ = at("f(g)\n", "g")
    assert (
        next(render(Report((finding,)), Style())) == "app.py:1:3: RL101 `Timer` keeps this lambda"
    )


def test_colour_changes_nothing_else() -> None:
    import click

    finding, source = at(TEXT, "lambda: save(world, log)", statement=2)
    report = Report((replace(finding, fix=fix(Applicability.SAFE)),), {source.path: source})
    painted = [*render(report, Style(colour=True))]
    assert painted != [*render(report, Style())]
    assert [click.unstyle(line) for line in painted] == [*render(report, Style())]


def test_positions_beyond_the_line_are_shown_at_its_end() -> None:
    finding, source = at("f(g)\n", "g")
    wrong = replace(finding, start=Position(1, 50), end=Position(9, 90))
    assert shown(wrong, source).splitlines()[2:4] == ["1 | f(g)", "  |     ^"]
