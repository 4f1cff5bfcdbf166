"""Why something is not fixed: every reason, as the finding and the rule's page give it."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass


class Reason(enum.Enum):
    """The sentence after "no fix:"; `{name}` is what it is about."""

    NONLOCAL = "it rebinds `{name}` of the enclosing function by `nonlocal`"
    NONLOCAL_ELSEWHERE = "another nested function rebinds `{name}` by `nonlocal`"
    MAYBE_UNBOUND = "`{name}` may have no value yet when it is called"
    DELETED = "`{name}` is deleted, so it may have no value when it is called"
    REBOUND_WHILE_SUSPENDED = "`{name}` may be rebound while its body is suspended"
    REBOUND_UNDER_INNER = "`{name}` may be rebound, and a function in its body captures it too"
    REBOUND_MEANWHILE = "`{name}` may be rebound by another thread before its body reads it"
    SELF_REFERENCE = "it uses its own name `{name}`"
    CLASS_CELL = "it uses `super()` or `__class__`, which only work inside of the class"
    TYPE_PARAMETER = "it depends on the type parameter `{name}`"
    OWN_TYPE_PARAMETERS = "it has type parameters of its own"
    MANGLED = "`{name}` is a private name that only means the same inside of its class"
    SEES_ITS_FRAME = "`{name}` looks at the names or the frame of its caller"
    RELEASES = "it lets go of its argument `{name}`, which the trampoline would hold"
    YIELD_IN_LAMBDA = "it is a lambda that yields"
    SENT_INTO = "it is an async generator that uses what is sent into it: nothing forwards `asend`"
    THROWN_INTO = (
        "it is an async generator with a `yield` in `try` or `with`: nothing forwards `athrow`"
    )
    ONLY_DOCSTRING = "there is nothing in it but a docstring"
    SHARED_DOCSTRING_LINE = "its docstring shares a line with code"
    SHARED_PREAMBLE_LINE = "it shares its line with what has to begin the module"
    INTROSPECTED = "this file reads `{name}` of functions"
    COMPREHENSION = (
        "this CPython takes the captured `{name}` for that of a comprehension in its body"
    )
    NO_SYMBOL_TABLE = "CPython's symbol table of it could not be told from others on its line"
    SEVERAL_TARGETS = "one value is given to several names at once"
    WALRUS_IN_VALUE = "its value binds a name by `:=`"
    SHARED_LINE = "its assignments share a line"
    COROUTINE_FUNCTION = "`{name}` is a coroutine function, which a lambda is not"
    OPEN_SIGNATURE = "a lambda cannot repeat the parameters of `{name}`"
    TAKEN_BACK = "`{name}` takes it back, and has to be given the same function"
    HELD_WEAKLY = "`{name}` may hold it by a weak reference, which a lambda would not outlive"
    LOOKED_AT = "`{name}` looks at the function itself"
    COMPARED_HERE = "`{name}` is compared with something, which a lambda is not"


class Caution(enum.Enum):
    """Why a fix is unsafe: what might notice it; `{name}` is what that is."""

    COMPILED = "`{name}` compiles the function, and needs its code to be in it"
    PICKLED = "`{name}` may pickle the function, or send it to another process"
    INTROSPECTED = "`{name}` looks at the function's signature or source"
    COMPARED = "`{name}` may outlive the module's names, or compares the function"
    RECURSION = (
        "`{name}` leads back to it, and each turn would take one frame more of the recursion limit"
    )
    NAMESPACE = "`{name}` in this file would give the new function, too"
    TURN = "what a turn of the loop in `{name}` has made is let go of when it ends, not in the next"
    ANOTHER_OBJECT = "whoever compares `{name}`, or looks at its signature, gets a lambda"

    def text(self, name: str) -> str:
        """The caution in words."""
        return self.value.format(name=name)


class ImportReason(enum.Enum):
    """Why a copied name is not read from its module instead; `{place}` is where that shows."""

    CONDITIONAL = "`{name}` is only imported under a condition"
    ASSIGNED_IN_CLASS = "a class body reads `{name}` and assigns it, too"
    EXPORTED = "`__all__` may export `{name}` from here"
    OFFERED = "`{name}` is a name that this package offers to others"
    USED_OUTSIDE = "`{name}` is used, or patched, as a name of this module: {place}"
    SAME_NAME = "the package has another meaning for the name of the module `{name}`"
    ANOTHER_NAME = "`{name}` is imported by a longer name: its package has no `__init__.py`"
    TOP_PACKAGE = "`{name}` itself would have to be imported by a relative import"
    IN_STRING = "`{name}` stands in a string where it cannot be written otherwise"
    SHARED_LINE = "the import shares its line with another statement"
    COMMENT = "a comment stands among the names of the import"
    UNKNOWN_NAMES = "what `{name}` gives cannot be told from its text"
    UNSURE_NAME = "the module may not always have a `{name}` to give"


class ImportCaution(enum.Enum):
    """Why reading a name from its module is unsafe."""

    CYCLE = "`{name}` may come to import this module, and not be complete when it is imported here"
    REBOUND = "`{name}` is given another value by its own module"
    PATCHED = "`{name}` may be patched or given another value: {place}"
    REPLACED_MODULE = "the module `{name}` replaces itself in `sys.modules`"
    SIDE_EFFECTS = "the module `{name}` would no longer be imported here"
    STAR = "a star import in this file may bind `{name}` as well"
    NAMESPACE = "`{name}` in this file would show that it lacks a name"
    EVALUATED = "`{name}` in this file may evaluate a text that names it"
    NAMED = "this file may look up `{name}` in its own module by a string or an attribute"
    TYPE_COMMENT = "a type comment names `{name}`"

    def text(self, name: str, place: str = "") -> str:
        """The caution in words."""
        return self.value.format(name=name, place=place)


class LoopReason(enum.Enum):
    """Why the body of a loop is not moved."""

    BREAKS = "it breaks out of the loop, which a function cannot do for it"
    RETURNS = "it returns from the function that the loop is in"
    YIELDS = "it yields"
    REBINDS = "it gives `{name}` a value that is read outside of it"
    CARRIED = "it may read a value of `{name}` that an earlier turn has left"
    CAPTURED = "a function in it captures `{name}`, which the next turn changes"
    ONE_LINE = "it stands on the line of the loop"
    OUTSIDE = "the loop stands in no function, so that its names are those of the module"


class SuperReason(enum.Enum):
    """Why `super(C, self)` still looks up the class."""

    OUTSIDE = "it stands in no class"
    ANOTHER_CLASS = "`{name}` is not the class around it, so `super()` would mean something else"
    LOOKED_UP = "what it is told to look for, `{name}`, is looked up by the same name"
    BOUND_ANEW = "`{name}` means something else here"
    COMMENT = "a comment stands in it"


class SuperCaution(enum.Enum):
    """Why `super()` is unsafe: what may tell it from `super(C, self)`."""

    DECORATED = "`{name}` may put another class in the place of the one that it decorates"
    PATCHED = "`{name}` may be patched or given another value: {place}"

    def text(self, name: str, place: str = "") -> str:
        """The caution in words."""
        return self.value.format(name=name, place=place)


@dataclass(frozen=True)
class Refused:
    """A fix that is not done, and why."""

    reason: Reason | ImportReason | LoopReason | SuperReason
    name: str = ""
    place: str = ""

    @property
    def text(self) -> str:
        """The reason in words."""
        sentence: str = self.reason.value
        return sentence.format(name=self.name, place=self.place)


OF_KEEP = (Reason.SEVERAL_TARGETS, Reason.WALRUS_IN_VALUE, Reason.SHARED_LINE)
OF_TRAMPOLINES = (
    Reason.COROUTINE_FUNCTION,
    Reason.OPEN_SIGNATURE,
    Reason.TAKEN_BACK,
    Reason.HELD_WEAKLY,
    Reason.LOOKED_AT,
    Reason.COMPARED_HERE,
)
_OTHERS = (*OF_KEEP, *OF_TRAMPOLINES)


def texts(reasons: Iterable[Reason]) -> tuple[str, ...]:
    """The reasons in words, for the pages of rules."""
    return tuple(Refused(reason, "name").text for reason in reasons)


def hoist_refusals() -> tuple[str, ...]:
    """Every reason why a closure's body is not moved, for the pages of rules."""
    return texts(reason for reason in Reason if reason not in _OTHERS)


