"""Functions of the project that are handed on as values, rather than called by their names.

Whoever keeps such a value keeps the function object of now. Methods of `self` are not among them:
an instance goes with the class that it was made of, whichever way it is called.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from reloadlint.facts.closures import weighs
from reloadlint.facts.effect_table import effect_table
from reloadlint.facts.fates import Fate, Kept
from reloadlint.facts.index import FUNCTIONS, Scope
from reloadlint.facts.nodes import ClosureNode, FunctionNode, defaulted
from reloadlint.facts.sink import Sink, SinkKind, parameter_name
from reloadlint.facts.targets import Class, External, Function
from reloadlint.facts.trampolines import dotted
from reloadlint.finding import Confidence

if TYPE_CHECKING:
    from reloadlint.facts import FileFacts

# Decorators that leave a function what it is.
_PLAIN: Final = frozenset({"builtins.classmethod", "builtins.staticmethod"})
_WRAPPERS: Final = frozenset({"builtins.classmethod", "builtins.staticmethod"})


@dataclass(frozen=True)
class FunctionValue:
    """The expression `node` is the function `function`; `text` is how it is written.

    `anchor` is the call, assignment or definition that it stands in.
    """

    node: ast.expr
    anchor: ast.AST
    function: Function
    text: str


@dataclass(frozen=True)
class KeptFunction(FunctionValue):
    """`fate` says what keeps it."""

    fate: Fate


@dataclass(frozen=True)
class BoundFunction(FunctionValue):
    """`anchor` has it from the time that it is made: a function by a default, a class, a table.

    `how` completes "`text` is …".
    """

    how: str


def kept_functions(facts: FileFacts) -> Iterator[KeptFunction]:
    """Values that a function of this file hands to what keeps them."""
    called_at_import = facts.called_at_import
    known = facts.index.module.uses.keys()
    for scope in facts.index.scope_of.values():
        if scope.runs_at_import or scope.node in called_at_import:
            continue
        for name in scope.uses.keys() & known:
            wholes = [_whole(facts, use) for use in scope.uses[name]]
            if any(wholes) and scope.resolve(name) is None:
                for node in filter(None, wholes):
                    yield from _kept(facts, node, scope)


def _kept(facts: FileFacts, node: ast.expr, scope: Scope) -> Iterator[KeptFunction]:
    value = _function_value(facts, node, scope)
    fate = facts.value_fate(node) if value is not None else None
    if value is None or fate is None or _is_soon_over(facts, fate, value.function):
        return
    if _is_for_long(facts, fate, scope):
        if _is_part(facts, fate) or _is_own_item(fate):
            fate = replace(fate, confidence=Confidence.POSSIBLE)
        yield KeptFunction(node, _anchor(facts, node), value.function, value.text, fate)


def _is_patched(facts: FileFacts, node: ast.expr) -> bool:
    """True for `old = m.f` where this file sets `m.f` too: what is kept is the one of before."""
    return isinstance(node, ast.Attribute) and any(
        isinstance(other.ctx, ast.Store) and dotted(other) == dotted(node)
        for other in facts.index.attributes(node.attr)
    )


def _is_part(facts: FileFacts, fate: Fate) -> bool:
    """True for what an object of the project is made with, and is not named as a callback.

    Such objects are often gone when the call that made them is over.
    """
    callee = fate.sink.callee
    if callee is None or not callee.is_class or fate.sink.parameter is None:
        return False
    name = _parameter(fate.sink)
    return not (isinstance(name, str) and facts.sink_table.sounds_like_callback(name))


def _parameter(sink: Sink) -> int | str | None:
    """The name of the parameter, where the function that is called is the project's."""
    function = sink.callee.function if sink.callee is not None else None
    if sink.callee is None or sink.parameter is None or function is None:
        return sink.parameter
    is_method = function.is_bound or sink.callee.is_class
    return parameter_name(function.node, sink.parameter, is_method=is_method)


def _is_own_item(fate: Fate) -> bool:
    """True for `self["x"] = f`: options, for instance, for those who read them next."""
    sink = fate.sink
    return sink.kind is SinkKind.CONTAINER and sink.target == "self"


