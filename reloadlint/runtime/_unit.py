"""One module of a reload: its old and new text, what of it is alive, and the run of its changes."""

from __future__ import annotations

import ast
import sys
from collections import ChainMap, defaultdict
from importlib.machinery import ModuleSpec
from importlib.util import module_from_spec
from types import CodeType, FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

from reloadlint.runtime import _align, _closures, _live, _merge, _rules, _sources, _syntax
from reloadlint.runtime._contents import is_untouched
from reloadlint.runtime._instances import update_local_classes, update_unnamed
from reloadlint.runtime._journal import IMMUTABLE, MISSING
from reloadlint.runtime._names import Names, makes_anew
from reloadlint.runtime._report import Unreached
from reloadlint.runtime._step import Step
from reloadlint.runtime._unreached import report_effects
from reloadlint.runtime._version import Scope, Version, docstring, does_the_same

if TYPE_CHECKING:
    from reloadlint.runtime._reload import Batch


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
            Step(index, *pair, self.package, self.full)
            for index, pair in enumerate(zip(matched, new, strict=True))
        ]
        self.names = Names(self.steps, self.namespace)
        self.removed = [old[i] for i in sorted({*range(len(old))} - {*matches.values()})]
        taken = [each for step in self.steps for each in step.imports]
        self.imported = {name for at, what, _ in taken for name in (at, f"{at}.{what}")}
        self.scopes = _align.align_scopes(self.old, self.new)
        self.successors, self.twins = _align.align_codes(self.old, self.scopes)
        for step in [self.steps[b.index] for a, b in self.scopes.items() if a.code in self.twins]:
            node = step.new.node
            if isinstance(node, ast.Assign) and _syntax.is_recomputable(node):
                step.execute, step.forced = is_untouched(self, node), {*step.new.binds}
        self.pending: dict[int, list[tuple[FunctionType, CodeType]]] = defaultdict(list)
        for function in self.live:
            self._plan_function(function)
        self._force_wrappers()
        self._force_former()

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

    def _force_former(self) -> None:
        """What a statement bound that binds it no more means again what one above it made."""
        for name, step in self.names.lost(self.old.statements):
            if makes_anew(step):
                step.old, step.execute = None, True
            elif not step.execute:
                reason = "means what is gone; not bound again, since that may have effects"
                self.unreached(name, reason, "RL302", step.new.first)

    # execution

    def run(self) -> None:
        """Go through the new text: execute what must be, give live functions their new code."""
        waiting: list[tuple[FunctionType, CodeType]] = []
        self.names.begin()
        for index, step in enumerate(self.steps):
            if self._must_execute(step) and (inputs := self._bind_inputs(step)) is not None:
                self._give_code(waiting)  # the statement may call what stands above it
                self._execute(step, inputs)
            else:
                for name in self.names.restore(step):
                    self.batch.anew.pop((self.name, name), None)
            waiting += self.pending.pop(index, [])
        self._give_code(waiting)

    def bound_anew(self, step: Step, since: int = 0) -> set[str]:
        """What a statement reads, or imports, that was bound anew after a moment."""
        inputs = [(name, self._origin(name)) for name in step.new.reads]
        inputs += [(f"{origin}.{name}", (origin, name)) for origin, name, _ in step.imports]
        return {name for name, place in inputs if self._moment(place, step) > since}

    def _moment(self, place: tuple[str, str], step: Step) -> int:
        if place[0] == self.name and place[1] in self.names.moments:
            return self.names.bound_anew(place[1], step)
        return self.batch.anew.get(place, 0)

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
        if pure and _syntax.is_recomputable(node) and is_untouched(self, node):
            return True
        bound = step.new.binds
        rule = "RL302" if bound else _rules.rule_for_effect(node)
        if rule is not None and (bound or self.name != "__main__"):  # not the program itself
            names = ", ".join(sorted(used))
            reason = f"reads {names}, bound anew; not executed again, since that may have effects"
            self._keep(step, reason, rule)
        return False

    def _keep(self, step: Step, reason: str, rule: str) -> None:
        bound = sorted(step.new.binds)
        self.unreached(", ".join(bound) or step.new.head, reason, rule, step.new.first)
        self.batch.report.kept += [f"{self.name}.{name}" for name in bound]

    def decorate_again(self, cls: type) -> None:
        """Have the decorator that wrote methods for a class write them anew."""
        scope = self.new.classes.get(cls.__qualname__)
        if scope and not scope.parent and len(scope.node.decorator_list) == 1:
            step = self.steps[scope.index]
            step.execute = not step.executed
        else:
            reason = "a base has other fields; not decorated again, since that may have effects"
            self.unreached(cls, reason, "RL302")

    def _execute(self, step: Step, inputs: dict[str, Any]) -> None:
        star = "*" in step.new.binds  # which may bind any name
        names = [*self.namespace] if star else sorted(step.new.binds)
        former = ChainMap(self.names.displaced, inputs, self.namespace)
        before = {name: former.get(name, MISSING) for name in names}
        self.anew = self.bound_anew(step)
        if step.old and not self.full and not _syntax.always_binds(step.new.node):
            report_effects(self, [step.old], "executed again; what its former text did stays")
        self.batch.guard_registries()
        self.batch.report.executed.append(f"{self.new.filename}:{step.new.first}")
        step.execute, step.executed = False, True
        exec(self.new.compile_statement(step.index), self.namespace)
        self.namespace.update({n: value for n, value in inputs.items() if n not in names})
        moved = [n for n in names if not star or self.namespace.get(n, MISSING) is not before[n]]
        self.names.place(step, {n: before[n] for n in moved if before[n] is not MISSING})
        changed = set(before)
        if step.old is not None and not self.full and not star:
            changed = _syntax.changed_names(step.old.nodes, step.new.nodes, self.anew) | step.forced
            changed.update(here for *_, here in step.imports)
        whole = isinstance(step.new.node, (*_syntax.SCOPES, ast.Expr))
        for name, value in before.items():
            if whole or name in changed or value is MISSING:
                self._bind(name, value, step)
            else:
                self.namespace[name] = value
        step.seen = self.batch.moment

    def _bind_inputs(self, step: Step) -> dict[str, Any] | None:
        """Let names mean what they do where a statement stands; gives what they mean by now.

        None where that cannot be had: the statement is not to be executed.
        """
        before: dict[str, Any] = {}
        for name, makers in self.names.makers(step) if not self.full else ():
            if not makers:
                self.namespace.update(before)
                reason = f"reads {name}, which means something else by now; not executed again"
                self._keep(step, reason, "RL302")
                step.execute = False
                return None
            before[name] = self.namespace[name]
            for each in makers:
                exec(self.new.compile_statement(each.index), self.namespace)
        return before

    def _bind(self, name: str, before: Any, step: Step) -> None:
        """Let the old object take the place of what the statement has made."""
        node, report = step.new.node, self.batch.report
        defines = isinstance(node, _syntax.SCOPES)
        value = merged = self.namespace.get(name, MISSING)
        binders = self.names.binders[name]
        alone = len(binders) == 1  # or an object that is there may be that of another statement
        may_be_merged = (alone or step.old) and not self.names.is_bound_below(step, name)
        if _syntax.makes_its_value(node) and may_be_merged:
            parts = [step.old.nodes if step.old else [], step.new.nodes]
            texts = [getattr(n[0], "value", None) if len(n) == 1 else None for n in parts]
            merged = _merge.merge(self, before, value, defines and alone, texts)
            if merged is not value:
                self.namespace[name] = merged
        self.batch.known.add(id(merged))
        for each in [each for each in self.steps if each.new.node in step.new.nodes[1:]]:
            each.execute, each.forced = True, each.forced | {name}
        passing = step in binders[:-1]  # it meant something else here
        anew = id(merged) in self.batch.changed_contents or _is_bound_anew(before, merged)
        if anew := anew or passing:
            self.batch.bind_anew(self.name, name)
            self.names.moments[name].append((step.index, self.batch.moment))
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
    same = type(before) is type(after) and isinstance(after, IMMUTABLE)
    return before is not after and not (same and repr(before) == repr(after))
