"""Which scope of the new text succeeds which scope of the old one."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from itertools import zip_longest
from types import CodeType
from typing import Any

from reloadlint.runtime._version import FUNCTIONS, Scope, Version, codes_in, freeze, imprint

_IN_FUNCTIONS = 1  # CO_OPTIMIZED: not in the code of classes
Pairs = dict[CodeType, CodeType]
_BODY, _STATEMENT, _PLACE, _SHAPE = 8, 6, 4, 2


def pair_versions(old: Version, new: Version, matches: dict[int, int]) -> Pairs:
    """Every code of the old text with its successor. `matches`: new statements to old ones."""
    pairs: Pairs = {}
    rest_old, rest_new = set(range(len(old.statements))), set(range(len(new.statements)))
    for j, i in matches.items():
        ones, others = old.codes_of(i), new.codes_of(j)
        simple = len(ones) == len(others) == 1 and not (codes_in(ones[0]) or codes_in(others[0]))
        if simple or old.statements[i].text == new.statements[j].text:
            found: Pairs = {}
            if _zip(ones, others, found):  # or else another statement shares the line
                pairs.update(found)
                rest_old.discard(i)
                rest_new.discard(j)
    _pair(
        (scope for i in sorted(rest_old) for scope in old.scopes_of(i)),
        (scope for i in sorted(rest_new) for scope in new.scopes_of(i)),
        pairs,
    )
    return pairs


def _zip(old: Iterable[CodeType], new: Iterable[CodeType], pairs: Pairs) -> bool:
    for one, other in zip_longest(old, new):
        if one is None or other is None or one.co_name != other.co_name:
            return False
        if (one.co_flags ^ other.co_flags) & _IN_FUNCTIONS:
            return False  # a function has become a class
        pairs[one] = other
        if not _zip(codes_in(one), codes_in(other), pairs):
            return False
    return True


def _pair(old: Iterable[Scope], new: Iterable[Scope], pairs: Pairs) -> None:
    """Pair siblings: what has a name by its name, lambdas by their place in the structure."""
    old, new = list(old), list(new)
    for name in {scope.name: None for scope in old}:
        ones = [scope for scope in old if scope.name == name]
        others = [scope for scope in new if scope.name == name]
        likeness = _likeness_of_lambdas if name == "<lambda>" else _likeness_of_named
        for one, other in _align(ones, others, likeness):
            if one.code is not None and other.code is not None:
                pairs[one.code] = other.code
            _pair(one.children, other.children, pairs)


def _align(
    old: list[Scope], new: list[Scope], likeness: Callable[[Scope, Scope], int]
) -> list[tuple[Scope, Scope]]:
    """The most alike first. Only what stands in the same place may have changed its order."""
    scores = [
        (-score, abs(i - j), i, j)
        for i, one in enumerate(old)
        for j, other in enumerate(new)
        if (score := likeness(one, other))
    ]
    found: dict[int, int] = {}
    for score, _, i, j in sorted(scores):
        if i not in found and j not in found.values():
            if -score >= _PLACE or all((i < a) == (j < b) for a, b in found.items()):
                found[i] = j
    return [(old[i], new[j]) for i, j in found.items()]


def _likeness_of_named(old: Scope, new: Scope) -> int:
    if isinstance(old.node, ast.ClassDef) != isinstance(new.node, ast.ClassDef):
        return 0
    one, other = (imprint(getattr(scope.node, "decorator_list", [])) for scope in (old, new))
    return _SHAPE + _STATEMENT * bool(one == other)


def _likeness_of_lambdas(old: Scope, new: Scope) -> int:
    """How surely the one lambda is the other after an edit. 0: it is another."""
    score = _BODY * bool(freeze(old.node) == freeze(new.node))
    score += _STATEMENT * bool(_statement(old) == _statement(new))
    if _place(old) == _place(new):
        score += _PLACE
    elif _is_named(old) or _is_named(new):
        return score  # `a = lambda: …` is not the successor of `b = lambda: …`
    return score + _SHAPE * bool(_shape(old) == _shape(new))


def _statement(scope: Scope) -> Any:
    """The statement around a lambda, and which of its lambdas it is."""
    steps = [node for node, _, _ in scope.trail if isinstance(node, ast.stmt)]
    inside = [node for node in ast.walk(steps[-1]) if isinstance(node, ast.Lambda)] if steps else []
    return imprint(steps[-1] if steps else None), inside.index(scope.node) if inside else 0


def _place(scope: Scope) -> Any:
    """What takes the lambda: a name, a key, a parameter of a callee."""
    node: Any
    node, _, index = scope.trail[-1]
    if isinstance(node, ast.keyword):
        call: Any = scope.trail[-2][0]
        return imprint(call.func), node.arg
    if isinstance(node, ast.Call):
        constants = [part for part in node.args if isinstance(part, ast.Constant)]
        return imprint(node.func), index, imprint(constants)
    if isinstance(node, ast.Dict):
        return imprint(node.keys[index])
    target = getattr(node, "targets", getattr(node, "target", None))
    return _shape(scope) if target is None else imprint(target)


def _shape(scope: Scope) -> Any:
    return tuple((type(node).__name__, field) for node, field, _ in scope.trail)


def _is_named(scope: Scope) -> bool:
    node = scope.trail[-1][0]
    if isinstance(node, ast.Call):
        return any(isinstance(part, ast.Constant) for part in node.args)
    return isinstance(node, (ast.Assign, ast.AnnAssign, ast.NamedExpr, ast.Dict))


def renamed(old: Scope, new: Scope, gone: set[str], come: set[str]) -> dict[str, str]:
    """Captures that an edit renamed, old name to new, where nothing else is possible."""
    before, after = old.function, new.function
    if before is None or after is None:
        return {}
    found = {}
    for name in gone - _names_in(after):
        binding = _bindings(before.node, name)
        twins = [other for other in come if _bindings(after.node, other) == binding]
        rivals = [other for other in gone if _bindings(before.node, other) == binding]
        if binding and len(twins) == len(rivals) == 1 and twins[0] not in _names_in(before):
            found[name] = twins[0]
    return found


def _names_in(scope: Scope) -> set[str]:
    nodes = list(ast.walk(scope.node))
    names = {node.id for node in nodes if isinstance(node, ast.Name)}
    return names | {node.arg for node in nodes if isinstance(node, ast.arg)}


def _bindings(function: Any, name: str) -> list[Any]:
    """Where a function binds a local name: as which parameter, in which statements."""
    arguments = function.args
    parameters = [*arguments.posonlyargs, *arguments.args, arguments.vararg, arguments.kwarg]
    found: list[Any] = [i for i, each in enumerate(parameters) if each and each.arg == name]
    for statement in function.body if isinstance(function.body, list) else ():
        names = [node for node in ast.walk(statement) if isinstance(node, ast.Name)]
        if any(node.id == name and isinstance(node.ctx, ast.Store) for node in names):
            found.append(freeze(statement, FUNCTIONS, {name: "_"}))
    return found
