"""RL106: the body of a loop becomes a function wherever the loop is, or stays for a reason."""

from __future__ import annotations

import threading

import pytest

from tests.rules.checking import findings, fixed

START = "threading.Thread(target=serve)"
MOVED = {
    "in a function of a function, which captures": f"""\
def start(inbox, held, limit=2):
    def serve():
        while True:
            held.append(inbox.pop() * limit)
    {START}
    return serve
""",
    "under a `with` and a `for`, which bind names": f"""\
def start(inbox, held):
    def serve():
        with memoryview(b'ab') as view:
            for n in range(3):
                while True:
                    held.append((view[0], n, inbox.pop() * 2))
    {START}
    return serve
""",
    "behind a definition, an import and a walrus": f"""\
def start(inbox, held):
    def serve():
        def double(n):
            return n * 2
        import operator
        from os import path as p, sep
        if (limit := len(inbox)) > 5:
            return
        if not (size := limit):
            return
        (one, two) = 1, 2
        while True:
            held.append((double(inbox.pop()), operator.add(one, two), p.sep + sep, limit + size))
    {START}
    return serve
""",
    "in an `else` and in a `finally`": f"""\
def start(inbox, held):
    def serve():
        if inbox is None:
            held.append(inbox)
        else:
            try:
                one = 1
            finally:
                two: int = 2
                while True:
                    held.append(inbox.pop() + two)
    {START}
    return serve
""",
    "with a name that a function in it has for itself": f"""\
def start(inbox, held):
    def serve():
        while True:
            job = inbox.pop()
            held.append([*map(lambda job: job + 1, [job])] + [job for job in (job, 7)])
    {START}
    return serve
""",
    "with statements that nothing reaches": f"""\
def start(inbox, held):
    def serve():
        while True:
            if held.append(inbox.pop() + 1):
                raise ValueError
                job = 1
                held.append(job)
            held.append(2)
    {START}
    return serve
""",
    "with a comprehension that is done at once, of what the head binds": f"""\
def start(inbox, held):
    def serve():
        for job in iter(inbox.pop, None):
            held.append([job + n for n in (1, 2)])
    {START}
    return serve
""",
    "with a `continue` behind inner loops, and in their `else`": f"""\
def start(inbox, held):
    def serve():
        while True:
            job = inbox.pop()
            for n in range(job):
                if n == 1:
                    continue
                held.append(n + 1)
            if job == 5:
                continue
            while job > 3:
                job -= 1
                continue
            else:
                if job == 3 and held:
                    continue
            held.append(job)
    {START}
    return serve
""",
    "with what a comprehension above it was for": f"""\
def start(inbox, held):
    def serve():
        table = [limit for limit in (1, 2)]
        held.append([n for n in table])
        while True:
            held.append(inbox.pop() + table[1])
    {START}
    return serve
""",
}
KEPT = {
    "a capture that may have no value": (
        f"""\
def start(inbox, held):
    def serve():
        while True:
            held.append(inbox.pop() * late)
    {START}
    late = 1
""",
        "`late` may have no value yet when it is called",
    ),
    "a capture that gets another value": (
        f"""\
def start(inbox, held):
    n = 1
    def serve():
        while True:
            held.append(inbox.pop() * n)
    {START}
    n = 2
""",
        "another nested function rebinds `n` by `nonlocal`",
    ),
    "a capture that another function rebinds": (
        f"""\
def start(inbox, held):
    n = 1
    def more():
        nonlocal n
        n = 2
    def serve():
        while True:
            held.append(inbox.pop() * n)
    {START}
    return more
""",
        "another nested function rebinds `n` by `nonlocal`",
    ),
    "a capture that it rebinds": (
        f"""\
def start(inbox, held):
    n = 1
    def serve():
        nonlocal n
        while True:
            n = inbox.pop() * 2
            held.append(n)
    {START}
""",
        "it gives `n` a value that is read outside of it",
    ),
    "what the head binds, kept by a function": (
        f"""\
def serve(inbox, held):
    for job in iter(inbox.pop, None):
        held.append(lambda: job * 2)
{START}
""",
        "a function in it captures `job`, which the next turn changes",
    ),
    "what an annotation above only announces": (
        f"""\
def serve(inbox, held):
    late: int
    while True:
        held.append(inbox.pop() * late)
{START}
""",
        "`late` may have no value yet when it is called",
    ),
    "what only one side of a condition binds": (
        f"""\
def serve(inbox, held):
    if inbox and (late := 1):
        pass
    while True:
        held.append(inbox.pop() * late)
{START}
""",
        "`late` may have no value yet when it is called",
    ),
    "a loop that yields": (
        """\
def serve():
    n = 0
    while True:
        n = n * 2 + (yield n)


def start(held):
    held.steps = serve()
""",
        "it yields",
    ),
    "a body on the line of the loop": (
        f"""\
def serve(inbox, held):
    while True: held.append(inbox.pop() * 2); held.append(1 + 1)
{START}
""",
        "it stands on the line of the loop",
    ),
    "a loop of the program itself": (
        """\
from app import inbox, held
if __name__ == "__main__":
    while True:
        held.append(inbox.pop() * 2)
        held.append(1 + 1)
""",
        "the loop stands in no function, so that its names are those of the module",
    ),
}


