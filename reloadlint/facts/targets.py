"""What a call calls: a function or class of the project, or a name outside of it.

Follows imports and re-exports, methods on `self`, `super()` and on objects whose class is plain
from an assignment or an annotation. Nothing is guessed: what is not plain stays unknown.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice, takewhile
from typing import TYPE_CHECKING, TypeAlias

from reloadlint.facts.index import (
    FUNCTIONS,
    FunctionNode,
    Scope,
    parameters,
)

if TYPE_CHECKING:
    from reloadlint.facts import FileFacts

_MAX_DEPTH = 8  # re-exports, aliases and attributes that are followed
_MAX_BASES = 64  # that a class has, theirs included
_CONTEXT_MANAGERS = {"contextlib.contextmanager", "contextlib.asynccontextmanager"}
_OPTIONAL = {"typing.Optional", "typing.Annotated", "typing.Final", "typing.ClassVar"}


@dataclass(frozen=True)
class Function:
    """A function of the project. `is_bound`: called as a method, so that `self` is not passed."""

    facts: FileFacts
    node: FunctionNode
    is_bound: bool = False

    @property
    def is_context_manager(self) -> bool:
        """True under `@contextmanager`: what it makes can be used as a decorator, too."""
        names = map(self.facts.names.qualified, self.node.decorator_list)
        return any(name in _CONTEXT_MANAGERS for name in names)


@dataclass(frozen=True)
class Class:
    """A class of the project."""

    facts: FileFacts
    node: ast.ClassDef


@dataclass(frozen=True)
class External:
    """Something that is not of the project, by its qualified name."""

    name: str


Target: TypeAlias = "Function | Class | External"


class Targets:
    """Resolves expressions of one file, through the files of its project."""

    def __init__(self, facts: FileFacts) -> None:
        self._facts = facts
        self._table = facts.sink_table
        self._tellings: dict[tuple[str, Scope], Sequence[ast.AST]] = {}
        self._climbed: set[ast.ClassDef] = set()

    def of(self, node: ast.expr, scope: Scope, depth: int = 0) -> Target | None:
        """What the expression `node`, used in `scope`, stands for; None where it is not plain."""
        if depth > _MAX_DEPTH:
            return None
        if isinstance(node, ast.Name):
            return self._name(node, scope, depth)
        if isinstance(node, ast.Attribute):
            qualified = self._facts.names.qualified(node, scope)
            found = self.resolve(qualified, depth) if qualified else None
            return found or self.member(self.type_of(node.value, scope, depth + 1), node.attr)
        return None

    def _name(self, node: ast.Name, scope: Scope, depth: int) -> Target | None:
        if node.id == "cls" and scope.resolve("cls") is not None:
            own = self._enclosing_class(scope)
            if own is not None:
                return own
        qualified = self._facts.names.qualified(node, scope)
        if qualified is not None:
            return self.resolve(qualified, depth)
        binder = scope.resolve(node.id) or self._facts.index.module
        return self._bound(node.id, binder, depth)

    def _bound(self, name: str, binder: Scope, depth: int) -> Target | None:
        """What `name` is bound to in `binder`: by the last binding that leads into the project.

        Overloads, and an import of a faster variant with one in Python to fall back on, are all
        the same to us; two different assignments are not.
        """
        bindings = binder.bindings_of(name)
        if len(bindings) > 1:
            bindings = self._telling(name, binder)
        found: Target | None = None
        for binding in bindings:
            if isinstance(binding, FUNCTIONS):
                found = Function(self._facts, binding)
            elif isinstance(binding, ast.ClassDef):
                found = Class(self._facts, binding)
            elif isinstance(binding, ast.arg):
                passed = self._only_argument(binding, binder)
                found = self.of(*passed, depth + 1) if passed else None
            elif isinstance(binding, ast.alias):
                origin = self._facts.names.origin(binding, binder)
                imported = self.resolve(origin, depth + 1) if origin else None
                found = (
                    imported if found is None or isinstance(imported, (Function, Class)) else found
                )
            else:
                statement = self._facts.index.parent.get(binding)
                value = statement.value if isinstance(statement, ast.Assign) else None
                if isinstance(value, (ast.Name, ast.Attribute)):
                    if self._is_rebound_elsewhere(name, binder):
                        return None
                    return self.of(value, binder, depth + 1)  # `handle = bindings.add`
        return found

    def _is_rebound_elsewhere(self, name: str, binder: Scope) -> bool:
        """True where a function says `global` or `nonlocal` of it, and so may bind it anew."""
        if binder is self._facts.index.module:
            return name in self._facts.index.globals
        return any(name in inner.nonlocals for inner in binder.inner_scopes_using(name))

    def _telling(self, name: str, binder: Scope) -> Sequence[ast.AST]:
        """Of many bindings, those that say what is bound."""
        if (name, binder) not in self._tellings:
            kinds = (*FUNCTIONS, ast.ClassDef, ast.alias)
            bindings = (use for use in binder.bindings_of(name) if isinstance(use, kinds))
            self._tellings[name, binder] = [*bindings]
        return self._tellings[name, binder]

    def _only_binding(self, binder: Scope, name: str) -> ast.AST | None:
        bindings = binder.bindings_of(name)
        return bindings[0] if len(bindings) == 1 else None

    def resolve(self, qualified: str, depth: int = 0) -> Target | None:
        """The target of a qualified name as `Names` gives it."""
        if depth:
            return self._resolve(qualified, depth)
        find = partial(self._resolve, qualified, 0)
        return self._facts.ask(f"resolve {qualified}", self._facts.tree, find)

    def _resolve(self, qualified: str, depth: int) -> Target | None:
        if depth > _MAX_DEPTH:
            return None
        if qualified.startswith(":"):
            return self._in_module(self._facts, qualified[1:].split("."), depth)
        absolute = self._facts.absolute(qualified)
        parts = absolute.split(".")
        for cut in range(len(parts) - 1, 0, -1):
            module = self._facts.project.module(".".join(parts[:cut]), self._facts.source.path)
            if module is not None:
                return self._in_module(module, parts[cut:], depth)
        return External(self._table.canonical(absolute))

    def _in_module(self, facts: FileFacts, path: list[str], depth: int) -> Target | None:
        """Walk down `path` from the module scope of `facts`, over re-exports."""
        targets, module = facts.targets, facts.index.module
        if path[0] not in module.uses:
            name = f"{facts.module}.{path[0]}"  # a module of a package
            inner = facts.project.module(name, facts.source.path)
            return self._in_module(inner, path[1:], depth + 1) if inner and path[1:] else None
        if len(path) == 1:
            return targets._bound(path[0], module, depth + 1)
        imported = targets._imported(path, depth)
        if imported is not None:
            return imported
        found = targets._bound(path[0], module, depth + 1)
        if found is None:
            found = targets.type_of(ast.Name(path[0], ast.Load()), module, depth + 1)
        for part in path[1:]:
            found = self.member(found, part)
        return found

    def _imported(self, path: list[str], depth: int) -> Target | None:
        """A dotted path that starts with something this module imports."""
        module = self._facts.index.module
        found: Target | None = None
        for binding in module.uses.get(path[0], ()):
            if isinstance(binding, ast.alias):
                origin = self._facts.names.origin(binding, module)
                target = self.resolve(".".join([origin, *path[1:]]), depth + 1) if origin else None
                found = target if not isinstance(found, (Function, Class)) else found
        return found

    # -------------------------------------------------------------------------------- members

    def member(self, owner: Target | None, name: str) -> Target | None:
        """The method `name` of a class, looked for in its bases too."""
        if isinstance(owner, External):
            return External(self._table.method(owner.name, name))
        if not isinstance(owner, Class):
            return None
        for base in self.mro(owner):
            if isinstance(base, External):
                known = self._table.method(base.name, name)
                if self._table.knows(known):
                    return External(known)
            else:
                scope = base.facts.index.scope_of[base.node]
                bindings = scope.bindings_of(name)
                if bindings and isinstance(bindings[-1], FUNCTIONS):  # the last of overloads
                    return Function(base.facts, bindings[-1], is_bound=True)
                if bindings:
                    return None
        return None

    def mro(self, owner: Class) -> Iterator[Class | External]:
        """The class and its bases, near ones first (depth first: a simplification)."""
        pending: list[Class | External] = [owner]
        seen: set[object] = set()
        while pending and len(seen) < _MAX_BASES:
            current = pending.pop(0)
            key = current.node if isinstance(current, Class) else current.name
            if key in seen:
                continue
            seen.add(key)
            yield current
            if isinstance(current, Class):
                pending = [*current.facts.targets._bases(current.node), *pending]

    def _bases(self, node: ast.ClassDef) -> list[Class | External]:
        """The bases of a class; none while they are looked for, as those of `class A(A.B)` are."""
        if node in self._climbed:
            return []
        self._climbed.add(node)
        try:
            scope = self._facts.index.scope_at(node)
            found = [self.of(_unsubscripted(base), scope) for base in node.bases]
        finally:
            self._climbed.remove(node)
        return [base for base in found if isinstance(base, (Class, External))]

    def constructor(self, owner: Class) -> Function | None:
        """The `__init__` (or `__new__`) that a call of the class runs, if the project has it."""
        for name in ("__init__", "__new__"):
            found = self.member(owner, name)
            if isinstance(found, Function):
                return found
        return None

    def stored_fields(self, owner: Class) -> list[str] | None:
        """The constructor parameters of a class that has none of its own but stores its fields."""
        decorators = {
            self._facts.names.qualified(d.func if isinstance(d, ast.Call) else d)
            for d in owner.node.decorator_list
        }
        bases = {base.name for base in self.mro(owner) if isinstance(base, External)}
        if not self._table.stores_fields(decorators | bases):
            return None
        return [
            part.target.id
            for part in owner.node.body
            if isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name)
        ]

    def _enclosing_class(self, scope: Scope) -> Class | None:
        """The class whose method `scope` is, or is nested in."""
        for inner in (scope, *scope.enclosing()):
            if inner.is_function and inner.parent and isinstance(inner.parent.node, ast.ClassDef):
                return Class(self._facts, inner.parent.node)
        return None

    # ---------------------------------------------------------------------------------- types

    def type_of(self, node: ast.expr, scope: Scope, depth: int = 0) -> Class | External | None:
        """The class that the value of `node` is an instance of, where that is plain."""
        if depth > _MAX_DEPTH:
            return None
        if isinstance(node, ast.Await):
            return self.type_of(node.value, scope, depth + 1)
        if isinstance(node, ast.Call):
            return self._type_of_call(node, scope, depth)
        if isinstance(node, ast.Name):
            return self._type_of_name(node.id, scope, depth)
        if isinstance(node, ast.Attribute):
            owner = self.type_of(node.value, scope, depth + 1)
            return self._type_of_attribute(owner, node.attr, depth) if owner else None
        return None

    def _type_of_call(self, node: ast.Call, scope: Scope, depth: int) -> Class | External | None:
        if isinstance(node.func, ast.Name) and node.func.id == "super":
            own = self._enclosing_class(scope)
            bases = list(self.mro(own))[1:] if own else []
            return bases[0] if bases else None
        called = self.of(node.func, scope, depth + 1)
        if isinstance(called, Class):
            return called
        if isinstance(called, External):
            return External(self._table.returned_by(called.name) or called.name)
        if isinstance(called, Function) and called.node.returns is not None:
            outer = called.facts.index.scope_at(called.node)
            return called.facts.targets.annotated(called.node.returns, outer, depth + 1)
        return None

    def _type_of_name(self, name: str, scope: Scope, depth: int) -> Class | External | None:
        binder = scope.resolve(name) or self._facts.index.module
        binding = self._only_binding(binder, name)
        if isinstance(binding, ast.arg):
            return self._type_of_parameter(binding, binder, depth)
        if isinstance(binding, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            return None
        return self._type_of_binding(binding, binder, depth) if binding is not None else None

    def _type_of_parameter(
        self, arg: ast.arg, binder: Scope, depth: int
    ) -> Class | External | None:
        is_method = binder.parent is not None and isinstance(binder.parent.node, ast.ClassDef)
        if is_method and isinstance(binder.node, FUNCTIONS):
            if parameters(binder.node.args)[:1] == [arg]:
                return self._enclosing_class(binder)  # whatever `Self` it is annotated with
        if arg.annotation is not None and binder.parent is not None:
            return self.annotated(arg.annotation, binder.parent, depth + 1)
        passed = self._only_argument(arg, binder)
        return self.type_of(*passed, depth + 1) if passed else None

    def _only_argument(self, arg: ast.arg, binder: Scope) -> tuple[ast.expr, Scope] | None:
        """What a private function is given for a parameter, where one call is all its use.

        A body that was moved is such a function: of what it had captured is known what was.
        """
        node, index = binder.node, self._facts.index
        if not isinstance(node, FUNCTIONS) or not node.name.startswith("_"):
            return None
        if binder.parent is not index.module or index.module.bindings_of(node.name) != [node]:
            return None
        scopes = chain([index.module], index.module.inner_scopes_using(node.name))
        every = (use for scope in scopes for use in scope.uses_of(node.name) if use is not node)
        uses = [*islice(every, 2)]
        call = index.parent.get(uses[0]) if len(uses) == 1 else None
        if not isinstance(call, ast.Call) or call.func is not uses[0]:
            return None
        value = argument(call, node, arg.arg)
        return (value, index.scope_at(call)) if value is not None else None

    def _type_of_binding(
        self, binding: ast.AST, binder: Scope, depth: int
    ) -> Class | External | None:
        up = self._facts.index.parent.get(binding)
        if isinstance(up, ast.AnnAssign):
            return self.annotated(up.annotation, binder, depth + 1)
        if isinstance(up, ast.withitem):
            return self.type_of(up.context_expr, binder, depth + 1)
        if isinstance(up, (ast.Assign, ast.NamedExpr)):
            return self.type_of(up.value, binder, depth + 1)
        return None

    def _type_of_attribute(
        self, owner: Class | External, name: str, depth: int
    ) -> Class | External | None:
        """The class of `self.name`: by the annotation in the class, or by what is assigned."""
        if isinstance(owner, External):
            found = self._table.returned_by(self._table.method(owner.name, name))
            return External(found) if found else None
        for base in self.mro(owner):
            if isinstance(base, Class):
                known = base.facts.attribute_types(base.node).get(name)
                if known is not None:
                    value, is_annotation, scope = known
                    targets = base.facts.targets
                    if is_annotation:
                        return targets.annotated(value, scope, depth + 1)
                    return targets.type_of(value, scope, depth + 1)
        return None

    def annotated(self, node: ast.expr, scope: Scope, depth: int = 0) -> Class | External | None:
        """The class that an annotation names: `C`, `"C"`, `C | None`, `Optional[C]`, `C[T]`."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            try:
                node = ast.parse(node.value.strip(), mode="eval").body
            except (SyntaxError, ValueError):
                return None
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            sides = [side for side in (node.left, node.right) if not _is_none(side)]
            return self.annotated(sides[0], scope, depth + 1) if len(sides) == 1 else None
        if isinstance(node, ast.Subscript):
            if self._facts.names.qualified(node.value, scope) in _OPTIONAL:
                inner = node.slice.elts[0] if isinstance(node.slice, ast.Tuple) else node.slice
                return self.annotated(inner, scope, depth + 1)
            node = node.value
        found = self.of(node, scope, depth + 1)
        return found if isinstance(found, (Class, External)) else None


