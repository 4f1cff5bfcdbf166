"""Which module-level names hold state that functions change, and what they do to it."""

from __future__ import annotations

import textwrap

import pytest

from reloadlint.facts import ModuleState
from tests.facts.facts_of import facts_of


def states(text: str) -> dict[str, ModuleState]:
    return {state.name: state for state in facts_of(textwrap.dedent(text)).state}


# What a function does to `X`, and how a message says it.
CHANGES = {
    "X[1] = 2": "assigns an item",
    "X[1] += 2": "assigns an item",
    "X[1]: int = 2": "assigns an item",
    "a, X[1] = 2, 3": "assigns an item",
    "for X[1] in a: pass": "assigns an item",
    "with a as X[1]: pass": "assigns an item",
    "X[1:2] = []": "assigns an item",
    "X[1][2] = 3": "assigns an item",
    "del X[1]": "deletes an item",
    "del X[1][2]": "deletes an item",
    "X.append(1)": "calls `X.append`",
    "return X.pop(1)": "calls `X.pop`",
    "return X.setdefault(1, [])": "calls `X.setdefault`",
    "X.update(a=1)": "calls `X.update`",
    "X.clear()": "calls `X.clear`",
    "X[1].append(2)": "calls `X[…].append`",
    "X[1][2].add(3)": "calls `X[…].add`",
    "X.setdefault(1, []).append(2)": "calls `X.setdefault`",
    "[X.pop(a) for a in b]": "calls `X.pop`",
    "return lambda: 0 if X.add(1) else 1": "calls `X.add`",
    "import heapq\n    heapq.heappush(X, 1)": "hands `X` to `heapq.heappush`",
    "from bisect import insort as i\n    i(X, 1)": "hands `X` to `i`",
    "import random\n    random.shuffle(X)": "hands `X` to `random.shuffle`",
    "global X\n    X = 1": "rebinds it under `global X`",
    "global X\n    X += 1": "rebinds it under `global X`",
    "global X\n    X: int = 1": "rebinds it under `global X`",
    "global X\n    (X := 1)": "rebinds it under `global X`",
    "global X\n    [X := a for a in b]": "rebinds it under `global X`",
    "global X\n    for X in a: pass": "rebinds it under `global X`",
    "global X\n    with a as X: pass": "rebinds it under `global X`",
    "global X\n    import X": "rebinds it under `global X`",
    "global X\n    def X(): pass": "rebinds it under `global X`",
    "global X\n    try: pass\n    except E as X: pass": "rebinds it under `global X`",
    "global X\n    match a:\n        case {**X}: pass": "rebinds it under `global X`",
    "global X\n    del X": "deletes it",
    "class C:\n        X.append(1)": "calls `X.append`",
    "class C:\n        def m(self): X.append(1)": "calls `X.append`",
    "class C:\n        global X\n        X = 1": "rebinds it under `global X`",
}


@pytest.mark.parametrize(("body", "how"), CHANGES.items())
def test_a_function_changes_it(body: str, how: str) -> None:
    found = states(f"X = {{}}\n\n\ndef f(a, b):\n    {body}\n")["X"]
    assert found.changes[0].how == how


READS = [
    "X",
    "X[1]",
    "X.get(1)",
    "X.copy()",
    "X.items",
    "X.append",
    "X == {}",
    "g(X)",
    "a[X]",
    "a[X] = 1",
    "a[X].append(1)",
    "X.append.a()",
    "heapq.heappush(a, X)",
    "heapq.heappush(X, 1)  # which `heapq` is not said",
    "for a in X: pass",
    "global X",
    # another `X`
    "X = 1",
    "X = []; X.append(1)",
    "X += 1",
    "X: int; X[1] = 2",
    "import X; X.append(1)",
    "for X in a: X.append(1)",
    "[X.append(1) for X in a]",
    "return lambda X: X.append(1)",
    "(lambda: X.append(1))(); X = 1",
    "def g(X): X.append(1)",
    "a.X.append(1)",
    "a.X = 1",
    "g(X=1)",
]


@pytest.mark.parametrize("body", READS)
def test_a_function_reads_it_or_means_another(body: str) -> None:
    assert states(f"X = {{}}\n\n\ndef f(a, b):\n    {body}\n") == {}


@pytest.mark.parametrize("parameters", ["X", "*X", "**X", "X=1", "*, X", "X, /"])
def test_a_parameter_shadows_it(parameters: str) -> None:
    assert states(f"X = {{}}\n\n\ndef f({parameters}):\n    X.append(1)\n") == {}


@pytest.mark.parametrize(
    "text",
    [
        "X = []\nX.append(1)\n",
        "X = []\nX[0] = 1\ndel X[0]\nX += [1]\n",
        "X = []\nfor a in b: X.append(a)\n",
        "X = []\n[X.append(a) for a in b]\n",
        "X = []\nclass C:\n    X.append(1)\n    X = []\n    X.append(2)\n",
        "X = []\nif a:\n    with b: X.append(1)\n",
        "X = 1\ndef f(): return X\n",
        "X = 'abc'\ndef f(): X.upper()\n",
        "__all__ = []\ndef f(): __all__.append('f')\n",
        "def X(): pass\ndef f(): X.append(1)\n",
        "import X\ndef f(): X.append(1)\n",
        "for X in a: pass\ndef f(): X.append(1)\n",
        "X: list\ndef f(): X.append(1)\n",
    ],
)
def test_no_state(text: str) -> None:
    assert states(text) == {}


