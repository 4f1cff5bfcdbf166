"""The closures on a line → why each is held to be kept, step by step, or not to be."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from reloadlint.config import Config
from reloadlint.errors import ConfigError
from reloadlint.facts import FileFacts, collect
from reloadlint.facts.closures import Closure
from reloadlint.facts.fates import Fate
from reloadlint.facts.project import Project
from reloadlint.facts.sink import Sink, SinkKind
from reloadlint.finding import Confidence
from reloadlint.source import SourceFile


def place(text: str) -> tuple[str, int]:
    """Split `FILE:LINE`; raise ConfigError where it has another form."""
    path, _, line = text.rpartition(":")
    if not path or not line.isdigit():
        raise ConfigError(f"expected FILE:LINE, not {text!r}")
    return path, int(line)


def explain(source: SourceFile, line: int, config: Config, project: Project) -> Iterator[str]:
    """The lines of the explanation; raise SyntaxFailure where the file does not parse."""
    facts = collect(source, config, project)
    found = [closure for closure in facts.closures if _is_on(closure, line)]
    if not found:
        yield f"{source.path}:{line}: no lambda or nested function starts here"
    for closure in found:
        yield from _closure(facts, closure)


@dataclass(frozen=True)
class Verdict:
    """What a reload makes of a closure: `word` is stale, fresh or consumed, `why` says why."""

    word: str
    why: str


def verdicts(facts: FileFacts) -> Iterator[tuple[ast.AST, Verdict]]:
    """The closures that have work of their own, or forward to where it is, in text order."""
    for closure in facts.closures:
        forwards = facts.trampoline(closure.node)
        if forwards is not None:
            yield closure.node, Verdict("fresh", f"forwards to `{forwards.target}`")
        elif closure.node in facts.kept_closures:
            yield closure.node, Verdict("stale", facts.kept_closures[closure.node].how)
        elif closure.weight >= facts.config.min_body and facts.fate(closure.node) is None:
            yield closure.node, Verdict("consumed", "nothing keeps it")


def _is_on(closure: Closure, line: int) -> bool:
    decorators = getattr(closure.node, "decorator_list", [])
    return closure.node.lineno == line or any(d.lineno == line for d in decorators)


def _closure(facts: FileFacts, closure: Closure) -> Iterator[str]:
    where = facts.source.position(facts.span(closure.node)[0])
    yield f"{facts.source.path}:{where.line}:{where.column}: {closure.noun}"
    forwards = facts.trampoline(closure.node)
    if forwards is not None:
        yield f"  is a trampoline: it only forwards to `{forwards.target}`"
    if closure.weight < facts.config.min_body:
        yield f"  has too little in it for a finding (min-body = {facts.config.min_body})"
    fate = facts.fate(closure.node)
    if fate is not None:
        yield from _kept(fate)
    else:
        for sink in facts.sinks(closure.node):
            yield f"  is not kept: {_done(sink)} (line {_line(facts, sink.node)})"


def _kept(fate: Fate) -> Iterator[str]:
    doubt = " (not shown by default)" if fate.confidence is Confidence.POSSIBLE else ""
    yield f"  is kept, {fate.confidence.label}{doubt}:"
    for number, step in enumerate(fate.steps, 1):
        yield f"  {number}. {step.path}:{step.place.line}:{step.place.column}: {step.what}"


def _line(facts: FileFacts, node: ast.AST) -> int:
    while not hasattr(node, "lineno"):  # what a `with` enters
        node = facts.index.parent[node]
    return node.lineno  # type: ignore[no-any-return]


def _done(sink: Sink) -> str:
    if sink.kind is SinkKind.ARGUMENT and sink.callee is not None:
        at = sink.parameter if isinstance(sink.parameter, str) else f"argument {sink.parameter}"
        return f"`{sink.callee.text}` is done with `{at}` when it returns"
    if sink.kind is SinkKind.CAPTURE and sink.by is not None:
        return f"captured by `{getattr(sink.by, 'name', 'a lambda')}`, which is not kept either"
    if sink.kind is SinkKind.ATTRIBUTE:
        return f"`{sink.target}` is put back by a `finally`"
    return {
        SinkKind.CONSUMED: "used on the spot",
        SinkKind.GLOBAL: f"the name `{sink.target}` is bound anew by a reload",
        SinkKind.CLASS_BODY: "it belongs to its class, like a method",
        SinkKind.DEFAULT: "it is a default argument, made with its function",
    }.get(sink.kind, "where it goes is not known")
