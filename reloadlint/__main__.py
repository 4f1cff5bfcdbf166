"""`python -m reloadlint`: the same as the command `reloadlint`."""

import os
import sys

# `python -m` looks for modules in the working directory first, and what stands there is what we
# are to check: a `typing.py` in it must not run.
if sys.path[:1] in ([""], [os.getcwd()]) and not getattr(sys.flags, "safe_path", False):
    del sys.path[0]

from reloadlint.cli import main

if __name__ == "__main__":
    main()
