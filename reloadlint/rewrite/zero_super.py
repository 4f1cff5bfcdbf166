"""Let the compiler remember the class: `super(C, self)` → `super()`, or `super(__class__, other)`.

Whatever names `super` has the cell `__class__` already, and a class statement makes sure that the
class in it is the one that a metaclass has made. Decorators come later.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Final

from reloadlint.facts import FileFacts
from reloadlint.facts.explicit_super import ExplicitSuper
from reloadlint.facts.index import Scope
from reloadlint.finding import Applicability, Edit, Fix, Respelling
from reloadlint.rewrite.refusal import Refused, SuperCaution, SuperReason

# Decorators that give back the class that they are given.
_SAME_CLASS: Final = frozenset({
    "attr.attrs", "attr.define", "attr.s", "attrs.define", "functools.total_ordering",
    "typing.final", "typing.runtime_checkable", "typing_extensions.final",
    "typing_extensions.runtime_checkable", "unittest.skip", "unittest.skipIf",
    "unittest.skipUnless", "zope.interface.implementer",
})  # fmt: skip
_DATACLASS: Final = "dataclasses.dataclass"  # with slots, it makes another class


def zero_super(facts: FileFacts, found: ExplicitSuper) -> Fix | Refused:
    """The fix, or why there is none."""
    start, end = facts.span(found.call)
    text = facts.source.text[start:end]
    refusal = next(_refusals(facts, found, text), None)
    if refusal is not None:
        return refusal
    edit = Edit(start, end, "super()")
    if not _finds_instance(facts, found):
        edit = Edit(*facts.span(found.call.args[0]), "__class__")
    new = text[: edit.start - start] + edit.text + text[edit.end - start :]
    caution = next(_cautions(facts, found), "")
    return Fix(
        title=f"let `{edit.text}` stand for the class around it",
        edits=(edit,),
        applicability=Applicability.UNSAFE if caution else Applicability.SAFE,
        respelled=(Respelling(start, text, new),),
        caution=caution,
    )


def _refusals(facts: FileFacts, found: ExplicitSuper, text: str) -> Iterator[Refused]:
    if found.owner is None:
        yield Refused(SuperReason.OUTSIDE)
    elif found.owner is not found.named:
        yield Refused(SuperReason.ANOTHER_CLASS, found.text)
    scope = facts.index.scope_at(found.call)
    around = (scope, *scope.enclosing())
    if any("__class__" in up.bindings or "__class__" in up.globals for up in around):
        yield Refused(SuperReason.BOUND_ANEW, "__class__")
    if _names(found.instance) & _names(found.call.args[0]):
        yield Refused(SuperReason.LOOKED_UP, ast.unparse(found.instance))
    if "#" in text:
        yield Refused(SuperReason.COMMENT)


def _names(node: ast.expr) -> set[str]:
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}


def _finds_instance(facts: FileFacts, found: ExplicitSuper) -> bool:
    """True where the object is what `super()` takes: the first parameter of the method itself."""
    if found.method is None or not isinstance(found.instance, ast.Name):
        return False
    args, name = found.method.args, found.instance.id
    if [arg.arg for arg in (*args.posonlyargs, *args.args)][:1] != [name]:
        return False
    return not _is_bound_anew(facts.index.scope_of[found.method], name)


def _is_bound_anew(scope: Scope, name: str) -> bool:
    """True where something else than the parameter gives the name a value, or takes it away."""
    others = [use for use in scope.uses_of(name) if not isinstance(use, ast.arg)]
    is_only_read = all(isinstance(getattr(use, "ctx", None), ast.Load) for use in others)
    name = scope.spelled(name)
    return not is_only_read or any(
        name in inner.nonlocals for inner in scope.inner_scopes_using(name)
    )


def _cautions(facts: FileFacts, found: ExplicitSuper) -> Iterator[str]:
    for decorator in found.named.decorator_list:
        if not _gives_same_class(facts, decorator):
            func = decorator.func if isinstance(decorator, ast.Call) else decorator
            yield SuperCaution.DECORATED.text(ast.unparse(func))
    name = found.text.partition(".")[0]
    mention = facts.project.rebinding_outside(facts, name)
    if mention is not None:
        yield SuperCaution.PATCHED.text(name, mention)


def _gives_same_class(facts: FileFacts, decorator: ast.expr) -> bool:
    func = decorator.func if isinstance(decorator, ast.Call) else decorator
    name = facts.names.qualified(func)
    if name == _DATACLASS:
        keywords = decorator.keywords if isinstance(decorator, ast.Call) else []
        return all(keyword.arg not in (None, "slots") for keyword in keywords)
    return name in _SAME_CLASS