def attribute_types(
    facts: FileFacts, node: ast.ClassDef
) -> dict[str, tuple[ast.expr, bool, Scope]]:
    """What tells the class of each attribute: (expression, is it an annotation, its scope).

    An attribute that is assigned twice, in different ways, is left out.
    """
    found: dict[str, tuple[ast.expr, bool, Scope]] = {}
    doubtful: set[str] = set()

    def add(name: str, value: ast.expr, is_annotation: bool, scope: Scope) -> None:
        if name in found and not found[name][1] and not _is_none(found[name][0]):
            if not _is_none(value):
                doubtful.add(name)
        elif name not in found or not found[name][1]:
            found[name] = (value, is_annotation, scope)

    body = facts.index.scope_of[node]
    for part in node.body:
        if isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name):
            add(part.target.id, part.annotation, True, body)
    for method in node.body:
        if not isinstance(method, FUNCTIONS) or not parameters(method.args):
            continue
        first, scope = parameters(method.args)[0].arg, facts.index.scope_of[method]
        for use in scope.uses_of(first):
            attribute = facts.index.parent.get(use)
            statement = facts.index.parent.get(attribute) if attribute is not None else None
            if not isinstance(attribute, ast.Attribute) or not isinstance(attribute.ctx, ast.Store):
                continue
            if isinstance(statement, ast.AnnAssign):
                add(attribute.attr, statement.annotation, True, scope)
            elif isinstance(statement, ast.Assign):
                add(attribute.attr, statement.value, False, scope)
    return {name: entry for name, entry in found.items() if name not in doubtful}


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _unsubscripted(node: ast.expr) -> ast.expr:
    return node.value if isinstance(node, ast.Subscript) else node


