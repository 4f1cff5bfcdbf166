"""Cross-file lookups: where modules are found, what is recorded, and that order plays no part."""

from __future__ import annotations

import random
from functools import cached_property
from pathlib import Path

import pytest

from reloadlint import files, registry
from reloadlint.config import Config
from reloadlint.facts import FileFacts
from reloadlint.facts.project import Project
from reloadlint.finding import Finding
from reloadlint.lint import lint
from reloadlint.source import SourceFile
from tests.facts.tangle import tangle


def write(root: Path, texts: dict[str, str]) -> list[str]:
    for name, text in texts.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return [str(root / name) for name in texts]


def project_of(root: Path, paths: list[str]) -> Project:
    return Project(Config(root=root), files.read, paths)


def check(project: Project, path: str) -> tuple[tuple[Finding, ...], set[str]]:
    source = files.read(path)
    with project.looked_up(source) as keys:
        result = lint(source, registry.load(), project.config, project=project)
    assert not result.failures
    return result.findings, keys


# Where modules are found


def found(project: Project, name: str, importer: str) -> str | None:
    facts = project.module(name, importer)
    return facts.source.text if facts else None


def test_a_module_beside_the_importer_comes_first(tmp_path: Path) -> None:
    names = ["settings.py", "scripts/settings.py", "scripts/deploy.py", "main.py"]
    paths = write(tmp_path, {name: f"# {name}" for name in names})
    project = project_of(tmp_path, paths)
    assert found(project, "settings", paths[2]) == "# scripts/settings.py"
    assert found(project, "settings", paths[3]) == "# settings.py"
    assert found(project, "deploy", paths[3]) == "# scripts/deploy.py"


def test_a_file_in_a_package_imports_from_where_the_outermost_package_is(tmp_path: Path) -> None:
    names = ["lib/pkg/__init__.py", "lib/pkg/inner/__init__.py", "lib/pkg/inner/a.py", "lib/b.py"]
    paths = write(tmp_path, {name: f"# {name}" for name in names})
    project = project_of(tmp_path, [])
    assert found(project, "b", paths[2]) == "# lib/b.py"
    assert found(project, "pkg.inner.a", paths[3]) == "# lib/pkg/inner/a.py"
    assert found(project, "pkg.inner", paths[3]) == "# lib/pkg/inner/__init__.py"
    assert found(project, "a", paths[3]) is None


def test_each_lookup_is_recorded_with_its_answer(tmp_path: Path) -> None:
    (path,) = write(tmp_path, {"a.py": "x = 1"})
    project = project_of(tmp_path, [path])
    with project.looked_up(files.read(path)) as keys:
        project.module("gone", path)
        project.module("a", path)
        project.files_with_method("run")
        project.first_party.owns("a.b")
        project.module_name(path)
    assert {key: project.answers[key] for key in keys} == {
        f"module:{tmp_path}:gone": None,
        f"module:{tmp_path}:a": path,
        f"file:{path}": files.read(path).digest,
        "method:run": [],
        "owns:a": True,
        f"name:{path}": "a",
    }


def test_what_a_text_mentions_is_recorded_and_told_without_parsing(tmp_path: Path) -> None:
    (path,) = write(tmp_path, {"a.py": "def broken(: start.run"})
    project = project_of(tmp_path, [path])
    with project.looked_up(files.read(path)) as keys:
        assert project.mentions(path, "run")
        assert not project.mentions(path, "ru")
        assert not project.mentions(str(tmp_path / "gone.py"), "run")
    assert {key: project.answers[key] for key in keys} == {
        f"file:{path}": files.read(path).digest,
        f"file:{tmp_path / 'gone.py'}": None,
    }


def test_a_folder_is_listed_only_where_something_was_looked_for(tmp_path: Path) -> None:
    (path, _) = write(tmp_path, {"a.py": "", "pkg/sub/deep.py": ""})
    project = project_of(tmp_path, [path])
    project.module("os.path", path)
    project.module("pkg.sub", path)
    listed = {Path(folder) for folder in project.folders.listed}
    assert {tmp_path, tmp_path / "pkg", tmp_path / "pkg/sub"} <= listed
    assert tmp_path / "os" not in listed


