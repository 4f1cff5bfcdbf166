"""One module of a reload: its old and new text, what of it is alive, and the run of its changes."""

from __future__ import annotations

import ast
import gc
import sys
from collections.abc import Iterable
from importlib.machinery import ModuleSpec
from types import CodeType, FunctionType, ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple

from reloadlint.runtime import _live, _sources
from reloadlint.runtime._align import align_scopes, align_statements
from reloadlint.runtime._classes import update_local_classes
from reloadlint.runtime._closures import (
    CannotUpdate,
    fitting_code,
    forward,
    is_forwarder,
    missing_captures,
    new_defaults,
)
from reloadlint.runtime._journal import MISSING
from reloadlint.runtime._keep import keep
from reloadlint.runtime._merge import LRU_CACHE, Merger, functions_in
from reloadlint.runtime._report import Unreached
from reloadlint.runtime._rules import rule_for_effect, rule_for_removed, rule_for_scope
from reloadlint.runtime._syntax import (
    binds,
    changed_names,
    imprint,
    is_definition,
    is_main_guard,
    is_recomputable,
    literal_keys,
    makes_its_value,
    reads,
)
from reloadlint.runtime._version import Statement, Version, all_codes, first_line

if TYPE_CHECKING:
    from reloadlint.runtime._reload import Batch

_IMMUTABLE = (int, float, complex, str, bytes, bool, type(None), frozenset, tuple)
Pairs = dict[CodeType, CodeType]
_HOOKS = ("__before_reload__", "__after_reload__")
# The codes of former versions that live functions may still have, with their latest successors.
_lineages: dict[str, Pairs] = keep("_lineages", dict)
# The latest version of each module that was reloaded: it need not be compiled again.
_versions: dict[str, Version] = keep("_versions", dict)


class Step:
    """A statement of the new text and what became of it."""

    def __init__(self, old: Statement | None, new: Statement, index: int) -> None:
        self.old = old
        self.new = new
        self.index = index
        self.same_text = old is not None and old.text == new.text
        # Nothing to execute where what happens at import is unchanged, whatever the bodies do.
        self.execute = not self.same_text and (old is None or old.imprint != new.imprint)
        self.executed = False
        self.seen = 0  # how many names had been bound anew when it was last looked at
        self.forced: set[str] = set()  # names in it whose closures only a new run can supply


class Remnant(NamedTuple):
    """A live function that keeps its former code."""

    function: Any  # a function; mypy takes the name of its type for a method
    reason: str
    line: int
    rule: str


