"""Real edits: how much of a held program follows from one release of a package to the next?

    python bench/real_edits.py --store /tmp/releases                    # ours only
    python bench/real_edits.py --store /tmp/releases --python VENV/bin/python   # IPython, jurigged

For each pair of consecutive releases a fresh process imports every module of the old one and holds
every function and method, every class, and an instance of each class that can be made without
arguments. The files are exchanged, the reloader runs, and each held object is compared with a
fresh import of the new release: code, defaults and keyword defaults of functions; the attributes
of classes; the class of instances. Only what both releases have and what differs between them is
counted. So is what each name of a module means: a function, a class, or a value that cannot change;
here names that are new count, too. The table goes to bench/real_edits.md, the figures of each pair
to bench/real_edits.json.

The releases are downloaded by pip, as wheels, into the store.
"""

from __future__ import annotations

import argparse
import contextlib
import dis
import importlib
import inspect
import itertools
import json
import os
import pkgutil
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = {  # distribution: module
    "attrs": "attr",
    "cachetools": "cachetools",
    "click": "click",
    "idna": "idna",
    "itsdangerous": "itsdangerous",
    "more-itertools": "more_itertools",
    "packaging": "packaging",
    "pluggy": "pluggy",
    "pyparsing": "pyparsing",
    "tomlkit": "tomlkit",
}
RELOADERS = ["reloadlint.runtime", "IPython deduperreload", "jurigged"]
_ADDRESS = re.compile(r"0x[0-9a-f]+")


# --- in the child process


def all_modules(package: str) -> list[str]:
    importlib.import_module(package)
    names = [package]
    for found in pkgutil.walk_packages(sys.modules[package].__path__, package + "."):
        if not found.name.rpartition(".")[2].startswith("__"):
            with contextlib.suppress(Exception):
                importlib.import_module(found.name)
                names.append(found.name)
    return names


def objects_of(names: list[str]) -> Iterator[tuple[str, Any]]:
    """Functions, methods and classes by where they are defined."""
    for name in names:
        for key, value in list(vars(sys.modules[name]).items()):
            if getattr(value, "__module__", None) == name:
                yield from members_of(f"{name}.{key}", value)


def members_of(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, FunctionType):
        yield path, value
    elif isinstance(value, type):
        yield path, value
        for key, attribute in list(vars(value).items()):
            if key == "__wrapped__" or (
                isinstance(attribute, type) and attribute.__qualname__.count(".") == 0
            ):
                continue
            for part in ("fget", "fset", "fdel", "__func__"):
                if isinstance(inner := getattr(attribute, part, None), FunctionType):
                    yield f"{path}.{key}.{part}", inner
            if isinstance(attribute, (FunctionType, type)):
                yield from members_of(f"{path}.{key}", attribute)


def print_of_code(code: CodeType) -> Any:
    """What it does: instructions with what they name, whichever slots those have.

    A function that is compiled alone calls an imported name without PUSH_NULL.
    """
    inner = [print_of_code(const) for const in code.co_consts if isinstance(const, CodeType)]
    steps = [
        (step.opname, "" if isinstance(step.argval, CodeType) else stable(step.argval))
        for step in dis.get_instructions(code)
        if step.opname not in ("COPY_FREE_VARS", "NOP", "PUSH_NULL")
    ]
    jumps = dis.hasjrel + dis.hasjabs
    opcodes = [name if dis.opmap.get(name) in jumps else [name, arg] for name, arg in steps]
    return [code.co_name, opcodes, inner, code.co_varnames, code.co_argcount]


def stable(value: Any) -> str:
    if isinstance(value, (set, frozenset)):
        return str(sorted(map(stable, value)))
    if isinstance(value, (FunctionType, type)):
        return f"{value.__module__}.{value.__qualname__}"
    if isinstance(value, (list, tuple)):
        return str(list(map(stable, value)))
    return _ADDRESS.sub("0x", repr(value))


def print_of(value: Any) -> Any:
    if isinstance(value, FunctionType):
        target = (value.__kwdefaults__ or {}).get("__reload_target__")
        if isinstance(target, FunctionType):
            return print_of(target)
        defaults = [stable(value.__defaults__), stable(value.__kwdefaults__)]
        return ["function", print_of_code(value.__code__), defaults]
    own = {"__dict__", "__weakref__", "__doc__", "__static_attributes__", "__firstlineno__"}
    own |= {"__annotations__", "_abc_impl", "__hash__"}
    own |= {"__orig_bases__", "__parameters__"}  # what only typing reads
    data = {
        key: stable(attribute)
        for key, attribute in vars(value).items()
        if isinstance(attribute, (int, str, float, bool, tuple, type(None)))
    }
    keys = sorted(key for key in vars(value) if key not in own)
    return ["class", keys, {k: v for k, v in data.items() if k in keys}, stable(value.__bases__)]


