"""Notebooks: findings in their cells, fixes that change nothing but the source of those cells."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reloadlint.errors import SourceError
from reloadlint.files import decode
from reloadlint.notebook import NotebookSource
from tests.command import run

IMPORT = "from threading import Timer\n%matplotlib inline\n"
STALE = "def start():\n    Timer(1, lambda: work('é') + 2)  # soon\n"
OUTPUT = {"output_type": "stream", "name": "stdout", "text": ["source\n", '"cells": [']}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def code(source: str | list[str]) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "execution_count": 3,
        "metadata": {"source": ["x"], "tags": []},
        "outputs": [OUTPUT],
        "source": source.splitlines(keepends=True) if isinstance(source, str) else source,
    }


def notebook(*cells: dict[str, Any], **more: Any) -> dict[str, Any]:
    metadata = {"language_info": {"name": "python"}, "x": 1.50}
    return {"cells": list(cells), "metadata": metadata, "nbformat": 4, "nbformat_minor": 5, **more}


TEXT = {"cell_type": "markdown", "metadata": {}, "source": ["# Timer(1, lambda: work(1) + 2)"]}


def write(data: dict[str, Any], name: str = "nb.ipynb", **form: Any) -> Path:
    path = Path(name)
    path.write_text(
        json.dumps(data, **{"indent": 1, "ensure_ascii": False, **form}) + "\n", "utf-8"
    )
    return path


def parsed(data: dict[str, Any]) -> NotebookSource:
    source = decode("nb.ipynb", json.dumps(data).encode())
    assert isinstance(source, NotebookSource)
    return source


def test_a_finding_is_placed_in_its_cell() -> None:
    write(notebook(TEXT, code(IMPORT), code(STALE)))
    result = run("check", "--output-format=concise", "-q")
    assert result.stdout.startswith("nb.ipynb:cell 3:2:14: RL101 [*] ")
    (finding,) = json.loads(run("check", "--output-format=json").stdout)
    assert (finding["cell"], finding["location"]) == (3, {"row": 2, "column": 14})
    assert "2 |     Timer(1, lambda: work('é') + 2)  # soon" in run("check").stdout


@pytest.mark.parametrize(
    "form", [{"indent": 1}, {"indent": None}, {"indent": 4}, {"ensure_ascii": True}]
)
def test_a_fix_changes_the_source_of_one_cell_and_not_a_byte_elsewhere(
    form: dict[str, Any],
) -> None:
    path = write(notebook(TEXT, code(IMPORT), code(STALE), code("x = 1"), code("")), **form)
    before = path.read_bytes()
    assert run("check", "--fix").exit_code == 0
    after = path.read_bytes()
    old = json.dumps(STALE.splitlines(keepends=True), **form)
    fixed = json.loads(after)["cells"][2]["source"]
    compile("".join(fixed), "cell", "exec")
    assert "# soon" in "".join(fixed)
    # The head and the tail of the file are the same; all that differs is between them.
    start = next(n for n, (a, b) in enumerate(zip(before, after, strict=False)) if a != b)
    assert start >= before.index(b"def start")
    tail = before[before.index(b'x = 1"') :]
    assert after.endswith(tail)
    assert len(old) < len(before)
    expected = json.loads(before)
    expected["cells"][2]["source"] = fixed
    assert json.loads(after) == expected
    assert run("check").exit_code == 0


def test_a_source_that_is_one_string_stays_one() -> None:
    cells = [{**code(IMPORT), "source": IMPORT}, {**code(STALE), "source": STALE}]
    path = write(notebook(*cells))
    assert run("check", "--fix").exit_code == 0
    sources = [cell["source"] for cell in json.loads(path.read_text("utf-8"))["cells"]]
    assert sources[0] == IMPORT
    assert isinstance(sources[1], str)
    assert sources[1] != STALE


MAGICS = """\
%load_ext x
!pip install "y
files = !ls \\
   -l
Timer?
?Timer
x = %time 3
for n in range(3):
    !echo {n}
