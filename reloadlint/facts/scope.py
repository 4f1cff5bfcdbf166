"""A scope, and every use of a name directly in it."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final

from reloadlint.facts.nodes import COMPREHENSIONS, FUNCTIONS, TYPE_SCOPES

_CALLED: Final = (ast.Lambda, *FUNCTIONS)
_FRAMES: Final = (*FUNCTIONS, ast.Lambda, *COMPREHENSIONS)


class Scope:
    """A module, class, function, lambda, comprehension or list of type parameters.

    `uses` maps a name to the nodes that read, bind or delete it directly in this scope: `Name`,
    `arg`, `alias`, a definition's own node, an `except` handler, a `match` pattern. Names are
    spelled as the compiler does it: in a class `C`, `__x` is `_C__x`. `bindings` has those of the
    uses that give the name a value; a name that is only deleted is in it, too. `children` are in
    the order of CPython's symbol tables. `runs_at_import`: the code of the module, and of classes
    and comprehensions outside of functions. The node of a scope of type parameters (3.12) is the
    first of them, or the alias that has none.
    """

    __slots__ = (
        "_inner_uses", "bindings", "children", "globals", "node", "nonlocals", "parent", "private",
        "runs_at_import", "uses",
    )  # fmt: skip

    def __init__(self, node: ast.AST, parent: Scope | None) -> None:
        self.node = node
        self.parent = parent
        self.private: str | None = parent.private if parent is not None else None
        self.children: list[Scope] = []
        self.uses: defaultdict[str, list[ast.AST]] = defaultdict(list)
        self.bindings: defaultdict[str, list[ast.AST]] = defaultdict(list)
        self._inner_uses: dict[str, list[Scope]] | None = None
        self.globals: set[str] = set()
        self.nonlocals: set[str] = set()
        self.runs_at_import: bool = parent is None or (
            parent.runs_at_import and not isinstance(node, _CALLED)
        )

    def close(self) -> None:
        """Let go of the scopes in this one, which know this one."""
        self.children.clear()
        self._inner_uses = None

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

    def bindings_of(self, name: str) -> Sequence[ast.AST]:
        """Those of `uses_of(name)` that give it a value."""
        return self.bindings.get(self.spelled(name), ())

    def add_binding(self, name: str, node: ast.AST) -> None:
        """Enter a binding of `name`, as it is written here; only the index does so."""
        name = self.spelled(name)
        self.uses[name].append(node)
        self.bindings[name].append(node)

    def binds(self, name: str) -> bool:
        """True where `name` is local to this scope: it is bound here, or at least deleted."""
        name = self.spelled(name)
        return name in self.bindings and name not in self.globals and name not in self.nonlocals

    def inner_scopes_using(self, name: str) -> Sequence[Scope]:
        """The scopes in this one, however deep, that use `name`, spelled as the compiler does."""
        if self._inner_uses is None:
            self._inner_uses = {}
            stack = list(self.children)
            while stack:
                inner = stack.pop()
                for used in inner.uses:
                    self._inner_uses.setdefault(used, []).append(inner)
                stack += inner.children
        return self._inner_uses.get(name, ())

    def resolve(self, name: str) -> Scope | None:
        """The scope whose binding `name` means here; None for a global or a builtin."""
        name = self.spelled(name)
        scope: Scope | None = self
        while scope is not None and not isinstance(scope.node, ast.Module):
            if name in scope.globals:
                return None
            if name in scope.bindings and name not in scope.nonlocals:
                if scope is self or self._sees(scope):
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


def is_deletion(use: ast.AST) -> bool:
    """True for a use that takes the value away: `del`, or an `except` clause when it ends."""
    is_del = isinstance(use, ast.Name) and isinstance(use.ctx, ast.Del)
    return is_del or isinstance(use, ast.ExceptHandler)
