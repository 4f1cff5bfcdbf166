"""RL106: which loops go on for long with work in them, and what a turn that is a call does."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from tests.rules.checking import findings, findings_in, fixed, flagged

PRELUDE = "import asyncio, itertools, threading\nfrom app import bus, pool\n\n\n"
WORK = "job = inbox.get()\n        bus.show(job.name + '!', len(job))"


def loop(head: str, start: str, *, keyword: str = "def", work: str = WORK) -> str:
    return f"{PRELUDE}{keyword} serve(inbox, stop):\n    {head}\n        {work}\n\n\n{start}\n"


THREAD = "def start():\n    threading.Thread(target=serve).start()"
TASK = "async def start():\n    asyncio.create_task(serve(1, 2))"


@pytest.mark.parametrize(
    "head",
    [
        "while True:",
        "while 1:",
        "while not stop.is_set():",
        "while bus.running:",
        "while bus.running and not stop:",
        "for job in iter(inbox.get, None):",
        "for n in itertools.count():",
        "for n in itertools.cycle('ab'):",
    ],
)
def test_loops_that_do_not_end(head: str) -> None:
    assert flagged("RL106", loop(head, THREAD)) == [head]


@pytest.mark.parametrize(
    "head", ["while not bus.connected:", "while not stop.done():", "while not bus.is_connected():"]
)
def test_loops_that_only_wait_for_something_else(head: str) -> None:
    assert flagged("RL106", loop(head, THREAD)) == []


@pytest.mark.parametrize(
    "work",
    [
        "try:\n            job = inbox.get(); bus.show(job.name + '!')\n            break\n"
        "        except ValueError:\n            bus.show('again')",
        "try:\n            job = inbox.get(timeout=1)\n        except TimeoutError:\n"
        "            break\n        bus.show(job.name + '!', len(job))",
    ],
)
def test_loops_that_give_up(work: str) -> None:
    assert flagged("RL106", loop("while True:", THREAD, work=work)) == []


def test_a_loop_around_another_does_not_give_up() -> None:
    work = (
        "try:\n            job = bus.connect(inbox + '!')\n            while job.going:\n"
        "                job.wait()\n            break\n"
        "        except ValueError:\n            bus.show('again')"
    )
    assert flagged("RL106", loop("while True:", THREAD, work=work)) == ["while True:"]


@pytest.mark.parametrize("source", ["bus.events", "stop.listen()", "inbox.stream", "websocket"])
def test_what_an_async_for_listens_to(source: str) -> None:
    head = f"async for job in {source}:"
    assert flagged("RL106", loop(head, TASK, keyword="async def")) == [head]


@pytest.mark.parametrize(
    "start",
    [
        "def start():\n    t = threading.Thread(None, serve)",
        "def start():\n    pool.submit(serve, 1)",
        "async def start():\n    await asyncio.to_thread(serve, 1)",
        "def start():\n    threading.Thread(target=lambda: serve(1, 2)).start()",
        "import functools\ndef start():\n    pool.submit(functools.partial(serve, 1))",
        "if __name__ == '__main__':\n    serve(1, 2)",
        "def main():\n    serve(1, 2)\n\n\nif __name__ == '__main__':\n    main()",
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


@pytest.mark.parametrize(
    ("head", "work", "start"),
    [
        ("while True:", WORK, "def start():\n    serve(1, 2)"),  # nobody shows for how long
        ("while inbox:", WORK, THREAD),
        ("for job in inbox:", WORK, THREAD),
        ("while True:", "bus.turn()", THREAD),
        ("while True:", "bus.turn(inbox.get())\n        bus.sleep(60 * 5)", THREAD),
        ("while True:", "if stop.is_set():\n            return\n        bus.turn()", THREAD),
        (
            "while True:",
            "try:\n            bus.turn()\n        except E:\n            pass",
            THREAD,
        ),
        (
            "while True:",
            "x = q.get_nowait() * 2\n        if x:\n            break\n        f(x)",
            THREAD,
        ),
        ("while True:", "n = len(inbox) * 2\n        if n > 9:\n            break", THREAD),
    ],
)
def test_what_is_left_alone(head: str, work: str, start: str) -> None:
    assert flagged("RL106", loop(head, start, work=work)) == []


def test_a_generator_of_the_module_is_made_anew() -> None:
    text = (
        "def serve():\n    n = 0\n    while True:\n        n = n * 2 + (yield n)\n\n\ng = serve()\n"
    )
    assert flagged("RL106", text) == []


def test_of_a_loop_in_a_loop_the_inner_one_goes_on() -> None:
    inner = "while bus.connected:\n            job = inbox.get()\n            bus.show(job * 2)"
    text = loop("while True:", THREAD, work=f"bus.connect(inbox * 2)\n        {inner}")
    assert flagged("RL106", text) == ["while bus.connected:"]


# ------------------------------------------------------------------------------------- the fix

DONE = {
    "what is around is passed": "held.append((inbox.pop(), limit))",
    "a name of its own": "job = inbox.pop()\nheld.append(job * 2)",
    "`continue`": "job = inbox.pop()\nif job % 2:\n    continue\nheld.append(job)",
    "`continue` of an inner loop": (
        "job = inbox.pop()\nfor n in range(3):\n"
        "    if n == job:\n        continue\n    held.append(n)"
    ),
    "a name that both branches bind": (
        "if inbox.pop() > 2:\n    word = 'big'\nelse:\n    word = 'small'\nheld.append(word)"
    ),
    "a name bound above, and anew by each turn": "limit2 = inbox.pop()\nheld.append(limit2)",
    "an exception that leaves": (
        "try:\n    job = 1 // (inbox.pop() - 2)\nexcept ZeroDivisionError as e:\n"
        "    held.append(str(e))\n    continue\nheld.append(job)"
    ),
    "a comprehension": "job = inbox.pop()\nheld.append([job + n for n in range(limit)])",
    "a comment and lines": (
        "# before\njob = (\n    inbox.pop()  # taken\n)\n\nheld.append(f'{job}!')\n# after"
    ),
    "a string over lines": "held.append('''a\nb''' + str(inbox.pop()))",
    "several on a line": "job = inbox.pop(); held.append(job + 1)",
    "a loop of its own": (
        "word = inbox.pop()\nfor n in range(limit):\n    word = word + n\n"
        "else:\n    held.append(0)\n"
        "held.append(word)"
    ),
    "a `while` of its own": (
        "while (job := inbox.pop()) < 3:\n    held.append(job)\nelse:\n    held.append(-1)\n"
        "held.append(limit)"
    ),
    "a condition that binds": "if (job := inbox.pop()) > 2:\n    held.append(1)\nheld.append(job)",
    "a negated one": "if not (job := inbox.pop()):\n    held.append(1)\nheld.append(job)",
    "an expression that binds": "(job := inbox.pop()) > 2\nheld.append(job + 1)",
    "an annotation": "job: int = inbox.pop()\nheld.append(job + 1)",
    "several targets": "job, [other, *_] = inbox.pop(), 'abc'\nheld.append((job, other))",
    "an import": "import os.path as p, json\nheld.append(p.join(json.dumps(inbox.pop()), 'a'))",
    "a class of its own": "class C:\n    n = inbox.pop()\nheld.append(C.n + limit)",
    "a value that is added to one of its own": "job = inbox.pop()\njob += 2\nheld.append(job)",
    "a match": (
        "match [inbox.pop()]:\n    case [1 as one]:\n        held.append(one + 1)\n"
        "    case [job, *rest] if job > 2:\n        held.append((job, rest))\n"
        "    case {'a': a, **more}:\n        held.append((a, more))\nheld.append(limit)"
    ),
    "a block with a name": (
        "job = inbox.pop()\nwith memoryview(b'abc') as view:\n    held.append((job, view[0]))"
    ),
    "a block that leaves": (
        "with memoryview(b'abc') as view:\n    held.append(view[inbox.pop() % 2])\n    continue"
    ),
    "every clause of `try`": (
        "try:\n    job = 1 // (inbox.pop() - 2)\nexcept ZeroDivisionError:\n    job = 0\n"
        "else:\n    held.append('fine')\nfinally:\n    word = 'end'\nheld.append((job, word))"
    ),
    "a branch that leaves": (
        "if inbox.pop() > 2:\n    word = 'big'\nelse:\n    continue\nheld.append(word)"
    ),
}
KEPT = {
    "a value that is carried": ("held.append(total + 1)\ntotal = inbox.pop()", "read a value of"),
    "a value that is added up": ("total += inbox.pop()\nheld.append(total * 2)", "earlier turn"),
    "a branch that binds nothing": (
        "if inbox.pop() > 2:\n    word = 'big'\nheld.append(word * 2)",
        "earlier turn",
    ),
    "a block that may swallow": (
        "with suppress(E):\n    word = inbox.pop()\nheld.append(word * 2)",
        "earlier turn",
    ),
    "a value that is read, maybe, before it is bound": (
        "for n in inbox[1:]:\n    word = inbox.pop()\nheld.append(word * 2)",
        "earlier turn",
    ),
    "a `while` that may bind nothing": (
        "while inbox[1:]:\n    word = inbox.pop()\nheld.append(word * 2)",
        "earlier turn",
    ),
    "a match that may bind nothing": (
        "match inbox.pop():\n    case 3 as word:\n        pass\nheld.append(word * 2)",
        "earlier turn",
    ),
    "a handler that binds nothing": (
        "try:\n    word = inbox.pop()\nexcept KeyError:\n    pass\nheld.append(word * 2)",
        "earlier turn",
    ),
    "a handler's name": (
        "try:\n    inbox.pop()\nexcept KeyError as word:\n    pass\nelse:\n    word = 1\n"
        "held.append(word * 2)",
        "earlier turn",
    ),
    "an annotation without a value": ("word: int\nheld.append(word * inbox.pop())", "earlier turn"),
    "what is deleted": ("job = inbox.pop() * 2\nheld.append(job)\ndel job", "outside of it"),
    "what is deleted above": ("held.append(gone * inbox.pop())", "may have no value yet"),
    "what is never bound": ("held.append(late * inbox.pop())", "may have no value yet"),
    "what a function above rebinds": ("held.append(shared * inbox.pop())", "`shared`"),
    "a generator": (
        "job = inbox.pop() * 2\nheld.append(next(job for _ in inbox))",
        "a function in it captures `job`",
    ),
    "`break`": ("if inbox.get() == 3:\n    break\nheld.append(limit * 2)", "breaks out"),
    "`return`": ("if inbox.get() == 3:\n    return\nheld.append(limit * 2)", "returns"),
    "a name read behind": ("last = inbox.pop() * 2\nheld.append(last)", "outside of it"),
    "a global": ("seen = inbox.pop() * 2\nheld.append(seen)", "outside of it"),
    "a capture": (
        "job = inbox.pop() * 2\nheld.append(lambda: job)",
        "a function in it captures `job`",
    ),
    "its frame": ("held.append(sorted(locals()) + [inbox.pop()])", "looks at the names"),
}


def program(body: str) -> str:
    lines = textwrap.indent(f"held.append(f'{{limit}}')\n{body}", " " * 8)
    return (
        "import threading\n\nheld = []\n\n\ndef serve(inbox, limit):\n    global seen\n"
        "    total = limit2 = shared = gone = 0\n    del gone\n"
        "    def share():\n        nonlocal shared\n        shared = 1\n    while True:\n"
        f"{lines}\n    late = print(last)\n\n\nthreading.Thread(target=serve)\n"
    )


def outcome(text: str) -> object:
    names: dict[str, object] = {}
    exec(compile(text, "module", "exec"), names)
    serve, held = names["serve"], names["held"]
    assert callable(serve)
    with pytest.raises(IndexError):
        serve([5, 1, 2, 3, 4], 2)
    return held


@pytest.mark.parametrize("body", DONE.values(), ids=DONE)
def test_each_turn_becomes_a_call(body: str) -> None:
    text = program(body)
    after = fixed("RL106", text).text
    assert "    while True:\n        _serve_turn(" in after
    assert outcome(after) == outcome(text) != []


@pytest.mark.parametrize(("body", "reason"), KEPT.values(), ids=KEPT)
def test_what_cannot_become_a_call(body: str, reason: str) -> None:
    (found,) = findings("RL106", program(body))
    assert found.fix is None
    assert reason in (found.refusal or "")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("self.__n = self.__n + len(self.jobs.get())", "private name"),
        ("super().turn(self.jobs.get() + 1)", "`super()`"),
        ("self.show(__class__.n + self.jobs.get() * 2)", "`super()` or `__class__`"),
    ],
)
def test_what_only_works_in_a_class(body: str, reason: str) -> None:
    text = f"""\
        import threading


        class Worker(threading.Thread):
            def run(self):
                while True:
                    {body}
                    self.a = self.b + 1
        """
    (found,) = findings("RL106", text)
    assert reason in (found.refusal or "")


def test_annotations_go_along() -> None:
    text = loop("while True:", THREAD).replace(
        "(inbox, stop):", "(inbox: int, *stop: str) -> None:"
    )
    text = text.replace("len(job)", "len(job), stop")
    assert "def _serve_turn(inbox: int, stop) -> None:" in fixed("RL106", text).text


def test_a_process_has_modules_of_its_own() -> None:
    start = "import multiprocessing\ndef start():\n    multiprocessing.Process(target=serve)"
    assert flagged("RL106", loop("while True:", start)) == []


def test_nobody_is_moved_unasked() -> None:
    text = program(DONE["a name of its own"])
    assert fixed("RL106", text, unsafe=False).text == text
