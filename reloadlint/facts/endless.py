"""Loops that run as long as a thread, a task or the program does, with their work inline.

A frame that is running goes on with the code that it began with. What it calls by name is looked
up at each turn, so that a loop of one or two such calls is no matter.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from reloadlint.facts.index import FUNCTIONS, LOOPS, FunctionNode, child_nodes
from reloadlint.facts.nodes import TRIES
from reloadlint.facts.starters import Runner, is_under_main_guard, runner_of
from reloadlint.facts.trampolines import dotted
from reloadlint.finding import Confidence

if TYPE_CHECKING:
    from reloadlint.facts import FileFacts

LoopNode: TypeAlias = "ast.While | ast.For | ast.AsyncFor"

_ENOUGH: Final = 2  # calls by name that a loop may consist of
# What a flag is called that ends a loop when the program does.
_FLAG: Final = re.compile(
    r"active|alive|cancel|clos|connected|done|enabled|exit|finish|interrupt|is_set|quit|run|"
    r"shut|start|stop|terminat|wait"
)
# What goes on to give items as long as somebody is there to take them.
_STREAM: Final = re.compile(
    r"awatch|changes|channel|client|connection|consum|events?\b|every|feed|inbox|listen|message|"
    r"notification|poll|pubsub|queue|receive|recv|signals|socket|stream|subscri|tick|updates?\b|"
    r"watch|\bws\b"
)
_ENDLESS_ITERATORS: Final = frozenset({"itertools.count", "itertools.cycle", "itertools.repeat"})
# Calls in which a turn may spend its time.
_WAITS: Final = re.compile(
    r"accept|acquire|get|input|join|poll|prompt|read\w*|receive\w*|recv\w*|select|"
    r"sleep\w*|wait\w*"
)
# Logs, or leaves.
_NO_WORK: Final = re.compile(
    r"(^|[._])(log|logger|logging|warnings?)(\.|$)|^(print|exit|sys\.exit|os\._exit)$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class EndlessLoop:
    """`node` goes on as long as its `runner` does. `owner` is the function it is in, if it is."""

    node: LoopNode
    owner: FunctionNode | None
    runner: Runner
    confidence: Confidence


def endless_loops(facts: FileFacts) -> Iterator[EndlessLoop]:
    """All of them; of a loop in a loop, the inner one."""
    found = [each for node in _candidates(facts) for each in _judged(facts, node)]
    outer = {up for each in found for up in facts.index.ancestors(each.node)}
    return (each for each in found if each.node not in outer)


def _candidates(facts: FileFacts) -> Iterator[LoopNode]:
    """What may go on for ever, as far as the loop itself shows."""
    for loop in facts.index.nodes(ast.While):
        if _is_always(loop.test) or _is_flag(loop.test):
            yield loop
    for node in facts.index.nodes(ast.For):
        if isinstance(node.iter, ast.Call) and _never_ends(facts, node.iter):
            yield node
    yield from facts.index.nodes(ast.AsyncFor)


def _is_always(test: ast.expr) -> bool:
    return isinstance(test, ast.Constant) and bool(test.value)


def _is_flag(test: ast.expr) -> bool:
    """True for `not self._stop.is_set()`, `self.running` and their like."""
    is_negated = isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not)
    if isinstance(test, ast.UnaryOp) and is_negated:
        test = test.operand
    if isinstance(test, ast.BoolOp):
        return any(map(_is_flag, test.values))
    func = test.func if isinstance(test, ast.Call) else test
    name = (dotted(func) or "").rpartition(".")[2].lower()
    if is_negated and (name.endswith("connected") or (name == "done" and func is not test)):
        return False  # until something else has come about: soon
    return _FLAG.search(name) is not None


def _never_ends(facts: FileFacts, call: ast.Call) -> bool:
    """True for `iter(f, sentinel)` and `itertools.count()`."""
    name = facts.names.qualified(call.func)
    return (name == "builtins.iter" and len(call.args) == 2) or name in _ENDLESS_ITERATORS


def _judged(facts: FileFacts, node: LoopNode) -> Iterator[EndlessLoop]:
    owner = facts.index.scope_at(node).node
    if inline_work(node) <= _ENOUGH:
        return
    # Before the long question who runs it, whose best answer would not help here.
    if _confidence(facts, node, _BEST) < facts.config.min_confidence:
        return
    if isinstance(owner, ast.Module):
        is_main = is_under_main_guard(facts, node)
        runner = Runner("the program", 0) if is_main else None
    else:
        runner = runner_of(facts, owner) if isinstance(owner, FUNCTIONS) else None
    if runner is None:
        return
    confidence = _confidence(facts, node, runner)
    if confidence >= facts.config.min_confidence:
        yield EndlessLoop(node, owner if isinstance(owner, FUNCTIONS) else None, runner, confidence)


_BEST: Final = Runner("a thread", 0)


def _confidence(facts: FileFacts, node: LoopNode, runner: Runner) -> Confidence:
    """How sure it is that the loop goes on: what ends itself is only of interest if it waits."""
    own = list(own_parts(node.body))
    if isinstance(node, ast.AsyncFor):
        is_stream = _STREAM.search(ast.unparse(node.iter).lower()) is not None
        return Confidence.LIKELY if is_stream and runner.is_direct else Confidence.POSSIBLE
    always = not isinstance(node, ast.While) or _is_always(node.test)
    ends = any(isinstance(p, (ast.Break, ast.Return)) and not _is_for_end(facts, p) for p in own)
    if always and not ends:
        return Confidence.CERTAIN
    if runner.is_held or _gives_up(node):
        return Confidence.POSSIBLE
    asked = ast.walk(node.test) if isinstance(node, ast.While) else ()
    is_waiting = any(map(_is_waiting, (*own, *asked)))
    return Confidence.LIKELY if is_waiting and runner.is_direct else Confidence.POSSIBLE


def _gives_up(node: LoopNode) -> bool:
    """True for `try: f(); break`, which ends when that succeeds, and `except TimeoutError: break`.

    The latter ends when nothing has come for a while. Not where a loop in it goes on.
    """
    if any(isinstance(part, LOOPS) for part in own_parts(node.body)):
        return False
    for part in node.body:
        if isinstance(part, TRIES):
            handlers = [each for each in part.handlers if each.type is not None]
            if _leaves(part.orelse or part.body) or any(
                _leaves(each.body) and _NOTHING.search(ast.unparse(each.type or each))
                for each in handlers
            ):
                return True
    return _leaves(node.body)


_NOTHING: Final = re.compile(r"Empty|Timeout")


def _leaves(body: Sequence[ast.stmt]) -> bool:
    return isinstance(body[-1], (ast.Break, ast.Return))


def _is_for_end(facts: FileFacts, jump: ast.AST) -> bool:
    """True in `except CancelledError:` and its like: when all ends, the loop ends, too."""
    handlers = (up for up in facts.index.ancestors(jump) if isinstance(up, ast.ExceptHandler))
    return any(_END.search(ast.unparse(each.type)) for each in handlers if each.type is not None)


_END: Final = re.compile(r"Cancel|Clos|Connection|EOF|Exit|Interrupt|ShutDown|Stop")


def own_parts(body: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """What belongs to the turns of a loop: not nested functions, nor jumps of inner loops."""
    stack = [(node, False) for node in body]
    while stack:
        node, is_inner = stack.pop()
        if not (is_inner and isinstance(node, (ast.Break, ast.Continue))):
            yield node
        if isinstance(node, (*FUNCTIONS, ast.Lambda, ast.ClassDef)):
            continue
        inside = node.body if isinstance(node, LOOPS) else ()
        for child in child_nodes(node):
            stack.append((child, is_inner or child in inside))


def _is_waiting(node: ast.AST) -> bool:
    if isinstance(node, (ast.Await, ast.AsyncFor, ast.AsyncWith, ast.Yield, ast.YieldFrom)):
        return True
    return isinstance(node, ast.Call) and _WAITS.fullmatch(_last_name(node)) is not None


def _last_name(call: ast.Call) -> str:
    return str(getattr(call.func, "attr", getattr(call.func, "id", "")))


# ------------------------------------------------------------------------------ work that is inline


def inline_work(node: LoopNode) -> int:
    """How much there is in the loop to edit: calls, assignments, operations.

    What waits, logs or decides about going on counts nothing.
    """
    return _work_in(node.body)


def _work_in(body: Iterable[ast.stmt]) -> int:
    return sum(map(_work_of, body))


def _work_of(node: ast.stmt) -> int:
    if isinstance(node, TRIES):
        handlers = sum(_work_in(handler.body) for handler in node.handlers)
        return handlers + _work_in((*node.body, *node.orelse, *node.finalbody))
    if isinstance(node, (ast.With, ast.AsyncWith)):
        return _work_in(node.body)
    if isinstance(node, (ast.Pass, ast.Break, ast.Continue, ast.Raise, ast.Global, ast.Nonlocal)):
        return 0
    if isinstance(node, ast.If):
        inner = _work_in((*node.body, *node.orelse))
        return inner + _work_of_value(node.test) if inner and not _is_flag(node.test) else inner
    if isinstance(node, ast.Return):
        return 0 if node.value is None else _work_of_value(node.value)
    if isinstance(node, ast.Expr):
        return _work_of_value(node.value)
    if isinstance(node, ast.Assign) and _work_of_value(node.value):
        return _work_of_value(node.value)
    if isinstance(node, ast.Assign) and _is_wait(node.value):
        return 0
    return (
        1
        + sum(_work_of_value(part) for part in child_nodes(node) if isinstance(part, ast.expr))
        + (sum(_work_of(part) for part in child_nodes(node) if isinstance(part, ast.stmt)))
    )


def _is_wait(value: ast.expr) -> bool:
    value = value.value if isinstance(value, ast.Await) else value
    return isinstance(value, ast.Call) and _is_waiting(value)


def _work_of_value(value: ast.expr) -> int:
    work = 0
    stack: list[ast.AST] = [value]
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Call):
            if _NO_WORK.search(dotted(node.func) or "") or _is_waiting(node):
                continue
            work += 1
        if not (isinstance(node, ast.Compare) and isinstance(node.ops[0], (ast.Is, ast.IsNot))):
            work += _WEIGHTS.get(type(node), 0)
        if not isinstance(node, (ast.Lambda, ast.JoinedStr)):
            stack += child_nodes(node)
    return work


# What is more than the question whether to call something is more than a call.
_WEIGHTS: Final[dict[type[ast.AST], int]] = {
    **dict.fromkeys((ast.BoolOp, ast.Compare, ast.IfExp), 1),
    **dict.fromkeys((ast.BinOp, ast.JoinedStr, ast.Lambda), 2),
    **dict.fromkeys((ast.DictComp, ast.GeneratorExp, ast.ListComp, ast.SetComp), 2),
}
