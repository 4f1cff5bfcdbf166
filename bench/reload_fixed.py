"""Does a reload reach what `--fix` moved? Every hoisted body of a package is edited and reloaded.

    python bench/reload_fixed.py SOURCE PACKAGE [--python VENV/bin/python]

SOURCE is the folder from which PACKAGE is imported. A copy is fixed. Then, in a process for each
module, a trampoline is made of each fixed closure; a marker is written into the body of every
hoisted function; `importlib.reload` runs; and the trampoline, which is older than the reload, is
called. It must come upon the marker. (Before that the marker does nothing: decorators run while a
module is imported.)
"""

from __future__ import annotations

import argparse
import ast
import json
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from reloadlint import files
from reloadlint.config import Config
from reloadlint.facts import collect

# Runs under the interpreter that has the package's requirements: reads names, prints outcomes.
CHILD = """
import asyncio, importlib, json, sys, types
path, module_name, sites, edited = json.load(sys.stdin)
def codes(code):
    for inner in code.co_consts:
        if isinstance(inner, types.CodeType):
            yield inner
            yield from codes(inner)
def reached(name):
    if armed:
        raise RuntimeError("marker " + name)
armed = False
sys.modules["reload_marker"] = types.SimpleNamespace(reached=reached)
def step(code, module):
    cells = tuple(types.CellType(None) for _ in code.co_freevars)
    made = types.FunctionType(code, vars(module), closure=cells)
    positional = code.co_argcount
    made.__defaults__ = (None,) * positional
    made.__kwdefaults__ = dict.fromkeys(code.co_varnames[positional:][:code.co_kwonlyargcount])
    return made
def outcome(made):
    try:
        value = made()
        if hasattr(value, "__anext__"):
            value = value.__anext__()
        if hasattr(value, "send"):
            value.send(None)
    except BaseException as error:
        return str(error)
    return "nothing"
try:
    module = importlib.import_module(module_name)
except BaseException as error:
    print(json.dumps(["not imported"] * len(sites)))
    raise SystemExit
text = open(path, encoding="utf-8").read()
found = list(codes(compile(text, path, "exec")))
held = []
for name, line, target in sites:
    matches = [c for c in found if c.co_name == name and c.co_firstlineno == line]
    held.append([step(c, module) for c in matches if target in c.co_names])
open(path, "w", encoding="utf-8").write(edited)
try:
    importlib.reload(module)
except BaseException as error:
    print(json.dumps(["not reloaded"] * len(sites)))
    raise SystemExit
armed = True
print("\\n" + json.dumps([
    "fresh" if made and all(outcome(f) == "marker " + site[2] for f in made) else "stale"
    for site, made in zip(sites, held)
]))
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("source", type=Path)
    parser.add_argument("package")
    parser.add_argument("--python", default=sys.executable)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "source"
        shutil.copytree(given.source, copy, ignore=shutil.ignore_patterns("__pycache__", ".git"))
        command = [sys.executable, "-m", "reloadlint", "check", "--isolated", "--fix", "-q"]
        subprocess.run(
            [*command, str(copy / given.package)], stdout=subprocess.DEVNULL, check=False
        )
        counts = Counter(outcomes(given.source, copy, given.package, given.python))
    print(given.package, dict(counts))
    return int(counts["stale"] > 0 or not counts["fresh"])


def outcomes(source: Path, copy: Path, package: str, python: str) -> Iterator[str]:
    """What came of each fixed closure: fresh, stale, or why there is no telling."""
    for path in sorted((copy / package).rglob("*.py")):
        before = source / path.relative_to(copy)
        sites = list(trampolines(path, functions(path) - functions(before)))
        if sites:
            fixed = path.read_bytes()
            name = ".".join(path.relative_to(copy).with_suffix("").parts).removesuffix(".__init__")
            task = json.dumps([str(path), name, sites, marked(path, {s[2] for s in sites})])
            child = [python, "-B", "-c", f"import sys; sys.path.insert(0, {str(copy)!r})\n{CHILD}"]
            ran = subprocess.run(child, input=task, capture_output=True, text=True, check=False)
            path.write_bytes(fixed)  # as other modules may import it
            lines = ran.stdout.splitlines()
            yield from json.loads(lines[-1]) if lines else ["crashed"] * len(sites)


def functions(path: Path) -> set[str]:
    """The module-level functions of a file."""
    return {getattr(node, "name", "") for node in ast.parse(path.read_bytes()).body}


def trampolines(path: Path, moved: set[str]) -> Iterator[tuple[str, int, str]]:
    """The closures that forward to one of the functions `moved`: name, first line, function."""
    facts = collect(files.read(str(path)), Config())
    for closure in facts.closures:
        target = facts.trampoline(closure.node)
        if target is not None and target.target in moved:
            decorators = getattr(closure.node, "decorator_list", [])
            lines = [closure.node.lineno, *(decorator.lineno for decorator in decorators)]
            yield closure.name, min(lines), target.target


def marked(path: Path, moved: set[str]) -> str:
    """The text, with a statement in front of each moved body that reaches a marker."""
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines(keepends=True)
    for node in reversed(ast.parse(text).body):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name in moved:
            first = node.body[0]
            line = min([first.lineno, *(d.lineno for d in getattr(first, "decorator_list", []))])
            indent = lines[line - 1][: first.col_offset]
            marker = f'__import__("reload_marker").reached("{node.name}")'
            lines.insert(line - 1, f"{indent}{marker}\n")
    return "".join(lines)


if __name__ == "__main__":
    sys.exit(main())
