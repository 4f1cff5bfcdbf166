"""A linter that finds Python code which a hot reload cannot reach, and fixes it."""

__version__ = "0.1.0"
