"""Jupyter notebooks ↔ one Python text, in which each code cell stands behind a line of its own.

What is no Python for CPython (magics, shell commands, requests for help) is masked by a comment
while the text is checked. Only the source of cells that have changed is written anew; all other
bytes of the file, outputs and metadata among them, stay as they are.
"""

from __future__ import annotations

import ast
import json
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import NamedTuple

from reloadlint.errors import SourceError
from reloadlint.finding import Edit, Finding, Position
from reloadlint.source import SourceFile

SUFFIX = ".ipynb"
_SPACE = re.compile(r"[ \t\r\n]*")
_PLAIN = re.compile(r"[^\s,\]}]+")  # numbers, true, false, null
# A statement: a comment would go along with the one below it.
_HEAD = re.compile(r'^"%% reloadlint cell (\d+)"$', re.MULTILINE)
_MASK = re.compile(r"None  #%% reloadlint magic (\d+)")
_MAGIC = re.compile(
    r"^([ \t]*(?:[\w.,\[\] \t]+=[ \t]*)?)([%!].*|\?+[\w.*%]+.*|[\w.*%]+\?{1,2}[ \t]*)$"
)
_FUTURE = re.compile(r"^from __future__ import .*$", re.MULTILINE)
# After these cell magics comes Python.
_PYTHON_MAGICS = ("%%capture", "%%prun", "%%time", "%%timeit")


class Cell(NamedTuple):
    """A code cell: its number among all cells, from 1, and where its source stands in the JSON."""

    number: int
    start: int
    end: int
    source: str


@dataclass(frozen=True)
class NotebookSource(SourceFile):
    """The text of all code cells; `cells` and `magics` lead back to the file's text, `json`."""

    json: str = field(default="", repr=False)
    cells: tuple[Cell, ...] = field(default=(), repr=False)
    magics: tuple[str, ...] = field(default=(), repr=False)

    def in_cell(self, finding: Finding) -> tuple[Finding, SourceFile]:
        """The finding with places that count from the start of its cell, and the cell's text.

        The edits of a fix that touches other cells as well are left out.
        """
        cell, head = self._cell_at(finding.start.line)
        text = _split(self.text)[cell]
        start = self.line_starts[head]
        fix = finding.fix
        if fix is not None:
            is_inside = all(start <= e.start and e.end <= start + len(text) for e in fix.edits)
            edits = tuple(Edit(e.start - start, e.end - start, e.text) for e in fix.edits)
            fix = replace(fix, edits=edits if is_inside else ())
        moved = replace(
            finding,
            cell=cell,
            start=Position(finding.start.line - head, finding.start.column),
            end=Position(finding.end.line - head, finding.end.column),
            statement_line=finding.statement_line - head,
            fix=fix,
        )
        return moved, SourceFile(self.path, text)

    def _cell_at(self, line: int) -> tuple[int, int]:
        """The number of the cell that `line` is in, and the line above its first one."""
        heads = [head for head in self._heads if head[1] <= line]
        return heads[-1] if heads else self._heads[0]

    @cached_property
    def _heads(self) -> list[tuple[int, int]]:
        found = _HEAD.finditer(self.text)
        return [(int(head[1]), self.position(head.start()).line) for head in found]

    def file_text(self, text: str) -> str:
        """The notebook with the cells as they are in `text`."""
        sources = _split(text)
        for cell in self.cells:
            if not cell.source.startswith("\n"):
                # What a fix keeps as the distance to the cell above has no use in the file.
                sources[cell.number] = sources[cell.number].lstrip("\n")
        changed = [c for c in self.cells if self._unmasked(sources[c.number]) != c.source]
        new = self.json
        for cell in reversed(changed):
            value = _as_json(self._unmasked(sources[cell.number]), self.json[cell.start : cell.end])
            new = new[: cell.start] + value + new[cell.end :]
        return new

    def _unmasked(self, text: str) -> str:
        return _MASK.sub(lambda match: self.magics[int(match[1])], text)


def parse(path: str, raw: bytes) -> NotebookSource:
    """The notebook in `raw`; SourceError for what is none, or is of another language."""
    bom = raw.startswith(b"\xef\xbb\xbf")
    try:
        text = raw.decode("utf-8-sig")
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SourceError(path, f"not a notebook: {str(error).splitlines()[0]}") from None
    if not isinstance(data, dict) or not isinstance(data.get("cells"), list):
        raise SourceError(path, "not a notebook of version 4")
    for number, cell in enumerate(data["cells"], 1):
        if not _is_sound(cell):
            raise SourceError(path, f"not a notebook: cell {number} has no source")
    if not _is_python(data):
        return NotebookSource(path, "", bom=bom, raw=raw, json=text)
    cells = tuple(_code_cells(text))
    magics: list[str] = []
    parts = [
        f'"%% reloadlint cell {cell.number}"\n{_masked(cell.source, magics)}\n' for cell in cells
    ]
    return NotebookSource(
        path, "".join(parts), bom=bom, raw=raw, json=text, cells=cells, magics=tuple(magics)
    )


