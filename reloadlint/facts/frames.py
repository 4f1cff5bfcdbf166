"""How far up the stack a function looks: what moves when one frame more stands there.

`warnings.warn(text, stacklevel=3)` names the caller of the caller. A function of the project that
does this on behalf of those who call it is followed, as far as calls can be told: also those of
properties, of objects and of what is handed on to be called. A method of an object of unknown class
is followed by its name, where all methods of that name look.
"""

from __future__ import annotations

import ast
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from reloadlint.facts.callees import Callee, functions_of, types_of
from reloadlint.facts.closures import own_nodes
from reloadlint.facts.index import FUNCTIONS, ClosureNode
from reloadlint.facts.targets import Class, Function, Target
from reloadlint.facts.trampolines import dotted

if TYPE_CHECKING:
    from reloadlint.facts import FileFacts

ANY: Final = 1 << 16  # as far as it likes

_LOOKS: Final = {
    **dict.fromkeys(("builtins.eval", "builtins.exec", "builtins.locals"), 0),
    "inspect.currentframe": ANY,
    "inspect.getouterframes": ANY,
    "inspect.stack": ANY,
    "logging.Logger.findCaller": ANY,
    "sys._current_frames": ANY,
    "sys._getframe": ANY,
    "sys._getframemodulename": ANY,
    "traceback.extract_stack": ANY,
    "traceback.format_stack": ANY,
    "traceback.print_stack": ANY,
    "traceback.walk_stack": ANY,
    "twisted.internet.defer.returnValue": ANY,
}
_LOOKS_WITHOUT_ARGUMENTS: Final = frozenset({"builtins.dir", "builtins.vars"})
_LAST_NAMES: Final = frozenset(
    name.rpartition(".")[2] for name in (*_LOOKS, *_LOOKS_WITHOUT_ARGUMENTS, "warnings.warn")
)
_LEVELS: Final = frozenset({"stacklevel", "stack_level"})
_REACH: Final = 5  # calls that are followed


@dataclass(frozen=True)
class Look:
    """A look at frame `level`: 0 is the function's own, 1 its caller's. `by` is what looks.

    `is_line`: only file and line are taken from it.
    """

    level: int
    by: str
    is_line: bool = False


@dataclass(frozen=True)
class Call:
    """A function that is, or may be, called as `text`.

    `is_nested`: it is only made there. `is_decorated`: it is called by what decorates it.
    `is_implicit`: no parentheses follow its name; maybe it is kept, to be called another time.
    """

    text: str
    facts: FileFacts
    node: ClosureNode
    is_nested: bool = False
    is_decorated: bool = False
    is_implicit: bool = False

    @property
    def is_plain(self) -> bool:
        """True where it surely is called, and then."""
        return not self.is_nested and not self.is_implicit


@dataclass(frozen=True)
class FrameUse:
    """The looks of one function, and what it calls of the project or has nested in it.

    `unknown` are the names of methods that it calls of objects whose class is not known, each with
    the text of the call.
    """

    looks: tuple[Look, ...]
    calls: tuple[Call, ...]
    unknown: tuple[tuple[str, str], ...]


def look_at_frames(facts: FileFacts, node: ClosureNode) -> Look | None:
    """A look of the body of `node` at its frame or above, its own or on its behalf."""
    found = _look_from(facts, node, 0)
    if found is not None:
        return found
    for name, text in facts.frame_use(node).unknown:
        looks = [_look_from(method.facts, method.node, 1) for method in _methods(facts, name)]
        if looks and None not in looks:
            return replace(looks[0], by=text)  # type: ignore[type-var]
    return None


def _look_from(facts: FileFacts, node: ClosureNode, distance: int) -> Look | None:
    """A look from `node`, which is so many calls away, at the frame where it began or above."""
    pending = deque([(Call("", facts, node), "", distance)])
    seen: set[ast.AST] = set()
    while pending:
        call, text, distance = pending.popleft()
        if call.node in seen:
            continue
        seen.add(call.node)
        use = call.facts.frame_use(call.node)
        for look in use.looks:
            if look.level - distance >= (1 if look.is_line else 0):
                return replace(look, by=text or look.by)
        if distance < _REACH:
            pending += [(inner, text or inner.text, distance + 1) for inner in use.calls]
    return None


def leads_back(facts: FileFacts, node: ClosureNode) -> str | None:
    """The call in the body of `node` that comes to call it again, if one does.

    A function under a decorator that calls itself comes to its wrapper again.
    """
    for first in facts.frame_use(node).calls:
        if first.is_plain and _comes_to(first, first.node if first.is_decorated else node):
            return first.text
    return None


def _comes_to(start: Call, end: ClosureNode) -> bool:
    reached: set[ast.AST] = set()
    front = [start]
    for _ in range(_REACH):
        inner = (c for call in front for c in call.facts.frame_use(call.node).calls)
        front = [call for call in inner if call.is_plain and call.node not in reached]
        reached.update(call.node for call in front)
    return end in reached


def frame_use(facts: FileFacts, node: ClosureNode) -> FrameUse:
    """What the body of one function does itself."""
    use = _Use(facts)
    for inner in _own_nodes(node):
        look_at = _KINDS.get(type(inner))
        if look_at is not None:
            look_at(use, inner)
    return FrameUse(tuple(use.looks), tuple(use.calls), tuple(use.unknown))


