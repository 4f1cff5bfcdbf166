"""What a sink is: a place that receives a value, and what is called there, if anything."""

from __future__ import annotations

import ast
import enum
from dataclasses import dataclass

from reloadlint.facts.nodes import ClosureNode, FunctionNode
from reloadlint.facts.targets import Class, Function, Target


class SinkKind(enum.Enum):
    """What receives the value."""

    ARGUMENT = "argument"
    DECORATOR = "decorator"
    ATTRIBUTE = "attribute"
    CONTAINER = "container"
    GLOBAL = "module-level name"
    RETURN = "return"
    YIELD = "yield"
    DEFAULT = "default argument"
    CLASS_BODY = "class body"
    CAPTURE = "capture"
    CONSUMED = "consumed"  # called, compared, iterated over, dropped
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Callee:
    """What is called: `qualified` where imports tell, `name` as written last, `text` as written.

    `target` is what that leads to: a function or class of the project, or something outside.
    """

    qualified: str | None
    name: str
    text: str
    target: Target | None = None

    @property
    def definition(self) -> FunctionNode | None:
        """The function of the project that is called, or that a class's call runs."""
        function = self.function
        return function.node if function else None

    @property
    def is_class(self) -> bool:
        """True where the call makes an instance of a class of the project."""
        return isinstance(self.target, Class)

    @property
    def function(self) -> Function | None:
        """As `definition`, with its file."""
        if isinstance(self.target, Class):
            return self.target.facts.targets.constructor(self.target)
        return self.target if isinstance(self.target, Function) else None


@dataclass(frozen=True)
class Sink:
    """One place that receives the value.

    `node` is the place. `callee` and `parameter` (position or keyword) belong to an argument, and
    `callee` to a decorator; `target` is the text of what is assigned to; `by` the closure that
    captures. `is_contained` where the value went there inside of a container or iterator.
    """

    kind: SinkKind
    node: ast.AST
    callee: Callee | None = None
    parameter: int | str | None = None
    target: str = ""
    by: ClosureNode | None = None
    is_contained: bool = False

    @property
    def parameter_name(self) -> str | None:
        """The name of the parameter that an argument is bound to, as far as it can be seen."""
        function = self.callee.function if self.callee else None
        if isinstance(self.parameter, str):
            return self.parameter
        if self.callee is None or self.parameter is None or function is None:
            return None
        is_method = function.is_bound or self.callee.is_class
        return parameter_name(function.node, self.parameter, is_method=is_method)


def parameter_name(
    definition: FunctionNode, parameter: int | str, *, is_method: bool
) -> str | None:
    """The name of the parameter of `definition` that an argument is bound to.

    None for what ends up in `*args` or `**kwargs`, and where there is no such parameter.
    """
    args = definition.args
    if isinstance(parameter, str):
        named = [arg.arg for arg in (*args.args, *args.kwonlyargs)]
        return parameter if parameter in named else None
    positional = [*args.posonlyargs, *args.args][1 if is_method else 0 :]
    return positional[parameter].arg if parameter < len(positional) else None
