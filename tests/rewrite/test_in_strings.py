"""RL301: names in quoted annotations and doctests follow, or the copy stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.rules.checking import findings_in, fixed_in

M = "class K: pass\n"
HEAD = "from m import K\ndef g(): return K()\n"


def after(root: Path, text: str) -> str:
    return fixed_in("RL301", root, {"m.py": M, "here.py": HEAD + text}, "here.py")


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("def h(a: 'K') -> \"list[K]\": pass\n", "def h(a: 'm.K') -> \"list[m.K]\": pass\n"),
        ("x: ' K | None' = 1\n", "x: ' m.K | None' = 1\n"),
        ("x: r'K' = 1\n", "x: r'm.K' = 1\n"),
        ("x: '''K''' = 1\n", "x: '''m.K''' = 1\n"),
        ("x: 'dict[K, Kind, K.K]' = 1\n", "x: 'dict[m.K, Kind, m.K.K]' = 1\n"),
        ("x: list['K'] = 1\n", "x: list['m.K'] = 1\n"),
        (
            'def h():\n    """Say.\n\n    >>> K()\n    K\n    """\n',
            'def h():\n    """Say.\n\n    >>> m.K()\n    K\n    """\n',
        ),
        (
            'def h():\n    """\n    >>> [K,\n    ...  K]\n'
            '    >>> g(K=1)\n    is an answer: K\n    """\n',
            'def h():\n    """\n    >>> [m.K,\n    ...  m.K]\n'
            '    >>> g(K=1)\n    is an answer: K\n    """\n',
        ),
        (
            'def h():\n    """\n    >>> g(K=1)\n\n    ... K\n    >>> K\n    """\n',
            'def h():\n    """\n    >>> g(K=1)\n\n    ... K\n    >>> m.K\n    """\n',
        ),
    ],
)
def test_what_is_rewritten(tmp_path: Path, before: str, expected: str) -> None:
    assert (
        after(tmp_path, before)
        == HEAD.replace("from m import K", "import m").replace("K()", "m.K()") + expected
    )


@pytest.mark.parametrize(
    "text",
    [
        "from typing import Literal\nx: Literal['K'] = 1\n",
        "def h(K):\n    def i(a: 'K'): pass\n",
        "x = 'K'\n",
        'def h():\n    """Makes a K."""\n',
        'def h():\n    """\n    >>> Kind()\n    """\n',
        'def h():\n    """A K.\n\n    >>> 1\n    1\n    """\n',
        'def h():\n    """See >>> K."""\n',
        "print('K(', getattr(g, 'K is'))\n",
    ],
)
def test_what_means_something_else_stays(tmp_path: Path, text: str) -> None:
    assert after(tmp_path, text).endswith("def g(): return m.K()\n" + text)


@pytest.mark.parametrize(
    "text",
    [
        "x: '''list[\n  K]''' = 1\n",
        "x: 'K | é' = 1\n",
        "x: '\\x4b | K' = 1\n",
        "x: 'K' '' = 1\n",
        "x: 'K[' = 1\n",
        "x: f'K' = 1\n",
        'def h():\n    """\n    >>> K = 1\n    """\n',
        'def h():\n    """\n    >>> import K\n    """\n',
        'def h():\n    """\n    >>> from x import y as K\n    """\n',
        'def h():\n    """\n    >>> def K(): pass\n    """\n',
        'def h():\n    """\n    >>> (lambda K: 1)\n    """\n',
        'def h():\n    """\n    >>> K(\n    """\n',
        'def h():\n    """\n    >>> K(), "é"\n    """\n',
        'def h():\n    """\\t\n    >>> K()\n    """\n',
        'def h():\r\n    """\r\n    >>> K()\r\n    """\r\n',
    ],
)
def test_where_the_text_cannot_follow_the_copy_stays(tmp_path: Path, text: str) -> None:
    assert after(tmp_path, text) == HEAD + text
    (found,) = findings_in("RL301", tmp_path, {"m.py": M, "here.py": HEAD + text})
    assert found.refusal == "`K` stands in a string where it cannot be written otherwise"
