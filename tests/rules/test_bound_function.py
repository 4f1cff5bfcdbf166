"""RL104: which function values are kept, and what a trampoline in their place does."""

from __future__ import annotations

import ast
import itertools
import textwrap
from pathlib import Path

import pytest

from tests.rules.checking import findings, findings_in, fixed, flagged

DEF = "def tick(n):\n    print(n)\n\n\n"
PRELUDE = "import threading, atexit, functools\nfrom app import bus\nJOBS = []\n" + DEF


@pytest.mark.parametrize(
    "body",
    [
        "threading.Timer(5, tick)",
        "bus.call_later(9, tick)",
        "threading.Timer(interval=5, function=tick)",
        "atexit.register(tick)",
        "bus.subscribe('x', tick)",
        "bus.add('x', callback=tick)",
        "bus.subscribe('x', functools.partial(tick, 1))",
        "bus.subscribe('x', tick if bus else None)",
        "f = tick\n    bus.subscribe('x', f)",
        "JOBS.append(tick)",
        "JOBS[0] = tick",
        "bus.on_tick = tick",
        "global hook\n    hook = tick",
        "root.after(2000, tick)",
        "bus.call_later(9, tick, 0)",
        "def inner():\n        threading.Timer(5, tick)\n    return inner",
        "return lambda: threading.Timer(5, tick)",
    ],
)
def test_what_keeps_a_function(body: str) -> None:
    found = findings("RL104", f"{PRELUDE}def start():\n    {body}\n")
    assert [f.message.split()[0] for f in found] == ["`tick`"]


@pytest.mark.parametrize(
    "body",
    [
        "tick(1)",
        "return tick",
        "sorted([], key=tick)",
        "list(map(tick, []))",
        "threading.Thread(target=tick).start()",
        "pool.submit(tick)",
        "loop.call_soon(tick)",
        "loop.call_later(0.1, tick)",
        "deferLater(loop, 0, tick)",
        "Schema(tick)(1)",
        "root.after(200, tick)",
        "await pool.run_in_pool(target=tick)",
        "self['tick'] = tick",
        "threading.Timer(5, lambda: tick(1))",
        "threading.Timer(5, print)",
        "threading.Timer(5, bus.tick)",
        "threading.Timer(5, self.tick)",
        "tick = make()\n    threading.Timer(5, tick)",
        "threading.Timer(5, tick.name)",
        "jobs = []\n    jobs.append(tick)\n    jobs.clear()",
        "options['tick'] = tick",
    ],
)
def test_what_does_not(body: str) -> None:
    text = f"{PRELUDE}async def start(self=0, pool=0, loop=0, options=0):\n    {body}\n"
    assert flagged("RL104", text) == []


@pytest.mark.parametrize(
    "text",
    [
        f"import threading\n{DEF}threading.Timer(5, tick)",
        "import threading\ndef tick(): pass\ndef f(): threading.Timer(5, tick)",
        f"import threading, click\n@click.command()\n{DEF}def f(): threading.Timer(5, tick)",
        "import threading\nclass tick: pass\ndef f(): threading.Timer(5, tick)",
        f"import threading\n{DEF}def _setup():\n    threading.Timer(5, tick)\n_setup()",
        "import threading\ndef tick():\n    raise RuntimeError('gone')\n"
        "def f(): threading.Timer(5, tick)",
    ],
)
def test_at_import_and_where_there_is_nothing_to_edit(text: str) -> None:
    assert flagged("RL104", text + "\n") == []


@pytest.mark.parametrize(
    "text",
    [
        "def tick(bus):\n    print(1)\n    bus.call_later(9, tick, bus)",
        "class Job: pass\ndef run(self):\n    print(1)\ndef patch():\n    Job.run = run",
    ],
)
def test_what_is_found_by_its_name_all_the_same(text: str) -> None:
    assert flagged("RL104", text + "\n") == []


def test_methods_of_what_the_module_has_by_name(tmp_path: Path) -> None:
    found = findings_in(
        "RL104",
        tmp_path,
        {
            "app.py": """\
                import threading
                from store import Store, flush

                store = Store()


                def start(self):
                    threading.Timer(5, store.save)
                    threading.Timer(5, Store.load)
                    threading.Timer(5, flush)
                    threading.Timer(5, self.save)
                """,
            "store.py": """\
                class Store:
                    def save(self):
                        print("save")

                    @classmethod
                    def load(cls):
                        print("load")


                def flush():
                    print("flush")
                """,
        },
    )
    assert [finding.message.split()[0] for finding in found] == [
        "`store.save`",
        "`Store.load`",
        "`flush`",
    ]


