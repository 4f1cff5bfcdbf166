"""Which paths a pattern means."""

from __future__ import annotations

import pytest

from reloadlint.globs import PathPatterns


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        pytest.param("venv", "/p/venv", id="a name at the root"),
        pytest.param("venv", "/p/a/b/venv", id="a name anywhere"),
        pytest.param("test_*.py", "/p/a/test_x.py", id="a star in a name"),
        pytest.param("gen/api.py", "/p/gen/api.py", id="a path from the root"),
        pytest.param("./gen/", "/p/gen", id="dots and slashes at the ends do not count"),
        pytest.param("tests/*.py", "/p/tests/a/b.py", id="a star crosses folders"),
        pytest.param("tests/**", "/p/tests/a/b.py", id="all under a folder"),
        pytest.param("**/gen/*", "/p/gen/a.py", id="any depth counts none"),
        pytest.param("a/**/z.py", "/p/a/b/c/z.py", id="any depth between"),
        pytest.param("a/**/z.py", "/p/a/z.py", id="no depth between"),
        pytest.param("**/{docs,tools}/*", "/p/x/tools/a.py", id="alternatives"),
        pytest.param("v?.py", "/p/v1.py", id="one character"),
        pytest.param("v[0-9].py", "/p/v1.py", id="a range"),
        pytest.param("v[!0-9].py", "/p/vx.py", id="not in a range"),
        pytest.param("v[]].py", "/p/v].py", id="a bracket in a set"),
        pytest.param(r"\*.py", "/p/*.py", id="an escaped star"),
        pytest.param("a,b}.py", "/p/a,b}.py", id="braces and commas alone are themselves"),
        pytest.param("/abs/x.py", "/abs/x.py", id="an absolute path"),
        pytest.param("a+b(c).py", "/p/a+b(c).py", id="nothing else is special"),
    ],
)
def test_matches(pattern: str, path: str) -> None:
    assert PathPatterns((pattern,), "/p").match(path)


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        pytest.param("venv", "/p/venv/a.py", id="a file is not the folder it is in"),
        pytest.param("gen/api.py", "/p/x/gen/api.py", id="a path only from the root"),
        pytest.param("gen/api.py", "/q/gen/api.py", id="another root"),
        pytest.param("test.py", "/p/latest.py", id="a part of a name"),
        pytest.param("v[0-9].py", "/p/vx.py", id="outside a range"),
        pytest.param("v[!0-9].py", "/p/v1.py", id="in an excluded range"),
        pytest.param("*.py", "/p/a.pyi", id="a longer suffix"),
        pytest.param("", "/p/a.py", id="an empty pattern"),
    ],
)
def test_does_not_match(pattern: str, path: str) -> None:
    assert not PathPatterns((pattern,), "/p").match(path)


def test_no_patterns_match_nothing() -> None:
    assert not PathPatterns((), "/p").match("/p/a.py")


def test_the_root_is_no_pattern_itself() -> None:
    assert PathPatterns(("gen/*",), "/p+[x]").match("/p+[x]/gen/a.py")


def test_folders_above_count_when_asked() -> None:
    patterns = PathPatterns(("venv", "p"), "/p")
    assert patterns.match_at_or_above("/p/venv/lib/a.py")
    assert not patterns.match_at_or_above("/p/src/a.py"), "the root itself does not count"


@pytest.mark.parametrize("pattern", ["{a,b", "[z-a]"])
def test_what_is_no_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="pattern"):
        PathPatterns((pattern,), "/p")
