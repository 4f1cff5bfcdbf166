"""Who runs a function: a thread, a task, the program itself; or who holds the generator it makes.

Calls are followed from a function to those that call it, in its file and in those that import it
from there. Another process has modules of its own, which nobody reloads.
"""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from reloadlint.facts.import_time import is_main_guard
from reloadlint.facts.index import FUNCTIONS, FunctionNode, Scope
from reloadlint.facts.targets import Class, External, Function
from reloadlint.facts.trampolines import dotted

if TYPE_CHECKING:
    from reloadlint.facts import FileFacts

_MAX_CALLS: Final = 3  # that are followed
_MAX_FILES: Final = 6  # that are looked into, of those that import a function

_THREADS: Final = frozenset({
    "Thread", "callInThread", "deferToThread", "map_async", "run_in_executor",
    "run_in_thread", "run_sync_in_thread", "start_new_thread", "submit", "to_thread",
})  # fmt: skip
_TASKS: Final = frozenset({
    "Task", "add_task", "async_create_background_task", "async_create_task",
    "create_background_task", "create_task", "ensure_future", "gather",
    "run_coroutine_threadsafe", "spawn", "spawn_callback", "start_background_task", "start_soon",
})  # fmt: skip
_LOOPS: Final = frozenset({"run_sync", "run_until_complete"})
_RUNS: Final = frozenset({"anyio.run", "asyncio.run", "curio.run", "trio.run", "uvloop.run"})
_PASSED_ON: Final = frozenset({"partial", "shield"})
_THREAD_CLASSES: Final = frozenset({"threading.Thread", "threading.Timer"})


@dataclass(frozen=True)
class Runner:
    """`what` completes "it goes on in …"; `calls` are between that and the function."""

    what: str
    calls: int
    is_held: bool = False  # rather than run: a generator

    @property
    def is_direct(self) -> bool:
        """True where the function itself is what is run."""
        return self.calls == 0


def runner_of(facts: FileFacts, node: FunctionNode) -> Runner | None:
    """What runs the function for long, as far as can be told; None where nothing shows it."""
    return _runner(facts, node, frozenset())


def _runner(facts: FileFacts, node: FunctionNode, seen: frozenset[ast.AST]) -> Runner | None:
    if node in seen or len(seen) > _MAX_CALLS:
        return None
    if _is_run_of_thread(facts, node):
        return Runner("a thread", 0)
    found = [*_runners(facts, node, seen | {node})]
    return min(found, key=lambda runner: runner.calls, default=None)


def _is_run_of_thread(facts: FileFacts, node: FunctionNode) -> bool:
    owner = facts.index.parent[node]
    if node.name != "run" or not isinstance(owner, ast.ClassDef):
        return False
    bases = facts.targets.mro(Class(facts, owner))
    return any(isinstance(base, External) and base.name in _THREAD_CLASSES for base in bases)


def _runners(facts: FileFacts, node: FunctionNode, seen: frozenset[ast.AST]) -> Iterator[Runner]:
    is_suspended = facts.index.is_suspendable(node)
    for place, use, scope in _uses(facts, node):
        up = place.index.parent[use]
        if isinstance(up, ast.Call) and up.func is use:
            yield from _by_call(place, node, up, scope, seen, is_suspended=is_suspended)
        else:
            yield from _by_value(place, use)


def _uses(facts: FileFacts, node: FunctionNode) -> Iterator[tuple[FileFacts, ast.expr, Scope]]:
    """The reads of the function: in its own file, then in those that import it, or its class."""
    yield from ((facts, use, scope) for use, scope in _uses_here(facts, node))
    owner = facts.index.parent[node]
    around = owner if isinstance(owner, ast.ClassDef) else node
    if facts.index.parent[around] is facts.tree:
        own = os.path.abspath(facts.source.path)
        found = map(os.path.abspath, facts.project.files_importing(facts.module, around.name))
        for path in [path for path in found if path != own][:_MAX_FILES]:
            if not facts.project.mentions(path, node.name):
                continue
            other = facts.project.facts(path)
            if other is not None:
                names = _imported_as(other, node.name) if around is node else set()
                for use, scope in _reads(other, names, node.name):
                    if _is(other, use, scope, node):
                        yield other, use, scope


def _imported_as(facts: FileFacts, name: str) -> set[str]:
    """The names that the file gives what it imports as `name`."""
    imports = (each for each in facts.index.imports if isinstance(each, ast.ImportFrom))
    return {a.asname or a.name for each in imports for a in each.names if a.name == name}


