"""What was measured of rules → tables in Markdown: reloaders, and what becomes of a reference."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from reloadlint.profile import PORTABLE, Outcome, outcome
from reloadlint.rule import Rule
from reloadlint.settings import RELOADERS
from reloadlint.verdicts import Measured, Measurements, file_of, load

# The reloaders that the design names, and the one that is most like them.
SHOWN = ("importlib", "reimport", "ipython", "jurigged", "hmr", "reloadlint")
OTHERS = tuple(sorted(set(RELOADERS) - {*SHOWN, PORTABLE}))


def of_rule(rule: type[Rule]) -> list[str]:
    """A row a reloader, a column an experiment; nothing where nothing was measured."""
    path = file_of(rule)
    known = load(path) if path is not None else Measurements()
    experiments = known.of(rule.code)
    if not experiments:
        return []
    heads = ["reloader", *map(_head, experiments)]
    rows = ([known.versions[name], *_cells(known, experiments, name)] for name in known.versions)
    return list(_table(heads, rows))


def edits_of(rule: type[Rule]) -> Iterator[str]:
    """What was typed in each experiment; the kinds of edit that no example tries, and why."""
    for number, example in enumerate(rule.examples, 1):
        for edit, typed in enumerate(example.evidence.edits if example.evidence else (), 1):
            yield f"{number}.{edit}: {typed}"
    for kind, why in rule.untried:
        yield f"no edit of the kind `{kind}`: {why}"


def of_rules(rules: Sequence[type[Rule]], reloaders: Sequence[str] = SHOWN) -> list[str]:
    """A row a rule, a column a reloader: of each rule the experiment that tells most."""
    rows = []
    for rule in rules:
        found = [outcome(rule, name) for name in reloaders]
        if any(found):
            rows.append([f"`{rule.code}`", *(str(each or "") for each in found)])
    return list(_table(["", *reloaders], rows))


def _head(measured: Measured) -> str:
    return f"{measured.example}.{measured.edit} {measured.kind}"


def _cells(known: Measurements, experiments: Sequence[Measured], name: str) -> Iterator[str]:
    for measured in experiments:
        before, after = measured.before.get(name), measured.after.get(name)
        yield str(Outcome(known.versions[name], before, after)) if before is not None else ""


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield _row(heads)
    yield "|---" * len(heads) + "|"
    for row in rows:
        yield _row(row)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
