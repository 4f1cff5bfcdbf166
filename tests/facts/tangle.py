"""Random projects whose functions hand callbacks to each other, across files and in circles."""

from __future__ import annotations

import random


def tangle(seed: int, modules: int = 4, functions: int = 4) -> dict[str, str]:
    """Texts by file name; the same for the same seed."""
    choose = random.Random(seed)
    names = [f"m{number}" for number in range(modules)]
    return {f"{name}.py": _module(choose, names, functions) for name in names}


def _module(choose: random.Random, names: list[str], functions: int) -> str:
    imports = "".join(f"import {name}\n" for name in names)
    parts = [f"{imports}\nKEPT = []\n"]
    parts += [_function(choose, names, functions, number) for number in range(functions)]
    parts.append(_class(choose, names, functions))
    parts += [_use(choose, names, functions, number) for number in range(3)]
    return "\n\n".join(parts)


def _function(choose: random.Random, names: list[str], functions: int, number: int) -> str:
    lines = [_step(choose, names, functions) for _ in range(choose.randint(1, 2))]
    body = "".join(f"    {line}\n" for line in lines)
    return f"def f{number}(job):\n{body}"


def _class(choose: random.Random, names: list[str], functions: int) -> str:
    number = choose.randrange(3)
    return (
        f"class Box{number}:\n"
        f"    def __init__(self, job):\n        {_step(choose, names, functions)}\n\n"
        f"    def put{number}(self, job):\n        {_step(choose, names, functions)}\n"
    )


def _step(choose: random.Random, names: list[str], functions: int) -> str:
    callee = f"{choose.choice(names)}.f{choose.randrange(functions)}"
    rare = ["KEPT.append(job)", "return job", "job()", "box.last = job", "print(job)"]
    often = [f"{callee}(job)", f"return {callee}(job)", f"box.put{choose.randrange(3)}(job)"]
    wrapped = [
        f"{callee}(lambda: job())",
        f"job = {callee}(lambda: job(1))",
        "return lambda: job()",
    ]
    return choose.choice(rare + often * 3 + wrapped)


def _use(choose: random.Random, names: list[str], functions: int, number: int) -> str:
    callee = f"{choose.choice(names)}.f{choose.randrange(functions)}"
    return f"def use{number}(x, box):\n    {callee}(lambda: print(x) or x + {number})\n"
