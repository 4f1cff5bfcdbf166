"""One pass over the syntax tree: parents, scopes, and every use of a name in each scope.

The scopes drawn here only say *where* names are used; who binds a captured name is asked of
CPython's own symbol table (see `scopes.py`).
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from typing import Final, TypeAlias

FunctionNode: TypeAlias = "ast.FunctionDef | ast.AsyncFunctionDef"
ClosureNode: TypeAlias = "ast.Lambda | ast.FunctionDef | ast.AsyncFunctionDef"
ValueNode: TypeAlias = "ast.expr | ast.FunctionDef | ast.AsyncFunctionDef"
FUNCTIONS: Final = (ast.FunctionDef, ast.AsyncFunctionDef)
COMPREHENSIONS: Final = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
LOOPS: Final = (ast.For, ast.AsyncFor, ast.While)
_FRAMES: Final = (*FUNCTIONS, ast.Lambda, *COMPREHENSIONS)

# Fields that hold no expression or statement; leaving them out makes the pass twice as fast.
_BARE_FIELDS: Final = {
    "arg", "attr", "asname", "cls_name", "conversion", "ctx", "id", "is_async", "kind", "kwd_attrs",
    "level", "lineno", "module", "op", "ops", "rest", "simple", "str", "tag", "type_comment",
}  # fmt: skip
_BARE_BY_TYPE: Final = {
    ast.Constant: {"value", "kind"},
    ast.alias: {"name", "asname"},
    ast.ExceptHandler: {"name"},
    ast.MatchAs: {"name"},
    ast.MatchStar: {"name"},
    ast.MatchSingleton: {"value"},
    ast.Global: {"names"},
    ast.Nonlocal: {"names"},
    ast.Import: {"names"},
    ast.ImportFrom: {"names", "module", "level"},
}
_TYPE_PARAMETERS: Final[tuple[type[ast.AST], ...]] = tuple(
    getattr(ast, name) for name in ("TypeVar", "ParamSpec", "TypeVarTuple") if hasattr(ast, name)
)
_TYPE_ALIASES: Final[tuple[type[ast.AST], ...]] = tuple(
    getattr(ast, name) for name in ("TypeAlias",) if hasattr(ast, name)
)
TYPE_SCOPES: Final = (*_TYPE_PARAMETERS, *_TYPE_ALIASES)


def _node_fields(kind: type[ast.AST]) -> tuple[str, ...]:
    bare = _BARE_BY_TYPE.get(kind, set()) | _BARE_FIELDS
    if kind in _TYPE_PARAMETERS:
        bare = bare | {"name"}
    return tuple(field for field in kind._fields if field not in bare)


_FIELDS: Final[dict[type[ast.AST], tuple[str, ...]]] = {
    kind: _node_fields(kind)
    for kind in vars(ast).values()
    if isinstance(kind, type) and issubclass(kind, ast.AST)
}
# A deprecated alias warns when it is looked up, and is no kind of its own.
_LEAVES: Final = (ast.expr_context, ast.operator, ast.unaryop, ast.boolop, ast.cmpop)


class Scope:
    """A module, class, function, lambda, comprehension or list of type parameters.

    `uses` maps a name to the nodes that read, bind or delete it directly in this scope: `Name`,
    `arg`, `alias`, a definition's own node, an `except` handler, a `match` pattern. Names are
    spelled as the compiler does it: in a class `C`, `__x` is `_C__x`. `children` are in the order
    of CPython's symbol tables. The node of a scope of type parameters (3.12) is the first of them,
    or the alias that has none.
    """

    __slots__ = ("_bound", "children", "globals", "node", "nonlocals", "parent", "private", "uses")

    def __init__(self, node: ast.AST, parent: Scope | None) -> None:
        self.node = node
        self.parent = parent
        self.private: str | None = parent.private if parent is not None else None
        self.children: list[Scope] = []
        self.uses: dict[str, list[ast.AST]] = {}
        self.globals: set[str] = set()
        self.nonlocals: set[str] = set()
        self._bound: frozenset[str] | None = None

    @property
    def is_function(self) -> bool:
        """True for what has a frame with locals of its own: def, lambda, comprehension."""
        return isinstance(self.node, _FRAMES)

    def spelled(self, name: str) -> str:
        """`name` as the compiler spells it in this scope; what it has spelled stays as it is."""
        if self.private and name[:2] == "__" and name[-2:] != "__":
            return f"_{self.private}{name}"
        return name

    def uses_of(self, name: str) -> Sequence[ast.AST]:
        """The uses of `name`, as it is written here, directly in this scope."""
        return self.uses.get(self.spelled(name), ())

    def add_use(self, name: str, node: ast.AST) -> None:
        """Enter a use of `name`, as it is written here; only the index does so."""
        self.uses.setdefault(self.spelled(name), []).append(node)

    def binds(self, name: str) -> bool:
        """True where `name` is local to this scope: it is bound here, or at least deleted."""
        if self._bound is None:
            bound = {key for key, uses in self.uses.items() if not all(map(_is_read, uses))}
            self._bound = frozenset(bound - self.globals - self.nonlocals)
        return self.spelled(name) in self._bound

    def resolve(self, name: str) -> Scope | None:
        """The scope whose binding `name` means here; None for a global or a builtin."""
        name = self.spelled(name)
        scope: Scope | None = self
        while scope is not None and not isinstance(scope.node, ast.Module):
            if name in scope.globals:
                return None
            if scope.binds(name) and (scope is self or self._sees(scope)):
                return scope
            scope = scope.parent
        return None

    def _sees(self, outer: Scope) -> bool:
        """False for the names of a class, which only its type parameters' scopes see as well."""
        is_direct = self.parent is outer and isinstance(self.node, TYPE_SCOPES)
        return is_direct or not isinstance(outer.node, ast.ClassDef)

    def enclosing(self) -> Iterator[Scope]:
        """The scopes around this one, from the inside out."""
        scope = self.parent
        while scope is not None:
            yield scope
            scope = scope.parent


