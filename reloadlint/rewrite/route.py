"""By which name does a file reach a first-party module? By one that it has, or by a new import."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

from reloadlint.facts import FileFacts
from reloadlint.facts.from_imports import FromImport, imported_from, is_for_types
from reloadlint.facts.imports import absolute_module
from reloadlint.facts.index import Scope, is_binding, is_deletion
from reloadlint.rewrite.refusal import ImportReason, Refused


@dataclass(frozen=True)
class Route:
    """How to reach `module`: `text` stands for it, once the `statement`, if any, was run."""

    module: str
    text: str
    statement: str = ""


class Routes:
    """The routes of one file; the same one for all copies from a module."""

    def __init__(self, facts: FileFacts, copies: Sequence[FromImport]) -> None:
        self._facts = facts
        self._copies = copies
        self._known: dict[str, Route | Refused] = {}
        self._taken: set[str] = set()

    def to(self, copy: FromImport) -> Route | Refused:
        """The route to the module that defines what is copied."""
        target = copy.definition.facts
        if target.module not in self._known:
            together = [c for c in self._copies if c.definition.facts.module == target.module]
            self._known[target.module] = self._route(target, together)
        return self._known[target.module]

    def _route(self, target: FileFacts, copies: Sequence[FromImport]) -> Route | Refused:
        last = target.module.rpartition(".")[2]
        if not all(_is_imported_by_name(self._facts, copy) for copy in copies):
            return Refused(ImportReason.ANOTHER_NAME, target.module)
        if not _is_attribute_of_package(target):
            return Refused(ImportReason.SAME_NAME, last)
        scopes = [reference.scope for copy in copies for reference in copy.references]
        first = min(copy.statement.lineno for copy in copies)
        for text in self._at_hand(target.module, first):
            if not _is_hidden(self._facts, text.partition(".")[0], scopes):
                return Route(target.module, text)
        origin = _origin(self._facts, copies[0].statement, target)
        if isinstance(origin, Refused):
            return origin
        name = next(n for n in self._candidates(target.module) if self._is_free(n, scopes))
        self._taken.add(name)
        alias = "" if name == last else f" as {name}"
        return Route(target.module, name, f"{origin}import {last}{alias}")

    def _at_hand(self, module: str, line: int) -> Iterator[str]:
        """What the file has called the module by, up to the statement on `line`."""
        for statement in takewhile(lambda each: each.lineno <= line, self._facts.tree.body):
            if not isinstance(statement, (ast.Import, ast.ImportFrom)):
                continue
            for alias in statement.names:
                text = self._text_of(statement, alias, module)
                if text is not None and self._is_lasting(text.partition(".")[0]):
                    yield text

    def _text_of(
        self, statement: ast.Import | ast.ImportFrom, alias: ast.alias, module: str
    ) -> str | None:
        if isinstance(statement, ast.Import):
            return (alias.asname or alias.name) if alias.name == module else None
        found = f"{imported_from(self._facts, statement)}.{alias.name}"
        return (alias.asname or alias.name) if found == module else None

    def _is_lasting(self, name: str) -> bool:
        """True for a name that only imports bind, and nothing takes away."""
        uses = self._facts.index.module.uses.get(name, ())
        bindings = [use for use in uses if is_binding(use)]
        is_imported = all(isinstance(use, ast.alias) for use in bindings)
        is_one = len({self._origin_of(use) for use in bindings}) == 1
        is_kept = not any(map(is_deletion, uses)) and name not in self._facts.index.globals
        return is_imported and is_one and is_kept

    def _origin_of(self, binding: ast.AST) -> str | None:
        return self._facts.names.origin(binding, self._facts.index.module)

    def _candidates(self, module: str) -> Iterator[str]:
        parent, _, last = module.rpartition(".")
        yield last
        if parent:
            yield f"{parent.rpartition('.')[2].strip('_')}_{last.strip('_')}"
        base = f"{last.strip('_') or 'its'}_module"
        yield base
        number = 2
        while True:
            yield f"{base}_{number}"
            number += 1

    def _is_free(self, name: str, scopes: Sequence[Scope]) -> bool:
        """True where nothing in the file means anything by the global `name`."""
        index = self._facts.index
        if name in self._taken or name.startswith("__"):
            return False
        if _is_hidden(self._facts, name, scopes):
            return False
        for scope in index.scope_of.values():
            if name in scope.uses and scope.resolve(name) is None:
                return False
        return not self._is_submodule(name)

    def _is_submodule(self, name: str) -> bool:
        """In a package, a new name may be that of one of its modules; import sets that, too."""
        facts = self._facts
        return facts.imported(f"{facts.module}.{name}") is not None


def _is_hidden(facts: FileFacts, name: str, scopes: Sequence[Scope]) -> bool:
    """True where one of the scopes means something of its own by `name`."""
    return any(scope.resolve(name) is not None for scope in scopes)


def _is_imported_by_name(facts: FileFacts, copy: FromImport) -> bool:
    """True where the name that folders give to a module is that by which it is imported.

    It is not in a package without an `__init__.py`, whose modules look like those of a program.
    """
    target = copy.definition.facts
    importer = copy.definition.via[-1][0] if copy.definition.via else facts
    statements = [each for each in importer.index.imports if isinstance(each, ast.ImportFrom)]
    names = {imported_from(importer, statement) for statement in statements}
    return {name for name in names if importer.imported(name) is target} == {target.module}


def _is_attribute_of_package(target: FileFacts) -> bool:
    """True where `package.module` is the module, and not something else of that name."""
    parent, _, last = target.module.rpartition(".")
    if not parent:
        return True
    package = target.imported(parent)
    if package is None:  # its `__init__.py` cannot be read
        return False
    uses = package.index.module.uses
    if last in package.index.globals or ("__getattr__" in uses and _may_give(package, last)):
        return False
    bindings = [use for use in uses.get(last, ()) if is_binding(use)]
    is_plain = all(_binds_module(package, use, target.module) for use in bindings)
    return is_plain and not any(
        taken.is_star
        and not is_for_types(package, taken.node)
        and _gives(package, taken.module, last)
        for taken in package.imports
    )


def _may_give(package: FileFacts, name: str) -> bool:
    """True where the `__getattr__` of a package may have an answer to `name`.

    Where it asks for what `__all__` lists, it is meant to import the package's modules.
    """
    if "raise AttributeError" not in package.source.text:
        return True
    for string in package.index.strings:
        if string.value == name:
            around = [up for up in package.index.ancestors(string) if isinstance(up, ast.stmt)]
            if not any(_assigns_all(up) for up in around):
                return True
    return False


def _assigns_all(statement: ast.stmt) -> bool:
    targets = getattr(statement, "targets", None) or [getattr(statement, "target", None)]
    return any(isinstance(target, ast.Name) and target.id == "__all__" for target in targets)


def _binds_module(package: FileFacts, use: ast.AST, module: str) -> bool:
    statement = package.index.parent[use]
    if not isinstance(statement, ast.ImportFrom):
        return False
    assert isinstance(use, ast.alias)
    return f"{imported_from(package, statement)}.{use.name}" == module


def _gives(package: FileFacts, star: str, name: str) -> bool:
    """True where a star import may bring a `name`."""
    source = package.imported(package.absolute(star))
    if source is None:
        return True
    return name in source.index.module.uses or any(taken.is_star for taken in source.imports)


def _origin(facts: FileFacts, statement: ast.ImportFrom, target: FileFacts) -> str | Refused:
    """The `from …` part of an import of the target in the manner of `statement`; maybe empty."""
    parent, _, last = target.module.rpartition(".")
    if not statement.level:
        return f"from {parent} " if parent else ""
    for level in range(statement.level, facts.module.count(".") + 1 + facts.is_package):
        base = absolute_module("." * level, facts.module, facts.is_package)
        if f"{parent}.".startswith(f"{base}."):
            return f"from {'.' * level}{parent[len(base) + 1 :]} "
    return Refused(ImportReason.TOP_PACKAGE, last)
