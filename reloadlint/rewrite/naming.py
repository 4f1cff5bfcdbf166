"""What a moved function is called after: the function around it, what it is for, and its key."""

from __future__ import annotations

import ast
import re
from bisect import bisect_left
from typing import TYPE_CHECKING, Final

from reloadlint.facts.closures import Closure
from reloadlint.facts.index import FUNCTIONS
from reloadlint.facts.nodes import ClosureNode
from reloadlint.facts.sink import Sink, SinkKind, parameter_name

if TYPE_CHECKING:
    from reloadlint.rule import Context

_MAX_KEY: Final = 24  # characters; what is longer is a text rather than a key


def name_parts(context: Context, closure: Closure) -> list[str]:
    """The words of the name, for `FreshNames.take`."""
    around = closure.enclosing[-1:]
    if isinstance(closure.node, FUNCTIONS):
        return [*around, closure.node.name]
    fate = context.facts.fate(closure.node)
    sink = fate.sink if fate is not None else None
    key = _key(context, closure.node, sink)
    purpose = _purpose(sink, is_keyed=bool(key)) if sink else "callback"
    return [*around, purpose, *([key] if key and key != purpose else [])]


def _purpose(sink: Sink, is_keyed: bool) -> str:
    if sink.kind is SinkKind.RETURN:
        return "result"
    if sink.target:
        last = sink.target.rpartition(".")[2]
        return last if last.isidentifier() else "callback"
    if isinstance(sink.parameter, str) and sink.parameter.isidentifier():
        return sink.parameter
    if sink.callee is None:
        return "callback"
    if sink.callee.definition is not None and sink.parameter is not None:
        own = parameter_name(sink.callee.definition, sink.parameter, is_method=False)
        if own is not None:
            return own
    name = sink.callee.name.lower().lstrip("_")
    return name if is_keyed else f"{name}_callback"


# -------------------------------------------------------------------------------------- keys


def _key(context: Context, node: ClosureNode, sink: Sink | None) -> str:
    """The key of a dict, or the first argument of a call, that tells it from others like it."""
    up = context.facts.index.parent.get(node)
    if isinstance(up, ast.Dict):
        # By halves, in the order of the text: a table may have thousands of entries.
        number = bisect_left(up.values, _start(node), key=_start)
        if up.values[number : number + 1] == [node]:
            return _word(up.keys[number])
    if isinstance(up, ast.Assign) and isinstance(up.targets[0], ast.Subscript):
        return _word(up.targets[0].slice)
    call = sink.node if sink is not None else None
    if isinstance(call, ast.Call) and call.args and call.args[0] is not node:
        first = call.args[0]
        is_text = isinstance(first, ast.Constant) and isinstance(first.value, str)
        return _word(first) if is_text else ""  # a number is a delay, a size, a port
    return ""


def _start(node: ClosureNode | ast.expr) -> tuple[int, int]:
    return node.lineno, node.col_offset


def _word(key: ast.expr | None) -> str:
    """The key as a part of a name: `join` for `"join"` and `Event.JOIN`."""
    if isinstance(key, ast.Attribute):
        text = key.attr
    elif isinstance(key, ast.Name) and key.id.isupper():
        text = key.id  # a constant
    elif isinstance(key, ast.Constant) and isinstance(key.value, (str, int)):
        text = str(key.value)
    else:
        return ""
    word = re.sub(r"\W+", "_", text).strip("_").lower()
    return word if len(text) <= _MAX_KEY else ""
