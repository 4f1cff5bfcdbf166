"""Trampolines of async generators: nothing like `yield from` exists for them.

Two forms keep what a program can see. Under `@asynccontextmanager`, which only calls the function,
a plain `def` returns the very generator that the moved function makes. Elsewhere the trampoline
yields item by item, and closes what it iterates when it is closed; that is the same as long as the
body neither uses what is sent into it nor could see what is thrown into it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import takewhile

from reloadlint.facts import FileFacts
from reloadlint.facts.closures import Closure, own_nodes
from reloadlint.facts.nodes import TRIES
from reloadlint.rewrite.refusal import Reason, Refused

_GUARDS = (*TRIES, ast.With, ast.AsyncWith)


def is_async_generator(closure: Closure) -> bool:
    """True for an `async def` whose body yields."""
    return closure.is_async and closure.is_generator


def is_returned(facts: FileFacts, closure: Closure) -> bool:
    """True where a plain `def` may return the generator, as nobody looks at the kind of it."""
    decorators = getattr(closure.node, "decorator_list", [])
    if not decorators or not is_async_generator(closure):
        return False
    return facts.names.qualified(decorators[-1]) == "contextlib.asynccontextmanager"


def against_iterating(facts: FileFacts, closure: Closure) -> Iterator[Refused]:
    """What the body could tell a loop over it from its own caller by."""
    for node in own_nodes(closure.node):
        if isinstance(node, ast.Yield):
            around = [*takewhile(lambda up: up is not closure.node, facts.index.ancestors(node))]
            if not isinstance(around[0], ast.Expr):
                yield Refused(Reason.SENT_INTO)
            if any(isinstance(up, _GUARDS) for up in around):
                yield Refused(Reason.THROWN_INTO)


def iterating(call: str, aclosing: str, names: set[str], indent: str) -> list[str]:
    """The lines of a loop over `call`; `names` are those that the trampoline uses otherwise."""
    items, item = _other_than(names, "items"), _other_than(names, "item")
    return [
        f"async with {aclosing}({call}) as {items}:",
        f"{indent}async for {item} in {items}:",
        f"{indent}{indent}yield {item}",
    ]


def _other_than(names: set[str], name: str) -> str:
    while name in names:
        name += "_"
    return name
