"""One pass over the syntax tree: parents, scopes, and every use of a name in each scope.

The scopes drawn here only say *where* names are used; who binds a captured name is asked of
CPython's own symbol table (see `scopes.py`).
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator
from typing import Final, TypeAlias

FunctionNode: TypeAlias = "ast.FunctionDef | ast.AsyncFunctionDef"
ClosureNode: TypeAlias = "ast.Lambda | ast.FunctionDef | ast.AsyncFunctionDef"
ValueNode: TypeAlias = "ast.expr | ast.FunctionDef | ast.AsyncFunctionDef"
FUNCTIONS: Final = (ast.FunctionDef, ast.AsyncFunctionDef)
COMPREHENSIONS: Final = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
LOOPS: Final = (ast.For, ast.AsyncFor, ast.While)

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
    """A module, class, function, lambda or comprehension, and the uses of names in it.

    `uses` maps a name to the nodes that read, bind or delete it directly in this scope: `Name`,
    `arg`, `alias`, a definition's own node, an `except` handler, a `match` pattern.
    """

    __slots__ = ("children", "globals", "node", "nonlocals", "parent", "uses")

    def __init__(self, node: ast.AST, parent: Scope | None) -> None:
        self.node = node
        self.parent = parent
        self.children: list[Scope] = []
        self.uses: dict[str, list[ast.AST]] = {}
        self.globals: set[str] = set()
        self.nonlocals: set[str] = set()
        if parent is not None:
            parent.children.append(self)

    @property
    def is_function(self) -> bool:
        """True for what has a frame with locals of its own: def, lambda, comprehension."""
        return not isinstance(self.node, (ast.Module, ast.ClassDef))

    def binds(self, name: str) -> bool:
        """True where an assignment, parameter, definition or import in this scope binds `name`."""
        if name in self.globals or name in self.nonlocals:
            return False
        return any(is_binding(use) for use in self.uses.get(name, ()))

    def resolve(self, name: str) -> Scope | None:
        """The scope whose binding `name` means here; None for a global or a builtin."""
        scope: Scope | None = self
        while scope is not None and not isinstance(scope.node, ast.Module):
            if name in scope.globals:
                return None
            if scope.binds(name) and (scope is self or scope.is_function):
                return scope
            scope = scope.parent
        return None

    def enclosing(self) -> Iterator[Scope]:
        """The scopes around this one, from the inside out."""
        scope = self.parent
        while scope is not None:
            yield scope
            scope = scope.parent


def is_binding(use: ast.AST) -> bool:
    """True for a use that gives the name a value (a `del` does not)."""
    return not isinstance(use, ast.Name) or isinstance(use.ctx, ast.Store)


class Index:
    """Everything that later facts look up: `parent` of each node, `scope_of` each scope node."""

    def __init__(self, tree: ast.Module) -> None:
        self.tree = tree
        self.parent: dict[ast.AST, ast.AST] = {}
        self.scope_of: dict[ast.AST, Scope] = {}
        self.functions: list[ClosureNode] = []
        self.imports: list[ast.Import | ast.ImportFrom] = []
        self.attributes: set[str] = set()
        self.in_fstring: set[ast.AST] = set()
        self.module = Scope(tree, None)
        self.scope_of[tree] = self.module
        self._walk(tree)

    # The stack holds nodes with the scope that they stand in; a scope node moves its inner
    # parts to a scope of their own. Iterative, since an operator chain may be 5,000 deep.
    def _walk(self, tree: ast.Module) -> None:
        stack: list[tuple[ast.AST, Scope]] = [(tree, self.module)]
        parent = self.parent
        while stack:
            node, scope = stack.pop()
            kind = type(node)
            if kind is ast.Name:
                scope.uses.setdefault(node.id, []).append(node)  # type: ignore[attr-defined]
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
            if special is not None:
                children = special(self, node, scope)
            else:
                children = [(child, scope) for child in child_nodes(node)]
            for child, _ in children:
                if child not in parent:
                    parent[child] = node
            children.reverse()
            stack += children

    def _function(self, node: FunctionNode, scope: Scope) -> list[tuple[ast.AST, Scope]]:
        scope.uses.setdefault(node.name, []).append(node)
        inner = self._open(node, scope)
        self.functions.append(node)
        # CPython's order: defaults, annotations, decorators in the outer scope, then the body.
        outside = self._signature(node, node.args, inner)
        outside += [*([node.returns] if node.returns else ()), *node.decorator_list]
        outside += getattr(node, "type_params", ())
        return [*((part, scope) for part in outside), *((part, inner) for part in node.body)]

    def _lambda(self, node: ast.Lambda, scope: Scope) -> list[tuple[ast.AST, Scope]]:
        inner = self._open(node, scope)
        self.functions.append(node)
        outside = self._signature(node, node.args, inner)
        return [*((part, scope) for part in outside), (node.body, inner)]

    def _signature(self, owner: ast.AST, args: ast.arguments, inner: Scope) -> list[ast.AST]:
        """Enter the parameters in `inner`; return the parts that are evaluated outside."""
        self.parent[args] = owner
        annotations: list[ast.AST] = []
        for arg in parameters(args):
            inner.uses.setdefault(arg.arg, []).append(arg)
            self.parent[arg] = args
            if arg.annotation is not None:
                self.parent[arg.annotation] = arg
                annotations.append(arg.annotation)
        defaults = [part for part in (*args.defaults, *args.kw_defaults) if part is not None]
        for part in defaults:
            self.parent[part] = args
        return [*defaults, *annotations]

    def _class(self, node: ast.ClassDef, scope: Scope) -> list[tuple[ast.AST, Scope]]:
        scope.uses.setdefault(node.name, []).append(node)
        inner = self._open(node, scope)
        outside = [*node.decorator_list, *getattr(node, "type_params", ())]
        outside += [*node.bases, *node.keywords]
        return [*((part, scope) for part in outside), *((part, inner) for part in node.body)]

    def _comprehension(self, node: ast.AST, scope: Scope) -> list[tuple[ast.AST, Scope]]:
        inner = self._open(node, scope)
        generators: list[ast.comprehension] = node.generators  # type: ignore[attr-defined]
        first = generators[0]
        children: list[tuple[ast.AST, Scope]] = [(first.iter, scope), (first.target, inner)]
        children += [(condition, inner) for condition in first.ifs]
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
        scope.globals.update(node.names)
        return []

    def _nonlocal(self, node: ast.Nonlocal, scope: Scope) -> list[tuple[ast.AST, Scope]]:
        scope.nonlocals.update(node.names)
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
            scope.uses.setdefault(bound, []).append(alias)
        return []

    def _binder(self, node: ast.AST, scope: Scope) -> list[tuple[ast.AST, Scope]]:
        """`except … as x`, `case x`, `case *x`, `case {**x}`, and type parameters."""
        name: str | None = getattr(node, "rest" if isinstance(node, ast.MatchMapping) else "name")
        if name is not None:
            scope.uses.setdefault(name, []).append(node)
        return [(child, scope) for child in child_nodes(node)]

    def _fstring(self, node: ast.AST, scope: Scope) -> list[tuple[ast.AST, Scope]]:
        self.in_fstring.add(node)
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
        child = node
        for up in (*self.ancestors(node), self.tree):
            scope = self.scope_of.get(up)
            if scope is not None and not self._is_outside(up, child, node):
                return scope
            child = up
        return self.module

    def _is_outside(self, owner: ast.AST, child: ast.AST, node: ast.AST) -> bool:
        """True where `child` is a part of `owner` that is evaluated in the scope around it."""
        if isinstance(owner, ast.ClassDef):
            return child not in owner.body
        if isinstance(owner, FUNCTIONS):
            if child is owner.args:
                return not isinstance(node, ast.arg)
            return child not in owner.body
        if isinstance(owner, ast.Lambda):
            return child is not owner.body and not isinstance(node, ast.arg)
        if isinstance(owner, COMPREHENSIONS):
            first = owner.generators[0]
            return child is first and any(up is first.iter for up in self._path(node, first))
        return False

    def _path(self, node: ast.AST, stop: ast.AST) -> Iterator[ast.AST]:
        up: ast.AST | None = node
        while up is not None and up is not stop:
            yield up
            up = self.parent.get(up)


_SPECIAL: Final[dict[type[ast.AST], Callable[..., list[tuple[ast.AST, Scope]]]]] = {
    ast.FunctionDef: Index._function,
    ast.AsyncFunctionDef: Index._function,
    ast.Lambda: Index._lambda,
    ast.ClassDef: Index._class,
    **dict.fromkeys(COMPREHENSIONS, Index._comprehension),
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
    ast.JoinedStr: Index._fstring,
}
if sys.version_info >= (3, 14):
    _SPECIAL[ast.TemplateStr] = Index._fstring


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
