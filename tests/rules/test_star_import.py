"""RL303: which star imports are flagged, and what takes their place."""

from __future__ import annotations

from pathlib import Path

import pytest

from reloadlint import files
from reloadlint.config import Config
from reloadlint.facts.project import Project
from reloadlint.finding import Applicability
from reloadlint.fix import fix
from tests.rules.checking import findings_in, rule_of

M = "import os\nLIMIT = 3\ndef f(x=0): return x\nclass K: pass\n_hidden = 1\n"
HERE = "from m import *\ndef g(): return f()\n"


def text_once_fixed(root: Path, texts: dict[str, str], *, unsafe: bool = False) -> str:
    """What becomes of `here.py`."""
    for name, text in texts.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    config, paths = Config(root=root), [str(root / name) for name in texts]
    project = Project(config, files.read, paths)
    path = str(root / "here.py")
    result = fix(files.read(path), [rule_of("RL303")], config, unsafe=unsafe, project=project)
    assert not result.dropped
    return result.text


@pytest.mark.parametrize(
    ("here", "fixed"),
    [
        (HERE, "import m\ndef g(): return m.f()\n"),
        ("from m import *\ng = lambda: LIMIT\n", "import m\ng = lambda: m.LIMIT\n"),
        (
            "from m import *\nclass L(K): pass\ndef g(): return f()\n",
            "import m\nfrom m import K\nclass L(K): pass\ndef g(): return m.f()\n",
        ),
        (
            "from m import *\n@f\ndef g(): return f(K)\n",
            "import m\n@m.f\ndef g(): return m.f(m.K)\n",
        ),
        (
            "from m import *\n__all__ = ['K']\ndef g(): return f()\n",
            "import m\nfrom m import K\n__all__ = ['K']\ndef g(): return m.f()\n",
        ),
        (
            "from m import *\ndef g(x: 'K'): return f()\n",
            "import m\nfrom m import K\ndef g(x: 'K'): return m.f()\n",
        ),
        (
            "from m import *\nK = K\ndef g(): return f(K)\n",
            "import m\nfrom m import K\nK = K\ndef g(): return m.f(K)\n",
        ),
        (
            "from m import *\ndef g(m): return f(m)\n",
            "import m as m_module\ndef g(m): return m_module.f(m)\n",
        ),
    ],
)
def test_names_are_read_from_the_module(tmp_path: Path, here: str, fixed: str) -> None:
    assert text_once_fixed(tmp_path, {"m.py": M, "here.py": here}) == fixed


def test_what_others_take_from_here_stays(tmp_path: Path) -> None:
    texts = {"m.py": M, "here.py": HERE, "other.py": "from here import LIMIT, os\n"}
    fixed = "import m\nfrom m import LIMIT, os\ndef g(): return m.f()\n"
    assert text_once_fixed(tmp_path, texts) == fixed


def test_many_names_are_wrapped(tmp_path: Path) -> None:
    names = [f"quite_a_long_name_{n}" for n in range(8)]
    m = M + "".join(f"{name} = 0\n" for name in names)
    here = HERE + f"print({', '.join(names)})\n"
    fixed = text_once_fixed(tmp_path, {"m.py": m, "here.py": here})
    assert max(map(len, fixed.splitlines()[:6])) <= 88
    assert fixed.startswith("import m\nfrom m import (\n    quite_a_long_name_0, ")
    compile(fixed, "here.py", "exec")


def test_two_modules_of_one_name_get_two(tmp_path: Path) -> None:
    texts = {
        "a/__init__.py": "",
        "a/m.py": "def f(): pass\n",
        "b/__init__.py": "",
        "b/m.py": "def h(): pass\n",
        "here.py": "from a.m import *\nfrom b.m import *\ndef g(): return f(), h()\n",
    }
    fixed = "from a import m\nfrom b import m as b_m\ndef g(): return m.f(), b_m.h()\n"
    assert text_once_fixed(tmp_path, texts) == fixed


