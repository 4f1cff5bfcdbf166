"""What holds of the fixes of every rule, however its examples are dressed.

Each promise is checked by bench/invariants.py, which bench/fuzz.py runs on generated and real code.
"""

from __future__ import annotations

import io
import os
import stat
import tokenize
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bench.invariants import EVERYTHING, Settings, examine
from reloadlint import files, registry
from reloadlint.facts.project import Project
from reloadlint.fix import fix
from reloadlint.rule import Example, Rule

EXAMPLES = [
    pytest.param(rule, example, id=f"{rule.code}-{number}")
    for rule in registry.load()
    for number, example in enumerate(rule.examples, 1)
    if example.after is not None
]


def commented(text: str, word: str) -> str:
    """The text with a comment of its own at the end of each statement."""
    lines = text.splitlines()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.NEWLINE:
            lines[token.start[0] - 1] += f"  # {word} {token.start[0]}"
    return "\n".join(lines) + "\n"


def tabbed(text: str) -> str:
    lines = text.splitlines()
    return "\n".join("\t" * ((len(s) - len(s.lstrip())) // 4) + s.lstrip() for s in lines) + "\n"


OTHERS = """
import threading
threading.Timer(1, lambda: other(1) + 2)  # reloadlint: ignore[RL101] -- why
threading.Timer(1, lambda: other(2) + 2)  # noqa: RL101
# reloadlint: disable[RL101, RL102]
threading.Timer(1, lambda: other(3) + 2)
# reloadlint: enable[RL101, RL102]
threading.Timer(1, lambda: other(4) + 2)
"""

DRESSES: dict[str, Callable[[str], bytes]] = {
    "comments": lambda text: commented(text, "why").encode(),
    "CRLF": lambda text: commented(text, "why").replace("\n", "\r\n").encode(),
    "CR": lambda text: commented(text, "why").replace("\n", "\r").encode(),
    "mark": lambda text: b"\xef\xbb\xbf" + commented(text, "\u2028 \U0001f40d").encode(),
    "Latin-1": lambda text: ("# coding: latin-1\n" + commented(text, "é")).encode("latin-1"),
    "Shift JIS": lambda text: ("# vim: fileencoding=shift_jis\n" + commented(text, "あ")).encode(
        "shift_jis"
    ),
    "tabs": lambda text: tabbed(text).encode(),
    "no line end": lambda text: text.rstrip("\n").encode(),
    "form feed": lambda text: b"\f\n" + text.encode(),
}


@pytest.mark.parametrize(("rule", "example"), EXAMPLES)
def test_a_fix_keeps_its_promises(rule: type[Rule], example: Example, tmp_path: Path) -> None:
    path = prepared(example, tmp_path)
    rules = registry.load() if rule.on_comments else [rule]
    is_first = example is next(each for each in rule.examples if each.after is not None)
    for name, dress in [*DRESSES.items()][: None if is_first else 2]:
        raw = dress(example.before)
        settings = settings_of(example, rules, tmp_path)
        alone = replace(settings, screen_too=False, one_by_one=name == "comments")
        applied = examine(str(path), raw, alone)
        assert applied[rule.code] > 0, name
        if name in {"mark", "Shift JIS"}:
            written_as_it_was(path, raw, settings)


@pytest.mark.parametrize(("rule", "example"), EXAMPLES)
def test_a_fix_leaves_what_stands_elsewhere(
    rule: type[Rule], example: Example, tmp_path: Path
) -> None:
    path = prepared(example, tmp_path)
    raw = f"{example.before}{OTHERS}{example.before}".encode()
    examine(str(path), raw, settings_of(example, registry.load(), tmp_path))


def prepared(example: Example, folder: Path) -> Path:
    for name, text in (*example.helpers, (example.path, example.before)):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder / example.path


def settings_of(example: Example, rules: list[type[Rule]], folder: Path) -> Settings:
    chosen = {key.replace("-", "_"): value for key, value in example.settings}
    config = replace(EVERYTHING, root=folder, **chosen)  # type: ignore[arg-type]
    project = Project(config, files.read, [str(path) for path in sorted(folder.rglob("*.py"))])
    return Settings(rules, config, project=project)


def written_as_it_was(path: Path, raw: bytes, settings: Settings) -> None:
    """Write the fixed text: the file keeps its mode, encoding, mark and style of line ends."""
    path.write_bytes(raw)
    os.chmod(path, 0o640)
    source = files.read(str(path))
    assert settings.project is not None
    with settings.project.looked_up(source):
        result = fix(source, settings.rules, settings.config, unsafe=True, project=settings.project)
    files.write(str(path), source, result.text)
    again = files.read(str(path))
    assert again.text == result.text != source.text
    assert (again.encoding, again.bom, again.newline) == (
        source.encoding,
        source.bom,
        source.newline,
    )
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
