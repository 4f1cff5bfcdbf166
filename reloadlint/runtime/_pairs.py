"""Which scope of the new text succeeds which scope of the old one."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from itertools import zip_longest
from types import CodeType
from typing import Any

from reloadlint.runtime._version import FUNCTIONS, Scope, Version, freeze, imprint

Pairs = dict[CodeType, CodeType]
_BODY, _STATEMENT, _PLACE, _SHAPE = 8, 6, 4, 2


def _pair_equal(old: list[CodeType], new: list[CodeType], pairs: Pairs) -> bool:
    """Pair the codes of two texts of one structure. False: a neighbour on the line differs."""
    found: Pairs = {}
    if not _zip_codes(old, new, found):
        return False
    pairs.update(found)
    return True


def _zip_codes(old: Iterable[CodeType], new: Iterable[CodeType], pairs: Pairs) -> bool:
    for one, other in zip_longest(old, new):
        if one is None or other is None or one.co_name != other.co_name:
            return False
        pairs[one] = other
        if not _zip_codes(_codes(one), _codes(other), pairs):
            return False
    return True


def _codes(code: CodeType) -> list[CodeType]:
    return [const for const in code.co_consts if isinstance(const, CodeType)]


def pair_scopes(old: Iterable[Scope], new: Iterable[Scope], pairs: Pairs) -> None:
    """Pair siblings: what has a name by its name, lambdas by their place in the structure."""
    old, new = list(old), list(new)
    for name in {scope.name: None for scope in old}:
        ones = [scope for scope in old if scope.name == name]
        others = [scope for scope in new if scope.name == name]
        align = _align_lambdas if name == "<lambda>" else _align_named
        for one, other in align(ones, others):
            if one.code is not None and other.code is not None:
                pairs[one.code] = other.code
            pair_scopes(one.children, other.children, pairs)


def _align_named(old: list[Scope], new: list[Scope]) -> list[tuple[Scope, Scope]]:
    """Scopes of one name: in order, or by their decorators where there are more or fewer."""
    classes = [isinstance(scope.node, ast.ClassDef) for scope in (*old, *new)]
    if len(set(classes)) > 1:
        by_kind = [[s for s in side if isinstance(s.node, ast.ClassDef)] for side in (old, new)]
        others = [
            [s for s in side if s not in kind]
            for side, kind in zip((old, new), by_kind, strict=True)
        ]
        return _align_named(*by_kind) + _align_named(*others)
    if len(old) == len(new) or not (old and new):
        return list(zip(old, new, strict=False))
    return _align(old, new, _decorated_alike)


def _decorated_alike(old: Scope, new: Scope) -> int:
    same_decorators: bool = _imprint_of_decorators(old) == _imprint_of_decorators(new)
    return _STATEMENT * same_decorators + _SHAPE


def _imprint_of_decorators(scope: Scope) -> Any:
    return imprint(getattr(scope.node, "decorator_list", []))


def _align_lambdas(old: list[Scope], new: list[Scope]) -> list[tuple[Scope, Scope]]:
    found = _align(old, new, _likeness)
    # What changed its order is found only where there can be no doubt.
    rest_old = [scope for scope in old if all(scope is not one for one, _ in found)]
    rest_new = [scope for scope in new if all(scope is not other for _, other in found)]
    for scope in rest_old:
        alike = [other for other in rest_new if _likeness(scope, other) >= _PLACE]
        if len(alike) == 1 and sum(_likeness(one, alike[0]) >= _PLACE for one in rest_old) == 1:
            found.append((scope, alike[0]))
    return found


def _likeness(old: Scope, new: Scope) -> int:
    """How surely the one lambda is the other after an edit. 0: it is another."""
    score = 0
    if freeze(old.node) == freeze(new.node):
        score += _BODY
    if _statement(old) == _statement(new):
        score += _STATEMENT
    if _place(old) == _place(new):
        score += _PLACE
    elif _is_named(old) or _is_named(new):
        return score  # `a = lambda: …` is not the successor of `b = lambda: …`
    if _shape(old) == _shape(new):
        score += _SHAPE
    return score


def _statement(scope: Scope) -> Any:
    """The statement around a lambda, and which of its lambdas it is."""
    steps = [node for node, _, _ in scope.trail if isinstance(node, ast.stmt)]
    inside = [node for node in ast.walk(steps[-1]) if isinstance(node, ast.Lambda)] if steps else []
    position = [node is scope.node for node in inside].index(True) if inside else 0
    return imprint(steps[-1] if steps else None), position


def _place(scope: Scope) -> Any:
    """What takes the lambda: a name, a key, a parameter of a callee."""
    node, _, index = scope.trail[-1]
    if isinstance(node, ast.Assign):
        return imprint(node.targets)
    if isinstance(node, (ast.AnnAssign, ast.NamedExpr)):
        return imprint(node.target)
    if isinstance(node, ast.Dict):
        return imprint(node.keys[index])
    if isinstance(node, ast.keyword):
        node, _, index = scope.trail[-2]
        assert isinstance(node, ast.Call)
        return imprint(node.func), node.keywords[index].arg
    if isinstance(node, ast.Call):
        constants = [part for part in node.args if isinstance(part, ast.Constant)]
        return imprint(node.func), index, imprint(constants)
    return _shape(scope)


def _shape(scope: Scope) -> Any:
    return tuple((type(node).__name__, field) for node, field, _ in scope.trail)


def _is_named(scope: Scope) -> bool:
    node = scope.trail[-1][0]
    if isinstance(node, ast.Call):
        return any(isinstance(part, ast.Constant) for part in node.args)
    return isinstance(node, (ast.Assign, ast.AnnAssign, ast.NamedExpr, ast.Dict))


def _align(
    old: list[Scope], new: list[Scope], score: Callable[[Scope, Scope], int]
) -> list[tuple[Scope, Scope]]:
    """The best pairing that keeps the order, by dynamic programming."""
    best = [[0] * (len(new) + 1) for _ in range(len(old) + 1)]
    scores = [[score(one, other) for other in new] for one in old]
    for i in reversed(range(len(old))):
        for j in reversed(range(len(new))):
            matched = best[i + 1][j + 1] + scores[i][j] if scores[i][j] else 0
            best[i][j] = max(matched, best[i + 1][j], best[i][j + 1])
    found, i, j = [], 0, 0
    while i < len(old) and j < len(new):
        if scores[i][j] and best[i][j] == best[i + 1][j + 1] + scores[i][j]:
            found.append((old[i], new[j]))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return found


def renamed(old: Scope, new: Scope, gone: set[str], come: set[str]) -> dict[str, str]:
    """Captures that an edit renamed, old name to new, where nothing else is possible."""
    outer_old, outer_new = enclosing_function(old), enclosing_function(new)
    if outer_old is None or outer_new is None:
        return {}
    found = {}
    for name in gone - _names_in(outer_new):
        binding = _bindings(outer_old.node, name)
        twins = [other for other in come if _bindings(outer_new.node, other) == binding]
        rivals = [other for other in gone if _bindings(outer_old.node, other) == binding]
        if binding and len(twins) == len(rivals) == 1 and twins[0] not in _names_in(outer_old):
            found[name] = twins[0]
    return found


def enclosing_function(scope: Scope) -> Scope | None:
    """The function around a scope, past classes."""
    outer = scope.parent
    while outer is not None and isinstance(outer.node, ast.ClassDef):
        outer = outer.parent
    return outer if outer is not None and isinstance(outer.node, FUNCTIONS) else None


def _names_in(scope: Scope) -> set[str]:
    names = {node.id for node in ast.walk(scope.node) if isinstance(node, ast.Name)}
    return names | {node.arg for node in ast.walk(scope.node) if isinstance(node, ast.arg)}


def _bindings(function: Any, name: str) -> list[Any]:
    """Where a function binds a local name: as which parameter, in which statements."""
    arguments = function.args
    positional = [*arguments.posonlyargs, *arguments.args]
    found: list[Any] = [i for i, argument in enumerate(positional) if argument.arg == name]
    for kind, argument in (("*", arguments.vararg), ("**", arguments.kwarg)):
        if argument is not None and argument.arg == name:
            found.append(kind)
    for statement in function.body if isinstance(function.body, list) else []:
        names = [node for node in ast.walk(statement) if isinstance(node, ast.Name)]
        if any(node.id == name and isinstance(node.ctx, ast.Store) for node in names):
            found.append(freeze(statement, FUNCTIONS, {name: "_"}))
    return found


def pair_versions(old: Version, new: Version, matches: dict[int, int]) -> Pairs:
    """Every code of the old text with its successor. `matches`: new statements to old ones."""
    pairs: Pairs = {}
    rest_old, rest_new = set(range(len(old.statements))), set(range(len(new.statements)))
    for j, i in matches.items():
        ones, others = old.codes_of(i), new.codes_of(j)
        alike = old.statements[i].text == new.statements[j].text or _is_simple(ones, others)
        if alike and _pair_equal(ones, others, pairs):
            rest_old.discard(i)
            rest_new.discard(j)
    pair_scopes(_scopes(old, rest_old), _scopes(new, rest_new), pairs)
    return pairs


def _is_simple(old: list[CodeType], new: list[CodeType]) -> bool:
    """Whether each is one function or lambda without others in it: there is nothing to align."""
    return len(old) == len(new) == 1 and not (_codes(old[0]) or _codes(new[0]))


def _scopes(version: Version, indices: set[int]) -> list[Scope]:
    return [scope for index in sorted(indices) for scope in version.scopes_of(index)]