def argument(call: ast.Call, node: FunctionNode, name: str, *, skip: int = 0) -> ast.expr | None:
    """What a call gives a function for the parameter `name`; `skip` are not in the call: `self`."""
    names = [arg.arg for arg in (*node.args.posonlyargs, *node.args.args)][skip:]
    keyword = next((word.value for word in call.keywords if word.arg == name), None)
    args = takewhile(lambda each: not isinstance(each, ast.Starred), call.args)
    return keyword or dict(zip(names, args, strict=False)).get(name)


def returned_function(target: Function) -> Function | None:
    """The nested function that a decorator factory returns, if it returns just one."""
    scope = target.facts.index.scope_of[target.node]
    names = {part.value.id for part in _returns(target) if isinstance(part.value, ast.Name)}
    found = [
        inner.node
        for inner in scope.children
        if isinstance(inner.node, FUNCTIONS) and inner.node.name in names
    ]
    return Function(target.facts, found[0]) if len(found) == 1 else None


def _returns(target: Function) -> Iterator[ast.Return]:
    stack: list[ast.AST] = list(target.node.body)
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Return):
            yield node
        elif isinstance(node, ast.stmt) and not isinstance(node, (*FUNCTIONS, ast.ClassDef)):
            stack += ast.iter_child_nodes(node)
        elif isinstance(node, (ast.ExceptHandler, ast.match_case)):
            stack += node.body
