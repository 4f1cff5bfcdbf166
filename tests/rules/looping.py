"""What the tests of endless loops share: a function `serve` with one, and what starts it."""

from __future__ import annotations

PRELUDE = "import asyncio, itertools, threading\nfrom app import bus, pool\n\n\n"
WORK = "job = inbox.get()\n        bus.show(job.name + '!', len(job))"


def loop(head: str, start: str, *, keyword: str = "def", work: str = WORK) -> str:
    return f"{PRELUDE}{keyword} serve(inbox, stop):\n    {head}\n        {work}\n\n\n{start}\n"


THREAD = "def start():\n    threading.Thread(target=serve).start()"
MAIN = "def main():\n    serve(1, 2)\n\n\nif __name__ == '__main__':\n    main()"
TASK = "async def start():\n    asyncio.create_task(serve(1, 2))"
