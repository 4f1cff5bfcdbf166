"""May a closure's body become a function of its own? The conditions, one by one."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, takewhile

from reloadlint.facts import FileFacts
from reloadlint.facts.captures import Capture, CaptureKind
from reloadlint.facts.closures import Closure, own_nodes
from reloadlint.facts.code_reads import read_of
from reloadlint.facts.frames import look_at_frames
from reloadlint.facts.index import COMPREHENSIONS, FUNCTIONS, LOOPS, Scope, parameters
from reloadlint.rewrite.async_generators import (
    against_iterating,
    is_async_generator,
    is_returned,
)
from reloadlint.rewrite.order import read_at_once, reads_without_pause
from reloadlint.rewrite.refusal import Reason, Refused


def why_not(facts: FileFacts, closure: Closure) -> Refused | tuple[Capture, ...]:
    """The first reason against moving the body, or the captures that it takes along."""
    captures = facts.captures(closure.node)
    if captures is None:
        return Refused(Reason.NO_SYMBOL_TABLE)
    reasons = chain(
        _against_kind(facts, closure),
        _against_body(facts, closure),
        _against_captures(facts, closure, captures),
    )
    return next(reasons, captures)


def _against_kind(facts: FileFacts, closure: Closure) -> Iterator[Refused]:
    if closure.is_generator and isinstance(closure.node, ast.Lambda):
        yield Refused(Reason.YIELD_IN_LAMBDA)
    if is_async_generator(closure) and not is_returned(facts, closure):
        yield from against_iterating(facts, closure)
    if getattr(closure.node, "type_params", None):
        yield Refused(Reason.OWN_TYPE_PARAMETERS)
    for name in _taken_for_local(facts, closure):
        yield Refused(Reason.COMPREHENSION, name)
    if isinstance(closure.node, FUNCTIONS) and ast.get_docstring(closure.node) is not None:
        yield from _against_docstring(facts, *closure.node.body)
    attribute = read_of(facts, closure, facts.code_reads)
    if attribute is not None:
        yield Refused(Reason.INTROSPECTED, attribute)


def _taken_for_local(facts: FileFacts, closure: Closure) -> Iterator[str]:
    """`lambda: ([i for i in x], lambda: i)`: CPython 3.12 and 3.13 give the inner `i` no value.

    They do so where a comprehension, which they inline, binds a name that only an inner function
    takes from further out.
    """
    for name in {name for inner in _comprehensions_in(closure.scope) for name in inner.bindings}:
        binder = closure.scope.resolve(name)
        table = facts.symbol_table(closure.node)
        is_outer = binder is not None and binder is not closure.scope
        if is_outer and table is not None and name in table.get_identifiers():
            if table.lookup(name).is_local():
                yield name


def _comprehensions_in(scope: Scope) -> Iterator[Scope]:
    for inner in scope.children:
        if isinstance(inner.node, COMPREHENSIONS):
            yield inner
            yield from _comprehensions_in(inner)


def _against_docstring(
    facts: FileFacts, docstring: ast.stmt, *others: ast.stmt
) -> Iterator[Refused]:
    if not others:
        yield Refused(Reason.ONLY_DOCSTRING)
    elif others[0].lineno == docstring.end_lineno:
        # On the line of the `def`, what is behind it can be told from it.
        if not facts.source.line(docstring.lineno)[: docstring.col_offset].strip():
            yield Refused(Reason.SHARED_DOCSTRING_LINE)


def _against_body(facts: FileFacts, closure: Closure) -> Iterator[Refused]:
    """What the text would mean elsewhere: private names, and whatever looks at its frame."""
    body = [closure.node.body] if isinstance(closure.node, ast.Lambda) else closure.node.body
    yield from against_text(facts, closure.scope, body)
    for part in body:
        for node in ast.walk(part):
            yield from _against_release(closure, node)
    if _is_in_class(closure.scope):
        own = [arg.arg for arg in parameters(closure.node.args)]
        yield from (Refused(Reason.MANGLED, name) for name in filter(_is_private, own))
    look = look_at_frames(facts, closure.node)
    if look is not None:
        yield Refused(Reason.SEES_ITS_FRAME, look.by)


def against_text(facts: FileFacts, scope: Scope, body: Iterable[ast.AST]) -> Iterator[Refused]:
    """What parts of a function, which has this `scope`, cannot say in one outside of its class."""
    in_class = _is_in_class(scope)
    for node in (node for part in body for node in ast.walk(part)):
        if in_class:
            for name in filter(_is_private, _identifiers(node)):
                yield Refused(Reason.MANGLED, name)
        if isinstance(node, ast.Call) and facts.names.may_end_in(node.func, ("super",)):
            if facts.names.qualified(node.func) == "builtins.super":
                yield Refused(Reason.CLASS_CELL)


def _is_in_class(scope: Scope) -> bool:
    return any(isinstance(around.node, ast.ClassDef) for around in scope.enclosing())


def _against_release(closure: Closure, node: ast.AST) -> Iterator[Refused]:
    """`del big`, `self = None`: the trampoline would hold on to what the body lets go of."""
    is_none = isinstance(node, ast.Assign) and getattr(node.value, "value", node) is None
    released = node.targets if is_none or isinstance(node, ast.Delete) else []  # type: ignore[attr-defined]
    own = {arg.arg for arg in parameters(closure.node.args)}
    for target in released:
        if isinstance(target, ast.Name) and target.id in own:
            yield Refused(Reason.RELEASES, target.id)


def _is_private(name: str) -> bool:
    """True for what the compiler mangles in a class; modules of packages it does not."""
    return name.startswith("__") and not name.endswith("__") and "." not in name


def _identifiers(node: ast.AST) -> list[str]:
    """The identifiers of a node that the compiler mangles in a class, if they are private.

    Those of modules are among them: what `import __x` in a class `C` asks for is `_C__x`.
    """
    if isinstance(node, ast.Name):
        return [node.id]
    if isinstance(node, ast.Attribute):
        return [node.attr]
    if isinstance(node, ast.arg):
        return [node.arg]
    if isinstance(node, (*FUNCTIONS, ast.ClassDef)):
        return [node.name]
    if isinstance(node, ast.alias):
        return [node.name, node.asname or node.name.partition(".")[0]]
    if isinstance(node, ast.ImportFrom):
        return [node.module or ""]
    if isinstance(node, (ast.Global, ast.Nonlocal)):
        return list(node.names)
    name = getattr(node, "name", None) or getattr(node, "rest", None)  # of a handler, a pattern
    return [name] if isinstance(name, str) else []


@dataclass(frozen=True)
class _Reads:
    """When a body reads what it captures: see `order.py`."""

    at_once: frozenset[ast.Name]
    without_pause: frozenset[ast.Name]

    @cached_property
    def names_at_once(self) -> frozenset[str]:
        """The names of those reads."""
        return frozenset(read.id for read in self.at_once)


def _against_captures(
    facts: FileFacts, closure: Closure, captures: tuple[Capture, ...]
) -> Iterator[Refused]:
    if is_returned(facts, closure):
        # The trampoline reads long before the body begins.
        reads = _Reads(frozenset(), frozenset())
    else:
        reads = _Reads(
            frozenset(read_at_once(facts, closure)), frozenset(reads_without_pause(closure))
        )
    may_fail = 0
    for capture in captures:
        yield from _against_capture(facts, closure, capture, reads)
        if not _is_surely_bound(closure, capture):
            may_fail += 1
            if may_fail > 1:  # which one is missed first depends on the order
                yield Refused(Reason.MAYBE_UNBOUND, capture.name)


def _against_capture(
    facts: FileFacts, closure: Closure, capture: Capture, reads: _Reads
) -> Iterator[Refused]:
    name = capture.name
    if capture.kind is CaptureKind.CLASS_CELL:
        yield Refused(Reason.CLASS_CELL)
    elif capture.scope is None:
        yield Refused(Reason.TYPE_PARAMETER, name)
    elif capture.is_written_inside:
        yield Refused(Reason.NONLOCAL, name)
    elif not _are_all_reads_in(closure.scope, name, reads.at_once):
        yield from _against_later_read(facts, closure, capture, reads)


def _against_later_read(
    facts: FileFacts, closure: Closure, capture: Capture, reads: _Reads
) -> Iterator[Refused]:
    """The body reads the name when other code had its turn: what may have become of it?"""
    name = capture.name
    assert capture.scope is not None
    if binds_itself(capture, closure):
        if not _is_defined_once(facts, capture, closure):
            yield Refused(Reason.SELF_REFERENCE, name)
        return
    if capture.is_written_elsewhere:
        yield Refused(Reason.NONLOCAL_ELSEWHERE, name)
    if not _is_surely_bound(closure, capture) and name not in reads.names_at_once:
        yield Refused(Reason.DELETED if capture.is_deleted else Reason.MAYBE_UNBOUND, name)
    if capture.is_rebound or capture.is_deleted:
        if _may_be_suspended(closure, capture.scope):
            yield Refused(Reason.REBOUND_WHILE_SUSPENDED, name)
        if _is_captured_inside(closure.scope, name):
            yield Refused(Reason.REBOUND_UNDER_INNER, name)
        if not _are_all_reads_in(closure.scope, name, reads.without_pause):
            yield Refused(Reason.REBOUND_MEANWHILE, name)


def _is_surely_bound(closure: Closure, capture: Capture) -> bool:
    is_bound = capture.is_surely_bound and not capture.is_deleted
    return is_bound or binds_itself(capture, closure)


def _are_all_reads_in(scope: Scope, name: str, reads: Set[ast.AST]) -> bool:
    """True where `reads` holds every use of the name in the body and in what is nested in it."""
    if any(use not in reads for use in scope.uses.get(name, ())):
        return False
    return all(_are_all_reads_in(inner, name, frozenset()) for inner in scope.children)


def binds_itself(capture: Capture, closure: Closure) -> bool:
    """True where the captured name is the closure's own: a recursive def, or `f = lambda: f()`."""
    assert capture.scope is not None
    uses = capture.scope.uses.get(capture.name, ())
    if isinstance(closure.node, FUNCTIONS):
        return closure.node in uses
    statement = closure.statement
    targets = getattr(statement, "targets", None) or [getattr(statement, "target", None)]
    return getattr(statement, "value", None) is closure.node and any(t in uses for t in targets)


