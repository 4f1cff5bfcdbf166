"""The contract of a rule: what it declares, what it is given, how it reports.

A rule is a class with libcst visitor methods (`visit_Lambda`, `leave_ClassDef`, …). The walk calls
them on the statements that `screen` names; the rule asks `self.context` what is true of a node and
reports. rules/README.md shows how to write one.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from operator import attrgetter
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeVar

from reloadlint.facts.chunks import first_line
from reloadlint.facts.nodes import LOOPS
from reloadlint.finding import Confidence, Finding, Fix, Step
from reloadlint.profile import consequence, harm

if TYPE_CHECKING:
    import libcst as cst

    from reloadlint.config import Config
    from reloadlint.facts import FileFacts
    from reloadlint.facts.closures import Closure
    from reloadlint.rewrite.fresh import FreshNames
    from reloadlint.rewrite.imports import TopImports
    from reloadlint.rewrite.qualify import Qualifier
    from reloadlint.source import SourceFile
    from reloadlint.suppression import Suppressions

_T = TypeVar("_T")

# What a developer changes: what a function does; what a closure uses of its surroundings; the
# parameters of a function; the first value of a piece of state; nothing, as a name is removed.
EditKind = Literal["body", "captures", "signature", "state", "removed"]

# What a probe shows: which code runs; what the program has collected; whether two things are still
# one; how often something is there.
Look = Literal["code", "state", "identity", "count"]


@dataclass(frozen=True)
class TypedEdit:
    """What a developer types: the text `old`, which stands at one place, becomes `new`.

    `fixed` is typed into the good text instead, (old, new), where the same change looks different
    there. `file` is the helper that is edited; empty for the example itself. `probe` and `looks_at`
    are this edit's own, where those of the evidence do not show what it changes.
    """

    old: str
    new: str
    kind: EditKind = "body"
    fixed: tuple[str, str] | None = None
    file: str = ""
    probe: str = ""
    looks_at: Look | None = None

    def carry_on(self, text: str) -> str:
        """The text with what follows from the change, which has been made."""
        return text

    def __str__(self) -> str:
        """What is typed, in a line."""
        old, new = (
            f"`{' '.join(text.split())}`" if text else "nothing" for text in (self.old, self.new)
        )
        return f"{old} → {new}" + (f" in `{self.file}`" if self.file else "")


@dataclass(frozen=True)
class Renamed(TypedEdit):
    """A change that gives the functions or the state `names`, as far as they are there, new names.

    The former names are removed by that; `old` becomes `new` besides, so that a probe can tell.
    """

    kind: EditKind = "removed"
    names: tuple[str, ...] = ()

    def carry_on(self, text: str) -> str:
        """The text with the new names, wherever the former ones stand."""
        return re.sub(rf"\b({'|'.join(self.names)})\b", r"\1_anew", text)

    def __str__(self) -> str:
        """What is typed, in a line."""
        return (
            f"{super().__str__()}, and other names for {', '.join(map('`{}`'.format, self.names))}"
        )


@dataclass(frozen=True)
class Evidence:
    """The experiment that backs an example: hold a reference, edit, reload, look.

    Each of `edits` is an experiment of its own. `hold` is run once, before the reload, with the
    module as `m`; what it binds is what a program holds. `probe` is an expression, evaluated after
    the reload with the same names, and `m` as it is then; two control runs, of the old text only
    and of the new text only, say what its value means. `looks_at` says what the probe shows, and
    so by which word the outcome is called: see rules/README.md. `backwards`: the example is what
    the edit leads to, not where it starts.
    """

    edits: tuple[TypedEdit, ...]
    hold: str
    probe: str
    looks_at: Look = "code"
    backwards: bool = False


@dataclass(frozen=True)
class Example:
    """A module that is flagged, and what to write instead.

    `after` is what `--fix` makes of it, None where there is no fix; there `instead` may show what
    a person would write. `unsafe`: the fix needs `--unsafe-fixes`. `settings`: configuration keys
    that it needs. `helpers`: modules that it imports, (path, text), which lie beside it. `module`
    is the name under which it is imported, for an example inside of a package of helpers.
    """

    before: str
    after: str | None = None
    evidence: Evidence | None = None
    unsafe: bool = False
    settings: tuple[tuple[str, object], ...] = ()
    instead: str | None = None
    helpers: tuple[tuple[str, str], ...] = ()
    module: str = "example"

    @property
    def good(self) -> str | None:
        """What to write instead, by whichever hand."""
        return self.instead if self.after is None else self.after

    @property
    def path(self) -> str:
        """Where the example lies among its helpers."""
        return self.module.replace(".", "/") + ".py"


@dataclass
class Context:
    """What a rule may know while one statement is walked.

    `fresh` hands out names that are new to the file. `module` is what libcst is
    shown of the statement: see `facts/excerpts.py`. `node_of` maps its nodes to those of `ast`, for
    the kinds of `walk.TRACKED`.
    """

    source: SourceFile
    facts: FileFacts
    config: Config
    fresh: FreshNames
    findings: list[Finding]
    node_of: dict[cst.CSTNode, ast.AST]
    module: cst.Module
    _by_place: dict[tuple[int, str], tuple[Sequence[Any], dict[ast.AST, list[Any]]]] = field(
        default_factory=dict, init=False
    )

    @cached_property
    def imports(self) -> TopImports:
        """What the file imports, and where more is to be imported."""
        from reloadlint.rewrite.imports import TopImports

        return TopImports(self.facts)

    @cached_property
    def qualifier(self) -> Qualifier:
        """What becomes of the names that the file copies from other first-party modules."""
        from reloadlint.rewrite.qualify import Qualifier

        by_star = (copy for found in self.facts.star_copies for copy in found.copies)
        copies = [c for c in (*self.facts.from_imports, *by_star) if c.is_read_later]
        return Qualifier(self.facts, copies)

    def found_at(
        self, node: ast.AST | None, found: tuple[_T, ...], place: str = "node"
    ) -> Sequence[_T]:
        """Those of `found` whose attribute `place` is `node`; there may be thousands."""
        key = (id(found), place)
        if key not in self._by_place:
            table: dict[ast.AST, list[Any]] = {}
            for each in found:
                table.setdefault(attrgetter(place)(each), []).append(each)
            self._by_place[key] = (found, table)  # kept, so that no other gets its id
        return self._by_place[key][1].get(node, ()) if node is not None else ()

    def closure(self, node: cst.Lambda | cst.FunctionDef) -> Closure | None:
        """The closure that `node` is; None for a function that is not nested in another."""
        own = self.node_of.get(node)
        if not isinstance(own, (ast.Lambda, ast.FunctionDef, ast.AsyncFunctionDef)):
            return None
        return self.facts.closure_of.get(own)


@dataclass(frozen=True)
class Review:
    """What a rule may know of the comments of a file: which findings of `rules` they might silence.

    `findings` are all that the walk has found, whether they are silenced or not.
    """

    source: SourceFile
    comments: Suppressions
    rules: tuple[type[Rule], ...]
    findings: tuple[Finding, ...]


class Rule:
    """Base class of rules.

    The class docstring is the rule's page: its first line is the summary, the others follow under
    "What it does", "Why it goes stale", "Use instead", "Fix safety" and "When to suppress".
    """

    code: ClassVar[str]
    name: ClassVar[str]
    default: ClassVar[bool] = True  # on unless selected otherwise
    skips_tests: ClassVar[bool] = False  # silent in test files: nobody reloads them
    # What the fix does, in a word or two; "display-only" where a person is told; empty: no fix.
    fixable: ClassVar[str] = ""
    examples: ClassVar[tuple[Example, ...]] = ()
    # The kinds of edit that no example tries, and why.
    untried: ClassVar[tuple[tuple[EditKind, str], ...]] = ()
    leaves: ClassVar[tuple[str, ...]] = ()  # modules on which the rule stays silent
    refusals: ClassVar[tuple[str, ...]] = ()  # why there may be no fix, of `name`
    cautions: ClassVar[tuple[str, ...]] = ()  # why the fix may be unsafe

    on_comments: ClassVar[bool] = False  # it reviews suppression comments instead of code

    def __init__(self, context: Context) -> None:
        self.context = context
        self.facts = context.facts

    @classmethod
    def is_fixable(cls) -> bool:
        """True where some findings have a fix, whatever it takes to apply it."""
        return cls.fixable not in ("", "display-only")

    @classmethod
    def screen(cls, facts: FileFacts) -> Iterable[ast.AST]:
        """Nodes at which the rule may report; only these, and what is in them, is surely walked."""
        return facts.tree.body

    @classmethod
    def review(cls, review: Review) -> Iterable[Finding]:
        """Findings on the suppression comments of a file that has any."""
        return ()

    def report(
        self,
        node: ast.AST,
        message: str,
        *,
        confidence: Confidence = Confidence.CERTAIN,
        fix: Fix | None = None,
        refusal: str | None = None,
        steps: tuple[Step, ...] = (),
    ) -> None:
        """Report a finding at `node`.

        Of a function or class at the words up to its name, of a loop at those before the colon.
        """
        source, reloader = self.context.source, self.context.config.reloader
        start, end = self.facts.span(node)
        if fix is not None and (reason := harm(type(self), reloader)) is not None:
            fix, refusal = None, reason
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            end = source.text.index(node.name, start) + len(node.name)
        elif isinstance(node, LOOPS):
            _, end = self.facts.span(node.test if isinstance(node, ast.While) else node.iter)
        self.context.findings.append(
            Finding(
                path=source.path,
                code=self.code,
                name=self.name,
                message=message + consequence(type(self), reloader),
                start=source.position(start),
                end=source.position(end),
                statement_line=self._statement_line(node),
                confidence=confidence,
                fix=fix,
                refusal=refusal,
                steps=steps,
                scope=self._scope(node),
            )
        )

    def _scope(self, node: ast.AST) -> str:
        """The dotted name of the functions and classes around `node`."""
        named = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
        names: list[str] = []
        for up in self.facts.index.ancestors(node):
            if isinstance(up, named):
                names.append(up.name)
            elif isinstance(up, ast.stmt):  # from here on the scopes tell: there may be many `elif`
                inner = self.facts.index.scope_at(up)
                owners = (scope.node for scope in (inner, *inner.enclosing()))
                names += [owner.name for owner in owners if isinstance(owner, named)]
                break
        return ".".join(reversed(names))

    def _statement_line(self, node: ast.AST) -> int:
        """The first line of the statement of `node`: where a suppression may also stand."""
        around = chain((node,), self.facts.index.ancestors(node))
        return first_line(next(up for up in around if isinstance(up, ast.stmt)))
