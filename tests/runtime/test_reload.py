"""What of an edited module runs again, what takes whose place, and what stays."""

from __future__ import annotations

import gc
import inspect
import linecache
import sys
import threading

import pytest

from reloadlint.runtime import reload
from tests.runtime.conftest import Project

# ------------------------------------------------------------------------------ what runs again


def test_the_guard_of_a_program_does_not_follow_what_it_reads(project: Project) -> None:
    guard = f"if __name__ == {project.name!r}:\n    DOUBLE = LIMIT * 2\n"
    module = project.start(f"LIMIT = 1\n{guard}")
    project.write(f"LIMIT = 2\n{guard}")
    report = reload(module)
    assert (module.LIMIT, module.DOUBLE) == (2, 2)
    assert report.executed == [f"{project.file}:1"]


FOLLOWERS = {
    "X: int = LIMIT * 2\n": 4,
    "X = [n for n in range(LIMIT)]\n": [0, 1],
    "X = LIMIT\nX += LIMIT\n": 4,
}


@pytest.mark.parametrize("text", FOLLOWERS)
def test_what_is_computed_from_a_name_follows_it(project: Project, text: str) -> None:
    module = project.start(f"LIMIT = 1\n{text}")
    project.write(f"LIMIT = 2\n{text}")
    assert reload(module).complete
    assert FOLLOWERS[text] == module.X


@pytest.mark.parametrize(
    "text", ["if ask():\n    DOUBLE = LIMIT * 2\n", "DOUBLE = LIMIT\nDOUBLE += ask()\n"]
)
def test_what_has_effects_does_not_follow_a_name(project: Project, text: str) -> None:
    text = f"CALLS = []\ndef ask():\n    CALLS.append(1)\n    return 1\nLIMIT = {{}}\n{text}"
    module = project.start(text.format(1))
    project.write(text.format(2))
    report = reload(module)
    (entry,) = report.not_updated
    assert (entry.rule, entry.line) == ("RL302", 6)
    assert report.kept == [f"{project.name}.DOUBLE"]
    assert (module.CALLS, module.DOUBLE) == ([1], 2)


def test_a_value_that_binds_a_name_on_the_way_is_not_computed_again(project: Project) -> None:
    text = "LIMIT = {}\nDOUBLE = (half := LIMIT) * 2\n"
    module = project.start(text.format(1))
    project.write(text.format(2))
    (entry,) = reload(module).not_updated
    assert (entry.rule, entry.line) == ("RL302", 2)
    assert (module.half, module.DOUBLE) == (1, 2)


def test_a_branch_of_an_expression_in_a_suite_is_part_of_it(project: Project) -> None:
    text = "if True:\n    X = 1 if True else 2\n"
    module = project.start(text)
    project.write(text.replace("1", "3"))
    reload(module)
    assert module.X == 3


def test_a_value_is_not_computed_again_for_the_sake_of_its_annotation(project: Project) -> None:
    module = project.start("X: object = object()\n")
    held = module.X
    project.write("X: float = object()\n")
    assert reload(module).executed == []
    assert module.X is held


def test_an_alias_of_another_object_leaves_that_object_alone(project: Project) -> None:
    text = "import html.entities\nX = html.entities.{}\n"
    module = project.start(text.format("html5"))
    held, before = module.X, {**module.X}
    project.write(text.format("codepoint2name"))
    reload(module)
    assert held == before
    assert module.X is module.html.entities.codepoint2name


def test_a_module_that_is_imported_comes_before_the_one_that_imports_it(project: Project) -> None:
    other = project.another()
    user = f"import {other.name}\nSEEN = [{other.name}.X, {{}}].copy()\nprint()\n"
    other.write("X = 1\n")
    module = project.start(user.format(1))
    other.write("X = 2\n")
    project.write(user.format(2))
    assert reload(module, other.name).executed == [f"{other.file}:1", f"{project.file}:2"]
    assert module.SEEN == [2, 2]


