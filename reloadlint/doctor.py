"""A project's configuration → what in it works against reloadlint, and the lines that help.

Other linters take `lambda e: f(e)` for a roundabout way to write `f`, and hand over the function
itself: the trampoline is gone, and a reload cannot reach what is held. And where the project
depends on one reloader, the settings should name it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from reloadlint import writing
from reloadlint.config import SHARED_FILE, Config, discover
from reloadlint.errors import ConfigError
from reloadlint.settings import RELOADERS
from reloadlint.toml import load_toml, parse_toml

_RUFF_RULE: Final = "PLW0108"
_HOOKS: Final = {
    "ruff": "ruff",
    "ruff-check": "ruff",
    "pylint": "pylint",
    "refurb": "refurb",
    "fixit-fix": "Fixit",
    "fixit": "Fixit",
}
_OWN_HOOK: Final = "reloadlint-fix"
_AUTORELOAD: Final = re.compile(r"load_ext\s+autoreload|extensions\s*=.*autoreload|%autoreload\b")
_STARTUP: Final = ("ipython_config.py", "profile_*/startup/*", ".ipython/**/startup/*", "*.ipynb")
# Packages that can reload, and that most projects have for other reasons.
_NOT_FOR_RELOADING: Final = frozenset({"debugpy", "ipython", "marimo", "pyflyby", "reloadlint"})
_NAME: Final = re.compile(r"[\w.-]+")


@dataclass(frozen=True)
class Advice:
    """Something that works against reloadlint: where, why, and what to do about it.

    `table` and `key` say where in the TOML file `path` the `value` belongs: one more string of a
    list, or a string. Without a table, it is for the user to do, as `remedy` says.
    """

    path: str
    why: str
    remedy: str
    table: tuple[str, ...] = ()
    key: str = ""
    value: str | list[str] = ""

    @property
    def can_be_written(self) -> bool:
        """True where `write` knows what to do."""
        return bool(self.key)


def diagnose(folder: str = os.curdir) -> Iterator[Advice]:
    """All that is to be said of the project in `folder`, in a stable order."""
    project = _Project(folder)
    for check in _CHECKS:
        yield from check(project)


def write(advice: Advice) -> None:
    """Do what the advice says; ConfigError where the file cannot be changed in just that way.

    SourceError where it cannot be written.
    """
    before = writing.content(advice.path)
    try:
        after = _with_line(before or b"", advice)
    except ValueError:
        reason = f"cannot be changed safely; please add: {advice.remedy}"
        raise ConfigError(f"{advice.path}: {reason}") from None
    writing.write(advice.path, after, before)


def _with_line(raw: bytes, advice: Advice) -> bytes:
    """The file with what the advice adds, and no other change; ValueError where that fails."""
    text = raw.decode()
    newline = "\r\n" if "\r\n" in text else "\n"
    lines = text.replace(newline, "\n")
    after = _inserted(lines, advice)
    is_right = lines.replace("\n", newline) == text
    if not is_right or parse_toml(after) != _with_value(parse_toml(lines), advice):
        raise ValueError
    return after.replace("\n", newline).encode()


class _Project:
    """The files of a project that tell which tools it uses; broken ones count as empty."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.shared = self.toml(SHARED_FILE)
        self.config: Config = discover(folder)
        self.hooks = self._hooks()

    def toml(self, name: str) -> Mapping[str, Any]:
        """The TOML file `name`."""
        try:
            return load_toml(Path(self.folder, name))
        except (OSError, ValueError, RecursionError):
            return {}

    def text(self, name: str) -> str:
        """The text of the file `name`."""
        try:
            return Path(self.folder, name).read_text(encoding="utf-8", errors="replace")
        except OSError:
            return ""

    def path(self, name: str) -> str:
        """A file as it is shown."""
        return os.path.normpath(os.path.join(self.folder, name))

    def _hooks(self) -> list[str]:
        text = self.text(".pre-commit-config.yaml")
        return re.findall(r"^\s*-?\s*(?:- )?id:\s*['\"]?([\w-]+)", text, re.MULTILINE)

    def requirements(self) -> set[str]:
        """The names of all packages that the project asks for."""
        project, groups = _table(self.shared, "project"), _table(self.shared, "dependency-groups")
        extras = _table(project, "optional-dependencies")
        lists = [project.get("dependencies"), *extras.values(), *groups.values()]
        lines = [line for found in lists if isinstance(found, list) for line in found]
        lines += _table(self.shared, "tool", "poetry", "dependencies")
        for path in sorted(Path(self.folder).glob("*requirements*.txt")):
            lines += self.text(path.name).splitlines()
        names = (_NAME.match(line.strip()) for line in lines if isinstance(line, str))
        return {re.sub(r"[-_.]+", "-", name[0]).lower() for name in names if name}


