"""RL401: what adds to a registry that outlives the module, and what may be repeated."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.rules.checking import findings, findings_in, flagged


@pytest.mark.parametrize(
    "text",
    [
        "import atexit\ndef f(): pass\natexit.register(f)",
        "from atexit import register\n@register\ndef f(): pass",
        "import atexit\natexit.register(lambda: 0)",
        "import signal\ndef f(*a): pass\nsignal.signal(signal.SIGTERM, f)",
        "import signal\ndef f(*a): pass\nold = signal.signal(signal.SIGTERM, f)",
        "import logging\nlogging.getLogger('x').addHandler(logging.StreamHandler())",
        "import logging\nlog = logging.getLogger('x')\nlog.addHandler(logging.StreamHandler())",
        "import logging\nh = logging.StreamHandler()\nlogging.getLogger().addHandler(h)",
        "import codecs\ndef f(name): pass\ncodecs.register(f)",
        "import gc\ndef f(*a): pass\ngc.callbacks.append(f)",
        "import sys\nclass Finder: pass\nsys.meta_path.insert(0, Finder())",
        "import os\ndef f(): pass\nos.register_at_fork(before=f)",
        "from app import HANDLERS\ndef f(): pass\nHANDLERS.append(f)",
        "import app\nclass P: pass\napp.plugins.all.append(P)",
        "import app\ndef f(): pass\napp.HANDLERS += [f]",
        "import app\ndef f(): pass\napp.HANDLERS['x'].append(f)",
        "from app import bus\n@bus.on('x')\ndef f(): pass",
        "from app import bus\n@bus.subscribe\nclass C: pass",
        "from web import app\n@app.route('/')\ndef index(): pass",
        "import app\ndef f(): pass\napp.events.add_listener('x', f)",
        "from reloadlint.runtime import keep\nH = keep('H', list)\ndef f(): pass\nH.append(f)",
        "H = globals().get('H', [])\ndef f(): pass\nH.append(f)",
        "import app\nH = app.HANDLERS\nG = H\ndef f(): pass\nG.append(f)",
        "import atexit, sys\ndef f(): pass\nmatch sys.platform:\n    case 'linux':\n"
        "        atexit.register(f)",
    ],
)
def test_what_is_flagged(text: str) -> None:
    assert len(flagged("RL401", text + "\n")) == 1


@pytest.mark.parametrize(
    "text",
    [
        "import app\ndef f(): pass\napp.HANDLERS['x'] = f",
        "import app\ndef f(): pass\napp.HANDLERS.setdefault('x', f)",
        "import app\ndef f(): pass\napp.HANDLERS.update(x=f)",
        "import app\napp.NAMES.add('x')",
        "import app\napp.NAMES.append('x')",
        "import sys, os\nHERE = os.path.dirname(__file__)\nsys.path.insert(0, HERE)",
        "H = []\ndef f(): pass\nH.append(f)",
        "class Bus: pass\nbus = Bus()\n@bus.on('x')\ndef f(): pass",
        "import flask\napp = flask.Flask('x')\n@app.route('/')\ndef f(): pass",
        "import atexit\ndef main():\n    atexit.register(print)",
        "import atexit\nif __name__ == '__main__':\n    atexit.register(print)",
        "import atexit\ndef f(): pass\natexit.register(f)\ndef __before_reload__(): pass",
        "import logging\nlog = logging.getLogger('x')\nif not log.handlers:\n"
        "    log.addHandler(logging.StreamHandler())",
        "import logging\nlogging.getLogger('x').addHandler(logging.NullHandler())",
        "import signal\nsignal.signal(signal.SIGPIPE, signal.SIG_DFL)",
        "from collections.abc import Sequence\nclass S: pass\nSequence.register(S)",
        "from app import Base\nclass S: pass\nBase.register(S)",
        "import codecs\ndef f(e): pass\ncodecs.register_error('x', f)",
        "import functools\n@functools.lru_cache\ndef f(): pass",
        "import click\n@click.command()\n@click.option('-x')\ndef f(): pass",
        "import pytest\n@pytest.fixture\ndef f(): pass",
        "from app import bus\nclass C:\n    @bus.on('x')\n    def f(self): pass",
        "H = []\ndef f(): pass\nH += [f]",
        "import app\napp.NAMES += ['x']",
        "import app\ndef f(): pass\n(app.HANDLERS or []).append(f)",
        "import app\nA = app.HANDLERS\nB = A\nC = B\nD = C\nE = D\ndef f(): pass\nE.append(f)",
    ],
)
def test_what_is_left_alone(text: str) -> None:
    assert flagged("RL401", text + "\n") == []


REGISTRY = """\
    import atexit

    ALL = []
    NAMED = {}
    CLASSES = set()


    def added(f):
        ALL.append(f)
        return f


    def named(f):
        NAMED[f.__name__] = f
        return f


    def marked(f):
        f.is_hook = True
        return f


    def on(event):
        def register(f):
            ALL.append((event, f))
            return f

        return register


    def keyed(event):
        def register(f):
            NAMED[event] = f
            return f

        return register


    def later(f):
        added(f)


    class Entry:
        def __init__(self, f):
            self.f = f


    class route(Entry):
        pass


    def entered(f):
        ALL.append(Entry(f))
        return f


    def many(*functions):
        ALL.extend(functions)


    def wrapped(f):
        def wrapper():
            return f()

        ALL.append(wrapper)
        return wrapper


    def at_exit(f):
        atexit.register(f)


    def classed(cls):
        CLASSES.add(cls)
        return cls


    class Bus:
        def __init__(self):
            self.handlers = []

        def on(self, event, f):
            self.handlers.append(f)


    bus = Bus()
    """


@pytest.mark.parametrize(
    ("use", "is_flagged"),
    [
        ("@registry.added\ndef f(): pass", True),
        ("@registry.named\ndef f(): pass", False),
        ("@registry.marked\ndef f(): pass", False),
        ("@registry.on('x')\ndef f(): pass", True),
        ("@registry.keyed('x')\ndef f(): pass", False),
        ("@registry.later\ndef f(): pass", True),
        ("@registry.entered\ndef f(): pass", True),
        ("@registry.classed\nclass C: pass", True),
        ("def f(): pass\nregistry.bus.on('x', f)", True),
        ("def f(): pass\nregistry.added(f)", True),
        ("def f(): pass\nregistry.named(f)", False),
        ("registry.added(1)", False),
        ("def f(): pass\nregistry.many(print, f)", True),
        ("@registry.wrapped\ndef f(): pass", True),
        ("@registry.at_exit\ndef f(): pass", True),
        ("@registry.route\ndef f(): pass", False),
    ],
)
def test_what_the_project_does_is_read_in_its_code(
    use: str, is_flagged: bool, tmp_path: Path
) -> None:
    texts = {"registry.py": REGISTRY, "app.py": f"import registry\n\n\n{use}\n"}
    assert bool(findings_in("RL401", tmp_path, texts)) is is_flagged


def test_the_newest_takes_the_one_place_of_a_signal() -> None:
    (found,) = findings("RL401", "import signal\ndef f(*a): pass\nsignal.signal(2, f)\n")
    assert found.message == (
        "`signal.signal` registers `f` at import: a reload does so again, "
        "over what has been installed since"
    )


@pytest.mark.parametrize(
    "text",
    [
        "import atexit\ndef f(): pass\ndef _setup():\n    atexit.register(f)\n_setup()",
        "import logging\ndef _setup():\n    log = logging.getLogger('x')\n"
        "    h = logging.StreamHandler()\n    log.addHandler(h)\n_setup()",
        "def f(): pass\ndef _setup():\n    import atexit\n    atexit.register(f)\n_setup()",
        "import atexit\ndef f(): pass\ndef _a():\n    atexit.register(f)\n"
        "def _b():\n    _a()\n_b()",
        "from app import bus\ndef _setup():\n    @bus.on('x')\n    def f(): pass\n_setup()",
    ],
)
def test_functions_that_the_module_calls_are_followed(text: str) -> None:
    assert len(flagged("RL401", text + "\n")) == 1


@pytest.mark.parametrize(
    "text",
    [
        "import atexit\ndef f(): pass\ndef _setup():\n    atexit.register(f)",
        "import atexit\ndef f(): pass\ndef _setup():\n    atexit.register(f)\n"
        "if DONE:\n    _setup()",
        "import atexit\ndef f(): pass\ndef _setup():\n    if DONE:\n        return\n"
        "    atexit.register(f)\n_setup()",
        "def f(): pass\ndef _setup(bus):\n    bus.subscribe(f)\n_setup(1)",
        "from vol import Schema\ndef f(): pass\nSchema({}).extend({'a': f})",
        "from app import Field\n@Field.register_lookup\nclass F: pass",
        "from app import Field\nclass F: pass\nField.register_lookup(F)",
        "def f(): pass\ndef _setup():\n    held = []\n    held.append(f)\n_setup()",
        "import atexit, functools\ndef f(): pass\n@functools.cache\ndef _setup():\n"
        "    atexit.register(f)\n_setup()",
        "import atexit\ndef f(): pass\ndef _setup():\n    atexit.register(f)\n"
        "if __name__ == '__main__':\n    _setup()",
        "import atexit\ndef f(): pass\ndef _setup():\n    atexit.register(f)\n"
        "class C:\n    def _setup(): pass\n    _setup()",
        "import app\ndef f(): pass\ndef _setup():\n    held = app.HANDLERS\n    held = []\n"
        "    held.append(f)\n_setup()",
    ],
)
def test_but_not_where_they_may_do_nothing(text: str) -> None:
    assert flagged("RL401", text + "\n") == []


HELPERS = """\
    import atexit
    import json
    import logging
    import threading

    HANDLERS = []


    def work():
        print(1)


    def registers():
        atexit.register(work)


    def logs():
        log = logging.getLogger("x")
        log.addHandler(logging.StreamHandler())


    def logs_once():
        log = logging.getLogger("x")
        if not log.handlers:
            log.addHandler(logging.StreamHandler())


    def once():
        if not HANDLERS:
            atexit.register(work)


    def starts():
        threading.Thread(target=work).start()


    def patches():
        json.dumps = work


    def by_another():
        registers()


    def later():
        yield atexit.register(work)
"""


@pytest.mark.parametrize(
    ("code", "use", "message"),
    [
        ("RL401", "registers()", "`atexit.register` in `registers` registers `work` at import"),
        ("RL401", "logs()", "`log.addHandler` in `logs` registers"),
        ("RL401", "by_another()", "`atexit.register` in `by_another` registers"),
        ("RL401", "logs_once()", ""),
        ("RL401", "once()", ""),
        ("RL401", "later()", ""),
        ("RL401", "if DEBUG:\n    registers()", ""),
        ("RL401", "def main():\n    registers()", ""),
        ("RL402", "starts()", "` in `starts` starts a thread at import"),
        ("RL403", "patches()", "`json.dumps` is patched in `patches` at import"),
    ],
)
def test_functions_of_other_files_that_the_module_calls_are_followed(
    code: str, use: str, message: str, tmp_path: Path
) -> None:
    names = "by_another, later, logs, logs_once, once, patches, registers, starts"
    app = f"from helpers import {names}\n\nDEBUG = 0\n{use}\n"
    texts = {"helpers.py": HELPERS, "app.py": app}
    found = [f.message for f in findings_in(code, tmp_path, texts) if "app" in f.path]
    assert len(found) == bool(message)
    assert all(message in each for each in found)