NAMES_USED_AGAIN = {  # before, after, and what is then to be computed
    "X = 1\nY = X\nX = 2\nZ = X\n": ("X = 5\nY = X\nX = 2\nZ = X\n", "X, Y, Z"),
    "X = 1\nY = X\nX = 2\n": ("X = 1\nY = -X\nX = 2\n", "X, Y"),
    "X = 1\nY = [X]\nX = 2\n": ("X = 3\nY = [X, X]\nX = 2\n", "X, Y"),
    "X = 2\n": ("X = None\nX = 2\n", "X"),
    "X = 1\nX = X + 1\n": ("X = 1\nX = X + 2\n", "X"),
    "X = 1\nX += 1\nY = X\nX = 9\n": ("X = 1\nX += 1\nY = -X\nX = 9\n", "X, Y"),
    "X = 1\nX = 2\nY = X\n": ("X = 1\nY = X\n", "X, Y"),
    "X = [1]\nX = [2]\n": ("X = [1]\n", "X"),
    "X = 1\nif X:\n    X = 2\n": ("X = 1\nif X:\n    Z = 2\n", "X, Z"),
    "A = 1\nX = 1\nX += A\nA += 5\n": ("A = 2\nX = 1\nX += A\nA += 5\n", "A, X"),
    "X = 1\nY = X\nX += 1\n": ("X = 1\nY = X\nX += 1\nX += 1\n", "X, Y"),
    "X = [Y for Y in (1,)]\nY = 1\nY = 2\n": ("X = [Y for Y in (3,)]\nY = 1\nY = 2\n", "X, Y"),
    "def f(): return 1\nX = f\n": ("def f(): return 1\nX = f\ndef f(): return 2\n", "X(), f()"),
    "class C:\n    x = 1\nX = C\n": (
        "class C:\n    x = 1\nX = C\nclass C:\n    x = 2\n",
        "X.x, C.x",
    ),
    "X = 1\nif 0:\n    X = 2\n": ("X = 3\nif 0:\n    X = 2\n", "X"),
    "X = 1\nY = dict(X=2)\n": ("X = 3\nY = dict(X=2)\n", "X"),
    "X = [1]\nX += [2]\n": ("X = [3]\nX += [2]\n", "X"),
}


@pytest.mark.parametrize("before", NAMES_USED_AGAIN)
def test_a_name_means_what_is_bound_to_it_last(project: Project, before: str) -> None:
    after, seen = NAMES_USED_AGAIN[before]
    module = project.start(before)
    project.write(after)
    reload(module)
    namespace: dict[str, object] = {}
    exec(after, namespace)
    assert eval(seen, vars(module)) == eval(seen, namespace)


WRAPPED = "CALLS = []\ndef make():\n    CALLS.append(1)\n    return 'app'\napp = make()\n"


def test_what_cannot_be_made_as_it_was_is_not_wrapped_twice(project: Project) -> None:
    module = project.start(WRAPPED + "app = f'<{app}>'\n")
    project.write(WRAPPED + "app = f'[{app}]'\n")
    (entry,) = reload(module).not_updated
    assert (entry.rule, entry.line) == ("RL302", 6)
    assert "reads app, which means something else by now" in entry.reason
    assert (module.app, module.CALLS) == ("<app>", [1])


NOT_MADE_AGAIN = {  # where Y reads an X that cannot be had any more, and what is read instead of Y
    "A = 1\nX = A\nA = 2\nY = X\nX = 9\n": "Y",
    "CALLS = []\nX = 1\nX += CALLS.append(1) or 1\nY = X\nX = 9\n": "len(CALLS)",
}


@pytest.mark.parametrize("before", NOT_MADE_AGAIN)
def test_what_depends_on_more_than_itself_is_not_made_again(project: Project, before: str) -> None:
    module = project.start(before)
    project.write(before.replace("Y = X", "Y = -X"))
    (entry,) = reload(module).not_updated
    assert (entry.name, entry.rule) == (f"{project.name}.Y", "RL302")
    assert eval(NOT_MADE_AGAIN[before], vars(module)) == 1


def test_a_branch_that_did_not_bind_a_name_is_no_obstacle(project: Project) -> None:
    text = "x = {{}}\ny = [x{}]\nif False:\n    x = 1\n"
    module = project.start(text.format(""))
    held = module.x
    project.write(text.format(", 1"))
    reload(module)
    assert module.y == [held, 1]
    assert module.y[0] is module.x is held


def test_what_a_branch_may_bind_takes_over_the_old_contents(project: Project) -> None:
    text = "x = {}\nif False:\n    x = 1\n"
    module = project.start(text.format("{}"))
    held = module.x
    held["state"] = 1
    project.write(text.format("{'a': 2}"))
    reload(module)
    assert module.x is held
    assert held == {"state": 1, "a": 2}


def test_a_statement_is_not_concerned_by_names_that_it_does_not_read(project: Project) -> None:
    text = "CALLS = []\nX = CALLS.append(1)\nZ = {}\nX = 2\n"
    module = project.start(text.format(1))
    project.write(text.format(2))
    assert reload(module).complete
    assert (module.X, module.Z) == (2, 2)


def test_a_star_import_binds_only_what_it_brings(project: Project) -> None:
    other = project.another()
    text = f"import sys\nX = 1\nfrom {other.name} import *\nmost = sys.maxsize{{}}\nX = {{}}\n"
    other.write("NEW = 1\n")
    module = project.start(text.format("", "NEW"))
    other.write("NEW = 2\n")
    project.write(text.format(" - 1", "NEW + X"))
    report = reload(other.name, module)
    assert report.complete
    assert module.most == sys.maxsize - 1
    assert module.X == 3


def test_a_function_is_wrapped_as_it_was_made(project: Project) -> None:
    text = "def f(): return 'f'\ndef w(f): return lambda: [f()]\nf = w(f){}\n"
    module = project.start(text.format(""))
    project.write(text.format(" if w else f"))
    reload(module)
    assert module.f() == ["f"]


