"""What a name leads to, over the files of a project."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from reloadlint import files
from reloadlint.config import Config
from reloadlint.facts.project import Project
from reloadlint.facts.targets import Function, Target


def target(root: Path, expression: str, texts: dict[str, str]) -> Target | None:
    """What the expression stands for in the first of the modules."""
    for name, text in texts.items():
        (root / name).write_text(text, encoding="utf-8")
    path = str(root / next(iter(texts)))
    facts = Project(Config(root=root), files.read, [path]).facts(path)
    assert facts is not None
    node = ast.parse(expression, mode="eval").body
    return facts.targets.of(node, facts.index.module)


@pytest.mark.parametrize(("modules", "is_found"), [(1, True), (3, True), (20, False)])
def test_what_is_passed_on_is_followed_so_far(tmp_path: Path, modules: int, is_found: bool) -> None:
    texts = {f"m{n}.py": f"from m{n + 1} import f\n" for n in range(modules)}
    texts[f"m{modules}.py"] = "def f(): pass\n"
    assert isinstance(target(tmp_path, "f", texts), Function) is is_found


def test_what_is_passed_on_in_a_circle_is_nowhere(tmp_path: Path) -> None:
    texts = {"a.py": "from b import f\n", "b.py": "from a import f\n"}
    assert target(tmp_path, "f", texts) is None


def test_of_a_fast_variant_and_one_to_fall_back_on_that_of_the_project_counts(
    tmp_path: Path,
) -> None:
    text = "try:\n    from fast import f\nexcept ImportError:\n    from slow import f\n"
    found = target(tmp_path, "f", {"a.py": text, "slow.py": "def f(): pass\n"})
    assert isinstance(found, Function)
    assert found.facts.module == "slow"


@pytest.mark.parametrize(
    ("expression", "is_found"),
    [("x1.f", True), ("x3.f", True), ("x20.f", False), ("D.f", True), ("E.f", False)],
)
def test_a_method_is_found_by_its_class(tmp_path: Path, expression: str, is_found: bool) -> None:
    text = (
        "class A: pass\nclass B(A): pass\nclass F:\n    def f(self): pass\n"
        "class C(A, F): pass\nclass D(B, C): pass\nclass E(E): pass\n" + "x0 = F()\n"
    )
    text += "".join(f"x{n + 1} = x{n}\n" for n in range(20))
    assert isinstance(target(tmp_path, expression, {"a.py": text}), Function) is is_found


@pytest.mark.parametrize(
    "bases", [["A.B"], ["A.B.C"], ["B.C", "A.C"], ["B().C", "A().C"], ["[A.B][0]"]]
)
def test_a_class_among_its_own_bases_is_followed_but_once(tmp_path: Path, bases: list[str]) -> None:
    text = "".join(
        f"class {name}({base}):\n    def f(self): pass\n"
        for name, base in zip("AB", bases, strict=False)
    )
    assert isinstance(target(tmp_path, "A.f", {"a.py": text}), Function)
    assert target(tmp_path, "A.g", {"a.py": text}) is None


MOVED = """\
class Log:
    def write(self): pass

def {name}(log, write, text):
    return lambda: (log.write, write)

def start(bus):
    log = Log()
    bus.on_text(lambda text: {call})
{more}"""


def seen_in_moved(root: Path, call: str, more: str = "", name: str = "_moved") -> list[bool]:
    """Whether it is known, in a body that was moved, what it is given for `log` and `write`."""
    text = MOVED.format(name=name, call=call, more=more)
    (root / "a.py").write_text(text, encoding="utf-8")
    facts = Project(Config(root=root), files.read, [str(root / "a.py")]).facts(str(root / "a.py"))
    assert facts is not None
    display = next(node for node in ast.walk(facts.tree) if isinstance(node, ast.Tuple))
    scope = facts.index.scope_at(display)
    return [isinstance(facts.targets.of(each, scope), Function) for each in display.elts]


@pytest.mark.parametrize(
    ("call", "is_known"),
    [
        ("_moved(log, log.write, text)", [True, True]),
        ("_moved(log, text=text, write=log.write)", [True, True]),
        ("_moved(log, *text)", [True, False]),
        ("_moved(*text, log, log.write)", [False, False]),
        ("_moved(*text, log.write, text)", [False, False]),
        ("bus.go(_moved)", [False, False]),
        ("(_moved(log, log.write, 1), _moved(text, text, text))", [False, False]),
    ],
)
def test_what_the_only_call_of_a_private_function_gives_it_is_known(
    tmp_path: Path, call: str, is_known: list[bool]
) -> None:
    assert seen_in_moved(tmp_path, call) == is_known


@pytest.mark.parametrize(
    "more",
    ["_moved = bus\n", "def f(): return _moved\n", "def f():\n    global _moved\n    _moved = 1\n"],
)
def test_of_a_function_with_another_use_it_is_not(tmp_path: Path, more: str) -> None:
    assert seen_in_moved(tmp_path, "_moved(log, log.write, text)", more) == [False, False]


def test_what_others_may_call_is_given_anything(tmp_path: Path) -> None:
    assert seen_in_moved(tmp_path, "moved(log, log.write, text)", name="moved") == [False, False]
