"""RL106: which loops go on for long with work in them, and what a turn that is a call does."""

from __future__ import annotations

import textwrap

import pytest

from tests.rules.checking import findings, fixed, flagged
from tests.rules.looping import MAIN, TASK, THREAD, WORK, loop


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
        ("while True:", WORK, "def start(serve):\n    threading.Thread(target=serve).start()"),
        ("while True:", WORK, "def start():\n    threading.Thread(name=serve).start()"),
        ("while True:", WORK, "def start():\n    return [serve]"),
        ("while True:", WORK, "serve(1, 2)"),
        ("while not stop.is_set():", WORK, MAIN),  # who ends itself is of interest in a thread
    ],
)
def test_what_is_left_alone(head: str, work: str, start: str) -> None:
    assert flagged("RL106", loop(head, start, work=work)) == []


def test_a_loop_that_tries_again_and_ends_at_a_word_goes_on() -> None:
    work = (
        "try:\n            job = inbox.get()\n        except ValueError:\n            continue\n"
        "        if job.is_last:\n            break\n        bus.show(job.name + '!', len(job))"
    )
    assert flagged("RL106", loop("while True:", THREAD, work=work)) == ["while True:"]


def test_a_loop_that_awaits_and_ends_at_a_word_goes_on() -> None:
    work = (
        "job = await inbox.next()\n        if not job:\n            return\n"
        "        bus.show(job + 1, 2)"
    )
    text = loop("while True:", TASK, keyword="async def", work=work)
    assert flagged("RL106", text) == ["while True:"]


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
