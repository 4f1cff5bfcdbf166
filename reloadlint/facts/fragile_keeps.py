"""State that is kept by asking the module's own namespace whether it is there already."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from reloadlint.facts.module_state import ModuleName

if TYPE_CHECKING:
    from reloadlint.facts import FileFacts

# What Python 2 had built in: `try: unicode except NameError: unicode = str` keeps nothing.
_FORMER_BUILTINS: Final = frozenset({
    "apply", "basestring", "buffer", "cmp", "execfile", "file", "intern", "long", "raw_input",
    "reduce", "reload", "unichr", "unicode", "xrange", "WindowsError",
})  # fmt: skip
_NAMESPACES: Final = frozenset({"builtins.globals", "builtins.locals", "builtins.vars"})

Assignment: TypeAlias = "ast.Assign | ast.AnnAssign"


@dataclass(frozen=True)
class FragileKeep:
    """The top-level statement `node` makes `states` where it does not find them.

    `how` is what it asks, as it is written in a message. `is_wrapped` where the assignments stand
    inside of `node`; else it is one itself.
    """

    node: ast.stmt
    states: tuple[ModuleName, ...]
    how: str
    is_wrapped: bool


def fragile_keeps(facts: FileFacts) -> Iterator[FragileKeep]:
    """All of them, in the order of the text."""
    for node in facts.tree.body:
        if isinstance(node, ast.Try):
            found = _by_name_error(facts, node)
        elif isinstance(node, ast.If):
            found = _by_membership(facts, node)
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            found = _by_lookup(facts, node)
        else:
            continue
        if found is not None and not any(_is_of_python(state.name) for state in found.states):
            yield found


def _is_of_python(name: str) -> bool:
    return name in _FORMER_BUILTINS or hasattr(builtins, name)


def _by_name_error(facts: FileFacts, node: ast.Try) -> FragileKeep | None:
    """`try: NAME except NameError: NAME = value`, unless that asks for a flag of the builtins."""
    if len(node.handlers) != 1 or node.orelse or node.finalbody:
        return None
    handler = node.handlers[0]
    if handler.type is None or "NameError" not in ast.unparse(handler.type):
        return None
    asked = {name for part in node.body for name in _asked(part)}
    found = _wrapped(node, handler.body, asked, "except NameError")
    is_state = found and not all(_is_constant(facts, state) for state in found.states)
    return found if is_state else None


def _is_constant(facts: FileFacts, state: ModuleName) -> bool:
    """True for `NAME = False` where nothing else in the module binds the name."""
    index = facts.index
    is_bound_once = len(index.module.bindings_of(state.name)) == 1
    is_plain = isinstance(state.value, ast.Constant) and state.name not in index.globals
    return is_plain and is_bound_once


def _asked(part: ast.stmt) -> Iterator[str]:
    """The name that a statement asks for: `NAME`, `NAME = NAME`, `_ = NAME`."""
    value = getattr(part, "value", None)
    if isinstance(part, (ast.Expr, ast.Assign)) and isinstance(value, ast.Name):
        yield value.id


def _by_membership(facts: FileFacts, node: ast.If) -> FragileKeep | None:
    """`if "NAME" not in globals(): NAME = value`."""
    test, wanted = node.test, ast.NotIn
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        test, wanted = test.operand, ast.In  # type: ignore[assignment]
    if not isinstance(test, ast.Compare) or node.orelse or len(test.ops) != 1:
        return None
    name = _text(test.left)
    if isinstance(test.ops[0], wanted) and name and _is_namespace(facts, test.comparators[0]):
        how = f'"{name}" not in {ast.unparse(test.comparators[0])}'
        return _wrapped(node, node.body, {name}, how)
    return None


def _wrapped(node: ast.stmt, body: list[ast.stmt], asked: set[str], how: str) -> FragileKeep | None:
    """Where the body does nothing but assign what is asked for, and other names beside."""
    states = []
    for part in body:
        state = _state(part)
        if state is None:
            return None
        states.append(state)
    is_asked = asked and asked <= {state.name for state in states}
    return FragileKeep(node, tuple(states), how, is_wrapped=True) if is_asked else None


def _state(part: ast.stmt) -> ModuleName | None:
    """The assignment of a value to one name; an alias (`unicode = str`) holds no state."""
    if isinstance(part, ast.Assign) and len(part.targets) == 1:
        target = part.targets[0]
    elif isinstance(part, ast.AnnAssign):
        target = part.target
    else:
        return None
    value = part.value
    if not isinstance(target, ast.Name) or value is None or isinstance(value, ast.Lambda):
        return None
    if isinstance(value, (ast.Name, ast.Attribute)):
        return None
    return ModuleName(target.id, part, value, is_unconditional=False)


def _by_lookup(facts: FileFacts, node: Assignment) -> FragileKeep | None:
    """`NAME = globals().get("NAME", value)` and its like."""
    target = node.targets[0] if isinstance(node, ast.Assign) else node.target
    if not isinstance(target, ast.Name) or node.value is None:
        return None
    found = _fallback(facts, node.value, target.id)
    if found is None or (isinstance(node, ast.Assign) and len(node.targets) > 1):
        return None
    value, how = found
    state = ModuleName(target.id, node, value, is_unconditional=False)
    return FragileKeep(node, (state,), how, is_wrapped=False)


def _fallback(facts: FileFacts, value: ast.expr, name: str) -> tuple[ast.expr, str] | None:
    """What the name gets where it has no value yet, and how that is asked."""
    if isinstance(value, ast.BoolOp) and isinstance(value.op, ast.Or) and len(value.values) == 2:
        first, second = value.values
        asked = _looked_up(facts, first, name)
        return (second, asked[1]) if asked and asked[0] is None else None
    if isinstance(value, ast.IfExp) and isinstance(value.test, ast.Compare):
        test = value.test
        if _text(test.left) == name and _is_namespace(facts, test.comparators[0]):
            how = f'"{name}" in {ast.unparse(test.comparators[0])}'
            return (value.orelse if isinstance(test.ops[0], ast.In) else value.body), how
        return None
    asked = _looked_up(facts, value, name)
    return (asked[0], asked[1]) if asked and asked[0] is not None else None


def _looked_up(facts: FileFacts, node: ast.expr, name: str) -> tuple[ast.expr | None, str] | None:
    """Of `globals().get("NAME", default)`: the default, if there is one, and the method."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or not node.args:
        return None
    is_lookup = node.func.attr in {"get", "setdefault"} and _text(node.args[0]) == name
    if not is_lookup or not _is_namespace(facts, node.func.value):
        return None
    default = node.args[1] if len(node.args) > 1 else None
    return default, f"{ast.unparse(node.func)}"


def _text(node: ast.expr) -> str | None:
    is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
    return node.value if is_text else None  # type: ignore[attr-defined]


def _is_namespace(facts: FileFacts, node: ast.expr) -> bool:
    """True for `globals()`, and for `vars()` and `locals()`: at module level all the same."""
    return (
        isinstance(node, ast.Call)
        and not node.args
        and facts.names.qualified(node.func, facts.index.module) in _NAMESPACES
    )