"""


def test_magics_are_tolerated_and_kept() -> None:
    path = write(notebook(code(IMPORT), code(MAGICS + STALE), code("%%bash\nif [ x ]; then\n")))
    assert run("check", "--output-format=concise", "-q").stdout.startswith("nb.ipynb:cell 2:11:14:")
    assert run("check", "--fix").exit_code == 0
    first, second, third = (c["source"] for c in json.loads(path.read_text("utf-8"))["cells"])
    assert "".join(first) == IMPORT
    assert "".join(second).startswith(MAGICS)
    assert "".join(third) == "%%bash\nif [ x ]; then\n"


def test_python_under_a_cell_magic_is_checked() -> None:
    write(notebook(code(IMPORT), code("%%time\n" + STALE)))
    assert run("check", "-q", "--output-format=concise").stdout.startswith("nb.ipynb:cell 2:3:14:")


def test_what_is_no_magic_is_a_syntax_error_in_its_cell() -> None:
    write(notebook(code("x = 1\n"), code("y = (\n")))
    result = run("check", "-q", "--output-format=concise")
    assert result.stdout.startswith("nb.ipynb:cell 2:1:")
    assert "syntax-error" in result.stdout


def test_the_patch_is_one_of_the_file() -> None:
    path = write(notebook(code(IMPORT), code(STALE)))
    patch = run("check", "--diff").stdout
    assert patch.startswith("--- a/nb.ipynb\n+++ b/nb.ipynb\n")
    assert all(
        line[1:] in path.read_text("utf-8") for line in patch.splitlines() if line[:2] == "- "
    )


def test_notebooks_of_other_languages_are_left_alone() -> None:
    data = notebook(code("x <- 1"))
    data["metadata"]["language_info"]["name"] = "R"
    write(data)
    assert run("check").exit_code == 0


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "not a notebook: Expecting value: line 1 column 1 (char 0)"),
        (b"[]", "not a notebook of version 4"),
        (b'{"worksheets": []}', "not a notebook of version 4"),
        (b"\xff", "not a notebook: 'utf-8' codec can't decode byte 0xff in position 0"),
        (b"[" * 100_000, "not a notebook: "),
    ],
)
def test_what_is_no_notebook_is_refused_in_a_line(raw: bytes, reason: str) -> None:
    with pytest.raises(SourceError) as error:
        decode("a.ipynb", raw)
    assert error.value.reason.startswith(reason)


@pytest.mark.parametrize(
    "data",
    [
        {"cells": [3]},
        {"cells": [{"cell_type": 3}]},
        {"cells": [{"cell_type": "code"}]},
        {"cells": [{"cell_type": "code", "source": 3}]},
        {"cells": [{"cell_type": "code", "source": [3]}]},
        {"cells": [{"cell_type": "code", "source": {}}]},
        {"cells": {}},
        {"cells": [], "metadata": 3},
    ],
)
def test_odd_notebooks_break_nothing(data: dict[str, Any]) -> None:
    Path("odd.ipynb").write_text(json.dumps(data))
    result = run("check")
    assert result.exit_code in {0, 2}
    assert "bug" not in result.stderr


LINES = st.lists(
    st.sampled_from(
        [
            "x = 1",
            "%time",
            "!ls",
            "?x",
            "'''",
            "    y",
            "%%bash",
            "é\u2028😀",
            "",
            "\\",
            "# c",
            "\f",
        ]
    ),
    max_size=6,
).map("\n".join)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(LINES, max_size=4), st.sampled_from([None, 1, 3]), st.booleans())
def test_what_is_not_changed_is_written_as_it_was(
    sources: list[str], indent: int | None, is_ascii: bool
) -> None:
    cells = [code(source.split("\n", 0)) if source else code("") for source in sources]
    raw = json.dumps(notebook(TEXT, *cells), indent=indent, ensure_ascii=is_ascii).encode()
    source = decode("a.ipynb", raw)
    assert source.encode(source.text) == raw


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(LINES, min_size=1, max_size=4))
def test_a_changed_cell_is_read_as_what_was_written(sources: list[str]) -> None:
    source = parsed(notebook(*(code([s]) for s in sources)))
    marker = "added = 'é'\n"
    text = source.text.replace('"%% reloadlint cell 1"\n', f'"%% reloadlint cell 1"\n{marker}')
    found = json.loads(source.encode(text))["cells"]
    assert "".join(found[0]["source"]) == marker + sources[0]
    assert ["".join(cell["source"]) for cell in found[1:]] == sources[1:]
