"""What a statement does when its module is imported: what it binds, reads and computes."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
SCOPES = (*FUNCTIONS, ast.ClassDef)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
SUITES = ("body", "orelse", "finalbody", "handlers", "cases")
# Calls that give the same result again and do nothing else.
_PURE = frozenset(
    "abs bool bytes compile copy decode dict divmod encode enumerate float format frozenset int"
    " items join keys len list lower max min pow range repr replace reversed round set sorted split"
    " str strip sum title tuple union upper values zip"
    " Decimal Fraction MappingProxyType Path PurePath timedelta".split()
)


def _fields(node: Any, header: bool) -> list[str]:
    """Those that are evaluated at import: not the bodies of functions; in a header, no suites."""
    skipped = {"ctx", "body" if isinstance(node, FUNCTIONS) else ""}
    if header and not isinstance(node, SCOPES):
        skipped.update(name for name in SUITES if isinstance(getattr(node, name, None), list))
    return [field for field in node._fields if field not in skipped]


def _parts(node: Any, header: bool) -> Iterator[Any]:
    """The nodes directly inside one, as far as they are evaluated at import."""
    for value in (getattr(node, field, None) for field in _fields(node, header)):
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield child


def walk(node: Any, header: bool = False, deep: bool = True) -> Iterator[Any]:
    """The nodes that are evaluated at import; not `deep`: those that bind in this namespace."""
    yield node
    declares = isinstance(node, ast.AnnAssign) and node.value is None
    if deep or not (declares or isinstance(node, (*SCOPES, *_COMPREHENSIONS))):
        for part in _parts(node, header):
            yield from walk(part, header, deep)


def imprint(node: Any, header: bool = False) -> Any:
    """What a tree does at import, as nested tuples without positions."""
    if isinstance(node, list):
        return tuple([imprint(part, header) for part in node])
    if not isinstance(node, ast.AST):
        # -0.0 equals 0.0, and True equals 1.
        return type(node).__name__, repr(node) if isinstance(node, (complex, float)) else node
    parts = [imprint(getattr(node, field, None), header) for field in _fields(node, header)]
    return (type(node).__name__, *parts)


def binds(node: Any) -> frozenset[str]:
    """The names that executing the statement binds in its namespace; of arguments, their names."""
    found: set[str | None] = {None}
    for part in walk(node, deep=False):
        if isinstance(part, (ast.Import, ast.ImportFrom)):
            found.update(each.asname or each.name.partition(".")[0] for each in part.names)
        elif isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
            found.add(part.id)
        elif isinstance(part, (*SCOPES, ast.MatchAs, ast.MatchStar, ast.arg)):
            found.add(getattr(part, "name", getattr(part, "arg", None)))
    return frozenset(name for name in found if name)


def adds_to(node: ast.stmt) -> set[str]:
    """The names to which executing the statement adds, as `X += …` does."""
    parts = [node] if always_binds(node) else walk(node, deep=False)
    added = [part for part in parts if isinstance(part, ast.AugAssign)]
    return {each.target.id for each in added if isinstance(each.target, ast.Name)}


def reads(node: Any, header: bool = False) -> set[str]:
    """The names, and `name.attribute` pairs, that are looked up when the statement is executed."""
    found: set[str] = set()
    for part in walk(node, header):
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load):
            found.add(part.id)
        elif isinstance(part, ast.AugAssign) and isinstance(part.target, ast.Name):
            found.add(part.target.id)
        elif isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name):
            found.add(f"{part.value.id}.{part.attr}")
    loops = [part.target for part in walk(node, header) if isinstance(part, ast.comprehension)]
    return found - {part.id for loop in loops for part in walk(loop) if isinstance(part, ast.Name)}


def _leaves(nodes: list[Any], conditions: Any, looked_up: set[str]) -> Iterator[Any]:
    """The simple statements in a suite: what each binds, says and reads, conditions included."""
    for node in nodes:
        said = (conditions, imprint(node, header=True))
        inner = looked_up | reads(node, header=True)
        yield binds(node) | _acts_on(node), said, inner
        for field in SUITES if not isinstance(node, SCOPES) else ():
            if isinstance(suite := getattr(node, field, None), list):
                yield from _leaves(suite, (said, field), inner)


def _acts_on(node: Any) -> set[str]:
    """Whose methods it calls for what they do: `TABLE.update(…)`, `@convert.register`."""
    calls = [*getattr(node, "decorator_list", ()), node.value if isinstance(node, ast.Expr) else 0]
    owners = [getattr(getattr(call, "func", call), "value", None) for call in calls]
    return {owner.id for owner in owners if isinstance(owner, ast.Name)}


def changed_names(old: list[ast.stmt], new: list[ast.stmt], anew: set[str]) -> set[str]:
    """The names in a suite whose binding changed, or read one of the names bound anew."""
    leaves = list(_leaves(new, (), set()))
    said: list[dict[str, list[Any]]] = [defaultdict(list), defaultdict(list)]
    for found, suite in zip(said, (_leaves(old, (), set()), leaves), strict=True):
        for names, part, _ in suite:
            for name in names:
                found[name].append(part)
    changed = {name for each in said for name in each if said[0].get(name) != said[1].get(name)}
    size = -1
    while size != len(changed):
        size = len(changed)
        for names, _, looked_up in leaves:
            changed |= names if looked_up & (changed | anew) else set()
    return changed


def mangle(name: str, class_name: str) -> str:
    """What a name in the body of a class becomes."""
    prefix = class_name.lstrip("_")
    private = name.startswith("__") and not name.endswith("__") and prefix
    return f"_{prefix}{name}" if private else name


def is_text(node: ast.stmt) -> bool:
    """Whether this is a docstring, or stands like one."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def is_main_guard(node: ast.stmt) -> bool:
    """Whether this is `if __name__ == "__main__":`, which starts the program."""
    return isinstance(node, ast.If) and "__name__" in reads(node.test)


