"""RL502: which copies of classes are only compared with, and what RL301 then leaves alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.rules.checking import findings_in

SHAPES = """\
import enum


class Circle(Exception):
    pass


class Square:
    pass


class Color(enum.Enum):
    RED = 1


class Size(enum.IntEnum):
    BIG = 1


def make():
    return Circle()
"""
TOP = "from shapes import Circle, Square, Color, Size, make\n\n\n"


def found(code: str, root: Path, body: str) -> list[str]:
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    texts = {"shapes.py": SHAPES, "app.py": f"{TOP}def look(x):\n{lines}"}
    return [finding.message.split(" here")[0] for finding in findings_in(code, root, texts)]


@pytest.mark.parametrize(
    ("body", "how", "name"),
    [
        ("return isinstance(x, Circle)", "isinstance", "Circle"),
        ("return isinstance(x, (str, Circle))", "isinstance", "Circle"),
        ("return isinstance(x, str | Circle)", "isinstance", "Circle"),
        ("return issubclass(x, Circle)", "issubclass", "Circle"),
        ("try:\n    x()\nexcept Circle:\n    pass", "except", "Circle"),
        ("try:\n    x()\nexcept (ValueError, Circle) as e:\n    pass", "except", "Circle"),
        ("match x:\n    case Circle():\n        pass", "case", "Circle"),
        ("match x:\n    case Color.RED:\n        pass", "case", "Color"),
        ("return type(x) is Circle", "is", "Circle"),
        ("return x is Color.RED", "is", "Color"),
        ("return x == Color.RED", "==", "Color"),
        ("return x in (Color.RED, None)", "in", "Color"),
        ("return x is Size.BIG", "is", "Size"),
    ],
)
def test_what_only_compares(tmp_path: Path, body: str, how: str, name: str) -> None:
    assert found("RL502", tmp_path, body) == [f"`{how}` compares with a copy of `{name}`"]
    assert found("RL301", tmp_path, body) == []


@pytest.mark.parametrize(
    "body",
    [
        "return isinstance(x, Circle) and Circle()",
        "return Circle(x)",
        "return x(Circle)",
        "return x.get(Color.RED)",
        "return x == Size.BIG",  # which equals 1, whatever the class
        "raise Circle",
    ],
)
def test_what_is_read_otherwise_is_the_matter_of_another_rule(tmp_path: Path, body: str) -> None:
    assert found("RL502", tmp_path, body) == []
    assert len(found("RL301", tmp_path, body)) == 1


@pytest.mark.parametrize(
    "line",
    [
        "@show.register(Circle)\ndef _(x): pass",
        "@show.register\ndef _(x: Circle): pass",
        "show.register(Circle, print)",
    ],
)
def test_what_is_registered_at_import(tmp_path: Path, line: str) -> None:
    text = f"import functools\n{TOP}@functools.singledispatch\ndef show(x): pass\n\n\n{line}\n"
    (finding,) = findings_in("RL502", tmp_path, {"shapes.py": SHAPES, "app.py": text})
    assert finding.message.startswith("`show.register` has the class of now: a reload of `shapes`")
    text = text.replace("functools.singledispatch", "functools.cache")
    assert findings_in("RL502", tmp_path, {"shapes.py": SHAPES, "app.py": text}) == []


@pytest.mark.parametrize(
    "line",
    [
        "def later():\n    @show.register\n    def _(x: Circle): pass",
        "def later():\n    show.register(Circle, print)",
        "@show.register\ndef _(x: int): pass",
        "def register(x, y): pass\nregister(Circle, print)",
    ],
)
def test_what_is_not_registered_at_import(tmp_path: Path, line: str) -> None:
    text = f"import functools\n{TOP}@functools.singledispatch\ndef show(x): pass\n\n\n{line}\n"
    assert findings_in("RL502", tmp_path, {"shapes.py": SHAPES, "app.py": text}) == []


def test_each_import_has_its_own_finding(tmp_path: Path) -> None:
    text = (
        "from shapes import Circle\nfrom shapes import Square\n\n\n"
        "def look(x):\n    return isinstance(x, Circle) or isinstance(x, Square)\n"
    )
    texts = {"shapes.py": SHAPES, "app.py": text}
    assert [found.start.line for found in findings_in("RL502", tmp_path, texts)] == [1, 2]
