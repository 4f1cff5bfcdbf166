"""What names mean at a place in the text of a module, where several statements bind them."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from reloadlint.runtime._step import Step
from reloadlint.runtime._syntax import always_binds, is_pure, is_recomputable
from reloadlint.runtime._version import Statement


class Names:
    """The names of a module during a reload."""

    def __init__(self, steps: list[Step], namespace: dict[str, Any]) -> None:
        self.steps, self.namespace = steps, namespace
        self.binders: dict[str, list[Step]] = defaultdict(list)
        for step in steps:
            for name in step.new.binds:
                self.binders[name].append(step)
            if len(step.new.nodes) > 1:
                step.end = max(each.index for each in steps if each.new.node in step.new.nodes)
        # Where and when they were bound anew.
        self.moments: dict[str, list[tuple[int, int]]] = defaultdict(list)
        self.begin()

    def begin(self) -> None:
        """A run through the text begins."""
        self.displaced: dict[str, Any] = {}  # what they meant before statements were executed
        self.placed: dict[str, Step] = {}  # whose value it is, if not that of the last one

    def value_of(self, name: str, former: bool) -> Any:
        """What a name means, or meant; KeyError where that depends on the place in the text."""
        if len(self.binders.get(name, ())) > 1:
            raise KeyError(name)
        return self.displaced.get(name, self.namespace[name]) if former else self.namespace[name]

    def bound_anew(self, name: str, step: Step) -> int:
        """When a name that a statement reads was last bound anew further up; 0 for never."""
        above = [each for each in self.binders[name] if each.index <= step.end and each is not step]
        start = max((each.index for each in above if always_binds(each.new.node)), default=0)
        moments = self.moments[name]
        return max((moment for at, moment in moments if start <= at <= step.end), default=0)

    def is_bound_below(self, step: Step, name: str) -> bool:
        """Whether a statement further down has the last word, and does not go with this one."""
        below = [each.new.node for each in self.binders[name] if each.index > step.index]
        return any(always_binds(node) and node not in step.new.nodes for node in below)

    def place(self, step: Step, before: dict[str, Any]) -> None:
        """A statement has bound names, which meant something else before."""
        self.displaced.update(before)
        self.placed.update(dict.fromkeys(before, step))

    def restore(self, step: Step) -> Iterator[str]:
        """Let a statement that is not executed have the last word, as before; gives the names."""
        for name in self.displaced.keys() & step.new.binds if always_binds(step.new.node) else ():
            self.namespace[name] = self.displaced.pop(name)
            self.placed[name] = step
            yield name

    def lost(self, former: list[Statement]) -> Iterator[tuple[str, Step]]:
        """The names that the last statement which bound them binds no more; and who does now."""
        heirs = {id(step.old): step.new.binds for step in self.steps}
        last = {name: each for each in former for name in each.binds}
        for name in self.binders.keys() & last.keys():
            step = self.binders[name][-1]
            if step.old and name not in heirs.get(id(last[name]), ()):
                yield name, step

    def makers(self, step: Step) -> Iterator[tuple[str, list[Step]]]:
        """What a statement reads that means something else by now than where it stands.

        With the statements that make it mean that; none if they may have effects.
        """
        for name in step.new.reads & self.binders.keys() & self.namespace.keys():
            above = [each for each in self.binders[name] if each.index < step.index]
            last = [each for each in self.binders[name] if each.old or each.executed][-1:]
            means = self.placed.get(name, *last) if last else None
            # A branch may not have bound it, and an import under a condition brings the same.
            sure = (
                means and above and all(always_binds(each.new.node) for each in (means, above[-1]))
            )
            if sure and means is not above[-1]:
                starts = [n for n, each in enumerate(above) if _begins(each, name)]
                chain = above[starts[-1] :] if starts else []
                others = {read for each in chain for read in each.new.reads} - {name}
                known = all(len(self.binders.get(other, ())) < 2 for other in others)
                yield name, chain if known and all(map(_is_computed, chain)) else []


def _begins(step: Step, name: str) -> bool:
    return makes_anew(step) and name not in step.new.reads


def _is_computed(step: Step) -> bool:
    node = step.new.node
    return makes_anew(step) or (isinstance(node, ast.AugAssign) and is_pure(node.value))


def makes_anew(step: Step) -> bool:
    """Whether executing a statement again does nothing but make its value anew."""
    node: Any = step.new.node
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return not node.decorator_list and is_pure(node.args)
    imports = isinstance(node, (ast.Import, ast.ImportFrom))
    return imports or (isinstance(node, (ast.Assign, ast.AnnAssign)) and is_recomputable(node))
