"""RL001: which comments silence nothing, and what is left when they are gone."""

from __future__ import annotations

import pytest

from reloadlint import registry
from reloadlint.config import Config
from reloadlint.fix import fix
from reloadlint.lint import lint
from reloadlint.source import SourceFile

RULES = registry.load()
KEPT = "t = Timer(1, lambda: work(1) + 2)"  # RL101, RL102
HEAD = "from threading import Timer\n\n\n"


def findings(text: str, *codes: str) -> list[str]:
    rules = [rule for rule in RULES if not codes or rule.code in codes]
    result = lint(SourceFile("a.py", text), rules, Config())
    return [finding.message for finding in result.findings if finding.code == "RL001"]


def fixed(text: str) -> str:
    rules = [rule for rule in RULES if rule.code in {"RL001", "RL101", "RL202"}]
    result = fix(SourceFile("a.py", text), rules, Config())
    assert not result.dropped
    assert result.converged
    return result.text


@pytest.mark.parametrize(
    ("line", "left"),
    [
        ("x = 1  # reloadlint: ignore[RL101]", "x = 1"),
        ("x = 1  # reloadlint: ignore[inline-callback] -- once", "x = 1"),
        ("x = 1  # reloadlint: ignore", "x = 1"),
        ("x = 1  # noqa: RL101", "x = 1"),
        ("x = 1  # noqa: E501, RL101", "x = 1  # noqa: E501"),
        ("x = 1  # noqa:RL101,E501", "x = 1  # noqa:E501"),
        ("x = 1  # type: ignore  # reloadlint: ignore[RL101]", "x = 1  # type: ignore"),
        ("x = 1  # reloadlint: ignore[RL101]  # type: ignore", "x = 1  # type: ignore"),
        ("x = 1  # why  # reloadlint: ignore[RL101]", "x = 1  # why"),
        ("x = 1  # reloadlint: ignore[RL101, XY123]", "x = 1  # reloadlint: ignore[XY123]"),
        ("x = '#'  # reloadlint: ignore[RL101]", "x = '#'"),
    ],
)
def test_what_silences_nothing_is_removed(line: str, left: str) -> None:
    assert fixed(f"{line}\ny = 2\n") == f"{left}\ny = 2\n"


def test_a_comment_on_a_line_of_its_own_goes_with_the_line() -> None:
    assert fixed("x = 1\n# reloadlint: ignore-file[RL101]\ny = 2\n") == "x = 1\ny = 2\n"


@pytest.mark.parametrize(
    "comment",
    [
        "# reloadlint: ignore[RL101]",
        "# reloadlint: ignore -- once",
        "# noqa: RL101",
        "# noqa",
        "# reloadlint: ignore[RL101, RL001]",
        "# reloadlint: ignore[XY123, RL101]",
    ],
)
def test_what_silences_something_stays(comment: str) -> None:
    text = f"{HEAD}{KEPT}  {comment}\n"
    assert findings(text) == []
    assert fixed(text) == text


def test_a_word_of_a_list_that_silences_nothing_is_removed() -> None:
    text = f"{HEAD}{KEPT}  # reloadlint: ignore[RL202, RL101] -- once\n"
    assert findings(text) == [
        "`RL202` silences nothing, and would hide the next hazard that comes here"
    ]
    assert fixed(text) == text.replace("RL202, ", "")


def test_rules_that_are_off_are_not_judged() -> None:
    assert findings("x = 1  # reloadlint: ignore[RL101]\n", "RL001", "RL202") == []
    assert findings("x = 1  # reloadlint: ignore[RL101]\n", "RL001", "RL101") != []


def test_the_comment_goes_with_the_hazard() -> None:
    """Both in one run: the fix of the hazard that another comment silences is not made."""
    text = f"{HEAD}{KEPT}  # reloadlint: ignore[RL202]\n"
    assert "# reloadlint" not in fixed(text)


def test_an_unused_block_is_removed_with_both_ends() -> None:
    text = "# reloadlint: disable[RL101]\nx = 1\n# reloadlint: enable[RL101]\n"
    assert fixed(text) == "x = 1\n"


def test_a_block_loses_a_word_at_both_ends() -> None:
    text = (
        f"# reloadlint: disable[RL202, RL101]\n{HEAD}{KEPT}\n# reloadlint: enable[RL202, RL101]\n"
    )
    assert fixed(text) == text.replace("RL202, ", "")


def test_the_end_of_all_blocks_names_none() -> None:
    text = f"# reloadlint: disable[RL202, RL101]\n{HEAD}{KEPT}\n# reloadlint: enable\n"
    assert fixed(text) == text.replace("RL202, ", "")


@pytest.mark.parametrize("reason", ["as of [RL202, RL101]", "see: RL202, RL101"])
def test_a_reason_keeps_its_words(reason: str) -> None:
    text = f"# reloadlint: disable[RL202, RL101]\n{HEAD}{KEPT}\n# reloadlint: enable -- {reason}\n"
    assert fixed(text) == text.replace("[RL202, ", "[", 1)


def test_an_empty_list_is_no_blanket() -> None:
    assert len(findings(f"{HEAD}{KEPT}  # reloadlint: ignore[,]\n")) == 1


def test_enable_without_disable_is_told() -> None:
    (message,) = findings("x = 1\n# reloadlint: enable[RL101]\n")
    assert message == "this comment ends nothing: no `disable` with these rules is open here"


def test_nothing_is_judged_where_a_statement_could_not_be_checked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def crash(*_: object) -> None:
        raise ValueError

    (rule,) = (rule for rule in RULES if rule.code == "RL101")
    monkeypatch.setattr(rule, "visit_Lambda", crash)
    assert findings(f"{HEAD}{KEPT}  # reloadlint: ignore[RL101]\n") == []


def test_the_same_comment_twice_is_removed_twice_at_once() -> None:
    assert fixed("# reloadlint: ignore-file[RL101]\n" * 2) == ""
    assert fixed("# noqa: RL101  # noqa: RL101\n" * 2) == ""


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_line_ends_are_kept(newline: str) -> None:
    text = newline.join(["x = 1  # reloadlint: ignore[RL101]", "# é", "y = 2", ""])
    assert fixed(text) == text.replace("  # reloadlint: ignore[RL101]", "")