# Order


@pytest.mark.parametrize("seed", range(12))
def test_findings_do_not_depend_on_what_was_checked_before(tmp_path: Path, seed: int) -> None:
    paths = write(tmp_path, tangle(seed))
    alone = {path: check(project_of(tmp_path, paths), path) for path in paths}
    shared = project_of(tmp_path, paths[::-1])
    for path in random.Random(seed).choices(paths, k=len(paths) + 3):
        findings, keys = check(shared, path)
        assert findings == alone[path][0]
        assert keys >= alone[path][1]


@pytest.mark.parametrize("seed", range(4))
def test_trees_for_which_there_is_no_room_are_parsed_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    paths = write(tmp_path, tangle(seed))
    roomy = project_of(tmp_path, paths)
    expected = {path: check(roomy, path)[0] for path in paths}
    held = [roomy.facts(path) for path in paths]
    monkeypatch.setattr("reloadlint.facts.project._HELD", 1)
    with roomy.looked_up(files.read(paths[0])):
        assert not any(roomy.facts(path) is facts for path, facts in zip(paths, held, strict=True))
    cramped = project_of(tmp_path, paths)
    assert {path: check(cramped, path)[0] for path in paths} == expected


def test_the_files_that_are_needed_most_stay_where_there_is_little_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = {
        "asker.py": "import keeper\n\n\ndef f(x):\n    keeper.keep(lambda: print(x) or x + 1)\n",
        "keeper.py": "KEPT = []\n\n\ndef keep(job):\n    KEPT.append(job)\n",
        "broken.py": "def (\n",
        "last.py": "",
    }
    asker, keeper, broken, last = write(tmp_path, texts)
    project = project_of(tmp_path, [asker, keeper, broken, last])
    expected = check(project, asker)[0]
    assert project.facts(broken) is None
    held = {path: project.facts(path) for path in (asker, keeper)}
    monkeypatch.setattr("reloadlint.facts.project._HELD", len(texts["keeper.py"]) * 5 // 4)
    with project.looked_up(files.read(last)):
        assert project.facts(keeper) is held[keeper]
        assert project.facts(asker) is not held[asker]
    monkeypatch.setattr("reloadlint.facts.project._HELD", 1)
    with project.looked_up(files.read(last)):
        assert project.facts(keeper) is not held[keeper]
        assert project.facts(broken) is None
    assert check(project, asker)[0] == expected


def test_a_question_has_one_answer_in_a_run(tmp_path: Path) -> None:
    (path,) = write(tmp_path, {"a.py": ""})
    project = project_of(tmp_path, [path])
    assert project.first_party.owns("a.b")
    Path(path).unlink()
    assert project.first_party.owns("a.c")


def test_nothing_is_told_of_a_repository_with_too_many_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (path, *_) = write(tmp_path, {"a.py": "x = 1\n", "b.py": "", ".git/config": ""})
    monkeypatch.setattr("reloadlint.repository._MOST_FILES", 1)
    project = project_of(tmp_path, [path])
    facts = project.facts(path)
    assert facts is not None
    assert project.use_outside(facts, "x") == "too many files to be looked at"
    assert project.imports_back("b", facts)


def test_what_many_files_import_that_are_still_to_be_checked_is_held_the_longest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reloadlint.facts.project._HELD", 150)  # characters: a file and a half
    names = ["shared.py", "single.py", *(f"user_{i}.py" for i in range(6))]
    paths = write(tmp_path, dict.fromkeys(names, f"import shared  # {'x' * 100}"))
    reads: list[str] = []

    def read(path: str) -> SourceFile:
        reads.append(path)
        return files.read(path)

    project = Project(Config(root=tmp_path), read, paths)
    project.files_with_method("run")  # which reads all
    reads.clear()
    for path in paths[2:]:
        with project.looked_up(files.read(path)):
            for name in ("shared", "single"):
                project.module(name, path)
    assert reads.count(paths[0]) == 1
    assert reads.count(paths[1]) == 6


def test_the_tangles_are_worth_it(tmp_path: Path) -> None:
    """What makes the test above one: findings, some of which need several files."""
    steps = set()
    for seed in range(12):
        root = tmp_path / str(seed)
        paths = write(root, tangle(seed))
        project = project_of(root, paths)
        for path in paths:
            steps |= {len({step.path for step in f.steps}) for f in check(project, path)[0]}
    assert {1, 2, 3} <= steps


def test_a_text_that_a_fix_tries_is_seen_by_its_own_file_alone(tmp_path: Path) -> None:
    keeps = "KEPT = []\n\n\ndef keep(job):\n    KEPT.append(job)\n"
    calls = "def keep(job):\n    job()\n"
    asks = "import keeper\n\n\ndef start(x):\n    keeper.keep(lambda: print(x) or x + 1)\n"
    keeper, asker = write(tmp_path, {"keeper.py": keeps + asks, "asker.py": asks})
    project = project_of(tmp_path, [keeper, asker])
    before = check(project, asker)[0]
    assert before
    source = files.read(keeper)
    with project.looked_up(source):
        assert lint(source, registry.load(), project.config, project=project).findings
        tried = SourceFile(keeper, calls + asks, raw=source.raw)
        assert not lint(tried, registry.load(), project.config, project=project).findings
    assert check(project, asker)[0] == before


# A fact that is remembered by its file alone is not asked anew when another file changes.
LOCAL = [name for name, value in vars(FileFacts).items() if isinstance(value, cached_property)]
STATEFUL = """
import m0, m1.sub, threading
from m2 import f0 as renamed
LOCK = threading.Lock()
CACHE = {}
OLD = m0.f0
m0.f0 = renamed
m1.sub.start(lambda: CACHE.clear())
renamed.register(CACHE.append)
super_old = OLD
def change(x):
    CACHE[x] = m0.Box0(x)
    return sorted(x, key=lambda y: y + 1)
"""


@pytest.mark.parametrize("name", LOCAL)
def test_what_depends_on_other_files_is_no_mere_cached_property(tmp_path: Path, name: str) -> None:
    texts = tangle(3)
    paths = write(tmp_path, {**texts, "state.py": STATEFUL, "both.py": STATEFUL + texts["m3.py"]})
    project = project_of(tmp_path, paths)
    for path in paths:
        facts = project.facts(path)
        assert facts is not None
        with project.memo.noting() as keys:
            getattr(facts, name)
        assert keys == set()


def test_a_fact_across_files_does_take_note(tmp_path: Path) -> None:
    paths = write(tmp_path, tangle(1))
    facts = project_of(tmp_path, paths).facts(paths[0])
    assert facts is not None
    with facts.project.memo.noting() as keys:
        assert facts.kept_closures
    assert any(key.startswith("file:") for key in keys)


def test_what_several_repositories_ask_of_a_file_is_read_once(tmp_path: Path) -> None:
    repositories = [f"r{i}" for i in range(5)]
    write(tmp_path, {f"{each}/.git/config": "" for each in repositories})
    paths = write(tmp_path, {f"{each}/m_{each}.py": "LIMIT = 1\n" for each in repositories})
    user = write(tmp_path, {"r0/user.py": "import m_r3\nprint(m_r3.LIMIT)\n"})
    reads: list[str] = []

    def read(path: str) -> SourceFile:
        reads.append(path)
        return files.read(path)

    project = Project(Config(root=tmp_path), read, [*paths, *user])
    every = [project.facts(path) for path in paths]
    reads.clear()
    used = [project.use_outside(facts, "LIMIT") is not None for facts in every if facts]
    assert used == [False, False, False, True, False]
    assert {path: reads.count(path) for path in [*paths, *user]} == dict.fromkeys(
        [*paths, *user], 1
    )
