"""What makes results of earlier runs worthless: anything of a rule pack that has changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from reloadlint.cache import scope as module
from reloadlint.cache.scope import scope


@pytest.mark.parametrize("file", ["rule.py", "evidence.json", "names.toml"])
def test_a_pack_that_has_changed_is_another_scope(
    file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pack = tmp_path / "scoped_pack"
    pack.mkdir()
    (pack / "__init__.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(module, "packs", lambda: {"scoped_pack": "scoped"})
    (pack / file).write_text("1")
    first = scope(["."], [])
    assert scope(["."], []) == first
    (pack / file).write_text("2")
    assert scope(["."], []) != first
