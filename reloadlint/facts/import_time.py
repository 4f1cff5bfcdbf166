"""The statements that run when a module is imported, and so again at each reload."""

from __future__ import annotations

import ast
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, TypeVar

from reloadlint.facts.index import FUNCTIONS, LOOPS, FunctionNode
from reloadlint.facts.nodes import TRIES
from reloadlint.facts.targets import Function
from reloadlint.facts.trampolines import dotted

if TYPE_CHECKING:
    from reloadlint.facts import FileFacts

# What asks whether something has been done before.
_ASKERS: Final = frozenset({"getattr", "globals", "hasattr", "locals", "vars"})
_MISSING: Final = re.compile(r"\b(Attribute|Key|Name)Error")  # what is not there yet is made
_COMPOUND: Final = (
    ast.ClassDef,
    ast.With,
    ast.AsyncWith,
    ast.Match,
    *TRIES,
    *LOOPS,
)
# Run anew each time, and never imported. Sphinx has the last ones.
_SCRIPTS: Final = (
    "__main__.py", "setup.py", "doc/conf.py", "docs/conf.py", "doc/source/conf.py",
    "docs/source/conf.py",
)  # fmt: skip
HOOK: Final = "__before_reload__"


@dataclass(frozen=True)
class AtImport:
    """A statement that runs at import; `tests` are those of the `if`s around it.

    `is_called`: it stands in a function of the module that a statement at module level calls.
    """

    node: ast.stmt
    tests: tuple[ast.expr, ...] = ()
    is_called: bool = False

    def asks_for(self, subject: str) -> bool:
        """True where one of the tests looks at the dotted name, or asks what there is already."""
        for node in (node for test in self.tests for node in ast.walk(test)):
            if isinstance(node, ast.Name) and node.id in _ASKERS:
                return True
            if isinstance(node, (ast.Name, ast.Attribute)) and dotted(node) == subject:
                return True
        return False


@dataclass(frozen=True)
class CalledElsewhere:
    """The statement `call` of a module runs `steps`, which stand in another file's function."""

    call: ast.Call
    facts: FileFacts
    steps: tuple[AtImport, ...]


@dataclass(frozen=True)
class Effect:
    """What `node` does at import by `text`, so that a reload does it once more.

    `inside` is the function of another file that does it, where `node` is the call of that.
    """

    node: ast.AST
    text: str
    inside: str = field(default="", kw_only=True)


_E = TypeVar("_E", bound=Effect)


def at_import(facts: FileFacts) -> Iterator[AtImport]:
    """The statements of the module and of its classes, then those of what the module calls.

    Not those under `if __name__ == "__main__"` and `if TYPE_CHECKING`; nor any of a module that
    undoes its own effects in `__before_reload__`, and of a script, which nobody imports.
    """
    is_undone = any(getattr(node, "name", None) == HOOK for node in facts.tree.body)
    if not is_undone and not facts.source.path.replace("\\", "/").endswith(_SCRIPTS):
        own = list(_statements(facts.tree.body, ()))
        yield from own
        yield from _called(facts, own)


def called_at_import(steps: Iterable[AtImport], facts: FileFacts) -> Iterator[ast.AST]:
    """The functions of the module whose statements are among those that it runs when imported."""
    for step in steps:
        if step.is_called:
            yield next(up for up in facts.index.ancestors(step.node) if isinstance(up, FUNCTIONS))


def called_elsewhere(facts: FileFacts) -> Iterator[CalledElsewhere]:
    """What `setup()` does when a module that imports `setup` calls it, whatever may be."""
    for step in facts.at_import:
        call = step.node.value if isinstance(step.node, ast.Expr) and not step.tests else None
        if isinstance(call, ast.Call):
            target = facts.targets.of(call.func, facts.index.scope_at(call))
            if isinstance(target, Function) and target.facts is not facts and _is_plain(target):
                steps = tuple(_steps_of(target.facts, target.node))
                yield CalledElsewhere(call, target.facts, steps)


