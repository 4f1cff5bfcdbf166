"""One module of a reload: its old and new text, what of it is alive, and the run of its changes."""

from __future__ import annotations

import ast
import weakref
from importlib.machinery import ModuleSpec
from types import CodeType, FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

from reloadlint.runtime import _align, _closures, _live, _merge, _rules, _sources, _syntax
from reloadlint.runtime._instances import update_local_classes
from reloadlint.runtime._journal import MISSING
from reloadlint.runtime._report import Unreached
from reloadlint.runtime._version import (
    Scope,
    Statement,
    Version,
    docstring,
    does_the_same,
)

if TYPE_CHECKING:
    from reloadlint.runtime._reload import Batch

_IMMUTABLE = (int, float, complex, str, bytes, bool, type(None), frozenset, tuple)
_HOOKS = ("__before_reload__", "__after_reload__")


class Step:
    """A statement of the new text and what became of it."""

    def __init__(self, unit: Unit, old: Statement | None, new: Statement) -> None:
        self.old, self.new = old, new
        self.same_text = old is not None and old.text == new.text
        # Nothing to execute where what happens at import is unchanged, whatever the bodies do.
        changed = not self.same_text and (old is None or old.imprint != new.imprint)
        self.execute = changed or unit.full
        self.executed = False
        self.seen = 0  # how many names had been bound anew when it was last looked at
        self.forced: set[str] = set()  # names in it that only a new run can supply
        self.imports = new.imports(unit.package)


