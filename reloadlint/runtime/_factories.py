"""Classes made by functions: what an edit adds to, or takes from, those that are alive."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from types import CellType, CodeType, FunctionType
from typing import Any

from reloadlint.runtime._journal import MISSING, Journal
from reloadlint.runtime._live import classes_of
from reloadlint.runtime._merge import functions_in
from reloadlint.runtime._statements import binds, changed_names, is_definition
from reloadlint.runtime._version import FUNCTIONS, Scope

ClassNodes = dict[str, tuple[ast.ClassDef, Scope]]


def local_classes(scopes: list[Scope], prefix: str = "", local: bool = False) -> ClassNodes:
    """The class statements inside functions, by the qualified names of their classes."""
    found: ClassNodes = {}
    for scope in scopes:
        name = prefix + scope.name
        if isinstance(scope.node, ast.ClassDef):
            if local:
                found[name] = scope.node, scope
            found.update(local_classes(scope.children, f"{name}.", local))
        elif isinstance(scope.node, FUNCTIONS):
            found.update(local_classes(scope.children, f"{name}.<locals>.", True))
    return found


def update_local_classes(
    module: str, old: ClassNodes, new: ClassNodes, namespace: dict[str, Any], journal: Journal
) -> Iterator[tuple[type, str]]:
    """Update them, and yield each class with the attribute that could not be made."""
    common = {
        name: changed_names(old[name][0].body, new[name][0].body, set())
        for name in old
        if name in new
    }
    common = {name: changed for name, changed in common.items() if changed}
    for cls in classes_of(module) if common else ():
        for attribute in sorted(common.get(cls.__qualname__, ())):
            node, scope = new[cls.__qualname__]
            statements = [part for part in node.body if attribute in binds(part)]
            value: Any = MISSING
            if statements:
                value = _value(cls, statements[-1], scope, namespace)
                if value is MISSING:
                    yield cls, attribute
                    continue
            if statements or attribute in vars(cls):
                journal.set_attribute(cls, attribute, value)


def _value(cls: type, node: ast.stmt, scope: Scope, namespace: dict[str, Any]) -> Any:
    """What the statement would bind, where that needs no frame of the function around."""
    if isinstance(node, ast.Assign):
        try:
            return ast.literal_eval(node.value)
        except ValueError:
            return MISSING
    if is_definition(node) is None or isinstance(node, ast.ClassDef):
        return MISSING
    arguments = node.args  # type: ignore[attr-defined]
    constants = [*arguments.defaults, *filter(None, arguments.kw_defaults)]
    inner = [child for child in scope.children if child.node is node]
    if node.decorator_list or not inner or inner[0].code is None:  # type: ignore[attr-defined]
        return MISSING
    try:
        values = [ast.literal_eval(part) for part in constants]
    except ValueError:
        return MISSING
    return _function(cls, inner[0].code, arguments, values, namespace)


def _function(
    cls: type,
    code: CodeType,
    arguments: ast.arguments,
    values: list[Any],
    namespace: dict[str, Any],
) -> Any:
    cells = {"__class__": CellType(cls)}
    for attribute in list(vars(cls).values()):
        for function in functions_in(attribute):
            cells.update(
                zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
            )
    if any(name not in cells for name in code.co_freevars):
        return MISSING
    closure = tuple(cells[name] for name in code.co_freevars)
    count = len(arguments.defaults)
    function = FunctionType(code, namespace, code.co_name, tuple(values[:count]), closure)
    function.__qualname__ = f"{cls.__qualname__}.{code.co_name}"
    named = [
        a.arg
        for a, d in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
        if d is not None
    ]
    function.__kwdefaults__ = dict(zip(named, values[count:], strict=True))
    return function
