"""What the tests of the facts share: facts of a text, and closures by the words they hold."""

from __future__ import annotations

import ast
import textwrap

from reloadlint.config import Config
from reloadlint.facts import FileFacts, collect
from reloadlint.facts.captures import Capture
from reloadlint.facts.index import ClosureNode
from reloadlint.source import SourceFile


def facts_of(text: str, path: str = "module.py") -> FileFacts:
    return collect(SourceFile(path, textwrap.dedent(text)), Config())


def only_closure(facts: FileFacts) -> ClosureNode:
    (closure,) = facts.closures
    return closure.node


def closure_at(facts: FileFacts, mark: str) -> ClosureNode:
    """The innermost lambda or function whose text contains `mark`."""
    around = [
        node
        for node in ast.walk(facts.tree)
        if isinstance(node, (ast.Lambda, ast.FunctionDef, ast.AsyncFunctionDef))
        and mark in (ast.get_source_segment(facts.source.text, node) or "")
    ]
    return around[-1]


def capture(facts: FileFacts, node: ClosureNode, name: str) -> Capture:
    captures = facts.captures(node)
    assert captures is not None
    return next(capture for capture in captures if capture.name == name)
