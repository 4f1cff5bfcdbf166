"""What becomes of a closure that a function hands over, and whether it lets go of it again."""

from __future__ import annotations

import pytest

from tests.facts.facts_of import facts_of, only_closure
from tests.facts.survival import assert_done, assert_kept, is_shown

KEPT = {
    "a signal handler, where another one is put back": (
        "import signal\ndef make():\n    def work(*args):\n        return len(BUS.handlers)\n"
        "    former = signal.signal(signal.SIGUSR1, work)\n"
        "    signal.signal(signal.SIGUSR2, former)"
    ),
    "an attribute that is set anew where something fails": (
        "class C:\n    def make(self):\n    {work}        self.f = work\n        try:\n"
        "            len([])\n        except ValueError:\n            self.f = None\n"
        "        return self\nmake = C().make"
    ),
    "taken back only where something fails": (
        "def make():\n{work}    BUS.subscribe(work)\n    try:\n        len([])\n"
        "    except ValueError:\n        BUS.remove(work)"
    ),
    "by what a `with` binds, and the function returns": (
        "import contextlib\nclass Open(Bus, contextlib.AbstractContextManager):\n"
        "    def __exit__(self, *_):\n        pass\n"
        "def make():\n{work}    with Open() as bus:\n        bus.subscribe(work)\n    return bus"
    ),
    "by an exit stack that is handed on": (
        "import contextlib\ndef make():\n{work}    with contextlib.ExitStack() as stack:\n"
        "        stack.callback(work)\n        return stack.pop_all()"
    ),
    "a signal handler, where the former one goes elsewhere": (
        "import signal\ndef make():\n    def work(*args):\n        return len(BUS.handlers)\n"
        "    former = signal.signal(signal.SIGUSR1, work)\n    BUS.subscribe(former)"
    ),
    "a signal handler, where the former one is only shown": (
        "import signal\ndef make():\n    def work(*args):\n        return len(BUS.handlers)\n"
        "    former = signal.signal(signal.SIGUSR1, work)\n    print(signal.SIGUSR1, former)"
    ),
    "taken back, and handed over again": (
        "def make():\n{work}    BUS.subscribe(work)\n    BUS.remove(work)\n    BUS.subscribe(work)"
    ),
    "by what makes a decorator, where that is taken back which it decorates": (
        "def after(f):\n    BUS.subscribe(f)\n    return BUS.subscribe\n"
        "def make():\n{work}    @after(work)\n    def other():\n        return len(BUS.handlers)\n"
        "    BUS.remove(other)"
    ),
}
DONE = {
    "as coroutines that are awaited together": (
        "import asyncio\nasync def make():\n    async def work():\n"
        "        return len(BUS.handlers)\n    return await asyncio.gather(work(), work())"
    ),
    "as a task that is awaited": (
        "import asyncio\nasync def make():\n    async def work():\n"
        "        return len(BUS.handlers)\n    task = asyncio.create_task(work())\n"
        "    return await task"
    ),
    "by a task group": (
        "import asyncio\nclass Group:\n    async def __aenter__(self):\n        self.tasks = []\n"
        "        return self\n    async def __aexit__(self, *_):\n"
        "        await asyncio.gather(*self.tasks)\n        self.tasks = []\n"
        "    def start_soon(self, f):\n        self.tasks.append(asyncio.ensure_future(f()))\n"
        "async def make():\n    async def work():\n        return len(BUS.handlers)\n"
        "    async with Group() as group:\n        group.start_soon(work)\n"
        "    async with Group() as group:\n        group.start_soon(work)"
    ),
    "by an executor": (
        "from concurrent.futures import ThreadPoolExecutor\ndef make():\n{work}"
        "    with ThreadPoolExecutor() as pool:\n        pool.submit(work)"
    ),
    "by a thread that is joined": (
        "import threading\ndef make():\n{work}    thread = threading.Thread(target=work)\n"
        "    thread.start()\n    thread.join()"
    ),
    "by a timer that is cancelled": (
        "import threading\ndef make():\n{work}    timer = threading.Timer(9, work)\n"
        "    timer.start()\n    timer.cancel()\n    timer.join()"
    ),
    "by an exit stack": (
        "import contextlib\ndef make():\n{work}    with contextlib.ExitStack() as stack:\n"
        "        stack.callback(work)"
    ),
    "taken back": (
        "def make():\n{work}    BUS.subscribe(work)\n    BUS.fire()\n    BUS.remove(work)"
    ),
    "taken back by what the registration returned": (
        "def make():\n{work}    handle = BUS.subscribe(work)\n    try:\n        BUS.fire()\n"
        "    finally:\n        BUS.remove(handle)"
    ),
    "a signal handler, until the former one is put back": (
        "import signal\ndef make():\n    def work(*args):\n        return len(BUS.handlers)\n"
        "    former = signal.signal(signal.SIGINT, work)\n    try:\n        BUS.fire()\n"
        "    finally:\n        signal.signal(signal.SIGINT, former)"
    ),
    "an attribute that is put back": (
        "class C:\n    f = None\n    def make(self):\n    {work}        old = self.f\n"
        "        self.f = work\n        try:\n            self.f()\n        finally:\n"
        "            self.f = old\nmake = C().make"
    ),
    "an attribute that is deleted": (
        "class C:\n    def make(self):\n    {work}        self.f = work\n        try:\n"
        "            self.f()\n        finally:\n            del self.f\nmake = C().make"
    ),
    "what a `with` enters": (
        "class Trying:\n    def __init__(self, f):\n        self.f = f\n    def __enter__(self):\n"
        "        self.f()\n    def __exit__(self, *_):\n        pass\n"
        "def make():\n{work}    with Trying(work):\n        pass"
    ),
    "taken back, and was handed over by its keyword": (
        "def make():\n{work}    BUS.subscribe(f=work)\n    BUS.fire()\n    BUS.remove(work)"
    ),
    "taken back, and was handed over by a decorator": (
        "def make():\n    @BUS.subscribe\n    def work():\n        return len(BUS.handlers)\n"
        "    BUS.fire()\n    BUS.remove(work)"
    ),
    "by an exit stack, handed over by a decorator": (
        "import contextlib\ndef make():\n    with contextlib.ExitStack() as stack:\n"
        "        @stack.callback\n        def work():\n            return len(BUS.handlers)"
    ),
}


@pytest.mark.parametrize("body", KEPT.values(), ids=KEPT)
def test_is_kept(body: str) -> None:
    assert_kept(body)


@pytest.mark.parametrize("body", DONE.values(), ids=DONE)
def test_is_done_with(body: str) -> None:
    assert_done(body)


@pytest.mark.parametrize(("last", "is_kept"), [("finally", False), ("else", True)])
def test_a_module_too_puts_back_what_it_replaces(last: str, is_kept: bool) -> None:
    facts = facts_of(f"""
        import sys
        old = sys.excepthook
        sys.excepthook = lambda *args: print(args)
        try:
            run()
        except OSError:
            pass
        {last}:
            sys.excepthook = old
    """)
    assert is_shown(facts.fate(only_closure(facts))) is is_kept
