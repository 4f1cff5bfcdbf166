"""Which closures forward to something that is looked up by its name when they run."""

from __future__ import annotations

import pytest

from reloadlint.facts.trampolines import Trampoline
from tests.facts.facts_of import closure_at, facts_of


def forwards(text: str) -> Trampoline | None:
    """What the closure forwards to that contains `HERE`, which stands for an argument."""
    facts = facts_of(text)
    return facts.trampoline(closure_at(facts, "HERE"))


TRAMPOLINES = {
    "a call": ("f = lambda: g(HERE)", "g"),
    "what it was given": ("f = lambda HERE: g(HERE)", "g"),
    "keywords": ("f = lambda HERE: g(a=HERE)", "g"),
    "stars": ("f = lambda *HERE, **b: g(*HERE, **b)", "g"),
    "nothing, in the form that linters leave alone": ("HERE = lambda: g(*())", None),
    "captures": ("def f(a): return lambda: g(a, HERE)", "g"),
    "constants": ("f = lambda: g(1, -1, 'a', None, ..., HERE)", "g"),
    "attributes": ("f = lambda: g(HERE.b.c)", "g"),
    "a module's function": ("import m\nf = lambda: m.g(HERE)", "m.g"),
    "a method": ("class C:\n    def f(self): return lambda: self.g(HERE)", "self.g"),
    "a method of the argument": ("f = lambda a: a.g(HERE)", "a.g"),
    "a def": ("def f():\n    def h(a): g(HERE)", "g"),
    "a def that returns": ("def f():\n    def h(a): return g(HERE)", "g"),
    "a def with a docstring": ("def f():\n    def h(a):\n        'doc'\n        g(HERE)", "g"),
    "await": ("def f():\n    async def h(a): await g(HERE)", "g"),
    "await and return": ("def f():\n    async def h(a): return await g(HERE)", "g"),
    "yield from": ("def f():\n    def h(a): yield from g(HERE)", "g"),
    "yield from and return": ("def f():\n    def h(a): return (yield from g(HERE))", "g"),
    "items, one by one": (
        "def f():\n    async def h(a):\n        async for b in g(HERE): yield b",
        "g",
    ),
    "items of what is closed with the loop": (
        "from contextlib import aclosing as c\ndef f():\n    async def h(a):\n"
        "        async with c(g(HERE)) as d:\n            async for b in d: yield b",
        "g",
    ),
    "a global that a function binds": (
        "def f():\n    global g\n    g = 1\n    return lambda: g(HERE)",
        "g",
    ),
    "a name that only the class has": ("class C:\n    g = 1\n    f = lambda: g(HERE)", "g"),
    "a builtin's name that the module binds": (
        "def print(a): pass\nf = lambda: print(HERE)",
        "print",
    ),
    "a builtin's name that a function binds": (
        "def f():\n    global print\n    print = 1\nf = lambda: print(HERE)",
        "print",
    ),
    "a default of its own, made when the closure is": ("f = lambda a=h(): g(HERE)", "g"),
}
OTHERS = {
    "nothing": "def f():\n    def HERE(): pass",
    "a docstring": "def f():\n    def h(): 'HERE'",
    "a value": "f = lambda: HERE",
    "an operation on the result": "f = lambda: g(HERE) + 1",
    "an attribute of the result": "f = lambda: g(HERE).a",
    "an operation on an argument": "f = lambda a: g(a + HERE)",
    "items, changed": "def f():\n    async def h():\n        async for b in g(HERE): yield -b",
    "items, and others": "def f():\n    async def h():\n        async for b in g(HERE): yield b; a",
    "items of something that is locked": (
        "def f():\n    async def h(a):\n        async with lock(g(HERE)) as d:\n"
        "            async for b in d: yield b"
    ),
    "items of what is entered": (
        "def f():\n    async def h(a):\n        async with HERE as d:\n"
        "            async for b in d: yield b"
    ),
    "a call as an argument": "f = lambda a: g(h(a), HERE)",
    "an item as an argument": "f = lambda a: g(a[0], HERE)",
    "a container as an argument": "f = lambda a: g([a], HERE)",
    "an f-string": "f = lambda a: g(f'{a}', HERE)",
    "a closure as an argument": "f = lambda a: g(lambda: 0, HERE)",
    "a comprehension as an argument": "f = lambda a: g(*(b for b in a), HERE)",
    "two statements": "def f():\n    def h():\n        g(HERE)\n        g()",
    "a call that is assigned": "def f():\n    def h(): a = g(HERE)",
    "a condition": "f = lambda a: a and g(HERE)",
    "yield": "def f():\n    def h(): yield g(HERE)",
    "the result called": "f = lambda: g(HERE)()",
    "an item called": "f = lambda a: a[0](HERE)",
    "a method of a literal": "f = lambda: ''.join(HERE)",
    "a method of a result": "f = lambda: g().h(HERE)",
    "a method of the base class": "class C:\n    def f(self): return lambda: super().g(HERE)",
    # What is captured is the object of now, not the name that will be looked up.
    "a captured function": "def f(g): return lambda: g(HERE)",
    "a captured local function": "def f():\n    def g(): pass\n    return lambda: g(HERE)",
    "its own argument": "f = lambda g: g(HERE)",
    "a builtin": "f = lambda: print(HERE)",
}


@pytest.mark.parametrize(("text", "target"), TRAMPOLINES.values(), ids=TRAMPOLINES)
def test_forwards_to(text: str, target: str | None) -> None:
    if target is None:
        facts = facts_of(text)
        found = facts.trampoline(facts.closures[0].node)
        target = "g"
    else:
        found = forwards(text)
    assert found is not None
    assert found.target == target


@pytest.mark.parametrize("text", OTHERS.values(), ids=OTHERS)
def test_does_work_of_its_own(text: str) -> None:
    assert forwards(text) is None


@pytest.mark.parametrize(
    ("text", "is_global"),
    [
        ("f = lambda: g(HERE)", True),
        ("import m\nf = lambda: m.g(HERE)", True),
        ("f = lambda: M.g(HERE)", True),
        ("f = lambda a: a.g(HERE)", False),
        ("def f(a): return lambda: a.g(HERE)", False),
        ("def f():\n    import m\n    return lambda: m.g(HERE)", False),
    ],
)
def test_where_the_name_is_looked_up(text: str, is_global: bool) -> None:
    found = forwards(text)
    assert found is not None
    assert found.is_global is is_global