def _is_defined_once(facts: FileFacts, capture: Capture, closure: Closure) -> bool:
    """True where nothing can run between the making of the closure and the binding of its name.

    Nor may anything else bind or delete the name; a loop makes another closure of that name.
    """
    assert capture.scope is not None
    others = [
        use
        for use in capture.scope.uses[capture.name]
        if not (isinstance(use, ast.Name) and isinstance(use.ctx, ast.Load))
    ]
    around = takewhile(
        lambda up: up is not capture.scope.node,  # type: ignore[union-attr]
        facts.index.ancestors(closure.node),
    )
    is_plain = isinstance(closure.node, FUNCTIONS) and not closure.node.decorator_list
    is_repeated = any(isinstance(up, LOOPS) for up in around)
    return is_plain and not (is_repeated or capture.is_written_elsewhere or len(others) > 1)


def _may_be_suspended(closure: Closure, binder: Scope) -> bool:
    """True where the binding scope can go on between two steps of the body.

    A plain function runs to its end while the scope that called it waits. A coroutine or generator
    does not, nor is a generator that binds the name surely waiting when the body runs.
    """
    if closure.is_async or closure.is_generator:
        return True
    if isinstance(binder.node, (ast.Lambda, ast.FunctionDef)):
        return any(isinstance(part, (ast.Yield, ast.YieldFrom)) for part in own_nodes(binder.node))
    return isinstance(binder.node, ast.GeneratorExp)


_DONE_AT_ONCE = (ast.ListComp, ast.SetComp, ast.DictComp)


def _is_captured_inside(scope: Scope, name: str) -> bool:
    """True where a lambda or def in the body reads the name, perhaps after the body is done."""
    for inner in scope.children:
        is_at_once = isinstance(inner.node, _DONE_AT_ONCE)
        if (name in inner.uses and not is_at_once) or _is_captured_inside(inner, name):
            return True
    return False
