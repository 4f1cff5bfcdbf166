"""The files of a run → the modules as a whole: how long they are, what they import from each other.

Reads and parses every file, which only a report that draws a map of them needs.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from reloadlint import files
from reloadlint.config import Configs
from reloadlint.errors import ReloadlintError
from reloadlint.explain import verdicts
from reloadlint.facts import FileFacts, collect
from reloadlint.facts.project import Project


@dataclass(frozen=True)
class Import:
    """What a module takes from another one of the run: `names` are bindings of their own.

    A reload of `module` does not change those names: they go stale.
    """

    module: str
    line: int
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Module:
    """One file. `closures` counts them by verdict: stale, fresh, consumed."""

    path: str
    name: str
    text: str
    lines: int
    imports: tuple[Import, ...]
    closures: Mapping[str, int]


def survey(paths: Sequence[str], configs: Configs) -> list[Module]:
    """The modules in `paths`, in their order; what cannot be parsed has no imports."""
    config = configs.of(os.curdir)
    project = Project(config, files.read, paths)
    names = {project.module_name(path) for path in paths}
    return list(_modules(paths, project, names))


def _modules(paths: Sequence[str], project: Project, names: set[str]) -> Iterator[Module]:
    for path in paths:
        name = project.module_name(path)
        try:
            source = files.read(path)
        except ReloadlintError:
            continue  # the report tells why
        lines = source.text.count("\n") + 1
        try:
            facts = collect(source, project.config, project)
            found = Counter(verdict.word for _, verdict in verdicts(facts))
            imports = tuple(_imports(facts, names - {name}))
        except ReloadlintError:
            yield Module(path, name, source.text, lines, (), {})
        else:
            yield Module(path, name, source.text, lines, imports, found)


def _imports(facts: FileFacts, names: set[str]) -> Iterator[Import]:
    for imported in facts.imports:
        module, line = facts.absolute(imported.module), imported.node.lineno
        taken = []
        for name, _ in imported.names:
            if f"{module}.{name}" in names:
                yield Import(f"{module}.{name}", line)
            else:
                taken.append(name)
        if module in names and (taken or not imported.names):
            yield Import(module, line, tuple(taken))