def effects(
    facts: FileFacts, find: Callable[[FileFacts, Iterable[AtImport]], Iterator[_E]]
) -> Iterator[_E]:
    """What `find` sees in the steps of the module, then in those of other files' functions.

    Of these, one for each call: not of one that is an effect itself, by what it is given.
    """
    own = list(find(facts, facts.at_import))
    yield from own
    for each in facts.called_elsewhere:
        found = next(find(each.facts, each.steps), None)
        if found is not None and all(each.call is not other.node for other in own):
            yield replace(found, node=each.call, inside=ast.unparse(each.call.func))


def _is_plain(function: Function) -> bool:
    facts, node = function.facts, function.node
    is_of_module = facts.index.parent[node] is facts.tree
    is_run = isinstance(node, ast.FunctionDef) and node not in facts.index.generators
    return is_of_module and is_run and not node.decorator_list


def _steps_of(facts: FileFacts, function: FunctionNode) -> Iterator[AtImport]:
    """Not behind a condition: the other file, which is not reloaded, knows what has been done."""
    steps = _statements(_unconditional(function.body), ())
    own = [replace(step, is_called=True) for step in steps]
    return (step for step in (*own, *_called(facts, own)) if not step.tests)


def _called(facts: FileFacts, own: list[AtImport]) -> Iterator[AtImport]:
    """What `_setup()` does when the module calls it, whatever may be: not behind a condition."""
    pending = deque(step.node for step in own if not step.tests)
    seen: set[ast.AST] = set()
    while pending:
        function = _callee(facts, pending.popleft())
        if function is not None and function not in seen:
            seen.add(function)
            steps = list(_statements(_unconditional(function.body), ()))
            yield from (replace(step, is_called=True) for step in steps)
            pending += [step.node for step in steps if not step.tests]


def _callee(facts: FileFacts, node: ast.stmt) -> ast.FunctionDef | None:
    """The plain function of this module that the statement `f(…)` or `x = f(…)` calls."""
    call = node.value if isinstance(node, (ast.Expr, ast.Assign)) else None
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
        return None
    if facts.index.scope_at(call).resolve(call.func.id) is not None:
        return None
    bindings = facts.index.module.bindings_of(call.func.id)
    function = bindings[0] if len(bindings) == 1 else None
    if not isinstance(function, ast.FunctionDef) or function.decorator_list:
        return None
    return None if function in facts.index.generators else function


def _unconditional(body: list[ast.stmt]) -> list[ast.stmt]:
    """The statements up to the first `if` that may return: behind it, something was asked."""
    for number, node in enumerate(body):
        if isinstance(node, ast.If) and any(
            isinstance(part, ast.Return) for part in ast.walk(node)
        ):
            return body[:number]
    return body


def _statements(body: list[ast.stmt], tests: tuple[ast.expr, ...]) -> Iterator[AtImport]:
    pending = [(node, tests) for node in reversed(body)]
    while pending:
        node, tests = pending.pop()
        yield AtImport(node, tests)
        inner: list[tuple[ast.stmt, tuple[ast.expr, ...]]] = []
        if isinstance(node, ast.If):
            if not _never_holds_at_reload(node.test):
                inner += [(part, (*tests, node.test)) for part in node.body]
            inner += [(part, tests) for part in node.orelse]
        elif isinstance(node, _COMPOUND):
            inner += [(part, tests) for block in _blocks(node) for part in block]
        pending += reversed(inner)


def _blocks(node: ast.stmt) -> Iterator[list[ast.stmt]]:
    for name in ("body", "orelse", "finalbody"):
        yield getattr(node, name, [])
    for part in getattr(node, "cases", ()):
        yield part.body
    for handler in getattr(node, "handlers", ()):
        if not _MISSING.search(ast.unparse(handler.type) if handler.type else ""):
            yield handler.body


def _never_holds_at_reload(test: ast.expr) -> bool:
    """True for `__name__ == "__main__"` and `TYPE_CHECKING`, alone or with a further condition."""
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And):
        return any(map(_never_holds_at_reload, test.values))
    return is_main_guard(test) or (dotted(test) or "").rpartition(".")[2] == "TYPE_CHECKING"


def is_main_guard(test: ast.expr) -> bool:
    """True for `__name__ == "__main__"`."""
    if not isinstance(test, ast.Compare) or not isinstance(test.ops[0], ast.Eq):
        return False
    return {ast.unparse(test.left), ast.unparse(test.comparators[0])} == {"__name__", "'__main__'"}
