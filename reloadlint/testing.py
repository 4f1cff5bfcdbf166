"""The promises that every rule keeps, for the tests of a rule pack: its declaration is its test.

    import pytest
    from my_pack.sleepy_lambda import SleepyLambda
    from reloadlint.testing import Promise, promises

    @pytest.mark.parametrize("promise", promises(SleepyLambda), ids=str)
    def test_sleepy_lambda(promise: Promise) -> None:
        promise.check()

`check` raises BrokenPromise, an AssertionError that says what is wrong. Nothing here needs pytest.
"""

from __future__ import annotations

import inspect
import os
import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from reloadlint import files, registry
from reloadlint.config import Config
from reloadlint.facts.project import Project
from reloadlint.finding import Finding
from reloadlint.fix import FixResult, fix
from reloadlint.lint import LintResult, lint
from reloadlint.rule import Example, Rule
from reloadlint.source import SourceFile

SECTIONS = (
    "What it does",
    "Why it goes stale",
    "Use instead",
    "Fix safety",
    "When to suppress",
)
TO_DO = "TODO"  # what `reloadlint rule --new` leaves to be written


class BrokenPromise(AssertionError):
    """A rule is not what it declares to be."""


@dataclass(frozen=True)
class Promise:
    """One thing that holds for a rule; its text says which."""

    rule: type[Rule]
    text: str
    run: Callable[[], None]

    def check(self) -> None:
        """Raise BrokenPromise where it does not hold."""
        self.run()

    def __str__(self) -> str:
        return f"{self.rule.code}: {self.text}"


def promises(rule: type[Rule], *, experiments: bool = True) -> list[Promise]:
    """All that must hold for a rule; `experiments` asks reloaders, which takes a second or two."""
    return list(_promises(rule, experiments))


def _promises(rule: type[Rule], experiments: bool) -> Iterator[Promise]:
    for test in _OF_THE_DECLARATION:
        yield Promise(rule, _text(test), partial(test, rule))
    for number, example in enumerate(rule.examples, 1):
        for of_example in _OF_AN_EXAMPLE:
            text = f"example {number} {_text(of_example)}"
            yield Promise(rule, text, partial(_with_stage, of_example, rule, example))
    for number, leaf in enumerate(rule.leaves, 1):
        yield Promise(rule, f"leaf {number} is left alone", partial(_is_left_alone, rule, leaf))
    if experiments and any(example.evidence for example in rule.examples) and hasattr(os, "fork"):
        yield Promise(rule, "its evidence proves it", partial(_is_proven, rule))


def _text(test: Callable[..., None]) -> str:
    return test.__name__.strip("_").replace("_", " ")


def _expect(condition: object, message: str) -> None:
    if not condition:
        raise BrokenPromise(message)


# What the class says of itself.


def _the_code_and_the_name_have_their_form(rule: type[Rule]) -> None:
    _expect(re.fullmatch("[A-Z]+[0-9]+", rule.code), f"{rule.code} is not letters and digits")
    _expect(re.fullmatch("[a-z]+(-[a-z]+)*", rule.name), f"{rule.name} is not in kebab case")


def _the_page_has_its_sections_in_order(rule: type[Rule]) -> None:
    page = inspect.cleandoc(rule.__doc__ or "")  # CPython 3.13 has done so already
    places = [page.find(f"\n{section}\n---") for section in SECTIONS]
    for section, place in zip(SECTIONS, places, strict=True):
        _expect(place != -1, f"the docstring has no section {section!r}")
    _expect(places == sorted(places), f"the sections are not in the order {SECTIONS}")


def _the_page_is_written(rule: type[Rule]) -> None:
    texts = [*(rule.__doc__ or "").splitlines(), *(why for _, why in rule.untried)]
    lines = [line.strip() for line in texts if TO_DO in line]
    _expect(not lines, f"still to be written: {lines}")


def _the_summary_is_one_line(rule: type[Rule]) -> None:
    summary, blank = [*(rule.__doc__ or "").split("\n"), "", ""][:2]
    _expect(summary.endswith(".") and not blank, f"not a sentence on a line of its own: {summary}")


def _there_are_examples_and_leaves(rule: type[Rule]) -> None:
    _expect(rule.examples, "no example")
    _expect(rule.leaves, "no leaf: nothing that looks like the hazard, and is none")


def _a_fix_is_shown_and_has_evidence(rule: type[Rule]) -> None:
    is_shown = any(example.after for example in rule.examples)
    _expect(rule.is_fixable() == is_shown, f"fixable = {rule.fixable!r}, yet `after` is otherwise")
    is_proven = rule.on_comments or any(example.evidence for example in rule.examples)
    _expect(is_proven or not rule.is_fixable(), "a fix without evidence")


_OF_THE_DECLARATION = (
    _the_code_and_the_name_have_their_form,
    _the_page_has_its_sections_in_order,
    _the_page_is_written,
    _the_summary_is_one_line,
    _there_are_examples_and_leaves,
    _a_fix_is_shown_and_has_evidence,
)


# What comes of an example.


