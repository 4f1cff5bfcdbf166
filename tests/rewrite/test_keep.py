"""The fix that keeps state: what it makes of a statement in either idiom; and it is kept."""

from __future__ import annotations

import pytest

from tests.rules.checking import findings, fixed

IMPORT = "from reloadlint.runtime import keep\n"
# A statement; what it becomes with `keep`; and with the `globals` idiom.
KEPT = {
    "an empty display": (
        "X = []",
        'X = keep("X", list)',
        'X = globals().get("X", [])',
    ),
    "a display with something in it": (
        "X = [1]",
        'X = keep("X", lambda: [1])',
        'X = globals().get("X", [1])',
    ),
    "a call of a class": (
        "X = list()",
        'X = keep("X", list)',
        'X = globals().get("X", list())',
    ),
    "parentheses": (
        "X = (  (\n    []))",
        'X = keep("X", list)',
        'X = globals().get("X", (  (\n    [])))',
    ),
    "a comment in it": (
        "X = [  # of numbers\n]",
        'X = keep("X", lambda: [  # of numbers\n])',
        'X = globals().get("X", [  # of numbers\n])',
    ),
}
USE = "\n\n\ndef add():\n    X.append(2)\n"


def held_after_reload(text: str, name: str) -> object:
    """The state once the module was run, used, and run again in the same namespace."""
    module: dict[str, object] = {"__name__": f"test_keep {name}"}
    code = compile(text, "module", "exec", dont_inherit=True)
    exec(code, module)
    add = module["add"]
    assert callable(add)
    add()
    exec(code, module)
    return module["X"]


@pytest.mark.parametrize("name", KEPT)
class TestState:
    def test_is_lost_without_a_fix(self, name: str) -> None:
        text = KEPT[name][0] + USE
        assert held_after_reload(text, f"{name}, as it was") in ([], [1])

    def test_is_kept_by_keep(self, name: str) -> None:
        before, after, _ = KEPT[name]
        text = fixed("RL202", before + USE, unsafe=False, state_idiom="keep").text
        assert text == IMPORT + after + USE
        assert held_after_reload(text, f"{name}, by keep") in ([2], [1, 2])

    def test_is_kept_by_its_module(self, name: str) -> None:
        before, _, after = KEPT[name]
        text = fixed("RL202", before + USE, unsafe=False, state_idiom="globals").text
        assert text == after + USE
        assert held_after_reload(text, f"{name}, by globals") in ([2], [1, 2])


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("X = Y = []", "one value is given to several names at once"),
        ("X = [n := 1]", "its value binds a name by `:=`"),
    ],
)
def test_what_is_not_kept(statement: str, reason: str) -> None:
    (found,) = findings("RL202", statement + USE)
    assert found.fix is None
    assert found.refusal == reason


@pytest.mark.parametrize(
    ("head", "imported", "name"),
    [
        pytest.param('"""Doc."""\n', '"""Doc."""\n' + IMPORT, "keep", id="behind a docstring"),
        pytest.param("import os\n", "import os\n" + IMPORT, "keep", id="behind an import"),
        pytest.param(
            "import os\nos.x = 1\n",
            "import os\n" + IMPORT + "os.x = 1\n",
            "keep",
            id="the last one",
        ),
        pytest.param("1\n", "1\n" + IMPORT, "keep", id="above the statement"),
        pytest.param(
            "if 1:\n    import os\n",
            "if 1:\n    import os\n" + IMPORT,
            "keep",
            id="not in a condition",
        ),
        pytest.param(IMPORT, IMPORT, "keep", id="the import that there is"),
        pytest.param(
            "from reloadlint.runtime import a, keep as k\n",
            "from reloadlint.runtime import a, keep as k\n",
            "k",
            id="one by another name",
        ),
        pytest.param(
            "k = 1\nfrom reloadlint.runtime import keep as k\n",
            "k = 1\nfrom reloadlint.runtime import keep as k\nfrom reloadlint.runtime import keep "
            "as _keep\n",
            "_keep",
            id="not one whose name means two things",
        ),
        pytest.param(
            "keep = 1\n",
            "keep = 1\nfrom reloadlint.runtime import keep as _keep\n",
            "_keep",
            id="where its name is taken",
        ),
    ],
)
def test_where_keep_comes_from(head: str, imported: str, name: str) -> None:
    after = fixed("RL202", f"{head}X = []{USE}").text
    assert after == f'{imported}X = {name}("X", list){USE}'


@pytest.mark.parametrize("below", [f"{USE}{IMPORT}", f"; {IMPORT}{USE}"])
def test_an_import_below_is_none_yet(below: str) -> None:
    after = fixed("RL202", f"X = []{below}").text
    assert after == f'{IMPORT.strip()} as _keep\nX = _keep("X", list){below}'
    assert held_after_reload(after, below) == [2]
