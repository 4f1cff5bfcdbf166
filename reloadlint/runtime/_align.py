"""Which parts of the new text succeed which parts of the old one."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Callable, Sequence
from operator import attrgetter, itemgetter
from types import CodeType
from typing import Any, TypeVar

from reloadlint.runtime._syntax import imprint
from reloadlint.runtime._version import Scope, Statement, Trail, Version

T = TypeVar("T")
Key = Callable[[Any], Any]
# By which traits lambdas are matched, the surest first.
_SUREST: list[Key] = [
    itemgetter("body", "place"),
    *map(itemgetter, ("statement", "body", "place")),
]


def align(old: Sequence[T], new: Sequence[T], keys: Sequence[Key]) -> dict[int, int]:
    """Match by one key after the other, the most telling first; an empty key matches nothing.

    What is alike under a key is matched in its order. Gives the index in `old` for one in `new`.
    """
    found: dict[int, int] = {}
    for key in keys:
        waiting: dict[Any, list[int]] = defaultdict(list)
        for i in sorted({*range(len(old))} - {*found.values()}):
            waiting[key(old[i])].append(i)
        for j, each in enumerate(new):
            value = key(each) if j not in found else None
            if value and waiting[value]:
                found[j] = waiting[value].pop(0)
    return found


def align_statements(old: list[Statement], new: list[Statement]) -> dict[int, int]:
    """By equal texts, then equal import-time parts, then what binds the same names."""
    keys = map(attrgetter, ("text", "imprint", "binds"))
    return align(old, new, [*keys, lambda s: (type(s.node), min(s.binds)) if s.binds else None])


def align_scopes(old: Version, new: Version) -> dict[Scope, Scope]:
    """Each scope of the old text with its successor: by its name, a lambda by its place."""
    pairs: dict[Scope, Scope] = {}
    todo: list[tuple[Scope | None, Scope | None]] = [(None, None)]
    while todo:
        one, other = todo.pop()
        groups: dict[Any, tuple[list[Scope], list[Scope]]] = {}
        for version, outer, side in ((old, one, 0), (new, other, 1)):
            for scope in version.children.get(outer, ()):
                kind = isinstance(scope.node, ast.ClassDef), scope.name
                groups.setdefault(kind, ([], []))[side].append(scope)
        for (_, name), (ones, others) in groups.items():
            how = _align_lambdas if name == "<lambda>" else _align_named
            found = [(ones[i], others[j]) for j, i in how(ones, others).items()]
            pairs.update(found)
            todo += found
    return pairs


def align_codes(
    old: Version, pairs: dict[Scope, Scope]
) -> tuple[dict[CodeType, CodeType], set[CodeType]]:
    """The codes with their successors; and those that are of several lambdas which part ways.

    Equal lambdas in a line are one code up to 3.10, those of constants on 3.12.
    """
    heirs: dict[CodeType | None, set[CodeType]] = defaultdict(set)
    for scope, heir in pairs.items():
        heirs[scope.code].update([heir.code] if heir.code else [])
    found = [(code, [*heirs[latest]]) for code, latest in old.lineage.items()]
    twins = {code for code, codes in found if len(codes) > 1}
    return {code: codes[0] for code, codes in found if len(codes) == 1}, twins


def _align_named(old: list[Scope], new: list[Scope]) -> dict[int, int]:
    keys: list[Key] = [lambda s: ast.dump(s.node), lambda s: (imprint(s.node.decorator_list),)]
    return align(old, new, [*(keys if len(old) + len(new) > 2 else ()), lambda s: True])


def _align_lambdas(old: list[Scope], new: list[Scope]) -> dict[int, int]:
    seen: dict[ast.AST, Any] = {}
    ones, others = ([_traits(scope, seen) for scope in scopes] for scopes in (old, new))
    return align(ones, others, _SUREST)


def _traits(scope: Scope, seen: dict[ast.AST, Any]) -> dict[str, Any]:
    """What tells one lambda from another; `seen` spares statements a second look."""
    trail, steps = scope.trail, [(type(node).__name__, *rest) for node, *rest in scope.trail]
    start = max((n for n, (node, *_) in enumerate(trail) if isinstance(node, ast.stmt)), default=0)
    around = trail[start][0]
    if around not in seen:
        seen[around] = imprint(around)
    return {
        "body": ast.dump(scope.node),
        "statement": (seen[around], *steps[start:]),
        "place": _place(trail) or tuple((kind, field) for kind, field, _ in steps),
    }


def _place(trail: Trail) -> Any:
    """What takes a lambda: a key, a name, a parameter of a callee."""
    node, _, index = trail[-1]
    if isinstance(node, ast.keyword):
        return imprint(getattr(trail[-2][0], "func", None)), node.arg  # or of a class
    if isinstance(node, ast.Call):
        constants = [part for part in node.args if isinstance(part, ast.Constant)]
        return imprint(node.func), index, imprint(constants)
    if isinstance(node, ast.Dict):
        return imprint(node.keys[index])
    target = getattr(node, "targets", getattr(node, "target", None))
    return target and imprint(target)
