"""RL403: which assignments patch something, and what is said of each."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.rules.checking import findings, findings_in, flagged

WRAPS = "each reload wraps the patch of before once more"
AGAIN = "a reload patches it again, over whatever has been put there since"


@pytest.mark.parametrize(
    ("text", "consequence"),
    [
        ("import json\nold = json.dumps\ndef f(x): return old(x)\njson.dumps = f", WRAPS),
        ("import json\nold = json.dumps\njson.dumps = lambda x: old(x)", WRAPS),
        (
            "import json\nold = json.dumps\nclass F:\n    def f(self): old(1)\njson.dumps = F()",
            WRAPS,
        ),
        ("import json, functools\njson.dumps = functools.partial(json.dumps, indent=1)", WRAPS),
        ("import json\nsetattr(json, 'dumps', wrap(json.dumps))", WRAPS),
        ("import sys\ndef hook(*a): pass\nsys.excepthook = hook", AGAIN),
        ("import os.path as p\np.join = lambda *a: a", AGAIN),
        ("import os.path\nos.path.join = lambda *a: a", AGAIN),
        ("from json import JSONEncoder\nJSONEncoder.default = lambda self, o: str(o)", AGAIN),
        ("import json\nclass C:\n    json.dumps = lambda x: x", AGAIN),
        ("import json\njson.dumps: object = lambda x: x", AGAIN),
        ("from app import Page\nclass Mixin: pass\nPage.mixins += (Mixin,)", AGAIN),
    ],
)
def test_what_is_flagged_and_why(text: str, consequence: str) -> None:
    (found,) = findings("RL403", text + "\n")
    assert found.message.endswith(consequence)


@pytest.mark.parametrize(
    "text",
    [
        "import sys\nif not hasattr(sys, 'x'):\n    sys.x = lambda: 0",
        "import sys\nif sys.x is None:\n    sys.x = lambda: 0",
        "import sys\ntry:\n    sys.x\nexcept AttributeError:\n    sys.x = lambda: 0",
        "import sys\nsys.tracebacklimit = 0",
        "import sys\ndef f():\n    sys.x = f",
        "import sys\nif __name__ == '__main__':\n    sys.excepthook = lambda *a: 0",
        "class C: pass\nC.f = lambda self: 0",
        "def f(): pass\nf.x = lambda: 0",
        "import os\nos.environ['A'] = 'b'",
        "from app import settings\nsettings.debug = True",
        "import json\njson.loads.__doc__ = 'x'",
        "import sys\nold = sys.stdout\nsys.stdout = f = Log()\nrun()\nsys.stdout = old",
        "x.y = lambda: 0",
        "import app\napp.HANDLERS += [lambda: 0]",
        "import json\nfor name in NAMES:\n    setattr(json, name, lambda: 0)",
    ],
)
def test_what_is_left_alone(text: str) -> None:
    assert flagged("RL403", text + "\n") == []


def test_plain_values_are_possible_only() -> None:
    from reloadlint.finding import Confidence

    text = "import sys\nsys.tracebacklimit = 0\n"
    assert len(findings("RL403", text, min_confidence=Confidence.POSSIBLE)) == 1


def test_the_projects_own_modules_and_classes_are_known(tmp_path: Path) -> None:
    found = findings_in(
        "RL403",
        tmp_path,
        {
            "pkg/__init__.py": "",
            "pkg/base.py": "LIMIT = 1\n\n\nclass Base:\n    pass\n\n\nbase = Base()\n"
            "def run(): pass\n",
            "pkg/app.py": """\
                from . import base
                from .base import Base, base as instance

                base.LIMIT = 2
                Base.name = "x"
                instance.name = "x"
                instance.shown.by = lambda: 0
                base.run.shown = lambda: 0
                """,
        },
    )
    assert [finding.start.line for finding in found] == [4, 5]
    assert found[0].message == (
        "`base.LIMIT` is patched at import: a reload of what is patched takes the patch away"
    )


def test_tests_may_patch(tmp_path: Path) -> None:
    from reloadlint.config import Config, enabled_in
    from tests.rules.checking import rule_of

    assert enabled_in(str(tmp_path / "test_x.py"), [rule_of("RL403")], Config()) == ()


def test_functions_that_the_module_calls_are_followed() -> None:
    text = "import json\ndef dumps(x): return x\ndef _patch():\n    json.dumps = dumps\n"
    assert flagged("RL403", text) == []
    assert flagged("RL403", f"{text}_patch()\n") == ["json.dumps = dumps"]


def test_what_sphinx_runs_is_no_module(tmp_path: Path) -> None:
    text = "import json\ndef dumps(x): return x\njson.dumps = dumps\n"
    assert findings_in("RL403", tmp_path, {"docs/conf.py": text}) == []
    assert len(findings_in("RL403", tmp_path, {"app/conf.py": text})) == 1