def test_what_is_saved_to_be_put_back_is_left_alone(tmp_path: Path) -> None:
    """A trampoline in its place would call the patch, and that the trampoline."""
    app = """\
        import texts


        def patched():
            old = texts.shout

            def restore():
                texts.shout = old

            texts.shout = lambda text: old(text) + "!"
            return restore
        """
    texts = {"app.py": app, "texts.py": "def shout(text):\n    return text.upper()\n"}
    assert findings_in("RL104", tmp_path, texts) == []


def test_a_table_of_another_module_is_the_matter_of_another_rule() -> None:
    text = f"import app\n{DEF}def start():\n    app.TABLE['x'] = tick\n"
    assert flagged("RL104", text) == []
    assert len(flagged("RL105", text)) == 1


class TestTheFix:
    @pytest.mark.parametrize(
        ("parameters", "trampoline"),
        [
            ("", "lambda: f(*())"),
            ("a", "lambda a: f(a=a)"),
            ("a, b", "lambda a, b: f(a=a, b=b)"),
            ("a, b=1", "lambda a, b=1: f(a=a, b=b)"),
            ("a='x', *, b, c=None", "lambda a='x', *, b, c=None: f(a=a, b=b, c=c)"),
        ],
    )
    def test_repeats_the_parameters(self, parameters: str, trampoline: str) -> None:
        text = f"def f({parameters}):\n    print()\n\n\ndef g(bus):\n    bus.subscribe(1, f)\n"
        after = fixed("RL104", text).text
        assert after == text.replace("(1, f)", f"(1, {trampoline})")

    def test_stands_in_parentheses_in_a_conditional(self) -> None:
        text = f"{DEF}def g(bus):\n    bus.subscribe(1, tick if bus else None)\n"
        assert "(lambda n: tick(n=n)) if bus else None" in fixed("RL104", text).text

    @pytest.mark.parametrize(
        ("definition", "use", "reason"),
        [
            ("async def f():", "bus.subscribe(1, f)", "coroutine function"),
            ("def f(*a):", "bus.subscribe(1, f)", "cannot repeat"),
            ("def f(a, /):", "bus.subscribe(1, f)", "cannot repeat"),
            ("def f(a=[]):", "bus.subscribe(1, f)", "cannot repeat"),
            ("def f(f):", "bus.subscribe(1, f)", "cannot repeat"),
            (
                "def f():",
                "bus.subscribe(1, f)\n\n\ndef h(bus):\n    bus.unsubscribe(1, f)",
                "takes it back",
            ),
            ("def f():", "bus.signal.connect(f)", "weak reference"),
            ("def f():", "import click\n    click.command()(f)", "looks at the function itself"),
            ("def f():", "bus.subscribe(1, f)\n    return bus.last is f", "is compared"),
            ("def f():", "bus.subscribe(1, f)\n    return bus.last in (f, None)", "is compared"),
        ],
    )
    def test_is_refused_where_it_would_matter(self, definition: str, use: str, reason: str) -> None:
        text = f"{definition}\n    print()\n\n\ndef g(bus):\n    {use}\n"
        (found, *_) = findings("RL104", text)
        assert found.fix is None
        assert reason in (found.refusal or "")

    def test_is_not_done_unasked(self) -> None:
        text = f"{DEF}def g(bus):\n    bus.subscribe(1, tick)\n"
        assert fixed("RL104", text, unsafe=False).text == text


PARAMETERS = ("", "a", "a, b", "a, b=2", "a=1, b=None", "*, a", "a, *, b='x'")
CALLS = ("", "1", "1, 2", "a=3", "a=3, b=4", "1, b=5", "1, 2, 3", "c=1")
PLACES = (
    "held.append({})",
    "held.append({} if held is not None else None)",
    "held.extend([{}, {}])",
    "held.append(functools.partial({}))",
    "held[:] = [{}]",
)


@pytest.mark.parametrize("place", PLACES)
def test_the_program_does_what_it_did(place: str) -> None:
    """Every signature under every call: the same result, or the same kind of error."""
    for parameters, arguments in itertools.product(PARAMETERS, CALLS):
        text = textwrap.dedent(
            f"""\
            import functools

            held = []


            def f({parameters}):
                return sorted(locals().items())


            def start():
                {place.format("f", "f")}


            def outcome():
                try:
                    return [each({arguments}) for each in held]
                except TypeError:
                    return "TypeError"
            """
        )
        after = fixed("RL104", text).text
        assert "lambda" in after
        assert run(after) == run(text)


def run(text: str) -> object:
    names: dict[str, object] = {}
    exec(compile(ast.parse(text), "module", "exec"), names)
    start, outcome = names["start"], names["outcome"]
    assert callable(start)
    assert callable(outcome)
    start()
    return outcome()