def test_what_stands_further_up_and_has_effects_is_reported(project: Project) -> None:
    text = "CALLS = []\nX = CALLS.append(1) or 'a'\n"
    module = project.start(text + "X = 'b'\n")
    project.write(text)
    (entry,) = reload(module).not_updated
    assert (entry.name, entry.rule) == (f"{project.name}.X", "RL302")
    assert (module.X, module.CALLS) == ("b", [1])


def test_an_overload_stands_in_for_no_implementation(project: Project) -> None:
    text = "from typing import overload\n@overload\ndef f(x: {}): ...\ndef f(x): return x\n"
    module = project.start(text.format("int"))
    held = module.f
    project.write(text.format("str"))
    reload(module)
    assert module.f is held
    assert held(1) == 1


def test_a_class_of_the_same_name_further_up_is_another_one(project: Project) -> None:
    text = "class C:\n    x = {}\nFIRST = C\nclass C:\n    x = 2\n"
    module = project.start(text.format(1))
    second = module.C
    project.write(text.format(3))
    reload(module)
    assert (module.C is second, second.x, module.FIRST.x) == (True, 2, 3)


def test_a_closure_takes_nothing_over_from_another_one(project: Project) -> None:
    text = "def make(n):\n    return lambda: n\nX = make({0})\nY = make(1)\n"
    text += "def same(f): return f\n@same\ndef decorated(x={0}): pass\n"
    module = project.start(text.format(1))
    project.write(text.format(2))
    reload(module)
    assert (module.X(), module.Y()) == (2, 1)


def test_statements_that_share_a_line_make_their_own_functions(project: Project) -> None:
    text = "A = [lambda: {0}]; B = [lambda: {0} + 1]\n"
    module = project.start("\n" + text.format(1))
    project.write("A = B = None\n" + text.format(2))
    reload(module)
    assert (module.A[0](), module.B[0]()) == (2, 3)


def test_a_closure_with_fewer_captures_has_its_new_defaults(project: Project) -> None:
    text = "def make(a, b):\n    def f(x={}): return x, a{}\n    return f\n"
    module = project.start(text.format(1, ", b"))
    held = module.make("a", "b")
    project.write(text.format(2, ""))
    reload(module)
    assert held() == (2, "a")


def test_the_interpreter_is_as_before(project: Project) -> None:
    text = "import gc, sys\nSEEN = gc.isenabled(), sys.getswitchinterval(), {}\n"
    module = project.start(text.format(1))
    before = module.SEEN[:2]
    project.write(text.format(2))
    report = reload(module)
    assert module.SEEN[0] is False, "syntax trees would start collections"
    assert module.SEEN[1] > before[1], "other threads should see no mixture"
    assert (gc.isenabled(), sys.getswitchinterval()) == before
    assert report.seconds > 0
    gc.disable()
    try:
        reload(module)
        assert not gc.isenabled()
    finally:
        gc.enable()


RENAMED = {  # what an edit makes of the captures of a closure, where it is not certain
    "x = 1\n    y = 1": "p = 1\n    q = 1",
    "x = 1\n    y = 2": "p = 1\n    q = 3",
}


@pytest.mark.parametrize("before", RENAMED)
def test_a_capture_that_may_be_another_one_is_reported(project: Project, before: str) -> None:
    text = "def make():\n    {}\n    return lambda: [{}]\n"
    module = project.start(text.format(before, "x, y"))
    held = module.make()
    project.write(text.format(RENAMED[before], "p, q, 0"))
    (entry,) = reload(module).not_updated
    assert "for which the live closure has no cell" in entry.reason
    assert len(held()) == 2


def test_a_capture_beside_another_one_that_is_bound_alike_is_not_taken_for_it(
    project: Project,
) -> None:
    text = "def make():\n    x = 1\n    y = 1\n    return lambda: [{}]\n"
    module = project.start(text.format("x"))
    held = module.make()
    project.write(text.format("y, y"))
    (entry,) = reload(module).not_updated
    assert "`y`, for which the live closure has no cell" in entry.reason
    assert held() == [1]


def test_a_class_of_a_function_of_another_module_is_left_alone(project: Project) -> None:
    text = "def make():\n    class C:\n        x = {}\n    return C\n"
    other = project.another().start(text.format(1))
    module = project.start(text.format(1))
    mine, its = module.make(), other.make()
    project.write(text.format(2))
    reload(module)
    assert (mine.x, its.x) == (2, 1)


def test_a_function_that_hands_on_has_the_new_signature(project: Project) -> None:
    text = "def make(a, b):\n    def f({}): return a{}\n    return f\n"
    module = project.start(text.format("x=0", ", b"))
    held = module.make(1, 2)
    project.write(text.format("y=0", ""))
    reload(module)
    assert str(inspect.signature(held)) == "(y=0)"


def test_a_member_that_is_gone_is_found_by_no_value(project: Project) -> None:
    text = "import enum\nclass E(enum.Enum):\n    A = 1\n"
    module = project.start(text + "    B = 2\n")
    project.write(text)
    reload(module)
    with pytest.raises(ValueError, match="2 is not a valid"):
        module.E(2)


