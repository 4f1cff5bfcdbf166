"""Puts the contents of what a statement made anew into the objects that its last run had made."""

from __future__ import annotations

import abc
import ast
import contextlib
import functools
from collections.abc import Callable
from types import CodeType, FunctionType, GetSetDescriptorType, MemberDescriptorType
from typing import Any, cast

from reloadlint.runtime._closures import CannotUpdate, fitting_code, forward, is_forwarder
from reloadlint.runtime._enums import is_enum, merge_enum, own_attributes
from reloadlint.runtime._journal import CONTAINERS, MISSING, Journal
from reloadlint.runtime._live import instances_of, subclasses_of
from reloadlint.runtime._pairs import enclosing_function
from reloadlint.runtime._statements import binds, changed_names, mangle
from reloadlint.runtime._version import Scope, Version

LRU_CACHE = type(functools.lru_cache(lambda: None))
_OF_THE_TYPE = frozenset(
    [
        "__dict__",
        "__weakref__",
        "__module__",
        "__qualname__",
        "__slots__",
        "_abc_impl",
        "__abstractmethods__",
        "__annotations_cache__",
        "__annotate_func__",
    ]
)


class Merger:
    """Merges for one module, during one reload."""

    def __init__(
        self,
        namespace: dict[str, Any],
        version: Version,
        successors: dict[CodeType, CodeType],
        journal: Journal,
        unreached: Callable[..., None],
    ) -> None:
        self.namespace = namespace
        self.version = version
        self.successors = successors
        self.journal = journal
        self.unreached = unreached
        self.live: set[int] = set()  # functions that were there before the reload
        self.former: Callable[[CodeType], Scope | None] = lambda code: None
        # The class statements in what is being executed, by qualified name: old ones, new ones.
        self.class_nodes: tuple[dict[str, ast.ClassDef], dict[str, ast.ClassDef]] = ({}, {})
        self.anew: set[str] = set()  # the names bound anew so far
        # Attributes to be taken over although their text is as before.
        self.forced: set[str] = set()
        self.full = False
        # What was made anew and is not needed, with what stands for it; both stay alive here.
        self.doubles: list[tuple[Any, Any]] = []
        self.done: set[int] = set()  # old functions that need no other code
        self.replaced: list[FunctionType] = []  # closures of other modules, stale if held
        self.changed_contents: set[int] = set()

    def merge(self, old: Any, new: Any, defines: bool = False, literal: Any = None) -> Any:
        """The object to be bound: the old one where it could take over what the new one is.

        `defines`: both were bound by a definition of the same name, so one succeeds the other.
        """
        if old is new or old is MISSING or id(new) in self.live:
            return new
        if isinstance(old, FunctionType):
            return self._merge_function(old, new, defines)
        if isinstance(old, type) and isinstance(new, type):
            return self._merge_class(old, new)
        if type(old) is not type(new):
            if defines and isinstance(old, LRU_CACHE):
                self.unreached(old.__wrapped__, "a cache was put on it or taken off", "RL205")
            return new
        if isinstance(old, CONTAINERS):
            return self._merge_contents(old, new, literal)
        if isinstance(old, property):
            parts = zip((old.fget, old.fset, old.fdel), (new.fget, new.fset, new.fdel), strict=True)
            self._init(
                old, [self.merge(a, b, defines) for a, b in parts], [old.fget, old.fset, old.fdel]
            )
        elif isinstance(old, (staticmethod, classmethod)):
            merged = self.merge(old.__func__, new.__func__, defines)
            self._init(old, [merged], [old.__func__])
        elif isinstance(old, functools.partial):
            self._merge_partial(old, new)
        elif isinstance(old, LRU_CACHE):
            return self._merge_cache(old, new, defines)
        elif defines and hasattr(old, "__dict__"):
            self._merge_attributes(old, new)
        else:
            return new
        return old

    # functions

    def _merge_function(self, old: FunctionType, new: Any, defines: bool) -> Any:
        if not callable(new):
            return new
        if old.__globals__ is not self.namespace:
            # Generated, as the methods of attrs are: its new code needs its new globals.
            if defines and _same_place(old, new) and old.__module__ == self.namespace["__name__"]:
                self._forward(old, new)
            elif defines and old.__closure__:
                self.replaced.append(old)
            return new
        if not isinstance(new, FunctionType):
            if not defines or isinstance(new, type):
                return new
            self._forward(old, new)
            return new
        successor = self.successors.get(old.__code__)
        paired = new.__code__ in (successor, old.__code__)
        if not (paired or defines):
            return new
        self.update_function(old, new, paired)
        return old

    def update_function(self, old: FunctionType, new: FunctionType, paired: bool = True) -> None:
        """Let the old function do what the new one does."""
        direct = paired or not (old.__code__.co_freevars or new.__code__.co_freevars)
        fitting: CodeType | FunctionType = new
        if direct and not is_forwarder(old):
            try:
                former = self.former(old.__code__)
                fitting = fitting_code(old, new.__code__, self.version, former)
            except CannotUpdate:
                pass  # the new function has the captures: forward to it
        elif direct and not old.__code__.co_freevars:
            fitting = new.__code__
        if isinstance(fitting, CodeType):
            if is_forwarder(old):
                self.journal.set_item(old.__dict__, "__wrapped__", MISSING)
            self.journal.set_function(old, fitting, new.__defaults__, new.__kwdefaults__)
            self._merge_cells(old, new)
            self._merge_dict(old.__dict__, new.__dict__)
            self.doubles.append((new, old))
        else:
            self._forward(old, new)
            attributes = {k: v for k, v in new.__dict__.items() if k != "__wrapped__"}
            self._merge_dict(old.__dict__, {**attributes, "__wrapped__": new})
        self._describe(old, new)
        self.done.add(id(old))

    def _forward(self, old: FunctionType, target: Any) -> None:
        forward(old, target, self.journal)
        self.done.add(id(old))

    def _describe(self, old: FunctionType, new: FunctionType) -> None:
        names = ["__name__", "__qualname__", "__doc__"]
        # Annotations are evaluated late from 3.14 on, and may fail when evaluated here.
        names.append("__annotate__" if hasattr(new, "__annotate__") else "__annotations__")
        for name in names:
            if getattr(old, name) != getattr(new, name):
                self.journal.set_attribute(old, name, getattr(new, name))

    def _merge_cells(self, old: FunctionType, new: FunctionType) -> None:
        mine = dict(zip(old.__code__.co_freevars, old.__closure__ or (), strict=True))
        state = self._state_cells(new)
        for name, cell in zip(new.__code__.co_freevars, new.__closure__ or (), strict=True):
            if name == "__class__" or name not in mine:
                continue
            before, after = _contents(mine[name]), _contents(cell)
            if (
                name in state
                and type(before) is type(after)
                and not isinstance(before, FunctionType)
            ):
                continue
            merged = self.merge(before, after)
            if merged is not before and merged is not MISSING:
                self.journal.set_attribute(mine[name], "cell_contents", merged)

    def _state_cells(self, function: FunctionType) -> set[str]:
        """The captures that are state of the closure: not given by whoever made it."""
        scope = self.version.scope_of(function.__code__)
        given: set[str] = set()
        written: set[str] = set()
        while scope is not None and (scope := enclosing_function(scope)) is not None:
            for part in ast.walk(scope.node):
                if isinstance(part, ast.arg):
                    given.add(part.arg)
                elif isinstance(part, ast.Nonlocal):
                    written.update(part.names)
        return (set(function.__code__.co_freevars) - given) | written

    def _merge_dict(self, old: dict[str, Any], new: dict[str, Any]) -> None:
        for name in [name for name in old if name.startswith("__") and name not in new]:
            self.journal.set_item(old, name, MISSING)  # `__isabstractmethod__`, for one
        for name, value in list(new.items()):
            before = old.get(name, MISSING)
            if isinstance(value, CONTAINERS) and not value and type(before) is type(value):
                continue  # filled since: a registry of handlers, for one
            self.journal.set_item(old, name, self.merge(before, value))

    # other objects

    def _init(self, owner: Any, arguments: list[Any], before: list[Any]) -> None:
        self.journal.on_rollback(owner.__init__, *before)
        owner.__init__(*arguments)

    def _merge_partial(self, old: Any, new: Any) -> None:
        state = old.__reduce__()[2]
        self.journal.on_rollback(old.__setstate__, state)
        function = self.merge(old.func, new.func)
        old.__setstate__((function, new.args, new.keywords, new.__dict__ or None))

    def _merge_cache(self, old: Any, new: Any, defines: bool) -> Any:
        inner = old.__wrapped__
        same = old.cache_parameters() == new.cache_parameters()
        if not (isinstance(inner, FunctionType) and isinstance(new.__wrapped__, FunctionType)):
            return new
        self.merge(inner, new.__wrapped__, defines)
        old.cache_clear()
        if not same:
            self.unreached(inner, "the size of a cache that is held cannot be changed", "RL205")
            return new
        return old

    def _merge_attributes(self, old: Any, new: Any) -> None:
        for name, value in list(vars(new).items()):
            before = vars(old).get(name, MISSING)
            self.journal.set_item(vars(old), name, self.merge(before, value))

    def _merge_contents(self, old: Any, new: Any, literal: Any) -> Any:
        """`literal`: what the former text put in; all else was added by the running program."""
        contents = new
        if isinstance(old, dict):
            contents = dict(new)
            for key, value in new.items():
                contents[key] = self.merge(old.get(key, MISSING), value)
        if not self.full and literal is not None and isinstance(old, (dict, set)):
            added = [key for key in old if key not in literal and key not in contents]
            if isinstance(old, dict):
                contents = {**contents, **{key: old[key] for key in added}}
            else:
                contents = {*contents, *added}
        if old != contents or any(map(_differ, old, contents)):
            self.changed_contents.add(id(old))
            self.journal.set_contents(old, contents)
        return old

    # classes

    def _merge_class(self, old: type, new: type) -> Any:
        if not _same_place(old, new) or old.__module__ != self.namespace.get("__name__"):
            return new
        if not self._adopt_shape(old, new):
            return self._replace_class(old, new)
        _point_class_cells(new, old, self.journal)
        if is_enum(old) and is_enum(new):
            merge_enum(old, new, self.journal, self.unreached)
        self._merge_class_attributes(old, new)
        if isinstance(old, abc.ABCMeta):
            abc.update_abstractmethods(cast(Any, old))
        _forget_subclass(new)
        self.doubles.append((new, old))
        return old

    def _adopt_shape(self, old: type, new: type) -> bool:
        """Give the old class the metaclass and the bases of the new one, where CPython can."""
        if _slots(old) != _slots(new):
            return False
        try:
            if type(old) is not type(new):
                self.journal.set_type_slot(old, "__class__", type(new))
            if old.__bases__ != new.__bases__:
                self.journal.set_type_slot(old, "__bases__", new.__bases__)
        except TypeError:
            return False
        return True

    def _merge_class_attributes(self, old: type, new: type) -> None:
        before, after = (nodes.get(old.__qualname__) for nodes in self.class_nodes)
        changed = None
        if before is not None and after is not None and not self.full:
            names = changed_names(before.body, after.body, self.anew)
            changed = _mangled(names, old) | self.forced
        bound = _bound_in(after, old)
        own = own_attributes(new)
        for name, value in list(vars(new).items()):
            if name in _OF_THE_TYPE or _belongs_to_the_type(value) or name in own:
                continue
            if changed is None or name in changed or name not in bound:
                self._set_class_attribute(old, name, value)
        self._adopt_annotations(old, new)
        for name in _bound_in(before, old) - bound if after else ():
            if name in vars(old) and not _belongs_to_the_type(vars(old)[name]):
                self.journal.set_attribute(old, name, MISSING)

    def _set_class_attribute(self, cls: type, name: str, value: Any) -> None:
        before = vars(cls).get(name, MISSING)
        merged = self.merge(before, value, defines=True)
        if merged is not before:
            self.journal.set_attribute(cls, name, merged)
            if hasattr(type(merged), "__set_name__"):
                merged.__set_name__(cls, name)

    def _adopt_annotations(self, old: type, new: type) -> None:
        if "__annotate_func__" in vars(new):
            self.journal.set_attribute(old, "__annotate__", new.__annotate__)  # type: ignore[attr-defined]

    def _replace_class(self, old: type, new: type) -> type:
        """The old class cannot become the new one. Its instances can, where layouts agree."""
        stuck = 0
        for instance in instances_of({old}):
            if type(instance) is not old:
                continue
            try:
                instance.__class__ = new
            except TypeError:
                stuck += 1
            else:
                self.journal.on_rollback(setattr, instance, "__class__", old)
        for subclass in list(subclasses_of(old)):
            if old in subclass.__bases__ and subclass is not new:
                bases = tuple(new if base is old else base for base in subclass.__bases__)
                try:
                    self.journal.set_type_slot(subclass, "__bases__", bases)
                except TypeError:
                    stuck += 1
        self._give_methods(old, new, keep_class=bool(stuck))
        self.doubles.append((old, new))
        if stuck:
            reason = "CPython cannot give it the new slots, base or metaclass; methods were updated"
            self.unreached(old, reason, "RL502", live=stuck)
        return new

    def _give_methods(self, old: type, new: type, keep_class: bool) -> None:
        compatible = not keep_class or old.__bases__ == new.__bases__
        for name, value in list(vars(new).items()):
            before = vars(old).get(name)
            if compatible and isinstance(value, FunctionType) and isinstance(before, FunctionType):
                count = len(self.doubles)
                self.update_function(before, value)
                del self.doubles[count:]  # both classes live on, each with its own
            elif compatible and before is None and isinstance(value, FunctionType):
                self.journal.set_attribute(old, name, value)
        if not keep_class:
            _point_class_cells(old, new, self.journal)