def prints_of(held: dict[str, Any]) -> dict[str, Any]:
    return {
        path: print_of(type(value) if path.endswith("()") else value)
        for path, value in held.items()
    }


def names_in(modules: list[str]) -> dict[str, Any]:
    """What the names of modules mean, by module and name; no instances, and nothing of Python's."""
    found: dict[str, Any] = {}
    for module in modules:
        for name, value in vars(sys.modules[module]).items():
            if isinstance(value, (FunctionType, type)):
                found[f"{module}:{name}"] = ["name", print_of(value)]
            elif isinstance(value, (int, float, str, bytes, tuple, frozenset)) and name[:2] != "__":
                found[f"{module}:{name}"] = ["name", stable(value)]
    return found


def make_instance(cls: type) -> Any:
    try:
        inspect.signature(cls).bind()
        return cls()
    except Exception:
        return None


def child(package: str, new: str, reloader: str) -> None:
    """Hold, exchange, reload, print what everything is like now."""
    sys.dont_write_bytecode = True
    sys.path.insert(0, os.getcwd())
    out, sys.stdout = sys.stdout, sys.stderr
    answer: dict[str, Any] = {"error": "", "prints": {}, "split": []}
    if reloader == "fresh":
        names = all_modules(package)
        held = dict(objects_of(names))
    else:
        sys.path.append(str(ROOT))
        from tests.runtime.experiment import RELOADERS as ADAPTERS

        reload = ADAPTERS[reloader]()
        names = all_modules(package)
        for name in names:
            if hasattr(reload, "remember"):
                reload.remember(name)
        held = dict(objects_of(names))
        for path, value in list(held.items()):
            if isinstance(value, type) and (instance := make_instance(value)) is not None:
                held[f"{path}()"] = instance
        answer["before"] = prints_of(held) | names_in(names)
        answer["error"] = exchange(package, new, names, reload)
    answer["prints"] = prints_of(held) | names_in(names)
    answer["split"] = [
        path for path, value in objects_of(names) if held.get(path, value) is not value
    ]
    out.write(json.dumps(answer, default=repr))
    out.flush()
    os._exit(0)


def exchange(package: str, new: str, names: list[str], reload: Any) -> str:
    texts = {name: text_of(name) for name in names}
    shutil.rmtree(package)
    shutil.copytree(Path(new) / package, package)
    for file in Path(package).rglob("*.py"):
        os.utime(file, (2_000_000_000, 2_000_000_000))
    importlib.invalidate_caches()
    changed = [name for name in names if text_of(name) not in (None, texts[name])]
    try:
        report = reload(changed)
        print(report)
    except BaseException as error:
        import traceback

        traceback.print_exc()
        return f"{type(error).__name__}: {error}"
    return ""


def text_of(name: str) -> str | None:
    try:
        return Path(sys.modules[name].__file__ or "").read_text(encoding="utf-8")
    except OSError:
        return None


# --- in the parent process