def test_what_stands_in_a_method_of_another_kind_is_the_same_function(project: Project) -> None:
    text = (
        "LIMIT = {}\nclass C:\n    @staticmethod\n    def s(x=LIMIT): return x\n"
        "    @classmethod\n    def c(cls, x=LIMIT): return x\n"
        "    @property\n    def p(self, x=LIMIT): return x\n"
    )
    module = project.start(text.format(1))
    held = [module.C.s, module.C.c, vars(module.C)["c"].__func__, vars(module.C)["p"].fget]
    project.write(text.format(2))
    reload(module)
    now = [module.C.s, module.C.c, vars(module.C)["c"].__func__, vars(module.C)["p"].fget]
    assert now == held
    assert [held[0](), held[1](), held[3](None)] == [2, 2, 2]


def test_reloads_in_two_threads_come_one_after_the_other(project: Project) -> None:
    text = "import time\nSEEN = []\nSEEN.append('in') or time.sleep(0.05) or SEEN.append({})\n"
    module = project.start(text.format(1))
    module.SEEN.clear()
    threads = [threading.Thread(target=reload, args=[module]) for _ in range(2)]
    project.write(text.format(2))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert module.SEEN == ["in", 2]


def test_names_follow_through_many_modules(project: Project) -> None:
    chain = [project, *(project.another() for _ in range(12))]
    for one, other in zip(chain[1:], chain, strict=False):
        one.write(f"from {other.name} import X\nX = X + 1\n")
    project.write("X = 1\n")
    last = chain[-1].start(chain[-1].file.read_text(encoding="utf-8"))
    assert last.X == 13
    project.write("X = 101\n")
    reload(project.name)
    assert last.X == 113


def test_a_failed_reload_leaves_those_that_followed_as_they_were(project: Project) -> None:
    other = project.another()
    project.write("X = 1\n")
    follower = other.start(f"from {project.name} import X\nDOUBLE = X * 2\n")
    project.write("X = 2\ndef __after_reload__(state): raise KeyError(state)\n")
    with pytest.raises(KeyError):
        reload(project.name)
    assert (follower.X, follower.DOUBLE) == (1, 2)


def test_only_what_lacks_a_capture_is_decorated_again(project: Project) -> None:
    text = (
        "SEEN = []\ndef deco(f):\n    SEEN.append(f.__name__)\n    x = 1\n"
        "    def w(): return f(){}\n    return w\n"
        "def same(f):\n    SEEN.append(f.__name__)\n    return f\n"
        "@deco\ndef one(): return 1\n@same\ndef two(): return 2\n"
    )
    module = project.start(text.format(""))
    project.write(text.format(", x"))
    reload(module)
    assert module.one() == (1, 1)
    assert module.SEEN == ["one", "two", "one"]


def test_a_docstring_that_the_program_set_stays(project: Project) -> None:
    text = "def f():\n    'It is {}.'\ndef g():\n    'It is {}.'\n"
    module = project.start(text.format("old", "old"))
    module.f.__doc__ = "It is mine."
    project.write(text.format("new", "new"))
    reload(module)
    assert (module.f.__doc__, module.g.__doc__) == ("It is mine.", "It is new.")


def test_lines_are_looked_up_in_the_new_text(project: Project) -> None:
    module = project.start("def f(): return 'old'\n")
    assert "old" in linecache.getline(str(project.file), 1)
    project.write("def f(): return 'new'\n")
    reload(module)
    assert "new" in linecache.getline(str(project.file), 1)


def test_a_declaration_computes_nothing(project: Project) -> None:
    module = project.start("T = int\nX: T\n")
    project.write("T = str\nX: T\n")
    report = reload(module)
    assert report.executed == [f"{project.file}:1"]
    assert report.complete


def test_a_declaration_of_another_type_is_executed(project: Project) -> None:
    module = project.start("X: int\n")
    project.write("X: str\n")
    reload(module)
    assert module.__annotations__ == {"X": str}


def test_an_alias_is_not_bound_again_to_have_a_wrapper_made_anew(project: Project) -> None:
    text = "def wrap(g, more=0):\n    def w(): return {}\n    return w\n"
    text += "@wrap\ndef f(): return 'f'\n@wrap\ndef g(): return 'g'\nCURRENT = f\n"
    module = project.start(text.format("g()"))
    module.CURRENT = module.g
    project.write(text.format("g(), more"))
    reload(module)
    assert module.CURRENT is module.g
    assert module.CURRENT() == ("g", 0)


def test_a_text_of_another_type_is_another_one(project: Project) -> None:
    other = project.another()
    module = project.start("class T(str): pass\nONE = T('a')\n")
    user = other.start(f"from {project.name} import ONE\n")
    project.write("class T(str): pass\nONE = 'a'\n")
    reload(module)
    assert type(user.ONE) is str
    del sys.modules[other.name]


