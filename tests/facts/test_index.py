"""Parents, scopes and uses of names; what a name means agrees with CPython's symbol tables."""

from __future__ import annotations

import ast
import symtable
import sys
from pathlib import Path

import hypothesmith
import pytest
from hypothesis import HealthCheck, assume, given, settings

from reloadlint.facts import FileFacts
from reloadlint.facts.index import COMPREHENSIONS, FUNCTIONS, Scope
from tests.facts import corpus
from tests.facts.compiled import compiles
from tests.facts.facts_of import facts_of
from tests.facts.hard_scopes import CASES


def assert_agrees_with_symtable(facts: FileFacts) -> int:
    """Ask every scope that has a symbol table for the meaning of every name in it."""
    count = 0
    for scope in facts.index.scope_of.values():
        table = facts._tables.table(scope)
        # `symtable` takes any function that is named "top" for the module.
        if table is not None and (table.get_name() != "top" or scope is facts.index.module):
            for symbol in table.get_symbols():
                if symbol.get_name() in scope.uses:
                    _assert_same_meaning(facts, scope, symbol)
                    count += 1
            if not _has_lazy_annotations(facts):
                assert scope.uses.keys() <= {*table.get_identifiers(), "*"}, facts.source.path
    return count


def _assert_same_meaning(facts: FileFacts, scope: Scope, symbol: symtable.Symbol) -> None:
    name = symbol.get_name()
    where = f"{facts.source.path}:{getattr(scope.node, 'lineno', 0)}: {name}"
    binder = scope.resolve(name)
    if isinstance(scope.node, ast.Module) or symbol.is_global():
        assert binder is None, where
    elif symbol.is_free():
        if binder is None:
            assert name == "__class__", where
            return
        assert binder in scope.enclosing(), where
        assert not isinstance(binder.node, (ast.Module, ast.ClassDef)), where
        outer = facts._tables.table(binder)
        if outer is not None:  # not of type parameters, nor of what is inlined
            assert outer.lookup(name).is_local(), where
    else:
        assert binder is scope, where


def _has_lazy_annotations(facts: FileFacts) -> bool:
    """True where names in annotations are uses for us, and nothing for the compiler."""
    return any(("annotations", "annotations") in imported.names for imported in facts.imports)


@pytest.mark.parametrize("path", corpus.sample(), ids=corpus.name)
def test_names_in_a_sample_of_the_standard_library(path: Path) -> None:
    text = corpus.read(path)
    if text is not None and compiles(text):
        assert_agrees_with_symtable(facts_of(text, str(path)))


@pytest.mark.slow
def test_names_all_over_the_standard_library() -> None:
    count = 0
    for path in corpus.some(6):
        text = corpus.read(path)
        if text is not None and compiles(text):
            count += assert_agrees_with_symtable(facts_of(text, str(path)))
    print(f"{count} names in scopes")
    assert count > 50_000


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(getattr(case, "values", case)[0], id=name, marks=getattr(case, "marks", ()))
        for name, case in CASES.items()
    ],
)
def test_names_in_texts_that_are_hard(text: str) -> None:
    assert_agrees_with_symtable(facts_of(text))


@given(hypothesmith.from_grammar())
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    database=None,
    derandomize=True,
)
def test_names_in_generated_code(text: str) -> None:
    assume(compiles(text))
    facts = facts_of(text)
    assert_agrees_with_symtable(facts)
    assert_every_node_has_its_parent(facts)


# ---------------------------------------------------------------------------------------- parents


def assert_every_node_has_its_parent(facts: FileFacts) -> None:
    shared = (ast.expr_context, ast.operator, ast.unaryop, ast.boolop, ast.cmpop)
    for node in ast.walk(facts.tree):
        for child in ast.iter_child_nodes(node):
            if not isinstance(child, shared):
                assert facts.index.parent[child] is node, ast.dump(child)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(getattr(case, "values", case)[0], id=name, marks=getattr(case, "marks", ()))
        for name, case in CASES.items()
    ],
)
def test_every_node_has_its_parent(text: str) -> None:
    assert_every_node_has_its_parent(facts_of(text))


def test_ancestors_go_outwards_and_leave_the_module_out() -> None:
    facts = facts_of("def f():\n    return g(x)\n")
    name = next(n for n in ast.walk(facts.tree) if isinstance(n, ast.Name) and n.id == "x")
    kinds = [type(node) for node in facts.index.ancestors(name)]
    assert kinds == [ast.Call, ast.Return, ast.FunctionDef]


def test_what_is_deeply_nested_needs_no_recursion() -> None:
    chain = " + ".join(["x"] * 900)
    attributes = "x" + ".a" * 900
    calls = "f(" * 60 + "lambda: x" + ")" * 60
    facts = facts_of(f"{chain}\n{attributes}\n{calls}\n")
    assert len(facts.index.module.uses["x"]) == 901


