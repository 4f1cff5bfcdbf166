"""Which findings a comment silences."""

from __future__ import annotations

import textwrap

import pytest

from reloadlint.finding import Finding, Position
from reloadlint.source import SourceFile
from reloadlint.suppression import Silenced, Suppression, Suppressions


def suppressions(text: str) -> Suppressions:
    return Suppressions.of(SourceFile("a.py", text))


def finding(
    start: int,
    end: int | None = None,
    statement: int | None = None,
    code: str = "RL101",
    name: str = "inline-callback",
) -> Finding:
    return Finding(
        path="a.py",
        code=code,
        name=name,
        message="kept",
        start=Position(start, 1),
        end=Position(end or start, 9),
        statement_line=statement or start,
    )


@pytest.mark.parametrize(
    "comment",
    [
        "# reloadlint: ignore[RL101]",
        "# reloadlint: ignore[inline-callback]",
        "# reloadlint: ignore[RL999, RL101]",
        "# reloadlint: ignore[ RL101 , RL102 ]",
        "# reloadlint: ignore[RL101] -- the timer fires once",
        "# reloadlint: ignore -- the timer fires once",
        "# reloadlint: ignore",
        "#reloadlint:ignore[rl101]",
        "# type: ignore # reloadlint: ignore[RL101]",
        "# reloadlint: ignore[RL101] # type: ignore",
        "# once only  # reloadlint: ignore[RL101]",
        "# reloadlint: ignore[RL102] # reloadlint: ignore[RL101]",
        "# noqa",
        "# NOQA",
        "# noqa: RL101",
        "# noqa:E501,RL101",
        "# noqa: E501 RL101 because",
    ],
)
def test_silences_its_line(comment: str) -> None:
    assert suppressions(f"on(lambda: f(x))  {comment}\n").covers(finding(1))


@pytest.mark.parametrize(
    "comment",
    [
        pytest.param("# reloadlint: ignore[RL102]", id="another rule"),
        pytest.param("# reloadlint: ignore[RL1]", id="not a whole code"),
        pytest.param("# reloadlint: ignore[RL101", id="no closing bracket"),
        pytest.param("# reloadlint: ignore[]", id="no rule"),
        pytest.param("# reloadlint: ignore RL101", id="no brackets: this is no blanket"),
        pytest.param("# reloadlint: ignored[RL101]", id="another word"),
        pytest.param("# noqa: E501", id="another linter's code"),
        pytest.param("# noqa: nothing", id="no code: this is no blanket"),
        pytest.param("# noqa:", id="a colon and no code"),
        pytest.param("# noqarl", id="another word after noqa"),
        pytest.param("# flake8: noqa", id="flake8's file comment"),
    ],
)
def test_leaves_its_line(comment: str) -> None:
    assert not suppressions(f"on(lambda: f(x))  {comment}\n").covers(finding(1))


def test_text_in_a_string_is_no_comment() -> None:
    assert not suppressions("on('# reloadlint: ignore', lambda: f(x))\n").covers(finding(1))


def test_another_line_is_not_silenced() -> None:
    text = "# reloadlint: ignore\non(lambda: f(x))\ny = 1  # reloadlint: ignore\n"
    assert not suppressions(text).covers(finding(2))


MULTI_LINE = textwrap.dedent(
    """\
    register(              # {0}
        "tick",            # {1}
        lambda event: (    # {2}
            work(event),   # {3}
            more(event),   # {4}
        ),                 # {5}
        once=True,         # {6}
    )                      # {7}
    after()                # {8}
    """
)


@pytest.mark.parametrize(
    ("line", "silences"),
    [
        pytest.param(0, True, id="the first line of the statement"),
        pytest.param(1, False, id="another argument"),
        pytest.param(2, True, id="the first line of the closure"),
        pytest.param(3, False, id="inside the closure"),
        pytest.param(4, False, id="inside the closure, further down"),
        pytest.param(5, True, id="the last line of the closure"),
        pytest.param(6, False, id="an argument behind it"),
        pytest.param(7, True, id="the last line of the statement"),
        pytest.param(8, False, id="the next statement"),
    ],
)
def test_where_a_comment_counts(line: int, silences: bool) -> None:
    comments = ["reloadlint: ignore" if i == line else "-" for i in range(9)]
    found = finding(3, end=6, statement=1)
    assert suppressions(MULTI_LINE.format(*comments)).covers(found) is silences


