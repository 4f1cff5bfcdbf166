"""What the project's own code does with a closure that it is handed, across its files."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from reloadlint import files
from reloadlint.config import Config
from reloadlint.facts import FileFacts
from reloadlint.facts.fates import Fate, Kept
from reloadlint.facts.project import Project
from reloadlint.finding import Confidence

LIBRARY = """\
    from dataclasses import dataclass

    HANDLERS = []
    _current = None


    def apply(function, value):
        return function(value) if function else None


    def store(function):
        HANDLERS.append(function)


    def publish(function):
        global _current
        _current = function


    def relay(task):
        store(task)


    def relay_by_keyword(task):
        relay(task=task)


    def first(work, again=True):
        return second(work, again)


    def second(work, again):
        if again:
            return first(work, False)
        work()


    def identity(function):
        return function


    def wrapped(function):
        def wrapper(*args):
            return function(*args)

        return wrapper


    def later(task):
        def run():
            task()

        HANDLERS.append(run)


    def at_once(task):
        def run():
            task()

        run()


    def table(task):
        entry = {}
        entry.update(dict(task=task))
        HANDLERS.append(entry)


    class Base:
        def keep(self, function):
            self.function = function


    class Bus(Base):
        def __init__(self, sink=None):
            self.sink = sink

        def on(self, topic, function):
            HANDLERS.append((topic, function))

        def each(self, function):
            for handler in HANDLERS:
                function(handler)

        def route(self, path):
            def register(function):
                HANDLERS.append((path, function))
                return function

            return register


    class Silent:
        def __init__(self, probe):
            probe()


    @dataclass
    class Job:
        name: str
        work: object = None


    def make_bus() -> Bus:
        return Bus()


    def keep(function):
        function()


    class Shelf:
        def keep(self):
            self.is_kept = True


    class Plain:
        pass


    def as_default(x):
        def run(task=x):
            task()

        run()


    def in_class(x):
        class Task:
            run = x

        return Task


    def with_keyword(x):
        class Task(Base, run=x):
            pass

        return Task


    def hook(name):
        def register(x):
            HANDLERS.append(x)
            return x

        try:
            if name:
                return register
        except ValueError:
            return register


    def hook_for(name):
        def register(x):
            HANDLERS.append(x)
            return x

        match name:
            case str():
                return register
