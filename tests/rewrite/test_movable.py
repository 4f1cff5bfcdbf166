"""What is moved, and safe, although it looks like what is not."""

from __future__ import annotations

import types

import pytest

from reloadlint.config import Config
from reloadlint.finding import Applicability
from tests.rewrite.hoisting import in_class, kept, only_finding

MOVED = {
    "a stack level of one, which is the line itself": (
        "import warnings\n" + kept("warnings.warn('x', stacklevel=1)\nbus.go()")
    ),
    "a function that warns for its caller, which is the body": (
        "import warnings\n\n\ndef old():\n    warnings.warn('x', stacklevel=2)\n\n\n"
        + kept("old()\nreturn x")
    ),
    "a nested function that warns for whoever calls it": (
        "import warnings\n"
        + kept("def old():\n    warnings.warn('x', stacklevel=2)\nreturn bus.go(old) + 1")
    ),
    "vars of something": kept("return vars(x), bus.go()"),
    "a private name with a tail": in_class("return self.__go__(x) + 1"),
    "a parameter with two underscores at either end": in_class("return bus.go(__y__) + 1").replace(
        "send(x)", "send(x, __y__)"
    ),
    "a private name outside of a class": kept("return bus.__go(x) + 1"),
    "a name that is rebound before": kept("bus.go()\nreturn name", around="name = 1"),
    "a name that is bound on each way": kept(
        "bus.go()\nreturn late", around="if name:\n    late = 1\nelse:\n    late = 2"
    ),
    "a deleted name that is read at once": kept("return name + bus.go()", behind="del name"),
    "a late name that is read at once": kept("late.go()\nreturn x", behind="late = 1"),
    "a name of another's nonlocal that is read at once": kept(
        "return name.go() + x", around="def put(x):\n    nonlocal name\n    name = x\nput(1)"
    ),
    "a name that may be missing, is read at once, and again": kept(
        "late.go()\nreturn late", around="if name:\n    late = 1"
    ),
    "a name that may be missing, is read at once behind another, and again": kept(
        "return [x, late, late.go(), late]", around="if name:\n    late = 1"
    ),
    "a name that an async generator around rebinds": kept(
        "bus.go()\nreturn name", behind="name = 1"
    )
    .replace("def f", "async def f")
    .replace("name = 1", "yield"),
    "a generator with a name of the function around": kept("return bus.go(name for name in x)"),
    "a comprehension with the name of an argument": kept("return bus.go([x for x in x])"),
    "parts of an argument that are let go": kept("del x[0], x.y\nx.y = None\nreturn bus.go(x)"),
    "statements that share a line": kept("bus.go(x); return x + 1"),
    "a line shared with a string that is no docstring": (
        "x = 1\n'text'; bus.subscribe(lambda: bus.go() + 1)\n"
    ),
    "a line shared with a number": "1; bus.subscribe(lambda: bus.go() + 1)\n",
    "a line shared with an import": "from a import b; bus.subscribe(lambda: bus.go() + 1)\n",
    "the code of something else": kept("return bus.go(x) + 1", behind="print(bus.__code__)"),
    "a local that is set to nothing": kept("y = bus.go(x)\ny = None\nbus.collect()"),
    "a comparison with nothing": kept("return bus.go(x) + 1", behind="return send is not None"),
    "its name and defaults, which stay": kept(
        "return bus.go(x) + 1", behind="print(send.__qualname__, send.__defaults__)"
    ),
    "a name of the module by name": "TABLE = globals()['x']\n" + kept("return bus.go(x) + 1"),
}


@pytest.mark.parametrize("text", MOVED.values(), ids=MOVED)
def test_is_moved_and_safe(text: str) -> None:
    finding = only_finding(text)
    assert finding.refusal is None
    assert finding.fix is not None
    assert finding.fix.applicability is Applicability.SAFE


@pytest.mark.parametrize(
    "body",
    [
        "late",
        "late\nreturn",
        "raise late",
        "raise late from x",
        "'Doc.'\nlate",
        "pass\nlate",
        "a, b = late, x",
    ],
)
def test_what_is_bound_later_but_read_first_of_all_may_be_passed(body: str) -> None:
    finding = only_finding(kept(body, behind="late = 1"), Config(min_body=0))
    assert finding.fix is not None
    assert finding.fix.applicability is Applicability.SAFE


@pytest.mark.parametrize(
    "body", ["x.y\nlate", "raise x from late", "x.y = x; late", "a = bus.x, late"]
)
def test_but_not_what_is_read_when_other_code_has_run(body: str) -> None:
    finding = only_finding(kept(body, behind="late = 1"), Config(min_body=0))
    assert finding.refusal is not None


# Where CPython puts the class in front of a private name, the text means another one elsewhere.
PLACES = (
    "__y = x",
    "x.__y = 1",
    "x = __y",
    "del __y",
    "import __y",
    "import a as __y",
    "import __y as a",
    "import a.__y",
    "import __y.a",
    "from a import b as __y",
    "from a import __y",
    "from a import __y as b",
    "from __y import a",
    "x(__y=1)",
    "x = '__y'",
    "global __y; __y = 1",
    "for __y in x: pass",
    "with x as __y: pass",
    "def __y(): pass",
    "class __y: pass",
    "def a(__y): pass",
    "x = lambda *__y: 1",
    "x = [1 for __y in x]",
    "x = (__y := 1)",
    "x.__y__ = 1",
    "__y__ = 1",
    "try: pass\nexcept E as __y: pass",
    "match x:\n    case __y: pass",
    "match x:\n    case [*__y]: pass",
    "match x:\n    case {**__y}: pass",
    "match x:\n    case E(__y=1): pass",
    "import __y.a as b",
    "from .__y import a",
    "from . import a",
    "from .__y.a import b",
    "from a.__y import b",
)


@pytest.mark.parametrize("place", PLACES)
def test_what_the_compiler_spells_otherwise_in_a_class_stays_there(place: str) -> None:
    text = in_class(f"{place}\nreturn bus.go(x) + 1")
    finding = only_finding(text)
    is_private = "_C__y" in names_in(compile(text, "m", "exec", dont_inherit=True))
    reason = "`__y` is a private name that only means the same inside of its class"
    assert finding.refusal == (reason if is_private else None)


def names_in(code: types.CodeType) -> set[str]:
    inner = [part for part in code.co_consts if isinstance(part, types.CodeType)]
    own = {*code.co_names, *code.co_varnames, *code.co_cellvars, *code.co_freevars}
    return own.union(*map(names_in, inner))