class Unit:
    """A module in a batch. Nothing is touched before `run`."""

    def __init__(
        self,
        batch: Batch,
        module: ModuleType,
        source: _sources.Source,
        spec: ModuleSpec | None = None,
        follows: bool = False,  # its text is as it ran; it is only to follow others
    ) -> None:
        self.batch = batch
        self.module = module
        self.name = module.__name__
        self.namespace = module.__dict__
        self.source = source
        self.spec = spec
        former = _sources.remembered(self.name)
        self.old = _version_of(former, _versions.get(self.name)) if former else None
        self.new = _version_of(source, self.old)
        self.live = _live.functions_of(self.namespace)
        if not follows and self.old and not self._explains_what_is_alive(self.old):
            self.live = []
            gc.collect()  # a version that failed may have left some
            self.live = _live.functions_of(self.namespace)
            if not self._explains_what_is_alive(self.old):
                self.old = None  # the file was changed before anybody looked
        self.full = not follows and (batch.full or self.old is None)
        self.live_ids = {id(function) for function in self.live}
        # The very objects that functions and frames may have.
        self.codes = [*_lineages.get(self.name, ())]
        for function in self.live:
            self.codes += [function.__code__, *all_codes(function.__code__)]
        self.changed_code: set[int] = set()
        self.stale: list[Remnant] = []  # closures that the new code does not fit
        self.left: set[CodeType] = set()  # codes of former versions that are still in use
        self.gone: list[Remnant] = []  # functions that the new text does not have
        self.heirs: dict[CodeType, list[FunctionType]] = {}  # by the code that is to be theirs
        self.pending: dict[int, list[tuple[FunctionType, CodeType]]] = {}  # by statement
        self._plan()
        self.merger = Merger(self)

    # planning, without side effects

    def _plan(self) -> None:
        """Compare the texts, and find what is alive of the old one."""
        old, new = self.old.statements if self.old else [], self.new.statements
        matches = align_statements(old, new)
        self.steps = [
            Step(old[matches[j]] if j in matches else None, statement, j)
            for j, statement in enumerate(new)
        ]
        self.removed = [old[i] for i in {*range(len(old))} - {*matches.values()}]
        self.scopes = align_scopes(self.old, self.new) if self.old else {}
        pairs = {a.code: b.code for a, b in self.scopes.items() if a.code and b.code}
        lineage = _lineages.get(self.name, {})
        self.successors: Pairs = {
            code: pairs[latest] for code, latest in lineage.items() if latest in pairs
        }
        self.successors.update(pairs)
        for function in self.live if self.old else ():
            self._plan_function(function)
        for step in self.steps if self.full else ():
            step.execute = True
        self._force_wrappers()

    def _explains_what_is_alive(self, version: Version) -> bool:
        """Whether the live functions were compiled from this text."""
        known = {*_lineages.get(self.name, ()), *all_codes(version.code)}
        return all(
            # Wrappers bear the names of what they wrap.
            f.__code__ in known or f.__code__.co_name != f.__qualname__ or is_forwarder(f)
            for f in self.live
            if f.__code__.co_filename == version.filename and f.__qualname__ in self.namespace
        )

    def _plan_function(self, function: FunctionType) -> None:
        code = function.__code__
        if is_forwarder(function) or code.co_name in _HOOKS:
            return
        new = self.successors.get(code)
        if new is not None:
            self.heirs.setdefault(new, []).append(function)
            index = self.new.scopes[new].index
            if new != code or not self.steps[index].same_text:  # or else its defaults may differ
                self.pending.setdefault(index, []).append((function, new))
            return
        scope = self.old.scopes.get(code) if self.old else None
        if scope or code in _lineages.get(self.name, ()):
            self.abandon(function, "gone from the new version", rule_for_removed(scope))

    def abandon(self, function: FunctionType, reason: str, rule: str) -> None:
        """Leave a function as it is, since the new text has none for it."""
        self.gone.append(Remnant(function, reason, function.__code__.co_firstlineno, rule))

    def _force_wrappers(self) -> None:
        """Execute a decorated definition again if its live wrapper lacks a new capture."""
        pending = [pair for pairs in self.pending.values() for pair in pairs]
        needy = {id(function) for function, code in pending if missing_captures(function, code)}
        for step in self.steps if needy else ():
            for name in binds(step.new.node) if makes_its_value(step.new.node) else ():
                value = self.namespace.get(name)
                attributes = vars(value) if isinstance(value, type) else {name: value}
                for attribute, part in attributes.items():
                    if any(id(function) in needy for function in functions_in(part)):
                        step.execute = True
                        step.forced.add(attribute)

    # execution

    def run(self) -> None:
        """Go through the new text: execute what must be, give live functions their new code."""
        waiting: list[tuple[FunctionType, CodeType]] = []
        for step in self.steps:
            mine = self.pending.pop(step.index, [])
            if self._must_execute(step):
                self._give_code(waiting)  # the statement may call what stands above it
                self._execute(step)
                self._give_code(mine)
                waiting = []
            else:
                waiting += mine
        self._give_code(waiting)

    def bound_anew(self, node: ast.AST, since: int = 0) -> set[str]:
        """What a statement reads that was bound anew after a moment."""
        return {name for name in reads(node) if self.batch.anew.get(self._origin(name), 0) > since}

    def _origin(self, name: str) -> tuple[str, str]:
        """The module in which a name that is read here, or its attribute, is bound."""
        alias, _, attribute = name.rpartition(".")
        owner = self.namespace.get(alias) if alias else self.module
        return owner.__name__ if isinstance(owner, ModuleType) else "", attribute

    def _inputs(self, step: Step) -> set[str]:
        """What the statement reads, or imports, that was bound anew since it was looked at."""
        if step.seen == self.batch.moment:
            return set()
        used = self.bound_anew(step.new.node, step.seen)
        for node in step.new.imports:
            origin = _sources.absolute_name(node, self.module)
            names = {alias.name for alias in node.names}
            used |= {
                f"{origin}.{name}"
                for (module, name), moment in self.batch.anew.items()
                if module == origin and moment > step.seen and names & {name, "*"}
            }
        return used

    def _must_execute(self, step: Step) -> bool:
        node = step.new.node
        if step.execute or is_main_guard(node):
            return not is_main_guard(node)
        used = self._inputs(step)
        step.seen = self.batch.moment
        if not used or isinstance(node, ast.AugAssign):
            return False
        if is_recomputable(node) and self._is_untouched(node):
            return not self._imports_what_is_gone(step)
        bound = sorted(binds(node))
        rule = "RL302" if bound else rule_for_effect(node)
        if rule is not None and (bound or self.name != "__main__"):  # not the program itself
            names = ", ".join(sorted(used))
            reason = f"reads {names}, bound anew; not executed again, since that may have effects"
            self.add_unreached(", ".join(bound) or step.new.head, reason, step.new.first, rule)
            self.batch.report.kept += [f"{self.name}.{name}" for name in bound]
        return False

    def _is_untouched(self, node: Any) -> bool:
        """Whether a list still has the length that its display gave it: no state was added."""
        value = getattr(node, "value", None)
        lists = [now for n in binds(node) if isinstance(now := self.namespace.get(n), list)]
        return not isinstance(value, ast.List) or all(len(x) == len(value.elts) for x in lists)

    def _imports_what_is_gone(self, step: Step) -> bool:
        """Whether a name that the statement imports is gone. The copy stays, and is reported."""
        for node in step.new.imports:
            origin = _sources.absolute_name(node, self.module)
            for alias in node.names:
                if (origin, alias.name) in self.batch.removed:
                    reason = f"`{alias.name}` is gone from {origin}; the copy stays"
                    self.add_unreached(alias.asname or alias.name, reason, step.new.first, "RL301")
                    return True
        return False

    def _execute(self, step: Step) -> None:
        node, old = step.new.node, step.old.node if step.old else None
        before = {name: self.namespace.get(name, MISSING) for name in sorted(binds(node))}
        self.batch.guard_registries()
        self.batch.report.executed.append(f"{self.new.filename}:{step.new.first}")
        step.execute, step.executed, self.step = False, True, step
        exec(self.new.compile_statement(step.index), self.namespace)
        changed = set(before)
        if old is not None and not self.full:
            changed = changed_names([old], [node], self.bound_anew(node)) | step.forced
            changed = changed.union(*map(binds, step.new.imports))
        for name, value in before.items():
            if name in changed or value is MISSING or is_definition(node):
                self._bind(name, value, step)
            else:
                self.namespace[name] = value
        step.seen = self.batch.moment

    def _bind(self, name: str, before: Any, step: Step) -> None:
        """Let the old object take the place of what the statement has made."""
        node, report = step.new.node, self.batch.report
        value = merged = self.namespace.get(name, MISSING)
        if makes_its_value(node):
            literal = literal_keys(step.old.node if step.old else None)
            merged = self.merger.merge(before, value, is_definition(node), literal)
            if merged is not value:
                self.namespace[name] = merged
        anew = _is_bound_anew(before, merged) or id(merged) in self.merger.changed_contents
        if anew:
            self.batch.bind_anew(self.name, name)
        if before is MISSING:
            report.added.append(f"{self.name}.{name}")
        elif anew or is_definition(node):
            report.updated.append(f"{self.name}.{name}")

    def fitting(self, function: FunctionType, code: CodeType) -> CodeType | FunctionType:
        """As `fitting_code`."""
        lacking = self.old is not None and missing_captures(function, code)
        former = self.old.scopes.get(function.__code__) if self.old and lacking else None
        return fitting_code(function, code, former, self.new.scopes.get(code))

    def _give_code(self, functions: list[tuple[FunctionType, CodeType]]) -> None:
        for function, code in functions:
            if id(function) not in self.merger.done:
                self._give_one(function, code)

    def _give_one(self, function: FunctionType, code: CodeType) -> None:
        journal, before = self.batch.journal, function.__code__
        name = f"{self.name}.{function.__qualname__}"
        try:
            defaults, keywords = self._defaults(function, code)
            fitting = self.fitting(function, code)
        except CannotUpdate as error:
            scope = self.new.scopes.get(code)
            rule = rule_for_scope(scope) if scope else "RL101"
            self.stale.append(Remnant(function, str(error), code.co_firstlineno, rule))
            return
        if isinstance(fitting, CodeType):
            same = same_instructions(before, code) and defaults == function.__defaults__
            journal.set_function(function, fitting, defaults, keywords)
            if function.__doc__ == docstring(before) != docstring(code):
                journal.set_attribute(function, "__doc__", docstring(code))
        else:
            fitting.__defaults__, fitting.__kwdefaults__ = defaults, keywords
            same = False
            forward(function, fitting, journal)
        if not same:
            self.changed_code.add(id(function))
            self.batch.report.updated.append(name)

    def _defaults(self, function: FunctionType, code: CodeType) -> Any:
        """The defaults that the function is to have, as far as that needs no frame around it."""
        before = function.__defaults__, function.__kwdefaults__
        if self.steps[self.new.scopes[code].index].same_text or not self.old:
            return before
        known = _lineages.get(self.name, {}).get(function.__code__, function.__code__)
        old, new = self.old.scopes.get(known), self.new.scopes.get(code)
        if new is None or (old and imprint(old.node.args) == imprint(new.node.args)):
            return before
        return new_defaults(function, old.node.args if old else None, new.node.args)

    # when all statements of the batch have run

    def finish(self) -> None:
        """Update what no name leads to; take away what the new text does not bind any more."""
        self._adopt_strays()
        update_local_classes(self)
        self._clear_caches()

    def _adopt_strays(self) -> None:
        """Update functions from what was made anew in their place and is held elsewhere.

        A decorator may have put the function into a registry and returned something else.
        """
        if any(
            step.executed and getattr(step.new.node, "decorator_list", ()) for step in self.steps
        ):
            for function in _live.functions_of(self.namespace):
                heirs = self.heirs.get(function.__code__, ())
                waiting = [heir for heir in heirs if id(heir) not in self.merger.done]
                if id(function) not in self.live_ids and len(waiting) == 1:
                    self.merger.update_function(waiting[0], function)

    def _clear_caches(self) -> None:
        """Forget the results that changed functions had under `lru_cache`."""
        classes = [value for value in self.namespace.values() if isinstance(value, type)]
        values = [*self.namespace.values(), *(v for c in classes for v in vars(c).values())]
        for value in values if self.changed_code else ():
            cache = getattr(value, "__func__", value)
            if isinstance(cache, LRU_CACHE) and id(cache.__wrapped__) in self.changed_code:
                cache.cache_clear()

    def remove_names(self) -> None:
        """Take away what the new text does not bind any more."""
        former, now = (
            {name for each in version.statements for name in binds(each.node)} if version else set()
            for version in (self.old, self.new)
        )
        gone = {name for name in former - now if name in self.namespace}
        if not gone:
            return
        for node in ast.walk(self.new.tree):
            gone -= set(node.names) if isinstance(node, ast.Global) else set()
        needed = self._names_needed_by_stale_code()
        for name in sorted(gone):
            if name in needed:
                self.batch.report.kept.append(f"{self.name}.{name}")
            elif not (name.startswith("__") and name.endswith("__")):
                del self.namespace[name]
                self.batch.bind_anew(self.name, name)
                self.batch.removed.add((self.name, name))
                self.batch.report.removed.append(f"{self.name}.{name}")

    def _names_needed_by_stale_code(self) -> set[str]:
        """The globals of frames that run on, of closures that stay, of functions that are held."""
        old = set(all_codes(self.old.code)) if self.old else set()
        running = _live.running({*self.successors, *old}, self.codes)
        codes = {*running, *(each.function.__code__ for each in self.stale)}
        # Methods are left out: the journal holds those that were taken from their classes.
        gone = [f for f, *_ in self.gone if "." not in f.__qualname__ or "<" in f.__qualname__]
        codes.update(f.__code__ for f in _live.held(gone, [self.namespace, self.live, gone]))
        return {
            name
            for code in codes
            for each in (code, *all_codes(code))
            for name in each.co_names
            if name != code.co_name
        }

    # what is left to say

    def unreached(self, thing: Any, reason: str, rule: str | None, live: int = 0) -> None:
        """Report something that the merger could not update."""
        code = getattr(thing, "__code__", None)
        scope = self.new.classes.get(thing.__qualname__)
        line = code.co_firstlineno if code else first_line(scope.node) if scope else 0
        self.add_unreached(thing.__qualname__, reason, line, rule, live)

    def add_unreached(
        self,
        name: str,
        reason: str,
        line: int,
        rule: str | None,
        live: int = 0,
        holders: Iterable[str] = (),
    ) -> None:
        """Report something by its name in the module."""
        name, file = f"{self.name}.{name}", self.new.filename
        entry = Unreached(name, reason, file, line, rule, live, tuple(holders))
        self.batch.report.not_updated.append(entry)

    def remember(self) -> None:
        """Let the next reload of the module begin where this one ended."""
        _lineages[self.name] = {
            **{code: new for code in self.left if (new := self.successors.get(code))},
            **{code: code for code in all_codes(self.new.code)},
        }
        _versions[self.name] = self.new
        _sources.remember(self.name, self.source)