def is_binding(use: ast.AST) -> bool:
    """True for a use that gives the name a value (a `del` does not)."""
    return not isinstance(use, ast.Name) or isinstance(use.ctx, ast.Store)


def _is_read(use: ast.AST) -> bool:
    return isinstance(use, ast.Name) and isinstance(use.ctx, ast.Load)


def is_deletion(use: ast.AST) -> bool:
    """True for a use that takes the value away: `del`, or an `except` clause when it ends."""
    is_del = isinstance(use, ast.Name) and isinstance(use.ctx, ast.Del)
    return is_del or isinstance(use, ast.ExceptHandler)


class Index:
    """Everything that later facts look up: `parent` of each node, `scope_of` each scope node.

    `globals` are the names that some scope declares to be `global`.
    """

    def __init__(self, tree: ast.Module) -> None:
        self.tree = tree
        self.parent: dict[ast.AST, ast.AST] = {}
        self.scope_of: dict[ast.AST, Scope] = {}
        self.functions: list[ClosureNode] = []
        self.imports: list[ast.Import | ast.ImportFrom] = []
        self.attributes: set[str] = set()
        self.globals: set[str] = set()
        self.module = Scope(tree, None)
        self.scope_of[tree] = self.module
        self._type_scopes: dict[ast.AST, Scope] = {}
        self._has_lazy_annotations = False
        self._walk(tree)

    # The stack holds nodes with the scope that they stand in; a scope node moves its inner
    # parts to a scope of their own, and comes again where that begins. Iterative, since an
    # operator chain may be 5,000 deep.
    def _walk(self, tree: ast.Module) -> None:
        stack: list[tuple[ast.AST, Scope]] = [(part, self.module) for part in reversed(tree.body)]
        parent = self.parent
        parent.update(dict.fromkeys(tree.body, tree))
        while stack:
            node, scope = stack.pop()
            kind = type(node)
            if kind is ast.Name:
                name = node.id  # type: ignore[attr-defined]
                if scope.private:
                    name = scope.spelled(name)
                scope.uses.setdefault(name, []).append(node)
                continue
            if kind is ast.Constant:
                continue
            if kind is ast.Attribute:
                self.attributes.add(node.attr)  # type: ignore[attr-defined]
                value = node.value  # type: ignore[attr-defined]
                parent[value] = node
                stack.append((value, scope))
                continue
            special = _SPECIAL.get(kind)
            if special is None:
                children = [(child, scope) for child in child_nodes(node)]
            elif scope.node is node:
                scope.parent.children.append(scope)  # type: ignore[union-attr]
                continue
            else:
                children = special(self, node, scope)
            for child, _ in children:
                if child not in parent:
                    parent[child] = node
            children.reverse()
            stack += children

    def _function(self, node: FunctionNode, scope: Scope) -> list[tuple[ast.AST, Scope]]:
        scope.add_use(node.name, node)
        around = self._type_parameters(node, scope)
        inner = self._open(node, around)
        self.functions.append(node)
        defaults, annotations = self._signature(node, node.args, inner)
        outside: list[tuple[ast.AST, Scope]] = [(part, scope) for part in defaults]
        outside += [(part, scope) for part in node.decorator_list]
        annotations += [node.returns] if node.returns else []
        outside += self._enter_type_parameters(node)
        noted = self._note_scope(around)
        outside += [(part, noted) for part in annotations]
        return [*outside, (node, inner), *((part, inner) for part in node.body)]

    def _lambda(self, node: ast.Lambda, scope: Scope) -> list[tuple[ast.AST, Scope]]:
        inner = self._open(node, scope)
        self.functions.append(node)
        defaults, _ = self._signature(node, node.args, inner)
        return [*((part, scope) for part in defaults), (node, inner), (node.body, inner)]

    def _signature(
        self, owner: ast.AST, args: ast.arguments, inner: Scope
    ) -> tuple[list[ast.expr], list[ast.expr]]:
        """Enter the parameters in `inner`; return the defaults and the annotations."""
        self.parent[args] = owner
        annotations: list[ast.expr] = []
        for arg in parameters(args):
            inner.add_use(arg.arg, arg)
            self.parent[arg] = args
            if arg.annotation is not None:
                self.parent[arg.annotation] = arg
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

    def _annotated(self, node: ast.AnnAssign, scope: Scope) -> list[tuple[ast.AST, Scope]]:
        noted = (node.annotation, self._note_scope(scope))
        if node.value is not None:
            return [(node.target, scope), noted, (node.value, scope)]
        if node.simple or not isinstance(node.target, ast.Name):
            return [(node.target, scope), noted]
        self.parent[node.target] = node  # `(x): int` says nothing of `x`
        return [noted]

    def _note_scope(self, scope: Scope) -> Scope:
        """The scope for an annotation: where nothing evaluates it, a twin without a table."""
        if not self._has_lazy_annotations:
            return scope
        twin = Scope(scope.node, scope.parent)
        twin.uses, twin.globals, twin.nonlocals = scope.uses, scope.globals, scope.nonlocals
        twin.private = scope.private
        return twin

    def _class(self, node: ast.ClassDef, scope: Scope) -> list[tuple[ast.AST, Scope]]:
        scope.add_use(node.name, node)
        private = node.name.lstrip("_") or None
        around = self._type_parameters(node, scope, private)
        inner = self._open(node, around)
        inner.private = private
        return [
            *((part, scope) for part in node.decorator_list),
            *self._enter_type_parameters(node),
            *((part, around) for part in (*node.bases, *node.keywords)),
            (node, inner),
            *((part, inner) for part in node.body),
        ]

    def _type_alias(self, node: ast.AST, scope: Scope) -> list[tuple[ast.AST, Scope]]:
        around = self._type_parameters(node, scope)
        name, value = node.name, node.value  # type: ignore[attr-defined]
        return [(name, scope), *self._enter_type_parameters(node), (value, around)]

    def _type_parameters(self, owner: ast.AST, scope: Scope, private: str | None = None) -> Scope:
        """The scope of the type parameters of `owner`; the one around it where it has none."""
        typed = getattr(owner, "type_params", [])
        if not typed and not isinstance(owner, _TYPE_ALIASES):
            return scope
        inner = self._type_scopes[owner] = self._open(typed[0] if typed else owner, scope)
        inner.private = private or scope.private
        for parameter in typed:
            inner.add_use(parameter.name, parameter)
        return inner

    def _enter_type_parameters(self, owner: ast.AST) -> list[tuple[ast.AST, Scope]]:
        inner = self._type_scopes.get(owner)
        if inner is None:
            return []
        typed: list[ast.AST] = owner.type_params  # type: ignore[attr-defined]
        self.parent.update(dict.fromkeys(typed, owner))
        bounds = [(part, parameter) for parameter in typed for part in child_nodes(parameter)]
        self.parent.update(bounds)
        return [(inner.node, inner), *((part, inner) for part, _ in bounds)]

    def _comprehension(self, node: ast.AST, scope: Scope) -> list[tuple[ast.AST, Scope]]:
        inner = self._open(node, scope)
        generators: list[ast.comprehension] = node.generators  # type: ignore[attr-defined]
        first = generators[0]
        children: list[tuple[ast.AST, Scope]] = [(first.iter, scope), (node, inner)]
        children += [(part, inner) for part in (first.target, *first.ifs)]
        children += [(generator, inner) for generator in generators[1:]]
        # CPython looks at the value of a dict comprehension before its key.
        children += [
            (getattr(node, field), inner)
            for field in ("value", "key", "elt")
            if hasattr(node, field)
        ]
        self.parent[first] = node
        for part in (first.iter, first.target, *first.ifs):
            self.parent[part] = first
        return children

    def _named(self, node: ast.NamedExpr, scope: Scope) -> list[tuple[ast.AST, Scope]]:
        owner = scope
        while isinstance(owner.node, COMPREHENSIONS) and owner.parent is not None:
            owner = owner.parent  # a walrus binds outside of the comprehensions around it
        return [(node.target, owner), (node.value, scope)]

    def _global(self, node: ast.Global, scope: Scope) -> list[tuple[ast.AST, Scope]]:
        scope.globals.update(map(scope.spelled, node.names))
        self.globals.update(scope.globals)
        return []

    def _nonlocal(self, node: ast.Nonlocal, scope: Scope) -> list[tuple[ast.AST, Scope]]:
        scope.nonlocals.update(map(scope.spelled, node.names))
        return []

    def _import(
        self, node: ast.Import | ast.ImportFrom, scope: Scope
    ) -> list[tuple[ast.AST, Scope]]:
        self.imports.append(node)
        for alias in node.names:
            self.parent[alias] = node
            bound = alias.asname or alias.name
            if isinstance(node, ast.Import) and alias.asname is None:
                bound = bound.partition(".")[0]
            scope.add_use(bound, alias)
        if isinstance(node, ast.ImportFrom) and node.module == "__future__":
            self._has_lazy_annotations |= any(a.name == "annotations" for a in node.names)
        return []

    def _binder(self, node: ast.AST, scope: Scope) -> list[tuple[ast.AST, Scope]]:
        """`except … as x`, `case x`, `case *x`, `case {**x}`."""
        name: str | None = getattr(node, "rest" if isinstance(node, ast.MatchMapping) else "name")
        if name is not None:
            scope.add_use(name, node)
        return [(child, scope) for child in child_nodes(node)]

    def _open(self, node: ast.AST, scope: Scope) -> Scope:
        inner = self.scope_of[node] = Scope(node, scope)
        return inner

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
        for up in self.ancestors(node):
            if isinstance(up, _OWNERS):
                scope = self._scope_of_part(up, child, below, node)
                if scope is not None:
                    return scope
            below, child = child, up
        return self.module

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
        if isinstance(child, ast.arguments) or child in getattr(owner, "decorator_list", ()):
            return None
        is_name = isinstance(owner, _TYPE_ALIASES) and child is owner.name  # type: ignore[attr-defined]
        return None if is_name else self._type_scopes.get(owner)


