"""RL202: what a reload resets, what it finds again, and how the fix keeps what is around."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from tests.rules.checking import findings, findings_in, fixed, flagged


@pytest.mark.parametrize(
    ("state", "change"),
    [
        ("SEEN = set()", "SEEN.add(x)"),
        ("SEEN = {}", "SEEN[x] = 1"),
        ("SEEN: dict[str, int] = {}", "SEEN.setdefault(x, 1)"),
        ("SEEN = []", "global SEEN\n    SEEN += [x]"),
        ("SEEN = 0", "global SEEN\n    SEEN += x"),
        ("SEEN = None", "global SEEN\n    SEEN = x"),
    ],
)
def test_what_functions_change_is_flagged(state: str, change: str) -> None:
    text = f"{state}\n\n\ndef note(x):\n    {change}\n"
    assert flagged("RL202", text) == [state]
    (found,) = findings("RL202", text)
    assert found.message.startswith("a reload resets `SEEN`: `note` ")


@pytest.mark.parametrize(
    "text",
    [
        "LIMIT = 3\n\n\ndef f():\n    return LIMIT\n",
        "NAMES = ['a']\n\n\ndef f():\n    return NAMES[0], len(NAMES)\n",
        "NAMES = ['a']\nNAMES.append('b')\n\n\ndef f():\n    return NAMES\n",
        "NAMES = ['a']\n\n\ndef f():\n    NAMES = []\n    NAMES.append(1)\n",
        "import lib\n\nCACHE = lib.CACHE\n\n\ndef f(x):\n    CACHE[x] = 1\n",
        "from lib import CACHE\n\n\ndef f(x):\n    CACHE[x] = 1\n",
        "import lib\n\n\ndef f(x):\n    lib.CACHE[x] = 1\n",
        "import lib\n\n\ndef f(x):\n    lib.count += 1\n",
    ],
)
def test_constants_and_what_belongs_to_other_modules_are_left_alone(text: str) -> None:
    assert flagged("RL202", text) == []


def test_a_module_of_the_project_has_its_state_where_it_makes_it(tmp_path: Path) -> None:
    texts = {
        "lib.py": "CACHE = {}\n\n\ndef note(x):\n    CACHE[x] = 1\n",
        "app.py": "from lib import CACHE\n\n\ndef f(x):\n    CACHE[x] = 1\n",
    }
    (found,) = findings_in("RL202", tmp_path, texts)
    assert found.path.endswith("lib.py")


def test_the_fix_keeps_annotation_comments_and_order() -> None:
    before = """\
        import os

        # whom we know
        KNOWN: set[str] = set()  # by name
        FIRST = os.environ.get("FIRST")
        COUNTS = {  # by name, too
            FIRST: 0,  # nobody yet
        }


        def note(name):
            KNOWN.add(name)
            COUNTS[name] = 1
        """
    after = """\
        import os
        from reloadlint.runtime import keep

        # whom we know
        KNOWN: set[str] = keep("KNOWN", set)  # by name
        FIRST = os.environ.get("FIRST")
        COUNTS = keep("COUNTS", lambda: {  # by name, too
            FIRST: 0,  # nobody yet
        })


        def note(name):
            KNOWN.add(name)
            COUNTS[name] = 1
        """
    assert fixed("RL202", before).text == textwrap.dedent(after)
