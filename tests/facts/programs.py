"""Functions for the dynamic oracle, made up by hypothesis: see `running.py` for what they call."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from hypothesis import strategies as st

NAMES = ("a", "b", "c")
_T = TypeVar("_T")


class Writer:
    """Draws statements and expressions; closures are numbered in the order of drawing."""

    def __init__(self, draw: Callable[[st.SearchStrategy[Any]], Any]) -> None:
        self._draw = draw
        self._closures = 0
        self._in_loop = self._in_class = False
        self._budget = 26

    def pick(self, choices: Sequence[_T]) -> _T:
        return self._draw(st.sampled_from(choices))  # type: ignore[no-any-return]

    def name(self) -> str:
        return self.pick(NAMES)

    def number(self) -> int:
        self._closures += 1
        return self._closures

    # ------------------------------------------------------------------------------- expressions

    def reads(self) -> str:
        return f"({self.name()}, {self.name()})"

    def closure(self, depth: int = 1) -> str:
        number = self.number()
        kind = self.pick(("plain", "plain", "nested", "default", "walrus", "listed"))
        if kind == "nested" and depth:
            return f"mk({number}, lambda: {self.closure(depth - 1)})"
        if kind == "default" and depth:
            return f"mk({number}, lambda x={self.closure(depth - 1)}: {self.reads()})"
        if kind == "walrus":
            return f"mk({number}, lambda: ({self.name()} := v(), {self.name()}))"
        if kind == "listed":
            return f"mk({number}, lambda: [{self.name()} for _ in it()])"
        return f"mk({number}, lambda: {self.reads()})"

    def value(self, depth: int = 2) -> str:
        kind = self.pick(_EXPRESSIONS) if depth else self.pick(("v", "closure", "walrus"))
        sub = (lambda: self.value(depth - 1)) if depth else (lambda: "v()")
        name = self.name()
        if kind == "closure":
            return self.closure()
        if kind == "walrus":
            return f"({name} := {sub()})"
        if kind == "call":
            return f"v({sub()}, {sub()})"
        if kind == "keywords":
            return f"dict(x={sub()}, **dict(y={sub()}))"
        if kind == "and":
            return f"({sub()} {self.pick(('and', 'or'))} {sub()})"
        if kind == "compare":
            return f"(v({sub()}) < v({sub()}) < v({sub()}))"
        if kind == "conditional":
            return f"({sub()} if {self.test()} else {sub()})"
        if kind == "dict":
            return f"{{v({sub()}): {sub()}, v(): {sub()}}}"
        if kind == "list":
            return f"[{sub()}, *[{sub()}]]"
        if kind == "comprehension":
            return self.comprehension(depth - 1)
        if kind == "lazy":
            return f"gen({self.generator(depth - 1)})"
        if kind == "fstring":
            return f'f"{{v({sub()})!r:{{v({sub()})}}}}"' if sys.version_info >= (3, 12) else "v()"
        return "v()"

    def test(self) -> str:
        kind = self.pick(("cond", "cond", "walrus", "and", "not", "closure"))
        if kind == "walrus":
            return f"({self.name()} := cond())"
        if kind == "and":
            return f"({self.test()} {self.pick(('and', 'or'))} {self.test()})"
        if kind == "not":
            return f"(not {self.test()})"
        return f"cond({self.closure()})" if kind == "closure" else "cond()"

    def comprehension(self, depth: int) -> str:
        clauses, element = self.clauses(depth)
        kind = self.pick(("[{0} {1}]", "{{{0} {1}}}", "{{v({0}): v({0}) {1}}}", "list({0} {1})"))
        return kind.format(f"v({element})", clauses)

    def generator(self, depth: int) -> str:
        clauses, element = self.clauses(depth)
        return f"({element} {clauses})"

    def clauses(self, depth: int) -> tuple[str, str]:
        # Since 3.12 CPython loses a captured name that a comprehension in the class body binds.
        is_safe = sys.version_info < (3, 12) or not self._in_class
        targets = (("i", "j"), ("a", "i"), ("i", "b"), ("a", "b"))
        first, second = self.pick(targets if is_safe else targets[:1])
        # A walrus may not bind what the comprehension does, nor stand in its iterables.
        inner = self.closure(0).replace(f"{first} :=", "k :=").replace(f"{second} :=", "k :=")
        walrus = self.pick([n for n in NAMES if n not in (first, second)])
        clauses = f"for {first} in it()"
        if self.pick((True, False)):
            clauses += f" if cond({inner.replace(':=', '==')})"
        if self.pick((True, False)):
            clauses += f" for {second} in v({self.plain_closure()})"
        element = self.pick((f"({walrus} := v())", self.plain_closure(), "v()", first))
        return clauses, f"v({element}, {self.plain_closure() if depth else 'v()'})"

    def plain_closure(self) -> str:
        return f"mk({self.number()}, lambda: ({self.pick((*NAMES, 'i', 'j'))}, {self.name()}))"

    # -------------------------------------------------------------------------------- statements

    def block(self, depth: int) -> list[str]:
        lines: list[str] = []
        for _ in range(self._draw(st.integers(1, 3))):
            lines += self.statement(depth)
        return lines

    def nested(self, depth: int) -> list[str]:
        return ["    " + line for line in self.block(depth - 1)]

    def in_loop(self, depth: int) -> list[str]:
        before, self._in_loop = self._in_loop, True
        lines = self.nested(depth)
        self._in_loop = before
        return lines

    def statement(self, depth: int) -> list[str]:
        self._budget -= 1
        if self._budget < 0:
            return ["v()"]
        if depth and self.pick((True, True, False)):
            return getattr(self, self.pick(_COMPOUND))(depth)  # type: ignore[no-any-return]
        return self.simple(self.pick(_SIMPLE))

    def simple(self, kind: str) -> list[str]:
        name, other = self.name(), self.name()
        if kind == "jump":
            jumps = ["return v()", "raise ValueError", f"return {self.value(1)}", "return"]
            return [self.pick([*jumps, "break", "continue"] if self._in_loop else jumps)]
        templates = {
            "assign": f"{name} = {self.value()}",
            "unpack": f"{name}, {other} = {self.value()}",
            "targets": f"{name} = {other} = {self.value()}",
            "item": f"v()[{self.value(1)}] = {name} = {self.value(1)}",
            "star": f"[{name}, *{other}] = v({self.value()})",
            "add": f"{name} += v({self.value(1)})",
            "annotated": f"{name}: int = {self.value()}",
            "declared": f"{name}: v({self.closure(0)})",
            "delete": f"del {name}",
            "value": f"v({self.value()})",
            "read": f"v({name})",
            "assert": f"assert {self.test()}, {self.value(1)}",
            "import": f"import sys as {name}",
            "yield": f"{name} = yield {self.value(1)}",
            "late": "late()",
        }
        return [templates[kind]]

    def definition(self, depth: int) -> list[str]:
        number = self.number()
        body = self.pick((self.reads(), f"v({self.closure(0)})"))
        lines = [f"@mk({number})", f"def {self.name()}(x={self.value(1)}):"]
        if self.pick((True, False, False, False)):
            written = self.name()
            lines += [f"    nonlocal {written}"]
            lines += [
                self.pick((f"    {written} = v()", f"    del {written}", f"    v({written})"))
            ]
        return [*lines, f"    return {body}"]

    def klass(self, depth: int) -> list[str]:
        before, self._in_class = self._in_class, True
        lines = self.class_statement()
        self._in_class = before
        return lines

    def class_statement(self) -> list[str]:
        lines = [f"class {self.name()}(base({self.value(1)})):"]
        if self.pick((True, False, False, False)):
            return [*lines, f"    nonlocal {self.name()}", *self.nested(1)]
        lines += [f"    x = {self.value(1)}", f"    y: v({self.value(1)}) = {self.closure()}"]
        lines += [f"    @mk({self.number()})", f"    def m(self): return {self.reads()}"]
        return lines

    def choice(self, depth: int) -> list[str]:
        lines = [f"if {self.test()}:", *self.nested(depth)]
        if self.pick((True, False)):
            lines += [f"elif {self.test()}:", *self.nested(depth)]
        if self.pick((True, False)):
            lines += ["else:", *self.nested(depth)]
        return lines

    def loop(self, depth: int) -> list[str]:
        test = self.pick((self.test(), "True", "1"))
        lines = [f"while {test}:", *self.in_loop(depth)]
        if test in ("True", "1"):
            lines += ["    if cond(): break"]
        return [*lines, *self.orelse(depth)]

    def iteration(self, depth: int) -> list[str]:
        target = self.pick((self.name(), f"{self.name()}, v()[{self.value(1)}]", "i"))
        source = self.pick(("it()", f"v({self.value(1)})"))
        return [f"for {target} in {source}:", *self.in_loop(depth), *self.orelse(depth)]

    def orelse(self, depth: int) -> list[str]:
        return ["else:", *self.nested(depth)] if self.pick((True, False, False)) else []

    def attempt(self, depth: int) -> list[str]:
        lines = ["try:", *self.nested(depth)]
        handlers = self._draw(st.integers(0, 2))
        is_group = sys.version_info >= (3, 11) and self.pick((True, False, False))
        before = self._in_loop
        for kind in ("ValueError", "(KeyError, NameError)")[:handlers]:
            caught = self.pick((kind, f"caught({kind}, {self.value(1)})"))
            named = self.pick(("", f" as {self.name()}"))
            if is_group:
                self._in_loop = False
                body = [f"    {line}" for line in (f"v({self.value(1)})", "risk()")]
                body += [f"    {self.name()} = {self.value(1)}", f"    del {self.name()}"]
                lines += [f"except* {caught}{named}:", *body]
            else:
                lines += [f"except {caught}{named}:", *self.nested(depth)]
        self._in_loop = before
        if handlers:
            lines += self.orelse(depth)
        if not handlers or self.pick((True, False)):
            lines += ["finally:", *self.nested(depth)]
        return lines

    def guarded(self, depth: int) -> list[str]:
        items = []
        for _ in range(self._draw(st.integers(1, 2))):
            target = self.pick(("", f" as {self.name()}", f" as ({self.name()}, {self.name()})"))
            items.append(self.pick(("cm()", f"v({self.value(1)}) and cm()")) + target)
        return [f"with {', '.join(items)}:", *self.nested(depth)]

    def matching(self, depth: int) -> list[str]:
        name, other = self.name(), self.name()
        patterns = [
            f"Value({name}, y=_) | Value({name})",
            f'{{"k": {name}, **{name}_rest}}',
            f"[{name}, *_]",
            f"({name}, *_) as {name}_all",
            name,
            "_",
            f"None | {other}",
        ]
        if name != other:
            patterns += [
                f"[{name}, *{other}]",
                f'{{"l": {name}, **{other}}}',
                f"Value({name}) as {other}",
            ]
        lines = [f"match {self.pick(('v()', 'mapping()', f'[{self.value(1)}, v()]'))}:"]
        for pattern in (self.pick(patterns[:4] + patterns[7:]), self.pick(patterns)):
            guard = self.pick(("", "", f" if {self.test()}"))
            if pattern in (name, "_", f"None | {other}") and len(lines) == 1:
                guard = " if cond()"
            lines += [f"    case {pattern}{guard}:"]
            lines += ["    " + line for line in self.nested(depth)]
        return lines


_EXPRESSIONS = (
    "v", "closure", "closure", "walrus", "call", "keywords", "and", "compare", "conditional",
    "dict", "list", "comprehension", "lazy", "fstring",
)  # fmt: skip
_SIMPLE = (
    "assign", "assign", "unpack", "targets", "item", "star", "add", "annotated", "declared",
    "delete", "value", "value", "read", "assert", "import", "yield", "late", "jump",
)  # fmt: skip
_COMPOUND = (
    "definition", "klass", "choice", "choice", "loop", "iteration", "attempt", "attempt",
    "guarded", "matching",
)  # fmt: skip


@st.composite
def programs(draw: Callable[[st.SearchStrategy[Any]], Any]) -> str:
    """A function `f(z)` in which `a`, `b` and `c` are local, some of them parameters."""
    writer = Writer(draw)
    head = draw(st.sampled_from(("def f(z):", "def f(z, a=v()):", "def f(c, *a):")))
    body = writer.block(3)
    # Below what is never reached: makes the names local, and says nothing.
    lines = [*body, "return v()", "a = b = c = i = j = None"]
    return textwrap.dedent(head + "\n" + textwrap.indent("\n".join(lines), "    ") + "\n")
