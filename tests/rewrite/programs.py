"""Random programs whose closures are kept, run early and late, and log all that they do.

`program(random)` gives a module; `run(text)` executes it and returns its log. A program is
deterministic. What is logged: values, exceptions with type and message, and the order of it all.
"""

from __future__ import annotations

import ast
import random as random_module
import re
import sys
import types
from pathlib import Path
from typing import Any

_PRELUDE = """\
import asyncio
import contextlib
import functools

from stage import Box, Bus, drive, attempt, bus, guard, keep, log, poke, settle, show, tick

G = 1
"""
_STAGE = compile((Path(__file__).parent / "stage.py").read_text(), "stage.py", "exec")

_FUNCTION_NAMES = re.compile(r"(?:[\w<>]+\.)*(<lambda>|\w+)\(\)")


def run(text: str) -> list[str] | None:
    """The log of a program; of the names of functions only the last part, as moving changes it.

    None for one that recurses without end: where a stack ends is the one thing that a trampoline,
    which takes a frame, may change. CPython cannot be left to end it: 3.13.0 lets functions with
    star parameters recurse for ever, until the memory is full.
    """
    stage = types.ModuleType("stage")
    exec(_STAGE, vars(stage))
    sys.modules["stage"] = stage
    tree = ast.fix_missing_locations(_Guarded().visit(ast.parse(text)))
    try:
        exec(compile(tree, "subject.py", "exec", dont_inherit=True), {"__name__": "subject"})
    except stage.TooDeep:
        return None
    finally:
        del sys.modules["stage"]
    if stage.IS_TOO_DEEP:
        return None
    return [_FUNCTION_NAMES.sub(r"\1()", repr(entry)) for entry in stage.LOG]


class _Guarded(ast.NodeTransformer):
    """Lets every function look first how deep the stack is."""

    def _guard(self) -> ast.Call:
        return ast.Call(ast.Name("guard", ast.Load()), [], [])

    def visit_FunctionDef(self, node: Any) -> ast.AST:
        self.generic_visit(node)
        behind = 1 if ast.get_docstring(node) is not None else 0
        node.body.insert(behind, ast.Expr(self._guard()))
        return node  # type: ignore[no-any-return]

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
        self.generic_visit(node)
        node.body = ast.BoolOp(ast.Or(), [self._guard(), node.body])
        return node


def program(random: random_module.Random) -> str:
    """A module with a few functions that make closures, and a run of them."""
    return _Writer(random).program()


class _Frame:
    """A function that is being written: names that it may read, kind, and what it is for."""

    def __init__(self, names: list[str], kind: str, *, is_closure: bool, depth: int) -> None:
        self.names = names
        self.kind = kind  # def, async, gen, agen, lambda
        self.is_closure = is_closure
        self.depth = depth
        self.is_method = False