def test_a_value_that_is_as_before_has_no_followers(project: Project) -> None:
    module = project.start("X = 1000\nY = object() if X else None\n")
    project.write("X = 500 * 2\nY = object() if X else None\n")
    report = reload(module)
    assert report.executed == [f"{project.file}:1"]
    assert (report.updated, report.not_updated) == ([], [])


def test_an_object_that_only_looks_as_before_is_another_one(project: Project) -> None:
    other = project.another()
    text = "class P:\n    def __init__(self, x): self.x = x\n    def __repr__(self): return 'P'\n"
    module = project.start(f"{text}ONE = P(1)\n")
    user = other.start(f"from {project.name} import ONE\n")
    project.write(f"{text}ONE = P(2)\n")
    reload(module)
    assert user.ONE is module.ONE
    assert user.ONE.x == 2
    del sys.modules[other.name]


def test_a_name_that_a_module_gives_when_asked_is_not_gone(project: Project) -> None:
    other = project.another()
    text = (
        "def __getattr__(name):\n    if name != 'lazy': raise AttributeError\n    return 'given'\n"
    )
    module = project.start(f"{text}X = 1\n")
    user = other.start(f"from {project.name} import X, lazy\n")
    project.write(f"{text}X = 2\n")
    assert reload(module).complete
    assert (user.X, user.lazy) == (2, "given")
    del sys.modules[other.name]


def test_relative_imports_are_followed(project: Project) -> None:
    folder = project.folder / project.name
    folder.mkdir()
    project.file = folder / "__init__.py"
    part, user = project.another(), project.another()
    for each, name in ((part, "part"), (user, "user")):
        each.name, each.file = f"{project.name}.{name}", folder / f"{name}.py"
    part.write("X = 1\n")
    project.write("from .part import X\n")
    module = user.start("from .part import X\n")
    part.write("X = 2\n")
    reload(part.name)
    assert (sys.modules[project.name].X, module.X) == (2, 2)
    del sys.modules[part.name], sys.modules[user.name]


def test_what_a_branch_that_is_not_taken_binds_was_not_added(project: Project) -> None:
    text = "X = {}\nif X > 5:\n    Y = X\n"
    module = project.start(text.format(1))
    project.write(text.format(2))
    assert reload(module).added == []
    project.write(text.format(6))
    assert reload(module).added == [f"{project.name}.Y"]


# ------------------------------------------------------------------------------- the docstring


def test_the_docstring_is_the_one_that_the_compiler_makes(project: Project) -> None:
    text = '"""Module\n    that is {}\n    """\nX = 1\n'
    module = project.start(text.format("old"))
    project.write(text.format("new"))
    assert reload(module).updated == [f"{project.name}.__doc__"]
    namespace: dict[str, object] = {}
    exec(text.format("new"), namespace)
    assert module.__doc__ == namespace["__doc__"]
    project.write(text.format("new").replace("1", "2"))
    reload(module)
    assert module.__doc__ == namespace["__doc__"]
    project.write("X = 2\n")
    reload(module)
    assert module.__doc__ is None


def test_what_is_made_of_a_docstring_follows_it(project: Project) -> None:
    text = '"""It is {}."""\n__doc__ += " {{}}"\nUSAGE = __doc__.format(1)\n'
    module = project.start(text.format("old"))
    assert module.USAGE == "It is old. 1"
    project.write(text.format("new"))
    reload(module)
    assert (module.__doc__, module.USAGE) == ("It is new. {}", "It is new. 1")
    project.write(text.format("new") + "X = 1\n")
    reload(module)
    assert module.__doc__ == "It is new. {}"


def test_a_text_below_a_name_is_no_docstring_of_the_module(project: Project) -> None:
    text = '"""Module."""\nX = 1\n"""What X is: {}."""\n'
    module = project.start(text.format("old"))
    project.write(text.format("new"))
    assert reload(module).executed == []
    reload(module, full=True)
    assert module.__doc__ == "Module."


def test_a_path_that_a_package_extended_stays(project: Project) -> None:
    project.file = project.folder / project.name / "__init__.py"
    project.file.parent.mkdir()
    module = project.start("__path__ = [*__path__, 'elsewhere']\nX = 1\n")
    project.write("__path__ = [*__path__, 'elsewhere']\nX = 2\n")
    reload(module)
    assert (module.__path__, module.X) == ([str(project.file.parent), "elsewhere"], 2)


# ---------------------------------------------------------------------- what takes whose place


def test_a_function_that_only_moved_is_as_before(project: Project) -> None:
    text = "import functools\n@functools.lru_cache\ndef f(): return object()\n"
    module = project.start(text)
    made = module.f()
    project.write(f"\n{text}")
    assert reload(module).updated == []
    assert module.f() is made
    assert module.f.__wrapped__.__code__.co_firstlineno == 3


def test_what_a_definition_made_that_ran_again_is_known_the_next_time(project: Project) -> None:
    text = "import math\nSTATE = []\ndef f(x={0}): return math.floor({0}), x\ndef g(): pass\n"
    module = project.start(text.format(1))
    module.STATE.append("kept")
    for number in (2, 3):
        project.write(text.format(number))
        assert reload(module).executed == [f"{project.file}:3"]
        assert module.f() == (number, number)
    assert module.STATE == ["kept"]