def hoist_cautions() -> tuple[str, ...]:
    """Every reason why the fix is unsafe."""
    others = (Caution.ANOTHER_OBJECT, Caution.TURN)
    return tuple(caution.text("name") for caution in Caution if caution not in others)


def loop_refusals() -> tuple[str, ...]:
    """Every reason why the body of a loop is not moved."""
    shared = (
        Reason.MAYBE_UNBOUND,
        Reason.NONLOCAL_ELSEWHERE,
        Reason.CLASS_CELL,
        Reason.MANGLED,
        Reason.SEES_ITS_FRAME,
    )
    return tuple(Refused(reason, "name").text for reason in (*LoopReason, *shared))


def import_refusals() -> tuple[str, ...]:
    """Every reason why a copied name is left as it is."""
    return tuple(Refused(reason, "name", "file:line").text for reason in ImportReason)


def import_cautions() -> tuple[str, ...]:
    """Every reason why reading a name from its module is unsafe."""
    return tuple(caution.text("name", "file:line") for caution in ImportCaution)


def super_refusals() -> tuple[str, ...]:
    """Every reason why `super(C, self)` is left as it is."""
    return tuple(Refused(reason, "name").text for reason in SuperReason)


def super_cautions() -> tuple[str, ...]:
    """Every reason why `super()` is unsafe."""
    return tuple(caution.text("name", "file:line") for caution in SuperCaution)