"""


@pytest.fixture
def fate_in(tmp_path: Path):
    """A function that tells the fate of the lambda in `code`, which stands beside the library."""
    package = tmp_path / "pkg"
    package.mkdir()
    (package / "__init__.py").write_text("from .library import store as exported\n")
    (package / "library.py").write_text(textwrap.dedent(LIBRARY))

    def fate(code: str) -> Fate | None:
        path = package / "user.py"
        path.write_text(textwrap.dedent(code))
        config = Config(root=tmp_path)
        paths = [str(package / "library.py"), str(path)]
        facts = Project(config, files.read, paths).facts(str(path))
        assert isinstance(facts, FileFacts)
        (closure,) = [c for c in facts.closures if c.name in {"<lambda>", "work"}]
        return facts.fate(closure.node)

    return fate


@pytest.mark.parametrize(
    "call",
    [
        pytest.param(
            "from pkg.library import store\nstore(lambda: 1 + 1)", id="stored in a global"
        ),
        pytest.param("from .library import store\nstore(lambda: 1 + 1)", id="relative import"),
        pytest.param("import pkg.library as lib\nlib.store(lambda: 1 + 1)", id="module alias"),
        pytest.param("from pkg import library\nlibrary.store(lambda: 1 + 1)", id="from package"),
        pytest.param("from pkg import exported\nexported(lambda: 1 + 1)", id="re-export"),
        pytest.param("from .library import publish\npublish(lambda: 1 + 1)", id="under global"),
        pytest.param("from .library import relay\nrelay(lambda: 1 + 1)", id="through a call"),
        pytest.param(
            "from .library import relay_by_keyword\nrelay_by_keyword(lambda: 1 + 1)",
            id="through two calls, by keyword",
        ),
        pytest.param("from .library import later\nlater(lambda: 1 + 1)", id="captured and kept"),
        pytest.param("from .library import table\ntable(lambda: 1 + 1)", id="in a dict"),
        pytest.param("from .library import Bus\nBus(lambda: 1 + 1)", id="constructor"),
        pytest.param("from .library import Bus\nBus(sink=lambda: 1 + 1)", id="its keyword"),
        pytest.param("from .library import Job\nJob('n', lambda: 1 + 1)", id="dataclass field"),
        pytest.param("from .library import Bus\nBus().on('t', lambda: 1 + 1)", id="method"),
        pytest.param("from .library import Bus\nBus().keep(lambda: 1 + 1)", id="inherited"),
        pytest.param(
            "from .library import Bus\nb = Bus()\nb.on('t', lambda: 1 + 1)", id="variable"
        ),
        pytest.param(
            "from .library import Bus\ndef f(b: 'Bus | None'):\n    b.on('t', lambda: 1 + 1)",
            id="annotated parameter",
        ),
        pytest.param(
            "from .library import make_bus\nmake_bus().on('t', lambda: 1 + 1)",
            id="annotated return",
        ),
        pytest.param(
            """
            from .library import Bus

            class App:
                def __init__(self):
                    self.bus = Bus()

                def start(self):
                    self.bus.on("t", lambda: 1 + 1)
            """,
            id="attribute of self",
        ),
        pytest.param(
            """
            from .library import Bus

            class App(Bus):
                def start(self):
                    self.on("t", lambda: 1 + 1)
                    super().each(print)
            """,
            id="own method of a base class elsewhere",
        ),
        pytest.param(
            """
            from .library import Bus

            class App(Bus):
                def __init__(self):
                    super().__init__(lambda: 1 + 1)
            """,
            id="constructor of the base class",
        ),
        pytest.param(
            """
            from .library import Bus

            def start(bus: Bus):
                @bus.route("/")
                def work():
                    return 1 + 1
            """,
            id="registering decorator",
        ),
        pytest.param(
            """
            from .library import Bus

            def start(bus: Bus):
                handle = bus.on
                handle("t", lambda: 1 + 1)
            """,
            id="alias of a bound method",
        ),
    ],
)
def test_what_the_project_keeps_is_kept_for_certain_or_likely(fate_in, call: str) -> None:
    fate = fate_in(call)
    assert fate is not None
    assert fate.kept is Kept.BY_CALLEE
    assert fate.confidence >= Confidence.LIKELY


@pytest.mark.parametrize(
    "call",
    [
        pytest.param("from .library import apply\napply(lambda x: x + 1, 2)", id="called"),
        pytest.param("from .library import at_once\nat_once(lambda: 1 + 1)", id="inner function"),
        pytest.param("from .library import first\nfirst(lambda: 1 + 1)", id="mutual recursion"),
        pytest.param("from .library import Silent\nSilent(lambda: 1 + 1)", id="constructor"),
        pytest.param("from .library import Bus\nBus().each(lambda x: x + 1)", id="method"),
        pytest.param(
            "from .library import identity\nidentity(lambda: 1 + 1)()", id="returned and called"
        ),
        pytest.param(
            "from .library import wrapped\nwrapped(lambda: 1 + 1)()", id="wrapped, called"
        ),
    ],
)
def test_what_the_project_only_calls_is_not_kept(fate_in, call: str) -> None:
    fate = fate_in(call)
    assert fate is None or fate.confidence is Confidence.POSSIBLE


def test_the_result_of_a_call_that_returns_its_argument_decides(fate_in) -> None:
    fate = fate_in("""
        from .library import wrapped

        class App:
            def __init__(self):
                self.work = wrapped(lambda: 1 + 1)
        """)
    assert fate.kept is Kept.BY_STORE
    assert fate.how == "stored in `self.work`"


@pytest.mark.parametrize("call", ["as_default", "in_class", "with_keyword"])
def test_a_default_and_a_class_say_nothing_of_how_long_they_live(fate_in, call: str) -> None:
    fate = fate_in(f"from .library import {call}\n{call}(lambda: 1 + 1)")
    assert fate.confidence is Confidence.POSSIBLE


@pytest.mark.parametrize("call", ["Plain({})", "Job('n', other={})", "Job('n', 1, {})"])
def test_a_class_without_such_a_field_may_keep_it_as_any_class_does(fate_in, call: str) -> None:
    name = call.partition("(")[0]
    fate = fate_in(f"from .library import {name}\n{call.format('lambda: 1 + 1')}")
    assert (fate.confidence, fate.how) == (Confidence.LIKELY, f"handed to `{name}`")


@pytest.mark.parametrize("hook", ["hook", "hook_for"])
def test_what_a_factory_returns_under_a_condition_is_the_decorator(fate_in, hook: str) -> None:
    fate = fate_in(f"""
        from .library import {hook}

        def start():
            @{hook}("t")
            def work():
                return 1 + 1
        """)
    assert fate.how == f"handed to `@{hook}`, where it is stored in `HANDLERS`"


def test_a_method_of_an_unknown_object_is_judged_by_all_that_the_project_has(fate_in) -> None:
    fate = fate_in("def start(thing):\n    thing.keep(lambda: 1 + 1)\n")
    assert fate.confidence is Confidence.LIKELY
    assert fate.how == "handed to `thing.keep`, where it is stored in `self.function`"


def test_the_steps_lead_to_where_it_is_kept(fate_in) -> None:
    fate = fate_in("from .library import relay\nrelay(lambda: 1 + 1)")
    assert [(Path(step.path).name, step.place.line) for step in fate.steps] == [
        ("user.py", 2),
        ("library.py", 21),
        ("library.py", 12),
    ]
    assert fate.how == (
        "handed to `relay`, where it is handed to `store`, where it is stored in `HANDLERS`"
    )


@pytest.mark.parametrize(
    ("hops", "told"),
    [
        (1, "handed to `f1`, where it is handed to `f0`, where it is stored in `BUS`"),
        (2, "handed to `f2`, where it is at last stored in `BUS`"),
        (3, "handed to `f3`, where it is handed to `f2`, where it is at last stored in `BUS`"),
        (4, "handed to `f4`, where it is at last stored in `BUS`"),
    ],
)
def test_of_a_long_way_the_end_is_told_and_the_steps_tell_the_rest(
    fate_in, hops: int, told: str
) -> None:
    functions = "".join(f"def f{i}(x): f{i - 1}(x)\n" for i in range(1, hops + 1))
    fate = fate_in(f"BUS = []\ndef f0(x): BUS.append(x)\n{functions}f{hops}(lambda: 1 + 1)")
    assert fate.how == told
    assert [step.place.line for step in fate.steps] == [hops + 3, *range(hops + 2, 1, -1)]
    assert fate.steps[-1].what == "stored in `BUS`"


def test_a_way_without_end_is_told_in_its_first_step_and_its_last_ones(fate_in) -> None:
    functions = "".join(f"def f{i}(x): f{i - 1}(x)\n" for i in range(1, 41))
    fate = fate_in(f"BUS = []\ndef f0(x): BUS.append(x)\n{functions}f40(lambda: 1 + 1)")
    first, second, *_, last = fate.steps
    assert (first.place.line, first.what) == (43, "handed to `f40`")
    assert second.what == "handed on, in more steps than are told here"
    assert (last.place.line, last.what) == (2, "stored in `BUS`")
    assert len(fate.steps) == 20


def test_the_constructor_of_a_base_class_outside_of_the_project_is_in_the_table(fate_in) -> None:
    fate = fate_in("""
        import threading

        class Worker(threading.Thread):
            def __init__(self):
                super().__init__(target=lambda: 1 + 1)
        """)
    assert fate.confidence is Confidence.CERTAIN
    assert fate.how == "scheduled by `super().__init__`"


@pytest.mark.parametrize(
    ("store", "text"),
    [
        ("self.handlers[topic] = f", "self.handlers"),
        ("self.handlers[topic].append(f)", "self.handlers"),
        ("self.handlers.setdefault(topic, []).append(f)", "self.handlers"),
        ("HANDLERS.append(f)", "HANDLERS"),
        ("[][0].append(f)", "…"),
    ],
)
def test_a_container_is_called_by_what_holds_it(fate_in, store: str, text: str) -> None:
    fate = fate_in(f"""
        class Bus:
            def on(self, topic, f):
                {store}

        Bus().on("t", lambda: 1 + 1)
        """)
    assert fate.how == f"handed to `….on`, where it is stored in `{text}`"
