"""One pass over the syntax tree: parents, scopes, every use of a name, and the nodes by kind.

The scopes drawn here only say *where* names are used; who binds a captured name is asked of
CPython's own symbol table (see `scopes.py`).
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any, Final, TypeAlias, TypeVar

from reloadlint.facts.nodes import (
    COMPREHENSIONS,
    FUNCTIONS,
    LAST_FIRST,
    LOOPS,
    TYPE_ALIASES,
    TYPE_PARAMETERS,
    TYPE_SCOPES,
    ClosureNode,
    FunctionNode,
    ValueNode,
    child_nodes,
    parameters,
)
from reloadlint.facts.scope import Scope, is_binding, is_deletion

__all__ = [
    "COMPREHENSIONS",
    "FUNCTIONS",
    "LOOPS",
    "TYPE_SCOPES",
    "ClosureNode",
    "FunctionNode",
    "Index",
    "Scope",
    "ValueNode",
    "child_nodes",
    "is_binding",
    "is_deletion",
    "parameters",
]

_Node = TypeVar("_Node", bound=ast.AST)
# What is on the way in the pass: a node, a scope that begins, or one in which it goes on.
_Part: TypeAlias = "ast.AST | Scope | tuple[Scope]"


class Index:
    """Everything that later facts look up: `parent` of each node, `scope_of` each scope node.

    `functions` are the lambdas and defs, `imports` the import statements, `globals` the names that
    some scope declares to be `global`. Lists are in the order of the visit. Where the file
    `has_lazy_annotations`, nothing evaluates them.
    """

    def __init__(self, tree: ast.Module) -> None:
        self.tree = tree
        self.parent: dict[ast.AST, ast.AST] = dict.fromkeys(tree.body, tree)
        self.module = Scope(tree, None)
        self.scope_of: dict[ast.AST, Scope] = {tree: self.module}
        self.functions: list[ClosureNode] = []
        self.imports: list[ast.Import | ast.ImportFrom] = []
        self.strings: list[ast.Constant] = []
        self.globals: set[str] = set()
        self._nodes: defaultdict[type[ast.AST], list[Any]] = defaultdict(list)
        self._calls: defaultdict[str, list[ast.Call]] = defaultdict(list)
        self._attributes: defaultdict[str, list[ast.Attribute]] = defaultdict(list)
        self._type_scopes: dict[ast.AST, Scope] = {}
        self._scope_around: dict[ast.AST, Scope] = {}  # of statements: a chain of `elif` is deep
        self.has_lazy_annotations = False
        self._walk(tree)
        for scope in self.scope_of.values():
            scope.uses.default_factory = scope.bindings.default_factory = None

    def close(self) -> None:
        """Take the scopes apart, which refer to each other."""
        for scope in self.scope_of.values():
            scope.close()

    def nodes(self, *kinds: type[_Node]) -> Iterator[_Node]:
        """The nodes of the given kinds, one kind after the other.

        Names, constants and attributes are not among them: see `Scope.uses` and `attributes`.
        """
        for kind in kinds:
            yield from self._nodes.get(kind, ())

    def calls(self, *names: str) -> Iterator[ast.Call]:
        """The calls of `name(…)`, `m.name(…)`, `f().name(…)`, one name after the other.

        Those of what has no name, such as `f()()` and `table[key]()`, go by "".
        """
        for name in names:
            yield from self._calls.get(name, ())

    def attributes(self, *names: str) -> Iterator[ast.Attribute]:
        """The attributes `….name` that are read, set or deleted, one name after the other."""
        for name in names:
            yield from self._attributes.get(name, ())

    # The stack holds what is still to be visited. A scope on it begins there; in a tuple it is
    # where the pass goes on. Iterative, since an operator chain may be 5,000 deep, and in one
    # piece, as this loop is where most of the time goes that a clean file takes.
    def _walk(self, tree: ast.Module) -> None:  # noqa: PLR0912, PLR0915
        parent, nodes, calls, attributes = self.parent, self._nodes, self._calls, self._attributes
        strings, scope = self.strings, self.module
        name_kind, constant, attribute, call = ast.Name, ast.Constant, ast.Attribute, ast.Call
        uses, bindings, private = scope.uses, scope.bindings, scope.private
        stack: list[Any] = tree.body[::-1]
        pop, push = stack.pop, stack.append
        while stack:
            node = pop()
            kind = type(node)
            while kind is call:
                nodes[call].append(node)
                for part in node.keywords[::-1]:
                    parent[part] = node
                    push(part)
                for part in node.args[::-1]:
                    parent[part] = node
                    push(part)
                function = node.func
                parent[function] = node
                kind = type(function)
                if kind is name_kind:
                    calls[function.id].append(node)
                else:
                    calls[function.attr if kind is attribute else ""].append(node)
                node = function  # which comes next anyway
            while kind is attribute:
                attributes[node.attr].append(node)
                value = node.value
                parent[value] = node
                node = value
                kind = type(node)
            if kind is name_kind:
                name = node.id
                if private:
                    name = scope.spelled(name)
                uses[name].append(node)
                context = type(node.ctx)
                if context is ast.Store:
                    bindings[name].append(node)
                elif context is ast.Del:
                    bindings[name]  # which makes it a name of this scope
            elif kind is constant:
                if type(node.value) is str:
                    strings.append(node)
            elif kind is Scope:
                node.parent.children.append(node)
                scope = node
                uses, bindings, private = scope.uses, scope.bindings, scope.private
            elif kind is tuple:
                (scope,) = node
                uses, bindings, private = scope.uses, scope.bindings, scope.private
            elif kind is call:
                push(node)
            else:
                nodes[kind].append(node)
                special = _SPECIAL.get(kind)
                if special is not None:
                    stack += special(self, node, scope)[::-1]
                    continue
                for field in LAST_FIRST[kind]:
                    value = getattr(node, field)
                    if type(value) is list:
                        for part in value[::-1]:
                            parent[part] = node
                            push(part)
                    elif value is not None:
                        parent[value] = node
                        push(value)

    def _function(self, node: FunctionNode, scope: Scope) -> list[_Part]:
        scope.add_binding(node.name, node)
        around = self._type_parameters(node, scope)
        inner = self._open(node, around)
        self.functions.append(node)
        defaults, annotations = self._signature(node, node.args, inner)
        for part in (*node.decorator_list, *node.body):
            self.parent[part] = node
        if node.returns:
            annotations.append(node.returns)
            self.parent[node.returns] = node
        typed = self._enter_type_parameters(node)
        noted: list[_Part] = [(self._note_scope(around),), *annotations] if annotations else []
        return [*defaults, *node.decorator_list, *typed, *noted, inner, *node.body, (scope,)]

    def _lambda(self, node: ast.Lambda, scope: Scope) -> list[_Part]:
        inner = self._open(node, scope)
        self.functions.append(node)
        defaults, _ = self._signature(node, node.args, inner)
        self.parent[node.body] = node
        return [*defaults, inner, node.body, (scope,)]

    def _signature(
        self, owner: ast.AST, args: ast.arguments, inner: Scope
    ) -> tuple[list[ast.expr], list[ast.expr]]:
        """Enter the parameters in `inner`; return the defaults and the annotations."""
        parent, uses, bindings = self.parent, inner.uses, inner.bindings
        parent[args] = owner
        annotations: list[ast.expr] = []
        for arg in parameters(args):
            name = inner.spelled(arg.arg) if inner.private else arg.arg
            uses[name].append(arg)
            bindings[name].append(arg)
            parent[arg] = args
            if arg.annotation is not None:
                parent[arg.annotation] = arg
                annotations.append(arg.annotation)
        if args.kwarg and args.kwarg.annotation and args.kwonlyargs:
            # CPython's order, which puts `**kwargs` in front of what is keyword-only.
            last = annotations.pop()
            noted = [arg for arg in args.kwonlyargs if arg.annotation is not None]
            annotations.insert(len(annotations) - len(noted), last)
        defaults = [part for part in (*args.defaults, *args.kw_defaults) if part is not None]
        for part in defaults:
            self.parent[part] = args
        return defaults, annotations

    def _annotated(self, node: ast.AnnAssign, scope: Scope) -> list[_Part]:
        values = [node.value] if node.value is not None else []
        self.parent.update(dict.fromkeys((node.target, node.annotation, *values), node))
        noted: list[_Part] = [node.annotation]
        if self.has_lazy_annotations:
            noted = [(self._note_scope(scope),), node.annotation, (scope,)]
        if node.value is None and not node.simple and isinstance(node.target, ast.Name):
            return noted  # `(x): int` says nothing of `x`
        return [node.target, *noted, *values]

    def _note_scope(self, scope: Scope) -> Scope:
        """The scope for an annotation: where nothing evaluates it, a twin without a table."""
        if not self.has_lazy_annotations:
            return scope
        twin = Scope(scope.node, scope.parent)
        twin.uses, twin.bindings = scope.uses, scope.bindings
        twin.globals, twin.nonlocals, twin.private = scope.globals, scope.nonlocals, scope.private
        return twin

    def _class(self, node: ast.ClassDef, scope: Scope) -> list[_Part]:
        scope.add_binding(node.name, node)
        private = node.name.lstrip("_") or None
        around = self._type_parameters(node, scope, private)
        inner = self._open(node, around)
        inner.private = private
        heads = [*node.bases, *node.keywords]
        self.parent.update(dict.fromkeys((*node.decorator_list, *heads, *node.body), node))
        typed = self._enter_type_parameters(node)
        return [*node.decorator_list, *typed, *heads, inner, *node.body, (scope,)]

    def _type_alias(self, node: ast.AST, scope: Scope) -> list[_Part]:
        around = self._type_parameters(node, scope)
        name, value = node.name, node.value  # type: ignore[attr-defined]
        self.parent.update({name: node, value: node})
        return [name, *self._enter_type_parameters(node), (around,), value, (scope,)]

    def _type_parameters(self, owner: ast.AST, scope: Scope, private: str | None = None) -> Scope:
        """The scope of the type parameters of `owner`; the one around it where it has none."""
        typed = getattr(owner, "type_params", ())
        if not typed and not isinstance(owner, TYPE_ALIASES):
            return scope
        inner = self._type_scopes[owner] = self._open(typed[0] if typed else owner, scope)
        inner.private = private or scope.private
        for parameter in typed:
            inner.add_binding(parameter.name, parameter)
        return inner

    def _enter_type_parameters(self, owner: ast.AST) -> list[_Part]:
        inner = self._type_scopes.get(owner)
        if inner is None:
            return []
        typed: list[ast.AST] = owner.type_params  # type: ignore[attr-defined]
        self.parent.update(dict.fromkeys(typed, owner))
        bounds = {part: parameter for parameter in typed for part in child_nodes(parameter)}
        self.parent.update(bounds)
        return [inner, *bounds]

    def _comprehension(self, node: ast.AST, scope: Scope) -> list[_Part]:
        inner = self._open(node, scope)
        generators: list[ast.comprehension] = node.generators  # type: ignore[attr-defined]
        first = generators[0]
        # CPython looks at the value of a dict comprehension before its key.
        fields = ("value", "key") if isinstance(node, ast.DictComp) else ("elt",)
        values = [getattr(node, field) for field in fields]
        self.parent.update(dict.fromkeys((*generators, *values), node))
        self.parent.update(dict.fromkeys((first.iter, first.target, *first.ifs), first))
        return [first.iter, inner, first.target, *first.ifs, *generators[1:], *values, (scope,)]

    def _named(self, node: ast.NamedExpr, scope: Scope) -> list[_Part]:
        owner = scope
        while isinstance(owner.node, COMPREHENSIONS) and owner.parent is not None:
            owner = owner.parent  # a walrus binds outside of the comprehensions around it
        owner.add_binding(node.target.id, node.target)
        self.parent.update({node.target: node, node.value: node})
        return [node.value]

    def _dict(self, node: ast.Dict, scope: Scope) -> list[_Part]:
        parts = [*filter(None, node.keys), *node.values]  # there is no key in front of `**`
        self.parent.update(dict.fromkeys(parts, node))
        return [*parts]

    def _global(self, node: ast.Global, scope: Scope) -> list[_Part]:
        scope.globals.update(map(scope.spelled, node.names))
        self.globals.update(scope.globals)
        return []

    def _nonlocal(self, node: ast.Nonlocal, scope: Scope) -> list[_Part]:
        scope.nonlocals.update(map(scope.spelled, node.names))
        return []

    def _import(self, node: ast.Import | ast.ImportFrom, scope: Scope) -> list[_Part]:
        self.imports.append(node)
        for alias in node.names:
            self.parent[alias] = node
            bound = alias.asname or alias.name
            if isinstance(node, ast.Import) and alias.asname is None:
                bound = bound.partition(".")[0]
            scope.add_binding(bound, alias)
        if isinstance(node, ast.ImportFrom) and node.module == "__future__":
            self.has_lazy_annotations |= any(a.name == "annotations" for a in node.names)
        return []

    def _binder(self, node: ast.AST, scope: Scope) -> list[_Part]:
        """`except … as x`, `case x`, `case *x`, `case {**x}`."""
        name: str | None = getattr(node, "rest" if isinstance(node, ast.MatchMapping) else "name")
        if name is not None:
            scope.add_binding(name, node)
        children = child_nodes(node)
        self.parent.update(dict.fromkeys(children, node))
        return [*children]

    def _open(self, node: ast.AST, scope: Scope) -> Scope:
        inner = self.scope_of[node] = Scope(node, scope)
        return inner

    @cached_property
    def generators(self) -> frozenset[ast.AST]:
        """The functions and lambdas whose own body yields: a call makes a generator."""
        return frozenset(self.scope_at(node).node for node in self.nodes(ast.Yield, ast.YieldFrom))

    def is_suspendable(self, node: ClosureNode) -> bool:
        """True where a call makes a generator or coroutine, which has the code and arguments."""
        return isinstance(node, ast.AsyncFunctionDef) or node in self.generators

    def ancestors(self, node: ast.AST) -> Iterator[ast.AST]:
        """The nodes around `node`, from the inside out, without the module."""
        up = self.parent.get(node)
        while up is not None and up is not self.tree:
            yield up
            up = self.parent.get(up)

    def scope_at(self, node: ast.AST) -> Scope:
        """The scope that `node` stands in; for a scope's own node, the one around it."""
        below: ast.AST = node  # of the path from `up` down to `node`: the part of `child` …
        child: ast.AST = node  # … and the part of `up`
        passed: list[ast.AST] = []
        scope: Scope | None = None
        for up in self.ancestors(node):
            if isinstance(up, _OWNERS):
                scope = self._scope_of_part(up, child, below, node)
            elif isinstance(up, ast.stmt):
                scope = self._scope_around.get(up)
                passed.append(up)
            if scope is not None:
                break
            below, child = child, up
        scope = scope or self.module
        self._scope_around.update(dict.fromkeys(passed, scope))
        return scope

    def _scope_of_part(
        self, owner: ast.AST, child: ast.AST, below: ast.AST, node: ast.AST
    ) -> Scope | None:
        """The scope of the owner, or of its type parameters, if `child` is evaluated in it."""
        if isinstance(owner, COMPREHENSIONS):
            first = owner.generators[0]
            is_outside = child is first and below is first.iter
            return None if is_outside else self.scope_of[owner]
        if isinstance(owner, ast.Lambda):
            is_inside = child is owner.body or isinstance(node, ast.arg)
            return self.scope_of[owner] if is_inside else None
        if isinstance(child, ast.stmt):
            return self.scope_of[owner]
        if isinstance(child, ast.arguments) and isinstance(below, ast.arg):
            return self.scope_of[owner] if below is node else self._type_scopes.get(owner)
        typed = self._type_scopes.get(owner)
        if typed is None or isinstance(child, ast.arguments):
            return None
        is_name = isinstance(owner, TYPE_ALIASES) and child is owner.name  # type: ignore[attr-defined]
        return None if is_name or child in getattr(owner, "decorator_list", ()) else typed


_OWNERS: Final = (*FUNCTIONS, ast.Lambda, ast.ClassDef, *COMPREHENSIONS, *TYPE_ALIASES)
_SPECIAL: Final[dict[type[ast.AST], Callable[..., list[_Part]]]] = {
    ast.FunctionDef: Index._function,
    ast.AsyncFunctionDef: Index._function,
    ast.Lambda: Index._lambda,
    ast.ClassDef: Index._class,
    **dict.fromkeys(COMPREHENSIONS, Index._comprehension),
    ast.AnnAssign: Index._annotated,
    ast.Dict: Index._dict,
    ast.NamedExpr: Index._named,
    ast.Global: Index._global,
    ast.Nonlocal: Index._nonlocal,
    ast.Import: Index._import,
    ast.ImportFrom: Index._import,
    ast.ExceptHandler: Index._binder,
    ast.MatchAs: Index._binder,
    ast.MatchStar: Index._binder,
    ast.MatchMapping: Index._binder,
    **dict.fromkeys(TYPE_PARAMETERS, Index._binder),
    **dict.fromkeys(TYPE_ALIASES, Index._type_alias),
}
