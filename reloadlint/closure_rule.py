"""The base of the rules on kept closures: they differ in what keeps the closure."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from reloadlint.facts.fates import Kept
from reloadlint.rewrite.refusal import hoist_cautions, hoist_refusals
from reloadlint.rule import Rule

if TYPE_CHECKING:
    import libcst as cst

    from reloadlint.facts import FileFacts


class KeptClosureRule(Rule):
    """Reports every closure with work of its own whose surest keeper is of the kind `kept`."""

    kept: ClassVar[Kept]
    fixable = "hoist"
    refusals = hoist_refusals()
    cautions = hoist_cautions()
    skips_tests = True

    @classmethod
    def screen(cls, facts: FileFacts) -> Iterator[ast.AST]:
        """The closures that are kept in the way of this rule."""
        return (node for node, fate in facts.kept_closures.items() if fate.kept is cls.kept)

    def visit_Lambda(self, node: cst.Lambda) -> None:
        """Report a lambda."""
        self._check(node)

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:
        """Report a nested function."""
        self._check(node)

    def _check(self, node: cst.Lambda | cst.FunctionDef) -> None:
        # Imported here, as it brings libcst along, which a clean file does without.
        from reloadlint.rewrite.hoist import hoist
        from reloadlint.rewrite.refusal import Refused

        closure = self.context.closure(node)
        if closure is None:
            return
        fate = self.facts.kept_closures.get(closure.node)
        if fate is None or fate.kept is not self.kept:
            return
        outcome = hoist(self.context, node, closure)
        self.report(
            closure.node,
            f"{closure.noun} is {fate.how}: a reload cannot reach the code inside it",
            confidence=fate.confidence,
            fix=None if isinstance(outcome, Refused) else outcome,
            refusal=outcome.text if isinstance(outcome, Refused) else None,
            steps=fate.steps,
        )