def releases(distribution: str, store: Path, count: int) -> list[Path]:
    """The unpacked wheels of the latest releases, oldest first."""
    listing = subprocess.run(
        [sys.executable, "-m", "pip", "index", "versions", distribution],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    versions = re.search(r"Available versions: (.*)", listing)
    assert versions is not None, listing
    found: list[Path] = []
    for version in versions.group(1).split(", "):
        if len(found) == count:
            break
        folder = store / f"{distribution}-{version}"
        if folder.is_dir() or download(distribution, version, store, folder):
            found.append(folder)
    return found[::-1]


def download(distribution: str, version: str, store: Path, folder: Path) -> bool:
    with tempfile.TemporaryDirectory() as place:
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        options = ["--only-binary", ":all:", "--dest", place, f"{distribution}=={version}"]
        done = subprocess.run([*pip, *options], capture_output=True, check=False)
        wheels = list(Path(place).glob("*-none-any.whl"))
        if done.returncode or not wheels:
            return False
        with zipfile.ZipFile(wheels[0]) as archive:
            archive.extractall(folder)
    return True


def run_child(python: str, package: str, old: Path, new: Path, reloader: str) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as place:
        shutil.copytree((new if reloader == "fresh" else old) / package, Path(place, package))
        try:
            done = subprocess.run(
                [python, __file__, "--child", package, str(new), reloader],
                cwd=place,
                env={**os.environ, "PYTHONHASHSEED": "0"},  # generated code may contain hashes
                capture_output=True,
                text=True,
                timeout=300,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return {"error": "it hangs", "prints": {}, "split": []}
    if done.returncode:
        last = "".join(done.stderr.strip().splitlines()[-1:])
        return {"error": f"exit {done.returncode}: {last}", "prints": {}, "split": []}
    answer: dict[str, Any] = json.loads(done.stdout)
    answer["said"] = done.stderr
    return answer


def compare(new: dict[str, Any], seen: dict[str, Any]) -> Counter[str]:
    """Of what differs between the releases: how many held objects are as the new one has them."""
    figures: Counter[str] = Counter()
    for path, before in seen.get("before", {}).items():
        after = new["prints"].get(path.removesuffix("()"))
        kind = "instance" if path.endswith("()") else before[0]
        if after is None or after == before:
            continue
        figures[f"{kind} changed"] += 1
        figures[f"{kind} fresh"] += seen["prints"].get(path) == after
    held = seen.get("before", {}).keys()
    modules = {path.partition(":")[0] for path in held if ":" in path}
    for path in new["prints"].keys() - held:
        if path.partition(":")[0] in modules:
            figures["name changed"] += 1
            figures["name fresh"] += seen["prints"].get(path) == new["prints"][path]
    figures["failed"] += bool(seen["error"])
    figures["split"] += len(seen["split"])
    return figures


def measure(options: argparse.Namespace) -> list[dict[str, Any]]:
    store = Path(__file__).with_suffix(".json")
    chosen = options.packages or list(PACKAGES)
    rows: list[dict[str, Any]] = json.loads(store.read_text()) if store.exists() else []
    rows = [
        row
        for row in rows
        if row["package"] not in chosen or row["reloader"] not in options.reloaders
    ]
    with ThreadPoolExecutor(options.jobs) as pool:
        for distribution in chosen:
            paths = releases(distribution, options.store, options.pairs + 1)
            pairs = [
                (distribution, old, new, options)
                for old, new in itertools.pairwise(paths)
                if (old / PACKAGES[distribution]).is_dir()
                and (new / PACKAGES[distribution]).is_dir()
            ]
            for found in pool.map(measure_pair, pairs):
                rows += found
            print(distribution, len(pairs), flush=True)
            if options.write:
                lines = ",\n".join(json.dumps(row, sort_keys=True) for row in rows)
                store.write_text(f"[\n{lines}\n]\n")
                Path(__file__).with_suffix(".md").write_text(table(rows))
    return rows


def measure_pair(job: tuple[str, Path, Path, argparse.Namespace]) -> list[dict[str, Any]]:
    distribution, old, new, options = job
    package = PACKAGES[distribution]
    after = run_child(options.python, package, old, new, "fresh")
    rows = []
    for reloader in options.reloaders:
        seen = run_child(options.python, package, old, new, reloader)
        figures = compare(after, seen)
        row = {"package": distribution, "old": old.name, "new": new.name, "reloader": reloader}
        rows.append({**row, "error": seen["error"][:300], **figures})
        print(new.name, reloader, dict(figures), seen["error"][:200], flush=True)
        if options.verbose:
            print(seen.get("said"))
            for path, was in seen.get("before", {}).items():
                now = after["prints"].get(path.removesuffix("()"))
                if now is not None and was != now != seen["prints"].get(path):
                    print("   stale:", path)
            for path in after["prints"].keys() - seen.get("before", {}).keys():
                if ":" in path and seen["prints"].get(path) != after["prints"][path]:
                    print("   not added:", path)
    return rows


def table(rows: list[dict[str, Any]]) -> str:
    lines = [
        "| reloader | pairs | failed | functions fresh | classes fresh | instances fresh "
        "| names fresh | split |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for reloader in dict.fromkeys(row["reloader"] for row in rows):
        total: Counter[str] = Counter()
        mine = [row for row in rows if row["reloader"] == reloader]
        for row in mine:
            total.update({key: value for key, value in row.items() if isinstance(value, int)})
        cells = [
            f"{total[f'{kind} fresh']} of {total[f'{kind} changed']}"
            for kind in ("function", "class", "instance", "name")
        ]
        lines.append(
            f"| {reloader} | {len(mine)} | {total['failed']} | {' | '.join(cells)} "
            f"| {total['split']} |"
        )
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--store", type=Path, default=Path("build/releases"))
    parser.add_argument("--python", default=sys.executable, help="has IPython and jurigged")
    parser.add_argument("--packages", nargs="*", choices=list(PACKAGES))
    parser.add_argument("--pairs", type=int, default=10)
    parser.add_argument("--reloaders", nargs="*", default=RELOADERS[:1])
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--verbose", action="store_true")
    parser.add_argument("--write", action="store_true", help="write bench/real_edits.{json,md}")
    options = parser.parse_args()
    rows = measure(options)
    print(table(rows))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        child(*sys.argv[2:])
    else:
        main()
