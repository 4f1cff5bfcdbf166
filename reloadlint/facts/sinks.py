"""Where the value of a closure goes: argument, attribute, container, return, another closure …"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Final, TypeGuard

from reloadlint.facts.imports import Names
from reloadlint.facts.index import (
    COMPREHENSIONS,
    FUNCTIONS,
    FunctionNode,
    Index,
    Scope,
    ValueNode,
)
from reloadlint.facts.nodes import argument_positions, is_super_call
from reloadlint.facts.sink import Callee, Sink, SinkKind
from reloadlint.facts.sink_table import SinkTable
from reloadlint.facts.targets import External, Function, Targets, returned_function
from reloadlint.facts.trampolines import dotted
from reloadlint.facts.ways import ANY, VALUE, Slot, Way, slots_in

# Attribute names that put an argument into the container they are called on.
_ADDERS = frozenset({
    "add", "append", "appendleft", "extend", "insert", "put", "put_nowait", "setdefault", "update",
})  # fmt: skip
_JOINERS = frozenset({"extend", "update"})  # their argument is a container itself
_MAX_FLOW = 6  # names that a value is followed through
_HANDED_ON: Final = frozenset({
    SinkKind.ARGUMENT, SinkKind.ATTRIBUTE, SinkKind.CONTAINER, SinkKind.GLOBAL,
})  # fmt: skip

PassesOn = Callable[[Callee, "int | str"], bool]


class Sinks:
    """Follows values through the expressions and local names of one file."""

    def __init__(
        self, index: Index, names: Names, table: SinkTable, targets: Targets, passes_on: PassesOn
    ) -> None:
        self._index = index
        self._names = names
        self._table = table
        self._targets = targets
        self._passes_on = passes_on
        self._slots: dict[ast.AST, dict[ast.AST, Slot]] = {}
        self._positions: dict[ast.Call, dict[ast.AST, int | str]] = {}

    def of(self, node: ValueNode) -> tuple[Sink, ...]:
        """Every sink of a closure, or of an expression's value, each once."""
        if isinstance(node, FUNCTIONS):
            found = self._definition(node)
        else:
            found = self._value(node, Way())
        return tuple(dict.fromkeys(found))

    def of_parameter(self, function: FunctionNode, name: str) -> tuple[Sink, ...]:
        """Every sink of what `function` is given as its parameter `name`."""
        scope, way = self._index.scope_of[function], Way()
        for rest, slot in ((function.args.vararg, ANY), (function.args.kwarg, VALUE)):
            if rest is not None and rest.arg == name:
                way = way.into(slot)
        return tuple(dict.fromkeys(self._name(name, scope, function, way)))

    def _definition(self, node: FunctionNode) -> Iterator[Sink]:
        scope = self._index.scope_at(node)
        if isinstance(scope.node, ast.ClassDef):
            yield Sink(SinkKind.CLASS_BODY, node)
            return
        way = Way(is_suspendable=self._index.is_suspendable(node))
        for decorator in reversed(node.decorator_list):
            callee = self._callee(decorator, scope)
            if not self._flows_through(callee, 0):
                yield Sink(SinkKind.DECORATOR, decorator, callee, 0)
                return
        yield from self._name(node.name, scope, node, way)

    # ------------------------------------------------------------------ a value held by a name

    def _name(self, name: str, scope: Scope, place: ast.AST, way: Way) -> Iterator[Sink]:
        """The value is bound to `name` in `scope`: follow every read of it."""
        binder = scope.resolve(name)
        if binder is None:
            yield Sink(SinkKind.GLOBAL, place, target=name, is_contained=way.is_contained)
            return
        if isinstance(binder.node, ast.ClassDef):
            kind = SinkKind.CONTAINER if way.is_contained else SinkKind.CLASS_BODY
            yield Sink(kind, place, target=name, is_contained=way.is_contained)
            return
        if way.depth >= _MAX_FLOW:
            yield Sink(SinkKind.UNKNOWN, place)
            return
        way = replace(way, depth=way.depth + 1)
        for use in _reads(binder.uses_of(name)):
            yield from self._value(use, way)
        yield from self._captured(binder.spelled(name), binder, place, way)

    def _captured(self, name: str, binder: Scope, place: ast.AST, way: Way) -> Iterator[Sink]:
        for inner in binder.inner_scopes_using(name):
            if inner.resolve(name) is binder:
                closure = inner.node
                if isinstance(closure, (ast.Lambda, *FUNCTIONS)):
                    if closure is not place:
                        yield Sink(SinkKind.CAPTURE, closure, target=name, by=closure)
                        yield from self._handed_on(inner.uses[name], way)
                else:  # a comprehension or class, which runs where it stands
                    for use in _reads(inner.uses[name]):
                        yield from self._value(use, way)

    def _handed_on(self, uses: list[ast.AST], way: Way) -> Iterator[Sink]:
        """Where a function that captures the value puts it; what it returns is another matter."""
        for use in _reads(uses):
            for sink in self._value(use, way):
                if sink.kind in _HANDED_ON:
                    yield sink

    # ------------------------------------------------------------------ a value in an expression

    def _value(self, node: ast.AST, way: Way) -> Iterator[Sink]:
        """The value of the expression `node`: look at what stands around it."""
        up = self._index.parent[node]
        handler = _AROUND.get(type(up))
        if handler is not None:
            yield from handler(self, node, up, way)
        else:
            yield Sink(SinkKind.CONSUMED, up)

    def _through(self, node: ast.AST, up: ast.AST, way: Way) -> Iterator[Sink]:
        return self._value(up, way)

    def _in_await(self, node: ast.AST, up: ast.Await, way: Way) -> Iterator[Sink]:
        return iter((Sink(SinkKind.CONSUMED, up),)) if way.is_lazy else self._value(up, way)

    def _in_conditional(self, node: ast.AST, up: ast.IfExp, way: Way) -> Iterator[Sink]:
        if node is up.test:
            yield Sink(SinkKind.CONSUMED, up)
        else:
            yield from self._value(up, way)

    def _in_display(self, node: ast.AST, up: ast.AST, way: Way) -> Iterator[Sink]:
        inner = way if isinstance(node, ast.Starred) else way.into(self._slot(up, node))
        return self._value(up, inner)

    def _in_comprehension(self, node: ast.AST, up: ast.AST, way: Way) -> Iterator[Sink]:
        is_lazy = way.is_lazy or isinstance(up, ast.GeneratorExp)
        return self._value(up, replace(way.into(self._slot(up, node)), is_lazy=is_lazy))

    def _slot(self, display: ast.AST, element: ast.AST) -> Slot:
        if display not in self._slots:
            self._slots[display] = slots_in(display)
        return self._slots[display].get(element, ANY)

    def _in_subscript(self, node: ast.AST, up: ast.Subscript, way: Way) -> Iterator[Sink]:
        if node is not up.value or not isinstance(up.ctx, ast.Load):
            yield Sink(SinkKind.CONSUMED, up)
        elif isinstance(up.slice, ast.Slice):
            yield from self._value(up, way.reordered())
        else:
            yield from self._value(up, way.out())

    def _in_walrus(self, node: ast.AST, up: ast.NamedExpr, way: Way) -> Iterator[Sink]:
        yield from self._name(up.target.id, self._index.scope_at(up), up, way)
        yield from self._value(up, way)

    def _in_return(self, node: ast.AST, up: ast.AST, way: Way) -> Iterator[Sink]:
        yield Sink(SinkKind.RETURN, up, is_contained=way.is_contained)

    def _in_yield(self, node: ast.AST, up: ast.AST, way: Way) -> Iterator[Sink]:
        is_used_up = way.is_lazy and isinstance(up, ast.YieldFrom)
        kind = SinkKind.CONSUMED if is_used_up else SinkKind.YIELD
        yield Sink(kind, up, is_contained=way.is_contained)

    def _in_default(self, node: ast.AST, up: ast.AST, way: Way) -> Iterator[Sink]:
        yield Sink(SinkKind.DEFAULT, up)

    def _in_assignment(self, node: ast.AST, up: ast.AST, way: Way) -> Iterator[Sink]:
        targets = up.targets if isinstance(up, ast.Assign) else [up.target]  # type: ignore[attr-defined]
        if isinstance(up, ast.AugAssign):
            way = way.reordered()
        for target in targets:
            yield from self._assigned(target, up, way)

    def _assigned(self, target: ast.expr, place: ast.AST, way: Way) -> Iterator[Sink]:
        if isinstance(target, ast.Name):
            yield from self._name(target.id, self._index.scope_at(target), place, way)
        elif isinstance(target, ast.Attribute):
            text = dotted(target) or f"….{target.attr}"
            yield Sink(SinkKind.ATTRIBUTE, place, target=text, is_contained=way.is_contained)
        elif isinstance(target, ast.Subscript):
            yield from self._into_container(target.value, place, way.into(VALUE))
        elif isinstance(target, (ast.Tuple, ast.List)):
            for i, element in enumerate(target.elts):
                is_sure = not any(isinstance(e, ast.Starred) for e in target.elts[: i + 1])
                inner = way.unpacked(i, is_sure=is_sure)
                if inner is not None:
                    yield from self._assigned(element, place, inner)
        else:
            assert isinstance(target, ast.Starred)
            yield from self._assigned(target.value, place, way.into(ANY))

    def _into_container(self, container: ast.expr, place: ast.AST, way: Way) -> Iterator[Sink]:
        """The value is in `container` now, as `way` says; one made and kept here is followed."""
        if isinstance(container, ast.Name):
            scope = self._index.scope_at(container)
            binder = scope.resolve(container.id)
            if binder is scope and self._is_made_here(container.id, scope):
                yield from self._name(container.id, scope, place, way)
                return
        text = _base_text(container)
        yield Sink(SinkKind.CONTAINER, place, target=text, is_contained=True)

    def _is_made_here(self, name: str, scope: Scope) -> bool:
        bindings = scope.bindings_of(name)
        values = [getattr(self._index.parent.get(use), "value", None) for use in bindings]
        return bool(bindings) and all(
            isinstance(value, (ast.List, ast.Dict, ast.Set, *COMPREHENSIONS))
            or (isinstance(value, ast.Call) and self._is_container_call(value, scope))
            for value in values
        )

    def _is_container_call(self, call: ast.Call, scope: Scope) -> bool:
        return self._table.makes_container(self._names.qualified(call.func, scope))

    # ------------------------------------------------------------------ a value handed to a call

    def _in_keyword(self, node: ast.AST, up: ast.keyword, way: Way) -> Iterator[Sink]:
        call = self._index.parent[up]
        if isinstance(call, ast.Call):
            yield from self._argument(call, up.arg or "**", way if up.arg else way.out())
        else:
            yield Sink(SinkKind.UNKNOWN, call)  # a class keyword

    def _in_call(self, node: ast.AST, up: ast.Call, way: Way) -> Iterator[Sink]:
        if node is not up.func:
            if up not in self._positions:
                self._positions[up] = argument_positions(up)
            inner = way.out() if isinstance(node, ast.Starred) else way
            yield from self._argument(up, self._positions[up][node], inner)
        elif way.is_suspendable and not way.is_contained:
            yield from self._value(up, replace(way, is_lazy=True, is_suspendable=False))
        else:
            yield Sink(SinkKind.CONSUMED, up)

    def _in_starred(self, node: ast.AST, up: ast.Starred, way: Way) -> Iterator[Sink]:
        if way.is_lazy:
            return iter((Sink(SinkKind.CONSUMED, up),))
        return self._value(up, way.reordered())

    def _argument(self, call: ast.Call, parameter: int | str, way: Way) -> Iterator[Sink]:
        scope = self._index.scope_at(call)
        callee = self._callee(call.func, scope)
        wrapper = self._index.parent[call]
        if way.is_lazy and self._table.iterates(callee.qualified, callee.name):
            yield Sink(SinkKind.CONSUMED, call)
        elif self._is_held_by_wrapper(wrapper, callee, parameter):
            yield Sink(SinkKind.CAPTURE, wrapper, target=callee.text, by=wrapper)
        elif self._flows_through(callee, parameter):
            is_lazy = way.is_lazy or self._table.is_lazy(callee.qualified)
            is_contained = way.is_contained or is_lazy
            inner = way.somewhere() if is_contained else way
            yield from self._value(call, replace(inner, is_lazy=is_lazy))
        elif (
            isinstance(call.func, ast.Attribute)
            and call.func.attr in _ADDERS
            and not isinstance(callee.target, Function)
        ):
            slot = VALUE if call.func.attr == "setdefault" else ANY
            inner = way.reordered() if call.func.attr in _JOINERS else way.into(slot)
            yield from self._into_container(call.func.value, call, inner)
        else:
            yield Sink(SinkKind.ARGUMENT, call, callee, parameter, is_contained=way.is_contained)
            function = callee.function
            if function is not None and function.facts.index.is_suspendable(function.node):
                is_generator = function.node in function.facts.index.generators
                inner = way.somewhere() if way.is_contained or is_generator else way
                yield from self._value(call, replace(inner, is_lazy=True))

    def _is_held_by_wrapper(
        self, wrapper: ast.AST, callee: Callee, parameter: int | str
    ) -> TypeGuard[FunctionNode]:
        """True for `@wraps(f)` over a nested function, of which `f` is a part from then on."""
        return (
            isinstance(wrapper, FUNCTIONS)
            and self._index.scope_at(wrapper).is_function
            and self._table.wraps(callee.qualified, parameter)
        )

    def _flows_through(self, callee: Callee, parameter: int | str) -> bool:
        """True where the result of the call is, or holds, the argument."""
        return (
            self._table.passes(callee.qualified, parameter)
            or (isinstance(parameter, str) and self._table.makes_container(callee.qualified))
            or self._passes_on(callee, parameter)
        )

    def _callee(self, func: ast.expr, scope: Scope) -> Callee:
        """Describe what is called; what a call returns, as in `wraps(f)(g)`, is named `wraps()`."""
        if isinstance(func, ast.Call):
            made = self._callee(func.func, scope)
            qualified = made.qualified and f"{made.qualified}()"
            inner = None
            if isinstance(made.target, Function):
                inner = returned_function(made.target)
                if made.target.is_context_manager:
                    qualified = "contextlib.ContextDecorator()"
            return replace(made, qualified=qualified, target=inner)
        if isinstance(func, ast.Subscript):  # `Cell[int](…)`
            func = func.value
        text = dotted(func)
        name = func.attr if isinstance(func, ast.Attribute) else (text or "")
        if text is None and is_super_call(func):
            text = f"super().{name}"
        text = text or (f"….{name}" if name else "the call")
        target = self._targets.of(func, scope)
        qualified = self._names.qualified(func, scope)
        if isinstance(target, External):
            qualified = target.name
        return Callee(qualified, name, text, target)

    # ---------------------------------------------------------------- a container of the closure

    def _in_for(self, node: ast.AST, up: ast.AST, way: Way) -> Iterator[Sink]:
        """Also in a comprehension. What comes of the elements decides, where they are the value."""
        target = up.target  # type: ignore[attr-defined]
        inner = way.iterated(target) if node is up.iter else None  # type: ignore[attr-defined]
        if inner is not None:
            yield from self._assigned(target, up, inner)
        else:
            yield Sink(SinkKind.CONSUMED, up)

    def _in_attribute(self, node: ast.AST, up: ast.Attribute, way: Way) -> Iterator[Sink]:
        """Something is read from or set on the value, which goes nowhere by that, unless bound."""
        call = self._index.parent.get(up)
        is_method = isinstance(call, ast.Call) and call.func is up
        returned = way if up.attr == "__get__" else way.by_method(up.attr)
        if is_method and call is not None and returned is not None:
            yield from self._value(call, returned)
        else:
            yield Sink(SinkKind.CONSUMED, up)


