"""What sinks.toml says of PyPI's libraries × their sources → parameters that do not exist.

    python bench/sink_signatures.py [--missing] SITE_PACKAGES [SITE_PACKAGES ...]

Reads the sources in the folders with `ast`; nothing is imported. Follows re-exports, `*` and base
classes. An entry that cannot be found (compiled, made at run time, not installed) is counted, not
complained about (`--missing` prints it); one whose parameter is not in the signature that was found
is printed, and the exit code is 1. For `name()`, that is the signature of the function, defined in
`name`, which `name` returns.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import reloadlint
from reloadlint.toml import load_toml

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
DATA = load_toml(Path(reloadlint.__file__).parent / "sinks.toml")
TABLES = [DATA["passes"], DATA["lazy"], DATA["consumed"], *DATA["retained"].values()]
FOLDERS = [Path(folder) for folder in sys.argv[1:] if folder != "--missing"]
MAX_DEPTH = 12


def main() -> int:
    """Check every entry that is not of the standard library."""
    wrong, checked, unknown = [], 0, 0
    for table in TABLES:
        for key, parameters in table.items():
            if key.partition(".")[0] in sys.stdlib_module_names:
                continue
            accepted = signature(key)
            if accepted is None:
                unknown += 1
                if "--missing" in sys.argv:
                    print("not found:", key)
                continue
            checked += 1
            positional, keywords = accepted
            wrong += [
                f"{key}: {parameter!r} of ({', '.join(keywords)})"
                for parameter in parameters
                if not fits(parameter, positional, keywords)
            ]
    print(*wrong, f"{checked} entries checked, {unknown} not found", sep="\n")
    return 1 if wrong else 0


def fits(parameter: int | str, positional: int, keywords: list[str]) -> bool:
    """True where a call may give the parameter."""
    if isinstance(parameter, int):
        return parameter < positional or "*" in keywords
    return parameter in keywords or "**" in keywords


def signature(qualified: str) -> tuple[int, list[str]] | None:
    """How many positions a call has, and which keywords; `*` and `**` stand for any more."""
    parts = qualified.removesuffix("()").split(".")
    for cut in range(len(parts) - 1, 0, -1):
        module = ".".join(parts[:cut])
        if tree(module) is not None:
            found = lookup(module, parts[cut:])
            if found and qualified.endswith("()"):
                found = returned(*found)
            return _accepted(*found) if found else None
    return None


def returned(module: str, node: Definition, _: bool) -> tuple[str, Definition, bool] | None:
    """The function that is defined in a function, and returned by it."""
    nested = {n.name: n for n in node.body if isinstance(n, Definition)}
    results = [n.value for n in ast.walk(node) if isinstance(n, ast.Return)]
    names = {n.id for n in results if isinstance(n, ast.Name)} & {*nested}
    return (module, nested[names.pop()], False) if len(names) == 1 else None


def _accepted(module: str, node: Definition, is_method: bool) -> tuple[int, list[str]] | None:
    if isinstance(node, ast.ClassDef):
        made = member(module, node, "__init__") or member(module, node, "__new__")
        if made is None or isinstance(made[1], ast.ClassDef):
            return None
        module, node, is_method = made[0], made[1], True
    assert not isinstance(node, ast.ClassDef)
    names = {getattr(d, "id", "") for d in node.decorator_list}
    if "overload" in names or names & {"property", "cached_property"}:
        return None
    args = node.args
    positional = [a.arg for a in (*args.posonlyargs, *args.args)]
    if is_method and "staticmethod" not in names:
        positional = positional[1:]
    keywords = [*positional, *(a.arg for a in args.kwonlyargs)]
    keywords += ["*"] * (args.vararg is not None) + ["**"] * (args.kwarg is not None)
    return len(positional), keywords


def lookup(module: str, path: list[str], depth: int = 0) -> tuple[str, Definition, bool] | None:
    """The definition at `path` in a module, over re-exports."""
    if depth > MAX_DEPTH or tree(module) is None or not path:
        return None
    for node in reversed([*statements(module)]):  # the last of overloads
        if isinstance(node, Definition) and node.name == path[0]:
            if len(path) == 1:
                return module, node, False
            if isinstance(node, ast.ClassDef) and len(path) == 2:
                found = member(module, node, path[1])
                return found and (found[0], found[1], True)
        elif isinstance(node, ast.ImportFrom):
            origin = absolute(module, node)
            for alias in node.names:
                if alias.name == "*":
                    found = lookup(origin, path, depth + 1)
                elif (alias.asname or alias.name) == path[0]:
                    found = lookup(origin, [alias.name, *path[1:]], depth + 1)
                    found = found or lookup(f"{origin}.{alias.name}", path[1:], depth + 1)
                else:
                    continue
                if found:
                    return found
    return None


def member(
    module: str, owner: ast.ClassDef, name: str, depth: int = 0
) -> tuple[str, Definition, bool] | None:
    """The last method of that name in the class, or in a base of it."""
    found = [n for n in owner.body if isinstance(n, Definition) and n.name == name]
    if found:
        return module, found[-1], True
    for base in owner.bases if depth < MAX_DEPTH else ():
        path = ast.unparse(base.value if isinstance(base, ast.Subscript) else base).split(".")
        above = lookup(module, path, depth + 1)
        if above and isinstance(above[1], ast.ClassDef):
            inherited = member(above[0], above[1], name, depth + 1)
            if inherited:
                return inherited
    return None


def absolute(module: str, node: ast.ImportFrom) -> str:
    """The module that is imported from."""
    if not node.level:
        return node.module or ""
    package = module.split(".")
    up = node.level - (1 if is_package(module) else 0)
    base = package[: len(package) - up]
    return ".".join([*base, node.module] if node.module else base)


def statements(module: str) -> Iterator[ast.stmt]:
    """Those of the module, and of its top-level `if`s and `try`s."""
    found = tree(module)
    stack: list[ast.stmt] = list(reversed(found.body)) if found else []
    while stack:
        node = stack.pop()
        yield node
        if isinstance(node, (ast.If, ast.Try)):
            stack += [*node.body, *node.orelse]


@cache
def source_of(module: str) -> Path | None:
    """The file of a module in one of the folders."""
    stem = module.replace(".", "/")
    names = (f"{stem}/__init__.py", f"{stem}.py", f"{stem}/__init__.pyi", f"{stem}.pyi")
    paths = (folder / name for folder in FOLDERS for name in names)
    return next((path for path in paths if path.is_file()), None)


def is_package(module: str) -> bool:
    """True for a module that is a folder."""
    path = source_of(module)
    return path is not None and path.stem == "__init__"


@cache
def tree(module: str) -> ast.Module | None:
    """The syntax tree of a module."""
    path = source_of(module)
    return ast.parse(path.read_text(encoding="utf-8")) if path else None


if __name__ == "__main__":
    sys.exit(main())
