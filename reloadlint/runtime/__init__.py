"""State and code across reloads, for the running program. Needs the standard library only."""

from reloadlint.runtime._keep import keep

__all__ = ["keep"]
