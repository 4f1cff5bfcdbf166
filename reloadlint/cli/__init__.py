"""The command line: options → library → text → exit code. No logic, and imports only when needed.

`group` finds a command in the module of its name (`check`, `rule`, …), each in a file of its own;
the other modules are what commands share.

Exit codes: 0 clean, 1 findings, 2 could not do the job, 130 interrupted.
"""

import sys


def main() -> None:
    """Run the command that `sys.argv` names; does not return but after `--version`."""
    if sys.argv[1:] == ["--version"]:
        # Hooks and editors ask for it each time that they start: not worth an import of click.
        from reloadlint import __version__

        print("reloadlint", __version__)
        return
    try:
        from reloadlint.cli.group import group

        group(prog_name="reloadlint")
    except KeyboardInterrupt:  # while click is loaded, which takes longer than anything before it
        sys.exit(130)
