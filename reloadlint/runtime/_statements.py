"""What an edit means for the top-level statements: which of them must be executed again."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from reloadlint.runtime._version import FUNCTIONS, SCOPES, Statement, imprint

_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
# Calls that give the same result again and do nothing else.
_PURE = frozenset(
    [
        "abs",
        "bool",
        "bytes",
        "dict",
        "divmod",
        "enumerate",
        "float",
        "format",
        "frozenset",
        "int",
        "len",
        "list",
        "max",
        "min",
        "pow",
        "range",
        "repr",
        "reversed",
        "round",
        "set",
        "sorted",
        "str",
        "sum",
        "tuple",
        "zip",
        "Path",
        "PurePath",
        "timedelta",
        "Decimal",
        "Fraction",
        "compile",
        "join",
        "upper",
        "lower",
        "title",
        "strip",
        "split",
        "replace",
        "encode",
        "decode",
        "items",
        "keys",
        "values",
        "copy",
        "union",
        "MappingProxyType",
    ]
)


class Step:
    """A statement of the new text and what became of it."""

    __slots__ = ("execute", "executed", "forced", "new", "old", "same_text")

    def __init__(self, old: Statement | None, new: Statement) -> None:
        self.old = old
        self.new = new
        self.same_text = old is not None and old.text == new.text
        # Nothing to execute where what happens at import is unchanged, whatever the bodies do.
        self.execute = not self.same_text and (old is None or old.imprint != new.imprint)
        self.executed = False
        self.forced: set[str] = set()  # names in it whose closures only a new run can supply


def match_statements(
    old: list[Statement], new: list[Statement]
) -> tuple[list[Step], list[Statement], dict[int, int]]:
    """The new statements with their predecessors, the removed ones, and which matches which.

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
    steps = [
        Step(old[matches[j]] if j in matches else None, statement)
        for j, statement in enumerate(new)
    ]
    return steps, [old[i] for i in left], matches


def is_definition(node: ast.stmt) -> str | None:
    """The name of a `def` or `class` statement."""
    name: str | None = getattr(node, "name", None) if isinstance(node, SCOPES) else None
    return name


def binds(node: ast.AST) -> frozenset[str]:
    """The names that executing the statement binds in its namespace."""
    return frozenset(_bound(node))


def _bound(node: ast.AST) -> Iterator[str]:
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        for alias in node.names:
            yield alias.asname or alias.name.partition(".")[0]
    elif isinstance(node, SCOPES):
        if not isinstance(node, ast.Lambda):
            yield node.name
    elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        yield node.id
    elif isinstance(node, (ast.MatchAs, ast.MatchStar)) and node.name:
        yield node.name
    elif isinstance(node, ast.AnnAssign) and node.value is None:
        return
    if not isinstance(node, (*SCOPES, *_COMPREHENSIONS)):
        for child in ast.iter_child_nodes(node):
            yield from _bound(child)


_BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")
_Leaf = tuple[frozenset[str], Any, set[str]]


def _leaves(nodes: list[Any], headers: tuple[Any, ...], looked_up: set[str]) -> Iterator[_Leaf]:
    """The simple statements in a suite: what each binds, says and reads, conditions included."""
    for node in nodes:
        blocks = [field for field in _BLOCKS if isinstance(getattr(node, field, None), list)]
        if is_definition(node) or not blocks:
            yield binds(node), (headers, imprint(node)), looked_up | reads(node)
            continue
        rest = [
            getattr(node, field)
            for field in node._fields
            if field not in blocks and field != "name"
        ]
        parts = [part for each in rest for part in (each if isinstance(each, list) else [each])]
        own = [part for part in parts if isinstance(part, ast.AST)]
        header = (type(node).__name__, *map(imprint, own))
        inner = looked_up.union(*map(reads, own))
        targets = frozenset(name for part in own for name in binds(part))
        yield targets, (headers, header), inner
        for field in blocks:
            yield from _leaves(getattr(node, field), (*headers, header, field), inner)


def changed_names(old: list[ast.stmt], new: list[ast.stmt], anew: set[str]) -> set[str]:
    """The names in a suite whose binding changed, or read one of the names bound anew."""
    before: dict[str, list[Any]] = defaultdict(list)
    after: dict[str, list[Any]] = defaultdict(list)
    for names, part, _ in _leaves(old, (), set()):
        for name in names:
            before[name].append(part)
    leaves = list(_leaves(new, (), set()))
    for names, part, _ in leaves:
        for name in names:
            after[name].append(part)
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


