"""RL301: which copies are flagged, and when reading the original instead is safe."""

from __future__ import annotations

from pathlib import Path

import pytest

from reloadlint.finding import Applicability
from tests.rules.checking import findings_in

M = "def f(x=0): return x\nclass K: pass\nLIMIT = 3\n"


@pytest.mark.parametrize(
    "text",
    [
        "from m import f\ndef g(): return f()\n",
        "from m import f as h\ng = lambda: h()\n",
        "from m import K\ndef g(x): return isinstance(x, K) or K()\n",
        "from m import LIMIT\ndef g(): return LIMIT\n",
        "from passing import f\ndef g(): return f()\n",
    ],
)
def test_a_copy_that_functions_read_is_flagged_and_fixed(tmp_path: Path, text: str) -> None:
    files = {"m.py": M, "passing.py": "from m import f\n", "here.py": text}
    (found,) = findings_in("RL301", tmp_path, files)
    assert found.fix is not None


@pytest.mark.parametrize(
    "text",
    [
        "from m import K\nclass L(K): pass\n",
        "from m import f\n@f\ndef g(): pass\n",
        "from m import K\ndef g(x: K) -> 'K': pass\n",
        "from typing import cast\nfrom m import K\ndef g(x): return cast(K, x)\n",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from m import K\n"
        "def g(): return K\n",
        "def g():\n    from m import f\n    return f()\n",
        "try:\n    from m import f\nexcept ImportError:\n    f = None\ndef g(): return f()\n",
        "from passing import join\ndef g(): return join()\n",
        "import m\ndef g(): return m.f()\n",
    ],
)
def test_what_a_reload_reaches_or_nobody_reads_later_is_left_alone(
    tmp_path: Path, text: str
) -> None:
    files = {"m.py": M, "passing.py": "from os.path import join\n", "here.py": text}
    assert findings_in("RL301", tmp_path, files) == []


MAIN = 'if __name__ == "__main__":\n    main()\n'


@pytest.mark.parametrize(
    ("text", "is_read_later"),
    [
        ("def main(): f()\n" + MAIN, False),
        ("def main(): return [f(x) for x in 'ab']\n" + MAIN, False),
        (
            "import asyncio\nasync def main(): f()\n"
            + MAIN.replace("main()", "asyncio.run(main())"),
            False,
        ),
        ("def start(): f()\ndef main(): start()\n" + MAIN, False),
        ("def start(): f()\ndef main(): print(start)\n" + MAIN, True),
        ("def start(): f()\ndef main():\n    while True: start()\n" + MAIN, True),
        ("def main():\n    while True: f()\n" + MAIN, True),
        ("def main():\n    def g(): f()\n    return g\n" + MAIN, True),
        ("def main(): return lambda: f()\n" + MAIN, True),
        ("def main(): f()\n", True),
        ("def main(): f()\ndef again(): main()\n" + MAIN, True),
        ("def main(): f()\nagain = main\n" + MAIN, True),
        ("def main(): f()\n" + MAIN.replace("main()", "while main(): pass"), True),
        ("@print\ndef main(): f()\n" + MAIN, True),
    ],
)
def test_what_a_script_reads_once_when_it_is_started_is_left_alone(
    tmp_path: Path, text: str, is_read_later: bool
) -> None:
    files = {"m.py": M, "here.py": "from m import f\n" + text}
    assert bool(findings_in("RL301", tmp_path, files)) == is_read_later


HERE = "from m import f\ndef g(): return f()\n"


@pytest.mark.parametrize(
    ("m", "here", "other", "caution"),
    [
        (M + "import here\n", HERE, "", "`m` may come to import this module"),
        (M + "def change():\n    global f\n    f = 1\n", HERE, "", "its own module"),
        (M, HERE, "import m\nm.f = print\n", "patched"),
        (M, HERE, "def test(monkeypatch): monkeypatch.setattr('m.f', 1)\n", "patched"),
        (M, HERE, "import p\ndef test(patch): patch.setattr(p.m, 'f', 1)\n", "patched"),
        (M, HERE, "import m\nif m: m.f = 1\nelse: pass\n", "patched"),
        (M, HERE, "import m\nif m: pass\nelse: m.f = 1\n", "patched"),
        (M, HERE, "import m\ntable = {}\nm.f, table[0] = 1, 2\n", "patched"),
        (M, HERE, "import m\nwith open('x') as m.f: pass\n", "patched"),
        (M, HERE + "dir()\n", "", "`dir()`"),
        (M, HERE + "def e(s): return eval(s)\n", "", "`eval`"),
        (M, "from other import *\n" + HERE, "f = 1\n", "star import"),
        (M, "from other import *\n" + HERE, "m = 1\n", "star import"),
        (M, "from other import *\n" + HERE, "globals()[1] = 2\n", "star import"),
        (M, "from os import *\n" + HERE, "", "star import"),
        (M + "if LIMIT > 3: del f\n", HERE, "", "its own module"),
        ("import sys\n" + M + "sys.modules[__name__] = K()\n", HERE, "", "replaces itself"),
        (M, HERE.replace("from m", "from other"), "from m import f\n", "no longer be imported"),
        (M, HERE + "x = []  # type: list[f]\n", "", "type comment"),
        (M, HERE + "print('f')\n", "", "by a string or an attribute"),
        (M, HERE + "import here\ndef h(): return here.f\n", "", "by a string or an attribute"),
        (
            M,
            HERE + "import sys\ndef h(): return sys.modules[__name__].f\n",
            "",
            "by a string or an attribute",
        ),
    ],
)
def test_the_fix_is_unsafe_where_the_copy_and_the_original_may_differ(
    tmp_path: Path, m: str, here: str, other: str, caution: str
) -> None:
    files = {"m.py": m, "here.py": here, "other.py": other}
    found = [f for f in findings_in("RL301", tmp_path, files) if "here" in f.path]
    assert [f.fix.applicability for f in found if f.fix] == [Applicability.UNSAFE]
    assert found[0].fix is not None
    assert caution in found[0].fix.caution


