"""Mutants: the files of the project, each time with one change; and why some changes do nothing.

Whoever looks at a mutant that no test kills, and finds that it makes no difference, says why in
`bench/mutants.toml`:

    [[mutant]]
    at = "rewrite.hoist._place"                 # module and function
    was = 'if not chunk.index:'                 # its lines in the file, put into one
    now = 'if chunk.index:'                     # the same lines with the change
    why = "the first statement has none above"

An entry holds for the mutants that it describes, wherever their lines have gone meanwhile.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reloadlint.toml import load_toml

ROOT = Path(__file__).parents[1]
EXPLAINED = ROOT / "bench" / "mutants.toml"

_OPERATORS: dict[type[ast.AST], Any] = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Lt: ast.LtE, ast.LtE: ast.Lt,
    ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.And: ast.Or, ast.Or: ast.And,
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.BitOr: ast.BitAnd, ast.BitAnd: ast.BitOr,
}  # fmt: skip


@dataclass(frozen=True, order=True)
class Change:
    """What tells a mutant from others, whatever is done to the rest of the file."""

    at: str
    was: str
    now: str

    def __str__(self) -> str:
        """An entry of `bench/mutants.toml` in which the reason is left to write."""
        was, now = _quoted(self.was), _quoted(self.now)
        return f'[[mutant]]\nat = "{self.at}"\nwas = {was}\nnow = {now}\nwhy = ""\n'


@dataclass(frozen=True)
class Mutant:
    """A change by its number among those of all files, and where it is."""

    number: int
    file: str
    line: int
    change: Change

    @property
    def function(self) -> str:
        """The name of the innermost function or class around it."""
        return self.change.at.rpartition(".")[2]

    @property
    def module(self) -> str:
        """What it changes, in `reloadlint`: `rewrite.hoist`."""
        return _module(self.file)


def _quoted(text: str) -> str:
    return f"'{text}'" if "'" not in text else f"'''{text}'''"


def explained() -> dict[Change, str]:
    """Why the mutants that no test can kill make no difference."""
    entries: list[dict[str, Any]] = load_toml(EXPLAINED).get("mutant", [])
    return {Change(each["at"], each["was"], each["now"]): each["why"] for each in entries}


def unfit(changes: Collection[Change], mutants: Collection[Mutant]) -> list[Change]:
    """The changes, of files that the mutants are of, that fit none of them."""
    known = {mutant.change for mutant in mutants}
    modules = {f"{mutant.module}." for mutant in mutants}
    others = (change for change in changes if change not in known)
    return sorted(change for change in others if change.at.startswith(tuple(modules)))


def _module(file: str) -> str:
    return file.removeprefix("reloadlint/").removesuffix(".py").replace("/", ".")


class Changer(ast.NodeTransformer):
    """Puts all mutants of a file into its tree: `a if f(7) else b`, where 7 is the change to `a`.

    So a file is imported once, and which mutant is alive is decided later.
    """

    def __init__(self, file: str, text: str, first: int, switch: str) -> None:
        self.mutants: list[Mutant] = []
        self._file, self._raw, self._first, self._switch = file, text.encode(), first, switch
        self._starts = [0]
        for line in self._raw.splitlines(keepends=True):
            self._starts.append(self._starts[-1] + len(line))
        self._around = [_module(file)]

    def generic_visit(self, node: ast.AST) -> ast.AST:
        """Change what stands in `node`, then `node` itself."""
        old = copy.deepcopy(node) if isinstance(node, _CHANGED) else None
        name = node.name if isinstance(node, _NAMED) else ""
        self._around += [name] if name else []
        super().generic_visit(node)
        if name:
            self._around.pop()
        if old is None or not isinstance(node, ast.expr):
            return node
        for new in _changed(old):
            number = self._first + len(self.mutants)
            self.mutants.append(Mutant(number, self._file, old.lineno, self._change(old, new)))
            is_alive = ast.Call(ast.Name(self._switch, ast.Load()), [ast.Constant(number)], [])
            node = ast.IfExp(is_alive, new, node)
        return node

    def visit_arg(self, node: ast.arg) -> ast.arg:
        """Nobody evaluates annotations."""
        return node

    def visit_keyword(self, node: ast.keyword) -> ast.AST:
        """What `zip(…, strict=True)` says is so."""
        return node if node.arg == "strict" else self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        """Nobody evaluates annotations."""
        if node.value is not None:
            node.value = self.visit(node.value)
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        """Nobody evaluates annotations."""
        returns, node.returns = node.returns, None
        self.generic_visit(node)
        node.returns = returns
        return node

    def visit_MatchValue(self, node: ast.MatchValue) -> ast.MatchValue:
        """A pattern can be no condition."""
        return node

    def _change(self, old: ast.expr, new: ast.expr) -> Change:
        assert old.end_lineno is not None
        assert old.end_col_offset is not None
        first, last = self._starts[old.lineno - 1], self._starts[old.end_lineno]
        start = first + old.col_offset
        end = self._starts[old.end_lineno - 1] + old.end_col_offset
        text = ast.unparse(new).encode()
        was = self._raw[first:last]
        now = self._raw[first:start] + b"(" + text + b")" + self._raw[end:last]
        return Change(".".join(self._around), _as_one_line(was), _as_one_line(now))


def with_mutants(file: str, text: str, first: int, switch: str) -> tuple[str, list[Mutant]]:
    """The text of a file with all its mutants, numbered from `first`, and the list of them.

    `switch` is the module whose function `is_alive` says whether the mutant of a number is.
    """
    name = "__is_alive__"
    changer = Changer(file, text, first, name)
    tree = changer.visit(ast.parse(text))
    imported = ast.ImportFrom(switch, [ast.alias("is_alive", name)], 0)
    future = [s for s in tree.body if isinstance(s, ast.ImportFrom) and s.module == "__future__"]
    behind = tree.body.index(future[-1]) + 1 if future else 1  # else behind the docstring
    tree.body.insert(behind, imported)
    return ast.unparse(ast.fix_missing_locations(tree)), changer.mutants


def _as_one_line(raw: bytes) -> str:
    return " ".join(raw.decode().split())


_NAMED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_CHANGED = (ast.Compare, ast.BoolOp, ast.UnaryOp, ast.BinOp, ast.IfExp, ast.Constant)


def _changed(node: ast.expr) -> Iterator[ast.expr]:
    if isinstance(node, ast.Compare) and type(node.ops[0]) in _OPERATORS:
        operators = [_OPERATORS[type(node.ops[0])](), *node.ops[1:]]
        yield ast.Compare(node.left, operators, node.comparators)
    elif isinstance(node, ast.BoolOp):
        yield ast.BoolOp(_OPERATORS[type(node.op)](), node.values)
        yield from node.values
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield node.operand
    elif isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        yield ast.BinOp(node.left, _OPERATORS[type(node.op)](), node.right)
    elif isinstance(node, ast.IfExp):
        yield node.body
        yield node.orelse
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield ast.Constant(not node.value)
    elif isinstance(node, ast.Constant) and type(node.value) is int:
        yield ast.Constant(node.value + 1)