class _Writer:
    def __init__(self, random: random_module.Random) -> None:
        self.random = random
        self.lines: list[str] = []
        self.indent = 0
        self.count = 0

    def program(self) -> str:
        self.lines = [_PRELUDE]
        calls: list[str] = []
        for number in range(self.random.randint(1, 3)):
            calls += self.maker(number)
        self.put("")
        for call in calls:
            self.put(call)
            self.put("poke()")
        self.put("settle()")
        return "\n".join(self.lines) + "\n"

    # ---------------------------------------------------------------------------- small helpers

    def put(self, line: str) -> None:
        self.lines.append("    " * self.indent + line if line else "")

    def chance(self, percent: int) -> bool:
        return self.random.randrange(100) < percent

    def pick(self, *options: Any) -> Any:
        return options[self.random.randrange(len(options))]

    def fresh(self, stem: str) -> str:
        self.count += 1
        return f"{stem}{self.count}"

    # --------------------------------------------------------------------------------- makers

    def maker(self, number: int) -> list[str]:
        """A top-level function, method, coroutine or generator in which closures are made."""
        kind = self.pick("def", "def", "def", "gen", "async")
        is_method = self.chance(25)
        names = [name for name in ("a", "b", "c", "d") if self.chance(75)] or ["a"]
        frame = _Frame(["a", "b", "c", "d"], kind, is_closure=False, depth=0)
        self.put("")
        if is_method:
            self.put(f"class C{number}:")
            self.indent += 1
            frame.names.append("self")
            frame.is_method = True
        head = "async def" if kind == "async" else "def"
        parameters = ", ".join([*(["self"] if is_method else []), names[0]])
        self.put(f"{head} m{number}({parameters}):")
        self.indent += 1
        if is_method:
            self.put(f"self.value = {self.random.randint(0, 3)}")
        for name in names[1:]:
            if self.chance(70):
                self.put(f"{name} = {self.constant()}")
        self.block(frame, self.random.randint(3, 8))
        if kind == "gen":
            self.put("yield 'end'")
        self.indent -= 2 if is_method else 1
        target = f"C{number}().m{number}" if is_method else f"m{number}"
        if kind == "async" and self.chance(50):
            return [f"asyncio.run(drive({target}({self.constant()})))"]
        return [f"attempt({target}, {self.constant()})"]

    # ------------------------------------------------------------------------------ statements

    def block(self, frame: _Frame, size: int) -> None:
        before = len(self.lines)
        for _ in range(size):
            self.statement(frame)
        if len(self.lines) == before:
            self.put("pass")

    def inner_block(self, frame: _Frame) -> None:
        self.indent += 1
        if self.indent > 6:
            self.put(f"log({self.expression(frame)})")
        else:
            self.block(frame, self.random.randint(1, 2))
        self.indent -= 1

    def statement(self, frame: _Frame) -> None:
        options = [
            self.assign, self.assign, self.say, self.say, self.branch, self.loop,
            self.attempt_block, self.with_block, self.poke_statement, self.match_block,
            self.delete, self.suspend, self.suspend, self.leave,
        ]  # fmt: skip
        if frame.depth < 3:
            makers = [self.closure, self.lambda_statement, self.comprehension, self.writer]
            options += makers * (3 if frame.depth == 0 else 1)
        self.pick(*options)(frame)

    def assign(self, frame: _Frame) -> None:
        name = self.pick("a", "b", "c", "d", "x", "y")
        if name in {"x", "y"} and not frame.is_closure:
            name = "a"
        if frame.is_closure and name not in {"x", "y"} and self.chance(80):
            name = "x"  # a captured name that is assigned would be a local one
        self.put(f"{name} {self.pick('=', '=', '=', '+=')} {self.expression(frame)}")
        if name not in frame.names:
            frame.names.append(name)

    def say(self, frame: _Frame) -> None:
        self.put(f"log({self.expression(frame)}, {self.expression(frame)})")

    def branch(self, frame: _Frame) -> None:
        self.put(f"if {self.expression(frame)}:")
        self.inner_block(frame)
        if self.chance(50):
            self.put("else:")
            self.inner_block(frame)

    def loop(self, frame: _Frame) -> None:
        name = "y" if frame.is_closure else self.pick("a", "b", "c", "d")
        if name not in frame.names:
            frame.names.append(name)
        iterable = self.pick("range(2)", "(1, 's')", "[]", "range(3)", "()")
        self.put(f"for {name} in {iterable}:")
        self.inner_block(frame)
        if self.chance(15):
            self.put("else:")
            self.inner_block(frame)

    def attempt_block(self, frame: _Frame) -> None:
        name = "x" if frame.is_closure else self.pick("a", "b", "e")
        self.put("try:")
        self.inner_block(frame)
        if self.chance(50):
            self.indent += 1
            self.put(f"raise ValueError({self.expression(frame)})")
            self.indent -= 1
        kind = self.pick("ValueError", "Exception", "NameError", "TypeError")
        self.put(f"except {kind} as {name}:")
        if name not in frame.names:
            frame.names.append(name)
        self.inner_block(frame)
        if self.chance(30):
            self.put("finally:")
            self.inner_block(frame)

    def with_block(self, frame: _Frame) -> None:
        name = "x" if frame.is_closure else self.pick("a", "b", "c")
        self.put(f"with Box({self.random.randint(0, 2)}) as {name}:")
        if name not in frame.names:
            frame.names.append(name)
        self.inner_block(frame)

    def match_block(self, frame: _Frame) -> None:
        name = "y" if frame.is_closure else self.pick("a", "c", "d")
        self.put(f"match {self.pick('[1, 2]', '{1: 2}', '3', self.expression(frame))}:")
        if name not in frame.names:
            frame.names.append(name)
        self.indent += 1
        self.put(f"case [{name}, *_]:")
        self.inner_block(frame)
        self.put(f"case {{1: {name}}}:")
        self.inner_block(frame)
        self.indent -= 1

    def poke_statement(self, frame: _Frame) -> None:
        self.put("poke()")

    def delete(self, frame: _Frame) -> None:
        if not frame.is_closure and self.chance(40):
            self.put(f"del {self.pick('a', 'b', 'c', 'd')}")

    def suspend(self, frame: _Frame) -> None:
        if frame.kind == "gen":
            kept = f"log((yield {self.name(frame)}))"
            self.put(self.pick(f"yield {self.expression(frame)}", kept))
        elif frame.kind == "agen" and self.chance(60):
            self.put(f"yield {self.expression(frame)}")
        elif frame.kind in {"async", "agen"}:
            self.put("await tick()")

    def leave(self, frame: _Frame) -> None:
        if self.chance(70):
            return
        if self.chance(30):
            self.put(f"raise {self.pick('ValueError', 'KeyError')}({self.expression(frame)})")
        else:
            self.put("return" if frame.kind == "agen" else f"return {self.expression(frame)}")

    # -------------------------------------------------------------------------------- closures

    def parameters(self, frame: _Frame) -> tuple[str, list[str]]:
        """A parameter list with defaults from the scope around, and its names."""
        form = self.random.randrange(10)
        default = self.expression(frame, 1)
        if form < 3:
            return "", []
        if form < 5:
            return f"x={default}", ["x"]
        if form == 5:
            return f"x, /, y={default}", ["x", "y"]
        if form == 6:
            return "*x, z=0", ["x", "z"]
        if form == 7:
            return f"x=1, *, z={default}, **y", ["x", "y", "z"]
        if form == 8:
            return f"x={default}, *y, **z", ["x", "y", "z"]
        return "x, y=[]", ["x", "y"]

    def closure(self, frame: _Frame) -> None:
        kind = self.pick("def", "def", "def", "gen", "async", "agen")
        parameters, names = self.parameters(frame)
        own = self.fresh("f") if self.chance(80) else self.pick("a", "b")
        inner = _Frame([*frame.names, *names, own], kind, is_closure=True, depth=frame.depth + 1)
        if self.chance(20):
            self.put(self.pick("@keep", "@functools.wraps(log)", "@keep"))
        head = "async def" if kind in {"async", "agen"} else "def"
        if kind == "agen" and self.chance(20):
            self.put("@contextlib.asynccontextmanager")
        self.put(f"{head} {own}({parameters}):")
        self.indent += 1
        if self.chance(10):
            self.put('"""What it does."""')
        if self.chance(10):
            self.put("global G")
            self.put(f"G = {self.constant()}")
        self.block(inner, self.random.randint(1, 4))
        if kind in {"gen", "agen"}:
            self.put(f"yield {self.expression(inner)}")
        if kind != "agen" and self.chance(70):
            self.put(f"return {self.expression(inner)}")
        self.indent -= 1
        if own not in frame.names:
            frame.names.append(own)
        self.give_away(frame, own)

    def give_away(self, frame: _Frame, value: str) -> None:
        if self.chance(20):
            self.poke_statement(frame)
        if frame.kind == "gen" and self.chance(30):
            self.put(f"yield {value}")
        elif self.chance(15):
            self.put(f"return {value}")
        elif frame.is_method and self.chance(30):
            self.put(f"self.callback = {value}")
            self.put("keep(self.callback)")
        else:
            self.put(self.pick(f"keep({value})", f"bus.subscribe({value})"))

    def lambda_statement(self, frame: _Frame) -> None:
        self.give_away(frame, self.function_expression(frame))

    def function_expression(self, frame: _Frame) -> str:
        parameters, names = self.parameters(frame)
        inner = _Frame([*frame.names, *names], "lambda", is_closure=True, depth=frame.depth + 1)
        return f"lambda {parameters}: {self.expression(inner)}".replace("lambda :", "lambda:")

    def comprehension(self, frame: _Frame) -> None:
        names = [*frame.names, "i"]
        inner = _Frame(names, "lambda", is_closure=frame.is_closure, depth=frame.depth)
        condition = f" if {self.expression(inner, 1)}" if self.chance(20) else ""
        value = f"keep({self.function_expression(inner)})"
        left, right = self.pick(("[", "]"), ("[", "]"), ("{", "}"), ("list(", ")"))
        self.put(f"log({left}{value} for i in (1, 's'){condition}{right} and 0)")

    def writer(self, frame: _Frame) -> None:
        """A closure that rebinds a name of the function around it."""
        if frame.is_closure or self.chance(75):
            return
        own, name = self.fresh("w"), self.pick("a", "b", "c")
        # The name must be bound somewhere in the scope around.
        self.put(f"if {name if self.chance(20) else '1'}:")
        self.put(f"    {name} = {self.constant()}")
        self.put(f"def {own}(x=1):")
        self.put(f"    nonlocal {name}")
        self.put(f"    {name} = x")
        self.put(f"    return log({self.constant()}, {name})")
        self.put(f"keep({own})")

    # ----------------------------------------------------------------------------- expressions

    def constant(self) -> str:
        return str(self.pick("0", "1", "2", "'s'", "None", "(1, 2)", "Box(1)", "Box(0)"))

    def name(self, frame: _Frame) -> str:
        return str(self.pick(*frame.names, *frame.names[-2:], "G"))

    def expression(self, frame: _Frame, depth: int = 0) -> str:
        if depth > 2 or self.chance(35):
            return self.name(frame) if self.chance(75) else self.constant()
        templates = [*_EXPRESSIONS, *_EXPRESSIONS_IN.get(frame.kind, ())]
        if frame.depth < 3 and depth < 2:
            templates += ["keep(FUNCTION)"] * 2
        if frame.kind != "lambda" and frame.is_closure:
            templates += ["log(x := NAME)"]
        makers = {
            "ONE": lambda: self.expression(frame, depth + 1),
            "NAME": lambda: self.name(frame),
            "FUNCTION": lambda: self.function_expression(frame),
        }
        # Only what is picked is made: what may stand in it holds expressions again.
        return _PLACE.sub(lambda place: makers[place.group()](), self.pick(*templates))


_PLACE = re.compile(r"ONE|NAME|FUNCTION")
_EXPRESSIONS = (
    *("(ONE + ONE)", "(ONE, ONE)", "log(ONE)", "log(ONE, ONE)", "(ONE == ONE)", "(ONE or ONE)"),
    *("(ONE and ONE)", "(ONE if ONE else NAME)", "[ONE, *(ONE,)]", "f'{NAME!s:.5}'[:1]"),
    *("(not ONE)", "{1: ONE, 2: ONE}", "[i for i in (ONE, ONE)]"),
    *("list(i for i in (ONE,) if i == NAME)", "(NAME).poked", "(NAME).value", "(poke(), ONE)[1]"),
    *("attempt(NAME, ONE)", "(ONE)[0]", "show(ONE)", "(lambda i: (i, ONE))(ONE)", "NAME(ONE)"),
)
_EXPRESSIONS_IN = {
    "async": ("(await tick(), ONE)[1]",),
    "agen": ("(await tick(), ONE)[1]",),
    "gen": ("(yield ONE)",),
}
