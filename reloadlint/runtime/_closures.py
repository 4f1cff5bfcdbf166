"""New code for live functions. Code and cells always match: CPython checks their number only."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from inspect import iscoroutinefunction
from types import CellType, CodeType, FunctionType
from typing import Any

from reloadlint.runtime._journal import Journal
from reloadlint.runtime._syntax import binds, imprint
from reloadlint.runtime._version import Scope

FORWARD_TO = "__reload_target__"
_FORWARDER = """
def outer({names}):
    {kind}def forward(*__reload_args__, {target}, **__reload_kwargs__):
        if 0: ({names})
        return {wait}{target}(*__reload_args__, **__reload_kwargs__)
    return forward
"""


class CannotUpdate(Exception):
    """Why a live function keeps its code."""


def cells_of(function: FunctionType) -> Iterator[tuple[str, CellType]]:
    """The captures of a function."""
    return zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)


def fitting_code(
    function: FunctionType, code: CodeType, former: Scope | None, scope: Scope | None
) -> CodeType | FunctionType:
    """The code where it fits the function's cells, or a function with some of them."""
    want, cells = code.co_freevars, dict(cells_of(function))
    come = {*want} - {*cells}
    names = _renamed(former, scope, {*cells} - {*want}, come)
    if unknown := come - {*names.values()}:
        listed = " and ".join(f"`{name}`" for name in sorted(unknown))
        raise CannotUpdate(
            f"the new version captures {listed}, for which the live closure has no cell"
        )
    cells = {names.get(name, name): cell for name, cell in cells.items()}
    if tuple(cells) == want:
        return code
    closure = tuple(cells[name] for name in want)
    return FunctionType(code, function.__globals__, code.co_name, None, closure)


def _renamed(
    old: Scope | None, new: Scope | None, gone: set[str], come: set[str]
) -> dict[str, str]:
    """Captures that an edit renamed, old name to new, where nothing else is possible."""
    before = {name: _bindings(old, name) for name in gone if not _bindings(new, name)}
    after = {name: _bindings(new, name) for name in come if not _bindings(old, name)}
    places = [*before.values(), *after.values()]
    alike = [(a, b) for a in before for b in after if before[a] == after[b] != []]
    return {a: b for a, b in alike if places.count(before[a]) == 2}


def _bindings(scope: Scope | None, name: str) -> list[str]:
    """Parameters, or statements, by which the function around binds a name, without the name."""
    outer = scope.function if scope else None
    parts = ast.iter_child_nodes(outer.node) if outer else ()
    texts = [ast.dump(part) for part in parts if name in binds(part)]
    return [re.sub(rf"\((id|arg)='{name}'", "(_", text) for text in texts]


def new_defaults(
    function: FunctionType, old: ast.arguments, new: ast.arguments
) -> tuple[tuple[Any, ...] | None, dict[str, Any] | None]:
    """The defaults after an edit: as they are where the text says the same, or constants."""
    texts = _default_texts(old)
    live = dict(zip(texts, function.__defaults__ or (), strict=False))
    live.update(function.__kwdefaults__ or {})
    values: dict[str, Any] = {}
    for name, node in _default_texts(new).items():
        stays = name in live and name in texts and imprint(texts[name]) == imprint(node)
        try:
            values[name] = live[name] if stays else ast.literal_eval(node)
        except ValueError:
            reason = f"the default of `{name}` would have to be made in a call that is over"
            raise CannotUpdate(reason) from None
    keywords = {each.arg: values.pop(each.arg) for each in new.kwonlyargs if each.arg in values}
    return tuple(values.values()) or None, keywords or None


def _default_texts(arguments: ast.arguments) -> dict[str, ast.expr]:
    """The defaults by parameter, those of keywords last."""
    positional = [*arguments.posonlyargs, *arguments.args]
    positional = positional[len(positional) - len(arguments.defaults) :]
    parameters = [*positional, *arguments.kwonlyargs]
    nodes = [*arguments.defaults, *arguments.kw_defaults]
    return {each.arg: node for each, node in zip(parameters, nodes, strict=True) if node}


def forward(function: FunctionType, target: Any, journal: Journal) -> None:
    """Let the function call `target`; its cells stay, and nothing reads them any more.

    `code.replace(co_freevars=…)` would do on 3.11; from 3.12 on it crashes the interpreter.
    """
    free = function.__code__.co_freevars
    names = "".join(f"{name}, " for name in free)
    namespace: dict[str, Any] = {}
    kind, wait = ("async ", "await ") if iscoroutinefunction(target) else ("", "")
    exec(_FORWARDER.format(names=names, target=FORWARD_TO, kind=kind, wait=wait), namespace)
    code = namespace["outer"](*free).__code__.replace(co_name=function.__name__)
    assert code.co_freevars == free
    journal.set_function(function, code, None, {FORWARD_TO: target})
    journal.set_item(function.__dict__, "__wrapped__", target)
