"""RL002: a suppression comment without a list of rules."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from reloadlint.finding import Finding
from reloadlint.rule import Example, Review, Rule


class BlanketIgnore(Rule):
    """A suppression comment names no rules.

    What it does
    ------------
    Flags `# reloadlint: ignore`, `ignore-file` and `disable` without a list of rules. It is off
    unless selected, and knows nothing of `# noqa`, which is not only ours.

    Why it goes stale
    -----------------
    Such a comment was written for one hazard and silences every other one, those included that
    somebody adds to the line later, and those of rules that do not exist yet.

    Use instead
    -----------
    Name the rules, and say why: `# reloadlint: ignore[RL101] -- the timer fires once`.

    Fix safety
    ----------
    There is no fix: which hazards are accepted is for people to say.

    When to suppress
    ----------------
    In generated files, whose `# reloadlint: ignore-file` nobody wants to keep up to date.
    """

    code = "RL002"
    name = "blanket-ignore"
    default = False
    on_comments = True
    examples = (Example(before="# reloadlint: ignore-file\n"),)
    leaves = (
        "# reloadlint: ignore-file[RL101]\n",
        "x = 1  # noqa\n",
        "# reloadlint: disable[RL101]\nx = 1\n# reloadlint: enable\n",
    )

    @classmethod
    def screen(cls, facts: object) -> Iterable[ast.AST]:
        """Nothing: comments are reviewed when the walk is over."""
        return ()

    @classmethod
    def review(cls, review: Review) -> Iterator[Finding]:
        """The comments that name no rules."""
        for comment in review.comments.comments:
            if comment.rules is None and not comment.is_noqa:
                place = review.source.position(comment.start)
                yield Finding(
                    path=review.source.path,
                    code=cls.code,
                    name=cls.name,
                    message=f"this `{comment.reach.value}` silences hazards that nobody has seen "
                    "yet: name the rules that it is about",
                    start=place,
                    end=review.source.position(comment.end),
                    statement_line=place.line,
                )
