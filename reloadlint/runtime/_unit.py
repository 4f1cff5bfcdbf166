"""One module of a reload: its old and new text, what of it is alive, and the run of its changes."""

from __future__ import annotations

import ast
import sys
from collections import defaultdict
from importlib.machinery import ModuleSpec
from importlib.util import module_from_spec
from types import CodeType, FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

from reloadlint.runtime import _align, _closures, _live, _merge, _rules, _sources, _syntax
from reloadlint.runtime._instances import update_local_classes, update_unnamed
from reloadlint.runtime._journal import MISSING
from reloadlint.runtime._report import Unreached
from reloadlint.runtime._step import Step
from reloadlint.runtime._version import Scope, Statement, Version, docstring, does_the_same

if TYPE_CHECKING:
    from reloadlint.runtime._reload import Batch

_IMMUTABLE = (int, float, complex, str, bytes, bool, type(None), frozenset, tuple)


class Unit:
    """A module in a batch. Nothing is touched before `run`."""

    def __init__(
        self, batch: Batch, module: ModuleType, new: Version, spec: ModuleSpec | None = None
    ) -> None:
        self.batch, self.journal = batch, batch.journal
        self.module = module
        # What the import system gives a module.
        self.attributes = vars(module_from_spec(spec)) if spec else {"__doc__": None}
        self.name, self.namespace = module.__name__, module.__dict__
        self.package = self.name if hasattr(module, "__path__") else self.name.rpartition(".")[0]
        old = _sources.remembered.get(self.name)
        follows = new is old  # its text is as it ran; it is only to follow others
        if old and not follows and not self._has_run(old):
            old = None  # the file was changed before anybody looked
        self.full = batch.full and not follows
        self.new, self.old = new, old or Version(new.filename, "", None)
        self.live, self.caches = _live.functions_of(self.namespace)
        self.live_ids = {id(function) for function in self.live}
        self.anew: set[str] = set()  # what the statement reads that was bound anew
        self.remnants: dict[Unreached, list[Any]] = {}  # with the functions concerned
        self.left: set[CodeType] = set()  # codes of former versions that are still in use
        self._plan()

    # planning, without side effects

    def _has_run(self, version: Version) -> bool:
        """Whether the functions in the namespace were compiled from this text."""
        version.compile()
        return all(
            each.__code__ in version.lineage
            for name, each in self.namespace.items()
            if isinstance(each, FunctionType) and each.__code__.co_filename == version.filename
            if name != "__annotate__"  # from 3.14 on, that of the module itself
        )

    def _plan(self) -> None:
        """Compare the texts, and find what is alive of the old one."""
        for version in (self.old, self.new):
            version.compile()
        old, new = self.old.statements, self.new.statements
        matches = _align.align_statements(old, new)
        matched = [old[matches[j]] if j in matches else None for j in range(len(new))]
        self.steps = [
            Step(*pair, self.package, self.full) for pair in zip(matched, new, strict=True)
        ]
        self.binders: dict[str, list[int]] = defaultdict(list)  # the statements that bind a name
        for index, statement in enumerate(new):
            for name in statement.binds:
                self.binders[name].append(index)
        self.removed = [old[i] for i in sorted({*range(len(old))} - {*matches.values()})]
        taken = [each for step in self.steps for each in step.imports]
        self.imported = {name for at, what, _ in taken for name in (at, f"{at}.{what}")}
        self.scopes = _align.align_scopes(self.old, self.new)
        heirs: dict[CodeType | None, set[CodeType]] = defaultdict(set)
        for scope, heir in self.scopes.items():
            heirs[scope.code].update([heir.code] if heir.code else [])
        lineage = [(code, [*heirs[latest]]) for code, latest in self.old.lineage.items()]
        self.successors = {code: found[0] for code, found in lineage if len(found) == 1}
        # Equal lambdas in a line are one code up to 3.10, those of constants on 3.12.
        self.twins = {code for code, found in lineage if len(found) > 1}
        for step in [self.steps[b.index] for a, b in self.scopes.items() if a.code in self.twins]:
            node = step.new.node
            if isinstance(node, ast.Assign) and _syntax.is_recomputable(node):
                step.execute, step.forced = self._is_untouched(node), {*step.new.binds}
        self.pending: dict[int, list[tuple[FunctionType, CodeType]]] = defaultdict(list)
        for function in self.live:
            self._plan_function(function)
        self._force_wrappers()

    def _plan_function(self, function: FunctionType) -> None:
        code = function.__code__
        if new := self.successors.get(code):
            index = self.new.scopes[new].index
            if new != code or not self.steps[index].same_text:  # or else its defaults may differ
                self.pending[index].append((function, new))
        elif scope := self._former(function):
            reason = "gone from the new version"
            if code in self.twins:
                reason = "CPython made it and another in its line of one code, and one was edited"
            self.unreached(function, reason, _rules.rule_for_removed(scope))

    def _former(self, function: FunctionType) -> Scope | None:
        """The scope of a live function in the old text."""
        code = function.__code__
        return self.old.scopes.get(self.old.lineage.get(code, code))

    def _force_wrappers(self) -> None:
        """Execute a decorated definition again if its live wrapper lacks a new capture."""
        pairs = [pair for found in self.pending.values() for pair in found]
        needy = {id(f) for f, code in pairs if {*code.co_freevars} - {*f.__code__.co_freevars}}
        for step in self.steps if needy else ():
            for name in step.new.binds if _syntax.makes_its_value(step.new.node) else ():
                value = self.namespace.get(name)
                attributes = vars(value) if isinstance(value, type) else {name: value}
                for attribute, part in attributes.items():
                    if not needy.isdisjoint(map(id, _merge.functions_in(part))):
                        step.execute = True
                        step.forced.add(attribute)

    # execution

    def run(self) -> None:
        """Go through the new text: execute what must be, give live functions their new code."""
        waiting: list[tuple[FunctionType, CodeType]] = []
        self.displaced: dict[str, Any] = {}  # what names meant before statements that were executed
        for index, step in enumerate(self.steps):
            if self._must_execute(step):
                self._give_code(waiting)  # the statement may call what stands above it
                self._execute(index, step)
            elif _syntax.always_binds(step.new.node):
                for name in self.displaced.keys() & step.new.binds:  # by one further up
                    self.namespace[name] = self.displaced.pop(name)
                    self.batch.anew.pop((self.name, name), None)
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
        if step.execute or step.seen == self.batch.moment or _syntax.is_main_guard(node):
            return step.execute and not _syntax.is_main_guard(node)
        used, step.seen = self.bound_anew(step, step.seen), self.batch.moment
        for origin, name, here in step.imports if used else ():
            if (origin, name) in self.batch.anew and name not in ("*", *vars(sys.modules[origin])):
                reason = f"`{name}` is gone from {origin}; the copy stays"
                self.unreached(here, reason, "RL301", step.new.first)
                return False
        if not used or _syntax.adds_to(node):  # it goes with what binds its name
            return False
        more = [getattr(each, "value", None) for each in step.new.nodes[1:]]
        pure = all(each and _syntax.is_pure(each) for each in more)
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

    def decorate_again(self, cls: type) -> None:
        """Have the decorator that wrote methods for a class write them anew."""
        scope = self.new.classes.get(cls.__qualname__)
        if scope and not scope.parent and len(scope.node.decorator_list) == 1:
            step = self.steps[scope.index]
            step.execute = not step.executed
        else:
            reason = "a base has other fields; not decorated again, since that may have effects"
            self.unreached(cls, reason, "RL302")

    def _is_untouched(self, node: Any) -> bool:
        """Whether a list still has the length that its display gave it: no state was added."""
        value: Any = getattr(node, "value", None)
        names = _syntax.binds(node) if isinstance(value, ast.List) else ()
        lists = [self.namespace.get(name) for name in names]
        return all(len(each) == len(value.elts) for each in lists if isinstance(each, list))

    def _execute(self, index: int, step: Step) -> None:
        star = "*" in step.new.binds  # which may bind any name
        names = [*self.namespace] if star else sorted(step.new.binds)
        self._bind_inputs(index)
        former = {**self.namespace, **self.displaced}
        before = {name: former.get(name, MISSING) for name in names}
        self.displaced.update({name: v for name, v in before.items() if v is not MISSING})
        self.anew = self.bound_anew(step)
        if step.old and not self.full and not _syntax.always_binds(step.new.node):
            self._report_effects(step.old)
        self.batch.guard_registries()
        self.batch.report.executed.append(f"{self.new.filename}:{step.new.first}")
        step.execute, step.executed = False, True
        exec(self.new.compile_statement(index), self.namespace)
        changed = set(before)
        if step.old is not None and not self.full and not star:
            changed = _syntax.changed_names(step.old.nodes, step.new.nodes, self.anew) | step.forced
            changed.update(here for *_, here in step.imports)
        whole = isinstance(step.new.node, (*_syntax.SCOPES, ast.Expr))
        for name, value in before.items():
            if whole or name in changed or value is MISSING:
                self._bind(name, value, index)
            else:
                self.namespace[name] = value
        step.seen = self.batch.moment

    def _report_effects(self, old: Statement) -> None:
        """Say that what a statement did is not taken back when it does it again."""
        if "__before_reload__" not in self.old.binds and (rule := _rules.rule_for_effect(old.node)):
            reason = "executed again; what its former text did stays"
            self.unreached(old.head, reason, rule, old.first)

    def _bind_inputs(self, index: int) -> None:
        """Let names that mean something else further down mean what they do here."""
        for name in self.steps[index].new.reads & self.binders.keys() & self.namespace.keys():
            above = [number for number in self.binders[name] if number < index]
            if above and self._is_bound_below(index, name):
                step = self.steps[above[-1]]
                if isinstance(step.new.node, ast.Assign) and _syntax.is_recomputable(step.new.node):
                    self.displaced.setdefault(name, self.namespace[name])
                    exec(self.new.compile_statement(above[-1]), self.namespace)

    def _is_bound_below(self, index: int, name: str) -> bool:
        below = [self.steps[number] for number in self.binders[name] if number > index]
        return any(_syntax.always_binds(step.new.node) for step in below)

    def _bind(self, name: str, before: Any, index: int) -> None:
        """Let the old object take the place of what the statement has made."""
        step, report = self.steps[index], self.batch.report
        node = step.new.node
        defines = isinstance(node, _syntax.SCOPES)
        value = merged = self.namespace.get(name, MISSING)
        if _syntax.makes_its_value(node) and not self._is_bound_below(index, name):
            parts = [each.nodes for each in (step.old or step.new, step.new)]
            texts = [getattr(n[0], "value", None) if len(n) == 1 else None for n in parts]
            alone = len(self.binders[name]) == 1
            merged = _merge.merge(self, before, value, defines and alone, texts)
            if merged is not value:
                self.namespace[name] = merged
        self.batch.known.add(id(merged))
        for each in [each for each in self.steps if each.new.node in step.new.nodes[1:]]:
            each.execute, each.forced = True, each.forced | {name}
        anew = _is_bound_anew(before, merged) or id(merged) in self.batch.changed_contents
        if anew:
            self.batch.bind_anew(self.name, name)
        if anew and before is MISSING:  # or else it is bound now and then
            report.added.append(f"{self.name}.{name}")
        elif anew or defines:
            report.updated.append(f"{self.name}.{name}")

    def fitting(self, function: FunctionType, code: CodeType) -> CodeType | FunctionType:
        """As `fitting_code`."""
        scope = self.new.scopes.get(code)
        return _closures.fitting_code(function, code, self._former(function), scope)

    def _give_code(self, functions: list[tuple[FunctionType, CodeType]]) -> None:
        for function, code in functions:
            if id(function) not in self.batch.done:
                try:
                    self._give_one(function, code)
                except _closures.CannotUpdate as error:
                    rule = _rules.rule_for_scope(self.new.scopes[code])
                    self.unreached(function, str(error), rule, code.co_firstlineno)
        functions.clear()

    def _give_one(self, function: FunctionType, code: CodeType) -> None:
        before = function.__code__
        old, new = self.old.scopes[self.old.lineage[before]], self.new.scopes[code]
        former, args = old.node.args, new.node.args
        defaults: Any = function.__defaults__, function.__kwdefaults__
        if not self.steps[new.index].same_text and ast.dump(former) != ast.dump(args):
            defaults = _closures.new_defaults(function, former, args)
        fitting = self.fitting(function, code)
        same = does_the_same(before, code) and defaults[0] == function.__defaults__
        if isinstance(fitting, FunctionType):
            fitting.__defaults__, fitting.__kwdefaults__ = defaults
            _closures.forward(function, fitting, self.journal)
        else:
            self.journal.set_function(function, fitting, *defaults)
            if function.__doc__ == docstring(before) != docstring(code):
                self.journal.set_attribute(function, "__doc__", docstring(code))
        if not same:
            self.batch.changed_code.add(id(function))
            self.batch.report.updated.append(f"{self.name}.{function.__qualname__}")

    # when all statements of the batch have run

    def finish(self) -> None:
        """Update what no name leads to; forget what changed functions had cached."""
        executed = [_syntax.walk(step.new.node) for step in self.steps if step.executed]
        if any(getattr(part, "decorator_list", ()) for parts in executed for part in parts):
            update_unnamed(self)
        if executed and "__annotate__" in self.namespace:
            self._annotate()
        update_local_classes(self)
        for cache in self.caches:
            if id(getattr(cache, "__wrapped__", None)) in self.batch.changed_code:
                cache.cache_clear()

    def _annotate(self) -> None:
        """From 3.14 on, a statement that runs alone leaves no annotations but its own."""
        declared: list[ast.stmt] = []
        for node in [step.new.node for step in self.steps]:
            found = [part for part in _syntax.walk(node, deep=False) if getattr(part, "simple", 0)]
            bound = [part for part in found if part is node or part.target.id in self.namespace]
            declared += [ast.AnnAssign(each.target, each.annotation, None, 1) for each in bound]
        tree = ast.fix_missing_locations(ast.Module(declared, []))
        exec(compile(tree, self.new.filename, "exec", dont_inherit=True), self.namespace)
        self.namespace.pop("__annotations__", None)

    def unreached(
        self, thing: Any, reason: str, rule: str | None, line: int = 0, live: int = 0
    ) -> list[Any]:
        """Report what stays as it was: a name, a class, or a function if somebody holds it.

        Returns the list of what somebody must hold; nothing in it means that it matters anyhow.
        """
        name = thing if isinstance(thing, str) else thing.__qualname__
        code = getattr(getattr(thing, "__wrapped__", thing), "__code__", None)
        line = line or (code.co_firstlineno if code else self.new.line_of(name))
        entry = Unreached(f"{self.name}.{name}", reason, self.new.filename, line, rule, live)
        held = self.remnants.setdefault(entry, [])
        held += [] if isinstance(thing, (str, type)) else [thing]
        return held

    def forget(self) -> None:
        """Let go of all functions, so that those which nobody else holds can go."""
        self.live.clear()
        self.caches.clear()
        self.remnants.clear()

    def remember(self) -> None:
        """Let the next reload of the module begin where this one ended."""
        _sources.remembered[self.name] = self.new
        codes = {code: new for code in self.left if (new := self.successors.get(code))}
        self.new.lineage = {**codes, **self.new.lineage}


def _is_bound_anew(before: Any, after: Any) -> bool:
    same = type(before) is type(after) and isinstance(after, _IMMUTABLE)
    return before is not after and not (same and repr(before) == repr(after))
