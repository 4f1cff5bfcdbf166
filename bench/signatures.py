"""Qualified names × folders of packages → signatures, read with `ast`; nothing is imported.

Follows re-exports, `*`, aliases, base classes, stubs (`.pyi` and `NAME-stubs`), instances that a
module makes, and what functions return.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

Function = ast.FunctionDef | ast.AsyncFunctionDef
Definition = Function | ast.ClassDef
MAX_DEPTH = 16


@dataclass(frozen=True)
class Signature:
    """How many positions a call has, and which keywords; `*` and `**` stand for any more."""

    positional: int
    keywords: tuple[str, ...]

    def accepts(self, parameter: int | str) -> bool:
        """True where a call may give the parameter."""
        if isinstance(parameter, int):
            return parameter < self.positional or "*" in self.keywords
        return parameter in self.keywords or "**" in self.keywords

    def __str__(self) -> str:
        return f"({', '.join(self.keywords)})"


@dataclass(frozen=True)
class Found:
    """Definitions of one name, more than one of overloads, and the class that they are in."""

    module: str
    nodes: tuple[Definition, ...]
    owner: ast.ClassDef | None = None

    @property
    def last(self) -> Definition:
        """The one that stands last."""
        return self.nodes[-1]


ANY_FUNCTION = Signature(1, ())


class Sources:
    """What the folders hold."""

    def __init__(self, folders: list[Path], *, stubs_first: bool = False) -> None:
        self.folders = folders
        self.ends = ("/__init__.py", ".py", "/__init__.pyi", ".pyi")
        if stubs_first:  # they name what the code makes when it runs
            self.ends = (*self.ends[2:], *self.ends[:2])
        self.tree = lru_cache(maxsize=None)(self._tree)
        self.parsed = lru_cache(maxsize=None)(_parsed)

    def signatures(self, qualified: str) -> list[Signature]:
        """Those of an entry; for `name()`, of what `name` returns. Empty if it is not found."""
        parts = qualified.removesuffix("()").split(".")
        for cut in range(len(parts) - 1, 0, -1):
            for package in (parts[0], f"{parts[0]}-stubs"):
                found = self.lookup(".".join([package, *parts[1:cut]]), parts[cut:])
                if found is not None:
                    is_result = qualified.endswith("()")
                    return self._returned(found) if is_result else self._accepted(found)
        return []

    def lookup(self, module: str, path: list[str], depth: int = 0) -> Found | None:
        """The definitions at `path` in a module."""
        if depth > MAX_DEPTH or self.tree(module) is None or not path:
            return None
        for node in reversed([*self._statements(module)]):
            found = None
            if isinstance(node, Definition) and node.name == path[0]:
                found = self._defined(module, node, path, depth)
            elif isinstance(node, ast.ImportFrom):
                found = self._imported(module, node, path, depth)
            elif isinstance(node, (ast.Assign, ast.AnnAssign)) and path[0] in _targets(node):
                found = self._assigned(module, node, path[1:], depth + 1)
            if found is not None:
                return found
        return None

    def _defined(self, module: str, node: Definition, path: list[str], depth: int) -> Found | None:
        if len(path) == 1:
            same = [n for n in self._statements(module) if isinstance(n, Definition)]
            return Found(module, tuple(n for n in same if n.name == node.name))
        if isinstance(node, ast.ClassDef) and len(path) == 2:
            return self.member(module, node, path[1], depth + 1)
        return None

    def _imported(
        self, module: str, node: ast.ImportFrom, path: list[str], depth: int
    ) -> Found | None:
        origin = self._origin(module, node)
        for alias in node.names:
            found = None
            if alias.name == "*":
                found = self.lookup(origin, path, depth + 1)
            elif (alias.asname or alias.name) == path[0]:
                found = self.lookup(origin, [alias.name, *path[1:]], depth + 1)
                found = found or self.lookup(f"{origin}.{alias.name}", path[1:], depth + 1)
            if found is not None:
                return found
        return None

    def _assigned(
        self, module: str, node: ast.Assign | ast.AnnAssign, path: list[str], depth: int
    ) -> Found | None:
        found = self._valued(module, node.value, path, depth) if node.value else None
        if found is None and isinstance(node, ast.AnnAssign):
            found = self._instance(module, node.annotation, path, depth)
        return found

    def _valued(self, module: str, value: ast.expr, path: list[str], depth: int) -> Found | None:
        """What stands at `path` below the value of an expression."""
        if isinstance(value, ast.Call):
            if _dotted(value.func)[-1:] == ["partial"] and value.args:
                return self._valued(module, value.args[0], path, depth)
            return self._instance(module, value.func, path, depth)
        names = _dotted(value)
        return self.lookup(module, [*names, *path], depth + 1) if names else None

    def _instance(self, module: str, maker: ast.expr, path: list[str], depth: int) -> Found | None:
        """What stands at `path` below an instance of a class, or below what a function returns."""
        if isinstance(maker, ast.Constant) and isinstance(maker.value, str):
            maker = ast.parse(maker.value, mode="eval").body
        names = _dotted(maker)
        made = self.lookup(module, names, depth + 1) if names else None
        if made is None or depth > MAX_DEPTH:
            return None
        if isinstance(made.last, ast.ClassDef):
            return self.member(made.module, made.last, (path or ["__call__"])[0], depth + 1)
        returns = made.last.returns
        return self._instance(made.module, returns, path, depth + 1) if returns else None

    def member(self, module: str, owner: ast.ClassDef, name: str, depth: int = 0) -> Found | None:
        """The methods of that name in the class, or in a base of it."""
        if depth > MAX_DEPTH:
            return None
        body = [*_flat(owner.body)]
        same = tuple(n for n in body if isinstance(n, Definition) and n.name == name)
        if same:
            return Found(module, same, owner)
        for node in body:
            if isinstance(node, ast.Assign) and name in _targets(node):
                aliased = _dotted(node.value)
                if len(aliased) == 1 and aliased != [name]:
                    found = self.member(module, owner, aliased[0], depth + 1)
                    return found or self.lookup(module, aliased, depth + 1)
        for base in owner.bases:
            above = self.lookup(module, _dotted(base), depth + 1)
            if above is not None and isinstance(above.last, ast.ClassDef):
                inherited = self.member(above.module, above.last, name, depth + 1)
                if inherited is not None:
                    return inherited
        return None

    def _returned(self, found: Found, depth: int = 0) -> list[Signature]:
        """The signatures of what a call returns."""
        results = list[Signature]()
        for node in found.nodes if depth < MAX_DEPTH else ():
            if isinstance(node, ast.ClassDef):
                call = self.member(found.module, node, "__call__")
                return self._accepted(call) if call else []
            for inner in ast.walk(node):
                if isinstance(inner, ast.Return) and inner.value is not None:
                    results += self._value_signatures(found, node, inner.value, depth)
            if not results and node.returns and "Callable" in ast.unparse(node.returns):
                results.append(ANY_FUNCTION)
        return results

    def _value_signatures(
        self, found: Found, function: Function, value: ast.expr, depth: int
    ) -> list[Signature]:
        names = _dotted(value)
        nested = [n for n in ast.walk(function) if isinstance(n, Function) and n is not function]
        if isinstance(value, ast.Lambda):
            return [_of_arguments(value.args)]
        if isinstance(value, ast.Name):
            same = tuple(n for n in nested if n.name == value.id)
            if same:
                return self._accepted(Found(found.module, same))
            made = [_value(n) for n in ast.walk(function) if _binds(n, value.id)]
            calls = (n for n in made if isinstance(n, ast.Call))
            return [s for n in calls for s in self._value_signatures(found, function, n, depth + 1)]
        if not isinstance(value, ast.Call) or not names or depth > MAX_DEPTH:
            return []
        if names[-1] == "partial":  # what is left of it to fill in is the function
            return [ANY_FUNCTION]
        if found.owner is not None and names[0] in ("self", "cls") and len(names) == 2:
            callee = self.member(found.module, found.owner, names[1])
        elif any(n.name == names[0] for n in nested):
            callee = Found(found.module, tuple(n for n in nested if n.name == names[0]))
        else:
            callee = self.lookup(found.module, names)
        return self._returned(callee, depth + 1) if callee else []

    def _accepted(self, found: Found) -> list[Signature]:
        """The signatures of a call; of a class, those of its constructor."""
        if isinstance(found.last, ast.ClassDef):
            made = self.member(found.module, found.last, "__init__")
            made = made or self.member(found.module, found.last, "__new__")
            if made is not None and not isinstance(made.last, ast.ClassDef):
                return self._accepted(made)
            return [_of_fields(found.last)] if found.last.decorator_list else []
        results = list[Signature]()
        for node in found.nodes:
            decorators = {_dotted(d)[-1] for d in node.decorator_list if _dotted(d)}
            if isinstance(node, ast.ClassDef) or decorators & {"property", "cached_property"}:
                continue
            signature = _of_arguments(node.args)
            if found.owner is not None and "staticmethod" not in decorators:
                first = min(1, signature.positional)
                signature = Signature(signature.positional - first, signature.keywords[first:])
            results.append(signature)
        return results

    def _origin(self, module: str, node: ast.ImportFrom) -> str:
        """The module that is imported from."""
        if not node.level:
            return node.module or ""
        package = module.split(".")
        path = self._path(module)
        is_package = path is not None and path.stem == "__init__"
        base = package[: len(package) - node.level + is_package]
        return ".".join([*base, node.module] if node.module else base)

    def _statements(self, module: str) -> Iterator[ast.stmt]:
        tree = self.tree(module)
        yield from _flat(tree.body if tree else [])

    def _path(self, module: str) -> Path | None:
        top, dot, rest = module.partition(".")
        stems = [f"{name}{dot}{rest}".replace(".", "/") for name in (top, f"{top}-stubs")]
        names = [f"{stem}{end}" for stem in stems for end in self.ends]
        paths = (folder / name for folder in self.folders for name in names)
        return next((path for path in paths if path.is_file() and self.parsed(path)), None)

    def _tree(self, module: str) -> ast.Module | None:
        path = self._path(module)
        return self.parsed(path) if path else None


def _parsed(path: Path) -> ast.Module | None:
    try:
        return ast.parse(path.read_text(encoding="utf-8"))
    except SyntaxError:  # some generated stubs
        return None


def _flat(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements, and those of `if`, `try` and `with` among them."""
    for node in body:
        yield node
        if isinstance(node, (ast.If, ast.Try, ast.With)):
            inner = [*node.body, *getattr(node, "orelse", [])]
            for handler in getattr(node, "handlers", []):
                inner += handler.body
            yield from _flat(inner)