# ----------------------------------------------------------------------------------------- scopes

IN_SCOPE = [
    ("def f(): HERE", "f"),
    ("def f(a=HERE): pass", "module"),
    ("def f(a: HERE): pass", "module"),
    ("def f() -> HERE: pass", "module"),
    ("@HERE\ndef f(): pass", "module"),
    ("class C:\n    def f(a=HERE): pass", "C"),
    ("class C(HERE): pass", "module"),
    ("class C(k=HERE): pass", "module"),
    ("@HERE\nclass C: pass", "module"),
    ("class C: HERE", "C"),
    ("lambda: HERE", "lambda"),
    ("lambda a=HERE: a", "module"),
    ("lambda a=(lambda: HERE): a", "lambda"),
    ("[HERE for a in b]", "comprehension"),
    ("[a for a in HERE]", "module"),
    ("[a for a in HERE.attribute(1)]", "module"),
    ("[a for b in c for a in HERE]", "comprehension"),
    ("[a for a in b if HERE]", "comprehension"),
    ("[a for a.b[HERE] in b]", "comprehension"),
    ("[a for a in [HERE for b in c]]", "comprehension"),
    ("[a for a in [b for b in HERE]]", "module"),
    ("{HERE: a for a in b}", "comprehension"),
    ("def f():\n    if a:\n        with b:\n            HERE", "f"),
]
IN_TYPE_SCOPE = [
    ("def f[T](a: HERE): pass", "type parameters"),
    ("def f[T](a=HERE): pass", "module"),
    ("def f[T: HERE](): pass", "type parameters"),
    ("def f[T]() -> HERE: pass", "type parameters"),
    ("def f[T](): HERE", "f"),
    ("class C[T](HERE): pass", "type parameters"),
    ("@HERE\nclass C[T]: pass", "module"),
    ("class C[T]: HERE", "C"),
    ("type X[T] = HERE", "type parameters"),
    ("type X = HERE", "type parameters"),
    ("type HERE = 1", "module"),
    ("type HERE[T] = 1", "module"),
]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *IN_SCOPE,
        *(
            pytest.param(
                *case, marks=pytest.mark.skipif(sys.version_info < (3, 12), reason="of 3.12")
            )
            for case in IN_TYPE_SCOPE
        ),
    ],
)
def test_scope_at(text: str, expected: str) -> None:
    facts = facts_of(text)
    here = next(n for n in ast.walk(facts.tree) if isinstance(n, ast.Name) and n.id == "HERE")
    scope = facts.index.scope_at(here)
    assert scope_name(scope) == expected
    assert here in scope.uses["HERE"]


def scope_name(scope: Scope) -> str:
    node = scope.node
    if isinstance(node, (*FUNCTIONS, ast.ClassDef)):
        return node.name
    if isinstance(node, COMPREHENSIONS):
        return "comprehension"
    return {ast.Module: "module", ast.Lambda: "lambda"}.get(type(node), "type parameters")


def test_the_scope_of_a_function_is_not_the_one_that_it_stands_in() -> None:
    facts = facts_of("def f(a): return lambda b: a")
    function = facts.tree.body[0]
    lambda_ = facts.closures[0].node
    assert facts.index.scope_at(function) is facts.index.module
    assert facts.index.scope_at(lambda_) is facts.index.scope_of[function]
    assert facts.index.scope_at(lambda_.args.args[0]) is facts.index.scope_of[lambda_]
    assert not facts.index.module.is_function
    assert facts.index.scope_of[function].is_function


def test_a_walrus_is_a_use_in_the_function_around_the_comprehension() -> None:
    facts = facts_of("def f(a): [[b := c for c in d] for d in a]")
    function = facts.index.scope_of[facts.tree.body[0]]
    assert function.binds("b")
    assert not function.binds("c")


USES = [
    ("import a.b", "a"),
    ("import x.y as a", "a"),
    ("from x import a", "a"),
    ("from x import y as a", "a"),
    ("def a(): pass", "a"),
    ("async def a(): pass", "a"),
    ("class a: pass", "a"),
    ("for a in b: pass", "a"),
    ("for x, (*a, y) in b: pass", "a"),
    ("with b as a: pass", "a"),
    ("try: pass\nexcept E as a: pass", "a"),
    ("match b:\n    case [a]: pass", "a"),
    ("match b:\n    case [*a]: pass", "a"),
    ("match b:\n    case {**a}: pass", "a"),
    ("match b:\n    case C(k=x) as a: pass", "a"),
    ("a = 1", "a"),
    ("a: int", "a"),
    ("a: int = 1", "a"),
    ("a += 1", "a"),
    ("(a := 1)", "a"),
    ("del a", "a"),
]


