"""What the programs of `programs.py` play on; each run has a stage of its own."""

from __future__ import annotations

import asyncio
import sys
import types

LOG = []
KEPT = []
LIVE = []
LEFT = [150]
DEPTH = [0]


IS_TOO_DEEP = []
FRAMES = 400


class TooDeep(BaseException):
    """Ends a program; it has come to nothing."""


def guard():
    """Raise TooDeep where the stack is, or has once been, too deep."""
    if not IS_TOO_DEEP:
        try:
            sys._getframe(FRAMES)
        except ValueError:
            return
        IS_TOO_DEEP.append(True)
    raise TooDeep


def show(value):
    if isinstance(value, (list, tuple)):
        return [type(value).__name__, *map(show, value)]
    if isinstance(value, dict):
        return {key: show(inner) for key, inner in value.items()}
    if isinstance(value, BaseException):
        return [type(value).__name__, *map(show, value.args)]
    if isinstance(value, (int, str, type(None))):
        return value
    return type(value).__name__


def log(*values):
    LOG.append([show(value) for value in values])
    return values[-1]


def keep(callback):
    KEPT.append(callback)
    return callback


class Bus:
    def subscribe(self, callback, name=None):
        KEPT.append(callback)
        return callback


class Box:
    def __init__(self, value):
        self.value = value

    @property
    def poked(self):
        poke()
        return log("poked", self.value)

    def __add__(self, other):
        return log("add", self.value, other)

    def __enter__(self):
        return log("enter", self.value)

    def __exit__(self, kind, error, trace):
        log("exit", self.value, error)
        return self.value == 2

    def __bool__(self):
        poke()
        return self.value != 0


class Tick:
    def __await__(self):
        yield None


bus = Bus()
tick = Tick


def attempt(work, *args, **kwargs):
    """Call and log; what can be stepped is left for later."""
    if LEFT[0] <= 0 or DEPTH[0] > 2:
        return None
    LEFT[0] -= 1
    DEPTH[0] += 1
    try:
        value = work(*args, **kwargs)
    except Exception as error:
        log("raised", error)
        return None
    finally:
        DEPTH[0] -= 1
    if isinstance(value, (types.GeneratorType, types.CoroutineType, types.AsyncGeneratorType)):
        LIVE.append(value)
        log("alive")
    elif isinstance(value, types.FunctionType):
        KEPT.append(value)
        log("function", value.__name__)
    else:
        log("value", value)
        if hasattr(value, "__aenter__"):
            spend_time_in(value)
    return value


def spend_time_in(manager):
    """What happens in between is none of its own doing."""
    try:
        log("entered", run_through(manager.__aenter__))
        poke()
        log("left", run_through(manager.__aexit__, None, None, None))
    except Exception as error:
        log("failed", error)


def advance(live, way):
    """One step of a generator or coroutine."""
    try:
        if isinstance(live, types.AsyncGeneratorType):
            value = run_through(
                [live.__anext__, live.asend, live.athrow, live.aclose][way],
                *[(), (7,), (KeyError("thrown"),), ()][way],
            )
        elif way == 2:
            value = live.throw(KeyError("thrown"))
        elif way == 3:
            value = live.close()
        elif way == 1:
            value = live.send(None if isinstance(live, types.CoroutineType) else 7)
        else:
            value = live.send(None)
        log("step", value)
        if isinstance(value, types.FunctionType):
            KEPT.append(value)
    except (StopIteration, StopAsyncIteration) as error:
        log("done", getattr(error, "value", None))
        if live in LIVE:
            LIVE.remove(live)
    except Exception as error:
        log("failed", error)
        if live in LIVE and "already executing" not in str(error):
            LIVE.remove(live)


def run_through(work, *arguments):
    """The value of a coroutine that nobody else has a turn in."""
    step = work(*arguments)
    try:
        for _ in range(9):
            step.send(None)
    except StopIteration as error:
        return error.value
    step.close()
    return "too long"


def poke():
    """Call something that is kept, and step something that is alive."""
    if LEFT[0] <= 0 or DEPTH[0] > 2:
        return
    LEFT[0] -= 1
    DEPTH[0] += 1
    try:
        turn = LEFT[0]
        if KEPT:
            arguments = [(), (1,), (1, "s"), (2, 3)][turn % 4]
            attempt(KEPT[(turn * 7) % len(KEPT)], *arguments)
        if LIVE:
            advance(LIVE[turn % len(LIVE)], [0, 0, 1, 0, 0, 2, 0, 3][turn % 8])
    finally:
        DEPTH[0] -= 1


async def drive(live):
    async def other():
        for _ in range(4):
            poke()
            await tick()

    outcomes = await asyncio.gather(live, other(), return_exceptions=True)
    log("gathered", outcomes[0])


def settle():
    """Run everything that is left to its end."""
    for callback in list(KEPT):
        for arguments in ((), (1,), (1, 2), (1, 2, 3)):
            attempt(callback, *arguments)
        attempt(callback, 5, z="named")
    for live in list(LIVE):
        for _ in range(4):
            if live in LIVE:
                advance(live, 0)
        if live in LIVE:
            advance(live, 3)
