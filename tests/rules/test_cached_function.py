"""RL205: which caches are known, and what is said of their results."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.rules.checking import findings, findings_in, flagged

BODY = "\ndef price(n):\n    return n + n * 2\n"


@pytest.mark.parametrize(
    "decorator",
    [
        "import functools\n@functools.lru_cache",
        "import functools\n@functools.lru_cache(maxsize=None)",
        "from functools import cache as remembered\n@remembered",
        "from cachetools import cached\n@cached({})",
        "from functools import lru_cache\n@print\n@lru_cache()",
    ],
)
def test_what_is_flagged(decorator: str) -> None:
    (found,) = findings("RL205", decorator + BODY)
    assert found.message.endswith("where a reload leaves the cache, old results stay")
    assert found.fix is not None
    assert (found.fix.applicability.value, found.fix.edits) == ("display-only", ())


@pytest.mark.parametrize(
    "text",
    [
        "import functools\n@functools.wraps(print)" + BODY,
        "def lru_cache(f): return f\n@lru_cache" + BODY,
        "import re, functools\n@functools.cache\ndef f(p): return re.compile(p)",
        "import functools\ndef g():\n    @functools.cache\n    def f(n): return n + n * 2",
        "import functools\nclass C:\n    @functools.cached_property\n    def f(self): return 1 + x",
    ],
)
def test_what_is_left_alone(text: str) -> None:
    assert flagged("RL205", text + "\n") == []


def test_a_function_of_another_module_makes_it_certain(tmp_path: Path) -> None:
    (found,) = findings_in(
        "RL205",
        tmp_path,
        {
            "rates.py": "def tax(net):\n    return net * 2\n",
            "app.py": "import functools\nimport rates\n\n\n@functools.cache\ndef price(net):\n"
            "    return net + rates.tax(net)\n",
        },
    )
    assert found.confidence.label == "certain"
    assert "a reload of `rates.tax` does not reach the results" in found.message


def test_each_function_has_its_own_finding() -> None:
    one = "@functools.cache" + BODY
    text = f"import functools\n{one}{one.replace('price', 'total')}"
    assert flagged("RL205", text) == ["def price(n):", "def total(n):"]