@pytest.mark.parametrize(("text", "name"), USES)
def test_what_binds_a_name(text: str, name: str) -> None:
    assert facts_of(text).index.module.binds(name)


@pytest.mark.parametrize(
    "text",
    ["a", "f(a)", "a.b = 1", "a[0] = 1", "f(a=1)", "(a): int", "global a", "[a for a in b]"],
)
def test_what_does_not_bind_a_name(text: str) -> None:
    assert not facts_of(text).index.module.binds("a")


def test_names_are_spelled_as_the_compiler_does() -> None:
    facts = facts_of("class _C:\n    def f(self, __a, __b__): return __a, __b__")
    scope = facts.index.scope_of[facts.index.functions[0]]
    assert scope.uses.keys() == {"self", "_C__a", "__b__"}
    assert scope.uses_of("__a") is scope.uses_of("_C__a") is scope.uses["_C__a"]
    assert scope.binds("__a")
    assert scope.resolve("__a") is scope
    assert facts.index.module.spelled("__a") == "__a"


def test_annotations_that_are_never_evaluated_use_names_all_the_same() -> None:
    facts = facts_of("from __future__ import annotations\nimport a\ndef f(b: a.T): pass")
    (alias, use) = facts.index.module.uses["a"]
    assert facts.index.scope_at(use) is facts.index.module
    assert isinstance(alias, ast.alias)


# ------------------------------------------------------------------------------- nodes by kind


def assert_lists_what_the_tree_has(facts: FileFacts) -> None:
    """Every node but names, constants and attributes is in the list of its kind, once."""
    by_kind: dict[type[ast.AST], set[ast.AST]] = {}
    for node in ast.walk(facts.tree):
        by_kind.setdefault(type(node), set()).add(node)
    for kind in (*LISTED, *FUNCTIONS, *COMPREHENSIONS):
        listed = list(facts.index.nodes(kind))
        assert len(listed) == len(set(listed)), kind
        assert set(listed) == by_kind.get(kind, set()), kind
    calls = [call for name in names_called(facts) for call in facts.index.calls(name)]
    assert sorted(map(id, calls)) == sorted(map(id, facts.index.nodes(ast.Call)))
    attributes: set[ast.AST] = set()
    for name in {node.attr for node in ast.walk(facts.tree) if isinstance(node, ast.Attribute)}:
        attributes.update(facts.index.attributes(name))
    assert attributes == by_kind.get(ast.Attribute, set())


LISTED = (
    ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Call, ast.ClassDef, ast.Delete, ast.ExceptHandler,
    ast.For, ast.Global, ast.If, ast.Import, ast.ImportFrom, ast.Lambda, ast.NamedExpr, ast.Raise,
    ast.Return, ast.Starred, ast.Subscript, ast.Try, ast.While, ast.With, ast.Yield, ast.keyword,
)  # fmt: skip


def names_called(facts: FileFacts) -> set[str]:
    functions = [node.func for node in ast.walk(facts.tree) if isinstance(node, ast.Call)]
    return {getattr(f, "id", getattr(f, "attr", "")) for f in functions}


@pytest.mark.parametrize("path", corpus.sample(), ids=corpus.name)
def test_every_node_is_in_the_list_of_its_kind(path: Path) -> None:
    text = corpus.read(path)
    if text is not None and compiles(text):
        assert_lists_what_the_tree_has(facts_of(text, str(path)))


def test_calls_by_the_name_of_what_is_called() -> None:
    facts = facts_of("f(); m.f(); f()(); g().f(1); t[0]()")
    assert [ast.unparse(c) for c in facts.index.calls("f")] == ["f()", "m.f()", "f()", "g().f(1)"]
    assert [ast.unparse(c) for c in facts.index.calls("")] == ["f()()", "t[0]()"]
    assert [ast.unparse(c) for c in facts.index.calls("g", "h")] == ["g()"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("HERE", True),
        ("class C:\n    HERE", True),
        ("if a:\n    [HERE for b in c]", True),
        ("def f(a=HERE): pass", True),
        ("def f(): HERE", False),
        ("lambda: HERE", False),
        ("def f():\n    class C:\n        [HERE for a in b]", False),
        ("class C:\n    def f(self): HERE", False),
    ],
)
def test_what_runs_at_import(text: str, expected: bool) -> None:
    facts = facts_of(text)
    (here,) = (n for n in ast.walk(facts.tree) if isinstance(n, ast.Name) and n.id == "HERE")
    assert facts.index.scope_at(here).runs_at_import is expected