def _is_soon_over(facts: FileFacts, fate: Fate, function: Function) -> bool:
    """True for `call_later(0.1, f)`, which is over before anybody has reloaded anything.

    So is what puts itself there again: each time, it finds the newest of that name.
    """
    call, callee = fate.sink.node, fate.sink.callee
    second = effect_table().second_of(callee.name) if callee is not None else None
    if second is None or not isinstance(call, ast.Call):
        return False
    around = facts.index.ancestors(call)
    return function.node in around or any(
        isinstance(each, ast.Constant)
        and isinstance(each.value, (int, float))
        and each.value < second
        for each in call.args[:2]
    )


def _anchor(facts: FileFacts, node: ast.expr) -> ast.AST:
    return next(up for up in facts.index.ancestors(node) if isinstance(up, _ANCHORS))


def _is_for_long(facts: FileFacts, fate: Fate, scope: Scope) -> bool:
    """False for what is called soon and once, and for what only a call of this function holds."""
    sink, root = fate.sink, fate.sink.target.partition(".")[0]
    if fate.kept is Kept.BY_CALLEE and sink.callee is not None:
        target = sink.callee.target
        qualified = target.name if isinstance(target, External) else sink.callee.qualified
        is_soon = effect_table().calls_soon(qualified, sink.callee.name) or (
            sink.callee.name[:1].isupper() and _is_called(facts, sink.node)
        )
        return not is_soon and _parameter(sink) not in _RUN
    if sink.kind is SinkKind.CONTAINER:
        return root == "self" or scope.resolve(root) is None
    if sink.kind is SinkKind.ATTRIBUTE:
        return root != "cls" and not _is_own_class(facts, root, scope)
    return sink.kind is SinkKind.GLOBAL


def _is_called(facts: FileFacts, made: ast.AST) -> bool:
    """True for the `Schema(check)` of `Schema(check)(value)`, which nothing else has."""
    up = facts.index.parent.get(made)
    return isinstance(up, ast.Call) and up.func is made


# What a parameter is called whose function is run, once: see `threading.Thread`.
_RUN: Final = frozenset({"target"})


def _is_own_class(facts: FileFacts, name: str, scope: Scope) -> bool:
    """True for a class of this module: a reload makes another one, which does not have this."""
    bindings = facts.index.module.bindings_of(name) if scope.resolve(name) is None else ()
    return any(isinstance(each, ast.ClassDef) for each in bindings)


def _whole(facts: FileFacts, use: ast.AST) -> ast.expr | None:
    """Of `m.f`, used as a value: all of it. None where it is called, bound or looked into."""
    if type(use) is not ast.Name or type(use.ctx) is not ast.Load:
        return None
    node: ast.expr = use
    up = facts.index.parent[node]
    while type(up) is ast.Attribute and type(up.ctx) is ast.Load:
        node, up = up, facts.index.parent[up]
    if type(up) is ast.Call:
        return None if up.func is node else node
    return node if type(up) in _HANDED_ON else None


_ANCHORS: Final = (ast.Call, ast.Assign, ast.Lambda, *FUNCTIONS)
_HANDED_ON: Final = frozenset((
    ast.Assign, ast.Call, ast.Dict, ast.IfExp, ast.List, ast.Set, ast.Tuple, ast.keyword,
))  # fmt: skip


def _function_value(facts: FileFacts, node: ast.expr, scope: Scope) -> FunctionValue | None:
    """The plain function of the project that the expression is; None for all else."""
    text = dotted(node)
    target = facts.targets.of(node, scope)
    if text is None or not isinstance(target, Function) or _is_patched(facts, node):
        return None
    names = {target.facts.names.qualified(d) for d in target.node.decorator_list}
    least = facts.config.min_body
    is_worth_it = weighs(target.node, least) and not _only_raises(target.node)
    return FunctionValue(node, node, target, text) if names <= _PLAIN and is_worth_it else None


def _only_raises(node: FunctionNode) -> bool:
    """True for what stands where nothing may be called: there is nothing to edit in it."""
    *before, last = node.body
    is_plain = all(isinstance(each, ast.Expr) for each in before)
    return is_plain and len(before) < 2 and isinstance(last, ast.Raise)


def bound_functions(facts: FileFacts) -> Iterator[BoundFunction]:
    """Functions that are bound to something once, when that is made."""
    yield from _by_defaults(facts)
    yield from _by_classes(facts)
    for kept in facts.kept_functions:
        table = kept.fate.sink
        if is_in_foreign_table(facts, kept):
            how = f"put into `{table.target}`"
            yield BoundFunction(kept.node, table.node, kept.function, kept.text, how)


