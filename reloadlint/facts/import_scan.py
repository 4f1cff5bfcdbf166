"""What a text imports, line by line and without parsing it: cheap enough for all files at once.

Where the lines do not tell, an import counts as run when the file is imported.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_HEADER = (
    r"(?P<header>(?:async[ \t]+)?(?:def|class|if|elif|else|try|except|finally|with|for|while))"
)
_NAMES = r"\((?:[^()#]|#[^\n]*)*\)|(?:\\\r?\n|[^\n\\])*"
_LINE = re.compile(
    rf"^(?P<indent>[ \t]*)(?:{_HEADER}\b(?P<rest>[^\n]*)"
    rf"|from\b[ \t]*(?P<module>\.*[ \t]*[\w.]*?)[ \t]*\bimport\b[ \t]*(?P<names>{_NAMES})"
    rf"|import[ \t]+(?P<modules>{_NAMES}))",
    re.MULTILINE,
)
_TYPING = re.compile(r"[ \t]*(?:\w+\.)*TYPE_CHECKING[ \t]*:")
_COMMENT = re.compile(r"#[^\n]*")
_BEHIND_COLON = re.compile(r":[ \t]*((?:from|import)\b[^\n]*)")


@dataclass(frozen=True)
class ScannedImport:
    """One module that a line imports.

    `module` has leading dots where it is relative. `names` are the (name, name bound here) that a
    `from … import` takes; empty for `import module`, which binds `bound`. `is_deferred`: it stands
    in a function. `is_typing`: only type checkers see it.
    """

    module: str
    names: tuple[tuple[str, str], ...]
    bound: str
    is_deferred: bool
    is_typing: bool
    line: int


def scan_imports(text: str) -> tuple[ScannedImport, ...]:
    """The imports of a text, in its order."""
    return tuple(_scan(text)) if "import" in text else ()


def _scan(text: str) -> Iterator[ScannedImport]:
    blocks: list[tuple[int, str]] = []  # indentation and kind of the lines that open a block
    line, counted = 1, 0
    for match in _LINE.finditer(text):
        indent = len(match["indent"].expandtabs())
        while blocks and blocks[-1][0] >= indent:
            blocks.pop()
        if match["header"] is not None:
            blocks.append((indent, _kind(match)))
            inline = _BEHIND_COLON.search(match["rest"])
            if inline is None:
                continue
        line += text.count("\n", counted, match.start())
        counted = match.start()
        kinds = {kind for _, kind in blocks}
        where = ("def" in kinds, "typing" in kinds, line)
        if match["header"] is not None:
            yield from _statements(match["rest"][inline.start(1) :], where)  # type: ignore[union-attr]
        else:
            yield from _statements(match.group().lstrip(), where)


def _kind(header: re.Match[str]) -> str:
    if header["header"].endswith("def"):
        return "def"
    return "typing" if header["header"] == "if" and _TYPING.match(header["rest"]) else ""


def _statements(text: str, where: tuple[bool, bool, int]) -> Iterator[ScannedImport]:
    """The imports of one logical line, which semicolons may divide."""
    for statement in _COMMENT.sub("", text).split(";"):
        match = _LINE.match(statement.strip())
        if match is None:
            continue
        if match["module"] is not None:
            names = tuple(_aliases(match["names"]))
            yield ScannedImport("".join(match["module"].split()), names, "", *where)
        elif match["modules"] is not None:
            for module, bound in _aliases(match["modules"]):
                is_plain = module == bound
                yield ScannedImport(
                    module, (), module.partition(".")[0] if is_plain else bound, *where
                )


def _aliases(text: str) -> Iterator[tuple[str, str]]:
    for part in text.replace("\\", " ").strip(" \t()").split(","):
        words = part.split()
        if len(words) == 1 or (len(words) == 3 and words[1] == "as"):
            yield words[0], words[-1]