def _version_of(source: _sources.Source, known: Version | None) -> Version:
    if known is not None and (known.text, known.filename) == (source.text, source.filename):
        return known
    return Version(source.text, source.filename)


def docstring(code: CodeType) -> str | None:
    """The docstring of a function that is made of the code."""
    first = code.co_consts[0] if code.co_consts else None
    has_one = sys.version_info < (3, 14) or code.co_flags & 0x4000000  # CO_HAS_DOCSTRING
    return first if isinstance(first, str) and has_one else None


def same_instructions(one: CodeType, other: CodeType) -> bool:
    """Whether two codes do the same, wherever they stand in their files."""
    fields = ("co_code", "co_names", "co_varnames", "co_freevars", "co_argcount", "co_flags")
    if any(getattr(one, field) != getattr(other, field) for field in fields):
        return False
    return len(one.co_consts) == len(other.co_consts) and all(
        same_instructions(a, b)
        if isinstance(a, CodeType) and isinstance(b, CodeType)
        else type(a) is type(b) and repr(a) == repr(b)
        for a, b in zip(one.co_consts, other.co_consts, strict=True)
    )


def _is_bound_anew(before: Any, after: Any) -> bool:
    if before is after:
        return False
    same = type(before) is type(after) and isinstance(after, _IMMUTABLE)
    return not (same and repr(before) == repr(after))
