"""`--interactive`: a fix → the user's answer."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from reloadlint.finding import Finding
    from reloadlint.fix import Answer
    from reloadlint.source import SourceFile


class Asker:
    """Shows a fix and asks; after `a` or `q`, the answer for all that is left."""

    def __init__(self) -> None:
        self._rest: Answer | None = None

    def __call__(self, finding: Finding, before: SourceFile, after: SourceFile) -> Answer:
        """What is to be done with the fix of `finding`, which turns `before` into `after`."""
        from reloadlint.fix import Answer
        from reloadlint.report import concise
        from reloadlint.report.model import Report
        from reloadlint.report.patch import painted_patch
        from reloadlint.report.text import Style

        if self._rest is not None:
            return self._rest
        style = Style.of(sys.stdout)
        report = Report((finding,), {before.path: before})
        click.echo(concise.headline(report, finding, style), color=style.colour)
        for line in painted_patch(before, after.text, style):
            click.echo(line, color=style.colour)
        letter = click.prompt(
            "Apply this fix? (y)es, (n)o, (a)ll, (q)uit",
            type=click.Choice([answer.value for answer in Answer]),
            show_choices=False,
        )
        answer = Answer(letter)
        if answer in {Answer.ALL, Answer.QUIT}:
            self._rest = answer
        return answer
