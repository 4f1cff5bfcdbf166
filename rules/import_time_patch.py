"""RL403: an attribute of another module or class that is assigned at import."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from reloadlint.finding import Fix
from reloadlint.rule import Evidence, Example, Rule, TypedEdit

if TYPE_CHECKING:
    import libcst as cst

    from reloadlint.facts import FileFacts
    from reloadlint.facts.patches import Patch


class ImportTimePatch(Rule):
    """Another module or class is patched when this module is imported, and again by each reload.

    What it does
    ------------
    Flags a statement at module level that assigns an attribute of another module, or of a class
    that is defined in another module, be it by `setattr`, and the same in a function of the
    project that it calls unconditionally.

    Left alone are what an object of the project is set up with (`config.design = Design`),
    descriptions such as `__doc__`, what is done only if it has not been done before (`if not
    hasattr(os, "x")`), what the module itself takes back, what stands under `if TYPE_CHECKING`, and
    modules with a `__before_reload__`. A plain value that is set in a module from outside of the
    project is reported only with `min-confidence = "possible"`.

    Why it goes stale
    -----------------
    A patch that calls what it replaces wraps itself: after a reload `old = json.dumps` is the patch
    of before, and each reload adds a layer that runs old code. A reload of the module that is
    patched takes the patch away, since nobody applies it again. And a patch that is gone from the
    text stays in the program.

    Use instead
    -----------
    A function of your own which calls the other one, and which your code calls; or a subclass.
    Where the patch is the point, apply it once, in a function that the program calls when it
    starts, and let it call a function of this module by its name.

    Fix safety
    ----------
    There is no automatic fix: who relies on the patch cannot be known.

    When to suppress
    ----------------
    In a module whose only purpose is the patch, and which is not reloaded.
    """

    code = "RL403"
    name = "import-time-patch"
    fixable = "display-only"
    skips_tests = True
    examples = (
        Example(
            before="""\
import json

_dumps = json.dumps


def dumps(value):
    return "<" + _dumps(value) + ">"


json.dumps = dumps


def show(value):
    return json.dumps(value)
""",
            instead="""\
import json


def dumps(value):
    return "<" + json.dumps(value) + ">"


def show(value):
    return dumps(value)
""",
            evidence=Evidence(
                edits=(
                    TypedEdit('"<"', '"["'),
                    TypedEdit(
                        'dumps(value):\n    return "<"',
                        'dumps(value, left="["):\n    return left',
                        "signature",
                    ),
                    TypedEdit(
                        "json.dumps = dumps\n",
                        "",
                        "removed",
                        fixed=("return dumps(value)", "return json.dumps(value)"),
                    ),
                ),
                hold="",
                probe="m.show(1)",
            ),
        ),
        Example(
            before="""\
import limits

limits.MAXIMUM = 20
""",
            helpers=(("limits.py", "MAXIMUM = 10\n"),),
        ),
    )
    untried = (
        ("captures", "a function of a module captures nothing"),
        ("state", "no state is involved"),
    )
    leaves = (
        "import os\n\nif not hasattr(os, 'sync'):\n    os.sync = lambda: None\n",
        "import json\n\n\ndef patch():\n    json.dumps = str\n",
        "class Point:\n    pass\n\n\nPoint.origin = Point()\n",
        "from typing import TYPE_CHECKING\n\nimport json\n\nif TYPE_CHECKING:\n"
        "    json.dumps = str\n",
        "import sys\n\nsys.tracebacklimit = 0\n",
        "import sys\n\nout = sys.stdout\nsys.stdout = open('log')\nprint('x')\nsys.stdout = out\n",
        "import json\n\njson.loads.__doc__ = 'Read JSON.'\n",
    )

    @classmethod
    def screen(cls, facts: FileFacts) -> Iterator[ast.AST]:
        """The places that patch."""
        return (
            patch.node for patch in facts.patches if patch.confidence >= facts.config.min_confidence
        )

    def visit_Attribute(self, node: cst.Attribute) -> None:
        """Report `m.name = …`."""
        self._check(self.context.node_of.get(node))

    def visit_Call(self, node: cst.Call) -> None:
        """Report `setattr(m, "name", …)`."""
        self._check(self.context.node_of.get(node))

    def _check(self, node: ast.AST | None) -> None:
        for patch in self.context.found_at(node, self.facts.patches):
            inside = f" in `{patch.inside}`" if patch.inside else ""
            self.report(
                patch.node,
                f"`{patch.text}` is patched{inside} at import: {_consequence(patch)}",
                confidence=patch.confidence,
                fix=Fix.by_hand("patch it once where the program starts, or call your own"),
            )


def _consequence(patch: Patch) -> str:
    if patch.wraps:
        return "each reload wraps the patch of before once more"
    if patch.is_first_party:
        return "a reload of what is patched takes the patch away"
    return "a reload patches it again, over whatever has been put there since"
