"""RL103: a decorator that a factory returns is gone when it has been applied; a wrapper stays."""

from __future__ import annotations

import gc
import weakref
from pathlib import Path

import pytest

from reloadlint.finding import Confidence
from tests.rules.checking import findings_in

FACTORY = """\
REGISTRY = {}


def factory(name):
    def decorator(function):
        REGISTRY[name] = function
        return function

    return decorator


"""
USES = {
    "applied": ("@factory('a')\ndef f():\n    pass\n", Confidence.LIKELY),
    "applied to a class": ("@factory('a')\nclass C:\n    pass\n", Confidence.LIKELY),
    "called at once": ("factory('a')(print)\n", Confidence.LIKELY),
    "applied, and made for nothing": (
        "@factory('a')\ndef f():\n    pass\nfactory('b')\n",
        Confidence.LIKELY,
    ),
    "applied as what another factory makes": (
        "def route(name):\n    return factory(name)\n@route('a')\ndef f():\n    pass\n",
        Confidence.LIKELY,
    ),
    "in no use": ("", Confidence.CERTAIN),
    "held by a name": ("held = factory('a')\n", Confidence.CERTAIN),
    "applied, and held": (
        "@factory('a')\ndef f():\n    pass\nheld = factory('b')\n",
        Confidence.CERTAIN,
    ),
    "applied, and held by what another function makes": (
        "@factory('a')\ndef f():\n    pass\ndef make():\n    return factory('b')\nheld = make()\n",
        Confidence.CERTAIN,
    ),
    "applied, and handed over": (
        "@factory('a')\ndef f():\n    pass\nlist(map(factory, 'b'))\n",
        Confidence.CERTAIN,
    ),
    "another's name": (
        "def use(factory):\n    @factory('a')\n    def f():\n        pass\n",
        Confidence.CERTAIN,
    ),
}


@pytest.mark.parametrize("name", USES)
def test_how_sure_it_is_that_a_decorator_is_held(tmp_path: Path, name: str) -> None:
    use, confidence = USES[name]
    (found,) = findings_in("RL103", tmp_path, {"m.py": FACTORY + use})
    assert found.confidence is confidence
    assert ("as a decorator" in found.message) == (confidence is Confidence.LIKELY)


@pytest.mark.parametrize("name", sorted(USES.keys() - {"in no use", "another's name"}))
def test_cpython_agrees(name: str) -> None:
    use, confidence = USES[name]
    made: list[weakref.ref[object]] = []
    note = "    made.append(ref(decorator))\n    return decorator"
    text = FACTORY.replace("    return decorator", note) + use
    namespace = {"made": made, "ref": weakref.ref}
    exec(text, namespace)
    gc.collect()
    is_held = any(decorator() is not None for decorator in made)
    assert not is_held or confidence is Confidence.CERTAIN


def test_of_a_private_factory_all_uses_are_in_sight(tmp_path: Path) -> None:
    text = f"{FACTORY}@factory('a')\ndef f():\n    pass\n".replace("factory", "_factory")
    assert findings_in("RL103", tmp_path, {"m.py": text}) == []


def test_a_private_factory_whose_decorator_is_held_is_found(tmp_path: Path) -> None:
    text = f"{FACTORY}held = factory('a')\n".replace("factory", "_factory")
    (found,) = findings_in("RL103", tmp_path, {"m.py": text})
    assert found.confidence is Confidence.CERTAIN


def test_a_factory_within_a_function_is_private(tmp_path: Path) -> None:
    body = f"{FACTORY}@factory('a')\ndef f():\n    pass\n".splitlines(keepends=True)
    text = "def main():\n" + "".join(f"    {line}" for line in body)
    assert findings_in("RL103", tmp_path, {"m.py": text}) == []


@pytest.mark.parametrize(
    ("use", "confidence"),
    [
        ("from m import factory\n@factory('a')\ndef f():\n    pass\n", Confidence.LIKELY),
        ("import m\n@m.factory('a')\ndef f():\n    pass\n", Confidence.LIKELY),
        (
            "import m\n@m.factory('a')\ndef f():\n    pass\nheld = m.factory('b')\n",
            Confidence.CERTAIN,
        ),
        ("@factory('a')\ndef f():\n    pass\n", Confidence.CERTAIN),
    ],
)
def test_uses_in_other_files_count(tmp_path: Path, use: str, confidence: Confidence) -> None:
    (found,) = findings_in("RL103", tmp_path, {"m.py": FACTORY, "use.py": use})
    assert found.confidence is confidence


METHOD = """\
class App:
    def __init__(self):
        self.routes = {}

    def route(self, name):
        def decorator(function):
            self.routes[name] = function
            return function

        return decorator


"""


@pytest.mark.parametrize(
    ("use", "confidence"),
    [
        ("app = App()\n@app.route('/')\ndef f():\n    pass\n", Confidence.LIKELY),
        ("def use(app):\n    @app.route('/')\n    def f():\n        pass\n", Confidence.LIKELY),
        ("app = App()\nheld = app.route('/')\n", Confidence.CERTAIN),
        (
            "app = App()\n@app.route('/')\ndef f():\n    pass\nheld = app.route('/b')\n",
            Confidence.CERTAIN,
        ),
    ],
)
def test_methods_that_make_decorators(tmp_path: Path, use: str, confidence: Confidence) -> None:
    (found,) = findings_in("RL103", tmp_path, {"m.py": METHOD + use})
    assert found.confidence is confidence


def test_the_wrapper_that_it_makes_stays_certain(tmp_path: Path) -> None:
    text = """\
        def retry(times):
            def decorator(function):
                def wrapper(*args):
                    for _ in range(times):
                        function(*args)
                return wrapper
            return decorator

        @retry(3)
        def send(x):
            print(x)
        """
    found = findings_in("RL103", tmp_path, {"m.py": text})
    assert [(f.start.line, f.confidence) for f in found] == [
        (2, Confidence.LIKELY),
        (3, Confidence.CERTAIN),
    ]


def test_a_factory_that_is_a_decorator_as_well_returns_both(tmp_path: Path) -> None:
    text = """\
        def logged(function=None, *, level=1):
            def decorator(function):
                def wrapper(*args):
                    print(level, args)
                    return function(*args)
                return wrapper
            if function is None:
                return decorator
            def direct(*args):
                print("direct", args)
                return function(*args)
            return direct

        @logged
        def f(x):
            pass

        @logged(level=2)
        def g(x):
            pass
        """
    found = findings_in("RL103", tmp_path, {"m.py": text})
    assert [(f.start.line, f.confidence) for f in found] == [
        (2, Confidence.LIKELY),
        (3, Confidence.CERTAIN),
        (9, Confidence.CERTAIN),
    ]


def test_what_the_decorator_itself_is_held_by_is_found(tmp_path: Path) -> None:
    text = """\
        DECORATORS = []

        def factory(name):
            def decorator(function):
                print(name, function)
                return function
            DECORATORS.append(decorator)
            return decorator

        @factory("a")
        def f():
            pass
        """
    assert findings_in("RL102", tmp_path, {"m.py": text})
