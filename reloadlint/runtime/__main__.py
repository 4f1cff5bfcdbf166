"""`python -m reloadlint.runtime SCRIPT [ARGS]`: run a program, reloading what is saved."""

from __future__ import annotations

import os
import sys
from types import ModuleType

from reloadlint.runtime import ReloadReport, watch
from reloadlint.runtime._sources import read_source, remember


def run_script(script: str, arguments: list[str]) -> None:
    """Run a script as `__main__` with live reload; reports and failures go to stderr."""
    import logging

    logger = logging.getLogger("reloadlint.runtime")
    if not logger.handlers:
        handler = logging.StreamHandler()
        handler.setLevel(logging.ERROR)
        logger.addHandler(handler)
    filename = os.path.abspath(script)
    source = read_source("__main__", None, filename)
    module = ModuleType("__main__")
    module.__file__ = filename
    sys.modules["__main__"] = module
    sys.argv = [script, *arguments]
    sys.path[0] = os.path.dirname(filename)
    remember("__main__", source)
    code = compile(source.text, filename, "exec", dont_inherit=True)
    with watch(on_report=_print):  # reloadlint: ignore[RL104] -- the reloader is not reloaded
        exec(code, module.__dict__)


def _print(report: ReloadReport) -> None:
    if report.modules:
        print(report, file=sys.stderr)


def main() -> None:
    """Take the script and its arguments from the command line."""
    if len(sys.argv) < 2:
        sys.exit("usage: python -m reloadlint.runtime SCRIPT [ARGS]")
    script, *arguments = sys.argv[1:]
    if not os.path.isfile(script):
        sys.exit(f"reloadlint.runtime: there is no file {script}")
    run_script(script, arguments)


if __name__ == "__main__":
    main()
