"""RL501: which calls of `super` name a class that a reload makes anew, and what fixing one does."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from reloadlint.finding import Applicability
from tests.rules.checking import findings, findings_in, fixed, flagged

BASE = "class A:\n    def f(self, *args): return ['A', *args]\n    g = f\n"


@pytest.mark.parametrize(
    "method",
    [
        "def f(self): return super(B, self).f()",
        "def f(self, /): return super(B, self).f()",
        "def f(this): return super(B, this).f()",
        "def f(self): return super(\n        B,\n        self,\n    ).f()",
        "def f(self): return [x for x in super(B, self).f()]",
        "def f(self): return (lambda: self) and super(B, self).f()",
        "def f(self, x=1): x = 2; return super(B, self).f(x, B.__name__)",
        "def f(self): yield super(B, self).f()",
        "async def f(self): return super(B, self).f()",
        "@classmethod\n    def f(cls): return super(B, cls).g(cls)",
        "def f(self): return [super(B, self).f(x) for x in 'ab']",
        "def f(self): return [*(super(B, self).f(x) for x in 'ab')]",
        "def f(self): return (lambda: super(B, self).f())()",
        "def f(self):\n        def g(): return super(B, self).f()\n        return g()",
        "def f(*args): return super(B, args[0]).f()",
        "def f(self):\n        self = self; return super(B, self).f()",
        "def f(self):\n        for self in (self,): return super(B, self).f()",
        "def f(self):\n        def g():\n            nonlocal self\n            self = self"
        "\n            return super(B, self).f()\n        return g()",
        "def f(self):\n        other = self\n        del self\n        return super(B, other).f()",
        "@property\n    def p(self): return super(B, self).f()",
        "def __new__(cls): return super(B, cls).__new__(cls)",
        "if True:\n        def f(self): return super(B, self).f()",
        "class C(A):\n        def f(self): return super(B.C, self).f()\n    def f(self): pass",
    ],
)
def test_the_fixed_class_does_what_it_did(method: str) -> None:
    text = f"{BASE}class B(A):\n    {method}\nprint(*run(B))\n"
    result = fixed("RL501", text)
    assert "super(B" not in result.text
    assert result.result.findings == ()
    assert outcome(text) == outcome(result.text) != []


def outcome(text: str) -> list[str]:
    """What the classes do: each method of B, and of a class in it, is called once."""
    printed: list[str] = []

    def run(owner: type) -> list[str]:
        for name, value in vars(owner).items():
            if isinstance(value, type):
                run(value)
            elif name in {"f", "p", "__new__"}:
                found = getattr(owner(), name) if name != "__new__" else owner
                printed.append(str(shown(found() if callable(found) else found)))
        return printed

    exec(compile(text, "example.py", "exec"), {"run": run, "__name__": "example"})
    return printed


def shown(value: object) -> object:
    if hasattr(value, "__next__"):
        return list(value)  # type: ignore[call-overload]
    if hasattr(value, "send"):
        try:
            value.send(None)
        except StopIteration as stop:
            return stop.value
    return value if isinstance(value, list) else type(value).__name__


@pytest.mark.parametrize(
    ("method", "reason"),
    [
        ("def f(self): return super(A, self).f", "is not the class around it"),
        ("def f(self):\n  __class__ = 1\n  super(B, self)", "`__class__` means something else"),
        ("def f(self, __class__=B): super(B, self)", "`__class__` means something else"),
        ("def f(self): return super(B, B).g", "looked up by the same name"),
        ("def f(self): return super(B,  # why\n self).f", "a comment"),
    ],
)
def test_the_fix_is_refused_with_the_reason(method: str, reason: str) -> None:
    (found,) = findings("RL501", f"{BASE}class B(A):\n {method}\n")
    assert found.fix is None
    assert reason in (found.refusal or "")


def test_outside_of_a_class_there_is_nothing_to_find() -> None:
    (found,) = findings("RL501", BASE + "def f(self): return super(A, self).f\n")
    assert "it stands in no class" in (found.refusal or "")


@pytest.mark.parametrize(
    "text",
    [
        "class B(A):\n def f(self): return super().f()\n",
        "class B(A):\n def f(self): return super(type(self), self).f()\n",
        "class B(A):\n def f(self): return super(B).f()\n",
        "class B(A):\n x = super(A, A()).f()\n",
        "def make():\n class B(A):\n  def f(self): return super(B, self).f()\n",
        "class B(A):\n def f(self, B): return super(B, self).f()\n",
        "class B(A):\n def f(self): return super(B, self).f()\nB = print(B)\n",
        "super = print\nclass B(A):\n def f(self): return super(B, self)\n",
    ],
)
def test_what_a_reload_does_not_change_is_left_alone(text: str) -> None:
    assert flagged("RL501", BASE + text) == []


@pytest.mark.parametrize(
    ("decorator", "applicability"),
    [
        ("dataclass", Applicability.SAFE),
        ("dataclass(frozen=True)", Applicability.SAFE),
        ("dataclass(slots=True)", Applicability.UNSAFE),
        ("dataclass(**options)", Applicability.UNSAFE),
        ("total_ordering", Applicability.SAFE),
        ("rebuilt", Applicability.UNSAFE),
    ],
)
def test_a_decorator_may_make_another_class(decorator: str, applicability: Applicability) -> None:
    head = "from dataclasses import dataclass\nfrom functools import total_ordering\n"
    text = f"{head}{BASE}@{decorator}\nclass B(A):\n    def f(self): return super(B, self).f()\n"
    (found,) = findings("RL501", text)
    assert found.fix is not None
    assert found.fix.applicability is applicability


@pytest.mark.skipif(sys.version_info >= (3, 14), reason="3.14 mends the cell")
def test_of_a_dataclass_with_slots_the_fixed_class_would_fail() -> None:
    text = f"from dataclasses import dataclass\n{BASE}@dataclass(slots=True)\nclass B(A):\n" + (
        "    def f(self): return super(B, self).f()\nprint(*run(B))\n"
    )
    assert outcome(text) == ["['A']"]
    with pytest.raises(TypeError):
        outcome(fixed("RL501", text).text)


META = """\
class Meta(type):
    def __new__(meta, name, bases, namespace):
        type.__new__(meta, name, bases, dict(namespace))
        return type.__new__(meta, name, bases, dict(namespace))
class B(A, metaclass=Meta):
    def f(self): return super(B, self).f()
print(*run(B))
"""


def test_a_metaclass_has_the_cell_to_hand_on_either_way() -> None:
    assert outcome(BASE + META) == outcome(fixed("RL501", BASE + META).text) == ["['A']"]


def test_a_name_that_another_file_assigns_is_not_safe(tmp_path: Path) -> None:
    text = BASE + "class B(A):\n    def f(self): return super(B, self).f()\n"
    texts = {"m.py": text, "other.py": "import m\nm.B = None\n"}
    (found,) = findings_in("RL501", tmp_path, texts)
    assert found.fix is not None
    assert found.fix.applicability is Applicability.UNSAFE
    assert "other.py:2" in found.fix.caution