def test_what_a_function_in_a_suite_binds_is_its_own(project: Project) -> None:
    text = (
        "if True:\n    y = object()\n    Z = {0}\n    def f():\n        y = {0}\n        return y\n"
    )
    module = project.start(text.format(1))
    state, held = module.y, module.f
    project.write(text.format(2))
    reload(module)
    assert module.y is state
    assert (held(), module.Z) == (2, 2)


def test_state_in_a_suite_stays_where_something_beside_it_follows(project: Project) -> None:
    text = "LIMIT = {0}\nif True:\n    STATE = object()\n    Z = LIMIT + {0}\n"
    module = project.start(text.format(1))
    state = module.STATE
    project.write(text.format(2))
    reload(module)
    assert module.Z == 4
    assert module.STATE is state


@pytest.mark.parametrize("name", ["C", "_C", "__"])
def test_a_private_name_of_a_class_is_state_like_others(project: Project, name: str) -> None:
    text = f"class {name}:\n    __seen = [0]\n    limit = {{}}\n    def see(self):\n"
    text += "        self.__seen.append(self.limit)\n        return self.__seen\n"
    module = project.start(text.format(1))
    instance = getattr(module, name)()
    instance.see()
    project.write(text.format(2))
    reload(module)
    assert instance.see() == [0, 1, 2]


def test_a_private_attribute_that_instances_have_is_not_lacking(project: Project) -> None:
    init = "class C:\n    def __init__(self):\n        self.x = 1\n"
    fill = "    def fill(self):\n        self.__y = 2\n"
    module = project.start(init + fill)
    instance = module.C()
    project.write(f"{init}        self.__y = 1\n{fill}")
    (entry,) = reload(module).not_updated
    assert "`_C__y`" in entry.reason
    assert entry.line == 1
    instance.fill()
    project.write(f"{init}        self.__y = 3\n        self.__y = 1\n{fill}")
    assert reload(module).complete


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("dict(a=1)", "dict(b=2)"),
        ("dict([('a', 1)])", "dict([('b', 2)])"),
        ("set([1])", "set([2])"),
    ],
)
def test_what_a_call_was_given_goes_with_it(project: Project, before: str, after: str) -> None:
    module = project.start(f"X = {before}\n")
    held = module.X
    project.write(f"X = {after}\n")
    reload(module)
    assert held is module.X
    assert held == eval(after)


CONTENTS = {  # before, what the program does, after, and what is there then
    "{'on': [], 'off': []}": ("X['on'].append(1)", "{'on': [], 'z': []}", {"on": [1], "z": []}),
    "{'n': 0, 'most': 1}": ("X['n'] = 7", "{'n': 0, 'most': 2}", {"n": 7, "most": 2}),
    "{'a': 1, 'b': 1}": ("del X['a']", "{'a': 1, 'b': 2}", {"b": 2}),
    "{'a': {'b': 1}}": ("X['a']['c'] = 2", "{'a': {'b': 3}}", {"a": {"b": 3, "c": 2}}),
    "{('a', 1): 1, ('b', 1): 2}": ("X['c'] = 3", "{('a', 1): 1}", {("a", 1): 1, "c": 3}),
    "{K.a: 1, K.b: 2}": ("X['c'] = 3", "{K.a: 1}", {"a": 1, "c": 3}),
    "{int: 1, str: 2}": ("X['c'] = 3", "{int: 1}", {int: 1, "c": 3}),
    "{**N, 'a': 1}": ("X['c'] = 3", "{**N, 'b': 1}", {"n": 1, "b": 1, "c": 3}),
    "['a']": ("X.append('c')", "['a', 'b']", ["a", "b", "c"]),
    "[1, True]": ("X.append(2.0)", "[True]", [True, 2.0]),
    "[(K.a, 1)]": ("X.append('c')", "[(K.b, 1)]", [("b", 1), "c"]),
    "[K.a]": ("X.append('c')", "[K.b]", ["b", "c"]),
    "[K.c()]": ("X.append('c')", "[K.b]", ["b"]),
    "[]": ("X.append('c')", "['a']", ["a", "c"]),
    "[1]": ("X[:] = 'ab'", "[2]", [2, "a", "b"]),
    "{'a'}": ("X.add('c')", "{'b'}", {"b", "c"}),
    "dict()": ("X['c'] = 1", "dict(a=1)", {"c": 1, "a": 1}),
    "[N]": ("X.append('c')", "[N, 1]", [{"n": 1}, 1, "c"]),
    "Bus()": ("X.append('c')", "Bus([1])", [1, "c"]),
    "build()": ("X.append('c')", "[3]", [3]),
}