class _Use:
    """What has been found in a function so far."""

    def __init__(self, facts: FileFacts) -> None:
        self._facts = facts
        self.looks: list[Look] = []
        self.calls: list[Call] = []
        self.unknown: dict[tuple[str, str], None] = {}

    def name(self, node: ast.Name | ast.Attribute) -> None:
        """Whatever calls it in the end: `frame = sys._getframe`."""
        names = self._facts.names
        if names.may_end_in(node, _LAST_NAMES):
            level = _LOOKS.get(names.qualified(node) or "")
            if level is not None:
                self.looks.append(Look(level, ast.unparse(node)))

    def attribute(self, node: ast.Attribute) -> None:
        if isinstance(node.ctx, ast.Load):
            for read in self._functions(node):
                if _is_property(read):
                    self._implicit(node, read)
        self.name(node)

    def closure(self, node: ClosureNode) -> None:
        name = getattr(node, "name", "lambda")
        self.calls.append(Call(name, self._facts, node, is_nested=True))

    def subscript(self, node: ast.Subscript) -> None:
        if isinstance(node.ctx, ast.Load):
            self._special(node.value, "__getitem__")

    def item(self, node: ast.withitem) -> None:
        for name in ("__enter__", "__exit__", "__aenter__", "__aexit__"):
            self._special(node.context_expr, name)

    def call(self, node: ast.Call) -> None:
        facts, func = self._facts, node.func
        self._special(func, "__call__")
        for value in (*node.args, *(keyword.value for keyword in node.keywords)):
            if isinstance(value, (ast.Name, ast.Attribute)):
                for handed_on in self._functions(value):
                    if facts.value_fate(value) is None:
                        self._implicit(value, handed_on)
        self.looks += _call(facts, node)
        text = dotted(func) or ast.unparse(func)
        target = self._target(func)
        self.calls += (
            Call(text, callee.facts, callee.node, is_decorated=callee.is_decorated)
            for callee in _callees(facts, node, target)
        )
        if target is None and isinstance(func, ast.Attribute):
            self.unknown[func.attr, text] = None

    def _target(self, node: ast.expr) -> Target | None:
        return self._facts.targets.of(node, self._facts.index.scope_at(node))

    def _functions(self, node: ast.expr) -> Iterator[Callee]:
        scope = self._facts.index.scope_at(node)
        return functions_of(self._facts, node, scope, is_called=False)

    def _special(self, node: ast.expr, name: str) -> None:
        """A call of what Python calls by itself."""
        for owner in types_of(self._facts, node, self._facts.index.scope_at(node)):
            if isinstance(owner, Class):
                found = self._facts.targets.member(owner, name)
                if isinstance(found, Function):
                    self._implicit(node, Callee(found.facts, found.node))

    def _implicit(self, node: ast.expr, function: Callee) -> None:
        """A call that has no parentheses behind the name of the function."""
        call = Call(ast.unparse(node), function.facts, function.node, is_implicit=True)
        self.calls.append(call)


_KINDS: Final[dict[type[ast.AST], Callable[[_Use, Any], None]]] = {
    ast.Name: _Use.name,
    ast.Attribute: _Use.attribute,
    ast.Call: _Use.call,
    ast.Lambda: _Use.closure,
    ast.Subscript: _Use.subscript,
    ast.withitem: _Use.item,
    **dict.fromkeys(FUNCTIONS, _Use.closure),
}


def _own_nodes(node: ClosureNode) -> Iterator[ast.AST]:
    """The body, and those of the classes in it."""
    for inner in own_nodes(node):
        yield inner
        if isinstance(inner, ast.ClassDef):
            yield from (part for statement in inner.body for part in ast.walk(statement))


def _call(facts: FileFacts, call: ast.Call) -> Iterator[Look]:
    is_known = facts.names.may_end_in(call.func, _LAST_NAMES)
    qualified = facts.names.qualified(call.func) if is_known else None
    if qualified in _LOOKS_WITHOUT_ARGUMENTS and not call.args:
        yield Look(0, ast.unparse(call.func))
    level = _stack_level(call, qualified)
    if level is not None and level > 1:
        # `stacklevel=1` is the line of the call itself, which the body takes along.
        yield Look(level - 1, ast.unparse(call.func), is_line=True)


def _is_property(function: Callee) -> bool:
    if isinstance(function.node, ast.Lambda):
        return False
    names = map(function.facts.names.qualified, function.node.decorator_list)
    return any(name is not None and name.endswith("property") for name in names)


def _callees(facts: FileFacts, call: ast.Call, target: Target | None) -> Iterator[Callee]:
    """The functions of the project that may be called."""
    if isinstance(target, Class):
        found = target.facts.targets.constructor(target)
        return iter([Callee(found.facts, found.node)] if found else [])
    return functions_of(facts, call.func, facts.index.scope_at(call), is_called=True)


def _methods(facts: FileFacts, name: str) -> Iterator[Function]:
    """The methods called `name`; none where a file that looks at no frames has one, too."""
    paths = facts.project.files_with_method(name)
    if not set(paths) <= set(facts.project.files_with_frames()):
        return
    for other in map(facts.project.facts, paths):
        for node in other.index.functions if other is not None else ():
            if other and isinstance(node, FUNCTIONS) and node.name == name:
                if isinstance(other.index.parent[node], ast.ClassDef):
                    yield Function(other, node, is_bound=True)


def _stack_level(call: ast.Call, qualified: str | None) -> int | None:
    """The `stacklevel` that is passed, to whatever function takes one; None where none is."""
    value = next((word.value for word in call.keywords if word.arg in _LEVELS), None)
    if value is None and qualified == "warnings.warn" and len(call.args) > 2:
        value = call.args[2]
    if value is None:
        return None
    if isinstance(value, ast.Constant) and isinstance(value.value, int):
        return value.value
    return ANY