def _by_defaults(facts: FileFacts) -> Iterator[BoundFunction]:
    for owner in facts.index.functions:
        scope = facts.index.scope_of[owner].parent
        for arg, default in defaulted(owner.args):
            if isinstance(default, (ast.Name, ast.Attribute)) and scope is not None:
                value = _function_value(facts, default, scope)
                if value is None or _is_local(default, scope):
                    continue
                if not _is_meant_so(facts, owner, arg.arg, value):
                    name = "a lambda" if isinstance(owner, ast.Lambda) else f"`{owner.name}`"
                    how = f"a default argument of {name}"
                    yield BoundFunction(default, owner, value.function, value.text, how)


def _is_meant_so(facts: FileFacts, owner: ClosureNode, name: str, value: FunctionValue) -> bool:
    """True for what is bound on purpose: `copy=copy` of one module, and what `__del__` needs.

    The latter is called when the names of modules may be gone.
    """
    is_own = value.function.facts is facts and name.strip("_") == value.text.strip("_")
    return is_own or getattr(owner, "name", "") == "__del__"


def _is_local(node: ast.expr, scope: Scope) -> bool:
    """True for a name of a function or class: it is made anew together with what has it."""
    root = (dotted(node) or "").partition(".")[0]
    return scope.resolve(root) is not None


def _by_classes(facts: FileFacts) -> Iterator[BoundFunction]:
    for owner in facts.index.nodes(ast.ClassDef):
        scope = facts.index.scope_of[owner]
        for part in owner.body:
            if isinstance(part, (ast.Assign, ast.AnnAssign)) and part.value is not None:
                node = _unwrapped(facts, part.value)
                if isinstance(node, (ast.Name, ast.Attribute)) and not _is_local(node, scope):
                    value = _function_value(facts, node, scope)
                    if value is not None and not _goes_with(facts, value, owner):
                        how = f"an attribute of the class `{owner.name}`"
                        yield BoundFunction(node, part, value.function, value.text, how)


def _goes_with(facts: FileFacts, value: FunctionValue, owner: ast.ClassDef) -> bool:
    """True for a method of a class of this module, or of a base: they are made anew together."""
    function = value.function
    around = function.facts.index.parent[function.node]
    bases = facts.targets.mro(Class(facts, owner))
    return isinstance(around, ast.ClassDef) and (
        function.facts is facts or any(getattr(base, "node", None) is around for base in bases)
    )


def _unwrapped(facts: FileFacts, value: ast.expr) -> ast.expr:
    """The function in `staticmethod(f)`."""
    if isinstance(value, ast.Call) and len(value.args) == 1:
        if facts.names.qualified(value.func) in _WRAPPERS:
            return value.args[0]
    return value


def is_in_foreign_table(facts: FileFacts, kept: KeptFunction) -> bool:
    """True for `registry.TABLE[key] = f`: a table of another module, which it fills once."""
    sink = kept.fate.sink
    root = sink.target.partition(".")[0]
    is_stored = sink.kind is SinkKind.CONTAINER and isinstance(sink.node, ast.Assign)
    bindings = facts.index.module.uses_of(root)
    return is_stored and any(isinstance(use, ast.alias) for use in bindings)


def takes_back(facts: FileFacts, text: str, *, within: FunctionNode | None = None) -> str | None:
    """The call by which this file, or a function of it, takes the function `text` back again."""
    for call in facts.index.calls(*_TAKERS):
        if within is not None and not _is_within(call, within):
            continue
        if any(dotted(argument) == text for argument in call.args):
            return ast.unparse(call.func)
    return None


def _is_within(call: ast.Call, function: FunctionNode) -> bool:
    return function.lineno <= call.lineno <= (function.end_lineno or function.lineno)


_TAKERS: Final = (
    "cancel", "deregister", "detach", "disconnect", "discard", "off", "remove", "removeListener",
    "removeObserver", "remove_callback", "remove_done_callback", "remove_handler",
    "remove_listener", "unbind", "unlisten", "unobserve", "unregister", "unschedule",
    "unschedule_event", "unsubscribe",
)  # fmt: skip