def is_recomputable(node: Any) -> bool:
    """Whether executing the statement again can do no more than bind its names to other values."""
    if isinstance(node, (*SCOPES, ast.ImportFrom, ast.Pass)):
        return True
    if isinstance(node, (ast.If, ast.Try, ast.ExceptHandler)):
        parts = [part for name in SUITES for part in getattr(node, name, ())]
        header = getattr(node, "test", getattr(node, "type", None))
        return (header is None or is_pure(header)) and all(map(is_recomputable, parts))
    if not isinstance(node, (ast.Assign, ast.AnnAssign)) or node.value is None:
        return False
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    names = (ast.Name, ast.Tuple, ast.Store)
    simple = all(isinstance(part, names) for target in targets for part in ast.walk(target))
    return simple and is_pure(node.value)


def is_pure(node: ast.AST) -> bool:
    """Whether evaluating an expression does nothing else, and gives the same again."""
    parts = list(ast.walk(node))
    calls: list[Any] = [part.func for part in parts if isinstance(part, ast.Call)]
    names = {getattr(call, "id", getattr(call, "attr", None)) for call in calls}
    return names <= _PURE and not any(isinstance(part, ast.NamedExpr) for part in parts)


def always_binds(node: ast.stmt) -> bool:
    """Whether the names of the statement mean what it gives them, wherever it stands."""
    return isinstance(node, SCOPES) or not any(hasattr(node, name) for name in SUITES)


def makes_its_value(node: ast.stmt) -> bool:
    """Whether the statement binds an object that it has just made, and not an alias of another."""
    made = (ast.Dict, ast.List, ast.Set, ast.Call, ast.Lambda, *_COMPREHENSIONS)
    suites = (ast.If, ast.Try, ast.With, ast.For, ast.While)
    return isinstance(node, (*SCOPES, *suites)) or isinstance(getattr(node, "value", None), made)


def fields(node: ast.ClassDef) -> set[str]:
    """The names that are annotated in the body of a class."""
    declared = [getattr(part, "target", None) for part in node.body if hasattr(part, "simple")]
    return {part.id for part in declared if isinstance(part, ast.Name)}


def set_by_init(node: ast.ClassDef) -> set[str]:
    """The attributes that `__init__` sets on its first parameter."""
    found: set[str] = set()
    for init in [part for part in node.body if getattr(part, "name", "") == "__init__"]:
        first = [arg.arg for arg in (*init.args.posonlyargs, *init.args.args)][:1]  # type: ignore[attr-defined]
        for part in ast.walk(init):
            if isinstance(part, ast.Attribute) and isinstance(part.ctx, ast.Store):
                if getattr(part.value, "id", None) in first:
                    found.add(part.attr)
    return found
