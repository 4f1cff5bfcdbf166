"""What holds for every rule, whoever wrote it: its declaration is its test."""

from __future__ import annotations

import inspect
from dataclasses import replace
from pathlib import Path

import pytest

from reloadlint import files, registry
from reloadlint.config import Config
from reloadlint.facts.project import Project
from reloadlint.fix import fix
from reloadlint.lint import LintResult, lint
from reloadlint.rule import Example, Rule
from reloadlint.source import SourceFile

RULES = registry.load()
EXAMPLES = [
    pytest.param(rule, example, id=f"{rule.code}-{number}")
    for rule in RULES
    for number, example in enumerate(rule.examples, 1)
]
LEAVES = [
    pytest.param(rule, leaf, id=f"{rule.code}-{number}")
    for rule in RULES
    for number, leaf in enumerate(rule.leaves, 1)
]
SECTIONS = (
    "What it does",
    "Why it goes stale",
    "Use instead",
    "Fix safety",
    "When to suppress",
)


def config_of(example: Example, root: Path) -> Config:
    settings = {key.replace("-", "_"): value for key, value in example.settings}
    return Config(**settings, root=root)  # type: ignore[arg-type]


def stage(example: Example, root: Path) -> tuple[SourceFile, Config, Project]:
    """The example among its helpers, in the folder `root`."""
    for name, text in (*example.helpers, (example.path, example.before)):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    config = config_of(example, root)
    paths = [str(path) for path in sorted(root.rglob("*.py"))]
    source = SourceFile(str(root / example.path), example.before)
    return source, config, Project(config, files.read, paths)


def on(rule: type[Rule]) -> list[type[Rule]]:
    """The rules to check with: one on comments needs to know what the others find."""
    return [rule, *(other for other in RULES if rule.on_comments and not other.on_comments)]


def check(rule: type[Rule], text: str, config: Config | None = None) -> LintResult:
    result = lint(SourceFile("example.py", text), on(rule), config or Config())
    assert not result.failures
    return result


def check_example(rule: type[Rule], example: Example, text: str, root: Path) -> LintResult:
    source, config, project = stage(example, root)
    result = lint(replace(source, text=text), on(rule), config, project=project)
    assert not result.failures
    return result


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
class TestTheDeclaration:
    def test_the_code_and_the_name_have_their_form(self, rule: type[Rule]) -> None:
        assert rule.code[:2] == "RL"
        assert rule.code[2:].isdigit()
        assert rule.name == rule.name.lower()
        assert rule.name.replace("-", "").isalpha()

    def test_the_page_has_its_sections_in_order(self, rule: type[Rule]) -> None:
        page = inspect.cleandoc(rule.__doc__ or "")  # CPython 3.13 has done so already
        places = [page.find(f"\n{section}\n---") for section in SECTIONS]
        assert -1 not in places
        assert places == sorted(places)

    def test_the_summary_is_one_line(self, rule: type[Rule]) -> None:
        summary, blank = (rule.__doc__ or "").split("\n")[:2]
        assert summary.endswith(".")
        assert blank == ""

    def test_it_is_in_the_table_of_the_readme(self, rule: type[Rule]) -> None:
        readme = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
        (row,) = [line for line in readme.splitlines() if line.startswith(f"| {rule.code} ")]
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        assert cells[1] == rule.name
        assert cells[3] == rule.fixable

    def test_it_has_examples_and_leaves(self, rule: type[Rule]) -> None:
        assert rule.examples
        assert rule.leaves

    def test_it_stands_in_a_file_of_its_name(self, rule: type[Rule]) -> None:
        assert rule.__module__ == f"reloadlint.rules.{rule.name.replace('-', '_')}"

    def test_a_rule_with_a_fix_shows_it_and_its_evidence(self, rule: type[Rule]) -> None:
        is_fixed = rule.fixable not in ("", "display-only")
        assert is_fixed == any(example.after for example in rule.examples)
        if rule.fixable:
            assert rule.on_comments or any(example.evidence for example in rule.examples)


@pytest.mark.parametrize(("rule", "example"), EXAMPLES)
class TestAnExample:
    def test_is_flagged(self, rule: type[Rule], example: Example, tmp_path: Path) -> None:
        findings = check_example(rule, example, example.before, tmp_path).findings
        assert findings
        assert {finding.code for finding in findings} == {rule.code}

    def test_the_message_is_lower_case_without_full_stop(
        self, rule: type[Rule], example: Example, tmp_path: Path
    ) -> None:
        for finding in check_example(rule, example, example.before, tmp_path).findings:
            first_word = finding.message.split()[0]
            assert first_word == first_word.lower() or first_word.startswith("`")
            assert finding.message[-1] != "."

    def test_is_flagged_without_the_screen_too(
        self, rule: type[Rule], example: Example, tmp_path: Path
    ) -> None:
        source, config, project = stage(example, tmp_path)
        screened = lint(source, on(rule), config, project=project)
        assert lint(source, on(rule), config, screen=False, project=project) == screened

    def test_is_fixed_exactly_as_shown(
        self, rule: type[Rule], example: Example, tmp_path: Path
    ) -> None:
        source, config, project = stage(example, tmp_path)
        result = fix(source, on(rule), config, unsafe=example.unsafe, project=project)
        assert result.text == (example.after or example.before)
        assert not result.dropped
        assert result.converged

    def test_the_unsafe_fix_is_not_applied_unasked(
        self, rule: type[Rule], example: Example, tmp_path: Path
    ) -> None:
        source, config, project = stage(example, tmp_path)
        result = fix(source, on(rule), config, project=project)
        assert (result.text == example.before) == (example.unsafe or example.after is None)

    def test_is_clean_once_it_is_as_it_should_be(
        self, rule: type[Rule], example: Example, tmp_path: Path
    ) -> None:
        if example.good is not None:
            assert check_example(rule, example, example.good, tmp_path).findings == ()

    def test_says_in_one_way_only_what_to_write(self, rule: type[Rule], example: Example) -> None:
        assert example.after is None or example.instead is None

    def test_a_comment_suppresses_it(
        self, rule: type[Rule], example: Example, tmp_path: Path
    ) -> None:
        lines = example.before.splitlines()
        before = check_example(rule, example, example.before, tmp_path)
        found = before.findings
        for finding in found:
            lines[finding.start.line - 1] += f"  # reloadlint: ignore[{rule.code}]"
        result = check_example(rule, example, "\n".join(lines) + "\n", tmp_path)
        assert result.findings == ()
        assert result.suppressed == before.suppressed + len(found)


@pytest.mark.parametrize(("rule", "leaf"), LEAVES)
def test_a_leaf_is_left_alone(rule: type[Rule], leaf: str) -> None:
    assert check(rule, leaf).findings == ()