_OWNERS: Final = (*FUNCTIONS, ast.Lambda, ast.ClassDef, *COMPREHENSIONS, *_TYPE_ALIASES)
_SPECIAL: Final[dict[type[ast.AST], Callable[..., list[tuple[ast.AST, Scope]]]]] = {
    ast.FunctionDef: Index._function,
    ast.AsyncFunctionDef: Index._function,
    ast.Lambda: Index._lambda,
    ast.ClassDef: Index._class,
    **dict.fromkeys(COMPREHENSIONS, Index._comprehension),
    ast.AnnAssign: Index._annotated,
    ast.NamedExpr: Index._named,
    ast.Global: Index._global,
    ast.Nonlocal: Index._nonlocal,
    ast.Import: Index._import,
    ast.ImportFrom: Index._import,
    ast.ExceptHandler: Index._binder,
    ast.MatchAs: Index._binder,
    ast.MatchStar: Index._binder,
    ast.MatchMapping: Index._binder,
    **dict.fromkeys(_TYPE_PARAMETERS, Index._binder),
    **dict.fromkeys(_TYPE_ALIASES, Index._type_alias),
}


def child_nodes(node: ast.AST) -> list[ast.AST]:
    """The expressions and statements directly under `node`, in the order of its fields."""
    children: list[ast.AST] = []
    for field in _FIELDS[type(node)]:
        value = getattr(node, field, None)
        if isinstance(value, list):
            children += [item for item in value if isinstance(item, ast.AST)]
        elif isinstance(value, ast.AST):
            children.append(value)
    return children


def parameters(args: ast.arguments) -> list[ast.arg]:
    """All parameters in the order in which they are written."""
    star = [args.vararg] if args.vararg else []
    double_star = [args.kwarg] if args.kwarg else []
    return [*args.posonlyargs, *args.args, *star, *args.kwonlyargs, *double_star]