def outcome(text: str) -> list[object]:
    """What is held once the inbox is empty."""
    names: dict[str, object] = {"threading": threading}
    exec(compile(text, "module", "exec", dont_inherit=True), names)
    start, held = names["start"], []
    assert callable(start)
    with pytest.raises(IndexError):
        start([3, 4, 5], held)()
    return held


ASYNC = {
    "that awaits": "job = await asyncio.sleep(0, pile.pop())\n        held.append(job + 1)",
    "with an `async for`": "async for n in items(pile.pop()):\n            held.append(n + 1)",
    "with an `async with`": (
        "async with contextlib.aclosing(items(pile.pop())) as every:\n"
        "            held.append(type(every).__name__ + '!')"
    ),
    "with an `async` comprehension": "held.append([n + 1 async for n in items(pile.pop())])",
}
PLAIN = {
    "that awaits nothing": "held.append(pile.pop() + 1)\n        held.append(2 + 3)",
    "with a comprehension": "held.append([n + 1 for n in [pile.pop()]])",
    "with a function that awaits": (
        "async def own():\n            await asyncio.sleep(1)\n"
        "        held.append([own, pile.pop()][1:])"
    ),
}


@pytest.mark.parametrize("text", MOVED.values(), ids=MOVED)
def test_a_turn_does_the_same_as_a_function(text: str) -> None:
    text = f"import threading\n\n\n{text}"
    after = fixed("RL106", text).text
    assert "def _serve_turn(" in after
    assert outcome(after) == outcome(text) != []


@pytest.mark.parametrize(("text", "reason"), KEPT.values(), ids=KEPT)
def test_a_turn_stays_in_the_loop(text: str, reason: str) -> None:
    (found,) = findings("RL106", f"import threading\n\n\n{text}")
    assert found.fix is None
    assert found.refusal == reason


@pytest.mark.parametrize("body", [*ASYNC.values(), *PLAIN.values()], ids=[*ASYNC, *PLAIN])
def test_a_turn_of_a_task_awaits_what_it_has_to(body: str) -> None:
    text = f"""\
import asyncio, contextlib


async def items(n):
    yield n
    yield n + 1


async def serve(pile, held):
    while True:
        {body}


def start(pile, held):
    return lambda: asyncio.run(serve(pile, held))
"""
    after = fixed("RL106", text).text
    is_async = body in ASYNC.values()
    assert ("        await _serve_turn(" if is_async else "        _serve_turn(") in after
    assert ("\nasync def _serve_turn(" if is_async else "\ndef _serve_turn(") in after
    assert outcome(after) == outcome(text) != []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("(inbox, held)", "(held, inbox):"),
        ("(inbox, held: list) -> None", "(held: list, inbox) -> None:"),
        ("(inbox, *, held: list) -> int", "(held: list, inbox) -> None:"),
        ("(held: list, /, *inbox: int)", "(held: list, inbox):"),
    ],
)
def test_a_turn_has_the_annotations_that_its_names_have(before: str, after: str) -> None:
    text = f"""\
import threading


def serve{before}:
    while True:
        held.append(inbox.pop() * 2)


{START}
"""
    moved = f"def _serve_turn{after}\n    held.append(inbox.pop() * 2)\n\n\n"
    left = text.replace("held.append(inbox.pop() * 2)", "_serve_turn(held, inbox)")
    assert fixed("RL106", text).text == left.replace("def serve", f"{moved}def serve")
