"""The runtime is to be read in one sitting: a line more is to be worth it."""

from __future__ import annotations

import ast
import tokenize
from pathlib import Path

import reloadlint.runtime

MOST = 2108
TEXTLESS = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENDMARKER,
}


def code_lines(file: Path) -> int:
    """The lines without those that are blank, comments or docstrings."""
    with tokenize.open(file) as lines:
        tokens = [t for t in tokenize.generate_tokens(lines.readline) if t.type not in TEXTLESS]
    code = {line for t in tokens for line in range(t.start[0], t.end[0] + 1)}
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        documented = isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef))
        if documented or isinstance(node, ast.AsyncFunctionDef):
            if ast.get_docstring(node) is not None:
                code -= {*range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1)}
    return len(code)


def test_the_runtime_does_not_grow() -> None:
    folder = Path(reloadlint.runtime.__file__).parent
    sizes = {file.name: code_lines(file) for file in folder.glob("*.py")}
    assert sum(sizes.values()) <= MOST, sizes
    assert max(sizes.values()) <= 300, sizes
