"""What is in a container after an edit: what the new text puts in, and what the program did."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from reloadlint.runtime._journal import IMMUTABLE, MISSING
from reloadlint.runtime._syntax import binds, imprint, reads

if TYPE_CHECKING:
    from reloadlint.runtime._unit import Unit

_MAKERS = ("bytearray", "defaultdict", "deque", "dict", "list", "set")
_DISPLAYS = (ast.List, ast.Set)
# Of what an expression consists that only names something, a constant for one.
_PLAIN = (ast.Constant, ast.Name, ast.Attribute, ast.Tuple, ast.Load)


def merged_contents(
    unit: Unit, old: Any, new: Any, texts: Sequence[Any], merge: Callable[..., Any]
) -> Any:
    """The contents for an old container, of which `texts` were the expression and its successor.

    What the former text did not put in was added by the running program, and stays. So does what
    the text says as before: an entry that the program changed, or took out.
    """
    known = [] if unit.full else [_put_in(unit, text, not n) for n, text in enumerate(texts)]
    was, now = known or (None, None)
    marks = None if was is None else {_mark(old, key) for key, _ in was}
    kept = [] if marks is None else [each for each in old if _mark(old, each) not in marks]
    if not isinstance(old, dict):
        return {*new, *kept} if isinstance(old, set) else [*new, *kept]
    before, after, contents = dict(was or ()), dict(now or ()), {}
    for key, value in new.items():
        pair = before.get(key), after.get(key)
        if None in pair or not _says_the_same(unit, *pair):
            contents[key] = merge(unit, old.get(key, MISSING), value, texts=pair)
        elif key in old:
            contents[key] = old[key]
    contents.update((key, old[key]) for key in kept if key not in new)
    return contents


def _put_in(unit: Unit, text: Any, former: bool) -> list[tuple[Any, Any]] | None:
    """The keys of a display with the texts of their values, or its elements; None if unknown."""
    found: list[tuple[Any, Any]] = []
    for key, value in (parts := _entries(text)) or ():
        try:
            found.append((_value_of(unit, key, former), value))
        except Exception:  # it may not be there any more
            if value is None:
                return None
    return found if parts is not None else None


def _value_of(unit: Unit, node: Any, former: bool) -> Any:
    parts = [*ast.walk(node)]
    if not all(isinstance(part, _PLAIN) for part in parts):
        raise ValueError(node)
    names = {part.id for part in parts if isinstance(part, ast.Name)} & unit.namespace.keys()
    known = {name: unit.names.value_of(name, former) for name in names}
    return eval(compile(ast.Expression(node), "key", "eval"), known)


def _entries(text: Any) -> list[tuple[ast.expr | None, Any]] | None:
    """What an expression puts into the container that it makes; None where that is not known."""
    if isinstance(text, ast.Call):  # `dict()`, `defaultdict(list)`
        name = getattr(text.func, "id", getattr(text.func, "attr", ""))
        empty = not text.keywords and len(text.args) <= (name == "defaultdict")
        return [] if empty and (name in _MAKERS or name[:1].isupper()) else None
    if isinstance(text, ast.Dict):
        return [*zip(text.keys, text.values, strict=True)]
    return [(each, None) for each in text.elts] if isinstance(text, _DISPLAYS) else None


def _mark(container: Any, part: Any) -> Any:
    """By which parts of a container are told apart: keys compare, elements are what they are."""
    if isinstance(container, (dict, set)):
        return part
    if isinstance(part, tuple):
        return tuple([_mark(container, each) for each in part])
    return (type(part), part) if isinstance(part, IMMUTABLE) else id(part)


def _says_the_same(unit: Unit, one: Any, other: Any) -> bool:
    same = imprint(one) == imprint(other) and unit.anew.isdisjoint(reads(other))
    return same and (not unit.twins or ast.dump(one) == ast.dump(other))


def values_bound(body: list[Any]) -> dict[str, Any]:
    """The names in a suite with the expressions that are assigned to them."""
    made = [part for part in body if isinstance(part, (ast.Assign, ast.AnnAssign))]
    return {name: part.value for part in made for name in binds(part)}


def is_untouched(unit: Unit, node: Any) -> bool:
    """Whether a list still has the length that its display gave it: no state was added."""
    value: Any = getattr(node, "value", None)
    names = binds(node) if isinstance(value, ast.List) else ()
    lists = [unit.namespace.get(name) for name in names]
    return all(len(each) == len(value.elts) for each in lists if isinstance(each, list))
