"""What is true of one file, from CPython's own `ast` and `symtable`; never a finding.

`collect` parses; every fact is computed when it is first asked for, and is immutable.
"""

from __future__ import annotations

import ast
import os
import symtable
import warnings
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING, Generic, TypeVar

from reloadlint.errors import SyntaxFailure
from reloadlint.facts.by_value import BoundFunction, KeptFunction, bound_functions, kept_functions
from reloadlint.facts.cached import Cached, cached_functions
from reloadlint.facts.captures import Capture, Captures
from reloadlint.facts.chunks import Chunk, chunks
from reloadlint.facts.class_identity import (
    ComparedClass,
    RegisteredClass,
    compared_classes,
    registered_classes,
)
from reloadlint.facts.closures import Closure, closures
from reloadlint.facts.code_reads import CodeRead, code_reads
from reloadlint.facts.derived import Derived, derived_values
from reloadlint.facts.endless import EndlessLoop, endless_loops
from reloadlint.facts.entry_points import entry_points
from reloadlint.facts.explicit_super import ExplicitSuper, explicit_supers
from reloadlint.facts.exports import exported_names, star_names
from reloadlint.facts.fates import Fate, Fates
from reloadlint.facts.first_party import FirstParty
from reloadlint.facts.fragile_keeps import FragileKeep, fragile_keeps
from reloadlint.facts.frames import FrameUse, frame_use
from reloadlint.facts.from_imports import FromImport, from_imports
from reloadlint.facts.identities import Identity, identities
from reloadlint.facts.import_time import (
    AtImport,
    CalledElsewhere,
    at_import,
    called_at_import,
    called_elsewhere,
)
from reloadlint.facts.imports import ImportedModule, Names, absolute_module, imported_modules
from reloadlint.facts.index import ClosureNode, FunctionNode, Index, Scope, ValueNode
from reloadlint.facts.memo import Answers
from reloadlint.facts.module_state import ModuleState, module_bindings, module_state
from reloadlint.facts.namespace import lists_its_names, mentions_its_names
from reloadlint.facts.parameters import Outcome, ParameterFate, parameter_fate, passes_on
from reloadlint.facts.patches import Patch, patches, saved_attributes
from reloadlint.facts.project import Project
from reloadlint.facts.registrations import Registration, registrations
from reloadlint.facts.scopes import SymbolTables
from reloadlint.facts.sink import Sink
from reloadlint.facts.sink_table import SinkTable, sink_entries, sink_table
from reloadlint.facts.sinks import Sinks
from reloadlint.facts.star_imports import StarCopies, StarImport, star_copies, star_imports
from reloadlint.facts.starts import Start, starts
from reloadlint.facts.state_captures import StateCapture, state_captures
from reloadlint.facts.targets import Targets, attribute_types
from reloadlint.facts.trampolines import Trampoline, trampoline
from reloadlint.source import SourceFile
from reloadlint.timing import spent

if TYPE_CHECKING:
    from reloadlint.config import Config

_T = TypeVar("_T")

__all__ = ["Capture", "Closure", "Fate", "FileFacts", "ModuleState", "Sink", "collect"]


def collect(source: SourceFile, config: Config, project: Project | None = None) -> FileFacts:
    """Parse `source` as CPython does; `project` answers what depends on other files.

    Raises SyntaxFailure for whatever this interpreter refuses, too deep nesting included.
    """
    known = project.known(source) if project is not None else None
    if known is not None:
        return known
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # invalid escapes are other linters' matter
            with spent("parse"):
                tree = ast.parse(source.text, source.path)
    except SyntaxError as error:
        raise SyntaxFailure(
            source.path, error.lineno or 1, error.offset or 1, error.msg or "invalid syntax"
        ) from None
    except (RecursionError, MemoryError):
        raise SyntaxFailure(source.path, 1, 1, "too deeply nested for CPython's parser") from None
    except ValueError as error:  # NUL bytes, before 3.12
        raise SyntaxFailure(source.path, 1, 1, str(error)) from None
    facts = FileFacts(source, tree, config, project or Project(config))
    facts.project.adopt(facts)
    return facts


