"""Attributes of other modules and classes that a module assigns when it is imported."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from reloadlint.facts.import_time import AtImport, Effect, effects
from reloadlint.facts.index import FUNCTIONS, Index, Scope
from reloadlint.facts.targets import Class, Function
from reloadlint.facts.trampolines import dotted
from reloadlint.finding import Confidence

if TYPE_CHECKING:
    from reloadlint.facts import FileFacts

# What describes an object rather than change what it does.
_DESCRIPTIONS: Final = frozenset({
    "__all__", "__annotations__", "__doc__", "__module__", "__name__", "__path__",
    "__qualname__", "__signature__", "__test__", "__wrapped__",
})  # fmt: skip


@dataclass(frozen=True)
class Patch(Effect):
    """`node` assigns `text`, an attribute of another module or class.

    `wraps`: the new value goes on to use the old one. `is_first_party`: a reload of the module that
    is patched takes the patch away.
    """

    wraps: bool
    is_first_party: bool
    confidence: Confidence


def patches(facts: FileFacts) -> Iterator[Patch]:
    """All of them, in the order of the text; not one that the module itself takes back."""
    return effects(facts, _by_steps)


def _by_steps(facts: FileFacts, steps: Iterable[AtImport]) -> Iterator[Patch]:
    found = [
        (target, owner, attribute, value)
        for step in steps
        for target, owner, attribute, value in _assigned(facts, step.node)
        if attribute not in _DESCRIPTIONS and not step.asks_for(f"{dotted(owner)}.{attribute}")
    ]
    times = Counter(f"{dotted(owner)}.{attribute}" for _, owner, attribute, _ in found)
    for target, owner, attribute, value in found:
        text = f"{dotted(owner)}.{attribute}"
        patched = _Patched.of(facts, owner)
        if patched is not None and times[text] == 1:
            yield from _judged(facts, patched, target, text, value)


def _assigned(
    facts: FileFacts, node: ast.stmt
) -> Iterator[tuple[ast.Attribute | ast.Call, ast.expr, str, ast.expr]]:
    """What is assigned: the place, the owner, the name of the attribute and the value."""
    if isinstance(node, ast.Assign):
        for target in node.targets:
            if isinstance(target, ast.Attribute):
                yield target, target.value, target.attr, node.value
    elif isinstance(node, (ast.AugAssign, ast.AnnAssign)) and node.value is not None:
        is_addition = isinstance(node, ast.AugAssign) and isinstance(node.value, ast.List)
        if isinstance(node.target, ast.Attribute) and not is_addition:
            yield node.target, node.target.value, node.target.attr, node.value
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        call = node.value
        if facts.names.qualified(call.func) == "builtins.setattr" and len(call.args) == 3:
            name = call.args[1]
            if isinstance(name, ast.Constant) and isinstance(name.value, str):
                yield call, call.args[0], name.value, call.args[2]


@dataclass(frozen=True)
class _Patched:
    """What is patched. `is_sure`: it is known to be a module or a class."""

    is_first_party: bool
    is_sure: bool

    @classmethod
    def of(cls, facts: FileFacts, owner: ast.expr) -> _Patched | None:
        """None for what belongs to this file, and for what is not known by its name."""
        scope = facts.index.scope_at(owner)
        qualified = facts.names.qualified(owner, scope)
        if qualified is None or qualified.startswith((":", "builtins.")):
            return None
        target = facts.targets.of(owner, scope)
        if isinstance(target, Class):
            return None if target.facts is facts else cls(is_first_party=True, is_sure=True)
        if isinstance(target, Function):
            return None
        if facts.project.module(facts.absolute(qualified)) is not None:
            return cls(is_first_party=True, is_sure=True)
        if _is_in_object(facts, facts.absolute(qualified)):
            return None
        last = qualified.rpartition(".")[2]
        is_class = last[:1].isupper() and not last.isupper()
        return cls(is_first_party=False, is_sure=is_class or _is_imported_module(facts, owner))


def _is_in_object(facts: FileFacts, name: str) -> bool:
    """True for `config.design`, where a module of the project has `config` from a call.

    It is set up by what it is given: a reload does so again, and nothing is patched.
    """
    parts = name.split(".")
    for end in range(len(parts) - 1, 0, -1):
        owner = facts.imported(".".join(parts[:end]))
        if owner is not None:
            found = owner.module_values.get(parts[end])
            return found is not None and isinstance(found[1], ast.Call)
    return False


def _is_imported_module(facts: FileFacts, owner: ast.expr) -> bool:
    """True for `m` and `p.m` after `import p.m`, or `import p.m as m`."""
    return dotted(owner) in facts.names.modules


def _judged(
    facts: FileFacts,
    patched: _Patched,
    target: ast.Attribute | ast.Call,
    text: str,
    value: ast.expr,
) -> Iterator[Patch]:
    wraps = _wraps(facts, text, value)
    is_code = _is_own_code(facts, value)
    if not (patched.is_sure or is_code or wraps):
        return
    if wraps and patched.is_sure:
        confidence = Confidence.CERTAIN
    elif is_code or wraps or patched.is_first_party:
        confidence = Confidence.LIKELY
    else:
        confidence = Confidence.POSSIBLE  # the same value once more: `sys.tracebacklimit = 0`
    yield Patch(target, text, wraps, patched.is_first_party, confidence)


def _wraps(facts: FileFacts, text: str, value: ast.expr) -> bool:
    """True for `m.f = wrap(m.f)`, and where `old = m.f` is what the new function calls."""
    if _mentions(value, text):
        return True
    saved = facts.saved_attributes.get(text, frozenset())
    scopes = [facts.index.scope_of[node] for node in _functions(facts, value)]
    return any(_uses(scope, saved) for scope in scopes)


def saved_attributes(index: Index) -> Mapping[str, frozenset[str]]:
    """By dotted name, the names that the module gives values in which it is mentioned."""
    found: dict[str, set[str]] = {}
    for name, bindings in index.module.bindings.items():
        for binding in bindings:
            value = getattr(index.parent.get(binding), "value", None)
            if isinstance(binding, ast.Name) and isinstance(value, ast.AST):
                for part in ast.walk(value):
                    if isinstance(part, ast.Attribute):
                        found.setdefault(dotted(part) or "", set()).add(name)
    return {text: frozenset(names) for text, names in found.items()}


def _mentions(node: ast.AST | None, text: str) -> bool:
    return node is not None and any(
        isinstance(part, ast.Attribute) and dotted(part) == text for part in ast.walk(node)
    )


def _uses(scope: Scope, names: Set[str]) -> bool:
    is_direct = any(name in scope.uses and scope.resolve(name) is None for name in names)
    return is_direct or any(_uses(inner, names) for inner in scope.children)


def _functions(facts: FileFacts, value: ast.expr) -> Iterator[ast.AST]:
    """The functions and classes of this file that are the value, or part of it."""
    for node in ast.walk(value):
        if isinstance(node, ast.Lambda):
            yield node
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            for use in facts.index.module.uses_of(node.id):
                if isinstance(use, (*FUNCTIONS, ast.ClassDef)):
                    yield use


def _is_own_code(facts: FileFacts, value: ast.expr) -> bool:
    return next(_functions(facts, value), None) is not None
