"""Control flow of one scope: what has a value when a closure is made, what gets a new one after.

One pass in the order of evaluation. Where several ways meet, a name counts as bound if it is on
all of them, a closure as made if it is on one. Loops and `try` need no second pass: at the head of
a loop all that its body may delete counts as deleted, and every closure in it as made.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from functools import reduce
from typing import Any, Final, NamedTuple, TypeAlias

from reloadlint.facts.index import COMPREHENSIONS, FUNCTIONS, Index, Scope, child_nodes
from reloadlint.facts.nodes import TRIES, TYPE_ALIASES


class _State(NamedTuple):
    """Sets as bits: the names that surely have a value, the closures that may have been made."""

    bound: int
    made: int


_Way: TypeAlias = "_State | None"  # None: control never gets here


class _Events(NamedTuple):
    """What may happen in a part of the scope, as bits: names deleted, closures made.

    `left` are the closures made by a `return` or `raise` with no `try` around it in this part:
    nothing else happens in it after that.
    """

    killed: int = 0
    made: int = 0
    left: int = 0


class _Loop:
    """A loop that is being walked: what its `break`s unwind, and where they lead."""

    def __init__(self, depth: int) -> None:
        self.depth = depth
        self.after: _Way = None


class Flow:
    """Answers for the captured names that `scope` binds and the closures that it makes.

    A closure in a closure is made later: ask for the outer one. What is never reached, such as code
    behind a `return`, counts as unbound and rebound.
    """

    def __init__(self, index: Index, scope: Scope) -> None:
        self._index = index
        self._scope = scope
        self._names = {name: 1 << i for i, name in enumerate(_captured_names(scope))}
        self._closures = {node: 1 << i for i, node in enumerate(_closures_made_in(scope))}
        self._bindings: dict[ast.AST, int] = {}
        self._kills: dict[ast.AST, int] = {}
        self._collect_uses()
        self._events = self._sum_up()
        self._killed = self._events[scope.node].killed
        self._bound_at: dict[ast.AST, int] = {}
        self._made_before = dict.fromkeys(self._names.values(), 0)
        self._loops: list[_Loop] = []
        self._unwound: list[_Events] = []  # by a jump: `finally` clauses, names of `except`
        self._run()

    def is_bound_at(self, closure: ast.AST, name: str) -> bool:
        """True where `name` has a value on every way to the making of `closure`."""
        return bool(self._bound_at.get(closure, 0) & self._names[name])

    def is_rebound_after(self, closure: ast.AST, name: str) -> bool:
        """True where the scope may bind `name` after it has made `closure`."""
        made = self._made_before[self._names[name]]
        return closure not in self._bound_at or bool(made & self._closures[closure])

    def is_deleted(self, name: str) -> bool:
        """True where a `del`, or the end of an `except` clause, takes the value away."""
        return bool(self._killed & self._names[name])

    # -------------------------------------------------------------------------------- the events

    def _collect_uses(self) -> None:
        for name, bit in self._names.items():
            for use in self._scope.uses[name]:
                if isinstance(use, ast.Name):
                    if isinstance(use.ctx, ast.Store):
                        self._bindings[use] = bit
                    elif isinstance(use.ctx, ast.Del):
                        self._kills[use] = bit
                elif not isinstance(use, ast.arg):
                    self._bindings[use] = bit
                    if isinstance(use, ast.ExceptHandler):
                        self._kills[use] = bit

    def _sum_up(self) -> dict[ast.AST, _Events]:
        """The events in each part of the scope that has any; elsewhere nothing happens."""
        parent, top = self._index.parent, self._scope.node
        sums = {top: _Events()}  # what is around comes before what is in it
        for event in (*self._closures, *self._bindings, *self._kills):
            path = []
            node = event
            while node not in sums:
                path.append(node)
                node = parent[node]
            for node in reversed(path):
                sums[node] = _Events(self._kills.get(node, 0), self._closures.get(node, 0))
        for node in reversed(sums):
            killed, made, left = sums[node]
            if isinstance(node, (ast.Return, ast.Raise)):
                sums[node] = _Events(killed, 0, made)
            elif isinstance(node, _GUARDS):
                sums[node] = _Events(killed, made | left)
            if node is not top:
                up = parent[node]
                sums[up] = _union((sums[up], sums[node]))
        return sums

    def _in(self, nodes: Iterable[ast.AST | None]) -> _Events:
        return _union(self._events[node] for node in nodes if node in self._events)

    def _guarded(self, nodes: Iterable[ast.AST | None]) -> _Events:
        """The events in what an exception may leave at any point, for a handler around it."""
        killed, made, left = self._in(nodes)
        return _Events(killed, made | left)

    def _bind(self, node: ast.AST, state: _State) -> _State:
        bit = self._bindings.get(node)
        if bit is None:
            return state
        self._made_before[bit] |= state.made
        return _State(state.bound | bit, state.made)

    def _make(self, node: ast.AST, state: _State) -> _State:
        self._bound_at[node] = state.bound
        return _State(state.bound, state.made | self._closures[node])

    # -------------------------------------------------------------------------------- the ways

    def _run(self) -> None:
        node = self._scope.node
        if isinstance(node, COMPREHENSIONS):
            self._comprehension(node, _State(0, 0))
            return
        assert isinstance(node, (*FUNCTIONS, ast.Lambda))
        bound = 0
        for name, bit in self._names.items():
            if any(isinstance(use, ast.arg) for use in self._scope.uses[name]):
                bound |= bit
        if isinstance(node, ast.Lambda):
            self._value(node.body, _State(bound, 0))
        else:
            self._block(node.body, _State(bound, 0))

    def _block(self, statements: list[ast.stmt], way: _Way) -> _Way:
        for statement in statements:
            if way is None:
                return None
            walk = _STATEMENTS.get(type(statement))
            way = walk(self, statement, way) if walk else self._values(child_nodes(statement), way)
        return way

    def _value(self, node: ast.AST | None, state: _State) -> _State:
        """Evaluate an expression; assign to a target, or delete it."""
        if node is None or node not in self._events:
            return state
        evaluate = _EXPRESSIONS.get(type(node))
        return evaluate(self, node, state) if evaluate else self._values(child_nodes(node), state)

    def _values(self, nodes: Iterable[ast.AST | None], state: _State) -> _State:
        for node in nodes:
            state = self._value(node, state)
        return state

    def _perhaps(self, nodes: Iterable[ast.AST | None], state: _State) -> _State:
        """Parts that may be left out, or be evaluated later: they bind nothing for sure."""
        return _State(state.bound, self._values(nodes, state).made)

    def _later(self, nodes: Iterable[ast.AST | None], state: _State) -> _State:
        """Parts that are evaluated at some later time, when names may have been deleted."""
        after = self._values(nodes, _State(state.bound & ~self._killed, state.made))
        return _State(state.bound, after.made)

    # ------------------------------------------------------------------------------- expressions

    def _name(self, node: ast.Name, state: _State) -> _State:
        return self._bind(node, _State(state.bound & ~self._kills.get(node, 0), state.made))

    def _walrus(self, node: ast.NamedExpr, state: _State) -> _State:
        return self._values((node.value, node.target), state)

    def _lambda(self, node: ast.Lambda, state: _State) -> _State:
        return self._make(node, self._values((*node.args.defaults, *node.args.kw_defaults), state))

    def _conditional(self, node: ast.IfExp, state: _State) -> _State:
        true, false = self._test(node.test, state)
        return _meet(self._value(node.body, true), self._value(node.orelse, false))

    def _operators(self, node: ast.BoolOp, state: _State) -> _State:
        return _meet(*self._test(node, state))

    def _compare(self, node: ast.Compare, state: _State) -> _State:
        state = self._values((node.left, node.comparators[0]), state)
        return self._perhaps(node.comparators[1:], state)

    def _dict(self, node: ast.Dict, state: _State) -> _State:
        pairs = zip(node.keys, node.values, strict=True)
        return self._values((part for pair in pairs for part in pair), state)

    def _inline(self, node: Any, state: _State) -> _State:
        state = self._value(node.generators[0].iter, state)
        if not isinstance(node, ast.GeneratorExp):
            return self._comprehension(node, state)
        for part in ast.walk(node):  # a walrus, which runs whenever the generator does
            if part in self._bindings:
                self._made_before[self._bindings[part]] = -1
        return self._comprehension(node, _State(state.bound & ~self._killed, state.made))

    def _comprehension(self, node: Any, state: _State) -> _State:
        """The parts that belong to the comprehension's own scope: run never, once or often."""
        made = state.made | self._events[node].made
        inner = _State(state.bound, made)
        for generator in node.generators:
            if generator is not node.generators[0]:
                inner = self._value(generator.iter, inner)
            inner = self._value(generator.target, inner)
            for condition in generator.ifs:
                inner, _ = self._test(condition, inner)
        self._values((getattr(node, part, None) for part in ("elt", "key", "value")), inner)
        return _State(state.bound, made)

    def _test(self, node: ast.expr, state: _State) -> tuple[_State, _State]:
        """Evaluate a condition: the states in which it is true, and in which it is false."""
        if node not in self._events:
            return state, state
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            true, false = self._test(node.operand, state)
            return false, true
        if isinstance(node, ast.BoolOp):
            goes_on_if_true = isinstance(node.op, ast.And)
            left: list[_State] = []
            for value in node.values:
                true, false = self._test(value, state)
                state, leaving = (true, false) if goes_on_if_true else (false, true)
                left.append(leaving)
            other = reduce(_meet, left)
            return (state, other) if goes_on_if_true else (other, state)
        after = self._value(node, state)
        return after, after

    # -------------------------------------------------------------------------------- statements

    def _assign(self, node: ast.Assign, state: _State) -> _Way:
        return self._values((node.value, *node.targets), state)

    def _aug_assign(self, node: ast.AugAssign, state: _State) -> _Way:
        is_name = isinstance(node.target, ast.Name)
        parts = (node.value, node.target) if is_name else (node.target, node.value)
        return self._values(parts, state)

    def _ann_assign(self, node: ast.AnnAssign, state: _State) -> _Way:
        if node.value is not None:
            state = self._values((node.value, node.target), state)
        elif not isinstance(node.target, ast.Name):
            state = self._value(node.target, state)
        return self._later((node.annotation,), state)

    def _assert(self, node: ast.Assert, state: _State) -> _Way:
        return self._perhaps((node.test, node.msg), state)  # not with `python -O`

    def _import(self, node: ast.Import | ast.ImportFrom, state: _State) -> _Way:
        for alias in node.names:
            state = self._bind(alias, state)
        return state

    def _definition(self, node: Any, state: _State) -> _Way:
        args: ast.arguments = node.args
        state = self._values((*node.decorator_list, *args.defaults, *args.kw_defaults), state)
        state = self._later((*getattr(node, "type_params", ()), args, node.returns), state)
        return self._bind(node, self._make(node, state))

    def _arguments(self, node: ast.arguments, state: _State) -> _State:
        """The annotations; defaults are evaluated before."""
        parts = child_nodes(node)
        return self._values((getattr(part, "annotation", None) for part in parts), state)

    def _class(self, node: ast.ClassDef, state: _State) -> _Way:
        state = self._values(node.decorator_list, state)
        state = self._later(getattr(node, "type_params", ()), state)
        way = self._block(node.body, self._values((*node.bases, *node.keywords), state))
        return self._bind(node, way) if way else None

    def _type_alias(self, node: Any, state: _State) -> _Way:
        return self._value(node.name, self._later((*node.type_params, node.value), state))

    def _leave(self, node: ast.stmt, state: _State) -> _Way:
        self._values(child_nodes(node), state)
        return None

    def _break(self, node: ast.Break, state: _State) -> _Way:
        loop = self._loops[-1]
        unwound = _union(self._unwound[loop.depth :])
        loop.after = _join(loop.after, _disturbed(state, unwound))
        return None

    def _if(self, node: ast.If, state: _State) -> _Way:
        after: _Way = None
        while True:  # a ladder of `elif`s may be long
            true, state = self._test(node.test, state)
            after = _join(after, self._block(node.body, true))
            if len(node.orelse) != 1 or not isinstance(node.orelse[0], ast.If):
                return _join(after, self._block(node.orelse, state))
            node = node.orelse[0]

    def _while(self, node: ast.While, state: _State) -> _Way:
        head = _disturbed(state, self._in((node.test, *node.body)))
        true, false = self._test(node.test, head)
        after = self._loop_body(node.body, true)
        is_endless = isinstance(node.test, ast.Constant) and bool(node.test.value)
        return after if is_endless else _join(after, self._block(node.orelse, false))

    def _for(self, node: Any, state: _State) -> _Way:
        state = self._value(node.iter, state)
        head = _disturbed(state, self._in((node.target, *node.body)))
        after = self._loop_body(node.body, self._value(node.target, head))
        return _join(after, self._block(node.orelse, head))

    def _loop_body(self, body: list[ast.stmt], state: _State) -> _Way:
        """Walk the body of a loop; return the way that its `break`s lead."""
        self._loops.append(_Loop(len(self._unwound)))
        self._block(body, state)
        return self._loops.pop().after

    def _with(self, node: Any, state: _State) -> _Way:
        return self._with_items(node.items, node.body, state)

    def _with_items(self, items: list[ast.withitem], body: list[ast.stmt], state: _State) -> _Way:
        """After `with`, anything in it may have been left out: exceptions may be swallowed."""
        item, *others = items
        state = self._value(item.context_expr, state)
        inner = self._value(item.optional_vars, state)
        if isinstance(item.optional_vars, ast.Name):
            state = inner  # unpacking may fail, a plain name does not
        inside = self._guarded((item.optional_vars, *others, *body))
        way = self._with_items(others, body, inner) if others else self._block(body, inner)
        return _join(way, _disturbed(state, inside))

    def _try(self, node: Any, state: _State) -> _Way:
        protected = (*node.body, *node.handlers, *node.orelse)
        self._unwound.append(self._in(node.finalbody))
        way = self._block(node.orelse, self._block(node.body, state))
        way = _join(way, self._handlers(node, _disturbed(state, self._guarded(node.body))))
        unwound = self._unwound.pop()
        if not node.finalbody:
            return way
        final = self._block(node.finalbody, _disturbed(state, self._guarded(protected)))
        if way is None or final is None:
            return None
        return _State(final.bound | (way.bound & ~unwound.killed), final.made | way.made)

    def _handlers(self, node: Any, state: _State) -> _Way:
        after: _Way = None
        for handler in node.handlers:
            state = self._value(handler.type, state)
            killed = self._kills.get(handler, 0)
            self._unwound.append(_Events(killed))
            way = self._block(handler.body, self._bind(handler, state))
            self._unwound.pop()
            after = _join(after, way and _disturbed(way, _Events(killed)))
            if not isinstance(node, ast.Try):  # one `except*` may run after another
                state = _disturbed(state, self._guarded((handler,)))
        return after

    def _match(self, node: ast.Match, state: _State) -> _Way:
        state = self._value(node.subject, state)
        after: _Way = None
        for case in node.cases:
            matched = self._value(case.pattern, state)
            true, false = matched, state
            if case.guard is not None:
                true, false = self._test(case.guard, matched)
            after = _join(after, self._block(case.body, true))
            state = _State(state.bound, false.made)
        last = node.cases[-1]
        return (
            after if last.guard is None and _always_matches(last.pattern) else _join(after, state)
        )

    def _pattern(self, node: ast.pattern, state: _State) -> _State:
        return self._bind(node, self._values(child_nodes(node), state))


