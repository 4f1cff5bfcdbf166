"""What is true of one file, from CPython's own `ast` and `symtable`; never a finding.

`collect` parses; every fact is computed when it is first asked for, and is immutable.
"""

from __future__ import annotations

import ast
import symtable
import warnings
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from reloadlint.errors import SyntaxFailure
from reloadlint.facts.captures import Capture, captures
from reloadlint.facts.chunks import Chunk, chunks
from reloadlint.facts.closures import Closure, closures
from reloadlint.facts.fates import Fate, Fates
from reloadlint.facts.first_party import FirstParty
from reloadlint.facts.imports import ImportedModule, Names, imported_modules
from reloadlint.facts.index import ClosureNode, Index, ValueNode
from reloadlint.facts.module_state import ModuleState, module_state
from reloadlint.facts.scopes import SymbolTables
from reloadlint.facts.sink_table import SinkTable, sink_entries, sink_table
from reloadlint.facts.sinks import Sink, Sinks
from reloadlint.facts.state_captures import StateCapture, state_captures
from reloadlint.facts.trampolines import Trampoline, trampoline
from reloadlint.source import SourceFile

if TYPE_CHECKING:
    from reloadlint.config import Config

__all__ = ["Capture", "Closure", "Fate", "FileFacts", "ModuleState", "Sink", "collect"]


def collect(source: SourceFile, config: Config) -> FileFacts:
    """Parse `source` as CPython does.

    Raises SyntaxFailure for whatever this interpreter refuses, too deep nesting included.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # invalid escapes are other linters' matter
            tree = ast.parse(source.text, source.path)
    except SyntaxError as error:
        raise SyntaxFailure(
            source.path, error.lineno or 1, error.offset or 1, error.msg or "invalid syntax"
        ) from None
    except (RecursionError, MemoryError):
        raise SyntaxFailure(source.path, 1, 1, "too deeply nested for CPython's parser") from None
    except ValueError as error:  # NUL bytes, before 3.12
        raise SyntaxFailure(source.path, 1, 1, str(error)) from None
    return FileFacts(source, tree, config)


@dataclass(frozen=True)
class FileFacts:
    """The facts of one file; the docstrings of the fact modules say what each one means."""

    source: SourceFile
    tree: ast.Module
    config: Config

    @cached_property
    def index(self) -> Index:
        """Parents, scopes, uses of names."""
        return Index(self.tree)

    @cached_property
    def names(self) -> Names:
        """Qualified names."""
        return Names(self.index)

    @cached_property
    def chunks(self) -> tuple[Chunk, ...]:
        """The top-level statements by the lines that they share with no other."""
        return chunks(self.source, self.tree)

    @cached_property
    def imports(self) -> tuple[ImportedModule, ...]:
        """Every import."""
        return imported_modules(self.index)

    @cached_property
    def first_party(self) -> FirstParty:
        """Which modules are the project's own."""
        return FirstParty(self.config.root, self.config.first_party)

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
    def state(self) -> tuple[ModuleState, ...]:
        """Module-level names whose values functions change."""
        return module_state(self.index, self.names, self.sink_table)

    @cached_property
    def state_captures(self) -> tuple[StateCapture, ...]:
        """Places that hold on to module state which a reload makes anew."""
        found = state_captures(self.index, self.state, self.kept_closures, self._fates.of)
        return tuple(c for c in found if c.confidence >= self.config.min_confidence)

    @cached_property
    def _tables(self) -> SymbolTables:
        return SymbolTables(self.source.text, self.source.path, self.index.module)

    @cached_property
    def _sinks(self) -> Sinks:
        return Sinks(self.index, self.names, self.sink_table)

    @cached_property
    def _fates(self) -> Fates:
        return Fates(self.index, self.sink_table, self.sinks)

    @cached_property
    def _memo(self) -> dict[tuple[str, ValueNode], object]:
        return {}

    def captures(self, node: ClosureNode) -> tuple[Capture, ...] | None:
        """The free variables of a closure, as `symtable` gives them; None if it gives none.

        Raises SyntaxFailure for text that parses and does not compile.
        """
        return captures(self.index, self._tables, node)

    def symbol_table(self, node: ClosureNode) -> symtable.SymbolTable | None:
        """CPython's symbol table of a closure, if it can be told from others."""
        return self._tables.table(self.index.scope_of[node])

    def sinks(self, node: ValueNode) -> tuple[Sink, ...]:
        """Where the value of a closure, or of an expression, goes."""
        found = self._memo.get(("sinks", node))
        if found is None:
            found = self._memo["sinks", node] = self._sinks.of(node)
        return found  # type: ignore[return-value]

    def fate(self, node: ClosureNode) -> Fate | None:
        """How a closure is kept, if it is."""
        if ("fate", node) not in self._memo:
            self._memo["fate", node] = self._fates.of(node)
        return self._memo["fate", node]  # type: ignore[return-value]

    @cached_property
    def kept_closures(self) -> dict[ClosureNode, Fate]:
        """The closures with work of their own that something keeps, and what keeps them.

        Trampolines and trivial bodies are left out, and what is kept too doubtfully for the
        configuration.
        """
        found: dict[ClosureNode, Fate] = {}
        for closure in self.closures:
            if not closure.is_trivial and self.trampoline(closure.node) is None:
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