def is_main_guard(node: ast.stmt) -> bool:
    """Whether this is `if __name__ == "__main__":`, which starts the program."""
    return isinstance(node, ast.If) and "__name__" in reads(node.test)


def is_recomputable(node: ast.stmt) -> bool:
    """Whether executing the statement again can do no more than bind its names to other values."""
    if isinstance(node, SCOPES):
        return True
    if isinstance(node, ast.If):
        suites = [*node.body, *node.orelse]
        return not is_main_guard(node) and _is_pure(node.test) and all(map(is_recomputable, suites))
    if isinstance(node, ast.Assign):
        targets: list[ast.expr] = node.targets
    elif isinstance(node, ast.AnnAssign):
        targets = [node.target]
    else:
        return False
    names = (ast.Name, ast.Tuple, ast.Store)
    simple = all(isinstance(part, names) for target in targets for part in ast.walk(target))
    return simple and node.value is not None and _is_pure(node.value)


def _is_pure(node: ast.expr) -> bool:
    for part in ast.walk(node):
        if isinstance(part, (ast.Await, ast.Yield, ast.YieldFrom, ast.NamedExpr)):
            return False
        if isinstance(part, ast.Call):
            name = getattr(part.func, "id", getattr(part.func, "attr", None))
            if name not in _PURE:
                return False
    return True


def makes_its_value(node: ast.stmt) -> bool:
    """Whether the statement binds an object that it has just made, and not an alias of another."""
    value = getattr(node, "value", None)
    made = (ast.Dict, ast.List, ast.Set, ast.Call, ast.Lambda, *_COMPREHENSIONS)
    return is_definition(node) is not None or isinstance(value, made) or _is_suite(node)


def _is_suite(node: ast.stmt) -> bool:
    return isinstance(node, (ast.If, ast.Try, ast.With, ast.For, ast.While))


def literal_keys(node: ast.stmt | None) -> set[Any] | None:
    """The keys of the dictionary display, or elements of the set display, that is assigned."""
    value = getattr(node, "value", None)
    parts: list[Any] = getattr(value, "keys", None) or getattr(value, "elts", [])
    if isinstance(value, ast.Call) and not (value.args or value.keywords):
        return set()
    if not isinstance(value, (ast.Dict, ast.Set, ast.List)):
        return None
    return {part.value for part in parts if isinstance(part, ast.Constant)}


def differs_in_annotation_only(old: ast.stmt, new: ast.stmt) -> bool:
    """Whether only the annotation of an assignment differs."""
    return _assignment(old) == _assignment(new)


def _assignment(node: ast.stmt) -> tuple[Any, Any]:
    if isinstance(node, ast.Assign) and len(node.targets) == 1:
        return imprint(node.targets[0]), imprint(node.value)
    if isinstance(node, ast.AnnAssign) and node.value is not None:
        return imprint(node.target), imprint(node.value)
    return None, imprint(node)


def self_attributes(function: Any) -> set[str]:
    """The attributes that a method sets on its first parameter."""
    arguments = [*function.args.posonlyargs, *function.args.args]
    first = arguments[0].arg if arguments else None
    return {
        node.attr
        for node in ast.walk(function)
        if isinstance(node, ast.Attribute)
        and isinstance(node.ctx, ast.Store)
        and isinstance(node.value, ast.Name)
        and node.value.id == first
    }


def is_plain(node: ast.stmt) -> bool:
    """Whether executing the statement calls nothing: it only binds names."""
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return True
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return not node.decorator_list and not _calls(node)
    return isinstance(node, (ast.Assign, ast.AnnAssign)) and not _calls(node)


def _calls(node: ast.AST) -> bool:
    quiet = (ast.Constant, ast.Name, ast.Tuple, ast.List, ast.Dict, ast.Set, ast.Lambda)
    fields = [value for name, value in ast.iter_fields(node) if name not in ("body", "targets")]
    parts = [part for value in fields for part in (value if isinstance(value, list) else [value])]
    structural = (ast.arguments, ast.arg, ast.expr_context)
    return any(
        isinstance(part, ast.AST) and (not isinstance(part, (*quiet, *structural)) or _calls(part))
        for part in parts
    )