def test_a_global_is_found_through_the_functions_and_classes_around() -> None:
    found = states(
        """\
        X = []


        class C:
            X = 1

            def m(self):
                def inner():
                    X.append(1)
                return inner
        """
    )["X"]
    assert [change.function for change in found.changes] == ["inner"]


def test_a_nonlocal_is_another_name() -> None:
    assert not states(
        """\
        X = []


        def f():
            X = []

            def g():
                nonlocal X
                X.append(1)
        """
    )


def test_a_private_name_in_a_class_is_another_name() -> None:
    text = "__X = []\n\n\nclass C:\n    def m(self):\n        __X.append(1)\n"
    assert states(text) == {}
    assert states("_C" + text).keys() == {"_C__X"}


@pytest.mark.parametrize(
    ("text", "function"),
    [
        ("def f(): X.append(1)", "f"),
        ("async def f(): X.append(1)", "f"),
        ("f = lambda: X.append(1)", "<lambda>"),
        ("def f(): return [X.append(a) for a in b]", "f"),
        ("def f(): return lambda: [X.append(a) for a in b]", "<lambda>"),
        ("def f():\n    class C: X.append(1)", "f"),
        ("class C:\n    def m(self): X.append(1)", "m"),
    ],
)
def test_the_function_that_changes_it(text: str, function: str) -> None:
    assert states(f"X = []\n{text}\n")["X"].changes[0].function == function


def test_every_change_and_every_reader_in_the_order_of_the_text() -> None:
    found = states(
        """\
        X = {}


        def first():
            X[1] = 2
            return [X.pop(key) for key in X]


        def second():
            return X


        third = lambda: X.clear()
        """
    )["X"]
    assert [(change.function, change.how) for change in found.changes] == [
        ("first", "assigns an item"),
        ("first", "calls `X.pop`"),
        ("<lambda>", "calls `X.clear`"),
    ]
    names = [getattr(scope.node, "name", "lambda") for scope in found.readers]
    assert names == ["first", "second", "lambda"]


def test_states_come_in_the_order_of_the_text() -> None:
    found = states("A = 0\nB = C = []\ndef f():\n    global A\n    C.clear(); B.clear(); A += 1\n")
    assert list(found) == ["A", "B", "C"]


@pytest.mark.parametrize(
    ("body", "is_rebinding", "is_filling"),
    [
        ("X = 1", True, False),
        ("if X is None: X = 1", True, True),
        ("if not X:\n        if a: X = 1", True, True),
        ("if a: X = 1", True, False),
        ("X.append(1)", False, False),
        ("if not X: X.append(1)", False, False),
    ],
)
def test_rebinding_and_filling(body: str, is_rebinding: bool, is_filling: bool) -> None:
    (change,) = states(f"X = None\ndef f(a):\n    global X\n    {body}\n")["X"].changes
    assert (change.is_rebinding, change.is_filling) == (is_rebinding, is_filling)


CONTAINERS = [
    "[]",
    "{}",
    "{1}",
    "[a for a in b]",
    "{a: a for a in b}",
    "{a for a in b}",
    "list()",
    "dict(a=1)",
    "set()",
    "bytearray(3)",
    "collections.deque()",
    "collections.defaultdict(list)",
    "OrderedDict()",
    "weakref.WeakSet()",
]


@pytest.mark.parametrize("value", CONTAINERS)
def test_containers(value: str) -> None:
    imports = "import collections, weakref\nfrom collections import OrderedDict\n"
    assert states(f"{imports}X = {value}\ndef f(): X.clear()\n")["X"].is_container


@pytest.mark.parametrize("value", ["None", "0", "()", "frozenset()", "Thing()", "tuple(b)", "a.b"])
def test_no_containers(value: str) -> None:
    assert not states(f"X = {value}\ndef f(): X.clear()\n")["X"].is_container


def test_a_builtin_that_the_module_redefines_is_no_container() -> None:
    text = "def list(): pass\nX = list()\ndef f(): X.clear()\n"
    assert not states(text)["X"].is_container


@pytest.mark.parametrize(
    "statement",
    ["X = {}", "X: dict = {}", "X = Y = {}", "X = dict(a=1)", "X = {}  # X", "X = {}; X[0] = 1"],
)
def test_unconditional(statement: str) -> None:
    assert states(f"{statement}\ndef f(): X.clear()\n")["X"].is_unconditional


@pytest.mark.parametrize(
    "text",
    [
        "X = globals().get('X', {})",
        "X = globals()['X'] if 'X' in globals() else {}",
        "X = vars().setdefault('X', {})",
        "X = X if 'X' in dir() else {}",
        "X = keep('X', dict)",
        "X = {}\nX = {**X}",
        "X = {}\nif a: X = {1: 2}",
        "X = {}\nfor X in a: pass",
    ],
)
def test_not_unconditional(text: str) -> None:
    assert not states(f"{text}\ndef f(): X.clear()\n")["X"].is_unconditional


@pytest.mark.parametrize(
    "text",
    [
        "try:\n    X\nexcept NameError:\n    X = {}",
        "if 'X' not in globals():\n    X = {}",
        "if a:\n    X = {}\nelse:\n    X = []",
        "with a:\n    X = {}",
        "globals().setdefault('X', {})",
    ],
)
def test_what_is_made_under_a_condition_is_no_state_that_a_reload_resets(text: str) -> None:
    assert states(f"{text}\ndef f(): X.clear()\n") == {}
