"""sinks.toml and inspected.toml are well formed, do not contradict themselves, and what they say of
the standard library is so. What they say of PyPI's libraries was looked up; these are
not installed here, and bench/sink_signatures.py compares it with their sources."""

import importlib
import inspect
import itertools
import re
import sys
import types
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

import reloadlint
from reloadlint.facts.sink_table import SinkTable
from reloadlint.toml import load_toml

DATA = load_toml(Path(reloadlint.__file__).parent / "sinks.toml")
FATES = {
    "passes": DATA["passes"],
    "lazy": DATA["lazy"],
    "consumed": DATA["consumed"],
    **{f"retained.{how}": table for how, table in DATA["retained"].items()},
}
LOOKS = load_toml(Path(reloadlint.__file__).parent / "inspected.toml")
INSPECTED = {f"inspected.{how}": table for how, table in LOOKS.items()}
METHODS = {f"methods.{fate}": table for fate, table in DATA["methods"].items()}
NAME = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*(\(\))?")

CLASS_LEVEL = (staticmethod, classmethod, types.ClassMethodDescriptorType)

# What older versions lack, or lack a parameter of.
SINCE = {
    "asyncio.Runner": (3, 11),
    "asyncio.TaskGroup.create_task": (3, 11),
    "asyncio.run": (3, 12),
    "enum.member": (3, 11),
    "enum.nonmember": (3, 11),
    "enum.property": (3, 11),
    "operator.call": (3, 11),
    "pathlib.Path.walk": (3, 12),
    "shutil.rmtree": (3, 12),
    "shutil.unpack_archive": (3, 12),
    "sqlite3.Connection.create_window_function": (3, 11),
    "sys.monitoring": (3, 12),
    "threading.setprofile_all_threads": (3, 12),
    "threading.settrace_all_threads": (3, 12),
    "tomllib": (3, 11),
    "typing.override": (3, 12),
    "warnings.deprecated": (3, 13),
}
# Modules that a build of CPython, or a platform, may lack.
OPTIONAL = {"_tkinter", "curses", "readline", "sqlite3", "tkinter", "turtle", "_curses", "_sqlite3"}
PLATFORM = {
    "asyncio.ProactorEventLoop": "win32",
    "ctypes.WINFUNCTYPE": "win32",
}
POSIX = {
    "asyncio.start_unix_server",
    "os.fwalk",
    "os.register_at_fork",
}
# Called through the class, so that `self` is the first argument.
UNBOUND = {"builtins.object.__setattr__"}
# The same methods, though not by inheritance.
ALIKE = {"contextlib.AsyncExitStack"}


def entries(tables: Mapping[str, Mapping[str, list[int | str]]]) -> list[tuple[str, str]]:
    return [(table, key) for table, keys in tables.items() for key in keys]


def is_standard(qualified: str) -> bool:
    return qualified.partition(".")[0] in sys.stdlib_module_names


def skip_where_missing(qualified: str) -> None:
    for prefix, version in SINCE.items():
        if f"{qualified}.".startswith(f"{prefix}.") and sys.version_info < version:
            pytest.skip(f"since {version}")
    if PLATFORM.get(qualified, sys.platform) != sys.platform:
        pytest.skip("another platform")
    if qualified in POSIX and sys.platform == "win32":
        pytest.skip("another platform")


def resolve(qualified: str) -> tuple[Any, bool]:
    """What a qualified name stands for, and whether its signature begins with `self`."""
    skip_where_missing(qualified)
    parts = qualified.split(".")
    found: Any = None
    rest = list(parts)
    while rest:
        try:
            found = importlib.import_module(".".join(parts[: len(parts) - len(rest) + 1]))
        except ModuleNotFoundError as error:
            if found is None or error.name in OPTIONAL:
                pytest.skip(f"no {error.name} here")
            break
        except ImportError as error:
            pytest.skip(f"cannot import: {error}")
        rest.pop(0)
    is_method = False
    for part in rest:
        is_static = inspect.isclass(found) and isinstance(
            inspect.getattr_static(found, part), CLASS_LEVEL
        )
        is_method = inspect.isclass(found) and not is_static
        found = getattr(found, part)
        is_method = is_method and not inspect.isclass(found) and not inspect.ismethod(found)
    return found, is_method


def signature(qualified: str) -> list[inspect.Parameter] | None:
    """The parameters that a caller passes; None where CPython does not tell."""
    found, is_method = resolve(qualified)
    try:
        parameters = list(inspect.signature(found).parameters.values())
    except (TypeError, ValueError):
        return None
    return parameters[1:] if is_method and qualified not in UNBOUND else parameters


# ------------------------------------------------------------------------------- the file itself


def test_the_table_can_be_made_of_it() -> None:
    SinkTable(DATA)