def _targets(node: ast.Assign | ast.AnnAssign) -> set[str]:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return {target.id for target in targets if isinstance(target, ast.Name)}


def _binds(node: ast.AST, name: str) -> bool:
    return isinstance(node, (ast.Assign, ast.AnnAssign)) and name in _targets(node)


def _value(node: ast.AST) -> ast.expr | None:
    return node.value if isinstance(node, (ast.Assign, ast.AnnAssign)) else None


def _dotted(node: ast.expr) -> list[str]:
    """The names of `a.b[c]` and `a.b()`, and of the part of `a | None` that says something."""
    if isinstance(node, ast.Name):
        return [node.id]
    if isinstance(node, ast.Attribute):
        head = _dotted(node.value)
        return [*head, node.attr] if head else []
    if isinstance(node, ast.Subscript):
        return _dotted(node.value)
    if isinstance(node, ast.Call):
        return _dotted(node.func)
    return _dotted(node.left) if isinstance(node, ast.BinOp) else []


def _of_arguments(args: ast.arguments) -> Signature:
    positional = [a.arg for a in (*args.posonlyargs, *args.args)]
    keywords = [*positional, *(a.arg for a in args.kwonlyargs)]
    keywords += ["*"] * (args.vararg is not None) + ["**"] * (args.kwarg is not None)
    return Signature(len(positional), tuple(keywords))


def _of_fields(owner: ast.ClassDef) -> Signature:
    """That of the constructor which `dataclass` and its like make."""
    fields = [
        n.target.id
        for n in owner.body
        if isinstance(n, ast.AnnAssign)
        if isinstance(n.target, ast.Name)
    ]
    return Signature(len(fields), tuple(fields))
