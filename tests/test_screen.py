"""The screen hides nothing: with it and without, every rule finds, and fixes, the same."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from reloadlint.config import Config
from reloadlint.finding import Confidence
from reloadlint.lint import LintResult, lint
from reloadlint.registry import load
from reloadlint.rule import Rule
from reloadlint.source import SourceFile
from tests.facts import corpus
from tests.rewrite.programs import program

RULES = load()
EVERYTHING = Config(min_body=0, min_confidence=Confidence.POSSIBLE)


def assert_screen_hides_nothing(source: SourceFile, config: Config) -> LintResult:
    found = lint(source, RULES, config)
    unscreened = lint(source, RULES, config, screen=False)
    # Without the screen libcst sees more, and may refuse what CPython takes.
    assert {*map(str, found.failures)} <= {*map(str, unscreened.failures)}, source.path
    assert found.findings == unscreened.findings, source.path
    assert found.suppressed == unscreened.suppressed
    return found


def texts_of(rule: type[Rule]) -> list[tuple[str, str, Config]]:
    found = [("leave", text, Config()) for text in rule.leaves]
    for example in rule.examples:
        settings = {key.replace("-", "_"): value for key, value in example.settings}
        config = Config(**settings)  # type: ignore[arg-type]
        found += [
            ("example", text, config) for text in (example.before, example.good) if text is not None
        ]
    return found


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_in_what_rules_show_of_themselves(rule: type[Rule]) -> None:
    for _, text, config in texts_of(rule):
        assert_screen_hides_nothing(SourceFile("example.py", text), config)


@pytest.mark.parametrize("path", corpus.sample(30), ids=corpus.name)
def test_in_a_sample_of_the_standard_library(path: Path) -> None:
    text = corpus.read(path)
    if text is not None and len(text) < 60_000:
        assert_screen_hides_nothing(SourceFile(str(path), text), EVERYTHING)


@pytest.mark.parametrize("seed", range(6))
def test_in_generated_programs(seed: int) -> None:
    source = SourceFile("program.py", program(random.Random(seed)))
    assert assert_screen_hides_nothing(source, EVERYTHING).findings


@pytest.mark.slow
def test_all_over_the_standard_library() -> None:
    count = 0
    for path in corpus.some(10):
        text = corpus.read(path)
        if text is not None:
            result = assert_screen_hides_nothing(SourceFile(str(path), text), Config())
            count += len(result.findings)
    print(f"{count} findings")
    assert count > 50