def test_keys_are_dotted_names() -> None:
    for _, key in entries(FATES | INSPECTED):
        assert NAME.fullmatch(key), key
        assert "." in key


def test_parameters_are_positions_and_keywords() -> None:
    tables = FATES | INSPECTED | METHODS
    for table, key in entries(tables):
        parameters = tables[table][key]
        assert parameters, key
        assert len(set(parameters)) == len(parameters), key
        for parameter in parameters:
            assert type(parameter) in (int, str), key
            assert parameter.isidentifier() if isinstance(parameter, str) else parameter >= 0, key


@pytest.mark.parametrize("tables", [FATES, METHODS], ids=["qualified", "methods"])
def test_no_parameter_has_two_fates(tables: dict[str, dict[str, list[int | str]]]) -> None:
    seen: dict[tuple[str, int | str], str] = {}
    for table, key in entries(tables):
        for parameter in tables[table][key]:
            other = seen.setdefault((key, parameter), table)
            assert other == table, f"{key}, {parameter!r}: {other} and {table}"


def test_names_that_stand_for_others_are_not_used() -> None:
    """An entry under another import path would never be looked up."""
    classes = [*DATA["bases"], *DATA["returns"], *DATA["returns"].values()]
    used = [key for _, key in entries(FATES)] + classes + list(DATA["same-as"].values())
    for other in DATA["same-as"]:
        assert not [name for name in used if f"{name}.".startswith(f"{other}.")]


def has_methods(cls: str) -> bool:
    known = [key for _, key in entries(FATES)] + list(DATA["returns"])
    bases = DATA["bases"].get(cls, [])
    return any(key.startswith(f"{cls}.") for key in known) or any(map(has_methods, bases))


@pytest.mark.parametrize("cls", sorted({*DATA["returns"].values(), *DATA["bases"]}))
def test_classes_are_there_for_a_method(cls: str) -> None:
    assert has_methods(cls)


def test_bases_come_to_an_end() -> None:
    def depth(cls: str, below: tuple[str, ...] = ()) -> int:
        assert cls not in below
        bases = DATA["bases"].get(cls, [])
        return 1 + max((depth(base, (*below, cls)) for base in bases), default=0)

    assert max(map(depth, DATA["bases"])) < 6


def test_it_stays_small_enough_to_be_read_at_each_run() -> None:
    path = Path(reloadlint.__file__).parent / "sinks.toml"
    assert len(path.read_text(encoding="utf-8").splitlines()) < 1_750


def test_each_pattern_of_names_has_its_figures_and_is_right_more_often_than_wrong() -> None:
    text = (Path(reloadlint.__file__).parent / "sinks.toml").read_text(encoding="utf-8")
    _, _, names = text.partition("\n[names]\n")
    figures = re.findall(r'^ +"([^"]+)", # (\d+) / (\d+) \(\d+\)', names, re.MULTILINE)
    assert [pattern for pattern, _, _ in figures] == [*itertools.chain(*DATA["names"].values())]
    assert [pattern for pattern, right, wrong in figures if int(wrong) > int(right)] == []


# -------------------------------------------------------------------------- the standard library


@pytest.mark.parametrize(
    ("table", "key"), [entry for entry in entries(FATES | INSPECTED) if is_standard(entry[1])]
)
def test_what_is_said_of_the_standard_library_is_so(table: str, key: str) -> None:
    name = key.removesuffix("()")
    parameters = signature(name)
    if name != key or parameters is None:
        return  # it exists; what it returns, or written in C, has no signature
    kinds = {parameter.kind for parameter in parameters}
    positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    by_keyword = {p.name for p in parameters if p.kind in (p.KEYWORD_ONLY, p.POSITIONAL_OR_KEYWORD)}
    for parameter in (FATES | INSPECTED)[table][key]:
        if isinstance(parameter, int):
            assert parameter < len(positional) or inspect.Parameter.VAR_POSITIONAL in kinds
        else:
            assert parameter in by_keyword or inspect.Parameter.VAR_KEYWORD in kinds


@pytest.mark.parametrize(
    "name",
    sorted(
        name
        for name in {*DATA["returns"], *DATA["returns"].values(), *DATA["same-as"].values()}
        | {*DATA["iterates"]["functions"], *DATA["containers"]["made-by"]}
        if is_standard(name)
    ),
)
def test_other_names_of_the_standard_library_exist(name: str) -> None:
    assert resolve(name)[0] is not None


@pytest.mark.parametrize(
    ("cls", "base"),
    [(c, b) for c, bases in DATA["bases"].items() for b in bases if is_standard(c)],
)
def test_bases_in_the_standard_library_are_bases(cls: str, base: str) -> None:
    if cls not in ALIKE:
        assert issubclass(resolve(cls)[0], resolve(base)[0])