def _reads(
    facts: FileFacts, names: set[str], attribute: str
) -> Iterator[tuple[ast.Name | ast.Attribute, Scope]]:
    for scope in facts.index.scope_of.values():
        for name in names & scope.uses.keys():
            for use in scope.uses[name]:
                if isinstance(use, ast.Name) and isinstance(use.ctx, ast.Load):
                    yield use, scope
    for read in facts.index.attributes(attribute):
        yield read, facts.index.scope_at(read)


def _is(facts: FileFacts, use: ast.expr, scope: Scope, node: FunctionNode) -> bool:
    target = facts.targets.of(use, scope)
    return isinstance(target, Function) and target.node is node


def _uses_here(facts: FileFacts, node: FunctionNode) -> Iterator[tuple[ast.expr, Scope]]:
    """The reads of the function in this file: of its name, or of the attribute that it is."""
    index = facts.index
    around = index.scope_of[node].parent or index.module
    if isinstance(around.node, ast.ClassDef):
        for attribute in index.attributes(node.name):
            scope = index.scope_at(attribute)
            if _is(facts, attribute, scope, node):
                yield attribute, scope
        return
    binder = None if around is index.module else around
    for scope in (around, *around.inner_scopes_using(node.name)):
        if scope.resolve(node.name) is binder:
            for use in scope.uses_of(node.name):
                if isinstance(use, ast.Name) and isinstance(use.ctx, ast.Load):
                    yield use, scope


def _by_call(
    facts: FileFacts,
    node: FunctionNode,
    call: ast.Call,
    scope: Scope,
    seen: frozenset[ast.AST],
    *,
    is_suspended: bool,
) -> Iterator[Runner]:
    """Who is running where the function is called; a coroutine may be handed to a task."""
    up = facts.index.parent[call]
    if is_suspended and isinstance(up, (ast.Call, ast.List, ast.Tuple, ast.keyword)):
        yield from _by_value(facts, call)
        return
    if is_suspended and isinstance(up, ast.Assign):
        holder = _holder(up, scope)
        if holder is not None and isinstance(node, ast.FunctionDef):
            yield Runner(f"the generator that `{holder}` holds", 0, is_held=True)
        return
    if isinstance(node, ast.AsyncFunctionDef) and not isinstance(up, (ast.Await, ast.AsyncFor)):
        return
    if is_suspended and isinstance(node, ast.FunctionDef) and not isinstance(up, _DRIVERS):
        return
    for found in _around(facts, call, scope, seen):
        yield replace(found, calls=found.calls + 1)


_DRIVERS: Final = (ast.For, ast.YieldFrom)


def _holder(assignment: ast.Assign, scope: Scope) -> str | None:
    """What has the generator for long; a name of the module gets a new one by each reload."""
    target = assignment.targets[0]
    if isinstance(target, ast.Attribute):
        return dotted(target)
    is_global = isinstance(target, ast.Name) and target.id in scope.globals
    return target.id if isinstance(target, ast.Name) and is_global else None


def _around(
    facts: FileFacts, call: ast.AST, scope: Scope, seen: frozenset[ast.AST]
) -> Iterator[Runner]:
    around = (each.node for each in (scope, *scope.enclosing()))
    owner = next((each for each in around if isinstance(each, (*FUNCTIONS, ast.Lambda))), None)
    if isinstance(owner, ast.Lambda):
        yield from _by_value(facts, owner)
    elif owner is not None:
        found = _runner(facts, owner, seen)
        if found is not None:
            yield found
    elif _is_program(facts, call):
        yield Runner("the program", 0)


def _is_program(facts: FileFacts, node: ast.AST) -> bool:
    is_script = facts.source.path.endswith("__main__.py")
    return is_script or is_under_main_guard(facts, node)


def is_under_main_guard(facts: FileFacts, node: ast.AST) -> bool:
    """True for a part of `if __name__ == "__main__"`."""
    return any(
        isinstance(up, ast.If) and is_main_guard(up.test) for up in facts.index.ancestors(node)
    )


def _by_value(facts: FileFacts, value: ast.expr) -> Iterator[Runner]:
    """What a function, or the coroutine that a call of it made, is handed to."""
    up: ast.AST = facts.index.parent[value]
    if isinstance(up, ast.keyword):
        if up.arg not in {"target", "func", "function", "callable"}:
            return
        up = facts.index.parent[up]
    while isinstance(up, (ast.Starred, ast.List, ast.Tuple)):
        up = facts.index.parent[up]
    if not isinstance(up, ast.Call) or up.func is value:
        return
    name = str(getattr(up.func, "attr", getattr(up.func, "id", "")))
    if name in _PASSED_ON:
        yield from _by_value(facts, up)
    elif name in _THREADS or name.endswith("Thread"):
        yield Runner("a thread", 0)
    elif name in _TASKS:
        yield Runner("a task", 0)
    elif name in _LOOPS or facts.names.qualified(up.func) in _RUNS:
        yield Runner("the event loop", 0)
