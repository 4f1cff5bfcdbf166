"""The page of a rule."""

from __future__ import annotations

import pytest

from reloadlint.errors import ConfigError
from reloadlint.report.page import find_rule, index, page
from reloadlint.rule import Example, Rule


class Fixed(Rule):
    """Something is stale.

    What it does
    ------------
    Looks for it.
    """

    code = "RL101"
    name = "stale-thing"
    fixable = "hoist"
    examples = (
        Example("f(a)\n", "f(b)\n"),
        Example("g(a)\n", "g(b)\n", unsafe=True, settings=(("state-idiom", "globals"),)),
    )
    leaves = ("h(a)\n",)


class Told(Rule):
    """Something else."""

    code = "RL9"
    name = "x"
    default = False
    examples = (Example("f(a)\n"),)


def test_a_page_shows_all_that_the_class_declares() -> None:
    assert page(Fixed) == (
        """\
stale-thing (RL101)
===================

Something is stale.

What it does
------------
Looks for it.

Fix: hoist. On by default.

Example 1
---------

```python
f(a)
```

After `--fix`:

```python
f(b)
```

Example 2
---------

With `state-idiom = 'globals'`:

```python
g(a)
```

After `--fix --unsafe-fixes`:

```python
g(b)
```

What is left alone
------------------

```python
h(a)
```"""
    )


def test_a_rule_may_be_off_and_have_no_fix() -> None:
    text = page(Told)
    assert "There is no fix. Off by default." in text
    assert "\nExample\n-------\n" in text
    assert "After" not in text
    assert "left alone" not in text


def test_the_index_has_a_line_a_rule() -> None:
    assert [*index((Fixed, Told))] == [
        "RL101  stale-thing  Something is stale.",
        "RL9    x            Something else.",
    ]


@pytest.mark.parametrize("name", ["RL101", "rl101", "stale-thing", "Stale-Thing"])
def test_a_rule_is_found_by_code_or_name(name: str) -> None:
    assert find_rule(name, (Fixed, Told)) is Fixed


def test_an_unknown_rule_is_an_error_with_the_nearest_one() -> None:
    with pytest.raises(
        ConfigError, match=r"^unknown rule `stal-thing`; did you mean `stale-thing`"
    ):
        find_rule("stal-thing", (Fixed, Told))


def test_a_page_lists_what_stands_against_a_fix() -> None:
    rule = type("Listed", (Told,), {"refusals": ("it is one", "it is two"), "cautions": ("hm",)})
    text = page(rule)
    assert "Why there may be no fix\n-----------------------\n\n- it is one\n- it is two" in text
    assert "Why the fix may be unsafe\n-------------------------\n\n- hm" in text
