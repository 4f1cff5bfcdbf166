"""RL302: which values count as computed from another module's data."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.rules.checking import findings_in

M = """\
import ctypes, enum, logging, os
from typing import TypeVar
from n import DEEP, deep
LIMIT = 3
limit = 3
names = ["a"] + ["b"]
words = "a b".split()
numbers = frozenset(range(3))
mode = "w" if LIMIT else "r"
T = TypeVar("T")
JSON = dict[str, int]
LOG = logging.getLogger()
NUMBER = int
one_way = int | None
made = os.getenv("X")
__version__ = VERSION = "1"
POINTER = ctypes.POINTER(ctypes.c_int)
FLAG = getattr(os, "O_BINARY", 0)
TOP = LIMIT
JOIN = os.path.join
either = mode or "w"
both = "r" and "w"
CONF_API_KEY = "api-key"
CONF_HOST = "address"
A, B = range(2)
def f(x=0): return x
class K:
    LIMIT = 3
    name = "k"
    def method(self): pass
class Color(enum.Enum):
    red = 1
"""
TEXTS = {"m.py": M, "n.py": "DEEP = 1\ndeep = 1\n"}
USE = "\ndef g(): return X\n"


@pytest.mark.parametrize(
    ("text", "sources"),
    [
        ("import m\nX = m.LIMIT * 2", "`m.LIMIT`"),
        ("from m import LIMIT\nX = LIMIT", "`LIMIT`"),
        ("from m import LIMIT as most\nX: int = most", "`most`"),
        ("import m\nX = {n: m.mode for n in m.names}", "`m.mode` and `m.names`"),
        ("import m\nX = [len(w) for w in m.words if w in m.numbers]", "`m.words`"),
        ("import m\nX = f'<{m.limit}>'", "`m.limit`"),
        ("import m\nX = str(m.B)", "`m.B`"),
        ("import m\nX = m.K.LIMIT", "`m.K.LIMIT`"),
        ("import m\nX = m.Color.red", "`m.Color.red`"),
        ("from m import Color\nX = {Color.red: 1}", "`Color.red`"),
        ("from m import DEEP\nX = DEEP + 1", "`DEEP`"),
        ("import m\nX = m.deep", "`m.deep`"),
        ("import m\nX = m.f(m.LIMIT)", "`m.LIMIT`"),
        ("import m\nX = m.TOP", "`m.TOP`"),
        ("import m\nX = m.both", "`m.both`"),
        ("import m\nX = {m.CONF_API_KEY: m.CONF_HOST}", "from `m.CONF_HOST`:"),
    ],
)
def test_what_is_made_of_data_is_flagged(tmp_path: Path, text: str, sources: str) -> None:
    (found,) = findings_in("RL302", tmp_path, {**TEXTS, "here.py": text + USE})
    assert sources in found.message
    assert found.fix is not None
    assert not found.fix.edits


@pytest.mark.parametrize(
    "text",
    [
        "import m\nX = m.f()",
        "import m\nX = {m.CONF_API_KEY: str}",
        "import m\nX = m.f",
        "import m\nX = m.K()",
        "import m\nX = m.K.name",
        "import m\nX = m.K.method",
        "import m\nX = list[m.T]",
        "import m\nX = m.JSON",
        "import m\nX = m.LOG.info",
        "import m\nX = m.NUMBER",
        "import m\nX = m.one_way",
        "import m\nX = m.made",
        "import m\nX = m.__version__",
        "import m\nX = m.VERSION.split('.')",
        "import m\nX = m.POINTER",
        "import m\nX = m.FLAG | 1",
        "import m\nX = m.JOIN",
        "import m\nX = m.either",
        "import m\nX = m.f.red",
        "import m\nX = m.Color.other",
        "import m\nX = lambda: m.LIMIT",
        "import m\nX = 1\nif m.LIMIT: X = m.LIMIT",
        "import m\nX = m.LIMIT\ndef more():\n    global X\n    X += 1",
        "import m\nX = m.names\ndef more(): X.append(1)",
        "import os\nX = os.O_RDWR | os.O_CREAT",
        "LIMIT = 3\nX = LIMIT",
        "import m\ndef h():\n    X = m.LIMIT",
    ],
)
def test_what_is_not_data_or_not_only_made_of_it_is_left_alone(tmp_path: Path, text: str) -> None:
    assert findings_in("RL302", tmp_path, {**TEXTS, "here.py": text + USE}) == []


@pytest.mark.parametrize("use", ["Y = X", "class C:\n    x = X", "def g(x=X): pass", ""])
def test_what_no_function_reads_is_left_alone(tmp_path: Path, use: str) -> None:
    text = f"import m\nX = m.LIMIT\n{use}\n"
    assert findings_in("RL302", tmp_path, {**TEXTS, "here.py": text}) == []


def test_each_value_has_its_own_finding(tmp_path: Path) -> None:
    text = f"import m\nX = m.LIMIT\nY = m.LIMIT\n{USE}\ndef h(): return Y\n"
    found = findings_in("RL302", tmp_path, {**TEXTS, "here.py": text})
    assert [each.start.line for each in found] == [2, 3]
