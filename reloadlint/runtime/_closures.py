"""New code for live functions. Code and cells always match: CPython checks their number only."""

from __future__ import annotations

import ast
import copy
from types import CodeType, FunctionType
from typing import Any

from reloadlint.runtime._journal import Journal
from reloadlint.runtime._pairs import enclosing_function, renamed
from reloadlint.runtime._version import Scope, Version

FORWARD_TO = "__reload_target__"
_FORWARDER = """
def outer({names}):
    def forward(*__reload_args__, {target}, **__reload_kwargs__):
        if 0: ({names})
        return {target}(*__reload_args__, **__reload_kwargs__)
    return forward
"""


class CannotUpdate(Exception):
    """Why a live function keeps its code."""


def missing_captures(function: FunctionType, code: CodeType) -> set[str]:
    """What the code captures and the live function does not."""
    return set(code.co_freevars) - set(function.__code__.co_freevars)


def fitting_code(
    function: FunctionType, code: CodeType, version: Version, former: Scope | None
) -> CodeType | FunctionType:
    """The code in a form that fits the function's cells, or a function to forward to."""
    have, want = function.__code__.co_freevars, code.co_freevars
    if have == want:
        return code
    scope = version.scope_of(code)
    gone, come = set(have) - set(want), set(want) - set(have)
    names = renamed(former, scope, gone, come) if former and scope and gone and come else {}
    if unknown := come - set(names.values()):
        raise CannotUpdate(
            f"the new version captures {_listed(unknown)}, for which the live closure has no cell"
        )
    slots = tuple(names.get(name, name) for name in have)
    if slots == want:
        return code
    padded = _with_dead_captures(version, scope, set(slots) - set(want)) if scope else None
    if padded is not None and padded.co_freevars == slots:
        return padded
    cells = dict(zip(slots, function.__closure__ or (), strict=True))
    return FunctionType(
        code,
        function.__globals__,
        function.__name__,
        function.__defaults__,
        tuple(cells[name] for name in want),
    )


def _listed(names: set[str]) -> str:
    return " and ".join(f"`{name}`" for name in sorted(names))


def forward(function: FunctionType, target: Any, journal: Journal) -> None:
    """Let the function call `target`; its cells stay, and nothing reads them any more."""
    free = function.__code__.co_freevars
    names = "".join(f"{name}, " for name in free)
    namespace: dict[str, Any] = {}
    exec(_FORWARDER.format(names=names, target=FORWARD_TO), namespace)
    template = namespace["outer"](*free)
    code = template.__code__.replace(co_name=function.__name__)
    assert code.co_freevars == free
    journal.set_function(function, code, None, {FORWARD_TO: target})
    journal.set_item(function.__dict__, "__wrapped__", target)


def is_forwarder(function: FunctionType) -> bool:
    """Whether `forward` has been here."""
    return FORWARD_TO in (function.__kwdefaults__ or ())


def _with_dead_captures(version: Version, scope: Scope, names: set[str]) -> CodeType | None:
    """The code of a scope, compiled so that it captures `names` as well, which it never reads.

    `code.replace(co_freevars=…)` would do on 3.11; from 3.12 on it crashes the interpreter.
    """
    assert scope.code is not None
    if names & _names_used(scope.code):
        return None  # the name means something else in there
    node, twin = _copy_of(version, scope)
    outer = enclosing_function(twin)
    original = enclosing_function(scope)
    bound = _names_of(original.code) if original and original.code else {"__class__"}
    missing = sorted(names - bound)
    if missing and outer is None:
        return None
    for name in missing if outer else ():
        arguments: Any = outer.node.args  # type: ignore[union-attr]
        arguments.kwonlyargs.append(ast.arg(name))
        arguments.kw_defaults.append(ast.Constant(None))
    _mention(twin.node, sorted(names))
    ast.fix_missing_locations(node)
    try:
        return version.compile_scope(node, twin)
    except SyntaxError:  # the enclosing function declares the name global, for one
        return None


def _copy_of(version: Version, scope: Scope) -> tuple[ast.stmt, Scope]:
    """A copy of the statement around a scope, and the scope's place in it."""
    top = scope
    while top.parent is not None and top.parent.parent is not None:
        top = top.parent
    index = top.trail[0][2]
    scopes = [inner for outer in version.scopes_of(index) for inner in outer.walk()]
    node = copy.deepcopy(version.tree.body[index])
    copies = [inner for outer in version.build_scopes(node, index) for inner in outer.walk()]
    return node, copies[scopes.index(scope)]


def _mention(node: Any, names: list[str]) -> None:
    dead = ast.Tuple([ast.Name(name, ast.Load()) for name in names], ast.Load())
    if isinstance(node, ast.Lambda):
        node.body = ast.copy_location(ast.IfExp(ast.Constant(True), node.body, dead), node.body)
        return
    position = 1 if ast.get_docstring(node, clean=False) is not None else 0
    never = ast.If(ast.Constant(False), [ast.Expr(dead)], [])
    node.body.insert(position, ast.copy_location(never, node.body[0]))


def _names_of(code: CodeType) -> set[str]:
    return {*code.co_cellvars, *code.co_freevars, *code.co_varnames}


def _names_used(code: CodeType) -> set[str]:
    inner = [const for const in code.co_consts if isinstance(const, CodeType)]
    return {*code.co_names, *_names_of(code)}.union(*map(_names_used, inner))
