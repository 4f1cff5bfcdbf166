"""RL402: what counts as started at import, and what does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.rules.checking import findings, findings_in, flagged


@pytest.mark.parametrize(
    "text",
    [
        "import threading\nthreading.Thread(target=print).start()",
        "import threading\nt = threading.Timer(5, print)\nt.start()",
        "from threading import Thread as T\nif DEBUG:\n    T().start()",
        "import threading\nclass W(threading.Thread): pass\nW().start()",
        "import threading\nclass W(threading.Thread): pass\nclass V(W): pass\nv = V()\nv.start()",
        "from concurrent.futures import ThreadPoolExecutor\np = ThreadPoolExecutor()\np.submit(f)",
        "import subprocess\nproc = subprocess.Popen(['x'])",
        "import multiprocessing\npool = multiprocessing.Pool(2)",
        "from http.server import HTTPServer\nserver = HTTPServer(('', 80), None)",
        "import asyncio\nasyncio.run(main())",
        "log = open('x', 'a')\ndef f(): log.write('y')",
        "import pathlib\nlog = pathlib.Path('x').open('a')\ndef f(): return log",
        "class C:\n    log = open('x', 'a')",
        "try:\n    log = open('x', 'a')\nexcept OSError:\n    log = None\nf = lambda: log",
    ],
)
def test_what_is_flagged(text: str) -> None:
    assert len(flagged("RL402", text + "\n")) == 1


@pytest.mark.parametrize(
    "text",
    [
        "with open('x') as f:\n    text = f.read()",
        "text = open('x').read()",
        "file = open('x')\ntext = file.read()",
        "import subprocess\np = subprocess.Popen(['x'])\nout = p.communicate()",
        "import threading\nt = threading.Thread()\nt.start()\nt.join()",
        "import tracemalloc\ntracemalloc.start()",
        "def f():\n    return open('x')",
        "f = lambda: open('x')",
        "import threading\nt = threading.Thread(target=print)",
        "import threading\nif __name__ == '__main__':\n    threading.Thread(target=print).start()",
        "import threading\nif '__main__' == __name__ and DEBUG:\n    threading.Thread().start()",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    log = open('x')",
        "if 'log' not in globals():\n    log = open('x')",
        "log = None\nif not log:\n    log = open('x')",
        "def start(): pass\nstart()",
        "class Clock:\n    def start(self): pass\nclock = Clock()\nclock.start()",
        "import subprocess\nsubprocess.run(['x'])",
        "log = open('x')\ndef f(): log\ndef __before_reload__():\n    log.close()",
        "def open(name): return name\nlog = open('x')",
        "import pathlib\nlog = pathlib.Path('x')\nlog.open('a')\ndef f(): return log",
    ],
)
def test_what_is_left_alone(text: str) -> None:
    assert flagged("RL402", text + "\n") == []


def test_what_an_unknown_object_starts_is_likely_only() -> None:
    (found,) = findings("RL402", "from app import scheduler\nscheduler.start()\n")
    assert found.confidence.label == "likely"


def test_a_class_of_another_file_is_followed(tmp_path: Path) -> None:
    (found,) = findings_in(
        "RL402",
        tmp_path,
        {
            "workers.py": "import threading\n\n\nclass Worker(threading.Thread):\n    pass\n",
            "app.py": "from workers import Worker\n\nWorker().start()\n",
        },
    )
    assert found.message == (
        "`Worker().start` starts a thread at import: each reload starts one more, beside the one "
        "that goes on with the old code"
    )


def test_a_script_is_left_alone(tmp_path: Path) -> None:
    text = "import asyncio\n\nasyncio.run(main())\n"
    assert findings_in("RL402", tmp_path, {"app/__main__.py": text}) == []


def test_the_advice_is_for_a_person() -> None:
    (found,) = findings("RL402", "import subprocess\nsubprocess.Popen(['x'])\n")
    assert found.fix is not None
    assert found.fix.applicability.value == "display-only"
    assert found.fix.edits == ()


def test_functions_that_the_module_calls_are_followed() -> None:
    body = "    t = threading.Thread(target=print)\n    t.start()\n    text = open('x').read()\n"
    text = f"import threading\ndef _setup():\n{body}    file = open('x')\n    return file.name\n"
    assert flagged("RL402", text) == []
    assert flagged("RL402", f"{text}_setup()\n") == ["t.start()"]
