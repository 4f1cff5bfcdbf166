"""A rule's class → the page that `reloadlint rule` prints, in Markdown."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator, Sequence

from reloadlint.errors import ConfigError
from reloadlint.nearest import hint
from reloadlint.profile import harm, on_by_default, outcome
from reloadlint.report import evidence
from reloadlint.rule import Example, Rule
from reloadlint.settings import RELOADERS


def find_rule(name: str, rules: Sequence[type[Rule]]) -> type[Rule]:
    """The rule of that code or name, in upper or lower case; ConfigError for an unknown one."""
    for rule in rules:
        if name.lower() in {rule.code.lower(), rule.name}:
            return rule
    known = [word for rule in rules for word in (rule.code, rule.name)]
    raise ConfigError(f"unknown rule `{name}`{hint(name, known)}")


def index(rules: Sequence[type[Rule]]) -> Iterator[str]:
    """One line a rule: code, name, summary."""
    code = max((len(rule.code) for rule in rules), default=0)
    name = max((len(rule.name) for rule in rules), default=0)
    for rule in rules:
        yield f"{rule.code:<{code}}  {rule.name:<{name}}  {documentation(rule)[0]}"


def page(rule: type[Rule]) -> str:
    """All that the class declares of itself: documentation, examples, what it leaves alone."""
    parts = [
        _heading(f"{rule.name} ({rule.code})", "="),
        "\n".join(documentation(rule)),
        f"{_fix(rule)} {_when_on(rule)}",
        *_list("Why there may be no fix", rule.refusals),
        *_list("Why the fix may be unsafe", rule.cautions),
        *_list("Where it is not to be fixed", _harms(rule)),
        *_examples(rule.examples),
        *_evidence(rule),
        *_leaves(rule.leaves),
    ]
    return "\n\n".join(parts)


def documentation(rule: type[Rule]) -> list[str]:
    """The lines of a rule's docstring, of which the first is the summary."""
    return inspect.cleandoc(rule.__doc__ or "").splitlines() or [""]


def _fix(rule: type[Rule]) -> str:
    return f"Fix: {rule.fixable}." if rule.fixable else "There is no fix."


def _when_on(rule: type[Rule]) -> str:
    text = f"{'On' if rule.default else 'Off'} by default"
    if outcome(rule, RELOADERS[1]) is None:
        return text + "."
    under = [name for name in RELOADERS[1:] if on_by_default([rule], name)]
    return f"{text}; where `reloader` is set, on under {', '.join(under) or 'none'}."


def _harms(rule: type[Rule]) -> Iterator[str]:
    for name in RELOADERS[1:]:
        reason = harm(rule, name)
        if reason is not None:
            yield f'With `reloader = "{name}"`: {reason}.'


def _list(title: str, items: Iterable[str]) -> Iterator[str]:
    lines = [f"- {item}" for item in items]
    if lines:
        yield _heading(title, "-")
        yield "\n".join(lines)


def _examples(examples: Sequence[Example]) -> Iterator[str]:
    for number, example in enumerate(examples, 1):
        yield _heading("Example" if len(examples) == 1 else f"Example {number}", "-")
        if example.settings:
            settings = ", ".join(f"`{key} = {value!r}`" for key, value in example.settings)
            yield f"With {settings}:"
        for path, text in example.helpers:
            yield f"`{path}`:"
            yield _code(text)
        if example.helpers:
            yield f"`{example.path}`:"
        yield _code(example.before)
        if example.after is not None:
            yield f"After `--fix{' --unsafe-fixes' if example.unsafe else ''}`:"
            yield _code(example.after)
        elif example.instead is not None:
            yield "Write instead:"
            yield _code(example.instead)


def _evidence(rule: type[Rule]) -> Iterator[str]:
    table = evidence.of_rule(rule)
    if table:
        yield _heading("Evidence", "-")
        yield (
            "What became of a reference that was held over a reload, before → after, by example, "
            "edit and its kind; the words are defined in rules/README.md."
        )
        yield "\n".join(table)
        yield "\n".join(f"- {edit}" for edit in evidence.edits_of(rule))


def _leaves(leaves: Iterable[str]) -> Iterator[str]:
    snippets = [_code(snippet) for snippet in leaves]
    if snippets:
        yield _heading("What is left alone", "-")
        yield from snippets


def _heading(text: str, underline: str) -> str:
    return f"{text}\n{underline * len(text)}"


def _code(text: str) -> str:
    return f"```python\n{text.rstrip()}\n```"
