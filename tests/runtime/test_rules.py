"""The rule that a report names is one that the linter finds in the same program before the edit."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.runtime.experiment import observe
from tests.runtime.patterns.pattern import BUS, Pattern

TIMER = "import threading\n"
BEHIND = {
    "RL101": Pattern(
        "callback that gains a capture",
        "def go(on, a, b):\n    on(lambda: (a, 'old'))\n",
        ("(a, 'old')", "(a, b)"),
        "fs = []; m.go(fs.append, 1, 2)",
        "fs[0]()",
    ),
    "RL102": Pattern(
        "stored closure that gains a capture",
        "class C: pass\ndef go(o, a, b):\n    o.f = lambda: (a, 'old')\n",
        ("(a, 'old')", "(a, b)"),
        "o = m.C(); m.go(o, 1, 2)",
        "o.f()",
    ),
    "RL103": Pattern(
        "returned closure that gains a capture",
        "def make(a, b):\n    def f(): return a, 'old'\n    return f\n",
        ("a, 'old'", "a, b"),
        "f = m.make(1, 2)",
        "f()",
    ),
    "RL104": Pattern(
        "handler that is gone from the text",
        "HANDLERS = []\ndef subscribe(handler):\n    HANDLERS.append(handler)\n"
        "def greet(user):\n    return 'old', user\ndef start():\n    subscribe(greet)\n",
        "HANDLERS = []\ndef subscribe(handler):\n    HANDLERS.append(handler)\n",
        "m.start()",
        "m.HANDLERS[0](1)",
    ),
    "RL106": Pattern(
        "generator with its work inline",
        "def read():\n    total = 0\n    while True:\n"
        "        number = yield total\n        total += number * 2\n"
        "class Meter:\n    def __init__(self):\n        self.reader = read()\n"
        "        next(self.reader)\n    def add(self, n): return self.reader.send(n)\n",
        ("number * 2", "number * 3"),
        "x = m.Meter()",
        "x.add(1)",
    ),
    "RL205": Pattern(
        "size of a cache",
        "from functools import lru_cache\nimport other\n"
        "@lru_cache(maxsize=1)\ndef f(x):\n    return x + other.tax(x)\n",
        ("maxsize=1", "maxsize=2"),
        "f = m.f",
        "f(1)",
        other="def tax(x):\n    return x * 2\n",
    ),
    "RL301": Pattern(
        "name that is gone and was copied",
        "def a(): return 'old'\ndef b(): return 'b'\n",
        "def b(): return 'b'\n",
        "import other",
        "other.a()",
        other="from m import a\ndef g(): return a()\n",
    ),
    "RL302": Pattern(
        "value derived by a call",
        "X = 1\n",
        ("1", "2"),
        "import other",
        "other.C",
        other="import m, random\nC = random.sample(range(9), m.X)\ndef f(): return C\n",
    ),
    "RL401": Pattern(
        "registration that is gone",
        "import other\ndef f(): return 'old'\nother.on(f)\n",
        "import other\ndef f(): return 'old'\n",
        "import other",
        "other.HANDLERS[0]()",
        other=BUS,
    ),
    "RL402": Pattern(
        "thread that a statement which is gone has started",
        TIMER + "T = threading.Timer(0, print)\nT.start()\n",
        TIMER + "T = threading.Timer(0, print)\n",
        "pass",
        "m.T.join()",
    ),
    "RL403": Pattern(
        "patch that is gone",
        "import other\nother.limit = 2\n",
        "import other\n",
        "import other",
        "other.limit",
        other="limit = 1\n",
    ),
    "RL502": Pattern(
        "class that a copy is compared with gains a slot",
        "class C:\n    __slots__ = ('x',)\n",
        ("('x',)", "('x', 'y')"),
        "import other; c = m.C()",
        "other.f(c)",
        other="from m import C\ndef f(x): return isinstance(x, C)\n",
    ),
}


def test_there_is_a_program_for_every_code_that_a_report_may_name() -> None:
    from reloadlint.runtime._rules import CODES

    assert {*BEHIND} == CODES


@pytest.mark.parametrize("code", BEHIND)
def test_what_is_left_behind_is_what_the_linter_finds(code: str, tmp_path: Path) -> None:
    pytest.importorskip("libcst")
    from tests.command import run

    written, reloaded = tmp_path / "written", tmp_path / "reloaded"
    written.mkdir()
    reloaded.mkdir()
    for name, text in BEHIND[code].texts()[0].items():
        (written / name).write_text(text)
    seen = observe(BEHIND[code], reloaded)
    assert f"[{code}]" in seen["said"], seen
    options = ["--isolated", "--no-cache", "--select", "ALL", "--output-format", "json"]
    found = run("check", *options, "--min-confidence", "possible", str(written)).stdout
    assert code in {finding["code"] for finding in json.loads(found)}, found