def _table(data: Mapping[str, Any], *keys: str) -> Mapping[str, Any]:
    found: Any = data
    for key in keys:
        found = found.get(key) if isinstance(found, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def _strings(table: Mapping[str, Any], *keys: str) -> list[str]:
    found = [table.get(key) for key in keys]
    return [str(word) for words in found if isinstance(words, list) for word in words]


# ------------------------------------------------------------------------- other linters


def _ruff(project: _Project) -> Iterator[Advice]:
    """PLW0108 where it is selected and not ignored."""
    for name, keys in ((SHARED_FILE, ("tool", "ruff")), ("ruff.toml", ()), (".ruff.toml", ())):
        table = _table(project.toml(name), *keys)
        both = (table, _table(table, "lint"))
        selected = [word for part in both for word in _strings(part, "select", "extend-select")]
        ignored = [word for part in both for word in _strings(part, "ignore", "extend-ignore")]
        if _means(selected, _RUFF_RULE) and not _means(ignored, _RUFF_RULE):
            advice = Advice(
                project.path(name),
                f"ruff's {_RUFF_RULE} replaces the trampoline `lambda e: f(e)` by `f`",
                f'ignore = ["{_RUFF_RULE}"] in [{".".join((*keys, "lint"))}]',
                (*keys, "lint"),
                "ignore",
                [_RUFF_RULE],
            )
            is_old = "lint" not in table and _strings(table, "select", "extend-select")
            yield replace(advice, table=keys) if is_old and keys else advice


def _means(words: Iterable[str], code: str) -> bool:
    return any(word == "ALL" or (word and code.startswith(word)) for word in words)


def _pylint(project: _Project) -> Iterator[Advice]:
    """W0108 wherever pylint is used: it is on by default."""
    table = _table(project.shared, "tool", "pylint")
    ini = next((name for name in (".pylintrc", "pylintrc") if project.text(name)), None)
    off = {"W0108", "unnecessary-lambda", "all"}
    why = "pylint's W0108 (unnecessary-lambda) asks to replace `lambda e: f(e)` by `f`"
    if table:
        parts = [table, *(part for part in table.values() if isinstance(part, Mapping))]
        if not off & {word for part in parts for word in _disabled(part)}:
            name = next((n for n in ("messages_control", "main") if n in table), "messages_control")
            where = ("tool", "pylint", name)
            remedy = f'disable = ["unnecessary-lambda"] in [{".".join(where)}]'
            yield Advice(
                project.path(SHARED_FILE), why, remedy, where, "disable", ["unnecessary-lambda"]
            )
    elif ini is not None:
        if not off & set(re.findall(r"[\w-]+", project.text(ini))):
            yield Advice(project.path(ini), why, "add unnecessary-lambda to `disable`")
    elif "pylint" in project.hooks:
        where = ("tool", "pylint", "messages_control")
        remedy = f'disable = ["unnecessary-lambda"] in [{".".join(where)}]'
        yield Advice(
            project.path(SHARED_FILE), why, remedy, where, "disable", ["unnecessary-lambda"]
        )


def _disabled(part: Mapping[str, Any]) -> list[str]:
    value = part.get("disable")
    return re.split(r"[\s,]+", value) if isinstance(value, str) else _strings(part, "disable")


def _refurb(project: _Project) -> Iterator[Advice]:
    """FURB111 wherever refurb is used: it is on by default."""
    table = _table(project.shared, "tool", "refurb")
    is_used = table or "refurb" in project.hooks or "refurb" in project.requirements()
    ignored = _strings(table, "ignore", "disable")
    if is_used and not any(word.removeprefix("FURB") in {"111", ""} for word in ignored):
        yield Advice(
            project.path(SHARED_FILE),
            "refurb's FURB111 asks to replace `lambda e: f(e)` by `f`",
            'ignore = ["FURB111"] in [tool.refurb]',
            ("tool", "refurb"),
            "ignore",
            ["FURB111"],
        )


def _fixit(project: _Project) -> Iterator[Advice]:
    """NoRedundantLambda wherever Fixit is used: it is on by default."""
    table = _table(project.shared, "tool", "fixit")
    is_used = table or {"fixit", "fixit-fix"} & set(project.hooks)
    rule = "fixit.rules:NoRedundantLambda"
    if is_used and not {rule, "fixit.rules"} & set(_strings(table, "disable")):
        yield Advice(
            project.path(SHARED_FILE),
            "Fixit's NoRedundantLambda replaces `lambda e: f(e)` by `f`",
            f'disable = ["{rule}"] in [tool.fixit]',
            ("tool", "fixit"),
            "disable",
            [rule],
        )


def _order(project: _Project) -> Iterator[Advice]:
    """Hooks that change code after ours has: what they undo is found on the next commit only."""
    hooks = project.hooks
    if _OWN_HOOK not in hooks:
        return
    behind = dict.fromkeys(
        _HOOKS[hook] for hook in hooks[hooks.index(_OWN_HOOK) :] if hook in _HOOKS
    )
    for tool in behind:
        yield Advice(
            project.path(".pre-commit-config.yaml"),
            f"{tool} runs after {_OWN_HOOK}, and may undo what that has fixed",
            f"move {_OWN_HOOK} behind {tool}",
        )


# ---------------------------------------------------------------------------- reloaders


def _reloader(project: _Project) -> Iterator[Advice]:
    """The reloader that the project uses, where the settings do not name it."""
    if "reloader" in project.config.origins:
        return
    for name, why in _reloaders(project):
        own = project.config.origin or project.path("reloadlint.toml")
        is_shared = os.path.basename(own) == SHARED_FILE
        table = ("tool", "reloadlint") if is_shared else ()
        where = " in [tool.reloadlint]" if is_shared else ""
        yield Advice(own, why, f'reloader = "{name}"{where}', table, "reloader", name)
        return


def _reloaders(project: _Project) -> Iterator[tuple[str, str]]:
    for name in RELOADERS:  # which are packages of these names, but for the first
        if name in project.requirements() - _NOT_FOR_RELOADING:
            yield name, f"the project depends on {name}, and the settings do not say so"
    for pattern in _STARTUP:
        for path in sorted(Path(project.folder).glob(pattern)):
            if path.is_file() and _AUTORELOAD.search(
                project.text(str(path.relative_to(project.folder)))
            ):
                yield (
                    "ipython",
                    f"{path} loads IPython's autoreload, and the settings do not say so",
                )


_CHECKS: Final[tuple[Callable[[_Project], Iterator[Advice]], ...]] = (
    _ruff,
    _pylint,
    _refurb,
    _fixit,
    _order,
    _reloader,
)


# ------------------------------------------------------------------------------- writing


def _with_value(data: dict[str, Any], advice: Advice) -> dict[str, Any]:
    """The parsed file as it should be afterwards."""
    table = data
    for key in advice.table:
        table = table.setdefault(key, {})
    if isinstance(advice.value, list):
        table[advice.key] = [*advice.value, *table.get(advice.key, [])]
    else:
        table[advice.key] = advice.value
    return data


def _inserted(text: str, advice: Advice) -> str:
    """The text with one line more, or with one more item in a list."""
    items = [advice.value] if isinstance(advice.value, str) else advice.value
    written = ", ".join(f'"{item}"' for item in items)
    value = written if isinstance(advice.value, str) else f"[{written}]"
    header = f"[{'.'.join(advice.table)}]"
    start, end = _section(text, header) if advice.table else (0, _first_table(text))
    if start is None:
        gap = "\n" if text.strip() else ""
        return f"{text.rstrip()}\n{gap}{header}\n{advice.key} = {value}\n".lstrip("\n")
    section = text[start:end]
    found = re.search(rf"^{advice.key}\s*=\s*\[", section, re.MULTILINE)
    if found:
        rest = section[found.end() :]
        comma = "" if rest.lstrip().startswith("]") else ", "
        section = f"{section[: found.end()]}{written}{comma}{rest.lstrip(' ')}"
    else:
        section = f"{advice.key} = {value}\n{section}"
    return text[:start] + section + text[end:]


def _section(text: str, header: str) -> tuple[int | None, int]:
    """What stands under a header: start and end; None where there is no such header."""
    found = re.search(rf"^{re.escape(header)}[ \t]*(?:#.*)?\n", text, re.MULTILINE)
    if found is None:
        return None, 0
    return found.end(), found.end() + _first_table(text[found.end() :])


def _first_table(text: str) -> int:
    found = re.search(r"^\[", text, re.MULTILINE)
    return found.start() if found else len(text)