def _reads(uses: Sequence[ast.AST]) -> Iterator[ast.Name]:
    for use in uses:
        if isinstance(use, ast.Name) and isinstance(use.ctx, ast.Load):
            yield use


def _base_text(container: ast.expr) -> str:
    """What a container is called: `self.handlers` for `self.handlers[topic]` and its like."""
    inner: ast.expr = container
    while dotted(inner) is None:
        if isinstance(inner, ast.Call):
            inner = inner.func
        elif isinstance(inner, (ast.Attribute, ast.Subscript)):
            inner = inner.value
        else:
            return "…"
    text = dotted(inner) or "…"
    is_method = isinstance(container, ast.Call) and inner is container.func
    return text.rpartition(".")[0] if is_method and "." in text else text


_AROUND: Final[dict[type[ast.AST], Callable[..., Iterator[Sink]]]] = {
    ast.Attribute: Sinks._in_attribute,
    ast.Assign: Sinks._in_assignment,
    ast.AnnAssign: Sinks._in_assignment,
    ast.AugAssign: Sinks._in_assignment,
    ast.Await: Sinks._in_await,
    ast.BoolOp: Sinks._through,
    ast.Call: Sinks._in_call,
    ast.Dict: Sinks._in_display,
    ast.DictComp: Sinks._in_comprehension,
    ast.For: Sinks._in_for,
    ast.GeneratorExp: Sinks._in_comprehension,
    ast.IfExp: Sinks._in_conditional,
    ast.Lambda: Sinks._in_return,  # its body
    ast.List: Sinks._in_display,
    ast.ListComp: Sinks._in_comprehension,
    ast.NamedExpr: Sinks._in_walrus,
    ast.Return: Sinks._in_return,
    ast.Set: Sinks._in_display,
    ast.SetComp: Sinks._in_comprehension,
    ast.Starred: Sinks._in_starred,
    ast.Subscript: Sinks._in_subscript,
    ast.Tuple: Sinks._in_display,
    ast.Yield: Sinks._in_yield,
    ast.YieldFrom: Sinks._in_yield,
    ast.arguments: Sinks._in_default,
    ast.comprehension: Sinks._in_for,
    ast.keyword: Sinks._in_keyword,
}
