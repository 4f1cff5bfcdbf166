"""A name → the files of a new rule: one that works, and says where it is to be filled in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from string import Template

from reloadlint import registry, writing
from reloadlint.errors import ConfigError, SourceError

_RULE = Template('''\
"""$code: TODO what is flagged, in a line."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from reloadlint.rule import Evidence, Example, Rule, TypedEdit

if TYPE_CHECKING:
    import libcst as cst

    from reloadlint.facts import FileFacts


class $class_name(Rule):
    """TODO one line that says what is flagged.

    What it does
    ------------
    TODO: what is flagged, and what is left alone. For now: `def f(x=NAME)`, NAME in upper case.

    Why it goes stale
    -----------------
    TODO: who holds what, and why a reload does not reach it.

    Use instead
    -----------
    TODO: the code that stays fresh.

    Fix safety
    ----------
    There is no fix.

    When to suppress
    ----------------
    TODO: the legitimate exceptions.
    """

    code = "$code"
    name = "$name"
    # Documentation, test and experiment at once: `before` is flagged, `instead` is not. With a fix,
    # say what it does in `fixable`, and give `after` in the place of `instead`.
    examples = (
        Example(
            before="""\\
RATE = 10


def step(rate=RATE):
    return rate
""",
            instead="""\\
RATE = 10


def step(rate=None):
    return RATE if rate is None else rate
""",
            # What a developer types, what the program holds, and how to look.
            evidence=Evidence(
                edits=(TypedEdit("RATE = 10", "RATE = 20"),),
                hold="step = m.step",
                probe="step()",
            ),
        ),
    )
    # The kinds of edit that no example tries, and why they cannot matter.
    untried = (
        ("captures", "TODO"),
        ("signature", "TODO"),
        ("state", "TODO"),
        ("removed", "TODO"),
    )
    # What looks like the hazard, and is none.
    leaves = ("def step(rate=10):\\n    return rate\\n",)

    @classmethod
    def screen(cls, facts: FileFacts) -> Iterator[ast.AST]:
        """The nodes at which this rule may report: only what is around them is walked."""
        return (node for node in facts.tree.body if _constant(node) is not None)

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:
        """Report a function."""
        function = self.context.node_of[node]
        constant = _constant(function)
        if constant is not None:
            self.report(function, f"`{constant}` is read once: the default outlives a reload")


def _constant(node: ast.AST) -> str | None:
    """The constant that is a default, if there is one."""
    defaults = node.args.defaults if isinstance(node, ast.FunctionDef) else ()
    names = [default.id for default in defaults if isinstance(default, ast.Name)]
    return next((name for name in names if name.isupper()), None)
''')
_TEST = Template('''\
"""$code: what its declaration promises, and the cases that need more words than an example."""

from __future__ import annotations

import pytest

from reloadlint.config import Config
from reloadlint.lint import lint
from reloadlint.source import SourceFile
from reloadlint.testing import Promise, promises
from $module import $class_name


@pytest.mark.parametrize("promise", promises($class_name), ids=str)
def test_it_keeps_its_promises(promise: Promise) -> None:
    promise.check()


def messages(text: str) -> list[str]:
    result = lint(SourceFile("example.py", text), [$class_name], Config())
    return [finding.message for finding in result.findings]


def test_the_message_names_the_constant() -> None:
    (message,) = messages("RATE = 10\\n\\n\\ndef step(rate=RATE):\\n    return rate\\n")
    assert message.startswith("`RATE`")
''')


def new_rule(name: str, code: str, folder: Path | None, root: Path) -> Iterator[Path]:
    """Write the rule `name` and its test; yield their paths, the rule's first.

    The rule goes into `folder`, by default `rules` below `root`, or `root` itself; the test into
    the tests below `root`, or beside the rule. Raises ConfigError for a name or code that is taken
    or has another form than it should have, SourceError where a file is there or cannot be written.
    """
    _check(name, code)
    if folder is None:
        folder = root / "rules" if (root / "rules").is_dir() else root
    stem = name.replace("-", "_")
    rule = folder / f"{stem}.py"
    package = _package(folder.resolve())
    # Beside a lone module, since the test imports it as one.
    test = (_tests(root, folder) if package else folder) / f"test_{stem}.py"
    values = {
        "code": code,
        "name": name,
        "class_name": name.title().replace("-", ""),
        "module": ".".join([*package, stem]),
    }
    for path in (rule, test):
        if path.exists():
            raise SourceError(str(path), "is there already")
    for path, template in ((rule, _RULE), (test, _TEST)):
        writing.write(str(path), template.substitute(values).encode(), before=None)
        yield path


def _check(name: str, code: str) -> None:
    if not re.fullmatch("[a-z]+(-[a-z]+)*", name):
        raise ConfigError(f"{name!r} is no name for a rule: expected some-words")
    if not re.fullmatch("[A-Z]+[0-9]+", code):
        raise ConfigError(f"{code!r} is no code for a rule: expected letters and digits")
    for rule in registry.load():
        if name == rule.name or code == rule.code:
            raise ConfigError(f"{rule.code} {rule.name} is there already")


def _tests(root: Path, folder: Path) -> Path:
    places = (root / "tests" / "rules", root / "tests")
    return next(filter(Path.is_dir, places), folder)


def _package(folder: Path) -> list[str]:
    """The name of a folder's package: an installed pack's, or what its `__init__.py` tells."""
    for pack in registry.packs():
        if folder in map(Path, getattr(pack, "__path__", ())):
            return pack.__name__.split(".")
    parts: list[str] = []
    while (folder / "__init__.py").is_file():
        parts.insert(0, folder.name)
        folder = folder.parent
    return parts
