"""Frames are followed through the files of the project."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest

from reloadlint import files, registry
from reloadlint.config import Config
from reloadlint.facts.project import Project
from reloadlint.finding import Finding
from reloadlint.fix import fix
from reloadlint.lint import lint
from reloadlint.source import SourceFile

RULES = [rule for rule in registry.load() if rule.fixable == "hoist"]
CALLER = """\
from package.old import Tool, old


def f(bus):
    bus.subscribe(lambda x: old(x) + 1)
"""


def only_finding(folder: Path, **texts: str) -> Finding:
    """What is found in `user`, in a package with the other modules."""
    package = folder / "package"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    for name, text in texts.items():
        (package / f"{name}.py").write_text(text, encoding="utf-8")
    config = Config(root=folder)
    project = Project(config, files.read, [str(path) for path in package.glob("*.py")])
    source = files.read(str(package / "user.py"))
    (finding,) = lint(source, RULES, config, project=project).findings
    return finding


def test_a_function_of_another_file_looks_at_its_callers_caller(tmp_path: Path) -> None:
    old = "import warnings\n\n\ndef old(x):\n    warnings.warn('x', stacklevel=3)\n    return x\n"
    finding = only_finding(tmp_path, user=CALLER, old=old)
    assert finding.refusal == "`old` looks at the names or the frame of its caller"


def test_one_that_looks_at_its_caller_sees_the_body_as_before(tmp_path: Path) -> None:
    old = "import warnings\n\n\ndef old(x):\n    warnings.warn('x', stacklevel=2)\n    return x\n"
    assert only_finding(tmp_path, user=CALLER, old=old).fix is not None


def test_one_that_looks_as_far_as_it_is_told_may_look_at_it(tmp_path: Path) -> None:
    old = "import warnings\n\n\ndef old(x):\n    warnings.warn('x', stacklevel=x)\n    return x\n"
    assert only_finding(tmp_path, user=CALLER, old=old).fix is None


def test_the_way_may_lead_through_several_files(tmp_path: Path) -> None:
    old = "from package.where import where\n\n\ndef old(x):\n    return where() + x\n"
    where = "import sys\n\n\ndef where():\n    return sys._getframe(2).f_lineno\n"
    assert only_finding(tmp_path, user=CALLER, old=old, where=where).fix is None


def test_a_constructor_is_a_call(tmp_path: Path) -> None:
    old = "import inspect\n\n\nclass Tool:\n    def __init__(self):\n        inspect.stack()\n"
    user = CALLER.replace("old(x) + 1", "Tool() and x + 1")
    assert only_finding(tmp_path, user=user, old=old).fix is None


def test_a_decorator_wraps_what_other_files_put_under_it(tmp_path: Path) -> None:
    user = "def logged(function):\n    def wrapper(x):\n        return function(x) + 1\n\n"
    user += "    return wrapper\n"
    other = "import sys\nfrom package import user\n\n\n"
    other += "@user.logged\ndef here(x):\n    return sys._getframe(x)\n"
    finding = only_finding(tmp_path, user=user, other=other)
    assert finding.refusal == "`function` looks at the names or the frame of its caller"


def test_a_decorator_over_another_one_wraps_its_wrapper(tmp_path: Path) -> None:
    user = "def logged(function):\n    def wrapper(x):\n        return function(x) + 1\n\n"
    user += "    return wrapper\n"
    other = "import inspect\nfrom package.user import logged\n\n\n"
    other += "def action(function):\n    def wrapper(x):\n        inspect.stack()\n"
    other += "        return function(x)\n\n    return wrapper\n\n\n"
    other += "@logged\n@action\ndef here(x):\n    return x\n"
    assert only_finding(tmp_path, user=user, other=other).fix is None


def test_a_decorator_over_plain_functions_is_hoisted(tmp_path: Path) -> None:
    user = "def logged(function):\n    def wrapper(x):\n        return function(x) + 1\n\n"
    user += "    return wrapper\n"
    other = "from package import user\n\n\n@user.logged\ndef here(x):\n    return x\n"
    assert only_finding(tmp_path, user=user, other=other).fix is not None


LOGGER = """\
import warnings


class Log:
    def complain(self, text):
        self._write(text)

    def _write(self, text):
        warnings.warn(text, stacklevel=4)
