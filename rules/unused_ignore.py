"""RL001: a suppression comment that silences nothing."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from reloadlint.finding import Finding, Fix
from reloadlint.rewrite.comments import remove_comment, remove_words
from reloadlint.rule import Example, Review, Rule
from reloadlint.suppression import Silenced, Suppression


class UnusedIgnore(Rule):
    """A suppression comment silences nothing.

    What it does
    ------------
    Flags `# reloadlint: ignore[...]`, `ignore-file[...]`, `disable[...]` and `# noqa: RL...`
    comments, or words in them, for which there is no finding, and `enable` comments that end
    nothing. Rules that are off in this run are not judged, and neither is a blanket `# noqa`, which
    may be meant for another linter.

    Why it goes stale
    -----------------
    The hazard has gone, or has moved to another line; the comment has stayed. It tells readers of a
    hazard that is not there, and will hide the next one that somebody writes on that line.

    Use instead
    -----------
    Nothing: remove the comment.

    Fix safety
    ----------
    The fix is safe: it removes the comment, or the words that silence nothing, and leaves all
    other comments on the line as they are.

    When to suppress
    ----------------
    Where a finding comes and goes, for instance with the version of Python: add `RL001` to the
    list.
    """

    code = "RL001"
    name = "unused-ignore"
    fixable = "removal"
    on_comments = True
    examples = (
        Example(
            before="""\
def by_name(rows):
    return sorted(rows, key=lambda row: row.name.lower())  # reloadlint: ignore[RL101]
""",
            after="""\
def by_name(rows):
    return sorted(rows, key=lambda row: row.name.lower())
""",
        ),
        Example(
            before="""\
def start(bus, log):
    # reloadlint: disable[RL101, RL102] -- made once, at start-up
    bus.subscribe(lambda event: log.info(event.name + event.text))
    # reloadlint: enable[RL101, RL102]
""",
            after="""\
def start(bus, log):
    # reloadlint: disable[RL101] -- made once, at start-up
    bus.subscribe(lambda event: log.info(event.name + event.text))
    # reloadlint: enable[RL101]
""",
        ),
    )
    leaves = (
        "def start(bus, log):\n"
        "    bus.subscribe(lambda e: log.info(e.name + e.text))  # reloadlint: ignore[RL101]\n",
        "x = 1  # noqa\n",
        "x = 1  # noqa: E501\n",
        "x = 1  # reloadlint: ignore[XY101] -- a rule of a pack that is not installed here\n",
    )

    @classmethod
    def screen(cls, facts: object) -> Iterable[ast.AST]:
        """Nothing: comments are reviewed when the walk is over."""
        return ()

    @classmethod
    def review(cls, review: Review) -> Iterator[Finding]:
        """The comments, and the words in comments, that silence nothing."""
        source, silenced = review.source, Silenced(review.findings)
        judged = {
            word
            for rule in review.rules
            if not rule.on_comments
            for word in (rule.code.lower(), rule.name)
        }
        for comment in review.comments.comments:
            used = silenced.by(comment)
            unused = (comment.rules or frozenset()) & judged - used
            if _is_unused(comment, unused, bool(used)):
                fix = remove_comment(source, comment.start, comment.end)
                yield cls._finding(review, comment.start, comment.end, "this comment", fix)
            elif unused:
                fix = remove_words(source, comment, unused)
                named = ", ".join(f"`{word.upper()}`" for word in sorted(unused))
                yield cls._finding(review, comment.start, comment.end, named, fix)
        for start, end in review.comments.stray:
            fix = remove_comment(source, start, end)
            yield cls._finding(review, start, end, "this comment", fix, "ends")

    @classmethod
    def _finding(
        cls, review: Review, start: int, end: int, what: str, fix: Fix, verb: str = "silences"
    ) -> Finding:
        place = review.source.position(start)
        return Finding(
            path=review.source.path,
            code=cls.code,
            name=cls.name,
            message=f"{what} {verb} nothing, and would hide the next hazard that comes here"
            if verb == "silences"
            else f"{what} {verb} nothing: no `disable` with these rules is open here",
            start=place,
            end=review.source.position(end),
            statement_line=place.line,
            fix=fix,
        )


def _is_unused(comment: Suppression, unused: frozenset[str], silences: bool) -> bool:
    if comment.rules is not None:
        return unused == comment.rules
    return not comment.is_noqa and not silences
