"""IPython extension: `%load_ext reloadlint.runtime.ipython` reloads before each cell.

In any other notebook, call `reloadlint.runtime.reload_changed()`, or start `watch()` once.
"""

from __future__ import annotations

import traceback
from typing import Any

from reloadlint.runtime import reload_changed
from reloadlint.runtime._sources import start_recording


def _before_cell(*_: Any) -> None:
    try:
        report = reload_changed()
    except Exception:
        traceback.print_exc()  # the cell runs with the code as it was
        return
    if report.modules:
        print(report)


def load_ipython_extension(shell: Any) -> None:
    """Called by IPython."""
    start_recording()
    shell.events.register(
        "pre_run_cell", _before_cell
    )  # reloadlint: ignore[RL104] -- it is taken back by identity


def unload_ipython_extension(shell: Any) -> None:
    """Called by IPython."""
    shell.events.unregister("pre_run_cell", _before_cell)
