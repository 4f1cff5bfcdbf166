"""What the tests of rules share: the findings of one rule in a text, and the text once fixed."""

from __future__ import annotations

import textwrap
from pathlib import Path

from reloadlint import files, registry
from reloadlint.config import Config
from reloadlint.facts.project import Project
from reloadlint.finding import Finding
from reloadlint.fix import FixResult, fix
from reloadlint.lint import lint
from reloadlint.rule import Rule
from reloadlint.source import SourceFile


def rule_of(code: str) -> type[Rule]:
    return next(rule for rule in registry.load() if rule.code == code)


def findings(code: str, text: str, **settings: object) -> tuple[Finding, ...]:
    """What the rule says of a file by itself."""
    source = SourceFile("example.py", textwrap.dedent(text))
    result = lint(source, [rule_of(code)], Config(**settings))  # type: ignore[arg-type]
    assert not result.failures
    return result.findings


def flagged(code: str, text: str, **settings: object) -> list[str]:
    """The first lines of what the rule flags."""
    lines = textwrap.dedent(text).splitlines()
    return [lines[f.start.line - 1].strip() for f in findings(code, text, **settings)]


def findings_in(code: str, root: Path, texts: dict[str, str]) -> list[Finding]:
    """What the rule says of a project: `texts` by path, all of them checked."""
    for name, text in texts.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(textwrap.dedent(text), encoding="utf-8")
    config = Config(root=root)
    paths = [str(root / name) for name in texts]
    project = Project(config, files.read, paths)
    found: list[Finding] = []
    for path in paths:
        result = lint(files.read(path), [rule_of(code)], config, project=project)
        assert not result.failures
        found += result.findings
    return found


def fixed_in(code: str, root: Path, texts: dict[str, str], path: str) -> str:
    """One file of a project once all that can be fixed in it is fixed."""
    for name, text in texts.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8", newline="")
    config = Config(root=root)
    project = Project(config, files.read, [str(root / name) for name in texts])
    result = fix(
        files.read(str(root / path)), [rule_of(code)], config, project=project, unsafe=True
    )
    assert result.converged
    assert not result.dropped
    return result.text


def fixed(code: str, text: str, *, unsafe: bool = True, **settings: object) -> FixResult:
    """The file once all that can be fixed is fixed."""
    source = SourceFile("example.py", textwrap.dedent(text))
    config = Config(**settings)  # type: ignore[arg-type]
    result = fix(source, [rule_of(code)], config, unsafe=unsafe)
    assert not result.dropped
    assert result.converged
    return result
