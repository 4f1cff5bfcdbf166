"""State and code across reloads, for the running program. Needs the standard library only.

    from reloadlint.runtime import keep, reload, watch

    CACHE = keep("CACHE", dict)  # made once, found again by every later run of the module
    report = reload("game.combat")  # changes code inside the objects that are alive
    watcher = watch()  # the same, whenever a file is saved

Importing `keep` does nothing else. The first use of any other name begins to remember the text of
each first-party module as it is imported: an edit can only be seen against the text that ran.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reloadlint.runtime._keep import keep

if TYPE_CHECKING:
    from reloadlint.runtime._reload import reload, reload_changed
    from reloadlint.runtime._report import ReloadReport, Unreached
    from reloadlint.runtime._sources import NotReloadable
    from reloadlint.runtime._watch import Watcher, watch, watch_async

__all__ = [
    "NotReloadable",
    "ReloadReport",
    "Unreached",
    "Watcher",
    "keep",
    "reload",
    "reload_changed",
    "watch",
    "watch_async",
]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from reloadlint.runtime import _reload, _report, _sources, _watch

    _sources.start_recording()
    homes = map(vars, (_reload, _report, _sources, _watch))
    value = next(home[name] for home in homes if name in home)
    globals()[name] = value
    return value
