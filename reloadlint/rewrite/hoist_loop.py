"""Hoist the body of a loop: each turn calls a module-level function, which is looked up by name."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

import libcst as cst

from reloadlint.facts.endless import EndlessLoop, LoopNode, own_parts
from reloadlint.facts.frames import look_at_frames
from reloadlint.facts.index import FunctionNode
from reloadlint.finding import Applicability, Fix, Move
from reloadlint.rewrite.block import edit_block, render, without_blank_lines
from reloadlint.rewrite.movable import against_text
from reloadlint.rewrite.place import insertion
from reloadlint.rewrite.refusal import Caution, LoopReason, Reason, Refused
from reloadlint.rewrite.trampoline import annotation
from reloadlint.rewrite.turn import Turn, jumps

if TYPE_CHECKING:
    from reloadlint.facts import FileFacts
    from reloadlint.rule import Context

_AWAITING = (ast.Await, ast.AsyncFor, ast.AsyncWith)


def hoist_loop(context: Context, node: cst.While | cst.For, loop: EndlessLoop) -> Fix | Refused:
    """The fix that makes a function of what one turn of `loop`, which is `node`, does."""
    if loop.owner is None:
        return Refused(LoopReason.OUTSIDE)
    refusal = next(_against(context, node, loop.node, loop.owner), None)
    if refusal is not None:
        return refusal
    turn = Turn(context.facts, loop.node, loop.owner)
    names = turn.parameters()
    if isinstance(names, Refused):
        return names
    assert isinstance(node.body, cst.IndentedBlock)
    name = context.fresh.take(loop.owner.name, "turn")
    listed = ", ".join(names)
    is_async = _awaits(loop.node)
    call = f"await {name}({listed})" if is_async else f"{name}({listed})"
    origin, _ = context.facts.span(loop.owner)
    moved = _head(context.facts, loop.owner, name, names) + _body(context, node.body)
    if is_async:
        moved = f"async {moved}"
    chunk = context.facts.chunk_at(loop.owner.lineno)
    return Fix(
        title=f"move what one turn does into `{name}`",
        edits=(
            *insertion(context.facts, chunk, moved),
            edit_block(context, node.body, loop.node.body, [call]),
        ),
        applicability=Applicability.UNSAFE,
        moves=(Move(origin, name, names, is_part=True),),
        caution=Caution.TURN.text(loop.owner.name),
    )


def _against(
    context: Context, node: cst.While | cst.For, loop: LoopNode, owner: FunctionNode
) -> Iterator[Refused]:
    yield from jumps(loop)
    if not isinstance(node.body, cst.IndentedBlock):
        yield Refused(LoopReason.ONE_LINE)
    scope = context.facts.index.scope_of[owner]
    yield from against_text(context.facts, scope, loop.body)
    if "__class__" in scope.uses:
        yield Refused(Reason.CLASS_CELL)
    look = look_at_frames(context.facts, owner)
    if look is not None:
        yield Refused(Reason.SEES_ITS_FRAME, look.by)


def _head(facts: FileFacts, owner: FunctionNode, name: str, names: tuple[str, ...]) -> str:
    """The `def` line, with the annotations that the names have as parameters of `owner`."""
    args = owner.args
    plain = (*args.posonlyargs, *args.args, *args.kwonlyargs)  # a star's is that of one element
    notes = {arg.arg: annotation(facts, arg.annotation) for arg in plain}
    declared = [f"{each}: {notes[each]}" if notes.get(each) else each for each in names]
    arrow = " -> None" if owner.returns is not None else ""
    return f"def {name}({', '.join(declared)}){arrow}:"


def _awaits(loop: LoopNode) -> bool:
    parts = own_parts(loop.body)
    return any(
        isinstance(part, _AWAITING) or (isinstance(part, ast.comprehension) and part.is_async)
        for part in parts
    )


def _body(context: Context, block: cst.IndentedBlock) -> str:
    """The text of the body, where to go on with the loop is to return."""
    first, *others = block.body
    moved = block.with_changes(
        header=cst.TrailingWhitespace(), body=[without_blank_lines(first), *others]
    )
    turned = moved.visit(_ContinueToReturn())
    assert isinstance(turned, cst.IndentedBlock)
    return render(context, turned)


class _ContinueToReturn(cst.CSTTransformer):
    """`continue` → `return`, but for that of inner loops."""

    def __init__(self) -> None:
        super().__init__()
        self._depth = 0

    def visit_While_body(self, node: cst.While) -> None:
        self._depth += 1

    def leave_While_body(self, node: cst.While) -> None:
        self._depth -= 1

    def visit_For_body(self, node: cst.For) -> None:
        self._depth += 1

    def leave_For_body(self, node: cst.For) -> None:
        self._depth -= 1

    def leave_Continue(
        self, original_node: cst.Continue, updated_node: cst.Continue
    ) -> cst.BaseSmallStatement:
        if self._depth:
            return updated_node
        return cst.Return(
            whitespace_after_return=cst.SimpleWhitespace(""), semicolon=updated_node.semicolon
        )