@pytest.mark.parametrize(
    "other",
    [
        "import m\n__all__ = [\n    'f',\n]\nprint('a'.replace('a', 'b'))\n",
        "import m\ndef g(a: m.f = 1): pass\n",
        "import m\ndef g(\n    a: m.f = 1,\n): pass\n",
        "import m\na: 'dict[m.f, int]' = {}\n",
        "import m\n# what is done as m.f\n",
    ],
)
def test_the_fix_is_safe_where_it_is_only_named(tmp_path: Path, other: str) -> None:
    (tmp_path / "notes.rst").write_text("Seen as m.f.\n")
    files = {"m.py": M, "here.py": HERE, "other.py": other}
    (found,) = [f for f in findings_in("RL301", tmp_path, files) if "here" in f.path]
    assert found.fix is not None
    assert found.fix.applicability is Applicability.SAFE, found.fix.caution


@pytest.mark.parametrize(
    ("line", "is_outside"),
    [
        ("import asyncio\nf = asyncio.Future", True),
        ("import asyncio\nif asyncio:\n    f = asyncio.Future\nelse:\n    f = str", True),
        ("import logging\nf = logging.getLogger('a')", True),
        ("f = str", True),
        ("import asyncio\nif asyncio:\n    f = asyncio.Future\nelse:\n    def f(): pass", False),
        ("import asyncio\nf = asyncio.Queue()", False),
        ("from n import k\nf = k", False),
        ("f = 1", False),
        ("f: int", True),
        ("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    def f(): pass", True),
    ],
)
def test_what_a_reload_finds_again_is_left_alone(
    tmp_path: Path, line: str, is_outside: bool
) -> None:
    files = {"m.py": line + "\n", "n.py": "def k(): pass\n", "here.py": HERE}
    assert (findings_in("RL301", tmp_path, files) == []) == is_outside


def test_a_star_import_that_gives_other_names_does_no_harm(tmp_path: Path) -> None:
    files = {"m.py": M, "here.py": "from other import *\n" + HERE, "other.py": "x = 1\n"}
    (found,) = findings_in("RL301", tmp_path, files)
    assert found.fix is not None
    assert found.fix.applicability is Applicability.SAFE


def test_a_name_that_a_package_passes_on_by_a_star_is_known(tmp_path: Path) -> None:
    files = {"m.py": M, "passing.py": "from m import *\n", "here.py": "from passing import f\n"}
    files["here.py"] += "def g(): return f()\n"
    (found,) = findings_in("RL301", tmp_path, files)
    assert "a reload of `m`" in found.message


@pytest.mark.parametrize(
    ("here", "other", "refusal"),
    [
        (HERE, "from here import f\n", "used, or patched"),
        (HERE, "import here\nprint(here.f)\n", "used, or patched"),
        (HERE, "from unittest import mock\nmock.patch('here.f')\n", "used, or patched"),
        (HERE, "import p\ndef test(patch): patch.setattr(p.here, 'f', 1)\n", "used, or patched"),
        (HERE + "__all__ = ['f']\n", "", "`__all__`"),
        ("from m import f as f\ndef g(): return f()\n", "", "`__all__`"),
        ("if True:\n    from m import f\ndef g(): return f()\n", "", "under a condition"),
        (HERE + "class C:\n    f = f\n", "", "class body"),
        (HERE + "def t(): return f'{f=}'\n", "", "in a string"),
        (HERE + 'def t():\n    "\\n>>> f()\\n"\n', "", "in a string"),
        ("import os; from m import f\ndef g(): return f()\n", "", "shares its line"),
        ("from m import (f,  # why\n)\ndef g(): return f()\n", "", "a comment"),
    ],
)
def test_the_fix_is_refused_with_the_reason(
    tmp_path: Path, here: str, other: str, refusal: str
) -> None:
    files = {"m.py": M, "here.py": here, "other.py": other}
    (found,) = [f for f in findings_in("RL301", tmp_path, files) if "here" in f.path]
    assert found.fix is None
    assert refusal in (found.refusal or "")


def test_a_document_that_lists_the_name_counts_as_its_use(tmp_path: Path) -> None:
    (tmp_path / "api.txt").write_text("here.f: import of m.f\n")
    (found,) = [f for f in findings_in("RL301", tmp_path, {"m.py": M, "here.py": HERE}) if f.path]
    assert "used, or patched" in (found.refusal or "")
