"""One page to look at: a map of the modules, what they import from each other, and their source.

Everything is in the one file: it loads nothing, and works from the keyboard alone.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from math import cos, pi, sin
from typing import Final, NamedTuple

from reloadlint.finding import Finding
from reloadlint.report.html_page import SCRIPT, STYLE
from reloadlint.report.map import Box, squarified
from reloadlint.report.model import Report
from reloadlint.report.text import Style, visible
from reloadlint.survey import Module

_WIDTH, _HEIGHT = 1000, 560
_RING: Final = 330
# As many names as can be read around a ring; of larger projects the packages are drawn.
_MOST_NODES: Final = 90


class _Entry(NamedTuple):
    """A module with its findings, and the key by which parts of the page refer to it."""

    key: str
    module: Module
    findings: list[Finding]


def render(report: Report, _style: Style) -> Iterator[str]:
    """The page."""
    found: dict[str, list[Finding]] = defaultdict(list)
    for finding in report.findings:
        found[finding.path].append(finding)
    entries = [
        _Entry(f"m{number}", module, found[module.path])
        for number, module in enumerate(report.survey())
    ]
    yield "<!DOCTYPE html>"
    yield '<html lang="en"><head><meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>reloadlint: {len(report.findings)} findings</title>"
    yield f"<style>{STYLE}</style></head><body>"
    yield from _head(report, entries)
    yield from _map(entries)
    yield from _graph(entries)
    yield from _sources(entries)
    yield f"<script>{SCRIPT}</script></body></html>"


def _head(report: Report, entries: Sequence[_Entry]) -> Iterator[str]:
    clean = sum(not entry.findings for entry in entries)
    lines = sum(entry.module.lines for entry in entries)
    closures: Counter[str] = Counter()
    for entry in entries:
        closures.update(entry.module.closures)
    yield "<header><h1>How reload-safe is this code?</h1>"
    yield (
        f"<p>{len(report.findings)} findings in {len(entries)} modules of {lines:,} lines; "
        f"{clean} modules have none. Of the closures, a reload leaves {closures['stale']} stale; "
        f"{closures['fresh']} forward to what it replaces, {closures['consumed']} are not kept."
        "</p>"
    )
    links = [("map", "Map"), ("graph", "Imports"), ("files", "Files")]
    yield "<nav>" + " ".join(f'<a href="#{key}">{name}</a>' for key, name in links) + "</nav>"
    for error in report.errors:
        yield f'<p class="error">{_text(error)}</p>'
    rows = Counter((finding.code, finding.name) for finding in report.findings)
    yield "<table><caption>Findings by rule</caption><tr><th>rule<th>name<th>findings</tr>"
    for (code, name), count in sorted(rows.items(), key=lambda row: -row[1]):
        yield f"<tr><td>{_text(code)}<td>{_text(name)}<td>{count}</tr>"
    yield "</table></header><main>"


# ------------------------------------------------------------------------------------ map


def _map(entries: Sequence[_Entry]) -> Iterator[str]:
    """Packages as areas, modules as boxes in them: as large as they are long."""
    packages: dict[str, list[_Entry]] = defaultdict(list)
    for entry in entries:
        packages[_package(entry.module.name)].append(entry)
    yield '<section id="map"><h2>Map</h2><p>A box is a module, as large as its text; green: '
    yield "nothing is found in it, yellow to red: more and more for its length.</p>"
    yield f'<div class="map" style="aspect-ratio:{_WIDTH}/{_HEIGHT}">'
    sizes = [(name, sum(entry.module.lines for entry in own)) for name, own in packages.items()]
    for name, area in squarified(sizes, Box(0, 0, _WIDTH, _HEIGHT)):
        own = {entry.key: entry for entry in packages[name]}
        yield f'<div class="package" style="{_place(area, Box(0, 0, _WIDTH, _HEIGHT))}">'
        yield f"<span>{_text(name or '(top)')}</span></div>"
        inner = area.shrunk(3, 16)
        lengths = [(key, entry.module.lines) for key, entry in own.items()]
        for key, box in squarified(lengths, inner):
            yield _box(own[key], box)
    yield "</div></section>"


def _box(entry: _Entry, box: Box) -> str:
    module, count = entry.module, len(entry.findings)
    label = f"{module.name}: {count} findings, {module.lines} lines"
    short = module.name.rpartition(".")[2]
    return (
        f'<a class="module h{_heat(entry)}" href="#{entry.key}" title="{_text(label)}" '
        f'aria-label="{_text(label)}" style="{_place(box, Box(0, 0, _WIDTH, _HEIGHT))}">'
        f"{_text(short)}</a>"
    )


def _heat(entry: _Entry) -> int:
    """0: nothing found; 1 to 4 by the number of findings for the length of the module."""
    if not entry.findings:
        return 0
    share = 60 * len(entry.findings) / entry.module.lines
    return 1 + sum(share > limit for limit in (0.5, 1, 2))


def _place(box: Box, whole: Box) -> str:
    return (
        f"left:{100 * box.x / whole.width:.3f}%;top:{100 * box.y / whole.height:.3f}%;"
        f"width:{100 * box.width / whole.width:.3f}%;height:{100 * box.height / whole.height:.3f}%"
    )


def _package(name: str) -> str:
    return name.rpartition(".")[0]


# ---------------------------------------------------------------------------------- graph


def _graph(entries: Sequence[_Entry]) -> Iterator[str]:
    """Modules on a ring, imports as lines: those that bind names of their own stand out."""
    by_package = len(entries) > _MOST_NODES
    keys: dict[str, str] = {}
    for entry in entries:
        node = _package(entry.module.name) if by_package else entry.module.name
        keys.setdefault(node, entry.key)
    edges = _edges(entries, by_package)
    yield '<section id="graph"><h2>Imports</h2><p>Each name stands for a '
    yield f"{'package' if by_package else 'module'}; a line leads to what it imports. A red line "
    yield "binds names of its own, which a reload of the other module leaves as they are.</p>"
    places = _ring(list(keys))
    yield '<svg viewBox="0 0 1000 1000" role="img" aria-label="imports between modules">'
    for (start, end), names in sorted(edges.items()):
        if start in places and end in places:
            (x, y), (to_x, to_y) = places[start][:2], places[end][:2]
            kind = "stale" if names else "plain"
            title = f"{start} → {end}" + (f": {', '.join(sorted(names))}" if names else "")
            yield (
                f'<path class="{kind}" data-from="{keys[start]}" data-to="{keys[end]}" '
                f'd="M{x:.1f} {y:.1f}Q500 500 {to_x:.1f} {to_y:.1f}">'
                f"<title>{_text(title)}</title></path>"
            )
    for node, (x, y, angle) in places.items():
        turned = angle > 90 and angle < 270
        turn = angle + 180 if turned else angle
        anchor = "end" if turned else "start"
        yield (
            f'<a href="#{keys[node]}" data-node="{keys[node]}"><text text-anchor="{anchor}" '
            f'transform="translate({x:.1f} {y:.1f}) rotate({turn:.1f})">'
            f"{_text(node or '(top)')}</text></a>"
        )
    yield "</svg></section>"


def _edges(entries: Sequence[_Entry], by_package: bool) -> dict[tuple[str, str], set[str]]:
    edges: dict[tuple[str, str], set[str]] = defaultdict(set)
    for entry in entries:
        for imported in entry.module.imports:
            start, end = entry.module.name, imported.module
            if by_package:
                start, end = _package(start), _package(end)
            if start != end:
                edges[start, end].update(imported.names)
    return edges


def _ring(nodes: Sequence[str]) -> dict[str, tuple[float, float, float]]:
    """Place and angle in degrees of each node."""
    places = {}
    for number, node in enumerate(sorted(nodes)):
        angle = 2 * pi * number / len(nodes)
        places[node] = (500 + _RING * cos(angle), 500 + _RING * sin(angle), 180 * angle / pi)
    return places


# ---------------------------------------------------------------------------------- files


def _sources(entries: Sequence[_Entry]) -> Iterator[str]:
    """Each file with what is found in it; those with most findings first."""
    yield '<section id="files"><h2>Files</h2>'
    yield '<p><label>Show only names with <input id="filter" type="search"></label></p>'
    for entry in sorted(entries, key=lambda entry: -len(entry.findings)):
        module, count = entry.module, len(entry.findings)
        yield f'<details id="{entry.key}"><summary><b>{_text(module.path)}</b> '
        yield f'<span class="h{_heat(entry)}">{count} findings</span> '
        yield f"{module.lines} lines</summary>"
        yield from _bindings(module)
        yield "<pre>"
        yield from _annotated(module, entry.findings)
        yield "</pre></details>"
    yield "</section></main>"


def _bindings(module: Module) -> Iterator[str]:
    stale = [imported for imported in module.imports if imported.names]
    if stale:
        yield "<p>Names that a reload of the other module leaves as they are:</p><ul>"
        for imported in stale:
            names = ", ".join(imported.names)
            yield f"<li>line {imported.line}: {_text(names)} of {_text(imported.module)}"
        yield "</ul>"


def _annotated(module: Module, findings: Iterable[Finding]) -> Iterator[str]:
    notes: dict[int, list[Finding]] = defaultdict(list)
    for finding in findings:
        notes[finding.start.line if finding.cell is None else 1].append(finding)
    for number, line in enumerate(module.text.split("\n"), 1):
        mark = ' class="found"' if number in notes else ""
        yield f"<span{mark}><i>{number:>5}</i> {_text(line)}</span>"
        for finding in notes.get(number, ()):
            cell = f"cell {finding.cell}: " if finding.cell is not None else ""
            advice = finding.fix.title if finding.fix else finding.refusal
            note = f"{cell}{finding.code} {finding.told}" + (f" ({advice})" if advice else "")
            yield f'<span class="note">      {_text(note)}</span>'


def _text(text: str) -> str:
    return escape(visible(text))
