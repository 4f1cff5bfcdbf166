"""Random small packages whose modules import from each other in every form, and a run of them.

`observe` imports the modules and calls what they offer: the log is all that a program can tell.
"""

from __future__ import annotations

import importlib
import inspect
import random
import re
import sys
from collections.abc import Iterator
from pathlib import Path

MODULES = ("a", "b", "c")
NAMES = ("f", "g", "K")

_DEFINITIONS = (
    "def {n}(x=0):\n    return '{m}.{n}', x",
    "def {n}(x=0):\n    return '{m}.{n} again', x",
    "class {n}:\n    tag = '{m}.{n}'",
    "{n} = '{m}.{n} value'",
    "if len('x'):\n    def {n}(x=0):\n        return '{m}.{n} if'",
    "def {n}(x=0):\n    return 1\n{n} = [{n}, '{m}.{n} twice'][1]",
)
_IMPORTS = (
    "from .{o} import {n}",
    "from .{o} import {n}, {n2}",
    "from .{o} import ({n},\n    {n2} as z)",
    "from .{o} import {n} as {n2}",
    "from {p}.{o} import {n}",
    "from {p}.{o} import {n}  # a comment",
    "from . import {o}",
    "from . import {o} as h\nfrom .{o} import {n}",
    "import {p}.{o} as h\nfrom .{o} import {n}",
    "import {p}.{o}\nfrom {p}.{o} import {n}",
    "from . import {n}",
    "try:\n    from .{o} import {n}\nexcept ImportError:\n    {n} = None",
    "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from .{o} import {n}",
    "if True:\n    from .{o} import {n}",
    "from .{o} import *",
    "from . import {o} as h\nfrom .{o} import *",
    "from .{o} import *\nfrom .{o} import {n}",
)
_USES = (
    "def use{i}():\n    return show({n})",
    "def use{i}({n2}=1):\n    return show({n}), show({n2})",
    "use{i} = lambda: (show({n}), [show({n}) for {n2} in 'xy'], [{n} for {n} in 'xy'])",
    "def use{i}():\n    {n2} = 'local'\n    def inner():\n        return show({n}), {n2}\n"
    "    return inner()",
    "def use{i}():\n    h = 'mine'\n    b = 'mine'\n    return show({n}), h, b",
    "class U{i}:\n    {n2} = 'of the class'\n    kept = show({n})\n"
    "    def look(self):\n        return show({n}), show({n2})\n"
    "def use{i}():\n    return U{i}().look(), U{i}.kept",
    "class V{i}:\n    {n} = {n}\n    def look(self):\n        return show({n})\n"
    "def use{i}():\n    return V{i}().look()",
    "def use{i}(x={n}):\n    return show(x), show({n})",
    "def use{i}() -> '{n}':\n    x: {n} = 1\n    return f'{{show({n})}} {{show({n}):>3}}'",
    "def use{i}():\n    return f'{{{n}=}}'[:3], show({n})",
    "def use{i}():\n    '''Text.\n\n    >>> show({n})\n    '''\n    return show({n})",
    "def use{i}():\n    def inner(y: {n} = {n}):\n        return show(y)\n    return inner()",
    "def wrap{i}(function, held={n}):\n    return function\n"
    "@wrap{i}\ndef use{i}():\n    return show({n})",
    "def use{i}():\n    return show(globals().get('{n}'))",
    "def use{i}():\n    return show({n}), '{n}' in dir(sys.modules[__name__])",
    "def use{i}():\n    from .{o} import {n}\n    return show({n})",
    "async def use{i}():\n    return [show({n}) async for {n2} in x]",
    "def use{i}():\n    try:\n        raise KeyError\n    except KeyError as {n2}:\n"
    "        return show({n})",
    "kept{i} = show({n})\ndef use{i}():\n    return kept{i}, show({n})",
    "def use{i}():\n    return eval('show({n})'), show({n})",
    "def use{i}():\n    return show(sys.modules[__name__].{n})",
)
_CHANGES = (
    "def set{i}():\n    global {n}\n    {n} = '{m} changed {n}'",
    "def set{i}():\n    from . import {o}\n    {o}.{n} = '{m} patched {n}'",
    "def set{i}():\n    import {p}.{o} as q\n    setattr(q, '{n}', '{m} set {n}')",
    "def set{i}():\n    import {p}\n    {p}.{o}.{n} = '{m} reached {n}'",
    "def set{i}():\n    sys.modules['{p}.{o}'].{n} = '{m} wrote {n}'",
    "__all__ = ['{n}']",
    "del {n}",
    "{n} = '{m} late {n}'",
)
_HEAD = """\
import sys
def show(value):
    try:
        return value() if callable(value) and not isinstance(value, type) else (
            value.tag if isinstance(value, type) else repr(value)[:40])
    except Exception as error:
        return type(error).__name__
"""


