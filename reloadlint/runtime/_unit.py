"""One module of a reload: its old and new text, what of it is alive, and the run of its changes."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator
from importlib.machinery import ModuleSpec
from types import CodeType, FunctionType, ModuleType
from typing import Any

from reloadlint.runtime import _live, _sources
from reloadlint.runtime._closures import (
    CannotUpdate,
    fitting_code,
    forward,
    is_forwarder,
    missing_captures,
)
from reloadlint.runtime._factories import local_classes, update_local_classes
from reloadlint.runtime._journal import MISSING, Journal
from reloadlint.runtime._keep import keep
from reloadlint.runtime._merge import LRU_CACHE, Merger, functions_in
from reloadlint.runtime._pairs import Pairs, pair_versions
from reloadlint.runtime._report import ReloadReport, Unreached
from reloadlint.runtime._rules import rule_for_effect, rule_for_removed, rule_for_scope
from reloadlint.runtime._statements import (
    Step,
    binds,
    changed_names,
    differs_in_annotation_only,
    is_definition,
    is_main_guard,
    is_plain,
    is_recomputable,
    literal_keys,
    makes_its_value,
    match_statements,
    reads,
    self_attributes,
)
from reloadlint.runtime._version import Statement, Version, first_line

_IMMUTABLE = (int, float, complex, str, bytes, bool, type(None), frozenset, tuple)
# The codes of former versions that live functions may still have, with their latest successors.
_lineages: dict[str, Pairs] = keep("_lineages", dict)
# The latest version of each module that was reloaded: it need not be compiled again.
_versions: dict[str, Version] = keep("_versions", dict)


class Unit:
    """A module that is being reloaded. Nothing is touched before `run`."""

    def __init__(
        self, module: ModuleType, source: _sources.Source, spec: ModuleSpec | None
    ) -> None:
        self.module = module
        self.name = module.__name__
        self.namespace = module.__dict__
        self.source = source
        self.spec = spec
        self.new = Version(source.text, source.filename)
        former = _sources.remembered(self.name)
        self.old = _version_of(self.name, former) if former else None
        self.has_run = False
        self.live: list[FunctionType] = []
        self.anew: set[str] = set()
        self.changed_code: set[int] = set()
        self.rebound: dict[str, tuple[Any, Any]] = {}  # name: the value before and after
        self.stale: list[tuple[FunctionType, Unreached]] = []
        self.gone: list[tuple[FunctionType, str, str]] = []
        self.heirs: dict[CodeType, list[FunctionType]] = {}  # by the code that is to be theirs

    # planning, without side effects

    def plan(self, full: bool) -> None:
        """Compare the texts, and find what is alive of the old one."""
        self.live = _live.functions_of(self.namespace)
        if self.old is not None and not self._explains_what_is_alive(self.old):
            self.old = None  # the file was changed before anybody looked
        former = self.old_statements()
        self.steps, self.removed, matches = match_statements(former, self.new.statements)
        self.full = full or self.old is None
        pairs = pair_versions(self.old, self.new, matches) if self.old else {}
        lineage = _lineages.get(self.name, {})
        self.successors: Pairs = {
            code: pairs[latest] for code, latest in lineage.items() if latest in pairs
        }
        self.successors.update(pairs)
        self.pending: dict[int, list[tuple[FunctionType, CodeType]]] = {}
        for function in self.live:
            self._plan_function(function)
        if self.full:
            for step in self.steps:
                step.execute = not is_main_guard(step.new.node)
        self._force_wrappers()

    def plan_nothing(self) -> None:
        """For a module that is only to follow others: its text is as before."""
        self.has_run, self.removed, self.full = True, [], False
        self.steps = [Step(each, each) for each in self.new.statements]
        self.successors, self.pending = {}, {}

    def _explains_what_is_alive(self, version: Version) -> bool:
        """Whether the live functions were compiled from this text."""
        known = {*_lineages.get(self.name, ())}
        outer = {code for i in range(len(version.statements)) for code in version.codes_of(i)}
        mine = [f for f in self.live if f.__code__.co_filename == version.filename]
        # Not wrappers, which bear the names of what they wrap.
        direct = [f for f in mine if f.__code__.co_name == f.__qualname__ in self.namespace]
        strange = [f for f in direct if f.__code__ not in outer and f.__code__ not in known]
        places = {(code.co_name, code.co_firstlineno) for code in outer}
        # Coverage and assertion rewriting change the instructions and not the place.
        return all((f.__code__.co_name, f.__code__.co_firstlineno) in places for f in strange)

    def _plan_function(self, function: FunctionType) -> None:
        code = function.__code__
        if is_forwarder(function) or self.old is None:
            return
        new = self.successors.get(code) or self._successor_by_place(code)
        if new is None:
            scope = self.old.scope_of(code)
            if code.co_name in ("__before_reload__", "__after_reload__"):
                return  # not alive for their own sake
            if scope or code in _lineages.get(self.name, ()):
                rule = rule_for_removed(scope)
                self.gone.append((function, "gone from the new version", rule))
            return
        self.heirs.setdefault(new, []).append(function)
        if new != code:
            index = self.new.index_at(new.co_firstlineno)
            self.pending.setdefault(index, []).append((function, new))

    def _successor_by_place(self, code: CodeType) -> CodeType | None:
        """For code whose instructions were changed by a tool, as coverage and pytest do."""
        assert self.old is not None
        if code.co_filename != self.old.filename or code in _lineages.get(self.name, ()):
            return None
        place = (code.co_name, code.co_firstlineno)
        found = [old for old in self.successors if (old.co_name, old.co_firstlineno) == place]
        return self.successors[found[0]] if len(found) == 1 else None

    def _force_wrappers(self) -> None:
        """Execute a decorated definition again if its live wrapper lacks a new capture."""
        needy = {
            id(function)
            for pending in self.pending.values()
            for function, code in pending
            if missing_captures(function, code)
        }
        for step in self.steps if needy else ():
            if not makes_its_value(step.new.node):
                continue
            for name in binds(step.new.node):
                value = self.namespace.get(name)
                attributes = vars(value) if isinstance(value, type) else {name: value}
                for attribute, part in attributes.items():
                    if any(id(function) in needy for function in functions_in(part)):
                        step.execute = True
                        step.forced.add(attribute)

    # execution

    def start(
        self, journal: Journal, report: ReloadReport, before_effects: Callable[[], None]
    ) -> None:
        """Take up the journal and the report of the reload."""
        self.journal = journal
        self.report = report
        self.before_effects = before_effects
        self.merger = Merger(self.namespace, self.new, self.successors, journal, self.unreached)
        self.merger.live = {id(function) for function in self.live}
        self.merger.full = self.full
        if self.old is not None:
            self.merger.former = self.old.scope_of
        journal.guard_contents(self.namespace)

    def run(self) -> None:
        """Go through the new text: execute what changed, give live functions their new code."""
        self._adopt_module_attributes()
        waiting: list[tuple[FunctionType, CodeType]] = []
        for index, step in enumerate(self.steps):
            mine = self.pending.pop(index, [])
            if self._must_execute(step):
                if not is_plain(step.new.node):
                    self._give_code(waiting)  # the statement may call what stands above it
                    waiting = []
                self._execute(step)
                self._give_code(mine)
            else:
                waiting += mine
        self._give_code(waiting)
        self._remove_names()
        self.has_run = True
        for step in self.steps:
            step.execute = False

    def follow(self, anew: set[str]) -> None:
        """Recompute what is derived from names that another module bound anew."""
        self.anew |= anew
        if not self.has_run:
            return  # its turn is still to come
        for step in self.steps:
            if reads(step.new.node) & anew and self._must_execute(step):
                self._execute(step)

    def _must_execute(self, step: Step) -> bool:
        if step.execute:
            return not is_main_guard(step.new.node)
        used = (reads(step.new.node) & self.anew) if self.anew else set()
        if not used or (isinstance(step.new.node, ast.AugAssign)):
            return False
        if is_recomputable(step.new.node) and self._is_untouched(step):
            return True
        if is_main_guard(step.new.node) or isinstance(step.new.node, (ast.Import, ast.ImportFrom)):
            return False
        names = ", ".join(sorted(used))
        rule = "RL302" if binds(step.new.node) else rule_for_effect(step.new.node)
        if rule is None or (rule != "RL302" and self.name == "__main__"):
            return False  # the program itself, or nothing that stays
        what = ", ".join(sorted(binds(step.new.node))) or _first_line(step.new)
        reason = f"reads {names}, bound anew; not executed again, since that may have effects"
        self._add_unreached(f"{self.name}.{what}", reason, step.new.first, rule)
        self.report.kept += [f"{self.name}.{name}" for name in sorted(binds(step.new.node))]
        return False

    def _is_untouched(self, step: Step) -> bool:
        """Whether a list still has the length that its display gave it: no state was added."""
        value = getattr(step.new.node, "value", None)
        for name in binds(step.new.node):
            now = self.namespace.get(name)
            if isinstance(value, ast.List) and isinstance(now, list):
                return len(now) == len(value.elts)
        return True

    def _execute(self, step: Step) -> None:
        node = step.new.node
        names = sorted(binds(node))
        before = {name: self.namespace.get(name, MISSING) for name in names}
        old = step.old.node if step.old else None
        if (
            old is not None
            and step.execute
            and not (self.full or step.forced)
            and (differs_in_annotation_only(old, node))
        ):
            if not isinstance(node, ast.AnnAssign):
                return
            node = ast.AnnAssign(node.target, node.annotation, None, node.simple)
            node = ast.copy_location(node, step.new.node)
        if not is_plain(node):
            self.before_effects()
        step.executed = True
        self.report.executed.append(f"{self.new.filename}:{step.new.first}")
        exec(self.new.compile_statement(node, self.new.index_at(step.new.first)), self.namespace)
        changed = (
            changed_names([old], [step.new.node], self.anew) | step.forced if old else set(names)
        )
        self._prepare_merger(step)
        for name in names:
            if (
                old is not None
                and not self.full
                and name not in changed
                and before[name] is not MISSING
            ):
                if not is_definition(node):
                    self.namespace[name] = before[name]
                    continue
            self._bind(name, before[name], node, step)

    def _prepare_merger(self, step: Step) -> None:
        old = _class_nodes(step.old.node) if step.old else {}
        new = _class_nodes(step.new.node)
        self.merger.class_nodes = old, new
        self.merger.anew = self.anew
        self.merger.forced = step.forced

    def _bind(self, name: str, before: Any, node: ast.stmt, step: Step) -> None:
        value = self.namespace.get(name, MISSING)
        merged = value
        if makes_its_value(node) and not isinstance(node, (ast.Import, ast.ImportFrom)):
            literal = literal_keys(step.old.node if step.old else None)
            merged = self.merger.merge(before, value, is_definition(node) is not None, literal)
            if merged is not value:
                self.namespace[name] = merged
        full_name = f"{self.name}.{name}"
        if before is MISSING:
            self.report.added.append(full_name)
        elif merged is before and isinstance(merged, (FunctionType, type)):
            self.report.updated.append(full_name)
        if _is_bound_anew(before, merged) or id(merged) in self.merger.changed_contents:
            self.anew.add(name)
            self.rebound[name] = (self.rebound.get(name, (before, None))[0], merged)
            if before is not MISSING:
                self.report.updated.append(full_name)

    def _give_code(self, functions: list[tuple[FunctionType, CodeType]]) -> None:
        for function, code in functions:
            if id(function) not in self.merger.done and function.__code__ != code:
                self._give_one(function, code)

    def _give_one(self, function: FunctionType, code: CodeType) -> None:
        former = (
            self.old.scope_of(function.__code__)
            if self.old and missing_captures(function, code)
            else None
        )
        name = f"{self.name}.{function.__qualname__}"
        try:
            fitting = fitting_code(function, code, self.new, former)
        except CannotUpdate as error:
            scope = self.new.scope_of(code)
            rule = rule_for_scope(scope) if scope else "RL101"
            entry = Unreached(name, str(error), self.new.filename, code.co_firstlineno, rule)
            self.stale.append((function, entry))
            return
        before = function.__code__
        if isinstance(fitting, CodeType):
            self.journal.set_function(
                function, fitting, function.__defaults__, function.__kwdefaults__
            )
            if function.__doc__ == docstring(before) != docstring(code):
                self.journal.set_attribute(function, "__doc__", docstring(code))
        else:
            forward(function, fitting, self.journal)
        if not same_instructions(before, code):
            self.changed_code.add(id(function))
            self.report.updated.append(name)

    def adopt_strays(self) -> None:
        """Update the functions that no name leads to, from what was made anew in their place.

        A decorator may have put the function into a registry and returned something else.
        """
        if not any(s.executed and getattr(s.new.node, "decorator_list", ()) for s in self.steps):
            return
        for function in _live.functions_of(self.namespace):
            heirs = self.heirs.get(function.__code__, ())
            waiting = [heir for heir in heirs if id(heir) not in self.merger.done]
            if id(function) not in self.merger.live and len(waiting) == 1:
                self.merger.update_function(waiting[0], function)

    def update_local_classes(self) -> None:
        """Give classes that functions made what the class statements in them now say."""
        for step in self.steps if self.old else ():
            if step.same_text or step.old is None or is_definition(step.new.node) is None:
                continue
            assert self.old is not None
            old = local_classes(self.old.scopes_of(self.old.index_at(step.old.first)))
            new = local_classes(self.new.scopes_of(self.new.index_at(step.new.first)))
            left = update_local_classes(self.name, old, new, self.namespace, self.journal)
            for cls, attribute in left:
                reason = f"`{attribute}` would have to be made in a call that is over"
                self.unreached(cls, reason, "RL103")

    def clear_caches(self) -> None:
        """Forget the results that changed functions had under `lru_cache`."""
        classes = [value for value in self.namespace.values() if isinstance(value, type)]
        values = [*self.namespace.values(), *(v for c in classes for v in vars(c).values())]
        for value in values if self.changed_code else ():
            cache = getattr(value, "__func__", value)
            if isinstance(cache, LRU_CACHE) and id(cache.__wrapped__) in self.changed_code:
                cache.cache_clear()

    def _remove_names(self) -> None:
        """Take away what the new text does not bind any more."""
        if self.old is None:
            return
        former = {name for s in self.old.statements for name in binds(s.node)}
        now = {name for s in self.new.statements for name in binds(s.node)}
        declared = (
            {name for n in ast.walk(self.new.tree) if isinstance(n, ast.Global) for name in n.names}
            if former - now
            else set()
        )
        needed = self._names_needed_by_stale_code() if former - now else set()
        for name in sorted(former - now - declared):
            if name not in self.namespace or (name.startswith("__") and name.endswith("__")):
                continue
            if name in needed:
                self.report.kept.append(f"{self.name}.{name}")
                continue
            self.rebound[name] = (self.namespace.pop(name), MISSING)
            self.anew.add(name)
            self.report.removed.append(f"{self.name}.{name}")

    def _names_needed_by_stale_code(self) -> set[str]:
        """The globals of frames that run on, of closures that stay, of functions that are held."""
        codes = {*_live.running(set(self.successors)), *_live.running(set(self.old_codes))}
        codes.update(function.__code__ for function, _ in self.stale)
        # Methods are left out: the journal holds those that were taken from their classes.
        gone = [f for f, *_ in self.gone if "." not in f.__qualname__ or "<" in f.__qualname__]
        codes.update(f.__code__ for f in _live.held(gone, [self.namespace, self.live, gone]))
        return {name for code in codes for name in _global_names(code) - {code.co_name}}

    def _adopt_module_attributes(self) -> None:
        attributes: dict[str, Any] = {"__doc__": ast.get_docstring(self.new.tree, clean=False)}
        if self.spec is not None:
            attributes["__spec__"] = self.spec
            attributes["__loader__"] = self.spec.loader
            attributes["__file__"] = self.spec.origin
            attributes["__cached__"] = self.spec.cached
            if self.spec.submodule_search_locations is not None:
                attributes["__path__"] = self.spec.submodule_search_locations
        for name, value in attributes.items():
            if name in self.namespace:
                self.namespace[name] = value

    # what is left to say

    def unreached(self, thing: Any, reason: str, rule: str | None, live: int = 0) -> None:
        """Report something that the merger could not update."""
        code = getattr(thing, "__code__", None)
        line = code.co_firstlineno if code else getattr(thing, "__firstlineno__", 0)
        name = f"{self.name}.{getattr(thing, '__qualname__', type(thing).__name__)}"
        self._add_unreached(name, reason, line, rule, live)

    def _add_unreached(
        self, name: str, reason: str, line: int, rule: str | None, live: int = 0
    ) -> None:
        self.report.not_updated.append(Unreached(name, reason, self.new.filename, line, rule, live))

    @property
    def old_codes(self) -> list[CodeType]:
        """All codes of the text that ran last."""
        return list(_all_codes(self.old.code)) if self.old else []

    def old_statements(self) -> list[Statement]:
        """The statements that ran last."""
        return self.old.statements if self.old else []

    def removed_effects(self) -> Iterator[Unreached]:
        """The statements that are gone while what they did is not."""
        if "__before_reload__" in {name for s in self.old_statements() for name in binds(s.node)}:
            return  # the module saw to it
        for statement in self.removed:
            rule = rule_for_effect(statement.node)
            if rule is not None:
                reason = "the statement is gone from the new version, its effect stays"
                yield Unreached(
                    f"{self.name}: {_first_line(statement)}",
                    reason,
                    self.new.filename,
                    statement.first,
                    rule,
                )

    def class_lines(self) -> Iterator[tuple[str, int]]:
        """Every class of the module with its first line."""
        for qualname, node in _class_nodes(self.new.tree).items():
            yield qualname, first_line(node)

    def new_attributes(self) -> Iterator[tuple[str, set[str]]]:
        """The changed classes, with what their `__init__` sets and formerly did not set."""
        for step in self.steps:
            if step.same_text or step.old is None:
                continue
            former = _class_nodes(step.old.node)
            for qualname, node in _class_nodes(step.new.node).items():
                if qualname in former:
                    yield qualname, _set_by_init(node) - _set_by_init(former[qualname])

    def _left_behind(self) -> list[FunctionType]:
        return [entry[0] for entry in self.stale] + [entry[0] for entry in self.gone]

    def lineage(self) -> Pairs:
        """What the next reload has to know of the codes that are alive now."""
        own = {code: code for code in _all_codes(self.new.code)}
        alive = {function.__code__ for function in self._left_behind()}
        older = {code: new for code, new in self.successors.items() if code in alive}
        return {**older, **own}


def remember_lineage(unit: Unit) -> None:
    """Let the next reload of the module begin where this one ended."""
    _lineages[unit.name] = unit.lineage()
    _versions[unit.name] = unit.new


def _all_codes(code: CodeType) -> Iterator[CodeType]:
    for const in code.co_consts:
        if isinstance(const, CodeType):
            yield const
            yield from _all_codes(const)


def _version_of(name: str, source: _sources.Source) -> Version:
    known = _versions.get(name)
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
    if len(one.co_consts) != len(other.co_consts):
        return False
    return all(map(_same_constants, one.co_consts, other.co_consts))


def _same_constants(one: Any, other: Any) -> bool:
    if isinstance(one, CodeType) and isinstance(other, CodeType):
        return same_instructions(one, other)
    return type(one) is type(other) and repr(one) == repr(other)


def _is_bound_anew(before: Any, after: Any) -> bool:
    if before is after:
        return False
    return not (
        type(before) is type(after)
        and isinstance(after, _IMMUTABLE)
        and repr(before) == repr(after)
    )


def _global_names(code: CodeType) -> set[str]:
    inner = [const for const in code.co_consts if isinstance(const, CodeType)]
    return set(code.co_names).union(*map(_global_names, inner))


def _class_nodes(node: ast.AST, prefix: str = "") -> dict[str, ast.ClassDef]:
    found: dict[str, ast.ClassDef] = {}
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return found
    if isinstance(node, ast.ClassDef):
        found[prefix + node.name] = node
        prefix += node.name + "."
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt):
            found.update(_class_nodes(child, prefix))
    return found


def _set_by_init(node: ast.ClassDef) -> set[str]:
    methods = [part for part in node.body if is_definition(part) == "__init__"]
    return self_attributes(methods[-1]) if methods else set()


def _first_line(statement: Statement) -> str:
    lines = statement.text.strip().splitlines()
    return lines[0] + (" …" if len(lines) > 1 else "")