class Stage:
    """An example of a rule among its helpers, in the folder `root`."""

    def __init__(self, rule: type[Rule], example: Example, root: Path) -> None:
        self.rule = rule
        self.example = example
        self.root = root
        for name, text in (*example.helpers, (example.path, example.before)):
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text, encoding="utf-8")
        settings = {key.replace("-", "_"): value for key, value in example.settings}
        self.config = Config(**settings, root=root)  # type: ignore[arg-type]
        self.rules = _with_others(rule)

    @property
    def _source(self) -> SourceFile:
        return SourceFile(str(self.root / self.example.path), self.example.before)

    @property
    def _project(self) -> Project:
        return Project(self.config, files.read, [str(p) for p in sorted(self.root.rglob("*.py"))])

    def lint(self, text: str, *, screen: bool = True) -> LintResult:
        """What the rule says of `text` in the place of the example."""
        source = replace(self._source, text=text)
        result = lint(source, self.rules, self.config, screen=screen, project=self._project)
        _expect(not result.failures, f"failed: {[*map(str, result.failures)]}")
        return result

    def findings(self, text: str | None = None) -> Sequence[Finding]:
        """What is found in `text`, or in the example as it is."""
        return self.lint(self.example.before if text is None else text).findings

    def fix(self, *, unsafe: bool) -> FixResult:
        """What `--fix` makes of the example."""
        return fix(self._source, self.rules, self.config, unsafe=unsafe, project=self._project)


def _with_others(rule: type[Rule]) -> list[type[Rule]]:
    """The rules to check with: one on comments needs to know what the others find."""
    others = registry.load() if rule.on_comments else ()
    return [rule, *(other for other in others if not other.on_comments)]


def _with_stage(test: Callable[[Stage], None], rule: type[Rule], example: Example) -> None:
    with tempfile.TemporaryDirectory() as folder:
        test(Stage(rule, example, Path(folder)))


def _is_flagged(stage: Stage) -> None:
    codes = {finding.code for finding in stage.findings()}
    _expect(codes == {stage.rule.code}, f"found {codes or 'nothing'}")


def _has_messages_in_lower_case_without_full_stop(stage: Stage) -> None:
    for finding in stage.findings():
        first = finding.message.split()[0]
        is_lower = first == first.lower() or first.startswith("`")
        _expect(is_lower and finding.message[-1] != ".", finding.message)


def _is_flagged_without_the_screen_too(stage: Stage) -> None:
    text = stage.example.before
    screened, walked = stage.lint(text), stage.lint(text, screen=False)
    _expect(screened == walked, f"with the screen {screened.findings}, without {walked.findings}")


def _is_fixed_exactly_as_shown(stage: Stage) -> None:
    result = stage.fix(unsafe=stage.example.unsafe)
    expected = stage.example.after or stage.example.before
    _expect(result.text == expected, f"the fix makes\n{result.text}\ninstead of\n{expected}")
    _expect(not result.dropped, f"dropped: {[reason for _, reason in result.dropped]}")
    _expect(result.converged, "the fix does not come to an end")


def _has_no_unsafe_fix_that_is_applied_unasked(stage: Stage) -> None:
    is_same = stage.fix(unsafe=False).text == stage.example.before
    is_asked_for = stage.example.unsafe or stage.example.after is None
    _expect(is_same == is_asked_for, f"`unsafe` is {stage.example.unsafe}, the fix is otherwise")


def _is_clean_once_it_is_as_it_should_be(stage: Stage) -> None:
    if stage.example.good is not None:
        found = stage.findings(stage.example.good)
        _expect(not found, f"still flagged: {[finding.message for finding in found]}")


def _says_in_one_way_only_what_to_write(stage: Stage) -> None:
    is_one = stage.example.after is None or stage.example.instead is None
    _expect(is_one, "both `after` and `instead` are given")


def _is_suppressed_by_a_comment(stage: Stage) -> None:
    lines = stage.example.before.splitlines()
    before = stage.lint(stage.example.before)
    for finding in before.findings:
        lines[finding.start.line - 1] += f"  # reloadlint: ignore[{stage.rule.code}]"
    after = stage.lint("\n".join(lines) + "\n")
    _expect(not after.findings, f"still flagged: {after.findings}")
    _expect(after.suppressed == before.suppressed + len(before.findings), "not suppressed")


_OF_AN_EXAMPLE = (
    _is_flagged,
    _has_messages_in_lower_case_without_full_stop,
    _is_flagged_without_the_screen_too,
    _is_fixed_exactly_as_shown,
    _has_no_unsafe_fix_that_is_applied_unasked,
    _is_clean_once_it_is_as_it_should_be,
    _says_in_one_way_only_what_to_write,
    _is_suppressed_by_a_comment,
)


def _is_left_alone(rule: type[Rule], leaf: str) -> None:
    result = lint(SourceFile("example.py", leaf), _with_others(rule), Config())
    _expect(not result.failures, f"failed: {[*map(str, result.failures)]}")
    _expect(not result.findings, f"flagged: {[finding.message for finding in result.findings]}")


def _is_proven(rule: type[Rule]) -> None:
    """Under the reloaders that need no installation; `python -m reloadlint.evidence` asks all."""
    from reloadlint.evidence.measure import CHEAP, measure
    from reloadlint.evidence.trial import trials

    pairs = [
        (f"example {found.example}, edit {found.edit}, {name}", before, found.after.get(name))
        for found in measure(list(trials([rule])), CHEAP).of(rule.code)
        for name, before in found.before.items()
    ]
    for place, before, after in pairs:
        is_worse = before.is_good and after is not None and not after.is_good
        _expect(not is_worse, f"{place}: what to write instead makes it worse: {before} → {after}")
    _expect(any(not before.is_good for _, before, _ in pairs), "nothing ends badly")
    is_helped = any(not b.is_good and after and after.is_good for _, b, after in pairs)
    _expect(is_helped or not rule.is_fixable(), "the fix helps nowhere")
