"""Functions that remember their results, by a decorator."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reloadlint.facts.closures import own_nodes, weighs
from reloadlint.facts.effect_table import effect_table
from reloadlint.facts.index import FUNCTIONS, FunctionNode
from reloadlint.facts.targets import Class, Function
from reloadlint.facts.trampolines import dotted

if TYPE_CHECKING:
    from reloadlint.facts import FileFacts


@dataclass(frozen=True)
class Cached:
    """`node` remembers its results by `decorator`.

    `foreign` is a function or class of another module of the project that the results come from.
    """

    node: FunctionNode
    decorator: str
    foreign: str | None


def cached_functions(facts: FileFacts) -> Iterator[Cached]:
    """Those of the module and of its classes with more in them than one operation."""
    for node in facts.index.functions:
        if isinstance(node, FUNCTIONS) and facts.index.scope_at(node).runs_at_import:
            decorator = _caching(facts, node)
            if decorator is not None and weighs(node, 2):
                yield Cached(node, decorator, _foreign(facts, node))


def _caching(facts: FileFacts, node: FunctionNode) -> str | None:
    for decorator in node.decorator_list:
        is_made = isinstance(decorator, ast.Call)
        func = decorator.func if isinstance(decorator, ast.Call) else decorator
        name = facts.names.qualified(func, facts.index.scope_at(node))
        if name is not None and effect_table().caches(f"{name}()" if is_made else name):
            return ast.unparse(func)
    return None


def _foreign(facts: FileFacts, node: FunctionNode) -> str | None:
    scope = facts.index.scope_of[node]
    for call in own_nodes(node):
        is_raised = isinstance(facts.index.parent.get(call), ast.Raise)
        if isinstance(call, ast.Call) and dotted(call.func) is not None and not is_raised:
            target = facts.targets.of(call.func, scope)
            if isinstance(target, (Function, Class)) and target.facts is not facts:
                return dotted(call.func)
    return None
