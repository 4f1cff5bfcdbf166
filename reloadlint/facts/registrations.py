"""What a module registers elsewhere when it is imported, so that each reload adds one more.

A registry that is made anew together with the module, such as an `app` of its own, is no matter,
nor is one that has a place under each key.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from reloadlint.facts.effect_table import effect_table
from reloadlint.facts.import_time import AtImport, Effect, effects
from reloadlint.facts.index import FUNCTIONS, FunctionNode, Scope
from reloadlint.facts.sink import Sink, SinkKind, parameter_name
from reloadlint.facts.starts import qualified_names
from reloadlint.facts.targets import Class, External, Function, returned_function
from reloadlint.finding import Confidence

if TYPE_CHECKING:
    from reloadlint.facts import FileFacts

_ADDERS: Final = frozenset({"add", "append", "appendleft", "extend", "insert", "put", "put_nowait"})
_MAX_DEPTH: Final = 4


@dataclass(frozen=True)
class Registration(Effect):
    """`node`, a decorator or call, registers `what`.

    `replaces`: there is one place for it, which the newest takes.
    """

    what: str
    replaces: bool
    confidence: Confidence


def registrations(facts: FileFacts) -> Iterator[Registration]:
    """All of them, in the order of the text."""
    return effects(facts, _by_steps)


def _by_steps(facts: FileFacts, steps: Iterable[AtImport]) -> Iterator[Registration]:
    for step in steps:
        node = step.node
        is_own = step.is_called or facts.index.parent[node] is facts.tree
        if isinstance(node, (*FUNCTIONS, ast.ClassDef)) and is_own:
            for decorator in node.decorator_list:
                yield from _by_decorator(facts, decorator, node.name)
        elif isinstance(node, ast.AugAssign) and isinstance(node.value, ast.List):
            if _is_lasting(facts, node.target) and any(_is_own(facts, e) for e in node.value.elts):
                text, what = ast.unparse(node.target), ast.unparse(node.value)
                yield Registration(node, text, what, False, Confidence.LIKELY)
        else:
            call = getattr(node, "value", None)
            if isinstance(node, (ast.Expr, ast.Assign)) and isinstance(call, ast.Call):
                yield from _by_call(facts, step, call)


def _by_decorator(facts: FileFacts, decorator: ast.expr, name: str) -> Iterator[Registration]:
    func = decorator.func if isinstance(decorator, ast.Call) else decorator
    if not _is_lasting(facts, func):
        return
    confidence = _adding_decorator(facts, decorator, func)
    if confidence is not None:
        yield Registration(decorator, f"@{ast.unparse(func)}", name, False, confidence)


def _adding_decorator(facts: FileFacts, decorator: ast.expr, func: ast.expr) -> Confidence | None:
    """How sure it is that what is decorated is added to something; None where it is not."""
    table = effect_table()
    is_made = isinstance(decorator, ast.Call)
    target = facts.targets.of(func, facts.index.scope_at(func))
    if isinstance(target, Function):
        inner = returned_function(target) if is_made else target
        return Confidence.CERTAIN if inner and _adds_argument(inner, 0, _MAX_DEPTH) else None
    if isinstance(target, Class):
        return None
    for name in qualified_names(facts, func):
        full = f"{name}()" if is_made else name
        if table.is_keyed(full):
            return None
        if facts.sink_table.retains(full, 0) == "registered":
            return Confidence.CERTAIN
    if not isinstance(func, ast.Attribute) or _is_class(func.value):
        return None
    return Confidence.LIKELY if table.sounds_like_decorator(func.attr) else None


def _by_call(facts: FileFacts, step: AtImport, call: ast.Call) -> Iterator[Registration]:
    func = call.func
    if not _is_lasting(facts, func) or _is_asked_for(step, func):
        return
    for parameter, value in _arguments(call):
        found = _adding_call(facts, call, parameter, value)
        if found is not None:
            replaces, confidence = found
            what = ast.unparse(value)
            yield Registration(call, ast.unparse(func), what, replaces, confidence)
            return


def _arguments(call: ast.Call) -> Iterator[tuple[int | str, ast.expr]]:
    yield from enumerate(call.args)
    yield from ((keyword.arg or "**", keyword.value) for keyword in call.keywords)


def _is_asked_for(step: AtImport, func: ast.expr) -> bool:
    """True under `if not logger.handlers:` and its like."""
    if not isinstance(func, ast.Attribute):
        return False
    owner = ast.unparse(func.value)
    return step.asks_for(owner) or step.asks_for(f"{owner}.handlers")


def _adding_call(
    facts: FileFacts, call: ast.Call, parameter: int | str, value: ast.expr
) -> tuple[bool, Confidence] | None:
    """Whether the newest replaces the others, and how sure that is; None where nothing is added."""
    table, func = effect_table(), call.func
    if isinstance(value, (ast.Constant, ast.JoinedStr)) or _is_null_handler(value):
        return None
    target = facts.targets.of(func, facts.index.scope_at(func))
    if isinstance(target, Function):
        is_added = _is_own(facts, value) and _adds_argument(target, parameter, _MAX_DEPTH)
        return (False, Confidence.CERTAIN) if is_added else None
    for name in qualified_names(facts, func):
        if table.replaces(name):
            return (True, Confidence.LIKELY) if _is_own(facts, value) else None
        if table.is_keyed(name):
            return None
        if table.adds(name):
            return False, Confidence.CERTAIN
        if facts.sink_table.retains(name, parameter) == "registered" and _is_own(facts, value):
            return False, Confidence.CERTAIN
    if not isinstance(func, ast.Attribute) or not _is_own(facts, value):
        return None
    is_list = func.attr in _ADDERS and not isinstance(target, Class)
    if not is_list and _is_class(func.value):
        return None  # a class has a place for each name; an abstract one, a weak reference
    return (False, Confidence.LIKELY) if is_list or table.sounds_like_adder(func.attr) else None


def _is_class(owner: ast.expr) -> bool:
    name = str(getattr(owner, "attr", getattr(owner, "id", "")))
    return name[:1].isupper() and not name.isupper()


def _is_null_handler(value: ast.expr) -> bool:
    return ast.unparse(value).endswith("NullHandler()")


# ---------------------------------------------------------------------- what lasts, what is own


def _is_lasting(facts: FileFacts, node: ast.expr, depth: int = 0) -> bool:
    """True for what outlives a reload of this module: it is imported, or asked for by a name."""
    while not isinstance(node, (ast.Name, ast.Call)):
        if not isinstance(node, (ast.Attribute, ast.Subscript)):
            return False
        node = node.value
    scope = facts.index.scope_at(node)
    if isinstance(node, ast.Call):
        name = facts.names.qualified(node.func, scope)
        is_same = name is not None and effect_table().is_lasting(facts.absolute(name))
        is_method = isinstance(node.func, ast.Attribute) and not _is_object(node)
        return is_same or (is_method and _is_lasting(facts, node.func))
    binder = scope.resolve(node.id)
    if binder is not None and binder.is_function:
        return _is_lasting_local(facts, binder, node.id, depth)
    bindings = facts.index.module.bindings_of(node.id)
    kept = (state.name for found in facts.fragile_keeps for state in found.states)
    if any(isinstance(use, ast.alias) for use in bindings) or node.id in kept:
        return True
    if depth < _MAX_DEPTH:
        _, value = facts.module_values.get(node.id, (None, None))
        if isinstance(value, (ast.Call, ast.Attribute, ast.Name)):
            return _lasts(facts, value, depth + 1)
    return False


def _is_lasting_local(facts: FileFacts, binder: Scope, name: str, depth: int) -> bool:
    """The same of a name of a function: it is imported there, or given what lasts."""
    bindings = binder.bindings_of(name)
    if not bindings or isinstance(bindings[0], ast.alias):
        return bool(bindings)
    value = getattr(facts.index.parent.get(bindings[0]), "value", None)
    if len(bindings) > 1 or depth >= _MAX_DEPTH:
        return False
    return isinstance(value, (ast.Call, ast.Attribute, ast.Name)) and _lasts(
        facts, value, depth + 1
    )


def _lasts(facts: FileFacts, value: ast.expr, depth: int) -> bool:
    """Of a value that this module gives a name: True where it is no new one each time."""
    if isinstance(value, ast.Call):
        name = facts.names.qualified(value.func, facts.index.scope_at(value))
        return name is not None and effect_table().is_lasting(facts.absolute(name))
    return _is_lasting(facts, value, depth)


def _is_own(facts: FileFacts, value: ast.expr) -> bool:
    """True where the value is, or holds, a function, class or new object of this module."""
    if isinstance(value, ast.Lambda) or _is_object(value):
        return True
    if isinstance(value, ast.Call):  # `partial(f, 1)`
        return any(_is_own(facts, argument) for argument in value.args)
    if isinstance(value, (ast.Tuple, ast.List)):
        return any(_is_own(facts, element) for element in value.elts)
    if isinstance(value, (ast.Attribute, ast.Starred)):
        return _is_own(facts, value.value)
    if not isinstance(value, ast.Name):
        return False
    binder = facts.index.scope_at(value).resolve(value.id) or facts.index.module
    for use in binder.uses_of(value.id):
        made = getattr(facts.index.parent.get(use), "value", None)
        if isinstance(use, (*FUNCTIONS, ast.ClassDef)) or _is_object(made):
            return True
    return False


def _is_object(value: ast.AST | None) -> bool:
    """True for `Handler(…)`, which makes an object."""
    func = value.func if isinstance(value, ast.Call) else None
    return (getattr(func, "attr", None) or getattr(func, "id", None) or "")[:1].isupper()


# --------------------------------------------------------------- what the project's code does


def _adds_argument(function: Function, parameter: int | str, depth: int) -> bool:
    """True where a function of the project adds its argument to something that lasts."""
    node = function.node
    name = parameter_name(node, parameter, is_method=function.is_bound)
    if name is None and isinstance(parameter, int) and node.args.vararg is not None:
        name = node.args.vararg.arg
    return name is not None and _adds_parameter(function.facts, node, name, depth)


def _adds_parameter(facts: FileFacts, node: FunctionNode, name: str, depth: int) -> bool:
    return depth > 0 and _any_adds(facts, facts.parameter_sinks(node, name), depth)


def _any_adds(facts: FileFacts, sinks: Iterable[Sink], depth: int) -> bool:
    return depth > 0 and any(_adds(facts, sink, depth - 1) for sink in sinks)


def _adds(facts: FileFacts, sink: Sink, depth: int) -> bool:
    if sink.kind is SinkKind.CONTAINER:
        call = sink.node
        is_adder = isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)
        return is_adder and call.func.attr in _ADDERS  # type: ignore[attr-defined]
    if sink.kind is SinkKind.CAPTURE and sink.by is not None:
        return _any_adds(facts, facts.sinks(sink.by), depth)
    if sink.kind is not SinkKind.ARGUMENT or sink.callee is None or sink.parameter is None:
        return False
    target = sink.callee.target
    if isinstance(target, Function):
        return _adds_argument(target, sink.parameter, depth)
    if isinstance(target, Class) and isinstance(sink.node, ast.Call):
        return _any_adds(facts, facts.sinks(sink.node), depth)
    name = target.name if isinstance(target, External) else ""
    is_known = facts.sink_table.retains(name, sink.parameter) == "registered"
    return is_known and not effect_table().is_keyed(name)