@pytest.mark.parametrize("place", ["X = {}\n", "class C:\n    X = {}\nX = C.X\n"])
@pytest.mark.parametrize("before", CONTENTS)
def test_what_the_program_did_to_a_container_stays(
    project: Project, before: str, place: str
) -> None:
    did, after, want = CONTENTS[before]
    text = "class K:\n    a, b, c = 'a', 'b', int\nN = {{'n': 1}}\ndef build(): return [1]\n"
    text += f"class Bus(list): pass\n{place}"
    module = project.start(text.format(before))
    held = module.X
    exec(did, vars(module))
    project.write(text.format(after))
    reload(module)
    assert module.X is held
    assert (held, [*map(type, held)]) == (want, [*map(type, want)])  # type: ignore[call-overload]


def test_an_entry_follows_the_name_that_it_reads(project: Project) -> None:
    text = "A, B = {}, 2\nD = {{'list': [A], 'sum': A + B, A: 'a', 'b': B}}\nL = [A, B]\n"
    module = project.start(text.format(1))
    held = module.D
    held["b"] = "mine"
    project.write(text.format(3))
    reload(module)
    assert module.D is held
    assert held == {"list": [3], "sum": 5, 3: "a", "b": "mine"}
    assert module.L == [3, 2]


def test_an_entry_that_a_call_made_stays_with_what_it_was_given(project: Project) -> None:
    text = "class Button:\n    def __init__(self, f): self.f = f\n"
    text += "x = {{'a': Button(lambda: {0}), 'b': {0}}}\n"
    module = project.start(text.format(1))
    held = module.x["a"]
    project.write(text.format(2))
    reload(module)
    assert module.x == {"a": held, "b": 2}
    assert held.f() == 2


def test_lambdas_that_are_as_before_are_not_made_anew(project: Project) -> None:
    text = "X = [lambda: 1]\nY = {}\n"
    module = project.start(text.format(1))
    project.write(text.format(2))
    assert reload(module).executed == [f"{project.file}:2"]


DERIVED = "@dataclass\nclass B({}):\n    y: int = 2\n"


def test_a_dataclass_follows_the_fields_of_its_base(project: Project) -> None:
    other = project.another()
    text = "from dataclasses import dataclass\n@dataclass\nclass A:\n    x: int = {}\n"
    base = project.start(text.format(1) + DERIVED.format("A"))
    module = other.start(
        f"import {project.name}\nfrom dataclasses import dataclass\n"
        + DERIVED.format(f"{project.name}.B")
    )
    first, second = base.B, module.B
    project.write(text.format(3) + "    z: int = 4\n" + DERIVED.format("A"))
    report = reload(base)
    assert base.B is first
    assert module.B is second
    assert [vars(cls()) for cls in (first, second)] == [{"x": 3, "z": 4, "y": 2}] * 2
    assert len(report.executed) == 3


def test_a_dataclass_does_not_follow_a_base_without_fields(project: Project) -> None:
    text = "from dataclasses import dataclass\nclass A:\n    x = {}\n" + DERIVED.format("A")
    module = project.start(text.format(1))
    project.write(text.format(2))
    assert reload(module).executed == [f"{project.file}:2"]


def test_only_a_field_is_lacking(project: Project) -> None:
    text = "class C:\n    def __init__(self, y=1): self.z = y\n"
    module = project.start(text)
    held = module.C()
    project.write(text + "    x: int = 1\n")
    assert reload(module).complete
    assert held.x == 1


def test_a_dataclass_with_another_decorator_is_reported(project: Project) -> None:
    text = (
        "from dataclasses import dataclass\nSEEN = []\n@dataclass\nclass A:\n    x: int = {}\n"
        "@SEEN.append\n@dataclass\nclass B(A):\n    y: int = 2\n"
    )
    module = project.start(text.format(1))
    project.write(text.format(3))
    (entry,) = reload(module).not_updated
    assert (entry.name, entry.rule) == (f"{project.name}.B", "RL302")
    assert len(module.SEEN) == 1


def test_defaults_that_the_program_gave_a_function_stay(project: Project) -> None:
    module = project.start("def f(a, b): return a, b\n")
    module.f.__defaults__ = (1, 2)
    project.write("def f(a, b): return b, a\n")
    reload(module)
    assert module.f() == (2, 1)


def test_bodies_at_the_left_edge_are_told_apart(project: Project) -> None:
    text = "def f(x, y):\n    return [lambda: {}, lambda: (\nx)]\n"
    module = project.start(text.format("y"))
    one, other = module.f(1, 2)
    assert (one(), other()) == (2, 1)
    project.write(text.format("(y, y)"))
    reload(module)
    assert (one(), other()) == ((2, 2), 1)


@pytest.mark.skipif(sys.version_info < (3, 11), reason="code knows no columns")
def test_lambdas_in_a_line_are_told_apart_in_whatever_order_they_are_evaluated(
    project: Project,
) -> None:
    text = "def make(): return (lambda x={0!r}: x) if (lambda: {0!r})() else None\n"
    module = project.start(text.format("old"))
    held = module.make()
    project.write(text.format("new"))
    reload(module)
    assert held() == "new"