def package(seed: int, name: str) -> dict[str, str]:
    """The files of a random package: paths within it, and their texts."""
    choose = random.Random(seed)
    files = {
        f"{module}.py": _HEAD + "\n".join(_statements(choose, module, name)) + "\n"
        for module in MODULES
    }
    start = list(_statements(choose, "start", name))[: choose.choice((0, 0, 1, 3))]
    files["__init__.py"] = _HEAD + "\n".join(start) + "\n"
    return files


def _statements(choose: random.Random, module: str, package_name: str) -> Iterator[str]:
    others = MODULES[MODULES.index(module) + 1 :] if module in MODULES else MODULES
    if not others or choose.random() < 0.15:
        others = [other for other in MODULES if other != module]
    own = [f"{module}_{name}" for name in NAMES] + [module]
    source = choose.choice(others)
    theirs = [f"{source}_{name}" for name in NAMES]
    if choose.random() < 0.2:
        theirs.append(source)
    first, second = choose.sample(theirs, 2)

    def fill(text: str, i: int, n: str, n2: str) -> str:
        return text.format(n=n, n2=n2, m=module, o=source, p=package_name, i=i)

    parts = [fill(choose.choice(_DEFINITIONS), i, name, "x") for i, name in enumerate(own)]
    choose.shuffle(parts)
    imports = [fill(choose.choice(_IMPORTS), 0, first, second)]
    imports += [fill(choose.choice(_IMPORTS), 0, second, first)] * (choose.random() < 0.3)
    parts = [*imports, *parts] if choose.random() < 0.8 else [*parts, *imports]
    for i in range(choose.choice((1, 1, 2, 3))):
        hiding = choose.choice((second, source, choose.choice(own), "x", "y"))
        parts.append(fill(choose.choice(_USES), i, first, hiding))
    if choose.random() < 0.25:
        parts.append(fill(choose.choice(_CHANGES), 9, choose.choice((first, *own)), second))
    if choose.random() < 0.1:
        choose.shuffle(parts)
    yield from parts


def write(folder: Path, name: str, files: dict[str, str]) -> None:
    (folder / name).mkdir(exist_ok=True)
    for path, text in files.items():
        (folder / name / path).write_text(text, encoding="utf-8")


def observe(folder: Path, name: str, order: tuple[str, ...]) -> list[object]:
    """What the package does: imports in an order, calls, changes, and calls once more."""
    log: list[object] = []
    sys.path.insert(0, str(folder))
    bytecode, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    importlib.invalidate_caches()
    try:
        for module in order:
            try:
                importlib.import_module(f"{name}.{module}")
            except Exception as error:
                log.append((module, type(error).__name__))
        for prefix in ("use", "set", "use"):
            log += _call_all(name, prefix)
    finally:
        sys.path.remove(str(folder))
        sys.dont_write_bytecode = bytecode
        for loaded in [key for key in sys.modules if key.partition(".")[0] == name]:
            del sys.modules[loaded]
    return log


def _call_all(name: str, prefix: str) -> Iterator[object]:
    for key in (name, *(f"{name}.{module}" for module in MODULES)):
        module = sys.modules.get(key)
        for attribute in sorted(vars(module)) if module is not None else ():
            function = getattr(module, attribute)
            if attribute.startswith(prefix) and getattr(function, "__module__", None) == key:
                try:
                    value = function()
                    if inspect.iscoroutine(value):
                        value.close()
                    yield key, attribute, re.sub(" at 0x[0-9a-f]+", "", repr(value))
                except Exception as error:
                    yield key, attribute, type(error).__name__