class Unit:
    """A module in a batch. Nothing is touched before `run`."""

    def __init__(
        self, batch: Batch, module: ModuleType, new: Version, spec: ModuleSpec | None = None
    ) -> None:
        self.batch, self.module, self.spec = batch, module, spec
        self.name, self.namespace = module.__name__, module.__dict__
        self.package = self.name if hasattr(module, "__path__") else self.name.rpartition(".")[0]
        self.old = _sources.remembered.get(self.name)
        follows = new is self.old  # its text is as it ran; it is only to follow others
        if self.old and (self.old.text, self.old.filename) == (new.text, new.filename):
            self.old.stat, new = new.stat, self.old  # it need not be compiled again
        self.new = new
        for version in filter(None, (self.old, new)):
            version.compile()
        if self.old and not follows and not self._has_run(self.old):
            self.old = None  # the file was changed before anybody looked
        self.full = not follows and (batch.full or self.old is None)
        self.live = _live.functions_of(self.namespace)
        self.live_ids = {id(function) for function in self.live}
        self.done = batch.done
        self.changed_code: set[int] = set()  # functions
        self.changed_contents: set[int] = set()  # containers
        # What was made anew and is not needed, with what stands for it.
        self.doubles: list[tuple[Any, Any]] = []
        self.remnants: dict[Unreached, list[weakref.ref[Any]]] = {}
        self.left: set[CodeType] = set()  # codes of former versions that are still in use
        self.heirs: dict[CodeType, list[FunctionType]] = {}  # by the code that is to be theirs
        self.pending: dict[int, list[tuple[FunctionType, CodeType]]] = {}  # by statement
        self._plan()

    # planning, without side effects

    def _plan(self) -> None:
        """Compare the texts, and find what is alive of the old one."""
        old, new = self.old.statements if self.old else [], self.new.statements
        matches = _align.align_statements(old, new)
        matched = [old[matches[j]] if j in matches else None for j in range(len(new))]
        self.steps = [Step(self, *pair) for pair in zip(matched, new, strict=True)]
        taken = [each for step in self.steps for each in step.imports]
        self.imported = {name for at, what, _ in taken for name in (at, f"{at}.{what}")}
        self.removed = [old[i] for i in {*range(len(old))} - {*matches.values()}]
        self.scopes = _align.align_scopes(self.old, self.new) if self.old else {}
        self.lineage = self.old.lineage if self.old else {}
        pairs = {a.code: b.code for a, b in self.scopes.items() if a.code and b.code}
        self.successors = {old: pairs[now] for old, now in self.lineage.items() if now in pairs}
        for function in self.live if self.old else ():
            self._plan_function(function)
        self._force_wrappers()

    def _has_run(self, version: Version) -> bool:
        """Whether the functions in the namespace were compiled from this text."""
        return all(
            # Wrappers bear the names of what they wrap.
            f.__code__ in version.lineage
            or f.__code__.co_name != f.__qualname__
            or _closures.is_forwarder(f)
            for name, f in self.namespace.items()
            if isinstance(f, FunctionType) and f.__globals__ is self.namespace
            # From 3.14 on there is one for the module itself.
            if name != "__annotate__" and f.__code__.co_filename == version.filename
        )

    def _plan_function(self, function: FunctionType) -> None:
        code = function.__code__
        if _closures.is_forwarder(function) or code.co_name in _HOOKS:
            return
        if new := self.successors.get(code):
            self.heirs.setdefault(new, []).append(function)
            index = self.new.scopes[new].index
            if new != code or not self.steps[index].same_text:  # or else its defaults may differ
                self.pending.setdefault(index, []).append((function, new))
        elif scope := self._former(function):
            self.unreached(function, "gone from the new version", _rules.rule_for_removed(scope))

    def _former(self, function: FunctionType) -> Scope | None:
        """The scope of a live function in the old text."""
        code = self.lineage.get(function.__code__, function.__code__)
        return self.old.scopes.get(code) if self.old else None

    def _force_wrappers(self) -> None:
        """Execute a decorated definition again if its live wrapper lacks a new capture."""
        needy = {
            id(function)
            for pairs in self.pending.values()
            for function, code in pairs
            if not {*code.co_freevars} <= {*function.__code__.co_freevars}
        }
        for step in self.steps if needy else ():
            for name in step.new.binds if _syntax.makes_its_value(step.new.node) else ():
                value = self.namespace.get(name)
                attributes = vars(value) if isinstance(value, type) else {name: value}
                for attribute, part in attributes.items():
                    if any(id(function) in needy for function in _merge.functions_in(part)):
                        step.execute = True
                        step.forced.add(attribute)

    # execution

    def run(self) -> None:
        """Go through the new text: execute what must be, give live functions their new code."""
        waiting: list[tuple[FunctionType, CodeType]] = []
        for index, step in enumerate(self.steps):
            if self._must_execute(step):
                self._give_code(waiting)  # the statement may call what stands above it
                self._execute(index, step)
            waiting += self.pending.pop(index, [])
        self._give_code(waiting)

    def bound_anew(self, step: Step, since: int = 0) -> set[str]:
        """What a statement reads, or imports, that was bound anew after a moment."""
        inputs = [(name, self._origin(name)) for name in step.new.reads]
        inputs += [(f"{origin}.{name}", (origin, name)) for origin, name, _ in step.imports]
        return {name for name, place in inputs if self.batch.anew.get(place, 0) > since}

    def _origin(self, name: str) -> tuple[str, str]:
        """The module in which a name that is read here, or its attribute, is bound."""
        alias, _, attribute = name.rpartition(".")
        owner = self.namespace.get(alias) if alias else self.module
        return owner.__name__ if isinstance(owner, ModuleType) else "", attribute

    def _must_execute(self, step: Step) -> bool:
        node = step.new.node
        if step.execute or _syntax.is_main_guard(node) or step.seen == self.batch.moment:
            return step.execute and not _syntax.is_main_guard(node)
        used, step.seen = self.bound_anew(step, step.seen), self.batch.moment
        if not used or isinstance(node, ast.AugAssign) or self._imports_what_is_gone(step):
            return False
        pure = all(_syntax.is_pure(each.value) for each in step.new.nodes[1:])
        if pure and _syntax.is_recomputable(node) and self._is_untouched(node):
            return True
        bound = sorted(step.new.binds)
        rule = "RL302" if bound else _rules.rule_for_effect(node)
        if rule is not None and (bound or self.name != "__main__"):  # not the program itself
            names = ", ".join(sorted(used))
            reason = f"reads {names}, bound anew; not executed again, since that may have effects"
            self.unreached(", ".join(bound) or step.new.head, reason, rule, step.new.first)
            self.batch.report.kept += [f"{self.name}.{name}" for name in bound]
        return False

    def _is_untouched(self, node: Any) -> bool:
        """Whether a list still has the length that its display gave it: no state was added."""
        value = getattr(node, "value", None)
        lists = [self.namespace.get(name) for name in _syntax.binds(node)]
        return not isinstance(value, ast.List) or all(
            len(each) == len(value.elts) for each in lists if isinstance(each, list)
        )

    def _imports_what_is_gone(self, step: Step) -> bool:
        """Whether a name that the statement imports is gone. The copy stays, and is reported."""
        for origin, name, here in step.imports:
            if (origin, name) in self.batch.removed:
                reason = f"`{name}` is gone from {origin}; the copy stays"
                self.unreached(here, reason, "RL301", step.new.first)
                return True
        return False

    def _execute(self, index: int, step: Step) -> None:
        before = {name: self.namespace.get(name, MISSING) for name in sorted(step.new.binds)}
        self.batch.guard_registries()
        self.batch.report.executed.append(f"{self.new.filename}:{step.new.first}")
        step.execute, step.executed, self.step = False, True, step
        exec(self.new.compile_statement(index), self.namespace)
        changed = set(before)
        if step.old is not None and not self.full:
            anew = self.bound_anew(step)
            changed = _syntax.changed_names(step.old.nodes, step.new.nodes, anew) | step.forced
            changed.update(here for *_, here in step.imports)
        for name, value in before.items():
            if name in changed or value is MISSING or _syntax.is_definition(step.new.node):
                self._bind(name, value, step)
            else:
                self.namespace[name] = value
        step.seen = self.batch.moment

    def _bind(self, name: str, before: Any, step: Step) -> None:
        """Let the old object take the place of what the statement has made."""
        node, report = step.new.node, self.batch.report
        value = merged = self.namespace.get(name, MISSING)
        if _syntax.makes_its_value(node):
            literal = _syntax.literal_keys(step.old.node if step.old else None)
            merged = _merge.merge(self, before, value, _syntax.is_definition(node), literal)
            if merged is not value:
                self.namespace[name] = merged
        added = step.new.nodes[1:]
        for each in [each for each in self.steps if each.new.node in added] if added else ():
            each.execute, each.forced = True, each.forced | {name}
        anew = _is_bound_anew(before, merged) or id(merged) in self.changed_contents
        if anew:
            self.batch.bind_anew(self.name, name)
        if before is MISSING:
            report.added.append(f"{self.name}.{name}")
        elif anew or _syntax.is_definition(node):
            report.updated.append(f"{self.name}.{name}")

    def fitting(self, function: FunctionType, code: CodeType) -> CodeType | FunctionType:
        """As `fitting_code`."""
        return _closures.fitting_code(
            function, code, self._former(function), self.new.scopes.get(code)
        )

    def _give_code(self, functions: list[tuple[FunctionType, CodeType]]) -> None:
        for function, code in functions:
            if id(function) not in self.done:
                try:
                    self._give_one(function, code)
                except _closures.CannotUpdate as error:
                    rule = _rules.rule_for_scope(self.new.scopes[code])
                    self.unreached(function, str(error), rule, code.co_firstlineno)
        functions.clear()

    def _give_one(self, function: FunctionType, code: CodeType) -> None:
        journal, before = self.batch.journal, function.__code__
        old, new = self._former(function), self.new.scopes[code]
        defaults: Any = function.__defaults__, function.__kwdefaults__
        edited = not old or not self.steps[new.index].same_text
        if edited and not (old and ast.dump(old.node.args) == ast.dump(new.node.args)):
            former = old.node.args if old else None
            defaults = _closures.new_defaults(function, former, new.node.args)
        fitting = self.fitting(function, code)
        same = does_the_same(before, code) and defaults[0] == function.__defaults__
        if isinstance(fitting, FunctionType):
            fitting.__defaults__, fitting.__kwdefaults__ = defaults
            _closures.forward(function, fitting, journal)
        else:
            journal.set_function(function, fitting, *defaults)
            if function.__doc__ == docstring(before) != docstring(code):
                journal.set_attribute(function, "__doc__", docstring(code))
        if not same:
            self.changed_code.add(id(function))
            self.batch.report.updated.append(f"{self.name}.{function.__qualname__}")

    # when all statements of the batch have run

    def finish(self) -> None:
        """Update what no name leads to; forget what changed functions had cached."""
        decorated = (
            step.executed and getattr(step.new.node, "decorator_list", ()) for step in self.steps
        )
        for function in _live.functions_of(self.namespace) if any(decorated) else ():
            # A decorator may have put it into a registry and returned something else.
            heirs = self.heirs.get(function.__code__, ())
            waiting = [heir for heir in heirs if id(heir) not in self.done]
            if id(function) not in self.live_ids and len(waiting) == 1:
                _merge.update_function(self, waiting[0], function)
        update_local_classes(self)
        classes = [value for value in self.namespace.values() if isinstance(value, type)]
        values = [*self.namespace.values(), *(v for c in classes for v in vars(c).values())]
        for value in values if self.changed_code else ():
            cache = getattr(value, "__func__", value)
            if isinstance(cache, _merge.LRU_CACHE) and id(cache.__wrapped__) in self.changed_code:
                cache.cache_clear()

    def unreached(
        self, thing: Any, reason: str, rule: str | None, line: int = 0, live: int = 0
    ) -> None:
        """Report what stays as it was: a name, a class, or a function if somebody holds it."""
        name = thing if isinstance(thing, str) else thing.__qualname__
        code = getattr(getattr(thing, "__wrapped__", thing), "__code__", None)
        line = line or (code.co_firstlineno if code else self.new.line_of(name))
        entry = Unreached(f"{self.name}.{name}", reason, self.new.filename, line, rule, live)
        found = self.remnants.setdefault(entry, [])
        if not isinstance(thing, (str, type)):
            found.append(weakref.ref(thing))

    def remember(self) -> None:
        """Let the next reload of the module begin where this one ended."""
        _sources.remembered[self.name] = self.new
        codes = {code: new for code in self.left if (new := self.successors.get(code))}
        self.new.lineage = {**codes, **self.new.lineage}


def _is_bound_anew(before: Any, after: Any) -> bool:
    same = type(before) is type(after) and isinstance(after, _IMMUTABLE)
    return before is not after and not (same and repr(before) == repr(after))
