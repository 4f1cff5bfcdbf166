"""Callbacks, generators and tables as real projects have them."""

from __future__ import annotations

from reloadlint.rewrite.refusal import Reason
from tests.rewrite.wild import MOVED, NOT_FOUND, Outcome

CALLBACKS: dict[str, tuple[dict[str, Outcome], str]] = {
    "a callback that rebinds three names of the function around": (
        {"callback": Reason.NONLOCAL},
        """\
def option(name=None, version=None, package=None):
    def callback(value):
        nonlocal name
        nonlocal version
        nonlocal package
        if name is None:
            name = value
        version = version or 1
        package = package or name
        return name, version, package

    return callback

def main():
    return option()("tool")
""",
    ),
    "an action that schedules itself again when it fails": (
        {"subscribe": MOVED, "action": Reason.NONLOCAL_ELSEWHERE, "dispose": Reason.NONLOCAL},
        """\
PENDING = []

def catch(sources):
    def subscribe(observer):
        last = None
        is_disposed = False

        def action(state=None):
            def on_error(error):
                nonlocal last
                last = error
                PENDING.append(action)

            if is_disposed:
                return
            try:
                current = next(sources)
            except StopIteration:
                observer.append(last)
            else:
                on_error(current)

        PENDING.append(action)

        def dispose():
            nonlocal is_disposed
            is_disposed = True

        return dispose

    return subscribe

def main():
    seen = []
    dispose = catch(iter([1, 2]))(seen)
    while PENDING:
        PENDING.pop()()
    dispose()
    return seen
""",
    ),
    "an action that schedules itself again": (
        {"subscribe": MOVED, "action": MOVED},
        """\
PENDING = []

def repeat(sources):
    def subscribe(observer):
        def action(state=None):
            current = next(sources, None)
            if current is not None:
                observer.append(current)
                PENDING.append(action)

        PENDING.append(action)

    return subscribe

def main():
    seen = []
    repeat(iter([1, 2]))(seen)
    while PENDING:
        PENDING.pop()()
    return seen
""",
    ),
    "a thread that sets what a sibling reads": (
        {"select": Reason.NONLOCAL, "is_ready": MOVED},
        """\
import threading

HELD = []

def wait(hook):
    ready = False
    result = None

    def select():
        nonlocal ready, result
        result = hook()
        ready = True

    def is_ready():
        return ready

    HELD.append(is_ready)
    HELD.append(threading.Thread(target=select))

def main():
    wait(list)
    before = HELD[0]()
    HELD[1].start()
    HELD[1].join()
    return before, HELD[0]()
""",
    ),
    "a callback that calls a sibling which is defined later": (
        {"write": Reason.MAYBE_UNBOUND, "put": Reason.MAYBE_UNBOUND, "flush": Reason.NONLOCAL},
        """\
def buffered(out):
    size = 0

    def write(text):
        nonlocal size
        size += len(text)
        if size > 3:
            flush()

    def put(text):
        out.append(text)
        flush()

    def flush():
        nonlocal size
        out.append(size)
        size = 0

    return write, put, flush

def main():
    out = []
    write, put, flush = buffered(out)
    write("abcd")
    put("x")
    flush()
    return out
""",
    ),
    "a canceller that reads a name which is first assigned after it": (
        {"cancel": MOVED},
        """\
class Deferred:
    def __init__(self, canceller):
        self._canceller = canceller

def race(makers):
    def cancel(result):
        for made in to_cancel:
            made.append(result)

    final = Deferred(canceller=cancel)
    try:
        final._canceller(0)
    except NameError as error:
        makers.append(str(error))
    to_cancel = []
    for number in range(2):
        to_cancel.append([number])
    final._canceller(1)
    return final, to_cancel

def main():
    makers = []
    return race(makers)[1], makers
""",
    ),
    "private names in a timeout, a lambda and a coroutine": (
        {"timed_out": Reason.MANGLED, "lambda": Reason.MANGLED, "load": Reason.MANGLED},
        """\
import asyncio

class Case:
    def __init__(self):
        self.__failure = 0
        self.held = []

    def __fetch(self, x):
        return x

    def wait(self, timeout):
        def timed_out():
            try:
                raise ValueError(timeout)
            except ValueError as error:
                self.__failure = str(error)

        self.held.append(timed_out)
        self.held.append(lambda _: self.__fetch(timeout) + 1)

        async def load():
            async for item in rows():
                self.__failure += str(item)

        self.held.append(load)

    def run(self):
        self.held[0]()
        asyncio.run(self.held[2]())
        return self.__failure, self.held[1](0)

async def rows():
    yield 1

def main():
    case = Case()
    case.wait(2)
    return case.run()
""",
    ),
    "a lambda that only forwards to a private method": (
        NOT_FOUND,
        """\
class Server:
    def fetch(self, deferred, tag):
        deferred.addCallback(lambda _: self.__fetched(tag))

    def __fetched(self, tag):
        return tag

def main():
    return None
""",
    ),
    "a generator with a walrus whose first step is made at once": (
        {"generator": MOVED},
        """\
CONTEXT = [5]

def stream(rows):
    rows = iter(rows)

    def generator():
        if (context := CONTEXT[-1]) is None:
            raise RuntimeError("no context")
        yield None
        try:
            yield context
            yield from rows
        finally:
            CONTEXT.append("closed")

    wrapped = generator()
    next(wrapped)
    return wrapped

def main():
    rows = stream([1, 2])
    CONTEXT.append(6)
    seen = [next(rows), next(rows)]
    rows.close()
    return seen, CONTEXT
""",
    ),
    "a generator and an async generator under one name": (
        {"in_steps": MOVED, "in_async_steps": MOVED, "at_once": MOVED},
        """\
import asyncio

def watcher(kind, rows):
    if kind == "steps":
        def in_steps(*events):
            for row in rows:
                yield row, events
        callback = in_steps
    elif kind == "async":
        async def in_async_steps(*events):
            for row in rows:
                yield row, events
        callback = in_async_steps
    else:
        def at_once(*events):
            return [*rows, events]
        callback = at_once
    return callback

async def collect(steps):
    return [step async for step in steps]

def main():
    steps, later, once = (watcher(kind, [1, 2]) for kind in ("steps", "async", ""))
    return list(steps("e")), asyncio.run(collect(later("e"))), once("e")
""",
    ),
    "a decorated def in a loop, with a default that binds early": (
        {"select": MOVED, "bind": MOVED},
        """\
class Keys:
    def __init__(self):
        self.bound = []

    def add(self, key):
        def bind(function):
            self.bound.append((key, function))
            return function
        return bind

def dialog(chosen, follow):
    keys = Keys()
    for i in range(1, 4):
        @keys.add(str(i))
        def select(event, index: int = i):
            chosen.append((event, index, i))
            if follow:
                chosen.append(follow)
    return keys

def main():
    chosen = []
    for key, function in dialog(chosen, 0).bound:
        function(key)
    return chosen
""",
    ),
    "lambdas in a loop that take the method of now": (
        {"lambda": MOVED},
        """\
def handlers(methods):
    dispatch = {}
    for name, method in methods.items():
        if name != "flag":
            run = lambda key, value, m=method: m(value, key)
        else:
            run = lambda key, value=None, m=method: m() or key
        dispatch[name] = run
    return dispatch

def main():
    found = handlers({"flag": dict, "text": lambda *a: a})
    return found["flag"]("k"), found["text"]("k", 1)
""",
    ),
    "a lambda that calls a sibling def, in a loop": (
        {"rewind": MOVED, "lambda": MOVED},
        """\
class Deferred:
    def __init__(self):
        self.callbacks = []

    def addCallback(self, callback):
        self.callbacks.append(callback)
        return self

def copy(messages, box):
    made = []
    for flags, message in enumerate(messages):
        def rewind(file):
            file.reverse()
            return file

        made.append(
            Deferred().addCallback(
                lambda _, b=message, f=flags: box.append(
                    (rewind(b), f)
                )
            )
        )
    return made

def main():
    box = []
    for deferred in copy([[1, 2], [3, 4]], box):
        deferred.callbacks[0](None)
    return box
""",
    ),
}
