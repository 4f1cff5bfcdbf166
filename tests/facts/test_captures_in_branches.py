"""What may happen to a captured name in branches, loops, handlers, `with` and `match`."""

from __future__ import annotations

import sys

import pytest

from tests.facts.capturing import params, what_is_true

SINCE_311 = pytest.mark.skipif(sys.version_info < (3, 11), reason="syntax of 3.11")

CASES = {
    # ---------------------------------------------------------------------------------- branches
    "both branches": (
        "def f(a):\n    if a: x = 1\n    else: x = 2\n    return lambda: HERE(x)",
        "bound",
    ),
    "one branch": ("def f(a):\n    if a: x = 1\n    return lambda: HERE(x)", ""),
    "the same branch": ("def f(a):\n    if a:\n        x = 1\n        g(lambda: HERE(x))", "bound"),
    "the other branch": (
        "def f(a, x):\n    if a: g(lambda: HERE(x))\n    else: x = 1",
        "bound",
    ),
    "another branch of a ladder": (
        "def f(a, x):\n    if a: x = 1\n    elif b: g(lambda: HERE(x))\n    else: x = 2",
        "bound",
    ),
    "every branch of a ladder": (
        """\
        def f(a, b):
            if a: x = 1
            elif b: x = 2
            else: raise E
            return lambda: HERE(x)
        """,
        "bound",
    ),
    "a branch that leaves": (
        "def f(a):\n    if a: return\n    else: x = 1\n    return lambda: HERE(x)",
        "bound",
    ),
    "a test that binds": ("def f():\n    if x := g(): pass\n    return lambda: HERE(x)", "bound"),
    "a test that binds if it is true": (
        "def f(a):\n    if a and (x := g()): h(lambda: HERE(x))",
        "bound",
    ),
    "a test that binds if it is true, otherwise": (
        "def f(a):\n    if a and (x := g()): pass\n    else: h(lambda: HERE(x))",
        "",
    ),
    "a test that binds if it is false, denied": (
        "def f(a):\n    if not (a or (x := g())): h(lambda: HERE(x))",
        "bound",
    ),
    "a test that binds on each way to its being false": (
        "def f(a):\n    if (a or (x := g())) and (x := g()): pass\n    else: h(lambda: HERE(x))",
        "bound",
    ),
    "a test that binds, and leaves if it is not true": (
        "def f(a):\n    if not (a and (x := g())): return\n    return lambda: HERE(x)",
        "bound",
    ),
    # ------------------------------------------------------------------------------------- loops
    "a loop variable, in the loop": (
        "def f(a):\n    for x in a: g(lambda: HERE(x))",
        "bound rebound",
    ),
    "a loop variable, after the loop": (
        "def f(a):\n    for x in a: pass\n    return lambda: HERE(x)",
        "",
    ),
    "a loop variable, in `else`": (
        "def f(a):\n    for x in a: pass\n    else: g(lambda: HERE(x))",
        "",
    ),
    "a loop variable that was bound before": (
        "def f(a, x):\n    for x in a: pass\n    return lambda: HERE(x)",
        "bound",
    ),
    "a loop that returns what it makes": (
        "def f(a):\n    for x in a: return lambda: HERE(x)",
        "bound",
    ),
    "a loop in `try` that returns what it makes": (
        """\
        def f(a):
            while True:
                try:
                    for x in a: return g(lambda: HERE(x))
                except E: pass
        """,
        "bound rebound",
    ),
    "assigned in the loop, before the closure": (
        "def f(a):\n    for i in a:\n        x = i\n        g(lambda: HERE(x))",
        "bound rebound",
    ),
    "assigned in the loop, after the closure": (
        "def f(a):\n    for i in a:\n        g(lambda: HERE(x))\n        x = i",
        "rebound",
    ),
    "assigned in the loop, the closure after it": (
        "def f(a):\n    for i in a: x = i\n    return lambda: HERE(x)",
        "",
    ),
    "assigned before the loop": (
        "def f(a):\n    x = 1\n    for i in a: g(lambda: HERE(x))",
        "bound",
    ),
    "assigned after the loop": (
        "def f(a, x):\n    for i in a: g(lambda: HERE(x))\n    x = 1",
        "bound rebound",
    ),
    "assigned in the loop and left": (
        "def f(a, x):\n    for i in a:\n        g(lambda: HERE(x))\n        break\n    x = 1",
        "bound rebound",
    ),
    "deleted in the loop, behind the closure": (
        "def f(a, x):\n    for i in a:\n        g(lambda: HERE(x))\n        del x",
        "deleted",
    ),
    "the branches of a loop": (
        """\
        def f(a, x):
            for i in a:
                if i: x = i
                else: g(lambda: HERE(x))
        """,
        "bound rebound",
    ),
    "in the iterable of a loop that binds it": (
        "def f(x):\n    for x in g(lambda: HERE(x)): pass",
        "bound rebound",
    ),
    "while": ("def f():\n    while x := g(): h(lambda: HERE(x))", "bound rebound"),
    "after while": ("def f():\n    while x := g(): pass\n    return lambda: HERE(x)", "bound"),
    "while, assigned in it": ("def f(a):\n    while a: x = 1\n    return lambda: HERE(x)", ""),
    "an endless loop ends at its breaks": (
        """\
        def f():
            while True:
                x = g()
                if x: break
            return lambda: HERE(x)
        """,
        "bound",
    ),
    "an endless loop with a break before": (
        """\
        def f(a):
            while True:
                if a: break
                x = g()
            return lambda: HERE(x)
        """,
        "",
    ),
    "break in `finally`'s protection": (
        """\
        def f(x):
            while True:
                try: break
                finally: del x
            return lambda: HERE(x)
        """,
        "deleted",
    ),
    "continue": (
        """\
        def f(a):
            for i in a:
                if i: continue
                x = i
                g(lambda: HERE(x))
        """,
        "bound rebound",
    ),
    # ------------------------------------------------------------------------------- exceptions
    "in try": ("def f():\n    try: x = 1\n    except E: pass\n    return lambda: HERE(x)", ""),
    "in try and handler": (
        "def f():\n    try: x = 1\n    except E: x = 2\n    return lambda: HERE(x)",
        "bound",
    ),
    "in try, and the handlers leave": (
        """\
        def f():
            try: x = 1
            except E: return
            except G: raise
            return lambda: HERE(x)
        """,
        "bound",
    ),
    "in try, the closure in a handler": (
        "def f():\n    try: x = 1\n    except E: g(lambda: HERE(x))",
        "",
    ),
    "in try, the closure in `else`": (
        "def f():\n    try: x = 1\n    except E: pass\n    else: g(lambda: HERE(x))",
        "bound",
    ),
    "in try, the closure in `finally`": (
        "def f():\n    try: x = 1\n    finally: g(lambda: HERE(x))",
        "",
    ),
    "in `finally`": (
        "def f():\n    try: g()\n    finally: x = 1\n    return lambda: HERE(x)",
        "bound",
    ),
    "the closure returned from try, bound in `finally`": (
        "def f(x):\n    try: return lambda: HERE(x)\n    finally: x = 1",
        "bound rebound",
    ),
    "the closure returned from try, bound in a handler": (
        "def f(x):\n    try: return g(lambda: HERE(x))\n    except E: x = 1",
        "bound rebound",
    ),
    "in a handler, the closure in another": (
        """\
        def f(x):
            try: g()
            except E: x = 1
            except G: h(lambda: HERE(x))
        """,
        "bound",
    ),
    "except as, in the handler": (
        "def f():\n    try: g()\n    except E as x: h(lambda: HERE(x))",
        "bound deleted",
    ),
    "except as, after the handler": (
        "def f(x):\n    try: g()\n    except E as x: pass\n    return lambda: HERE(x)",
        "deleted",
    ),
    "except as, the closure before": (
        "def f(x):\n    h(lambda: HERE(x))\n    try: g()\n    except E as x: pass",
        "bound rebound deleted",
    ),
    "break out of `except as`": (
        """\
        def f(x):
            while True:
                try: g()
                except E as x: break
            return lambda: HERE(x)
        """,
        "deleted",
    ),
    "except* runs one handler after another": pytest.param(
        """\
        def f(x):
            try: g()
            except* E: h(lambda: HERE(x))
            except* G: x = 1
        """,
        "bound rebound",
        marks=SINCE_311,
    ),
    # ---------------------------------------------------------------------------------- with, match
    "with as": ("def f():\n    with g() as x: h(lambda: HERE(x))", "bound"),
    "with as, after it": ("def f():\n    with g() as x: pass\n    return lambda: HERE(x)", "bound"),
    "with as a tuple, whose unpacking may fail and be swallowed": (
        "def f():\n    with g() as (a, x): pass\n    return lambda: HERE(x)",
        "",
    ),
    "with as, of a second item": (
        "def f():\n    with g() as a, h() as x: pass\n    return lambda: HERE(x)",
        "",
    ),
    "in with, which may swallow exceptions": (
        "def f():\n    with g(): x = 1\n    return lambda: HERE(x)",
        "",
    ),
    "the closure returned from with": (
        "def f(x):\n    with g(): return h(lambda: HERE(x))\n    x = 1",
        "bound rebound",
    ),
    "match captures": (
        "def f(a):\n    match a:\n        case [x, *_]: g(lambda: HERE(x))",
        "bound",
    ),
    "match captures, the closure behind": (
        "def f(a):\n    match a:\n        case [x, *_]: pass\n    return lambda: HERE(x)",
        "",
    ),
    "match captures what is like a pattern": (
        "def f(a):\n    match a:\n        case [1] as x: pass\n    return lambda: HERE(x)",
        "",
    ),
    "match captures in every case, the last for all": (
        """\
        def f(a):
            match a:
                case [x]: pass
                case {"x": x}: pass
                case x: pass
            return lambda: HERE(x)
        """,
        "bound",
    ),
    "match captures in a case whose guard may fail": (
        """\
        def f(a, x):
            match a:
                case x if g(lambda: HERE(x)): pass
                case [x]: pass
        """,
        "bound rebound",
    ),
    "match in another case": (
        """\
        def f(a, x):
            match a:
                case 1: g(lambda: HERE(x))
                case x: pass
        """,
        "bound",
    ),
    "match with a rest": (
        "def f(a):\n    match a:\n        case {'k': 1, **x}: g(lambda: HERE(x))",
        "bound",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected", "name"), params(CASES))
def test_what_may_happen_in_branches(text: str, expected: str, name: str) -> None:
    assert what_is_true(text, name) == expected.split()
