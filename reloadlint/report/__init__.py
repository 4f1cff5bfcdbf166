"""What a run found → text.

A format is a module of this package with `render(report, style)`, which yields lines; and, where
counts are worth showing, `render_statistics(report, style)`.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from reloadlint.report.model import Report
    from reloadlint.report.text import Style

FORMATS: Final = (
    *("full", "concise", "grouped", "json", "json-lines", "junit"),
    *("github", "gitlab", "pylint", "rdjson", "azure", "sarif", "html"),
)
# The others are read by programs, which want nothing but the data.
_FOR_PEOPLE: Final = frozenset({"full", "concise", "grouped"})
_WITH_STATISTICS: Final = frozenset({"json", "json-lines"})


def render(report: Report, output_format: str, style: Style) -> Iterator[str]:
    """The findings in one of `FORMATS`, line by line."""
    lines: Iterator[str] = _module(output_format).render(report, style)
    return lines


def render_statistics(report: Report, output_format: str, style: Style) -> Iterator[str]:
    """How many findings of which rule, line by line."""
    name = output_format if output_format in _WITH_STATISTICS else "statistics"
    lines: Iterator[str] = _module(name).render_statistics(report, style)
    return lines


def render_summary(report: Report, output_format: str, style: Style) -> Iterator[str]:
    """The closing lines, where the format has any."""
    if output_format in _FOR_PEOPLE:
        from reloadlint.report.summary import summary

        yield from summary(report, style)


def _module(name: str) -> Any:
    return import_module(f"{__name__}.{name.replace('-', '_')}")
