"""What the tests of the hoist share: closures to hoist, and the one finding of a text."""

from __future__ import annotations

import sys

import pytest

from reloadlint import registry
from reloadlint.config import Config
from reloadlint.finding import Finding
from reloadlint.lint import lint
from reloadlint.source import SourceFile

RULES = [rule for rule in registry.load() if rule.fixable == "hoist"]
NEEDS_312 = pytest.mark.skipif(sys.version_info < (3, 12), reason="syntax of Python 3.12")


def only_finding(text: str, config: Config | None = None) -> Finding:
    result = lint(SourceFile("module.py", text), RULES, config or Config())
    assert not result.failures
    (finding,) = result.findings
    return finding


def kept(body: str, *, around: str = "", behind: str = "") -> str:
    """A function that hands over `send`, whose body is given."""
    lines = ["def f(bus, name):"]
    lines += [f"    {line}" for line in around.splitlines()]
    lines += ["    def send(x):", *(f"        {line}" for line in body.splitlines())]
    lines += ["    bus.subscribe(send)", *(f"    {line}" for line in behind.splitlines())]
    return "\n".join(lines) + "\n"


def in_class(body: str) -> str:
    """The same in a method."""
    lines = kept(body).replace("(bus, name)", "(self, bus)").splitlines()
    return "\n".join(["class C(B):", *("    " + line for line in lines)]) + "\n"


def matches(template: str, text: str) -> bool:
    """True where the text is that of a reason, whatever it is about."""
    before, _, after = template.partition("{name}")
    return text.startswith(before) and text.endswith(after)
