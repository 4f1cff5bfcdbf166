"""Modules that nobody wrote, and edits of them that nobody typed."""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Callable

PREAMBLE = "from dataclasses import dataclass\nimport enum\nimport functools\n"
# So that every kind of name means something. I: numbers, F: functions, C: classes, D: dataclasses.
BEGINNING = [
    *(f"I{n} = {n + 1}" for n in range(3)),
    *(f"def F{n}():\n    return {n}" for n in range(3)),
    *(f"class C{n}:\n    a0 = {n}" for n in range(3)),
    "@dataclass\nclass D0:\n    p: int = 1",
    "def deco0(f):\n    return f",
    "def deco1(f):\n    def w(*a, **k):\n        return f(*a, **k)\n    return w",
    "def make0(n):\n    return lambda: n",
    "def make1(n):\n    def g():\n        return n\n    return g",
]
# Not where a name is bound: an `if` that does not bind it now leaves what it meant before.
_TOKEN = re.compile(r"\b\d+\b|'[a-d]'|\b[IF]\d+\b(?! =|\()")


class Author:
    """Writes statements, and changes them. Only numbers are bound more than once."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.known: dict[str, list[int]] = defaultdict(lambda: [0], I=[0, 1, 2])
        self.known.update(F=[0, 1, 2], C=[0, 1, 2])

    def module(self) -> list[str]:
        """The statements of a module, below the preamble."""
        return BEGINNING + [self.statement() for _ in range(self.chance.randrange(3, 10))]

    def edited(self, statements: list[str]) -> list[str]:
        """The same with one to three changes."""
        edited = [*statements]
        for _ in range(self.chance.choice([1, 1, 1, 2, 3])):
            index = self.chance.randrange(len(edited))
            match self.chance.randrange(7):
                case 0:
                    del edited[index]
                case 1:
                    edited.insert(index, self.statement())
                case 2:
                    edited.append(self.statement())
                case 3 if edited[index].startswith(("class C", "@dataclass")):
                    edited[index] += f"\n    {self.method()}"
                case _:
                    edited[index] = self.with_another_token(edited[index])
        return edited

    def with_another_token(self, text: str) -> str:
        tokens = [each for each in _TOKEN.finditer(text) if each.start()]
        if not tokens:
            return text
        token = self.chance.choice(tokens)
        first = token.group()[0]
        new = "'e'" if first == "'" else self.number() if first.isdigit() else self.name(first)
        return text[: token.start()] + new + text[token.end() :]

    # names: to be read, and to be bound

    def name(self, kind: str) -> str:
        return f"{kind}{self.chance.choice(self.known[kind])}"

    def new(self, kind: str) -> str:
        self.known[kind].append(max(max(each) for each in self.known.values()) + 10)
        return f"{kind}{self.known[kind][-1]}"

    # expressions

    def number(self) -> str:
        return str(self.chance.randrange(1, 9))

    def constant(self) -> str:
        return self.chance.choice([self.number(), "'a'", "'b'", "(1, 2)", "None", "True"])

    def sum(self) -> str:
        name = self.name("I")
        return self.chance.choice(
            [self.number(), name, f"{name} + {self.number()}", f"{name} * 2", f"-{name}"]
        )

    def value(self) -> str:
        number = self.sum()
        several = [f"({number}, {self.constant()})", f"[{number}]"]
        return self.chance.choice([number, self.name("F"), self.name("C"), *several])

    def values(self, most: int) -> list[str]:
        return [self.value() for _ in range(self.chance.randrange(most))]

    def parameters(self) -> str:
        return self.chance.choice(["", f"x={self.sum()}", f"*a, k={self.sum()}"])

    # statements

    def statement(self) -> str:
        kinds: list[Callable[[], str]] = [
            lambda: f"{self.new('I')} = {self.sum()}",
            lambda: f"I{self.chance.randrange(3)} += {self.sum()}",
            lambda: f"{self.new('L')} = [{', '.join(self.values(4))}]",
            lambda: f"{self.new('G')} = {self.name('make')}({self.number()})",
            lambda: f"{self.new('F')} = lambda x={self.sum()}: (x, {self.sum()})",
            lambda: f"@{self.name('deco')}\n{self.function()}",
            self.branches, self.table, self.function, self.factory, self.decorator,
            self.a_class, self.a_dataclass, self.enumeration,
        ]  # fmt: skip
        return self.chance.choice(kinds)()

    def branches(self) -> str:
        test, one, other = self.sum(), self.sum(), self.sum()
        name = self.new("I")
        if self.chance.random() < 0.5:
            return f"if {test} > 2:\n    {name} = {one}\nelse:\n    {name} = {other}"
        return f"try:\n    {name} = {one}\nexcept ZeroDivisionError:\n    {name} = {other}"

    def table(self) -> str:
        keys = self.chance.sample("abcd", self.chance.randrange(4))
        entries = ", ".join(f"{key!r}: {self.value()}" for key in keys)
        return f"{self.new('T')} = {{{entries}}}"

    def function(self) -> str:
        number = self.sum()
        body = self.chance.choice(
            [
                f"return {number}, {self.constant()}",
                f"x = {self.constant()}\n    return [x, {number}]",
                f"return [y for y in ({number}, 1)]",
                f"return (lambda: {number})()",
            ]
        )
        return f"def {self.new('F')}({self.parameters()}):\n    {body}"

    def factory(self) -> str:
        captured = self.chance.choice(["n", "m", "(n, m)", "(m, n)"])
        inner = f"def g(x={self.number()}):\n        return {captured}, x, {self.sum()}"
        head = f"def {self.new('make')}(n):\n    m = -n"  # state of what is made
        return f"{head}\n    {inner}\n    return g"

    def decorator(self) -> str:
        result = f"{self.constant()}, {self.sum()}, f(*a, **k)"
        return (
            f"def {self.new('deco')}(f):\n    @functools.wraps(f)\n    def w(*a, **k):\n"
            f"        return {result}\n    return w"
        )

    def method(self) -> str:
        kind, arguments = self.chance.choice(
            [
                ("", f"self, x={self.sum()}"),
                ("@staticmethod\n    ", "x=1"),
                ("@classmethod\n    ", "cls, x=2"),
                ("@property\n    ", "self"),
            ]
        )
        name = f"m{self.chance.randrange(3)}"
        return f"{kind}def {name}({arguments}):\n        return {self.sum()}, {self.constant()}"

    def a_class(self) -> str:
        base = self.chance.choice(["", "", "(C0)", "(C1)", "(Exception)"])
        parts = [
            self.method(),
            f"a{self.chance.randrange(3)} = {self.value()}",
            f"t = {{'k': {self.value()}, 'j': {self.constant()}}}",
        ]
        chosen = self.chance.sample(parts, self.chance.randrange(1, 4))
        body = "\n    ".join(chosen)
        name = self.new("C")
        return f"class {name}{base if name not in base else ''}:\n    {body}"

    def a_dataclass(self) -> str:
        fields = self.chance.sample("pqr", self.chance.randrange(1, 4))
        body = "".join(f"\n    {field}: int = {self.sum()}" for field in fields)
        name = self.new("D")
        base = self.chance.choice(["", "(D0)"]) if name != "D0" else ""
        return f"@dataclass\nclass {name}{base}:{body}"

    def enumeration(self) -> str:
        members = self.chance.sample("XYZ", self.chance.randrange(1, 4))
        body = "".join(f"\n    {name} = {n}" for n, name in enumerate(members))
        return f"class {self.new('E')}(enum.Enum):{body}"