def _captured_names(scope: Scope) -> list[str]:
    """The names that `scope` binds and scopes in it mention."""
    mentioned: set[str] = set()
    stack = list(scope.children)
    while stack:
        inner = stack.pop()
        mentioned.update(inner.uses, inner.nonlocals)
        stack += inner.children
    return [name for name in scope.uses if name in mentioned and scope.binds(name)]


def _closures_made_in(scope: Scope) -> Iterator[ast.AST]:
    """The functions whose definitions run when `scope` does: in its classes and comprehensions."""
    stack = list(scope.children)
    while stack:
        inner = stack.pop()
        if isinstance(inner.node, (*FUNCTIONS, ast.Lambda)):
            yield inner.node
        else:
            stack += inner.children


def _meet(one: _State, other: _State) -> _State:
    return _State(one.bound & other.bound, one.made | other.made)


def _join(one: _Way, other: _Way) -> _Way:
    return _meet(one, other) if one and other else one or other


def _union(events: Iterable[_Events]) -> _Events:
    killed = made = left = 0
    for event in events:
        killed |= event.killed
        made |= event.made
        left |= event.left
    return _Events(killed, made, left)


def _disturbed(state: _State, events: _Events) -> _State:
    """The state after any of the events may have happened."""
    return _State(state.bound & ~events.killed, state.made | events.made)


