"""RL203: which objects are made for their identity, and what keeping them leaves as it is."""

from __future__ import annotations

import importlib
import sys
import textwrap
from pathlib import Path

import pytest

import reloadlint
from reloadlint.toml import load_toml
from tests.rules.checking import findings, findings_in, fixed, flagged

KINDS = load_toml(Path(reloadlint.__file__).parent / "effects.toml")["identity"]
STANDARD = [
    name
    for kind in KINDS.values()
    for name in kind["made-by"]
    if name.partition(".")[0] in sys.stdlib_module_names
]
SINCE = {"InterpreterPoolExecutor": (3, 14), "asyncio.Barrier": (3, 11)}
UNTIL = {"telnetlib": (3, 13)}


@pytest.mark.parametrize("name", STANDARD)
def test_what_the_table_names_is_there(name: str) -> None:
    if any(key in name and sys.version_info < version for key, version in SINCE.items()):
        pytest.skip("newer than this Python")
    if any(key in name and sys.version_info >= version for key, version in UNTIL.items()):
        pytest.skip("older than this Python")
    module, _, attribute = name.rpartition(".")
    assert callable(getattr(importlib.import_module(module), attribute))


@pytest.mark.parametrize("name", STANDARD)
def test_every_one_of_them_is_flagged(name: str) -> None:
    module, _, attribute = name.rpartition(".")
    assert flagged("RL203", f"from {module} import {attribute}\nX = {attribute}()\n") == [
        f"X = {attribute}()"
    ]


@pytest.mark.parametrize(
    "text",
    [
        "import threading as t\nLOCK = t.Lock()",
        "from threading import Lock as L\nLOCK: L = L()",
        "from contextvars import ContextVar\nCURRENT: ContextVar[str] = ContextVar('CURRENT')",
        "import queue\nJOBS = queue.Queue[int]()",
        "import threading\nclass Lock(threading.Condition): pass\nLOCK = Lock()",
    ],
)
def test_it_is_known_by_any_name(text: str) -> None:
    assert flagged("RL203", text) == [text.splitlines()[-1]]


@pytest.mark.parametrize(
    "use",
    [
        "def f(x=_M): return x",
        "def f(): return _M",
        "def f(o): o.value = _M",
        "f = lambda x=_M: x",
        "def f(table, x): return table.get(_M, x)",
    ],
)
def test_a_private_sentinel_that_something_may_hold_is_flagged(use: str) -> None:
    assert flagged("RL203", f"_M = object()\n{use}\n") == ["_M = object()"]


@pytest.mark.parametrize(
    "text",
    [
        "_M = object()\nA = [_M]",
        "_M = object()\ndef f(t): return t.get(1, _M) is _M",
        "_M = object()\ndef f(t): return getattr(t, 'x', _M) is not _M",
        "import threading\nif 1:\n    LOCK = threading.Lock()",
        "import threading\ntry:\n    LOCK\nexcept NameError:\n    LOCK = threading.Lock()",
        "import threading\nLOCK = None\nLOCK = threading.Lock()",
        "import threading\nLOCK = globals().get('LOCK') or threading.Lock()",
        "import threading\nclass C:\n    lock = threading.Lock()",
        "import threading\n\ndef f():\n    lock = threading.Lock()\n    return lock",
        "class Lock: pass\nLOCK = Lock()",
        "def object(): return 1\nMISSING = object()",
    ],
)
def test_what_is_left_alone(text: str) -> None:
    assert flagged("RL203", text) == []


def test_a_class_of_another_module_of_the_project_is_followed(tmp_path: Path) -> None:
    found = findings_in(
        "RL203",
        tmp_path,
        {
            "locks.py": "import threading\n\n\nclass Slow(threading.Semaphore):\n    pass\n",
            "app.py": "from locks import Slow\n\nGATE = Slow()\n",
        },
    )
    assert [finding.message for finding in found] == [
        "a reload makes another `GATE`, and holders of the two no longer exclude each other"
    ]


class TestTheFix:
    def test_keeps_annotation_comments_and_order(self) -> None:
        before = """\
            import threading

            # the outer one
            A: threading.Lock = threading.Lock()  # first
            B = make(A)
            C = threading.Condition(  # of A
                A,
            )
            """
        after = """\
            import threading
            from reloadlint.runtime import keep

            # the outer one
            A: threading.Lock = keep("A", threading.Lock)  # first
            B = make(A)
            C = keep("C", lambda: threading.Condition(  # of A
                A,
            ))
            """
        assert fixed("RL203", before).text == textwrap.dedent(after)

    def test_is_safe_with_an_idiom_and_changes_nothing_when_run_again(self) -> None:
        text = "import threading\nLOCK = threading.Lock()\n"
        assert fixed("RL203", text, unsafe=False).text == text
        once = fixed("RL203", text, unsafe=False, state_idiom="keep").text
        assert once != text
        assert fixed("RL203", once).text == once

    def test_is_refused_for_a_value_of_several_names(self) -> None:
        (first, *_) = findings("RL203", "import threading\nA = B = threading.Lock()\n")
        assert first.fix is None
        assert first.refusal == "one value is given to several names at once"