"""


def test_a_method_of_an_object_of_unknown_class_is_followed_by_its_name(tmp_path: Path) -> None:
    user = "def f(log):\n    return lambda x: log.complain(x) or x + 1\n"
    finding = only_finding(tmp_path, user=user, log=LOGGER)
    assert finding.refusal == "`log.complain` looks at the names or the frame of its caller"


def test_a_function_of_that_name_is_no_method(tmp_path: Path) -> None:
    user = "def f(log):\n    return lambda x: log.complain(x) or x + 1\n"
    plain = "\n\ndef complain(text):\n    print(text)\n"
    assert only_finding(tmp_path, user=user, log=LOGGER + plain).fix is None


def test_one_that_looks_no_further_than_at_the_body_does_no_harm(tmp_path: Path) -> None:
    user = "def f(log):\n    return lambda x: log.complain(x) or x + 1\n"
    finding = only_finding(tmp_path, user=user, log=LOGGER.replace("=4", "=3"))
    assert finding.fix is not None


def test_a_name_that_no_method_has_is_not(tmp_path: Path) -> None:
    user = "def f(log):\n    return lambda x: log.write(x) or x + 1\n"
    assert only_finding(tmp_path, user=user, log=LOGGER).fix is not None


def test_a_name_that_harmless_methods_have_as_well_is_not(tmp_path: Path) -> None:
    user = "def f(log):\n    return lambda x: log.complain(x) or x + 1\n"
    other = "class Other:\n    def complain(self, text):\n        print(text)\n"
    assert only_finding(tmp_path, user=user, log=LOGGER, other=other).fix is not None


BEYOND = """\
import warnings


class Old:
    @property
    def size(self):
        warnings.warn("old", stacklevel=3)
        return 1

    def __call__(self, x):
        warnings.warn("old", stacklevel=3)
        return x

    def __enter__(self):
        warnings.warn("old", stacklevel=3)

    def __exit__(self, *error):
        pass

    def __getitem__(self, x):
        warnings.warn("old", stacklevel=3)


def by_size(x):
    warnings.warn("old", stacklevel=3)
    return x
"""
WITHOUT_PARENTHESES = {
    "a property": "def f(bus, old: Old):\n    bus.subscribe(lambda x: old.size + x)\n",
    "an object that is called": "def f(bus, old: Old):\n    bus.subscribe(lambda x: old(x) + 1)\n",
    "an item": "def f(bus, old: Old):\n    bus.subscribe(lambda x: old[x] or x + 1)\n",
    "a context": "def f(bus):\n    def send(x):\n        with Old():\n            bus.go(x)\n\n"
    "    bus.subscribe(send)\n",
    "a key": "def f(bus):\n    bus.subscribe(lambda x: max(x, key=by_size) + 1)\n",
}


@pytest.mark.parametrize("user", WITHOUT_PARENTHESES.values(), ids=WITHOUT_PARENTHESES)
def test_some_calls_have_no_parentheses(tmp_path: Path, user: str) -> None:
    user = "from package.old import Old, by_size\n\n\n" + user
    finding = only_finding(tmp_path / "1", user=user, old=BEYOND)
    assert finding.refusal is not None
    assert finding.refusal.endswith("looks at the names or the frame of its caller")
    near = BEYOND.replace("stacklevel=3", "stacklevel=2")
    assert only_finding(tmp_path / "2", user=user, old=near).fix is not None


def test_what_is_called_another_time_stands_on_another_stack(tmp_path: Path) -> None:
    user = "from package.old import by_size\n\n\ndef f(bus, loop):\n"
    user += "    bus.subscribe(lambda x: loop.call_later(x, by_size) or x + 1)\n"
    assert only_finding(tmp_path, user=user, old=BEYOND).fix is not None


HEAD = "import warnings\nfrom functools import wraps\n\nEVENTS = []\n\n\n"
WARNED = {
    "a lambda that has a name": """\
def start(bus):
    warn = lambda x: warnings.warn(x, stacklevel=3)

    def inner(x):
        print(end="")
        warn(x)

    bus.append(inner)


start(EVENTS)
for event in EVENTS:
    event("old")  # here
""",
    "what a moved body has captured": """\
def start(bus):
    def warn(x):
        warnings.warn(x, stacklevel=3)

    def outer(x):
        def inner(x):
            print(end="")
            warn(x)

        bus.append(inner)

    bus.append(outer)


start(EVENTS)
for event in EVENTS[:]:
    event("old")
EVENTS.pop()("old")  # here
""",
    "an object that a moved body has captured": """\
class Log:
    def complain(self, x):
        warnings.warn(x, stacklevel=3)


class Other:
    def complain(self, x):
        print(x)


def start(bus):
    log = Log()

    def outer(x):
        def inner(x):
            print(end="")
            log.complain(x)

        bus.append(inner)

    bus.append(outer)


start(EVENTS)
EVENTS[0]("old")
EVENTS.pop()("old")  # here
""",
    "what the moved body of a decorator decorates": """\
def tag(level):
    def decorate(function):
        name = function.__name__

        @wraps(function)
        def wrapped(*args):
            print(level, name, end="")
            return function(*args)

        return wrapped

    return decorate


@tag("")
def old():
    warnings.warn("old", stacklevel=3)


old()  # here
""",
}


@pytest.mark.parametrize("text", WARNED.values(), ids=WARNED)
def test_all_fixes_together_leave_the_line_of_a_warning(text: str) -> None:
    fixed = fix(SourceFile("m.py", HEAD + text), RULES, Config())
    assert fixed.converged
    for program in (HEAD + text, fixed.text):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            exec(compile(program, "m.py", "exec"), {"__name__": "m"})
        (warning,) = caught
        assert program.splitlines()[warning.lineno - 1].endswith("# here")
