"""`python -m reloadlint`: the same as the command `reloadlint`."""

from reloadlint.cli import main

if __name__ == "__main__":
    main()