def _always_matches(pattern: ast.pattern) -> bool:
    if isinstance(pattern, ast.MatchAs):
        return pattern.pattern is None or _always_matches(pattern.pattern)
    return isinstance(pattern, ast.MatchOr) and _always_matches(pattern.patterns[-1])


_GUARDS: Final[tuple[type[ast.stmt], ...]] = (ast.With, ast.AsyncWith, *TRIES)
_EXPRESSIONS: Final[dict[type[ast.AST], Callable[..., _State]]] = {
    ast.Name: Flow._name,
    ast.NamedExpr: Flow._walrus,
    ast.Lambda: Flow._lambda,
    ast.IfExp: Flow._conditional,
    ast.BoolOp: Flow._operators,
    ast.Compare: Flow._compare,
    ast.Dict: Flow._dict,
    ast.arguments: Flow._arguments,
    **dict.fromkeys(COMPREHENSIONS, Flow._inline),
    **dict.fromkeys((ast.MatchAs, ast.MatchStar, ast.MatchMapping), Flow._pattern),
}
_STATEMENTS: Final[dict[type[ast.AST], Callable[..., _Way]]] = {
    ast.Assign: Flow._assign,
    ast.AugAssign: Flow._aug_assign,
    ast.AnnAssign: Flow._ann_assign,
    ast.Assert: Flow._assert,
    ast.Import: Flow._import,
    ast.ImportFrom: Flow._import,
    ast.FunctionDef: Flow._definition,
    ast.AsyncFunctionDef: Flow._definition,
    ast.ClassDef: Flow._class,
    ast.Return: Flow._leave,
    ast.Raise: Flow._leave,
    ast.Continue: Flow._leave,
    ast.Break: Flow._break,
    ast.If: Flow._if,
    ast.While: Flow._while,
    ast.For: Flow._for,
    ast.AsyncFor: Flow._for,
    ast.With: Flow._with,
    ast.AsyncWith: Flow._with,
    ast.Match: Flow._match,
    **dict.fromkeys(TRIES, Flow._try),
    **dict.fromkeys(TYPE_ALIASES, Flow._type_alias),
}
