"""RL301: by which name a file reaches the module that a copied name comes from."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.rules.checking import findings_in, fixed_in

F = "def f(x=0): return x\n"
USE = "def g(): return f()\n"
TOP = "from m import f\n" + USE
PKG = {"pkg/__init__.py": "", "pkg/m.py": F}
INNER = "from pkg.m import f\n" + USE


def fixed(root: Path, texts: dict[str, str], path: str) -> str:
    return fixed_in("RL301", root, texts, path)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (TOP, "import m\ndef g(): return m.f()\n"),
        (INNER, "from pkg import m\ndef g(): return m.f()\n"),
    ],
)
def test_a_module_is_imported_by_its_own_name(tmp_path: Path, before: str, after: str) -> None:
    assert fixed(tmp_path, {"m.py": F, **PKG, "here.py": before}, "here.py") == after


REFERENCES = '''\
def g(x: f, y: "f | None" = None) -> "list[f]":
    """What g does.

    >>> f(1)
    1
    """
    z: f = x
    return f(z)


@f
class C:
    k: "f"

    @f
    def n(self, *v: f) -> f:
        return [f for f in v]
'''


def test_every_reference_is_written_anew_wherever_it_stands(tmp_path: Path) -> None:
    """In annotations, also in strings, decorators and doctests; not what means something else."""
    after = fixed(tmp_path, {"m.py": F, "here.py": f"from m import f\n\n\n{REFERENCES}"}, "here.py")
    original, local = "m.f", "[f for f in v]"
    expected = REFERENCES.replace(local, "?")
    for text in (": f", '"f |', "[f]", " f(", "(f", "@f", '"f"', "> f:"):
        expected = expected.replace(text, text.replace("f", original))
    assert after == f"import m\n\n\n{expected.replace('?', local)}"


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("pkg/here.py", "from .m import f\n", "from . import m\n"),
        ("pkg/sub/here.py", "from ..m import f\n", "from .. import m\n"),
        ("pkg/here.py", "from .sub.n import f\n", "from .sub import n\n"),
        ("pkg/here.py", "from .passing import f\n", "from .sub import n\n"),
        ("pkg/sub/here.py", "from .passing import f\n", "from .. import m\n"),
        ("pkg/sub/__init__.py", "from .n import f as _f\n", "from . import n as sub_n\n"),
        ("pkg/sub/__init__.py", "from ..m import f as _f\n", "from .. import m\n"),
    ],
)
def test_a_relative_import_stays_relative(
    tmp_path: Path, path: str, before: str, after: str
) -> None:
    texts = {
        **PKG,
        "pkg/sub/__init__.py": "",
        "pkg/sub/n.py": F,
        "pkg/passing.py": "from pkg.sub.n import f\n",
        "pkg/sub/passing.py": "from pkg.m import f\n",
        path: before + USE.replace("f()", before.rsplit(maxsplit=1)[-1] + "()"),
    }
    name = after.rsplit(maxsplit=1)[-1]
    assert fixed(tmp_path, texts, path) == f"{after}def g(): return {name}.f()\n"


@pytest.mark.parametrize(
    ("head", "text"),
    [
        ("import m\n", "m"),
        ("import m as other\n", "other"),
        ("import m\nimport m\n", "m"),
        ("import os, m\n", "m"),
        ("X = 1\nimport m as other\n", "other"),
    ],
)
def test_what_the_file_calls_the_module_already_is_used(
    tmp_path: Path, head: str, text: str
) -> None:
    texts = {"m.py": F, "here.py": head + TOP}
    assert fixed(tmp_path, texts, "here.py") == f"{head}def g(): return {text}.f()\n"


@pytest.mark.parametrize(
    ("head", "text"),
    [
        ("import pkg.m\n", "pkg.m"),
        ("import pkg.m as other\n", "other"),
        ("from pkg import m\n", "m"),
        ("from pkg import m as other\n", "other"),
    ],
)
def test_so_is_what_it_calls_the_module_of_a_package(tmp_path: Path, head: str, text: str) -> None:
    texts = {**PKG, "here.py": head + INNER}
    assert fixed(tmp_path, texts, "here.py") == f"{head}def g(): return {text}.f()\n"


def test_but_only_where_the_first_copy_has_it_already(tmp_path: Path) -> None:
    m = F + "def h(): pass\n"
    before = "from m import f\nimport m as other\nfrom m import h\ndef g(): return f(h())\n"
    after = "import m\nimport m as other\ndef g(): return m.f(m.h())\n"
    assert fixed(tmp_path, {"m.py": m, "here.py": before}, "here.py") == after


def test_so_is_what_the_same_statement_calls_it(tmp_path: Path) -> None:
    texts = {**PKG, "pkg/__init__.py": "from .m import f as f\n"}
    texts["here.py"] = "from pkg import m, f\n" + USE
    assert fixed(tmp_path, texts, "here.py") == "from pkg import m\ndef g(): return m.f()\n"


@pytest.mark.parametrize(
    ("head", "tail"),
    [
        pytest.param("", "import m as other\n", id="below"),
        pytest.param("import m as other\n", "del other\n", id="deleted"),
        pytest.param("import m as other\n", "other = 1\n", id="bound anew"),
        pytest.param("import m as other\n", "import os as other\n", id="imported anew"),
        pytest.param(
            "import m as other\n", "def h():\n    global other\n    other = 1\n", id="by a function"
        ),
        pytest.param("import os as other\n", "", id="another module"),
        pytest.param("from os import m as other\n", "", id="from another module"),
        pytest.param("if True:\n    import m as other\n", "", id="under a condition"),
    ],
)
def test_a_name_that_may_stand_for_something_else_is_not_used(
    tmp_path: Path, head: str, tail: str
) -> None:
    texts = {"m.py": F, "here.py": head + TOP + tail}
    after = f"{head}import m\ndef g(): return m.f()\n{tail}"
    assert fixed(tmp_path, texts, "here.py") == after


def test_nor_is_one_that_a_function_has_for_itself(tmp_path: Path) -> None:
    use = "def g(other): return f(other)\n"
    texts = {"m.py": F, "here.py": "import m as other\nfrom m import f\n" + use}
    after = "import m as other\nimport m\ndef g(other): return m.f(other)\n"
    assert fixed(tmp_path, texts, "here.py") == after


@pytest.mark.parametrize(
    ("before", "statement"),
    [
        pytest.param(TOP + "m = 1\n", "import m as m_module\n", id="a global"),
        pytest.param(
            "from m import f\ndef g(m): return f(m)\n", "import m as m_module\n", id="a local"
        ),
        pytest.param(
            "from m import f\ndef h(): return f()\ndef g(m): return f(m)\n",
            "import m as m_module\n",
            id="a local of one of several functions",
        ),
        pytest.param(
            TOP + "def h():\n    global m\n    m = 1\n",
            "import m as m_module\n",
            id="by a function",
        ),
        pytest.param(TOP + "def h(): return m\n", "import m as m_module\n", id="used, never bound"),
        pytest.param(TOP + "m = m_module = 1\n", "import m as m_module_2\n", id="two names"),
        pytest.param(
            TOP + "m = m_module = m_module_2 = 1\n", "import m as m_module_3\n", id="three names"
        ),
        pytest.param(INNER + "m = 1\n", "from pkg import m as pkg_m\n", id="in a package"),
        pytest.param(
            INNER + "m = pkg_m = 1\n", "from pkg import m as m_module\n", id="both of a package"
        ),
    ],
)
def test_a_new_name_means_nothing_else_in_the_file(
    tmp_path: Path, before: str, statement: str
) -> None:
    after = fixed(tmp_path, {"m.py": F, **PKG, "here.py": before}, "here.py")
    assert after.startswith(statement)
    assert f"return {statement.rsplit(maxsplit=1)[-1]}.f(" in after
    compile(after, "here.py", "exec")


def test_a_local_of_another_function_takes_no_name_away(tmp_path: Path) -> None:
    texts = {"m.py": F, "here.py": TOP + "def h(m): return m\n"}
    assert fixed(tmp_path, texts, "here.py").startswith("import m\n")


@pytest.mark.parametrize(
    ("module", "statement"),
    [("_", "import _ as its_module"), ("_m", "import _m"), ("__m", "import __m as m_module")],
)
def test_underscores_are_heeded(tmp_path: Path, module: str, statement: str) -> None:
    before = f"_ = 1\nfrom {module} import f\n{USE}"
    texts = {f"{module}.py": F, "here.py": before}
    assert fixed(tmp_path, texts, "here.py").startswith(f"_ = 1\n{statement}\n")


def test_a_builtin_that_the_file_uses_is_not_hidden(tmp_path: Path) -> None:
    texts = {"pkg/__init__.py": "", "pkg/open.py": F}
    texts["here.py"] = "from pkg.open import f\ndef g(): return f(open('x'))\n"
    after = "from pkg import open as pkg_open\ndef g(): return pkg_open.f(open('x'))\n"
    assert fixed(tmp_path, texts, "here.py") == after


def test_two_modules_of_one_name_get_two(tmp_path: Path) -> None:
    texts = {"a/__init__.py": "", "a/m.py": F, "b/__init__.py": "", "b/m.py": F.replace("f", "h")}
    texts["b/m.py"] = "def h(): pass\n"
    texts["here.py"] = "from a.m import f\nfrom b.m import h\ndef g(): return f(h())\n"
    after = "from a import m\nfrom b import m as b_m\ndef g(): return m.f(b_m.h())\n"
    assert fixed(tmp_path, texts, "here.py") == after


def test_all_that_comes_from_one_module_comes_by_one_name(tmp_path: Path) -> None:
    texts = {"m.py": F + "def h(): pass\n"}
    texts["here.py"] = "from m import f\nfrom m import h\ndef g(): return f(h())\n"
    assert fixed(tmp_path, texts, "here.py") == "import m\ndef g(): return m.f(m.h())\n"


def test_in_a_package_a_new_name_is_not_that_of_one_of_its_modules(tmp_path: Path) -> None:
    before = "from m import f as _f\ndef g(): return _f()\n"
    texts = {"m.py": F, "pkg/__init__.py": before, "pkg/m.py": ""}
    after = "import m as m_module\ndef g(): return m_module.f()\n"
    assert fixed(tmp_path, texts, "pkg/__init__.py") == after
    # In a module of the package the name is free.
    assert fixed(tmp_path, {**texts, "pkg/n.py": TOP}, "pkg/n.py").startswith("import m\n")


REFUSED = "the package has another meaning for the name of the module `m`"
GETATTR = "def __getattr__(name):\n    if name == {}:\n        return 1\n"


@pytest.mark.parametrize(
    ("package", "is_the_module"),
    [
        ("", True),
        ("m = 1\n", False),
        ("from .m import f as m\n", False),
        ("import m\n", False),
        ("from . import m\n", True),
        ("from pkg import m\n", True),
        ("def h():\n    global m\n    m = 1\n", False),
        (GETATTR.format("x"), False),
        (GETATTR.format("x") + "    raise AttributeError(name)\n", True),
        (GETATTR.format("'x'") + "    raise AttributeError(name)\n", True),
        (GETATTR.format("'m'") + "    raise AttributeError(name)\n", False),
        (GETATTR.format("x") + "    raise AttributeError(name)\n__all__ = ['m']\n", True),
        (GETATTR.format("x") + "    raise AttributeError(name)\n__all__: list = ['m']\n", True),
        (GETATTR.format("x") + "    raise AttributeError(name)\nALL = ['m']\n", False),
        (GETATTR.format("x") + "    raise AttributeError\nN = __all__ = ['m']\n", True),
        (GETATTR.format("x") + "    raise AttributeError\nif x:\n    __all__ = ['m']\n", True),
        ("from giving import *\n", False),
        ("from others import *\n", True),
        ("from passing import *\n", False),
        ("from os import *\n", False),
        ("import typing\nif typing.TYPE_CHECKING:\n    from giving import *\n", True),
    ],
)
def test_a_package_may_mean_something_else_by_the_name_of_its_module(
    tmp_path: Path, package: str, is_the_module: bool
) -> None:
    texts = {
        "pkg/__init__.py": package,
        "pkg/m.py": F,
        "m.py": "",
        "giving.py": "m = 1\n",
        "others.py": "n = 1\n",
        "passing.py": "from giving import *\n",
        "here.py": INNER,
    }
    (found,) = [each for each in findings_in("RL301", tmp_path, texts) if "here" in each.path]
    assert (found.fix is not None) == is_the_module
    assert found.refusal == (None if is_the_module else REFUSED)


@pytest.mark.parametrize("before", [INNER, "from passing import f\n" + USE])
def test_what_is_in_a_package_without_a_file_of_its_own_is_not_taken_for_a_program(
    tmp_path: Path, before: str
) -> None:
    texts = {"pkg/m.py": F, "passing.py": "from pkg.m import f\n", "here.py": before}
    found = [each for each in findings_in("RL301", tmp_path, texts) if "here" in each.path]
    assert [each.refusal for each in found] == [
        "`m` is imported by a longer name: its package has no `__init__.py`"
    ]


def test_nor_is_what_is_in_one_that_cannot_be_read(tmp_path: Path) -> None:
    assert (
        fixed(tmp_path, {**PKG, "pkg/__init__.py": "1 +\n", "here.py": INNER}, "here.py") == INNER
    )


def test_the_topmost_package_cannot_be_reached_by_a_relative_import(tmp_path: Path) -> None:
    texts = {"pkg/__init__.py": F, "pkg/here.py": "from . import f\n" + USE}
    (found,) = findings_in("RL301", tmp_path, texts)
    assert found.fix is None
    assert found.refusal == "`pkg` itself would have to be imported by a relative import"
