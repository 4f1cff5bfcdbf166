"""By which ways of writing it a callable is known: aliases, other modules, annotations, results."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from reloadlint.cli.group import group as main

BODY = "lambda: print(a) or a + 1"
KNOWN = {
    "an alias": f"from threading import Timer as T\ndef f(a):\n    T(1, {BODY})\n",
    "an alias of the module": f"import threading as t\ndef f(a):\n    t.Timer(1, {BODY})\n",
    "a re-export": f"from again import T2\ndef f(a):\n    T2(1, {BODY})\n",
    "an annotated parameter": (
        f"import asyncio\ndef f(loop: asyncio.AbstractEventLoop, a):\n    loop.call_soon({BODY})\n"
    ),
    "an annotated attribute": (
        "import asyncio\nclass C:\n    def __init__(self, loop):\n"
        "        self.loop: asyncio.AbstractEventLoop = loop\n"
        f"    def f(self, a):\n        self.loop.call_soon({BODY})\n"
    ),
    "the result of a call": (
        "import asyncio\ndef f(a):\n    loop = asyncio.get_running_loop()\n"
        f"    loop.call_later(1, {BODY})\n"
    ),
    "another path to it": (
        "import asyncio.events\n"
        f"def f(loop: asyncio.events.AbstractEventLoop, a):\n    loop.call_soon({BODY})\n"
    ),
    "a class that is derived from it": (
        "import asyncio\nclass Loop(asyncio.AbstractEventLoop):\n    pass\n"
        f"def f(loop: Loop, a):\n    loop.call_soon({BODY})\n"
    ),
    "a class that is derived from it in two ways": (
        "import asyncio\nclass Base(asyncio.AbstractEventLoop):\n    pass\n"
        "class Loop(Base, asyncio.AbstractEventLoop):\n    pass\n"
        f"def f(loop: Loop, a):\n    loop.call_soon({BODY})\n"
    ),
    "a method of itself": (
        "import asyncio\nclass Loop(asyncio.AbstractEventLoop):\n    def f(self, a):\n"
        f"        self.call_soon({BODY})\n"
    ),
    "a module that a package has by another name": (
        f"import pkg\ndef f(a):\n    pkg.times.T2(1, {BODY})\n"
    ),
    "a constructor": (
        "from django.dispatch import Signal\nsignal = Signal()\n"
        f"def f(a):\n    signal.connect({BODY})\n"
    ),
}


def found(*args: str) -> int:
    args = ("check", "--no-cache", "--select=RL101", "--output-format=json-lines", *args)
    return CliRunner().invoke(main, args).stdout.count('"RL101"')


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("pkg").mkdir()
    Path("pkg/__init__.py").write_text("import again as times\n", encoding="utf-8")
    Path("again.py").write_text("from threading import Timer as T2\n", encoding="utf-8")


@pytest.mark.parametrize("text", KNOWN.values(), ids=KNOWN)
def test_it_is_certain_that_the_callable_keeps_it(text: str) -> None:
    Path("a.py").write_text(text, encoding="utf-8")
    assert found("--min-confidence=certain") == 1


@pytest.mark.parametrize("body", ["lambda: 0", "lambda x: x", "lambda: a.b", "lambda: a[0]"])
def test_trivial_bodies_are_left_alone_unless_wanted(body: str) -> None:
    text = f"from threading import Timer\ndef f(a):\n    Timer(1, {body})\n"
    Path("a.py").write_text(text, encoding="utf-8")
    assert found() == 0
    Path("reloadlint.toml").write_text("min-body = 0\n", encoding="utf-8")
    assert found() == 1


def test_test_files_are_left_out_unless_wanted() -> None:
    for name in ("test_a.py", "conftest.py", "tests/a.py", "a.py"):
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_text(KNOWN["an alias"], encoding="utf-8")
    assert (found(), found("--no-default-test-ignores")) == (1, 4)


@pytest.mark.parametrize(("fate", "findings"), [("registered", 1), ("consumed", 0)])
def test_users_add_their_own(fate: str, findings: int) -> None:
    text = f"import shop\ndef f(a):\n    shop.on_sale(1, {BODY})\n    shop.other(1, {BODY})\n"
    Path("a.py").write_text(text, encoding="utf-8")
    sinks = f'[sinks]\n"shop.on_sale" = {{ 1 = "{fate}" }}\n"shop.other" = {{ 1 = "consumed" }}\n'
    Path("reloadlint.toml").write_text(sinks, encoding="utf-8")
    assert found("--min-confidence=certain") == findings


@pytest.mark.parametrize(
    ("text", "entry", "findings"),
    [
        (KNOWN["an alias"], '"threading.Timer" = { 1 = "consumed" }', (1, 0)),
        (
            f"def f(a):\n    sorted(a, key={BODY})\n",
            "'builtins.sorted' = { key = 'stored' }",
            (0, 1),
        ),
    ],
)
def test_users_may_say_otherwise_of_what_is_known(
    text: str, entry: str, findings: tuple[int, int]
) -> None:
    Path("a.py").write_text(text, encoding="utf-8")
    before = found()
    Path("reloadlint.toml").write_text(f"[sinks]\n{entry}\n", encoding="utf-8")
    assert (before, found()) == findings


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ('"a.b" = "consumed"', "sinks: a.b: expected a table of parameters and verdicts"),
        ('"a.b" = { 0 = "eaten" }', "sinks: a.b: 'eaten' is none of consumed, registered, "),
    ],
)
def test_what_users_add_is_looked_at(entry: str, message: str) -> None:
    Path("a.py").write_text("def f(a): return lambda: a + 1\n", encoding="utf-8")
    Path("reloadlint.toml").write_text(f"[sinks]\n{entry}\n", encoding="utf-8")
    done = CliRunner().invoke(main, ["check", "--no-cache"])
    assert done.exit_code == 2
    assert message in done.output