def _is_sound(cell: object) -> bool:
    if not isinstance(cell, dict) or not isinstance(cell.get("cell_type"), str):
        return False
    source = cell.get("source")
    lines = source if isinstance(source, list) else [source]
    return all(isinstance(line, str) for line in lines)


def _is_python(data: dict[str, object]) -> bool:
    metadata = data.get("metadata")
    language = metadata.get("language_info") if isinstance(metadata, dict) else None
    name = language.get("name") if isinstance(language, dict) else None
    return name in {None, "python", "ipython"}


def _split(text: str) -> dict[int, str]:
    """The cells of a text by their numbers, without the line end that separates them."""
    heads = list(_HEAD.finditer(text))
    ends = [*(head.start() for head in heads), len(text)][1:]
    return {
        int(head[1]): text[head.end() + 1 : end].removesuffix("\n")
        for head, end in zip(heads, ends, strict=True)
    }


# ----------------------------------------------------------------------------------- JSON


def _code_cells(text: str) -> Iterator[Cell]:
    """The code cells, with the places of their sources in the JSON `text`, which is sound."""
    for key, cells in _members(text, _skip(text, 0)):
        if key != "cells":
            continue
        for number, place in enumerate(_items(text, cells), 1):
            members = dict(_members(text, place))
            if scanstring(text, members["cell_type"] + 1)[0] != "code":
                continue
            start = members["source"]
            end = _end(text, start)
            value = json.loads(text[start:end])
            source = value if isinstance(value, str) else "".join(value)
            yield Cell(number, start, end, source)


def _members(text: str, place: int) -> Iterator[tuple[str, int]]:
    """The keys of the object at `place`, and where their values start."""
    place = _skip(text, place + 1)
    while text[place] == '"':
        key, place = scanstring(text, place + 1)
        place = _skip(text, _skip(text, place) + 1)  # over the colon
        yield key, place
        place = _skip(text, _end(text, place))
        if text[place] == ",":
            place = _skip(text, place + 1)


def _items(text: str, place: int) -> Iterator[int]:
    """Where the items of the list at `place` start."""
    place = _skip(text, place + 1)
    while text[place] != "]":
        yield place
        place = _skip(text, _end(text, place))
        if text[place] == ",":
            place = _skip(text, place + 1)


def _end(text: str, place: int) -> int:
    """Behind the value at `place`."""
    depth = 0
    while True:
        if text[place] == '"':
            place = scanstring(text, place + 1)[1]
        elif text[place] in "[{":
            depth += 1
            place += 1
        elif text[place] in "]}":
            depth -= 1
            place += 1
        elif text[place] in ",:":
            place += 1
        else:
            plain = _PLAIN.match(text, place)
            assert plain is not None
            place = plain.end()
        if not depth:
            return place
        place = _skip(text, place)


def _skip(text: str, place: int) -> int:
    space = _SPACE.match(text, place)
    assert space is not None
    return space.end()


def _as_json(source: str, old: str) -> str:
    """The source as JSON, in the form and with the spaces of the `old` value."""
    is_ascii = old.isascii() and not source.isascii() and "\\u" in old
    if not old.startswith("["):
        return json.dumps(source, ensure_ascii=is_ascii)
    opening = _SPACE.match(old, 1)
    closing = re.search(r"[ \t\r\n]*\]$", old)
    assert opening is not None
    assert closing is not None
    lines = re.findall(r".*\n|.+$", source)
    between = f",{opening[0] or ' '}"
    written = between.join(json.dumps(line, ensure_ascii=is_ascii) for line in lines)
    return f"[{opening[0]}{written}{closing[0]}" if lines else "[]"


# ----------------------------------------------------------------------------------- magics


def _masked(source: str, magics: list[str]) -> str:
    """The source with all that is no Python masked; what was there goes into `magics`."""
    # In a notebook each cell may start with such a line, in one text only the first.
    source = _FUTURE.sub(lambda match: _mask(match[0], magics), source)
    if _parses(source):
        return source
    lines = source.split("\n")
    head = next((n for n, line in enumerate(lines) if line.strip()), 0)
    if lines[head].startswith("%%") and not lines[head].startswith(_PYTHON_MAGICS):
        return _mask(source, magics)
    masked: list[str] = []
    is_continued = False
    for line in lines:
        match = _MAGIC.match(line)
        if is_continued:
            masked.append(_mask(line, magics))
        elif match is not None:
            masked.append(match[1] + _mask(match[2], magics))
        else:
            masked.append(line)
        is_continued = (is_continued or match is not None) and line.endswith("\\")
    return "\n".join(masked)


def _mask(text: str, magics: list[str]) -> str:
    magics.append(text)
    return f"None  #%% reloadlint magic {len(magics) - 1}"


def _parses(source: str) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True
