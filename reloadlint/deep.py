"""Runs a function on a stack that is deep enough for trees as deep as CPython's parser takes."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from typing import TypeVar

_T = TypeVar("_T")

# libcst recurses in Python to visit a tree, and in native code to parse one: an operator chain of
# 5,000 terms, as the standard library has, overflows the usual 8 MB. Only touched pages count.
_STACK_BYTES = 512 * 1024 * 1024
_FRAMES = 400_000


def deep_recursion(function: Callable[[], _T]) -> _T:
    """Return `function()`, called in a thread with a large stack; its exception is raised here."""
    results: list[_T] = []
    errors: list[BaseException] = []
    limit, size = sys.getrecursionlimit(), threading.stack_size(_STACK_BYTES)
    sys.setrecursionlimit(max(limit, _FRAMES))
    try:
        thread = threading.Thread(target=_call, args=(function, results, errors), daemon=True)
        thread.start()
        thread.join()
    finally:
        threading.stack_size(size)
        sys.setrecursionlimit(limit)
    if errors:
        raise errors[0]
    return results[0]


def _call(function: Callable[[], _T], results: list[_T], errors: list[BaseException]) -> None:
    try:
        results.append(function())
    except BaseException as error:
        errors.append(error)
