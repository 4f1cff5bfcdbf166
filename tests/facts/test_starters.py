"""Who runs a function with an endless loop, and who holds the generator that it makes."""

from __future__ import annotations

from pathlib import Path

import pytest

from reloadlint import files
from reloadlint.config import Config
from reloadlint.facts.project import Project
from tests.rules.checking import findings, findings_in, flagged
from tests.rules.looping import MAIN, PRELUDE, WORK, loop


@pytest.mark.parametrize(
    "start",
    [
        "def start():\n    t = threading.Thread(None, serve)",
        "def start():\n    pool.submit(serve, 1)",
        "async def start():\n    await asyncio.to_thread(serve, 1)",
        "def start():\n    threading.Thread(target=lambda: serve(1, 2)).start()",
        "import functools\ndef start():\n    pool.submit(functools.partial(serve, 1))",
        "if __name__ == '__main__':\n    serve(1, 2)",
        MAIN,
    ],
)
def test_who_runs_a_function(start: str) -> None:
    assert len(flagged("RL106", loop("while True:", start))) == 1


@pytest.mark.parametrize(
    "start",
    [
        "from app.worker import serve\n\n\ndef start():\n    threading.Thread(target=serve)",
        "from app.worker import serve as work\n\n\ndef start():\n    pool.submit(work)",
        "from .worker import serve\nif __name__ == '__main__':\n    serve(1, 2)",
        "from . import worker\nif __name__ == '__main__':\n    worker.serve(1, 2)",
        "import app.worker\n\n\ndef start():\n    pool.submit(app.worker.serve)",
        "from app.worker import (\n    other,  # first\n    serve,\n)\n\n\n"
        "def main():\n    serve(1, 2)\n\n\nif __name__ == '__main__':\n    main()",
    ],
)
def test_who_runs_a_function_of_another_file(start: str, tmp_path: Path) -> None:
    texts = {
        "app/__init__.py": "",
        "app/worker.py": loop("while True:", "def other(): pass"),
        "app/start.py": f"import threading\nfrom pools import pool\n{start}\n",
    }
    (found,) = findings_in("RL106", tmp_path, texts)
    assert found.message.startswith("this loop goes on in ")
    assert findings_in("RL106", tmp_path, {**texts, "app/start.py": "from .worker import *"}) == []


def test_a_file_that_is_broken_runs_nothing(tmp_path: Path) -> None:
    texts = {"worker.py": loop("while True:", ""), "start.py": "from worker import serve\n"}
    findings_in("RL106", tmp_path, texts)
    start = "import threading\nfrom worker import serve\nthreading.Thread(target=serve).start()\n"
    paths = [str(tmp_path / name) for name in texts]
    for text, is_run in ((start, True), (start + "(\n", False)):
        (tmp_path / "start.py").write_text(text, encoding="utf-8")
        facts = Project(Config(root=tmp_path), files.read, paths).facts(paths[0])
        assert facts is not None
        assert bool(facts.endless_loops) is is_run


def test_who_runs_a_method_of_another_file(tmp_path: Path) -> None:
    texts = {
        "bot.py": """\
            class Bot:
                async def run(self, inbox, bus):
                    while True:
                        job = await inbox.get()
                        bus.show(job.name + "!", len(job))
            """,
        "main.py": """\
            import asyncio
            from bot import Bot

            asyncio.run(Bot().run(1, 2))
            """,
    }
    (found,) = findings_in("RL106", tmp_path, texts)
    assert found.message.startswith("this loop goes on in the event loop")
    assert findings_in("RL106", tmp_path, {**texts, "main.py": "from bot import Bot\n"}) == []


@pytest.mark.parametrize(
    "start",
    [
        "async def start():\n    asyncio.ensure_future(serve(1, 2))",
        "async def start():\n    await asyncio.gather(serve(1, 2), serve(3, 4))",
        "async def start():\n    await asyncio.gather(*[serve(1, 2)])",
        "async def start(group):\n    group.create_task(serve(1, 2))",
        "async def start(nursery):\n    nursery.start_soon(serve, 1, 2)",
        "if __name__ == '__main__':\n    asyncio.run(serve(1, 2))",
        "async def main():\n    await serve(1, 2)\n\n\ndef run():\n    asyncio.run(main())",
    ],
)
def test_who_runs_a_coroutine(start: str) -> None:
    assert len(flagged("RL106", loop("while True:", start, keyword="async def"))) == 1


def test_methods_and_threads_by_inheritance() -> None:
    text = """\
        import threading


        class Worker(threading.Thread):
            def run(self):
                while True:
                    self.count = self.count + len(self.jobs.get())


        class Bot:
            def start(self):
                threading.Thread(target=self._run).start()

            def _run(self):
                while self.running:
                    self.count = self.count + len(self.jobs.get())
        """
    assert len(flagged("RL106", text)) == 2


@pytest.mark.parametrize(
    "holder",
    [
        "class C:\n    def f(self):\n        self.g = serve()",
        "g = None\n\n\ndef f():\n    global g\n    g = serve()",
    ],
)
def test_a_generator_that_is_held(holder: str) -> None:
    text = (
        f"def serve():\n    n = 0\n    while True:\n        n = n * 2 + (yield n)\n\n\n{holder}\n"
    )
    (found,) = findings("RL106", text)
    assert "in the generator that `" in found.message
    assert found.refusal == "it yields"


@pytest.mark.parametrize("guard", ["if __name__ == '__main__':\n", "if True:\n"])
def test_a_loop_of_the_module_goes_on_where_that_is_the_program(guard: str) -> None:
    body = "    while True:\n        job = bus.get()\n        bus.show(job.name + '!', len(job))\n"
    is_program = "__main__" in guard
    assert flagged("RL106", PRELUDE + guard + body) == ["while True:"] * is_program


@pytest.mark.parametrize(
    "start",
    [
        "def start():\n    serve(1, 2)\n\n\nthreading.Thread(target=start).start()",
        "async def start():\n    job = serve(1, 2)\n\n\nasyncio.run(start())",
    ],
)
def test_a_coroutine_that_nobody_awaits_does_not_run(start: str) -> None:
    assert flagged("RL106", loop("while True:", start, keyword="async def")) == []


@pytest.mark.parametrize(("call", "runs"), [("yield from serve(1, 2)", 1), ("serve(1, 2)", 0)])
def test_a_generator_runs_where_it_is_gone_through(call: str, runs: int) -> None:
    work = f"{WORK}\n        yield"
    start = f"def start():\n    {call}\n\n\nthreading.Thread(target=start).start()"
    assert len(flagged("RL106", loop("while True:", start, work=work))) == runs


def test_a_generator_of_the_module_is_made_anew() -> None:
    text = (
        "def serve():\n    n = 0\n    while True:\n        n = n * 2 + (yield n)\n\n\ng = serve()\n"
    )
    assert flagged("RL106", text) == []
