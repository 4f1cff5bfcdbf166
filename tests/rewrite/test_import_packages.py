"""Random packages do the same before and after the safe fixes of their imports."""

from __future__ import annotations

import itertools
import os
from pathlib import Path

import pytest

from reloadlint import files, registry
from reloadlint.config import Config
from reloadlint.facts.project import Project
from reloadlint.fix import fix
from tests.extent import many
from tests.rewrite.packages import MODULES, observe, package, write

RULES = [rule for rule in registry.load() if rule.code in {"RL301", "RL303"}]
ORDERS = tuple(itertools.permutations(MODULES))


def fix_all(folder: Path, name: str, texts: dict[str, str]) -> tuple[dict[str, str], int]:
    """Fix one file after the other, as a run does; with the number of fixes."""
    config = Config(root=folder)
    paths = {path: os.path.join(folder, name, path) for path in texts}
    project = Project(config, files.read, list(paths.values()))
    fixed, count = {}, 0
    for path in texts:
        result = fix(files.read(paths[path]), RULES, config, project=project)
        assert result.converged
        assert result.dropped == (), (path, result.dropped, texts)
        fixed[path] = result.text
        count += len(result.applied)
    return fixed, count


def check(seeds: range, parent: Path) -> int:
    total = 0
    for seed in seeds:
        folder = parent / str(seed)  # of its own: names in other packages count as uses
        folder.mkdir()
        name = f"random_package_{seed}"
        texts = package(seed, name)
        order = ORDERS[seed % len(ORDERS)]
        write(folder, name, texts)
        before = observe(folder, name, order)
        fixed, count = fix_all(folder, name, texts)
        total += count
        # What one file no longer takes from another, that one may let go of in the next run.
        for _ in texts:
            if count:
                write(folder, name, fixed)
                assert observe(folder, name, order) == before, (seed, order)
                fixed, count = fix_all(folder, name, fixed)
        assert not count
    return total


def test_random_packages_do_the_same_after_the_fix(tmp_path: Path) -> None:
    assert check(range(120), tmp_path) >= 12


@pytest.mark.slow
def test_many_random_packages_do_the_same_after_the_fix(tmp_path: Path) -> None:
    assert check(range(1000, 1000 + many(350)), tmp_path) >= many(28)
