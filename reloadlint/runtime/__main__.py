"""`python -m reloadlint.runtime SCRIPT [ARGS]`: run a program, reloading what is saved."""

from __future__ import annotations

import os
import sys
from types import ModuleType

from reloadlint.runtime import watch
from reloadlint.runtime._sources import read_source, remembered


def run_script(script: str, arguments: list[str]) -> None:
    """Run a script as `__main__` with live reload; reports and failures go to stderr."""
    import logging

    logger = logging.getLogger("reloadlint.runtime")
    if not logger.handlers:
        logger.addHandler(logging.StreamHandler())
        logger.setLevel(logging.INFO)
        logger.propagate = False  # or else a program that logs would say it twice
    filename = os.path.abspath(script)
    source = read_source("__main__", None, filename)
    module = ModuleType("__main__")
    module.__file__ = filename
    sys.modules["__main__"] = module
    sys.argv = [script, *arguments]
    sys.path[0] = os.path.dirname(filename)
    remembered["__main__"] = source
    code = compile(source.text, filename, "exec", dont_inherit=True)
    with watch():
        exec(code, module.__dict__)


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