class across_files(Generic[_T]):
    """A cached property that may depend on other files, as no `functools.cached_property` may."""

    def __init__(self, find: Callable[[FileFacts], _T]) -> None:
        self._find = find
        self.__doc__ = find.__doc__

    def __get__(self, facts: FileFacts, _owner: type[FileFacts]) -> _T:
        return facts.ask(self._find.__name__, facts.tree, lambda: self._find(facts))


@dataclass(frozen=True, repr=False)
class FileFacts:
    """The facts of one file; the docstrings of the fact modules say what each one means."""

    source: SourceFile
    tree: ast.Module
    config: Config
    project: Project

    @property
    def module(self) -> str:
        """The dotted name under which this file is imported."""
        return self.project.module_name(self.source.path)

    def absolute(self, qualified: str) -> str:
        """A qualified name with the leading dots of a relative import replaced by the package."""
        if not qualified.startswith("."):
            return qualified
        return absolute_module(qualified, self.module, self.is_package)

    def imported(self, module: str) -> FileFacts | None:
        """The facts of the first-party module that this file imports by its absolute name."""
        return self.project.module(module, self.source.path)

    @property
    def is_package(self) -> bool:
        """True for the `__init__.py` of a package."""
        return self.source.path.endswith("__init__.py")

    @cached_property
    def index(self) -> Index:
        """Parents, scopes, uses of names."""
        with spent("index"):
            return Index(self.tree)

    @cached_property
    def names(self) -> Names:
        """Qualified names."""
        return Names(self.index)

    @cached_property
    def code_reads(self) -> tuple[CodeRead, ...]:
        """Reads of the code of functions."""
        return code_reads(self.index)

    @cached_property
    def lists_its_names(self) -> str | None:
        """What gives all names of the module at once, if anything does."""
        return lists_its_names(self.index, self.names)

    @cached_property
    def has_hidden_names(self) -> bool:
        """True where the module may have names that no statement of it shows."""
        is_starred = any(imported.is_star for imported in self.imports)
        return is_starred or mentions_its_names(self.index, self.names)

    @cached_property
    def chunks(self) -> tuple[Chunk, ...]:
        """The top-level statements by the lines that they share with no other."""
        return chunks(self.source, self.tree)

    def chunk_at(self, line: int) -> Chunk:
        """The chunk that the line of some node is in."""
        return self.chunks[bisect_right(self._chunk_lines, line) - 1]

    @cached_property
    def _chunk_lines(self) -> list[int]:
        return [chunk.first_line for chunk in self.chunks]

    @cached_property
    def imports(self) -> tuple[ImportedModule, ...]:
        """Every import."""
        return imported_modules(self.index)

    @property
    def from_imports(self) -> tuple[FromImport, ...]:
        """The names copied from other first-party modules."""
        return self.ask("from-imports", self.tree, lambda: from_imports(self))

    @across_files
    def star_imports(self) -> tuple[StarImport, ...]:
        """The star imports of the module."""
        return tuple(star_imports(self))

    @across_files
    def star_copies(self) -> tuple[StarCopies, ...]:
        """The star imports of first-party modules of which functions read something."""
        return tuple(star_copies(self))

    @across_files
    def derived_values(self) -> tuple[Derived, ...]:
        """Module-level values that are made of the data of other modules."""
        return tuple(derived_values(self))

    @cached_property
    def exported_names(self) -> frozenset[str] | None:
        """What `__all__` lists; None where there is none, or one that is computed."""
        return exported_names(self)

    @property
    def star_names(self) -> dict[str, bool] | None:
        """What `from module import *` gives, and whether surely; None where that is not known."""
        return self.ask("star-names", self.tree, lambda: star_names(self))

    @cached_property
    def explicit_supers(self) -> tuple[ExplicitSuper, ...]:
        """Calls of `super` that name a class of the module."""
        return tuple(explicit_supers(self))

    @property
    def first_party(self) -> FirstParty:
        """Which modules are the project's own."""
        return self.project.first_party

    @cached_property
    def sink_table(self) -> SinkTable:
        """What is known of callables, the user's entries included."""
        return sink_table(sink_entries(self.config.sinks))

    @cached_property
    def closures(self) -> tuple[Closure, ...]:
        """Every lambda and nested def, in the order of the text."""
        return closures(self.index)

    @cached_property
    def closure_of(self) -> dict[ClosureNode, Closure]:
        """The closures by their nodes."""
        return {closure.node: closure for closure in self.closures}

    @cached_property
    def module_values(self) -> Mapping[str, tuple[ast.Assign | ast.AnnAssign, ast.expr]]:
        """By name, the first assignment that stands directly in the module, and its value."""
        return {name: (node, value) for name, node, value in module_bindings(self.index)}

    @cached_property
    def saved_attributes(self) -> Mapping[str, frozenset[str]]:
        """By dotted name, the module-level names that are made of it: `old = m.f`."""
        return saved_attributes(self.index)

    @cached_property
    def state(self) -> tuple[ModuleState, ...]:
        """Module-level names whose values functions change."""
        return module_state(self.index, self.names, self.sink_table)

    @across_files
    def identities(self) -> tuple[Identity, ...]:
        """Module-level objects that are not the same when a reload has made them again."""
        return identities(self)

    @across_files
    def fragile_keeps(self) -> tuple[FragileKeep, ...]:
        """State that is kept by asking the module's namespace."""
        return tuple(fragile_keeps(self))

    @across_files
    def kept_functions(self) -> tuple[KeptFunction, ...]:
        """Functions of the project that are handed by value to what keeps them."""
        found = kept_functions(self)
        return tuple(f for f in found if f.fate.confidence >= self.config.min_confidence)

    @across_files
    def cached_functions(self) -> tuple[Cached, ...]:
        """Functions that remember their results."""
        return tuple(cached_functions(self))

    @across_files
    def bound_functions(self) -> tuple[BoundFunction, ...]:
        """Functions of the project that a default, a class or a foreign table has from now on."""
        return tuple(bound_functions(self))

    @cached_property
    def at_import(self) -> tuple[AtImport, ...]:
        """The statements that a reload runs again."""
        return tuple(at_import(self))

    @across_files
    def called_elsewhere(self) -> tuple[CalledElsewhere, ...]:
        """The functions of other files that a reload calls again."""
        return tuple(called_elsewhere(self))

    @cached_property
    def called_at_import(self) -> frozenset[ast.AST]:
        """The functions that a reload calls again."""
        return frozenset(called_at_import(self.at_import, self))

    @cached_property
    def entry_points(self) -> frozenset[ast.AST]:
        """The functions that a script runs once, when it is started."""
        return entry_points(self)

    @across_files
    def patches(self) -> tuple[Patch, ...]:
        """What the module assigns in other modules and classes at import."""
        return tuple(patches(self))

    @across_files
    def registrations(self) -> tuple[Registration, ...]:
        """What the module registers elsewhere at import."""
        return tuple(registrations(self))

    @across_files
    def starts(self) -> tuple[Start, ...]:
        """What the module starts or opens at import."""
        return tuple(starts(self))

    @across_files
    def compared_classes(self) -> tuple[ComparedClass, ...]:
        """Copies of classes that functions only compare with."""
        return tuple(compared_classes(self))

    @across_files
    def registered_classes(self) -> tuple[RegisteredClass, ...]:
        """Classes of other modules that generic functions are told of at import."""
        return tuple(registered_classes(self))

    @across_files
    def endless_loops(self) -> tuple[EndlessLoop, ...]:
        """Loops that go on as long as a thread, a task or the program does."""
        return tuple(endless_loops(self))

    @across_files
    def state_captures(self) -> tuple[StateCapture, ...]:
        """Places that hold on to module state which a reload makes anew."""
        found = state_captures(self.index, self.state, self.kept_closures, self._fate)
        return tuple(c for c in found if c.confidence >= self.config.min_confidence)

    @cached_property
    def _tables(self) -> SymbolTables:
        return SymbolTables(self.source, self.chunks, self.index)

    @cached_property
    def _captures(self) -> Captures:
        return Captures(self.index, self._tables)

    @cached_property
    def _sinks(self) -> Sinks:
        return Sinks(self.index, self.names, self.sink_table, self.targets, passes_on)

    @cached_property
    def _fates(self) -> Fates:
        return Fates(self)

    @cached_property
    def _answers(self) -> Answers:
        return {}

    def close(self) -> None:
        """Let go of everything: facts refer to each other, and would wait for the collector.

        Only for facts of which nobody has anything any more.
        """
        if "index" in self.__dict__:
            self.index.close()
        self.__dict__.clear()

    def forget(self, keys: Set[str]) -> None:
        """Drop the answers that need any of what `keys` name."""
        for key, answer in list(self._answers.items()):
            if not answer.needs.isdisjoint(keys):
                del self._answers[key]

    def ask(self, what: str, node: ast.AST, find: Callable[[], _T], guess: _T | None = None) -> _T:
        """The answer for `node`, which may depend on other files; see `memo.py`."""
        return self.project.memo.ask(self._answers, (what, node), find, guess)

    def captures(self, node: ClosureNode) -> tuple[Capture, ...] | None:
        """The free variables of a closure, as `symtable` gives them; None if it gives none.

        Raises SyntaxFailure for text that parses and does not compile.
        """
        return self._captures.of(node)

    def symbol_table(self, node: ClosureNode) -> symtable.SymbolTable | None:
        """CPython's symbol table of a closure, if it can be told from others."""
        return self._tables.table(self.index.scope_of[node])

    def sinks(self, node: ValueNode) -> tuple[Sink, ...]:
        """Where the value of a closure, or of an expression, goes."""
        return self.ask("sinks", node, lambda: self._sinks.of(node))

    @cached_property
    def targets(self) -> Targets:
        """What calls call."""
        return Targets(self)

    def attribute_types(self, node: ast.ClassDef) -> dict[str, tuple[ast.expr, bool, Scope]]:
        """What tells the classes of the attributes of the class `node`."""
        return self.ask("attributes", node, lambda: attribute_types(self, node))

    def frame_use(self, node: ClosureNode) -> FrameUse:
        """What a function does with the frames of the stack, and which functions it calls."""
        return self.ask("frames", node, lambda: frame_use(self, node))

    def files_with_method(self, name: str) -> list[str]:
        """The files that define a method called `name`; stand-ins that tests make do not count."""
        paths = self.project.files_with_method(name)
        is_test = self.config.tests.match_at_or_above
        if is_test(os.path.abspath(self.source.path)):
            return paths
        return [path for path in paths if not is_test(os.path.abspath(path))]

    def parameter_sinks(self, node: FunctionNode, name: str) -> tuple[Sink, ...]:
        """Where a function's parameter goes."""
        return self._sinks.of_parameter(node, name)

    def parameter_fate(self, node: FunctionNode, name: str) -> ParameterFate:
        """What a function does with its parameter; of a recursion, the answer without it."""
        guess = ParameterFate(Outcome.DONE)
        find = partial(parameter_fate, self, node, name)
        return self.ask(f"parameter {name}", node, find, guess)

    def judge(self, sink: Sink) -> Iterator[Fate]:
        """The ways in which one sink keeps a value."""
        return self._fates.judge(sink)

    def fate(self, node: ClosureNode) -> Fate | None:
        """How a closure is kept, if it is."""
        return self._fate(node)

    def value_fate(self, node: ast.expr) -> Fate | None:
        """How the value of an expression is kept, if it is."""
        return self._fate(node)

    def _fate(self, node: ValueNode) -> Fate | None:
        # Where two closures capture each other, something else must keep them.
        guess: tuple[Fate | None] = (None,)
        return self.ask("fate", node, lambda: (self._fates.of(node),), guess)[0]

    @across_files
    def kept_closures(self) -> dict[ClosureNode, Fate]:
        """The closures with work of their own that something keeps, and what keeps them.

        Trampolines are left out, and what has too little in it, or is kept too doubtfully, for the
        configuration (`min-body`, `min-confidence`).
        """
        found: dict[ClosureNode, Fate] = {}
        for closure in self.closures:
            if closure.weighs(self.config.min_body) and self.trampoline(closure.node) is None:
                fate = self.fate(closure.node)
                if fate is not None and fate.confidence >= self.config.min_confidence:
                    found[closure.node] = fate
        return found

    def trampoline(self, node: ClosureNode) -> Trampoline | None:
        """What a closure forwards to, if it does nothing else."""
        return trampoline(self.index, self.names, node)

    def span(self, node: ast.AST) -> tuple[int, int]:
        """Offsets of the first character of `node` and of the one behind it."""
        return (
            self.source.offset(node.lineno, node.col_offset),  # type: ignore[attr-defined]
            self.source.offset(node.end_lineno, node.end_col_offset),  # type: ignore[attr-defined]
        )
