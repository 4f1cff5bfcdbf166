"""RL301: what becomes of the import statements, and of f-strings; and which copies go together."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from reloadlint import files
from reloadlint.config import Config
from reloadlint.facts import collect
from reloadlint.facts.from_imports import from_imports
from reloadlint.facts.project import Project
from reloadlint.finding import Applicability, Fix
from reloadlint.rewrite.qualify import Qualifier
from tests.rules.checking import findings_in, fixed_in

M = "def f(x=0): return x\nclass K: pass\nLIMIT = 3\n"
USE = "def g(): return f()\n"


def fixed(root: Path, text: str, **others: str) -> str:
    texts = {"m.py": M, "here.py": text, **{f"{name}.py": text for name, text in others.items()}}
    return fixed_in("RL301", root, texts, "here.py")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("from m import f\n", "import m\n"),
        ("from m import (\n    f,\n)\n", "import m\n"),
        ("from m import f, K\nK()\n", "import m\nfrom m import K\nK()\n"),
        ("from m import K, f\nK()\n", "import m\nfrom m import K\nK()\n"),
        ("from m import K, f, LIMIT\nK(LIMIT)\n", "import m\nfrom m import K, LIMIT\nK(LIMIT)\n"),
        ("from m import K, f  # why\nK()\n", "import m\nfrom m import K  # why\nK()\n"),
        (
            "from m import (\n    K,\n    f,\n)\nK()\n",
            "import m\nfrom m import (\n    K,\n)\nK()\n",
        ),
        ("import m\nfrom m import f\n", "import m\n"),
        ("import m\nfrom m import f  \n", "import m\n"),
        ("import m\nfrom m import f  # why\n", "import m\n# why\n"),
    ],
)
def test_what_becomes_of_the_statement(tmp_path: Path, before: str, after: str) -> None:
    assert fixed(tmp_path, before + USE) == after + USE.replace("f()", "m.f()")


def test_a_name_is_read_where_it_is_made_whoever_passes_it_on(tmp_path: Path) -> None:
    texts = {"pkg/m.py": M, "pkg/__init__.py": "from .m import f as f\n"}
    texts["here.py"] = f"from pkg import f\n{USE}"
    (found,) = findings_in("RL301", tmp_path, texts)
    assert found.fix is not None
    assert found.fix.applicability is Applicability.SAFE
    after = f"from pkg import m\n{USE.replace('f()', 'm.f()')}"
    assert fixed_in("RL301", tmp_path, texts, "here.py") == after


def test_a_name_that_a_package_offers_stays(tmp_path: Path) -> None:
    texts = {"m.py": M, "pkg/__init__.py": f"from m import f\n{USE}"}
    (found,) = findings_in("RL301", tmp_path, texts)
    assert found.refusal == "`f` is a name that this package offers to others"


@pytest.mark.parametrize(
    ("names", "title"),
    [
        ("a", "read `m.a`"),
        ("a, b", "read `m.a` and `m.b`"),
        ("a, b, c", "read `m.a`, `m.b` and `m.c`"),
        ("a, b, c, d", "read `m.a`, `m.b`, `m.c` and 1 more"),
        ("a, b, c, d, e", "read `m.a`, `m.b`, `m.c` and 2 more"),
    ],
)
def test_what_a_fix_is_called(tmp_path: Path, names: str, title: str) -> None:
    m = "".join(f"def {name}(): pass\n" for name in "abcde")
    texts = {"m.py": m, "here.py": f"from m import {names}\ndef g(): return {names}\n"}
    fixes = [found.fix for found in findings_in("RL301", tmp_path, texts)]
    assert {fix.title for fix in fixes if fix is not None} == {title}


def test_copies_of_one_statement_go_or_stay_by_themselves(tmp_path: Path) -> None:
    m = M + "def change():\n    global LIMIT\n    LIMIT = 4\n"
    text = "from m import f, K, LIMIT\ndef g(): return f(), K(), LIMIT\n__all__ = ['K']\n"
    found = findings_in("RL301", tmp_path, {"m.py": m, "here.py": text})
    safe, refused, unsafe = sorted(found, key=lambda each: each.start.column)
    assert safe.fix is not None
    assert safe.fix.applicability is Applicability.SAFE
    assert refused.refusal == "`__all__` may export `K` from here"
    assert unsafe.fix is not None
    assert unsafe.fix.applicability is Applicability.UNSAFE


F_STRINGS = (
    "f'{f()}'", "f'f {f()} f'", "f'{{f()}} {f()}'", "f'(f) {(f)()}'", "'é' f'é{f()}'",
    "f'{1:{f()}}'", "f'''{\nf()\n}'''", "f'''é\n{f()}'''", "('é'\n  f'{f()}')",
    "f\"{f'{f()}'}\"", "f\"{f'a'}{f()}\"", "rf'\\{f()}'", "f'{f()!r:>4}'", "f'{f()=}'",
)  # fmt: skip


@pytest.mark.parametrize("string", F_STRINGS)
def test_an_f_string_shows_the_same(tmp_path: Path, string: str) -> None:
    """Some versions of Python do not know where a name in an f-string stands; then it stays."""
    before = f"from m import f\ndef g(): return {string}\n"
    after = fixed(tmp_path, before)
    assert after in (before, before.replace("from m import f", "import m").replace(
        "f()", "m.f()").replace("(f)()", "(m.f)()").replace("{{m.f()}}", "{{f()}}"))  # fmt: skip
    assert shown(after) == shown(before)
    assert "=" not in string or after == before


def shown(text: str) -> object:
    m: dict[str, Any] = {}
    exec(M, m)
    names: dict[str, Any] = {"f": m["f"], "m": SimpleNamespace(**m)}
    exec(compile(text.partition("\n")[2], "here", "exec", dont_inherit=True), names)
    return names["g"]()


def test_a_copy_that_is_found_anew_has_the_fix_of_its_like(tmp_path: Path) -> None:
    """What depends on other files is forgotten and found again where memory is short."""
    (tmp_path / "m.py").write_text(M)
    here = tmp_path / "here.py"
    here.write_text("from m import f, K\ndef g(): return f(), K()\n")
    project = Project(Config(root=tmp_path), files.read, [str(tmp_path / "m.py"), str(here)])
    facts = collect(files.read(str(here)), Config(root=tmp_path), project)
    qualifier = Qualifier(facts, facts.from_imports)
    anew = from_imports(facts)
    assert not {*anew} & {*facts.from_imports}
    for copy, like in zip(facts.from_imports, anew, strict=True):
        assert isinstance(qualifier.fix(copy), Fix)
        assert qualifier.fix(like) == qualifier.fix(copy)