@pytest.mark.parametrize(
    ("m", "here"),
    [
        (M, "from m import *\nclass L(K): pass\n"),
        (M, "from m import *\ndef g(): return _hidden\n"),
        (M, "from m import *\ndef g(f): return f\n"),
        (M, "from m import *\nf = 1\ndef g(): return f\n"),
        (M, "from m import *\ndef g(): return os.sep\n"),
        (
            M,
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from m import *\n"
            + HERE[16:],
        ),
        (M, "import m\ndef g(): return m.f()\n"),
        (M + "__all__ = ['K']\n", HERE),
        ("from os import *\n", "from m import *\ndef g(): return print(3)\n"),
    ],
)
def test_where_no_function_reads_a_copy_it_is_left_alone(tmp_path: Path, m: str, here: str) -> None:
    assert findings_in("RL303", tmp_path, {"m.py": m, "here.py": here}) == []


@pytest.mark.parametrize(
    ("m", "here", "other", "caution"),
    [
        (M + "import here\n", HERE, "", "may come to import this module"),
        (M, HERE, "import m\nm.f = print\n", "patched"),
        (M, HERE + "dir()\n", "", "`dir()`"),
        (M, HERE + "from os import *\n", "", "a star import in this file"),
        ("from other import *\n", HERE, M, "would no longer be imported"),
    ],
)
def test_the_fix_is_unsafe_where_the_copy_and_the_original_may_differ(
    tmp_path: Path, m: str, here: str, other: str, caution: str
) -> None:
    texts = {"m.py": m, "here.py": here, "other.py": other}
    (found,) = [f for f in findings_in("RL303", tmp_path, texts) if "here" in f.path]
    assert found.fix is not None
    assert found.fix.applicability is Applicability.UNSAFE
    assert caution in found.fix.caution


@pytest.mark.parametrize(
    ("m", "here", "other", "refusal"),
    [
        (M + "globals()['z'] = 1\n", HERE, "", "cannot be told"),
        (M, HERE, "from here import f\n", "used, or patched"),
        (M, HERE, "from here import *\n", "used, or patched"),
        (M, "if True:\n    from m import *\n" + HERE[16:], "", "under a condition"),
        (M, "from m import *  ; x = 1\n" + HERE[16:], "", "shares its line"),
        (M, HERE + "class C:\n    f = f\n", "", "class body"),
        (M + "from other import *\n", HERE + "Z\n", "import m\nZ = 1\n", "not always have a `Z`"),
        ("m = 1\ndef f(): pass\n", "import m\n" + HERE, "", "another meaning for the name"),
        (M + "if LIMIT:\n    Z = 1\n", HERE + "Z\n", "", "may not always have a `Z`"),
    ],
)
def test_the_fix_is_refused_with_the_reason(
    tmp_path: Path, m: str, here: str, other: str, refusal: str
) -> None:
    texts = {"m.py": m, "here.py": here, "other.py": other}
    (found,) = [f for f in findings_in("RL303", tmp_path, texts) if "here" in f.path]
    assert found.fix is None
    assert refusal in (found.refusal or "")


@pytest.mark.parametrize(
    ("line", "is_known"),
    [
        ("globals().update(z=1)", False),
        ("globals()['z'] = 1", False),
        ("def add(n): globals().setdefault(n, 1)", False),
        ("for n in 'z': locals()[n] = 1", False),
        ("vars().update(z=1)", False),
        ("exec('z = 1')", False),
        ("import sys; setattr(sys.modules[__name__], 'z', 1)", False),
        ("def change(names): names['z'] = 1\nchange(globals())", False),
        ("NAMES = {v: n for n, v in globals().items()}", True),
        ("IS_THERE = 'z' in globals()", True),
        ("VALUE = globals()['LIMIT'], globals().get('z')", True),
        ("def h(): return locals()", True),
        ("class S: pass\nvars(S)['x']", True),
        ("def exec(): pass\nexec()", True),
        ("class S: pass\nsetattr(S, 'x', 1)", True),
    ],
)
def test_names_are_known_where_all_are_written_out(
    tmp_path: Path, line: str, is_known: bool
) -> None:
    (found,) = findings_in("RL303", tmp_path, {"m.py": f"{M}{line}\n", "here.py": HERE})
    assert found.message.endswith("of `f`: a reload of `m` does not reach it")
    assert (found.fix is not None) == is_known
    assert ("cannot be told" in (found.refusal or "")) == (not is_known)


def test_what_two_star_imports_give_is_from_neither(tmp_path: Path) -> None:
    texts = {"m.py": M, "n.py": "def f(): pass\n", "here.py": "from n import *\n" + HERE}
    assert findings_in("RL303", tmp_path, texts) == []
