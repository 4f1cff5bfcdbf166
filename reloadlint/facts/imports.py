"""What the names of a file mean: imports with their aliases, builtins, own definitions."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Container
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

from reloadlint.facts.index import Index, Scope

_BUILTINS = frozenset(vars(builtins))


@dataclass(frozen=True)
class ImportedModule:
    """One module named by an import statement.

    `module` is dotted, with leading dots where the import is relative; `names` are what a
    `from … import` takes from it, as (name, name bound here).
    """

    node: ast.Import | ast.ImportFrom
    module: str
    names: tuple[tuple[str, str], ...]

    @property
    def is_star(self) -> bool:
        """True for `from module import *`."""
        return self.names == (("*", "*"),)


def imported_modules(index: Index) -> tuple[ImportedModule, ...]:
    """Every import of the file, at whatever depth, in the order of the tree's visit."""
    found: list[ImportedModule] = []
    for node in index.imports:
        if isinstance(node, ast.Import):
            found += [ImportedModule(node, alias.name, ()) for alias in node.names]
        else:
            names = tuple((alias.name, alias.asname or alias.name) for alias in node.names)
            found.append(ImportedModule(node, _origin(node), names))
    return tuple(found)


def _origin(node: ast.ImportFrom) -> str:
    return "." * node.level + (node.module or "")


def absolute_module(module: str, importer: str, is_package: bool) -> str:
    """The name of the module that `importer` means, where `module` may have leading dots.

    One dot more than there are packages means the folder where imports start: it may be a package
    without an `__init__.py`. What is above that has no name here, and is returned as it is written.
    """
    name = module.lstrip(".")
    level = len(module) - len(name)
    if not level:
        return name
    package = importer.split(".") if is_package else importer.split(".")[:-1]
    depth = len(package) - level + 1
    return module if depth < 0 else ".".join(filter(None, [*package[:depth], name]))


class Names:
    """Resolves expressions to qualified names, such as `T` to `threading.Timer`."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._cache: dict[tuple[Scope, str], str | None] = {}
        self._origins: dict[tuple[Scope, str], str | None] = {}  # by the scope that binds

    def qualified(self, node: ast.expr, scope: Scope | None = None) -> str | None:
        """The dotted name that `node` stands for, or None where it is not known by its name.

        `builtins.sorted`, `threading.Timer`, `.bus.connect` for relative imports, and `:start`
        for a definition of this file's module scope.
        """
        if isinstance(node, ast.Attribute):
            base = self.qualified(node.value, scope)
            return None if base is None else f"{base}.{node.attr}"
        if not isinstance(node, ast.Name):
            return None
        scope = scope or self._index.scope_at(node)
        key = (scope, node.id)
        if key not in self._cache:
            self._cache[key] = self._name(scope, node.id)
        return self._cache[key]

    def may_end_in(self, node: ast.expr, names: Container[str]) -> bool:
        """False where no qualified name of `node` ends in one of `names`: a quick first look."""
        if isinstance(node, ast.Attribute):
            return node.attr in names
        return isinstance(node, ast.Name) and (node.id in names or node.id in self._renamed)

    @cached_property
    def _renamed(self) -> frozenset[str]:
        """The names that imports bind to what is called otherwise."""
        aliases = (alias for node in self._index.imports for alias in node.names)
        return frozenset(alias.asname for alias in aliases if alias.asname)

    @cached_property
    def modules(self) -> frozenset[str]:
        """What leads to the modules of `import` statements: `p` and `p.m` after `import p.m`."""
        nodes = (node for node in self._index.imports if isinstance(node, ast.Import))
        names = (alias.asname or alias.name for node in nodes for alias in node.names)
        return frozenset(
            prefix for name in names for prefix in accumulate(name.split("."), "{}.{}".format)
        )

    def _name(self, scope: Scope, name: str) -> str | None:
        name = scope.spelled(name)
        binder = scope.resolve(name) or self._index.module
        bindings = binder.bindings.get(name, ())
        if not bindings and binder is self._index.module:
            return f"builtins.{name}" if self.is_builtin(name) else None
        if binder is self._index.module and name in self._rebound_by_functions:
            return None
        if (binder, name) not in self._origins:
            origins = {self.origin(use, binder) for use in bindings}
            self._origins[binder, name] = origins.pop() if len(origins) == 1 else None
        return self._origins[binder, name]

    def is_builtin(self, name: str) -> bool:
        """True for a global name that the file never binds and that CPython's builtins have."""
        return name in _BUILTINS and not self.is_bound_global(name)

    def is_bound_global(self, name: str) -> bool:
        """True where the module scope, or a function under `global`, gives `name` a value."""
        if self._index.module.bindings.get(name):
            return True
        return name in self._index.globals

    @cached_property
    def _rebound_by_functions(self) -> frozenset[str]:
        """The names that something gives another value under `global`."""
        if not self._index.globals:
            return frozenset()
        return frozenset(
            name
            for scope in self._index.scope_of.values()
            for name in scope.globals & scope.uses.keys()
            if scope.bindings.get(name)
        )

    def origin(self, use: ast.AST, binder: Scope) -> str | None:
        """The qualified name that one binding of a name in `binder` gives it, if any."""
        if isinstance(use, ast.alias):
            statement = self._index.parent[use]
            if isinstance(statement, ast.ImportFrom):
                origin = _origin(statement)
                return f"{origin}{'' if origin.endswith('.') else '.'}{use.name}"
            return use.name if use.asname else use.name.partition(".")[0]
        if binder is self._index.module and isinstance(
            use, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
        ):
            return f":{use.name}"
        return None
