"""Positions, findings and edits → those of the Language Server Protocol.

https://microsoft.github.io/language-server-protocol/specifications/lsp/3.17/specification/
"""

from __future__ import annotations

from lsprotocol import types
from pygls.workspace import PositionCodec

from reloadlint.finding import Confidence, Edit, Finding, Position
from reloadlint.report.model import SYNTAX_ERROR
from reloadlint.source import SourceFile

SOURCE = "reloadlint"


class Converter:
    """Converts for one text: the protocol counts lines from 0, and columns in units of `codec`."""

    def __init__(self, source: SourceFile, codec: PositionCodec) -> None:
        self.source = source
        self._codec = codec

    def position(self, place: Position) -> types.Position:
        """A place in the text; behind its end, the end."""
        line = min(place.line, len(self.source.line_starts))
        before = self.source.line(line)[: place.column - 1]
        return types.Position(line - 1, self._codec.client_num_units(before))

    def range(self, start: Position, end: Position) -> types.Range:
        """From a place up to another."""
        return types.Range(self.position(start), self.position(end))

    def line_of(self, position: types.Position) -> int:
        """The line, counted from 1."""
        return position.line + 1

    def edit(self, edit: Edit) -> types.TextEdit:
        """An edit, with the line ends that the text has."""
        place = self.source.position
        return types.TextEdit(self.range(place(edit.start), place(edit.end)), edit.text)

    def diagnostic(self, finding: Finding) -> types.Diagnostic:
        """A finding, with the steps to what keeps a closure as related information elsewhere."""
        is_comment = finding.fix is not None and finding.fix.on_comments
        return types.Diagnostic(
            range=self.range(finding.start, finding.end),
            message=_message(finding),
            severity=_severity(finding),
            code=finding.code,
            source=SOURCE,
            tags=[types.DiagnosticTag.Unnecessary] if is_comment else None,
        )


def _message(finding: Finding) -> str:
    doubt = f" ({finding.confidence.label})" if finding.confidence < Confidence.CERTAIN else ""
    refusal = f"\nno fix: {finding.refusal}" if finding.refusal else ""
    return f"{finding.message}{doubt}{refusal}"


def _severity(finding: Finding) -> types.DiagnosticSeverity:
    if finding.code == SYNTAX_ERROR:
        return types.DiagnosticSeverity.Error
    if finding.confidence is Confidence.POSSIBLE:
        return types.DiagnosticSeverity.Information
    return types.DiagnosticSeverity.Warning