def _same_place(old: Any, new: Any) -> bool:
    names = ("__module__", "__qualname__")
    return all(getattr(old, name) == getattr(new, name, None) for name in names)


def _bound_in(node: ast.ClassDef | None, cls: type) -> set[str]:
    return _mangled({name for part in node.body for name in binds(part)}, cls) if node else set()


def _mangled(names: set[str], cls: type) -> set[str]:
    return {mangle(name, cls.__name__) for name in names}


def _contents(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:
        return MISSING


def _differ(one: Any, other: Any) -> bool:
    return one is not other


def _slots(cls: type) -> list[str]:
    return sorted(name for name, value in vars(cls).items() if _belongs_to_the_type(value))


def _belongs_to_the_type(value: Any) -> bool:
    return isinstance(value, (MemberDescriptorType, GetSetDescriptorType))


def _point_class_cells(source: type, target: type, journal: Journal) -> None:
    """Let `super()` and `__class__` in the functions of one class mean the other."""
    for value in list(vars(source).values()):
        for function in functions_in(value):
            for name, cell in zip(
                function.__code__.co_freevars, function.__closure__ or (), strict=True
            ):
                if name == "__class__" and _contents(cell) is source:
                    journal.set_attribute(cell, "cell_contents", target)


def functions_in(value: Any, depth: int = 4) -> list[FunctionType]:
    """The functions in an attribute of a class, under whatever wraps them."""
    found: list[FunctionType] = []
    if isinstance(value, FunctionType):
        found.append(value)
        inner = [value.__dict__.get("__wrapped__"), *map(_contents, value.__closure__ or ())]
    else:
        names = ("fget", "fset", "fdel", "__func__", "func", "__wrapped__")
        inner = (
            [getattr(value, name, None) for name in names] if not isinstance(value, type) else []
        )
    for part in inner if depth else ():
        if part is not value and (isinstance(part, FunctionType) or part is not None):
            if not isinstance(part, type):
                found += functions_in(part, depth - 1)
    return found


def _forget_subclass(cls: type) -> None:
    """Take a class that is not needed out of the `__subclasses__()` of its bases."""
    # Not if it is of another layout, or derived from object alone: gc takes it out in time.
    with contextlib.suppress(TypeError):
        cls.__bases__ = (_Nobody,)


class _Base:
    pass


class _Nobody(_Base):
    pass
