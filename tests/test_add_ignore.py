"""Where comments are put that silence what is found."""

from __future__ import annotations

import pytest

from reloadlint import registry
from reloadlint.add_ignore import add_ignores
from reloadlint.config import Config
from reloadlint.fix import apply_edits
from reloadlint.lint import lint
from reloadlint.source import SourceFile

RULES = [rule for rule in registry.load() if rule.code in {"RL101", "RL102", "RL201"}]
HEAD = "from threading import Timer\n\n\n"


def ignored(text: str, reason: str = "") -> str:
    """The text with its comments, after the check that nothing is found in it any more."""
    source = SourceFile("a.py", text)
    findings = lint(source, RULES, Config()).findings
    assert findings
    edits, left = add_ignores(source, findings, reason)
    assert not left
    result = apply_edits(text, edits)
    assert lint(SourceFile("a.py", result), RULES, Config()).findings == ()
    return result


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "Timer(1, lambda: work(1) + 2)\n",
            "Timer(1, lambda: work(1) + 2)  # reloadlint: ignore[RL101]\n",
        ),
        (
            "Timer(1, lambda: work(1) + 2)  # fmt: skip\n",
            "Timer(1, lambda: work(1) + 2)  # fmt: skip  # reloadlint: ignore[RL101]\n",
        ),
        (
            "Timer(1, lambda: work(1) + 2)  # reloadlint: ignore[RL999] -- once\n",
            "Timer(1, lambda: work(1) + 2)  # reloadlint: ignore[RL999, RL101] -- once\n",
        ),
        (
            "Timer(\n    1,\n    lambda: work(1) + 2,\n)\n",
            "Timer(\n    1,\n    lambda: work(1) + 2,  # reloadlint: ignore[RL101]\n)\n",
        ),
        (
            "Timer(1, \\\n  lambda: work(1) + 2)\n",
            "Timer(1, \\\n  lambda: work(1) + 2)  # reloadlint: ignore[RL101]\n",
        ),
        (
            'Timer(1, lambda: work("""\n""") + 2)\n',
            'Timer(1, lambda: work("""\n""") + 2)  # reloadlint: ignore[RL101]\n',
        ),
        (
            "Timer(1, lambda: work(1) + 2)",
            "Timer(1, lambda: work(1) + 2)  # reloadlint: ignore[RL101]",
        ),
        (
            "Timer(1, lambda: work(1) + 2); Timer(2, lambda: work(2) + 2)\n",
            "Timer(1, lambda: work(1) + 2); Timer(2, lambda: work(2) + 2)"
            "  # reloadlint: ignore[RL101]\n",
        ),
    ],
)
def test_the_comment_goes_to_the_end_of_the_first_line_that_can_take_it(
    before: str, after: str
) -> None:
    assert ignored(HEAD + before) == HEAD + after


def test_a_reason_follows() -> None:
    assert ignored(f"{HEAD}Timer(1, lambda: work(1) + 2)\n", "legacy").endswith(
        "# reloadlint: ignore[RL101] -- legacy\n"
    )


def test_several_rules_share_a_comment() -> None:
    text = (
        f"{HEAD}CACHE = {{}}\n\n\ndef start():\n    CACHE[1] = 2\n"
        "    Timer(1, lambda: CACHE.pop(1) + 2)\n"
    )
    assert ignored(text).endswith("# reloadlint: ignore[RL101, RL201]\n")


@pytest.mark.parametrize("newline", ["\r\n", "\r"])
def test_line_ends_stay(newline: str) -> None:
    text = f"{HEAD}Timer(1, lambda: work(1) + 2)\n".replace("\n", newline)
    assert ignored(text) == text[: -len(newline)] + "  # reloadlint: ignore[RL101]" + newline


def test_what_no_line_can_take_is_given_back() -> None:
    text = 'x = f(1, """\n""", \\\n  lambda: work(1) + 2, """\n"""\\\n)\n'
    source = SourceFile("a.py", HEAD + text)
    (finding,) = lint(
        SourceFile("a.py", f"{HEAD}Timer(1, lambda: work(1) + 2)\n"), RULES, Config()
    ).findings
    from dataclasses import replace

    lost = replace(finding, start=source.position(60), end=source.position(70), statement_line=4)
    assert add_ignores(source, [lost]) == ([], [lost])