NESTED = textwrap.dedent(
    """\
    @decorate
    def setup():
        def callback(event):  # reloadlint: ignore[RL101]
            on(lambda: 1)
            return event
        with on(
            callback,
        ):  # reloadlint: ignore[RL102]
            pass
    """
)


def test_a_comment_on_a_def_is_not_about_its_body() -> None:
    found = suppressions(NESTED)
    assert found.covers(finding(3, end=5))
    assert not found.covers(finding(4))


def test_the_end_of_the_head_of_a_compound_statement_counts() -> None:
    assert suppressions(NESTED).covers(finding(7, statement=6, code="RL102"))


@pytest.mark.parametrize("line", [1, 3, 90])
def test_ignore_file_silences_the_whole_file(line: int) -> None:
    found = suppressions("x = 1\n# reloadlint: ignore-file[RL101]\n" + "y = 2\n" * 90)
    assert found.covers(finding(line))
    assert not found.covers(finding(line, code="RL202", name="reset-on-reload"))


def test_blanket_ignore_file_silences_all() -> None:
    found = suppressions("# reloadlint: ignore-file -- generated\n")
    assert found.covers(finding(7, code="RL202", name="reset-on-reload"))


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_every_line_end_counts(newline: str) -> None:
    text = newline.join(["x = 1", "on(lambda: 1)  # noqa", "y = 2", ""])
    found = suppressions(text)
    assert [line for line in (1, 2, 3) if found.covers(finding(line))] == [2]


@pytest.mark.parametrize("rest", ["x = (\n", "  y = 1\n z = 2\n", "'''\n", "\x00 $ ?\n"])
def test_what_does_not_tokenize_is_read_as_far_as_it_goes(rest: str) -> None:
    assert suppressions("on(lambda: f(x))  # noqa\n" + rest).covers(finding(1))


def test_comments_are_kept_as_data() -> None:
    text = "é = 1\non(f)  # why # reloadlint: ignore[RL101, b-c] -- it is fine\n# NoQA: RL1\n"
    ours, noqa = suppressions(text).comments
    assert ours == Suppression(
        start=text.index("# reloadlint"),
        end=text.index("\n# NoQA"),
        line=2,
        statement_line=2,
        rules=frozenset({"rl101", "b-c"}),
        reason="it is fine",
    )
    assert (noqa.line, noqa.rules, noqa.is_noqa) == (3, {"rl1"}, True)


def test_tells_which_words_of_a_comment_silence() -> None:
    text = "a()  # reloadlint: ignore[RL102]\nb()  # reloadlint: ignore[RL101, RL102]\n"
    silenced = Silenced([finding(2)])
    assert [silenced.by(comment) for comment in suppressions(text).comments] == [set(), {"rl101"}]


# Blocks


BLOCK = textwrap.dedent(
    """\
    on(a)
    def start():
        # reloadlint: disable[RL101] -- made once
        on(b)
        if x:
            on(c)
        # reloadlint: enable[RL101]
        on(d)
        # reloadlint: disable[RL101]
        on(e)

    on(f)
    """
)


@pytest.mark.parametrize(
    ("line", "silences"), [(1, False), (4, True), (6, True), (8, False), (10, True), (12, False)]
)
def test_a_block_reaches_to_enable_or_to_the_end_of_its_block(line: int, silences: bool) -> None:
    assert suppressions(BLOCK).covers(finding(line)) is silences


def test_a_block_at_top_level_reaches_to_the_end_of_the_file() -> None:
    found = suppressions("on(a)\n# reloadlint: disable[RL101]\ndef f():\n    on(b)\n\non(c)\n")
    assert [found.covers(finding(line)) for line in (1, 4, 6)] == [False, True, True]


def test_enable_ends_only_the_block_with_its_rules() -> None:
    text = (
        "# reloadlint: disable[RL101]\n# reloadlint: disable[RL102]\n"
        "# reloadlint: enable[RL102]\non(a)\n# reloadlint: enable[RL999]\n"
    )
    found = suppressions(text)
    assert found.covers(finding(4))
    assert not found.covers(finding(4, code="RL102"))
    (stray,) = found.stray
    assert text[slice(*stray)] == "# reloadlint: enable[RL999]"


def test_enable_without_rules_ends_all_blocks() -> None:
    text = (
        "# reloadlint: disable[RL101]\n# reloadlint: disable[RL102]\n# reloadlint: enable\non(a)\n"
    )
    found = suppressions(text)
    assert not found.covers(finding(4))
    assert not found.covers(finding(4, code="RL102"))
    assert found.stray == ()
