"""What becomes of a closure that travels through names, containers and loops."""

from __future__ import annotations

import pytest

from tests.facts.survival import assert_done, assert_kept, fate_of_work, is_shown

KEPT = {
    "in a tuple that is returned": "def make():\n{work}    return 1, work",
    "as one of two": "def make(x=1):\n{work}    return work if x else None",
    "in a list that was made here": (
        "def make():\n{work}    found = []\n    found.append(work)\n    return found"
    ),
    "through a name": "def make():\n{work}    f = work\n    g = f\n    return g",
    "in a loop over a list": "def make():\n{work}    for f in [work]:\n        BUS.subscribe(f)",
    "in a loop over pairs": (
        "def make():\n{work}    for name, f in [('a', work)]:\n        BUS.subscribe(f)"
    ),
    "in a loop over the items of a table": (
        "def make():\n{work}    table = {{'a': work}}\n    for name, f in table.items():\n"
        "        BUS.subscribe(f)"
    ),
    "in a comprehension over a tuple": (
        "def make():\n{work}    return len([BUS.subscribe(f) for f in (work, work)])"
    ),
    "taken out of a table": (
        "def make():\n{work}    table = {{'a': work}}\n    BUS.subscribe(table['a'])"
    ),
    "unpacked": "def make():\n{work}    n, f = 1, work\n    BUS.subscribe(f)",
    "as one of any number of arguments": (
        "def put(n, *functions):\n    for f in functions:\n        BUS.subscribe(f)\n"
        "def make():\n{work}    put(1, len, work)"
    ),
    "as one of any keywords": (
        "def put(**functions):\n    BUS.subscribe(functions.get('f'))\n"
        "def make():\n{work}    put(f=work)"
    ),
    "spread by a star": (
        "def keep(*functions):\n    for f in functions:\n        BUS.subscribe(f)\n"
        "def put(*functions):\n    keep(*functions)\ndef make():\n{work}    put(work)"
    ),
    "through a private name": (
        "class C:\n    def make(self):\n    {work}        __f = work\n        return __f\n"
        "make = C().make"
    ),
    "under `nonlocal`": (
        "def make():\n    kept = None\n    def put():\n        nonlocal kept\n"
        "    {work}        kept = work\n    put()\n    return lambda: kept"
    ),
    "by a function that drops its own name of it": (
        "def make():\n{work}    f = work\n    def put():\n        nonlocal f\n"
        "        BUS.subscribe(f)\n        del f\n    put()"
    ),
    "by a walrus in a comprehension": (
        "def make():\n{work}    [f := work for _ in 'a']\n    BUS.subscribe(f)"
    ),
    "by the target of a comprehension": (
        "class C:\n    pass\ndef make():\n{work}    c = C()\n    [0 for c.f in [work]]\n"
        "    return c"
    ),
    "in a loop over a slice": (
        "def make():\n{work}    for f in [work, 1][:1]:\n        BUS.subscribe(f)"
    ),
    "in a list that is added to another": (
        "def make():\n{work}    found = []\n    found.extend(list([work]))\n    return found"
    ),
    "taken out of a list that was made of another": (
        "def make():\n{work}    return list([work])[0]"
    ),
    "unpacked by a star": "def make():\n{work}    n, *rest = 1, work\n    return rest",
    "as a key of a table": (
        "def make():\n{work}    table = {{work: 1}}\n    return list(table.keys())"
    ),
    "by the body of a class": ("def make():\n{work}    class C:\n        BUS.subscribe(work)"),
    "in a table of a class": (
        "def make():\n{work}    class C:\n        table = {{'a': work}}\n    return C"
    ),
}
DONE = {
    "unpacked, and something else is kept": (
        "def make():\n{work}    n, f = print, work\n    BUS.subscribe(n)\n    return f()"
    ),
    "in a loop over pairs of which something else is kept": (
        "def make():\n{work}    for g, f in [(print, work)]:\n        BUS.subscribe(g)\n        f()"
    ),
    "in a table whose keys are kept": (
        "def make():\n{work}    table = {{print: work}}\n    for g in table:\n"
        "        BUS.subscribe(g)\n    for g in table.keys():\n        BUS.subscribe(g)\n"
        "    return table[print]()"
    ),
    "as one of any number of arguments, called": (
        "def call(*functions):\n    return [f() for f in functions]\n"
        "def make():\n{work}    return len(call(work, work))"
    ),
    "in a list that is gone through": (
        "def make():\n{work}    found = [work]\n    return sum(f() for f in found)"
    ),
    "in an iterator that a star uses up": (
        "def make():\n    def work(x):\n        return x + 1\n    return [*map(work, [1, 2])]"
    ),
    "in a table made by a comprehension, whose keys are kept": (
        "def make():\n{work}    table = {{n: work for n in 'a'}}\n    for n in table:\n"
        "        BUS.subscribe(n)\n    return table['a']()"
    ),
    "in a list of pairs, and something else is kept": (
        "def make():\n{work}    for n, f in list({{'a': work}}.items()):\n        f()\n    return n"
    ),
}


@pytest.mark.parametrize("body", KEPT.values(), ids=KEPT)
def test_is_kept(body: str) -> None:
    assert_kept(body)


@pytest.mark.parametrize("body", DONE.values(), ids=DONE)
def test_is_done_with(body: str) -> None:
    assert_done(body)


@pytest.mark.parametrize(("names", "is_found"), [(6, True), (7, False)])
def test_a_value_is_followed_through_six_names(names: int, is_found: bool) -> None:
    steps = "".join(f"    f{n} = f{n - 1}\n" for n in range(1, names))
    text = f"def make():\n    def f0(): return 1\n{steps}    return f{names - 1}\n"
    assert is_shown(fate_of_work(text.replace("f0", "work"))) is is_found