def test_what_the_compiler_leaves_out_is_no_obstacle(project: Project) -> None:
    text = "x = 1\nif 0:\n    y = lambda: 1\n"
    text += "def make(): return [lambda: {}, (lambda: 2) if 0 else x]\n"
    module = project.start(text.format("x"))
    held = module.make()[0]
    project.write(text.format("-x"))
    reload(module)
    assert held() == -1


LINES = {  # two versions of a list, and what is in the old one then
    "lambda: x, lambda: 1": ("lambda: x, lambda: y", ["x", "y"]),
    "lambda: 1, lambda: x": ("lambda: y, lambda: x", ["y", "x"]),
    "lambda: 1, lambda: x, lambda: 1": ("lambda: 1, lambda: y, lambda: 1", [1, "y", 1]),
    "lambda: f'{x}', lambda: 1, lambda: x": ("lambda: f'{y}', lambda: 1, lambda: y", ["y", 1, "y"]),
    "lambda: lambda: 1, lambda: x": ("lambda: lambda: 1, lambda: y", [1, "y"]),
}


@pytest.mark.parametrize("before", LINES)
def test_lambdas_of_constants_in_a_line_are_told_apart(project: Project, before: str) -> None:
    after, want = LINES[before]
    text = "x, y = 'xy'\ndef make(): return [{}]\n"
    module = project.start(text.format(before))
    held = module.make()
    project.write(text.format(after))
    reload(module)
    values = [each() for each in held]
    assert [each() if callable(each) else each for each in values] == want


# Up to 3.10 all equal lambdas in a line are one code object, on 3.12 those of constants.
@pytest.mark.parametrize("body", ["None", "x"])
@pytest.mark.parametrize("text", ["def make(): return {}\nD = make()\n", "D = {}\n"])
def test_an_edit_of_one_of_equal_lambdas_in_a_line_goes_to_no_other(
    project: Project, text: str, body: str
) -> None:
    before, after = (f"{{'a': lambda: {body}, 'b': lambda: {b}}}" for b in (body, "(x, x)"))
    module = project.start("x = None\n" + text.format(before))
    a, b = module.D["a"], module.D["b"]
    project.write("x = None\n" + text.format(after))
    report = reload(module)
    assert (a(), module.D["a"]()) == (None, None)
    shared = sys.version_info < (3, 11) or (body == "None" and sys.version_info[:2] == (3, 12))
    if shared:
        assert b() is None
        assert "of one code" in str(report)
    else:
        assert (b(), report.complete) == ((None, None), True)
    made_by_statement = text.startswith("D")
    assert (module.D["b"]() == (None, None)) == (made_by_statement or not shared)


# --------------------------------------------------------------------------------- registries

REGISTRIES = {
    "H = []\ndef on(f):\n    H.append(f)\n    return f\n": "H[0]",
    "class L(list): pass\nH = L()\ndef on(f):\n    H.append(f)\n    return f\n": "H[0]",
    "class L(list): pass\nH = L()\ndef on(f):\n    H.last = f\n    return f\n": "H.last",
    "import argparse\nH = argparse.Namespace()\ndef on(f):\n    H.f = f\n    return f\n": "H.f",
    "import functools\nclass C: pass\nH = C()\ndef on(f):\n    functools.update_wrapper(H, f)\n"
    "    return f\n": "H.__wrapped__",
}


@pytest.mark.parametrize("text", REGISTRIES)
def test_a_registry_is_given_the_function_that_is_there(project: Project, text: str) -> None:
    module = project.start(f"{text}def f(): return 'old'\n")
    held = module.f
    project.write(f"{text}@on\ndef f(): return 'new'\n")
    reload(module)
    assert eval(REGISTRIES[text], vars(module)) is module.f is held


def test_a_class_that_is_a_registry_is_not_written_to_behind_its_back(project: Project) -> None:
    text = "class C: pass\ndef on(f):\n    C.f = f\n    C.f, C().f\n    return f\n"
    module = project.start(f"{text}def f(): return 'old'\n")
    project.write(f"{text}@on\ndef f(): return 'new'\n")
    reload(module)
    assert vars(module.C)["f"] is module.C.f
    assert module.C.f() == "new"


FILLED = {  # with what fills them, and where
    "class L(list): pass\nH = L()\nH.last = 0\n": ("H.append(1)\nH.last = 1\n", "H, vars(H)"),
    "class C:\n    H = []\n": ("C.H.append(1)\n", "C.H"),
    "class C: pass\nc = C()\nc.H = []\n": ("c.H.append(1)\nc.x = 2\n", "vars(c)"),
}


@pytest.mark.parametrize("text", FILLED)
def test_what_a_failed_reload_put_into_a_registry_is_taken_out(project: Project, text: str) -> None:
    filling, place = FILLED[text]
    module = project.start(text)
    before = repr(eval(place, vars(module)))
    project.write(f"{text}{filling}1 / 0\n")
    with pytest.raises(ZeroDivisionError):
        reload(module)
    assert repr(eval(place, vars(module))) == before
