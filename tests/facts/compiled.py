"""What CPython's compiler makes of a text: code objects, and which closure each of them is.

An oracle for captures that shares nothing with the facts: it walks the constants of the compiled
module and tells code objects apart by their names, lines and instruction positions.
"""

from __future__ import annotations

import ast
import sys
import warnings
from collections.abc import Iterator
from types import CodeType

from reloadlint.facts.index import ClosureNode

HAS_POSITIONS = sys.version_info >= (3, 11)


def compiles(text: str) -> bool:
    return _compile(text) is not None


def free_variables(text: str, tree: ast.Module) -> dict[ClosureNode, set[tuple[str, ...]]]:
    """By function of `tree`: `co_freevars`, sorted, of every code object that may be its."""
    return {
        node: {tuple(sorted(code.co_freevars)) for code in codes}
        for node, codes in code_objects(text, tree).items()
    }


def code_objects(text: str, tree: ast.Module) -> dict[ClosureNode, list[CodeType]]:
    """By function of `tree`: every code object that may be its.

    That is more than one for the parts of a `finally` clause, and for what cannot be told apart:
    before 3.11, lambdas on one line. Functions that are compiled to nothing, as in `if 0:`, are
    left out, and so is what cannot be told from them.
    """
    by_line: dict[tuple[str, int], list[ClosureNode]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Lambda):
            by_line.setdefault(("<lambda>", node.lineno), []).append(node)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
            by_line.setdefault((node.name, first), []).append(node)
    found: dict[ClosureNode, list[CodeType]] = {}
    for code in _all_code(_compile(text)):
        nodes = by_line.get((code.co_name, code.co_firstlineno), [])
        for node in _candidates(code, nodes):
            found.setdefault(node, []).append(code)
    if not HAS_POSITIONS:
        for nodes in by_line.values():
            for node in nodes if len(nodes) > len(found.get(nodes[0], ())) else ():
                found.pop(node, None)
    return found


def _compile(text: str) -> CodeType | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return compile(text, "<text>", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _all_code(module: CodeType | None) -> Iterator[CodeType]:
    stack = [module] if module else []
    while stack:
        code = stack.pop()
        yield code
        stack += [constant for constant in code.co_consts if isinstance(constant, CodeType)]


def _candidates(code: CodeType, nodes: list[ClosureNode]) -> list[ClosureNode]:
    """Of the functions of one name on one line, the innermost around all that the code does."""
    if len(nodes) < 2 or not HAS_POSITIONS:
        return nodes
    positions = [p for p in code.co_positions() if None not in p and (p[0], p[2]) != (p[1], p[3])]
    around = [
        node
        for node in nodes
        if all(_start(node) <= (p[0], p[2]) and (p[1], p[3]) <= _end(node) for p in positions)
    ]
    return around[-1:]  # `ast.walk` comes to what is around before what is in it


def _start(node: ClosureNode) -> tuple[int, int]:
    body = node.body if isinstance(node, ast.Lambda) else node.body[0]
    return (body.lineno, body.col_offset)


def _end(node: ClosureNode) -> tuple[int | None, int | None]:
    return (node.end_lineno, node.end_col_offset)
