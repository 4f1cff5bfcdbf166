"""What an edit means for the top-level statements: which of them must be executed again."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from reloadlint.runtime._version import FUNCTIONS, SCOPES, Statement, imprint

_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")
# Calls that give the same result again and do nothing else.
_PURE = frozenset(
    "abs bool bytes compile copy decode dict divmod encode enumerate float format frozenset int"
    " items join keys len list lower max min pow range repr replace reversed round set sorted split"
    " str strip sum title tuple union upper values zip"
    " Decimal Fraction MappingProxyType Path PurePath timedelta".split()
)
_Leaf = tuple[frozenset[str], Any, set[str]]


class Step:
    """A statement of the new text and what became of it."""

    def __init__(self, old: Statement | None, new: Statement, index: int) -> None:
        self.old = old
        self.new = new
        self.index = index
        self.same_text = old is not None and old.text == new.text
        # Nothing to execute where what happens at import is unchanged, whatever the bodies do.
        self.execute = not self.same_text and (old is None or old.imprint != new.imprint)
        self.executed = False
        self.seen = 0  # how many names had been bound anew when it was last looked at
        self.forced: set[str] = set()  # names in it whose closures only a new run can supply


def match_statements(old: list[Statement], new: list[Statement]) -> dict[int, int]:
    """Which new statement succeeds which old one.

    Equal texts are matched first, then equal import-time parts, then what binds the same names.
    """
    matches: dict[int, int] = {}
    left = dict.fromkeys(range(len(old)))
    keys: list[Any] = [lambda s: s.text, lambda s: s.imprint, lambda s: binds(s.node)]
    for key in keys:
        candidates: dict[Any, list[int]] = defaultdict(list)
        for i in left:
            candidates[key(old[i])].append(i)
        for j, statement in enumerate(new):
            if j not in matches and (found := candidates.get(value := key(statement))) and value:
                matches[j] = found.pop(0)
                del left[matches[j]]
    for j in [j for j in range(len(new)) if j not in matches]:
        names, kind = binds(new[j].node), type(new[j].node)
        alike = [i for i in left if names & binds(old[i].node) and type(old[i].node) is kind]
        if alike:
            matches[j] = alike[0]
            del left[alike[0]]
    return matches


def is_definition(node: ast.AST | None) -> bool:
    """Whether this is a `def` or `class` statement."""
    return isinstance(node, SCOPES)


def binds(node: ast.AST) -> frozenset[str]:
    """The names that executing the statement binds in its namespace."""
    return frozenset(_bound(node))


def _bound(node: ast.AST) -> Iterator[str]:
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        for alias in node.names:
            yield alias.asname or alias.name.partition(".")[0]
    elif isinstance(node, SCOPES):
        yield from [] if isinstance(node, ast.Lambda) else [node.name]
        return
    elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        yield node.id
    elif isinstance(node, (ast.MatchAs, ast.MatchStar)) and node.name:
        yield node.name
    elif isinstance(node, _COMPREHENSIONS) or (isinstance(node, ast.AnnAssign) and not node.value):
        return
    for child in ast.iter_child_nodes(node):
        yield from _bound(child)


def reads(node: ast.AST) -> set[str]:
    """The names, and `name.attribute` pairs, that are looked up when the statement is executed."""
    return set(_read(node))


def _read(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        yield node.id
    elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
        yield node.target.id
    elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        yield f"{node.value.id}.{node.attr}"
    for field, value in ast.iter_fields(node):
        if field == "body" and isinstance(node, FUNCTIONS):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield from _read(child)


def _parts(node: ast.AST) -> tuple[list[ast.AST], list[tuple[str, list[Any]]]]:
    """A compound statement: what stands in its header, and its suites by field."""
    suites = [(name, value) for name, value in ast.iter_fields(node) if name in _BLOCKS]
    header = [
        part
        for name, value in ast.iter_fields(node)
        if name not in _BLOCKS
        for part in (value if isinstance(value, list) else [value])
        if isinstance(part, ast.AST)
    ]
    return header, [(name, value) for name, value in suites if isinstance(value, list)]


def _leaves(nodes: list[Any], headers: tuple[Any, ...], looked_up: set[str]) -> Iterator[_Leaf]:
    """The simple statements in a suite: what each binds, says and reads, conditions included."""
    for node in nodes:
        own, suites = _parts(node)
        if is_definition(node) or not suites:
            yield binds(node), (headers, imprint(node)), looked_up | reads(node)
            continue
        header = (type(node).__name__, *map(imprint, own))
        inner = looked_up.union(*map(reads, own))
        yield frozenset(name for part in own for name in binds(part)), (headers, header), inner
        for field, suite in suites:
            yield from _leaves(suite, (*headers, header, field), inner)


def changed_names(old: list[ast.stmt], new: list[ast.stmt], anew: set[str]) -> set[str]:
    """The names in a suite whose binding changed, or read one of the names bound anew."""
    before: dict[str, list[Any]] = defaultdict(list)
    after: dict[str, list[Any]] = defaultdict(list)
    leaves = list(_leaves(new, (), set()))
    for found, suite in ((before, _leaves(old, (), set())), (after, leaves)):
        for names, part, _ in suite:
            for name in names:
                found[name].append(part)
    changed = {name for name in {*before, *after} if before.get(name) != after.get(name)}
    size = -1
    while size != len(changed):
        size = len(changed)
        for names, _, looked_up in leaves:
            if looked_up & (changed | anew):
                changed |= names
    return changed


def mangle(name: str, class_name: str) -> str:
    """What a name in the body of a class becomes."""
    prefix = class_name.lstrip("_")
    private = name.startswith("__") and not name.endswith("__") and prefix
    return f"_{prefix}{name}" if private else name


def is_main_guard(node: ast.stmt) -> bool:
    """Whether this is `if __name__ == "__main__":`, which starts the program."""
    return isinstance(node, ast.If) and "__name__" in reads(node.test)


def is_recomputable(node: ast.AST) -> bool:
    """Whether executing the statement again can do no more than bind its names to other values."""
    if isinstance(node, (*SCOPES, ast.ImportFrom, ast.Pass)):
        return True
    if isinstance(node, (ast.If, ast.Try, ast.ExceptHandler)):
        header, suites = _parts(node)
        parts = [part for _, suite in suites for part in suite]
        return all(map(_is_pure, header)) and all(map(is_recomputable, parts))
    if not isinstance(node, (ast.Assign, ast.AnnAssign)) or node.value is None:
        return False
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    names = (ast.Name, ast.Tuple, ast.Store)
    simple = all(isinstance(part, names) for target in targets for part in ast.walk(target))
    return simple and _is_pure(node.value)


def _is_pure(node: ast.AST) -> bool:
    effects = (ast.Await, ast.Yield, ast.YieldFrom, ast.NamedExpr)
    parts = list(ast.walk(node))
    calls: list[Any] = [part.func for part in parts if isinstance(part, ast.Call)]
    names = {getattr(call, "id", getattr(call, "attr", None)) for call in calls}
    return names <= _PURE and not any(isinstance(part, effects) for part in parts)


def makes_its_value(node: ast.stmt) -> bool:
    """Whether the statement binds an object that it has just made, and not an alias of another."""
    made = (ast.Dict, ast.List, ast.Set, ast.Call, ast.Lambda, *_COMPREHENSIONS)
    suites = (ast.If, ast.Try, ast.With, ast.For, ast.While)
    return isinstance(node, (*SCOPES, *suites)) or isinstance(getattr(node, "value", None), made)


def literal_keys(node: ast.stmt | None) -> set[Any] | None:
    """The keys of the dictionary display, or elements of the set display, that is assigned."""
    value: Any = getattr(node, "value", None)
    if isinstance(value, ast.Call) and not (value.args or value.keywords):
        return set()
    if not isinstance(value, (ast.Dict, ast.Set, ast.List)):
        return None
    parts = value.keys if isinstance(value, ast.Dict) else value.elts
    return {part.value for part in parts if isinstance(part, ast.Constant)}


def class_nodes(node: ast.AST | None, prefix: str = "") -> dict[str, ast.ClassDef]:
    """The class statements in a tree, outside functions, by qualified name."""
    found: dict[str, ast.ClassDef] = {}
    if node is None or isinstance(node, FUNCTIONS):
        return found
    if isinstance(node, ast.ClassDef):
        found[prefix + node.name] = node
        prefix += node.name + "."
    for child in ast.iter_child_nodes(node):
        found.update(class_nodes(child, prefix))
    return found


def set_by_init(node: ast.ClassDef) -> set[str]:
    """The attributes that `__init__` sets on its first parameter."""
    inits: list[Any] = [part for part in node.body if getattr(part, "name", "") == "__init__"]
    first = [arg.arg for init in inits for arg in init.args.posonlyargs + init.args.args][:1]
    return {
        part.attr
        for init in inits
        for part in ast.walk(init)
        if isinstance(part, ast.Attribute) and isinstance(part.ctx, ast.Store)
        if isinstance(part.value, ast.Name) and part.value.id in first
    }
